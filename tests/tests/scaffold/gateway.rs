//! Events and responses of `scaffold dev`, and a comparison with `sam local start-api`: both send the same
//! events, apart from the differences that are listed here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Stdio;

use lambda_native_tests::command::{Scaffold, cargo, program, workspace};
use lambda_native_tests::dev::{Dev, Response};
use lambda_native_tests::server::{Server, free_address};
use serde_json::{Value, json};

/// One function behind an HTTP API, in both formats, and a REST API.
const TEMPLATE: &str = r"
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Globals:
  HttpApi:
    StageVariables: {color: blue}
Resources:
  MirrorFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: bootstrap
      Runtime: provided.al2023
      Architectures: [x86_64]
      Timeout: 20
      Events:
        Root: {Type: HttpApi, Properties: {Method: GET, Path: /}}
        Exact: {Type: HttpApi, Properties: {Method: GET, Path: /http/exact}}
        Post: {Type: HttpApi, Properties: {Method: POST, Path: /http/post}}
        Variable: {Type: HttpApi, Properties: {Method: GET, Path: '/http/{name}'}}
        Two: {Type: HttpApi, Properties: {Method: GET, Path: '/http/{name}/of/{owner}'}}
        Greedy: {Type: HttpApi, Properties: {Method: ANY, Path: '/files/{path+}'}}
        Any: {Type: HttpApi, Properties: {Method: ANY, Path: /any}}
        OldExact: {Type: HttpApi, Properties: {Method: POST, Path: /old, PayloadFormatVersion: '1.0'}}
        Old: {Type: HttpApi, Properties: {Method: GET, Path: '/old/{name}', PayloadFormatVersion: '1.0'}}
        Rest: {Type: Api, Properties: {Method: GET, Path: /rest/exact, RestApiId: !Ref Shop}}
        RestPost: {Type: Api, Properties: {Method: POST, Path: /rest/post, RestApiId: !Ref Shop}}
        RestVariable: {Type: Api, Properties: {Method: GET, Path: '/rest/{name}', RestApiId: !Ref Shop}}
        RestGreedy: {Type: Api, Properties: {Method: ANY, Path: '/rest/files/{path+}', RestApiId: !Ref Shop}}
  Shop:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      Variables: {color: red}
      BinaryMediaTypes: [image~1png]
";

