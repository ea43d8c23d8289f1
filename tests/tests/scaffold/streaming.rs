//! Streamed responses through `scaffold dev`: those of REST APIs, and the limits of Lambda.

use std::io::Read;

use lambda_native_tests::dev::{Dev, Response, SocketProject, send};
use lambda_native_tests::snapshot::normalise;

const TEMPLATE: &str = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Main:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: bootstrap
      Runtime: provided.al2023
      Timeout: 60
      Environment:
        Variables:
          GATE: $GATE
      FunctionUrlConfig: {AuthType: NONE, InvokeMode: RESPONSE_STREAM}
      Events:
        Streamed:
          Type: Api
          Properties: {Path: '/do/{order}', Method: GET, ResponseTransferMode: RESPONSE_STREAM}
        Buffered: {Type: Api, Properties: {Path: '/do/{order}', Method: POST}}
";

const MEGABYTE: usize = 1024 * 1024;

/// The lines about requests in the log.
fn requests(dev: &Dev) -> String {
    let log = normalise(&dev.log());
    log.split_once("press Ctrl-C to stop\n").unwrap().1.to_owned()
}

#[test]
fn a_route_of_a_rest_api_streams_while_the_function_writes() {
    let project = SocketProject::new(TEMPLATE);
    let dev = project.dev(&["--log", "raw"]);
    dev.wait_for("press Ctrl-C to stop\n");
    let table = normalise(&dev.log());
    let table: Vec<_> = table.lines().filter(|line| line.contains("Main  ")).collect();
    insta::assert_snapshot!(table.join("\n"), @"
    GET  http://[ADDRESS]/do/{order}  Main  REST API, streaming
    POST http://[ADDRESS]/do/{order}  Main  REST API
    ANY  http://[ADDRESS]/Main/       Main  function URL, streaming
    ");

    let mut stream = dev.connect();
    send(&mut stream, "GET /do/stream-with-a-prelude", &[], b"");
    // The first part arrives while the function waits.
    let mut start = Vec::new();
    while !String::from_utf8_lossy(&start).contains("first") {
        let mut bytes = [0; 1024];
        let count = stream.read(&mut bytes).unwrap();
        assert_ne!(count, 0, "{}", String::from_utf8_lossy(&start));
        start.extend_from_slice(&bytes[..count]);
    }
    let head = String::from_utf8_lossy(&start).into_owned();
    assert!(head.starts_with("HTTP/1.1 201 Created\r\n"), "{head}");
    assert!(head.contains("x-a: 1\r\nx-a: 2\r\n"), "{head}");
    project.open_gate();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("second"), "{rest}");

    // The other method is not streamed: the function's stream is collected, and is not JSON.
    assert_eq!(dev.request("POST /do/stream-with-a-prelude", &[], b"").status, 502);
    // Without a prelude, or without a stream, API Gateway has no head for the response.
    for order in ["stream-in-parts", "version", "error"] {
        assert_eq!(dev.get(&format!("/do/{order}")).status, 502, "{order}");
    }
    dev.wait_for("GET /do/error 502");
    insta::assert_snapshot!(requests(&dev), @"
    [CLOCK] GET /do/stream-with-a-prelude 201 Main [TIME] cold
    [CLOCK] POST /do/stream-with-a-prelude 502 Main [TIME]: invalid response: the response is not JSON: trailing characters at line 1 column 57
    [CLOCK] GET /do/stream-in-parts 502 Main [TIME]: invalid response: the streamed response ended after 11 bytes, before the end of its prelude
    [CLOCK] GET /do/version 502 Main [TIME]: invalid response: the response is not streamed, and the route of the REST API expects a stream
    [CLOCK] GET /do/error 502 Main [TIME]: the function failed: OutOfStock: no oranges
    ");
}

/// Reads a response in parts, and returns its status and the length of what follows the head.
fn length_of(dev: &Dev, path: &str) -> (u16, usize) {
    let mut stream = dev.connect();
    send(&mut stream, &format!("GET {path}"), &[], b"");
    let mut bytes = vec![0; MEGABYTE];
    let mut first = Vec::new();
    let mut length = 0;
    // A response that is cut off can end with an error.
    while let Ok(count @ 1..) = stream.read(&mut bytes) {
        length += count;
        if first.len() < 16 {
            first.extend_from_slice(&bytes[..count]);
        }
    }
    let status = String::from_utf8_lossy(&first).split(' ').nth(1).unwrap().parse().unwrap();
    (status, length)
}

#[test]
fn streams_up_to_the_limit_of_lambda_in_little_memory() {
    let project = SocketProject::new(TEMPLATE);
    let dev = project.dev(&["--log", "raw"]);
    let _ = length_of(&dev, "/do/stream-MB-20");
    let before = dev.peak_memory();
    for path in ["/do/stream-MB-199", "/Main/do/stream-MB-199"] {
        let (status, length) = length_of(&dev, path);
        assert_eq!(status, 200, "{path}");
        assert!(length >= 199 * MEGABYTE, "{path}: {length}");
    }
    dev.wait_until("two streams", |log| log.matches("status 202").count() == 3);
    // Of a larger response, the client gets as much as the limit, apart from what was not sent yet.
    let (status, length) = length_of(&dev, "/do/stream-MB-240");
    assert_eq!(status, 200);
    assert!((198 * MEGABYTE..201 * MEGABYTE).contains(&length), "{length}");
    dev.wait_for("streamed response cut off: the response has ");
    assert!(dev.log().contains("Lambda's limit is 209715200\n"), "{}", dev.log());
    let more = dev.peak_memory() - before;
    assert!(more < 32 * 1024 * 1024, "{more} bytes more");
    let Response { status, .. } = dev.request("POST /do/version", &[], b"");
    assert_eq!(status, 502);
}
