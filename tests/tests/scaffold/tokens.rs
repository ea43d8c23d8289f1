//! JWT authorizers of HTTP APIs in `scaffold dev`: tokens are verified with the keys of their issuer.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use lambda_native_tests::dev::{Dev, Response, SocketProject};
use lambda_native_tests::snapshot::normalise;
use regex::Regex;
use serde_json::{Value, json};

const TEMPLATE: &str = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Users
        Authorizers:
          Users:
            IdentitySource: $request.header.Authorization
            JwtConfiguration: {issuer: $ISSUER, audience: [shop, admin]}
          ByQuery:
            IdentitySource: $request.querystring.token
            JwtConfiguration: {issuer: $ISSUER, audience: [shop]}
            AuthorizationScopes: [read, write]
  Main:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: bootstrap
      Runtime: provided.al2023
      Events:
        Users: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /users, Method: GET}}
        Old: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /old, Method: GET, PayloadFormatVersion: '1.0'}}
        Query:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Path: /query, Method: GET, Auth: {Authorizer: ByQuery}}
        Scoped:
          Type: HttpApi
          Properties: {ApiId: !Ref Api, Path: /scoped, Method: GET, Auth: {AuthorizationScopes: [delete]}}
        Open: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /open, Method: GET, Auth: {Authorizer: NONE}}}
";

const ISSUER: &str = "https://issuer.invalid";

/// A private key that exists only for these tests.
static KEY: LazyLock<EncodingKey> = LazyLock::new(|| {
    let key = include_str!("tokens.key").split_whitespace().collect::<String>();
    EncodingKey::from_rsa_der(&STANDARD.decode(key).unwrap())
});

