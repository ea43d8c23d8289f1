//! APIs with an `OpenAPI` definition of their own.

use super::*;

#[test]
fn routes_are_read_in_an_apis_own_definition() {
    let application = read(
        r"
Resources:
  Hello: {Type: AWS::Serverless::Function}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageName: v1
      DefinitionBody:
        openapi: 3.0.1
        paths:
          /hello/{name}:
            parameters: []
            get:
              x-amazon-apigateway-integration:
                type: aws_proxy
                payloadFormatVersion: '2.0'
                uri: !Sub arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Hello.Arn}/invocations
            x-amazon-apigateway-any-method:
              x-amazon-apigateway-integration:
                uri: {Fn::Sub: 'arn:aws:apigateway:x:lambda:path/2015-03-31/functions/${Hello.Arn}/invocations'}
",
    );
    assert_snapshot!(endpoints(&application.functions[0]).join("\n"), @"
    Api Http GET /hello/{name} v1 V2
    Api Http ANY /hello/{name} v1 V1
    ");
}

const OPENAPI: &str = r"
openapi: 3.0.1
x-amazon-apigateway-binary-media-types: [image/png]
paths:
  /hello/{name}:
    get:
      x-amazon-apigateway-integration:
        payloadFormatVersion: '2.0'
        uri: {Fn::Sub: 'arn:aws:apigateway:x:lambda:path/2015-03-31/functions/${Hello.Arn}/invocations'}
  /$default:
    x-amazon-apigateway-any-method:
      x-amazon-apigateway-integration:
        uri: arn:aws:apigateway:x:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:hello-on-aws/invocations
";

const OPENAPI_JSON: &str = r#"{"paths": {"/json": {"post": {"x-amazon-apigateway-integration":
    {"uri": "arn:aws:apigateway:x:lambda:path/2015-03-31/functions/arn:aws:lambda:x:1:function:Hello:live/invocations"}}}}}"#;

#[test]
fn routes_are_read_in_a_file_with_an_apis_definition() {
    const HTTP: &[&str] =
        &["Api Http GET /hello/{name} $default V2", "Api Http ANY $default $default V1"];
    const REST: &[&str] = &["Api Rest GET /hello/{name} Prod V1", "Api Rest ANY /$default Prod V1"];

    let include = |call: &str| {
        let argument = "{Name: AWS::Include, Parameters: {Location: !Sub 'api/${Name}.yaml'}}";
        with_api("HttpApi", &format!("DefinitionBody: {}", call.replace("INCLUDE", argument)))
            + "Parameters: {Name: {Type: String, Default: openapi}}\n"
    };
    let with_globals =
        with_api("Api", "StageName: live") + "Globals: {Api: {DefinitionUri: api.json}}\n";
    for (template, file, expected) in [
        (with_api("HttpApi", "DefinitionUri: api/openapi.yaml"), "api/openapi.yaml", HTTP),
        (with_api("Api", "DefinitionUri: ./api/openapi.yaml"), "api/openapi.yaml", REST),
        (with_api("Api", "DefinitionUri: api.json"), "api.json", &["Api Rest POST /json Prod V1"]),
        (include("{Fn::Transform: INCLUDE}"), "api/openapi.yaml", HTTP),
        (include("!Transform INCLUDE"), "api/openapi.yaml", HTTP),
        (with_globals, "api.json", &["Api Rest POST /json live V1"]),
    ] {
        let text = if file.ends_with("json") { OPENAPI_JSON } else { OPENAPI };
        let (folder, application) = read_files(&[("template.yaml", &template), (file, text)]);
        let application = application.unwrap();
        application.check().unwrap();
        assert_eq!(application.diagnostics.warnings, []);
        assert_eq!(endpoints(&application.functions[0]), expected, "{template}");
        let path = dunce::canonicalize(folder.path().join(file)).unwrap();
        assert_eq!(application.files(), [folder.path().join("template.yaml"), path]);
        let binary = &application.functions[0].endpoints[0].api.binary_media_types;
        assert_eq!(binary.is_empty(), file.ends_with("json"), "{binary:?}");
    }
}

const INCLUDED: &str =
    "DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: openapi.yaml}}}";