const AGENT: (&str, &str) = ("User-Agent", "test/1");
const HOST: (&str, &str) = ("Host", "gateway.test:8080");
const JSON: (&str, &str) = ("Content-Type", "application/json");
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// A request: the method and path, headers, and the body.
type Asked = (&'static str, &'static [(&'static str, &'static str)], &'static [u8]);

/// Requests that both send to the function.
const REQUESTS: &[Asked] = &[
    // Routes of an HTTP API.
    ("GET /", &[], b""),
    ("GET /http/exact", &[AGENT], b""),
    ("GET /http/Exact", &[AGENT], b""),
    ("GET /http/a/of/b", &[AGENT], b""),
    ("GET /files/a", &[AGENT], b""),
    ("GET /files/a/b/c.txt", &[AGENT], b""),
    ("DELETE /files/a", &[AGENT], b""),
    ("PUT /files/a", &[AGENT, JSON], b"{}"),
    ("PATCH /any", &[AGENT, JSON], b"{}"),
    ("OPTIONS /any", &[AGENT], b""),
    ("GET /any", &[AGENT], b""),
    // Percent-encoding in a path.
    ("GET /http/a%20b", &[AGENT], b""),
    ("GET /http/a+b", &[AGENT], b""),
    ("GET /http/%C3%A9t%C3%A9", &[AGENT], b""),
    ("GET /http/a%2Bb", &[AGENT], b""),
    ("GET /http/50%25", &[AGENT], b""),
    ("GET /http/a:b@c", &[AGENT], b""),
    ("GET /http/a;b=c", &[AGENT], b""),
    ("GET /files/a%20b/c", &[AGENT], b""),
    // Queries.
    ("GET /http/exact?a=1", &[AGENT], b""),
    ("GET /http/exact?a=1&b=2", &[AGENT], b""),
    ("GET /http/exact?a=1&a=2&b=3", &[AGENT], b""),
    ("GET /http/exact?a=1,2", &[AGENT], b""),
    ("GET /http/exact?a", &[AGENT], b""),
    ("GET /http/exact?a=", &[AGENT], b""),
    ("GET /http/exact?a=b%20c+d", &[AGENT], b""),
    ("GET /http/exact?%C3%A9=%C3%A8", &[AGENT], b""),
    ("GET /http/exact?a=b=c", &[AGENT], b""),
    ("GET /http/exact?a[]=1&a[]=2", &[AGENT], b""),
    // Headers and cookies.
    ("GET /http/exact", &[AGENT, ("X-A", "1")], b""),
    ("GET /http/exact", &[AGENT, ("X-A", "1"), ("X-A", "2")], b""),
    ("GET /http/exact", &[AGENT, ("x-lower", "1, 2"), ("X-UPPER", "3")], b""),
    ("GET /http/exact", &[AGENT, ("Cookie", "a=1")], b""),
    ("GET /http/exact", &[AGENT, ("Cookie", "a=1; b=2; c=3=4")], b""),
    ("GET /http/exact", &[AGENT, ("Authorization", "Bearer x"), ("Accept", "text/*")], b""),
    ("GET /http/exact", &[AGENT, ("X-Forwarded-For", "198.51.100.7")], b""),
    // Bodies.
    ("POST /http/post", &[AGENT, JSON], br#"{"a":"\u00e9"}"#),
    ("POST /http/post", &[AGENT, ("Content-Type", "text/plain; charset=utf-8")], "é".as_bytes()),
    ("POST /http/post", &[AGENT, ("Content-Type", "application/xml")], b"<a/>"),
    ("POST /http/post", &[AGENT, FORM], b"a=1&b=2"),
    ("POST /http/post", &[AGENT], b"untyped"),
    ("POST /http/post", &[AGENT, ("Content-Type", "image/png")], b"\x89PNG"),
    // Format 1.0.
    ("GET /old/a", &[AGENT], b""),
    ("GET /old/a%20b?x=1&x=2&y=%20", &[AGENT, ("X-A", "1"), ("Cookie", "a=1; b=2")], b""),
    ("POST /old", &[AGENT, JSON], b"{}"),
    ("POST /old", &[AGENT, FORM], b"a=1"),
    // A REST API.
    ("GET /rest/exact", &[AGENT], b""),
    ("GET /rest/exact/", &[AGENT], b""),
    ("GET /rest/a", &[], b""),
    ("GET /rest/a%20b", &[AGENT], b""),
    ("GET /rest/%C3%A9", &[AGENT], b""),
    ("GET /rest/files/a/b", &[AGENT], b""),
    ("DELETE /rest/files/a%20b/c", &[AGENT], b""),
    ("GET /rest/exact?a=1&a=2&b=%20c&d", &[AGENT], b""),
    ("GET /rest/exact", &[AGENT, ("X-A", "1"), ("X-A", "2"), ("Cookie", "a=1; b=2")], b""),
    ("GET /rest/exact", &[AGENT, ("X-Forwarded-For", "198.51.100.7")], b""),
    ("POST /rest/post", &[AGENT, JSON], br#"{"a":1}"#),
    ("POST /rest/post", &[AGENT, FORM], b"a=1&b=2"),
    ("POST /rest/post", &[AGENT, ("Content-Type", "image/png")], b"\x89PNG"),
    ("POST /rest/post?a=1", &[AGENT, ("Content-Type", "text/plain")], "é".as_bytes()),
];

/// Requests with different statuses: of `dev`, of SAM, and the reason why that of `dev` is right.
const REFUSALS: &[(Asked, u16, u16, &str)] = &[
    (
        ("GET /none", &[AGENT], b""),
        404,
        403,
        "an HTTP API has `Not Found` for what it does not know: http-api-develop-routes.html",
    ),
    (
        ("POST /http/exact", &[AGENT], b""),
        404,
        403,
        "an HTTP API has `Not Found` for what it does not know: http-api-develop-routes.html",
    ),
    (
        ("GET /http/exact/", &[AGENT], b""),
        404,
        200,
        "in an HTTP API a slash at the end is a part of the path: http-api-develop-routes.html",
    ),
    (
        ("POST /http/post", &[AGENT, ("Content-Type", "application/octet-stream")], b"\x89PNG"),
        200,
        502,
        "SAM reads the body as UTF-8; one of a binary type is in base64: \
         http-api-develop-integrations-lambda.html",
    ),
    (
        ("POST /rest/exact", &[AGENT], b""),
        403,
        403,
        "a REST API says of a method that it does not have: Missing Authentication Token",
    ),
    (
        ("OPTIONS /rest/exact", &[AGENT], b""),
        403,
        403,
        "a REST API says of a method that it does not have: Missing Authentication Token",
    ),
    (
        ("POST /rest/files", &[AGENT], b""),
        403,
        403,
        "a greedy variable is not empty: api-gateway-set-up-simple-proxy.html",
    ),
];

/// A difference between the events of SAM and of AWS: the format, the field, the value of AWS, and the
/// documentation of AWS that says so.
///
/// Every difference between SAM and `dev` must be in this table with the value that `dev` sends, and every
/// row must be needed.
struct Difference {
    format: Format,
    /// The path of the field; `*` stands for the rest.
    field: &'static str,
    aws: fn(&Request) -> Option<Value>,
    why: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Format {
    Http2,
    Http1,
    Rest,
}

/// The parts of a request, and the field in question.
struct Request {
    format: Format,
    path: String,
    headers: Vec<(String, String)>,
    body: &'static [u8],
    /// The end of the field's path.
    name: String,
    /// The value of SAM.
    sam: Option<Value>,
}

const DIFFERENCES: &[Difference] = &[
    Difference {
        format: Format::Http2,
        field: "body",
        aws: Request::body,
        why: "without a body there is no field; binary is base64: \
              http-api-develop-integrations-lambda.html. What counts as text is not written there: it \
              is `text/*` and the `application/` of json, xml and javascript",
    },
    Difference {
        format: Format::Http2,
        field: "isBase64Encoded",
        aws: |request| Some(request.is_base64().into()),
        why: "see `body`",
    },
    Difference {
        format: Format::Http2,
        field: "cookies",
        aws: |_| None,
        why: "without cookies there is no field: http-api-develop-integrations-lambda.html",
    },
    Difference {
        format: Format::Http2,
        field: "pathParameters",
        aws: |_| None,
        why: "without variables there is no field: http-api-develop-integrations-lambda.html",
    },
    Difference {
        format: Format::Http2,
        field: "headers.*",
        aws: Request::lower_case_header,
        why: "names are in lower case, cookies have their own field, the length is always there, and \
              those of the connection are not: http-api-develop-integrations-lambda.html, \
              http-api-parameter-mapping.html (reserved headers)",
    },
    Difference {
        format: Format::Http2,
        field: "requestContext.http.userAgent",
        aws: |request| Some(request.header("user-agent").unwrap_or_default().into()),
        why: "the client's: http-api-develop-integrations-lambda.html",
    },
    Difference {
        format: Format::Http2,
        field: "requestContext.domainName",
        aws: |_| Some("gateway.test".into()),
        why: "the domain that the client asked: http-api-develop-integrations-lambda.html",
    },
    Difference {
        format: Format::Http2,
        field: "requestContext.domainPrefix",
        aws: |_| Some("gateway".into()),
        why: "its first part: http-api-develop-integrations-lambda.html",
    },
    Difference {
        format: Format::Http2,
        field: "routeKey",
        aws: Request::any_route,
        why: "the route's, which is `ANY`, not the request's: http-api-develop-routes.html",
    },
    Difference {
        format: Format::Http2,
        field: "requestContext.routeKey",
        aws: Request::any_route,
        why: "the route's, which is `ANY`, not the request's: http-api-develop-routes.html",
    },
    Difference {
        format: Format::Http1,
        field: "body",
        aws: Request::body,
        why: "as in format 2.0: http-api-develop-integrations-lambda.html",
    },
    Difference {
        format: Format::Http1,
        field: "isBase64Encoded",
        aws: |request| Some(request.is_base64().into()),
        why: "see `body`",
    },
    Difference {
        format: Format::Http1,
        field: "path",
        aws: |request| Some(request.path.clone().into()),
        why: "format 1.0 has the path as it came; its variables are decoded: \
              http-api-develop-routes.html",
    },
    Difference {
        format: Format::Http1,
        field: "headers.*",
        aws: |request| {
            request.title_case_header().and_then(|values| values.as_array()?.last().cloned())
        },
        why: "the length, the client's address and a trace are always there, and those of the \
              connection are not: http-api-parameter-mapping.html (reserved headers)",
    },
    Difference {
        format: Format::Http1,
        field: "multiValueHeaders.*",
        aws: Request::title_case_header,
        why: "see `headers`",
    },
    Difference {
        format: Format::Http1,
        field: "requestContext.path",
        aws: |request| Some(request.path.replace("%20", " ").into()),
        why: "the path, not the route's, and decoded. The documentation does not say so; AWS's own test \
              tool for .NET, which is tested beside AWS, does",
    },
    Difference {
        format: Format::Http1,
        field: "requestContext.stage",
        aws: |_| Some("$default".into()),
        why: "the stage: http-api-develop-integrations-lambda.html",
    },
    Difference {
        format: Format::Http1,
        field: "requestContext.authorizer.*",
        aws: |_| Some(Value::Null),
        why: "claims and scopes are there as null: http-api-develop-integrations-lambda.html",
    },
    Difference {
        format: Format::Http1,
        field: "requestContext.*",
        aws: Request::context,
        why: "see the example in http-api-develop-integrations-lambda.html",
    },
    Difference {
        format: Format::Rest,
        field: "path",
        aws: |request| Some(request.path.clone().into()),
        why: "as it came: set-up-lambda-proxy-integrations.html",
    },
    Difference {
        format: Format::Rest,
        field: "pathParameters.*",
        aws: Request::encoded_variable,
        why: "as they came, unlike an HTTP API's. The documentation does not say so of Lambda; AWS's own \
              test tool for .NET, which is tested beside AWS, does",
    },
    Difference {
        format: Format::Rest,
        field: "headers.*",
        aws: |request| {
            request.title_case_header().and_then(|values| values.as_array()?.last().cloned())
        },
        why: "of several the last; the client's address and a trace are always there, the length and \
              what is of the connection is not: set-up-lambda-proxy-integrations.html",
    },
    Difference {
        format: Format::Rest,
        field: "multiValueHeaders.*",
        aws: Request::title_case_header,
        why: "several are several: set-up-lambda-proxy-integrations.html",
    },
    Difference {
        format: Format::Rest,
        field: "requestContext.path",
        aws: |request| Some(format!("/live{}", request.path).into()),
        why: "the path with its stage: set-up-lambda-proxy-integrations.html",
    },
    Difference {
        format: Format::Rest,
        field: "requestContext.stage",
        aws: |_| Some("live".into()),
        why: "the stage: set-up-lambda-proxy-integrations.html",
    },
    Difference {
        format: Format::Rest,
        field: "requestContext.*",
        aws: Request::context,
        why: "see the example in set-up-lambda-proxy-integrations.html",
    },
    Difference {
        format: Format::Rest,
        field: "stageVariables.color",
        aws: |_| Some("red".into()),
        why: "its own stage's; SAM has the other API's",
    },
];

/// Ids and times, of which only the form is compared.
const VARYING: [&str; 12] = [
    "headers.X-Amzn-Trace-Id",
    "headers.x-amzn-trace-id",
    "multiValueHeaders.X-Amzn-Trace-Id",
    "requestContext.accountId",
    "requestContext.apiId",
    "requestContext.deploymentId",
    "requestContext.extendedRequestId",
    "requestContext.requestId",
    "requestContext.requestTime",
    "requestContext.requestTimeEpoch",
    "requestContext.time",
    "requestContext.timeEpoch",
];

impl Request {
    fn new(asked: &Asked, format: Format, field: &str, sam: Option<Value>) -> Self {
        let (_, uri) = asked.0.split_once(' ').unwrap();
        let path = uri.split('?').next().unwrap();
        let mut headers: Vec<_> = asked.1.to_vec();
        headers.push(HOST);
        let headers = headers.iter().map(|(name, value)| (name.to_lowercase(), (*value).into()));
        Self {
            format,
            path: path.into(),
            headers: headers.collect(),
            body: asked.2,
            name: field.split_once('.').map_or(field, |(_, name)| name).into(),
            sam,
        }
    }

    fn values(&self, name: &str) -> Vec<String> {
        let values = self.headers.iter().filter(|(own, _)| own == name);
        values.map(|(_, value)| value.clone()).collect()
    }

    fn header(&self, name: &str) -> Option<String> {
        self.values(name).pop()
    }

    fn is_base64(&self) -> bool {
        let kind = self.header("content-type").unwrap_or_default();
        let texts = ["text/", "application/json", "application/xml"];
        !self.body.is_empty() && !texts.iter().any(|text| kind.starts_with(text))
    }

    fn body(&self) -> Option<Value> {
        use base64::Engine;

        if self.body.is_empty() {
            return (self.format != Format::Http2).then_some(Value::Null);
        }
        Some(if self.is_base64() {
            base64::prelude::BASE64_STANDARD.encode(self.body).into()
        } else {
            String::from_utf8(self.body.into()).unwrap().into()
        })
    }

    /// The values of a header on AWS.
    fn aws_header(&self, name: &str) -> Vec<String> {
        let own = self.values(name);
        match name {
            "x-forwarded-for" => vec![[&own[..], &["127.0.0.1".into()]].concat().join(", ")],
            "x-forwarded-port" => vec!["8080".into()],
            "x-forwarded-proto" => vec!["http".into()],
            "content-length" if self.format == Format::Rest => vec![],
            "content-length" => vec![self.body.len().to_string()],
            "cookie" if self.format == Format::Http2 => vec![],
            _ => own,
        }
    }

    fn lower_case_header(&self) -> Option<Value> {
        let values = self.aws_header(&self.name);
        (!values.is_empty()).then(|| values.join(",").into())
    }

    fn title_case_header(&self) -> Option<Value> {
        let values = self.aws_header(&self.name.to_lowercase());
        (!values.is_empty()).then(|| values.into())
    }

    /// The value, if the route has any method.
    fn any_route(&self) -> Option<Value> {
        let (_, path) = self.sam.as_ref()?.as_str()?.split_once(' ')?;
        (self.path.starts_with("/files") || self.path == "/any")
            .then(|| format!("ANY {path}").into())
    }

    /// The path parameters; a greedy one has the rest of the path.
    fn encoded_variable(&self) -> Option<Value> {
        let prefix = if self.name == "path" { "/rest/files/" } else { "/rest/" };
        Some(self.path.strip_prefix(prefix)?.into())
    }

    fn context(&self) -> Option<Value> {
        let is_rest = self.format == Format::Rest;
        match self.name.as_str() {
            "domainName" => Some("gateway.test".into()),
            "domainPrefix" => Some("gateway".into()),
            "identity.userAgent" if is_rest => Some(self.header("user-agent").into()),
            "identity.userAgent" => Some(self.header("user-agent").unwrap_or_default().into()),
            "identity.cognitoIdentityId" | "identity.principalOrgId" | "identity.accessKey" => {
                Some(Value::Null)
            }
            "resourceId" if is_rest => Some("local0".into()),
            // The key of the route.
            "resourceId" if self.path == "/old" => Some("POST /old".into()),
            "resourceId" => Some("GET /old/{name}".into()),
            // `identity.apiKey` exists only if the API requires a key.
            _ => None,
        }
    }
}

/// The leaves of a JSON value by their paths; lists and empty objects are leaves.
fn flatten(path: &str, value: &Value, leaves: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, value, leaves);
            }
        }
        value => drop(leaves.insert(path.to_owned(), value.clone())),
    }
}