/// The set of its public key, with this id.
fn key_set(id: &str) -> String {
    let mut key = Jwk::from_encoding_key(&KEY, Algorithm::RS256).unwrap();
    key.common.key_id = Some(id.to_owned());
    json!({ "keys": [key] }).to_string()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn header(algorithm: Algorithm, id: Option<&str>) -> Header {
    let mut header = Header::new(algorithm);
    header.kid = id.map(str::to_owned);
    header
}

/// Replaces times, and the words of `curl`.
fn stable(text: &str) -> String {
    let text = Regex::new(r"\d+ seconds").unwrap().replace_all(text, "[TIME]");
    Regex::new(r"failed: `curl: [^`]*`")
        .unwrap()
        .replace_all(&text, "failed: `curl: …`")
        .into_owned()
}

/// Valid claims with these changes; `null` removes one.
fn claims(changes: Value) -> Value {
    let mut claims = json!({ "iss": ISSUER, "aud": "shop", "exp": now() + 600, "sub": "ada" });
    for (name, value) in changes.as_object().unwrap() {
        claims.as_object_mut().unwrap().insert(name.clone(), value.clone());
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn token(changes: Value) -> String {
    token_of("first", changes)
}

/// A token that is signed with the key of this id.
fn token_of(id: &str, changes: Value) -> String {
    encode(&header(Algorithm::RS256, Some(id)), &claims(changes), &KEY).unwrap()
}

/// Starts `scaffold dev` with the key in a file.
fn dev(project: &SocketProject) -> Dev {
    project.write("keys.json", &key_set("first"));
    project.dev(&["--log", "raw", "--jwks", "keys.json"])
}

fn project() -> SocketProject {
    SocketProject::new(&TEMPLATE.replace("$ISSUER", ISSUER))
}

fn get(dev: &Dev, path: &str, token: &str) -> Response {
    dev.request(&format!("GET {path}"), &[("Authorization", token)], b"")
}

#[test]
fn refuses_tokens_as_api_gateway_does() {
    let project = project();
    let dev = dev(&project);
    let valid = token(json!({}));
    let (body, signature) = valid.rsplit_once('.').unwrap();
    let changed = body.rsplit_once('.').unwrap().0.to_owned()
        + "."
        + &URL_SAFE_NO_PAD.encode(claims(json!({"sub": "eve"})).to_string())
        + "."
        + signature;
    let with = |algorithm, id| encode(&header(algorithm, id), &claims(json!({})), &KEY).unwrap();
    let secret = EncodingKey::from_secret(b"guessed").unwrap();
    let symmetric = encode(&header(Algorithm::HS256, Some("first")), &claims(json!({})), &secret);
    let unsigned = format!(
        "{}.{}.",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"first"}"#),
        URL_SAFE_NO_PAD.encode("{}")
    );
    let tokens = [
        ("none", String::new()),
        ("no token", "Bearer ".to_owned()),
        ("text", "Bearer hello".to_owned()),
        ("changed claims", changed),
        ("unsigned", unsigned),
        ("symmetric", symmetric.unwrap()),
        ("without a key id", with(Algorithm::RS256, None)),
        ("another key", with(Algorithm::RS256, Some("second"))),
        ("expired", token(json!({"exp": now() - 100}))),
        ("without an end", token(json!({"exp": null}))),
        ("not yet", token(json!({"nbf": now() + 100}))),
        ("from the future", token(json!({"iat": now() + 100}))),
        ("another issuer", token(json!({"iss": "https://other.invalid"}))),
        ("without an issuer", token(json!({"iss": null}))),
        ("another audience", token(json!({"aud": ["other", "more"]}))),
        ("without an audience", token(json!({"aud": null}))),
        ("the client does not count", token(json!({"aud": "other", "client_id": "shop"}))),
    ];
    let mut table = Vec::new();
    for (name, token) in &tokens {
        let Response { status, body, .. } = get(&dev, "/users", token);
        let response = get(&dev, "/users", token);
        assert_eq!((status, body.as_str()), (401, r#"{"message":"Unauthorized"}"#), "{name}");
        let challenge = response.header("www-authenticate").unwrap_or("no challenge");
        table.push(format!("{name}: {challenge}"));
    }
    insta::assert_snapshot!(table.join("\n"), @r#"
    none: Bearer
    no token: Bearer scope="" error="invalid_token" error_description="the token is invalid"
    text: Bearer scope="" error="invalid_token" error_description="the token is invalid"
    changed claims: Bearer scope="" error="invalid_token" error_description="the token is invalid"
    unsigned: Bearer scope="" error="invalid_token" error_description="the token is invalid"
    symmetric: Bearer scope="" error="invalid_token" error_description="the signing method is invalid"
    without a key id: Bearer scope="" error="invalid_token" error_description="the token is invalid"
    another key: Bearer scope="" error="invalid_token" error_description="the token is invalid"
    expired: Bearer scope="" error="invalid_token" error_description="the token has expired"
    without an end: Bearer scope="" error="invalid_token" error_description="the token has no expiry"
    not yet: Bearer scope="" error="invalid_token" error_description="the token is not valid yet"
    from the future: Bearer scope="" error="invalid_token" error_description="the token is not valid yet"
    another issuer: Bearer scope="" error="invalid_token" error_description="the token does not have a valid issuer"
    without an issuer: Bearer scope="" error="invalid_token" error_description="the token does not have a valid issuer"
    another audience: Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"
    without an audience: Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"
    the client does not count: Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"
    "#);
    dev.wait_until("all reasons", |log| log.matches("GET /users 401").count() == 2 * tokens.len());
    let log = normalise(&dev.log());
    let mut reasons: Vec<_> = log.lines().filter(|line| line.contains("GET /users 401")).collect();
    reasons.dedup();
    let reasons: Vec<_> =
        reasons.iter().filter_map(|line| line.split_once("authorizer ")).map(|it| it.1).collect();
    insta::assert_snapshot!(stable(&reasons.join("\n")), @r#"
    `Users`: the request has no token
    `Users`: the token cannot be decoded: InvalidToken
    `Users`: the token cannot be verified: InvalidSignature
    `Users`: the token cannot be decoded: JSON error: unknown variant `none`, expected one of `HS256`, `HS384`, `HS512`, `ES256`, `ES384`, `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `EdDSA` at line 1 column 13
    `Users`: the token is signed with HS256; an HTTP API takes RS256, RS384 and RS512
    `Users`: the token has no `kid`
    `Users`: the issuer has no key with the `kid` `second` of the token
    `Users`: the token expired [TIME] ago
    `Users`: the token has no `exp`
    `Users`: `nbf` of the token is [TIME] from now
    `Users`: `iat` of the token is [TIME] from now
    `Users`: `iss` of the token is "https://other.invalid", not `https://issuer.invalid`
    `Users`: `iss` of the token is null, not `https://issuer.invalid`
    `Users`: `aud` of the token is ["other","more"], none of ["shop", "admin"]
    `Users`: `client_id` of the token is null, none of ["shop", "admin"]
    `Users`: `aud` of the token is "other", none of ["shop", "admin"]
    "#);
}

#[test]
fn passes_valid_tokens_with_their_claims_in_the_event() {
    let project = project();
    let dev = dev(&project);
    let with =
        |algorithm| encode(&header(algorithm, Some("first")), &claims(json!({})), &KEY).unwrap();
    for token in [
        with(Algorithm::RS384),
        with(Algorithm::RS512),
        token(json!({"aud": ["other", "admin"]})),
        token(json!({"aud": null, "client_id": "shop"})),
        token(json!({"nbf": now() - 1, "iat": now() - 1})),
    ] {
        for value in [format!("Bearer {token}"), format!("bearer {token}"), token] {
            assert_eq!(get(&dev, "/users", &value).status, 200, "{value}");
        }
    }
    let authorizer = |response: &Response| {
        let event: Value = serde_json::from_str(&response.body).expect(&response.body);
        event["requestContext"]["authorizer"].to_string()
    };
    let rich = token(json!({
        "exp": 4_102_444_800_u64, "admin": true, "cognito:groups": ["a", "b"], "address": {"city": "Ulm"},
    }));
    let responses = [get(&dev, "/users", &rich), get(&dev, "/old", &rich), get(&dev, "/open", "")];
    let [users, old, open] = responses;
    insta::assert_snapshot!(authorizer(&users), @r#"{"jwt":{"claims":{"address":"map[city:Ulm]","admin":"true","aud":"shop","cognito:groups":"[a b]","exp":"4102444800","iss":"https://issuer.invalid","sub":"ada"},"scopes":null}}"#);
    // The function echoes the event: its response in format 1.0 has no status.
    assert_eq!(old.status, 500);
    assert_eq!((open.status, authorizer(&open).as_str()), (200, "null"));

    // One of the scopes of the route suffices.
    let scoped = |path: &str, scopes: Value| {
        let token = token(scopes);
        let response = get(&dev, &format!("{path}?token={token}"), &token);
        let challenge = response.header("www-authenticate").unwrap_or_default().to_owned();
        let passed = if response.status == 200 { authorizer(&response) } else { String::new() };
        let scopes = passed.split_once("\"scopes\":").map_or("", |(_, scopes)| scopes);
        format!("{path} {} {challenge}{scopes}", response.status)
    };
    let table = [
        scoped("/query", json!({"scope": "write other"})),
        scoped("/query", json!({"scp": ["read"]})),
        scoped("/query", json!({"scope": "readonly"})),
        scoped("/query", json!({})),
        scoped("/scoped", json!({"scope": "delete"})),
        scoped("/scoped", json!({"scope": "read"})),
    ];
    insta::assert_snapshot!(table.join("\n"), @r#"
    /query 200 ["read","write"]}}
    /query 200 ["read","write"]}}
    /query 403 Bearer scope="read write" error="insufficient_scope" error_description="the token lacks the scopes"
    /query 403 Bearer scope="read write" error="insufficient_scope" error_description="the token lacks the scopes"
    /scoped 200 ["delete"]}}
    /scoped 403 Bearer scope="delete" error="insufficient_scope" error_description="the token lacks the scopes"
    "#);
    assert_eq!(dev.get("/query").status, 401);
}

/// An issuer on this machine that publishes its key.
struct Issuer {
    url: String,
    /// The id of its key; without one, it does not respond with keys.
    key: Arc<Mutex<Option<&'static str>>>,
    /// The number of times that it was asked for its key.
    asked: Arc<AtomicUsize>,
}

fn issuer() -> Issuer {
    let key = Arc::new(Mutex::new(Some("first")));
    let asked = Arc::<AtomicUsize>::default();
    let issuer = (Arc::clone(&key), Arc::clone(&asked));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let configuration = json!({ "jwks_uri": format!("{url}/keys") }).to_string();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            let body = match first.split(' ').nth(1) {
                Some("/.well-known/openid-configuration") => configuration.clone(),
                Some("/keys") => {
                    asked.fetch_add(1, Ordering::SeqCst);
                    key.lock().unwrap().map_or("gone".to_owned(), key_set)
                }
                _ => "{}".to_owned(),
            };
            let length = body.len();
            let _ = write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
        }
    });
    Issuer { url, key: issuer.0, asked: issuer.1 }
}

