//! Who may connect to `scaffold dev`, and what its functions get of the user.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::LazyLock;

use lambda_native_tests::command::Scaffold;
use lambda_native_tests::dev::{Dev, ONE_FUNCTION, Response, SocketProject, send};
use lambda_native_tests::snapshot::normalise;

/// A project that no test changes, built once.
static PROJECT: LazyLock<SocketProject> = LazyLock::new(|| {
    let cors = "CorsConfiguration: {AllowOrigins: ['https://shop.test']}";
    SocketProject::new(&format!("{ONE_FUNCTION}Globals: {{HttpApi: {{{cors}}}}}\n"))
});

const INVOKE: &str = "POST /2015-03-31/functions/Main/invocations";
const STREAM: &str = "POST /2021-11-15/functions/Main/response-streaming-invocations";

#[test]
fn web_pages_reach_no_function() {
    let dev = PROJECT.dev(&["--allowed-host", "app.test"]);
    let mut seen = String::new();
    for (call, headers) in [
        // A page of another site, as a simple request.
        (INVOKE, &[("Content-Type", "text/plain"), ("Origin", "https://evil.test")] as &[_]),
        (INVOKE, &[("Sec-Fetch-Site", "cross-site")]),
        (INVOKE, &[("Origin", "null")]),
        (STREAM, &[("Origin", "https://evil.test")]),
        // A page whose name leads here.
        (INVOKE, &[("Host", "evil.test:3000"), ("Origin", "http://evil.test:3000")]),
        (INVOKE, &[("Host", "evil.test:3000")]),
        ("GET /do/version", &[("Host", "evil.test")]),
        ("GET http://evil.test/do/version", &[]),
        ("GET /do/version", &[("Host", "localhost"), ("Host", "evil.test")]),
        // Names of this machine.
        (INVOKE, &[("Host", "127.0.0.1:3000"), ("Sec-Fetch-Site", "none")]),
        (INVOKE, &[("Host", "app.test"), ("Origin", "http://app.test")]),
        (INVOKE, &[("Host", "api.localhost:3000"), ("Origin", "http://localhost:5173")]),
        (STREAM, &[("Host", "[::1]:3000")]),
        // The API has its own rules for other sites.
        ("GET /do/version", &[("Origin", "https://shop.test"), ("Sec-Fetch-Site", "cross-site")]),
        ("GET /do/version", &[("Origin", "https://evil.test"), ("Sec-Fetch-Site", "cross-site")]),
    ] {
        let response = dev.request(call, headers, b"\"version\"");
        // A stream has a binary form.
        let body = if response.body.contains('\0') { "(stream)" } else { response.body.trim() };
        writeln!(seen, "{call} {headers:?}\n    {} {body}", response.status).unwrap();
        for name in ["x-amzn-errortype", "access-control-allow-origin"] {
            if let Some(value) = response.header(name) {
                writeln!(seen, "    {name}: {value}").unwrap();
            }
        }
    }
    insta::assert_snapshot!(seen, @r#"
    POST /2015-03-31/functions/Main/invocations [("Content-Type", "text/plain"), ("Origin", "https://evil.test")]
        403 {"Message":"web pages of `https://evil.test` must not call this API","Type":"User"}
        x-amzn-errortype: AccessDeniedException
    POST /2015-03-31/functions/Main/invocations [("Sec-Fetch-Site", "cross-site")]
        403 {"Message":"web pages of other sites must not call this API","Type":"User"}
        x-amzn-errortype: AccessDeniedException
    POST /2015-03-31/functions/Main/invocations [("Origin", "null")]
        403 {"Message":"web pages of `null` must not call this API","Type":"User"}
        x-amzn-errortype: AccessDeniedException
    POST /2021-11-15/functions/Main/response-streaming-invocations [("Origin", "https://evil.test")]
        403 {"Message":"web pages of `https://evil.test` must not call this API","Type":"User"}
        x-amzn-errortype: AccessDeniedException
    POST /2015-03-31/functions/Main/invocations [("Host", "evil.test:3000"), ("Origin", "http://evil.test:3000")]
        403 {"Message":"`evil.test` is not a name of this machine (see `scaffold dev --allowed-host`)","Type":"User"}
        x-amzn-errortype: AccessDeniedException
    POST /2015-03-31/functions/Main/invocations [("Host", "evil.test:3000")]
        403 {"Message":"`evil.test` is not a name of this machine (see `scaffold dev --allowed-host`)","Type":"User"}
        x-amzn-errortype: AccessDeniedException
    GET /do/version [("Host", "evil.test")]
        403 `evil.test` is not a name of this machine (see `scaffold dev --allowed-host`)
    GET http://evil.test/do/version []
        403 `evil.test` is not a name of this machine (see `scaffold dev --allowed-host`)
    GET /do/version [("Host", "localhost"), ("Host", "evil.test")]
        400 the request has more than one `Host` header
    POST /2015-03-31/functions/Main/invocations [("Host", "127.0.0.1:3000"), ("Sec-Fetch-Site", "none")]
        200 "one"
    POST /2015-03-31/functions/Main/invocations [("Host", "app.test"), ("Origin", "http://app.test")]
        200 "one"
    POST /2015-03-31/functions/Main/invocations [("Host", "api.localhost:3000"), ("Origin", "http://localhost:5173")]
        200 "one"
    POST /2021-11-15/functions/Main/response-streaming-invocations [("Host", "[::1]:3000")]
        200 (stream)
    GET /do/version [("Origin", "https://shop.test"), ("Sec-Fetch-Site", "cross-site")]
        200 one
        access-control-allow-origin: https://shop.test
    GET /do/version [("Origin", "https://evil.test"), ("Sec-Fetch-Site", "cross-site")]
        200 one
    "#);
    dev.wait_until("nine refusals", |log| log.matches("\nrefused ").count() == 9);
    let log = normalise(&dev.log());
    let refused: Vec<_> = log.lines().filter(|line| line.starts_with("refused ")).collect();
    insta::assert_snapshot!(refused.join("\n"), @"
    refused POST /2015-03-31/functions/Main/invocations: web pages of `https://evil.test` must not call this API
    refused POST /2015-03-31/functions/Main/invocations: web pages of other sites must not call this API
    refused POST /2015-03-31/functions/Main/invocations: web pages of `null` must not call this API
    refused POST /2021-11-15/functions/Main/response-streaming-invocations: web pages of `https://evil.test` must not call this API
    refused POST /2015-03-31/functions/Main/invocations: `evil.test` is not a name of this machine (see `scaffold dev --allowed-host`)
    refused POST /2015-03-31/functions/Main/invocations: `evil.test` is not a name of this machine (see `scaffold dev --allowed-host`)
    refused GET /do/version: `evil.test` is not a name of this machine (see `scaffold dev --allowed-host`)
    refused GET /do/version: `evil.test` is not a name of this machine (see `scaffold dev --allowed-host`)
    refused GET /do/version: the request has more than one `Host` header
    ");
}

#[test]
fn a_request_names_its_host() {
    let dev = PROJECT.dev(&[]);
    let ask = |head: &str| {
        let mut stream = dev.connect();
        stream.write_all(head.as_bytes()).unwrap();
        Response::read(stream).status
    };
    assert_eq!(ask("GET /do/version HTTP/1.1\r\nConnection: close\r\n\r\n"), 400);
    assert_eq!(ask("GET /do/version HTTP/1.0\r\n\r\n"), 200);
}

#[test]
fn web_pages_do_not_reach_the_runtime_api() {
    let dev = PROJECT.dev(&["--log", "aws"]);
    let environment = dev.invoke("Main", &[], "\"environment\"").body;
    // The invocation is over: the function waits for the next.
    dev.wait_for("REPORT RequestId: ");
    let api = environment.lines().find_map(|line| line.strip_prefix("AWS_LAMBDA_RUNTIME_API="));
    let api = api.expect(&environment);
    let ask = |headers: &[(&str, &str)]| {
        let mut stream = TcpStream::connect(api).unwrap();
        send(&mut stream, "POST /2018-06-01/runtime/init/error", headers, b"{}");
        Response::read(stream).body
    };
    insta::assert_snapshot!(
        [
            ask(&[("Origin", "https://evil.test")]),
            ask(&[("Sec-Fetch-Site", "cross-site")]),
            ask(&[("Host", "evil.test")]),
            ask(&[]),
        ]
        .concat(),
        @r#"
    {"errorType":"AccessDenied","errorMessage":"web pages of `https://evil.test` must not call this API"}
    {"errorType":"AccessDenied","errorMessage":"web pages of other sites must not call this API"}
    {"errorType":"AccessDenied","errorMessage":"`evil.test` is not a name of this machine (see `scaffold dev --allowed-host`)"}
    {"errorType":"InvalidStateTransition","errorMessage":"State transition from Ready to InitError failed for runtime. Error: State transition is not allowed"}
    "#
    );
}

#[test]
fn idle_clients_shut_nobody_out() {
    let scaffold = Scaffold::after("ulimit -n 64", &["dev", "--port", "0"]);
    let dev = Dev::start(scaffold.current_dir(&PROJECT.path()));
    dev.wait_for_builds(1);
    let idle: Vec<_> = (0..64).map(|_| dev.connect()).collect();
    assert_eq!(dev.get("/do/version").pair(), (200, "one"));
    // They were closed to make room.
    let closed = idle.into_iter().filter(|mut idle| {
        idle.set_nonblocking(true).unwrap();
        matches!(idle.read(&mut [0]), Ok(0))
    });
    assert!(closed.count() >= 32);
}

#[test]
fn credentials_can_be_withheld() {
    // `scaffold invoke` would send the event to the `scaffold dev` of another test.
    let project = SocketProject::new(ONE_FUNCTION);
    let file = project.path().join("credentials");
    let run = |command: &[&str]| {
        let mut scaffold = project.scaffold(command);
        scaffold.command().envs([
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_SESSION_TOKEN", "token"),
            ("AWS_PROFILE", "work"),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "token"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials"),
            ("AWS_SHARED_CREDENTIALS_FILE", file.to_str().unwrap()),
        ]);
        scaffold
    };
    let [event, flag] = ["\"credentials\"", "--no-credentials"];
    let withheld = "AWS_CONFIG_FILE=/dev/null\nAWS_EC2_METADATA_DISABLED=true\n\
                    AWS_SHARED_CREDENTIALS_FILE=/dev/null\n";
    let given = run(&["invoke", "--data", event]).run().success();
    for variable in ["AWS_ACCESS_KEY_ID=AKIA\n", "AWS_PROFILE=work\n", "AWS_SESSION_TOKEN=token\n"]
    {
        assert!(given.contains(variable), "{given}");
    }
    // Those in files and on the command line too.
    project.write(".env", "AWS_PROFILE=home\nAWS_ROLE_ARN=arn\n");
    let own = ["--env", "AWS_DEFAULT_PROFILE=home"];
    let command = [&["invoke", flag, "--data", event], &own[..]].concat();
    assert_eq!(run(&command).run().success(), withheld);

    let dev = Dev::start(run(&["dev", "--port", "0", flag]));
    dev.wait_for_builds(1);
    assert_eq!(dev.invoke("Main", &[], event).body + "\n", withheld);
}