fn leaves(event: &Value) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::new();
    flatten("", event, &mut leaves);
    leaves
}

/// Sends a request, and returns the status and the body of the response.
fn ask(address: SocketAddr, (line, headers, body): &Asked) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    let (method, uri) = line.split_once(' ').unwrap();
    let mut request = format!("{method} {uri} HTTP/1.1\r\nConnection: close\r\n").into_bytes();
    for (name, value) in [HOST].iter().chain(*headers) {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    if !body.is_empty() {
        write!(request, "Content-Length: {}\r\n", body.len()).unwrap();
    }
    request.extend([b"\r\n", *body].concat());
    stream.write_all(&request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("a whole head");
    let status = std::str::from_utf8(&answer[9..12]).unwrap().parse().unwrap();
    (status, answer[end + 4..].to_vec())
}

/// A project with this template and the function in this file of `tests/functions`.
fn project(template: &str, function: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let runtime = workspace().join("runtime");
    let manifest = format!(
        "[package]\nname = \"gateway\"\nedition = \"2024\"\n\n[[bin]]\nname = \"bootstrap\"\n\
         path = \"src/main.rs\"\n\n[dependencies]\nlambda-native = {{ path = '{}' }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n\n[workspace]\n",
        runtime.display()
    );
    fs::write(path("Cargo.toml"), manifest).unwrap();
    fs::write(path("template.yaml"), template).unwrap();
    fs::create_dir(path("src")).unwrap();
    let function = workspace().join("tests/functions").join(function);
    fs::copy(function, path("src/main.rs")).unwrap();
    folder
}

fn sam(folder: &Path) -> (Server, SocketAddr) {
    let address = free_address();
    let mut sam = program("sam");
    sam.args(["local", "start-api", "--skip-pull-image", "--warm-containers", "EAGER"])
        .args(["--port", &address.port().to_string()])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .envs([("SAM_CLI_TELEMETRY", "0"), ("AWS_DEFAULT_REGION", "eu-central-1")])
        .envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]);
    (Server::start(sam, address), address)
}