#[test]
fn reads_the_keys_again_for_a_token_with_another_key() {
    let issuer = issuer();
    let project = project();
    let dev = project.dev(&["--log", "raw", "--jwks", &format!("{}/keys", issuer.url)]);
    let status = |id: &str| get(&dev, "/users", &token_of(id, json!({}))).status;
    assert_eq!((status("first"), status("first")), (200, 200));
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 1);
    *issuer.key.lock().unwrap() = Some("second");
    // Until a token asks for another key, those that were read are valid.
    assert_eq!((status("first"), status("second"), status("first")), (200, 200, 401));
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 2);
    // A client that invents keys does not make `dev` ask each time.
    let invented = ["a", "b", "c"].map(status);
    assert_eq!((invented, issuer.asked.load(Ordering::SeqCst)), ([401; 3], 2));
    assert_eq!(status("second"), 200);
}

#[test]
fn keys_that_cannot_be_read_again_stay() {
    let issuer = issuer();
    let project = SocketProject::new(&TEMPLATE.replace("$ISSUER", &issuer.url));
    let dev = project.dev(&["--log", "raw"]);
    *issuer.key.lock().unwrap() = None;
    let status = |id| get(&dev, "/users", &token_of(id, json!({ "iss": issuer.url }))).status;
    assert_eq!(["first", "second", "third", "first"].map(status), [200, 401, 401, 200]);
    dev.wait_for("`third`");
    let log = normalise(&dev.log());
    let lines: Vec<_> = log.lines().filter(|line| line.contains("authorizer `Users`")).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    [CLOCK] GET /users 401 Main [TIME]: authorizer `Users`: the issuer has no key with the `kid` `second` of the token; the keys cannot be read again: it is not a JSON Web Key Set: expected value at line 1 column 1
    [CLOCK] GET /users 401 Main [TIME]: authorizer `Users`: the issuer has no key with the `kid` `third` of the token
    ");
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 2);
}