#[test]
fn an_event_for_a_route_of_the_definition_does_not_add_a_second_route() {
    let template = with_api("HttpApi", INCLUDED).replace(
        "{FunctionName: hello-on-aws}",
        "{FunctionName: hello-on-aws, Events: {\
         Same: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: get, Path: '/hello/{name}'}},\
         Other: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: put, Path: '/hello/{name}'}}}}",
    );
    let (_, application) = read_files(&[("template.yaml", &template), ("openapi.yaml", OPENAPI)]);
    assert_snapshot!(endpoints(&application.unwrap().functions[0]).join("\n"), @"
    Api Http GET /hello/{name} $default V2
    Api Http ANY $default $default V1
    Api Http PUT /hello/{name} $default V2
    ");
}

#[test]
fn a_definition_that_is_not_a_local_file_is_left_out_with_a_warning() {
    let mut warnings = String::new();
    for properties in [
        "DefinitionUri: s3://bucket/api.yaml",
        "DefinitionUri: {Bucket: bucket, Key: api.yaml}",
        "DefinitionUri: !Sub s3://${Bucket}/a",
        "DefinitionBody: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: 's3://b/a'}}}",
        "DefinitionBody: !Transform {Name: Own}",
        "DefinitionUri: none.yaml",
        "DefinitionUri: file://none%20such.yaml",
    ] {
        let template = with_api("Api", properties) + "Parameters: {Bucket: {Type: String}}\n";
        let (folder, application) = read_files(&[("template.yaml", &template)]);
        let application = application.unwrap();
        application.check().unwrap();
        assert_eq!(endpoints(&application.functions[0]), [""; 0]);
        warnings += &lines(&application.diagnostics.warnings, &folder);
        warnings += "\n";
    }
    assert_snapshot!(warnings, @"
    template.yaml:5: skipping routes of `Api`: its OpenAPI definition `s3://bucket/api.yaml` is not a local file
    template.yaml:5: skipping routes of `Api`: its OpenAPI definition `s3://bucket/api.yaml` is not a local file
    template.yaml:5: skipping routes of `Api`: its OpenAPI definition `!Sub s3://${Bucket}/a` is not a local file
    template.yaml:5: skipping routes of `Api`: its OpenAPI definition `s3://b/a` is not a local file
    template.yaml:5: skipping routes of `Api`: its OpenAPI definition `!Transform …` is not a local file
    template.yaml:5: skipping routes of `Api`: cannot read its OpenAPI definition `none.yaml`: No such file or directory (os error 2)
    template.yaml:5: skipping routes of `Api`: cannot read its OpenAPI definition `none such.yaml`: No such file or directory (os error 2)
    ");
}

#[test]
fn a_folder_is_not_a_definition() {
    let (_, application) = read_files(&[("template.yaml", &with_api("Api", "DefinitionUri: ."))]);
    let [warning] = &application.unwrap().diagnostics.warnings[..] else { panic!() };
    let warning = Error::from(warning.clone()).to_string();
    assert!(warning.ends_with("it is not a regular file"), "{warning}");
}

#[test]
fn errors_in_a_definition_name_its_file_and_line() {
    let template = with_api("Api", "DefinitionUri: api.yaml");
    for (definition, expected) in [
        ("\npaths: [", "api.yaml:2: invalid YAML: unclosed bracket '['"),
        ("paths: {/: {get: {a: {Fn::Sub: '${'}}}}", "api.yaml:1: `${` without a closing `}`"),
    ] {
        let (folder, application) =
            read_files(&[("template.yaml", &template), ("api.yaml", definition)]);
        let application = application.unwrap();
        assert_eq!(lines(&application.diagnostics.errors, &folder), expected);
        assert_eq!(application.functions.len(), 1);
    }
}

/// A template with an API that has this definition, and with a function that has these events.
fn with_definition(kind: &str, properties: &str, paths: &str, events: &str) -> Application {
    let integration = "x-amazon-apigateway-integration: {type: aws_proxy, uri: !Sub 'x/${Hello.Arn}/invocations'}";
    let other =
        "x-amazon-apigateway-integration: {type: aws_proxy, uri: 'x:function:Other/invocations'}";
    let paths = paths.replace("HELLO", integration).replace("OTHER", other);
    read(&format!(
        "Resources:\n  Hello:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events: {{{events}}}\n\
         \x20 Other: {{Type: AWS::Serverless::Function}}\n\
         \x20 Api:\n    Type: AWS::Serverless::{kind}\n    Properties: {{{properties}, DefinitionBody: {{paths: {{{paths}}}}}}}\n"
    ))
}

/// The warnings of an application.
fn warnings(application: &Application) -> String {
    let lines = application.diagnostics.warnings.iter();
    lines.map(|it| Error::from(it.clone()).to_string() + "\n").collect()
}

#[test]
fn events_do_not_add_routes_to_the_definition_of_a_rest_api_unless_they_are_merged() {
    const PATHS: &str = "/a: {get: {HELLO}}, /b: {x-amazon-apigateway-any-method: {HELLO}}";
    const EVENTS: &str = "A: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /a, Method: get}},\
        B: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /b, Method: put}},\
        C: {Type: Api, Properties: {RestApiId: !Ref Api, Path: /c, Method: any}}";
    let separate = with_definition("Api", "StageName: s", PATHS, EVENTS);
    assert_snapshot!(endpoints(&separate.functions[0]).join("\n"), @r"
    Api Rest GET /a s V1
    Api Rest ANY /b s V1
    ");
    assert_snapshot!(warnings(&separate), @"/project/template.yaml:5: skipping `ANY /c`, which the definition of `Api` does not have");

    let merged = with_definition("Api", "StageName: s, MergeDefinitions: true", PATHS, EVENTS);
    assert_snapshot!(endpoints(&merged.functions[0]).join("\n"), @r"
    Api Rest GET /a s V1
    Api Rest ANY /b s V1
    Api Rest PUT /b s V1
    Api Rest ANY /c s V1
    ");
    assert_eq!(warnings(&merged), "");

    for body in ["{swagger: 2}", "{paths: }"] {
        let template =
            with_api("Api", &format!("MergeDefinitions: true\n      DefinitionBody: {body}"))
                .replace("{FunctionName: hello-on-aws}", &format!("{{Events: {{{EVENTS}}}}}"));
        assert_eq!(endpoints(&read(&template).functions[0]), [""; 0], "{body}");
    }
}

#[test]
fn the_definition_of_an_http_api_wins_over_an_event() {
    let application = with_definition(
        "HttpApi",
        "StageName: s",
        "/a: {get: {OTHER}}, /b: {get: {responses: {}}}, /$default: {x-amazon-apigateway-any-method: {OTHER}}",
        "A: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /a, Method: get}},\
         B: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /b, Method: get}},\
         C: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /c, Method: get}},\
         D: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /$default}}",
    );
    assert_snapshot!(describe(&application), @r"
    Hello: /project/., x86_64, 3 s, 128 MB
      Api Http GET /b s V2
      Api Http GET /c s V2
    Other: /project/., x86_64, 3 s, 128 MB
      Api Http GET /a s V1
      Api Http ANY $default s V1
    ");
    assert_eq!(warnings(&application), "");
}

#[test]
fn routes_that_lead_to_something_else_are_named_in_a_warning() {
    let mock = "x-amazon-apigateway-integration: {type: mock}";
    let put = "x-amazon-apigateway-integration: {type: AWS_PROXY, integrationSubtype: EventBridge-PutEvents}";
    let lambda =
        "x-amazon-apigateway-integration: {type: aws, uri: !Sub 'x/${Hello.Arn}/invocations'}";
    let far =
        "x-amazon-apigateway-integration: {type: aws_proxy, uri: 'x:function:Far/invocations'}";
    let application = with_definition(
        "Api",
        "StageName: s",
        &format!(
            "/a: {{options: {{{mock}}}, put: {{{put}}}, get: {{responses: {{}}}}, post: {{{lambda}}}, patch: {{{far}}}}},\
             /b: {{get: {{{mock}}}, put: {{{mock}}}}}"
        ),
        "",
    );
    assert_eq!(endpoints(&application.functions[0]), [""; 0]);
    assert_snapshot!(warnings(&application), @"/project/template.yaml:7: `Api` has routes that are not served: `OPTIONS /a` (`mock`), `PUT /a` (`EventBridge-PutEvents`), `GET /a` (no integration), `POST /a` (`aws`), `PATCH /a` (the function `Far`), and 2 more");

    let application = read(
        "
Resources:
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Events: {Start: {Type: Api, Properties: {Path: /start, Method: post}}}
  Hello: {Type: AWS::Serverless::Function}
  Socket: {Type: AWS::Serverless::WebSocketApi}
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET}}
  Far: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: arn:aws:lambda:x:1:function:far}}
  Fn::ForEach::Functions: [Name, [A, B], {'${Name}': {Type: AWS::Serverless::Function}}]
",
    );
    assert_snapshot!(warnings(&application), @r"
    /project/template.yaml:11: skipping the resources of `Fn::ForEach::Functions`
    /project/template.yaml:6: `ServerlessRestApi` has routes that are not served: `POST /start` (a state machine)
    /project/template.yaml:8: not served: `Socket` (`AWS::Serverless::WebSocketApi`), `Api` (`AWS::ApiGatewayV2::Api`), `Far` (`AWS::Lambda::Url`)
    ");
}

#[test]
fn resources_that_sam_translates_into_are_read_as_its_own() {
    let application = read(
        "
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Events: {A: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /a, Method: get}}}
  Rest:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body: {paths: {/a: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !Sub 'x/${Hello.Arn}/invocations'}}}}}
  Http:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Body: {paths: {/b: {get: {x-amazon-apigateway-integration: {type: aws_proxy, uri: !Sub 'x/${Hello.Arn}/invocations'}}}}}
  Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref Hello, AuthType: NONE}}