/// Starts `scaffold dev` after a build, which can take a while.
fn dev(folder: &Path) -> Dev {
    let built = cargo().args(["build", "--quiet"]).current_dir(folder).status();
    assert!(built.unwrap().success());
    let dev = Dev::start(
        Scaffold::new(["dev", "--port", "0", "--allowed-host", "gateway.test"]).current_dir(folder),
    );
    dev.wait_for("\nready in ");
    dev
}

/// Every kind of API in front of one function.
const KINDS: &str = r"
Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: bootstrap
      Runtime: provided.al2023
      FunctionUrlConfig: {AuthType: NONE, Cors: {AllowOrigins: ['https://a.example']}}
      Events:
        New: {Type: HttpApi, Properties: {Method: ANY, Path: '/new/{proxy+}'}}
        Old: {Type: HttpApi, Properties: {Method: ANY, Path: '/old/{proxy+}', PayloadFormatVersion: '1.0'}}
        Rest: {Type: Api, Properties: {Method: ANY, Path: '/rest/{proxy+}', RestApiId: !Ref Shop}}
  Shop:
    Type: AWS::Serverless::Api
    Properties: {StageName: live, BinaryMediaTypes: ['*~1*']}
";

/// The headers of a response, without those that the gateway adds.
fn own_headers(answer: &Response) -> Vec<String> {
    let own = answer.headers.iter().filter(|(name, _)| {
        ["set-cookie", "x-tag", "access-control-allow-origin"].contains(&name.as_str())
    });
    own.map(|(name, value)| format!("{name}: {value}")).collect()
}