#[test]
fn finds_the_keys_of_an_issuer() {
    let issuer = issuer().url;
    let project = SocketProject::new(&TEMPLATE.replace("$ISSUER", &issuer));
    let valid = token(json!({ "iss": issuer }));
    let dev = project.dev(&["--log", "raw"]);
    assert_eq!(dev.warnings(), "");
    assert_eq!(get(&dev, "/users", &valid).status, 200);
    assert_eq!(get(&dev, "/users", "").status, 401);
    drop(dev);
    // The same keys by their own URL.
    let dev = project.dev(&["--log", "raw", "--jwks", &format!("{issuer}/keys")]);
    assert_eq!(get(&dev, "/users", &valid).status, 200);
    assert_eq!(get(&dev, "/users", "").status, 401);
    // A project that is read again keeps the keys.
    project.write_template(&(TEMPLATE.replace("$ISSUER", &issuer) + "\n"));
    dev.wait_for_builds(2);
    assert_eq!(get(&dev, "/users", "").status, 401);
}

#[test]
fn routes_are_open_without_keys_and_a_warning_says_so() {
    let project = SocketProject::new(&TEMPLATE.replace("$ISSUER", "http://127.0.0.1:1"));
    let dev = project.dev(&["--log", "raw"]);
    insta::assert_snapshot!(stable(&dev.warnings()), @"
    warning: the JWT authorizer `Users` cannot check tokens: the keys of `http://[ADDRESS]` cannot be read: `curl` failed: `curl: …`; these routes are open locally: `GET /users`, `GET /old`, `GET /scoped`
    hint: name a file or a URL with the keys of the issuer with `--jwks`
    warning: the JWT authorizer `ByQuery` cannot check tokens: the keys of `http://[ADDRESS]` cannot be read: `curl` failed: `curl: …`; these routes are open locally: `GET /query`
    hint: name a file or a URL with the keys of the issuer with `--jwks`
    ");
    assert_eq!(get(&dev, "/users", "").status, 200);
    drop(dev);
    let issuer = "!Sub 'https://cognito-idp.${AWS::Region}.amazonaws.com/${Pool}'";
    let project = SocketProject::new(&TEMPLATE.replace("$ISSUER", issuer));
    let dev = project.dev(&["--log", "raw"]);
    insta::assert_snapshot!(dev.warnings(), @"
    warning: the JWT authorizer `Users` cannot check tokens: its issuer is known only after deployment; these routes are open locally: `GET /users`, `GET /old`, `GET /scoped`
    hint: name a file or a URL with the keys of the issuer with `--jwks`
    warning: the JWT authorizer `ByQuery` cannot check tokens: its issuer is known only after deployment; these routes are open locally: `GET /query`
    hint: name a file or a URL with the keys of the issuer with `--jwks`
    ");
    assert_eq!(get(&dev, "/users", "").status, 200);
    drop(dev);
    // The signature is checked also if the issuer is not known.
    let dev = self::dev(&project);
    assert_eq!(dev.warnings(), "");
    assert_eq!(get(&dev, "/users", &token(json!({}))).status, 200);
    assert_eq!(get(&dev, "/users", "").status, 401);
}

#[test]
fn keys_that_cannot_be_read_are_an_error() {
    let project = project();
    project.write("no-json", "hello");
    project.write("no-keys.json", "{}");
    let run = |keys: &str| {
        let run = project.scaffold(&["dev", "--port", "0", "--jwks", keys]).run();
        assert_eq!(run.code, Some(1), "{run:?}");
        run.stderr
    };
    let errors = ["missing.json", "no-json", "no-keys.json", "http://127.0.0.1:1/keys"].map(run);
    insta::assert_snapshot!(stable(&errors.join("\n")), @r#"
    error: cannot read the keys in `missing.json`: No such file or directory (os error 2)
    hint: `--jwks` names a JSON Web Key Set: `{"keys": [{"kty": "RSA", "kid": …, "n": …, "e": …}]}`

    error: cannot read the keys in `no-json`: it is not a JSON Web Key Set: expected value at line 1 column 1
    hint: `--jwks` names a JSON Web Key Set: `{"keys": [{"kty": "RSA", "kid": …, "n": …, "e": …}]}`

    error: cannot read the keys in `no-keys.json`: it is not a JSON Web Key Set: missing field `keys` at line 1 column 2
    hint: `--jwks` names a JSON Web Key Set: `{"keys": [{"kty": "RSA", "kid": …, "n": …, "e": …}]}`

    error: cannot read the keys in `http://127.0.0.1:1/keys`: `curl` failed: `curl: …`
    hint: `--jwks` names a JSON Web Key Set: `{"keys": [{"kty": "RSA", "kid": …, "n": …, "e": …}]}`
    "#);
}