",
    );
    application.check().unwrap();
    assert_eq!(warnings(&application), "");
    assert_snapshot!(endpoints(&application.functions[0]).join("\n"), @r"
    Rest Rest GET /a Prod V1
    Http Http GET /b $default V1
    Hello FunctionUrl { stream: false } ANY $default $default V2
    ");
}

#[test]
fn properties_without_effect_are_named_once() {
    let event = |path: &str| {
        format!(
            "{{Type: Api, Properties: {{Path: {path}, Method: get, \
             ResponseTransferMode: RESPONSE_STREAM, Auth: {{ApiKeyRequired: true}}}}}}"
        )
    };
    let events = format!("Events: {{A: {}, B: {}}}", event("/a"), event("/b"));
    assert_snapshot!(warnings(&read(&function(&events))), @"
    /project/template.yaml:5: `ApiKeyRequired` has no effect before deployment
    ");
}

#[test]
fn cors_is_read_as_sam_does() {
    let cors = |kind: &str, properties: &str, definition: &str| {
        let application = read(&format!(
            "Resources:\n  Hello: {{Type: AWS::Serverless::Function}}\n  \
             Api: {{Type: AWS::Serverless::{kind}, Properties: {{{properties}, DefinitionBody: {{{definition} paths: \
             {{/: {{get: {{x-amazon-apigateway-integration: {{uri: 'x:function:Hello/x'}}}}}}}}}}}}}}\n"
        ));
        application.functions[0].endpoints[0].api.cors.clone()
    };
    let origins = |origins: &[&str]| origins.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let headers = cors("Api", "Cors: {AllowHeaders: \"'x'\"}", "").unwrap();
    assert_eq!((headers.allow_origins, headers.allow_headers), (origins(&["*"]), origins(&["x"])));
    assert_eq!(cors("Api", "Cors: {}", ""), None);

    let defined = "x-amazon-apigateway-cors: {allowOrigins: [a], allowMethods: [GET], maxAge: 5},";
    let own = cors("HttpApi", "StageName: s", defined).unwrap();
    assert_eq!((own.allow_origins, own.max_age), (origins(&["a"]), Some(5)));
    let overridden = cors("HttpApi", "CorsConfiguration: {AllowOrigins: [b]}", defined).unwrap();
    assert_eq!(overridden.allow_origins, origins(&["b"]));
    assert_eq!(overridden.allow_methods, origins(&["GET"]));
    let all = cors("HttpApi", "CorsConfiguration: true", defined).unwrap();
    assert_eq!((all.allow_origins, all.max_age), (origins(&["*"]), Some(5)));
}

#[test]
fn routes_have_integration_timeouts() {
    let events = |timeout: &str| {
        read(&format!(
            "Resources: {{Hello: {{Type: AWS::Serverless::Function, Properties: {{Events: {{
               A: {{Type: Api, Properties: {{Path: /a, Method: get, TimeoutInMillis: {timeout}}}}},
               B: {{Type: HttpApi, Properties: {{Path: /b, Method: get, TimeoutInMillis: {timeout}}}}},
               C: {{Type: Api, Properties: {{Path: /c, Method: get}}}}}}}}}}}}"
        ))
    };
    let application = events("1500.0");
    assert_snapshot!(endpoints(&application.functions[0]).join("\n"), @"
    ServerlessRestApi Rest GET /a Prod V1 1.5s
    ServerlessHttpApi Http GET /b $default V2 1.5s
    ServerlessRestApi Rest GET /c Prod V1
    ");
    assert_eq!(warnings(&application), "");
    assert!(application.check().is_ok());
    for (timeout, wrong) in [("49", 2), ("50", 0), ("30001", 1), ("900001", 2), ("soon", 2)] {
        assert_eq!(events(timeout).diagnostics.errors.len(), wrong, "{timeout}");
    }
    assert_snapshot!(events("9").check().unwrap_err().to_string(), @"/project/template.yaml:2: `TimeoutInMillis` of `GET /a` is `9`; expected 50 to 900000 milliseconds");

    let integration =
        "x-amazon-apigateway-integration: {timeoutInMillis: 700, uri: 'x:function:Hello/x'}";
    let paths = format!("/a: {{get: {{{integration}}}, post: {{{integration}}}}}");
    let both = |kind: &str, reference: &str| {
        let events = format!(
            "A: {{Type: {kind}, Properties: {{{reference}: !Ref Api, Path: /a, Method: get, TimeoutInMillis: 800}}}}"
        );
        let application = with_definition(kind, "StageName: s", &paths, &events);
        endpoints(&application.functions[0]).join("\n")
    };
    // SAM adds the timeout of an event to the definition of an HTTP API.
    assert_snapshot!(both("HttpApi", "ApiId"), @"
    Api Http GET /a s V1 800ms
    Api Http POST /a s V1 700ms
    ");
    assert_snapshot!(both("Api", "RestApiId"), @"
    Api Rest GET /a s V1 700ms
    Api Rest POST /a s V1 700ms
    ");
}

#[test]
fn routes_of_rest_apis_can_stream() {
    let application = read(
        "Resources: {Hello: {Type: AWS::Serverless::Function, Properties: {Events: {
           A: {Type: Api, Properties: {Path: /a, Method: get, ResponseTransferMode: RESPONSE_STREAM}},
           B: {Type: Api, Properties: {Path: /b, Method: get, ResponseTransferMode: BUFFERED}},
           C: {Type: HttpApi, Properties: {Path: /c, Method: get}}}}}}",
    );
    assert_snapshot!(endpoints(&application.functions[0]).join("\n"), @"
    ServerlessRestApi Rest GET /a Prod V1 streamed
    ServerlessRestApi Rest GET /b Prod V1
    ServerlessHttpApi Http GET /c $default V2
    ");
    assert_eq!(warnings(&application), "");
    let paths = "/a: {get: {x-amazon-apigateway-integration: {type: aws_proxy, responseTransferMode: STREAM, \
                 uri: !Sub 'x/2021-11-15/functions/${Hello.Arn}/response-streaming-invocations'}}}";
    let defined = with_definition("Api", "StageName: s", paths, "");
    assert_snapshot!(endpoints(&defined.functions[0]).join("\n"), @"Api Rest GET /a s V1 streamed");
    let wrong = read(
        "Resources: {Hello: {Type: AWS::Serverless::Function, Properties: {Events: {
           A: {Type: Api, Properties: {Path: /a, Method: get, ResponseTransferMode: STREAM}}}}}}",
    );
    assert_snapshot!(endpoints(&wrong.functions[0]).join("\n"), @"ServerlessRestApi Rest GET /a Prod V1");
    assert_snapshot!(warnings(&wrong), @"/project/template.yaml:2: `ResponseTransferMode` is `STREAM`, which has no effect");
}