#[test]
fn http_functions_understand_every_kind_of_event() {
    let project = project(KINDS, "http.rs");
    let dev = dev(project.path());
    let cookie = ("cookie", "a=1; b=2");
    for (prefix, kind, path) in [
        ("/new", "an API Gateway HTTP API (payload 2.0)", "/new/a b"),
        ("/old", "an API Gateway REST API (payload 1.0)", "/old/a%20b"),
        ("/rest", "an API Gateway REST API (payload 1.0)", "/rest/a%20b"),
        ("/live/rest", "an API Gateway REST API (payload 1.0)", "/rest/a%20b"),
        ("/Hello", "a Function URL", "/a%20b"),
    ] {
        let ask = |answer: &str, body: &[u8]| {
            let headers = [("x-answer", answer), ("origin", "https://a.example"), cookie];
            dev.request(&format!("POST {prefix}/a%20b?x=1&y=%20&x=2"), &headers, body)
        };
        let asked = ask("", "é".as_bytes());
        let found: Value =
            serde_json::from_str(&asked.body).unwrap_or_else(|_| panic!("{asked:?}"));
        let mut query: Vec<_> = found["query"].as_array().unwrap().clone();
        query.sort_by_key(ToString::to_string);
        assert_eq!(query, [json!(["x", "1"]), json!(["x", "2"]), json!(["y", " "])], "{prefix}");
        assert_eq!(
            found,
            json!({
                "kind": kind,
                "method": "POST",
                "path": path,
                "query": found["query"],
                "cookies": [["a", "1"], ["b", "2"]],
                "source_ip": "127.0.0.1",
                "body": "é",
            })
        );

        let made = ask("cookies", b"");
        let origin =
            (kind == "a Function URL").then_some("access-control-allow-origin: https://a.example");
        let tags = ["set-cookie: a=1; HttpOnly", "set-cookie: b=2"].into_iter().chain(origin);
        let mut headers = own_headers(&made);
        headers.retain(|header| !header.starts_with("x-tag"));
        headers.sort();
        let mut expected: Vec<_> = tags.collect();
        expected.sort_unstable();
        assert_eq!(
            (made.status, headers, made.body.as_str()),
            (201, map(&expected), "made"),
            "{prefix}"
        );

        assert_eq!(ask("body", &[0xff, 0]).body, "\u{fffd}\0", "{prefix}");
        assert_eq!(ask("nothing", b"").pair(), (204, ""), "{prefix}");
        assert_eq!(ask("not found", b"").status, 404, "{prefix}");
        assert_eq!(ask("error", b"").status, 500, "{prefix}");
    }
    assert_eq!(dev.get("/none").pair(), (404, r#"{"message":"Not Found"}"#));

    // The number of headers has no limit, and their size has one only in APIs.
    let many: Vec<_> = (0..500).map(|number| (format!("x-{number}"), "1")).collect();
    let many: Vec<_> = many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let trace = format!("Root=1-{}", "a".repeat(70_000));
    for (path, headers, status) in [
        ("/new/a", &many[..], 200),
        ("/Hello/a", &[("x-amzn-trace-id", &trace)], 200),
        ("/new/a", &[("x-amzn-trace-id", &trace)], 431),
    ] {
        let answer = dev.request(&format!("GET {path}"), headers, b"");
        assert_eq!(answer.status, status, "{path}: {answer:?}");
    }
}

fn map(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

#[test]
#[ignore = "needs a container engine and SAM: `.ci/run sam`"]
fn sends_the_events_of_sam_apart_from_listed_differences() {
    let project = project(TEMPLATE, "mirror.rs");
    let dev = dev(project.path());
    // SAM looks for it here.
    let bootstrap = project.path().join("target/debug/bootstrap");
    fs::copy(bootstrap, project.path().join("bootstrap")).unwrap();
    let (_sam, sam) = sam(project.path());
    let both = [("dev", dev.address), ("SAM", sam)];
    let mut needed = BTreeSet::new();
    let mut unexplained = Vec::new();

    for asked in REQUESTS {
        let [ours, theirs] = both.map(|(who, address)| {
            let (status, body) = ask(address, asked);
            let event: Value = serde_json::from_slice(&body).expect("JSON");
            assert_eq!(status, 200, "{who}: {asked:?} {event}");
            event
        });
        let format = match ours.get("version").and_then(Value::as_str) {
            Some("2.0") => Format::Http2,
            Some("1.0") => Format::Http1,
            _ => Format::Rest,
        };
        assert_varying(&ours, format);
        let [ours, theirs] = [leaves(&ours), leaves(&theirs)];
        let fields: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
        for field in fields {
            if VARYING.contains(&field.as_str()) || ours.get(field) == theirs.get(field) {
                continue;
            }
            let row = DIFFERENCES.iter().position(|row| {
                let fits = match row.field.strip_suffix('*') {
                    Some(prefix) => field.starts_with(prefix),
                    None => field == row.field,
                };
                row.format == format && fits
            });
            let request = Request::new(asked, format, field, theirs.get(field).cloned());
            match row {
                Some(row) if (DIFFERENCES[row].aws)(&request).as_ref() == ours.get(field) => {
                    needed.insert(row);
                }
                row => unexplained.push(format!(
                    "{} {format:?} {field}: SAM has {:?}, dev has {:?}, and the table {:?}",
                    asked.0,
                    theirs.get(field),
                    ours.get(field),
                    row.map(|row| (DIFFERENCES[row].aws)(&request)),
                )),
            }
        }
    }
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
    for (row, Difference { format, field, why, .. }) in DIFFERENCES.iter().enumerate() {
        assert!(needed.contains(&row), "{format:?} {field} does not differ any more: {why}");
    }

    for (asked, ours, theirs, why) in REFUSALS {
        let found = both.map(|(_, address)| ask(address, asked).0);
        assert_eq!(found, [*ours, *theirs], "{asked:?}: {why}");
    }
}

/// Asserts that the ids and times of an event have the form of those of AWS.
fn assert_varying(event: &Value, format: Format) {
    let context = &event["requestContext"];
    let is = |pattern: &str, value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let pattern = regex::Regex::new(&format!("^{pattern}$")).unwrap();
        assert!(pattern.is_match(&text), "{text} is not {pattern}");
    };
    let (time, epoch, trace) = match format {
        Format::Http2 => ("time", "timeEpoch", "x-amzn-trace-id"),
        Format::Http1 | Format::Rest => ("requestTime", "requestTimeEpoch", "X-Amzn-Trace-Id"),
    };
    is(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", &context[time]);
    is(r"\d{13}", &context[epoch]);
    is("Root=1-[0-9a-f]{8}-[0-9a-f]{24}", &event["headers"][trace]);
    let short = "[A-Za-z0-9+/]{15}=";
    let uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
    is(if format == Format::Rest { uuid } else { short }, &context["requestId"]);
    if format != Format::Http2 {
        is(short, &context["extendedRequestId"]);
    }
    assert_eq!(context["accountId"], json!("012345678912"));
}
