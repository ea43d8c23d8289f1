//! The integration timeouts of APIs in `scaffold dev`.

use lambda_native_tests::dev::SocketProject;
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
      Events:
        Rest: {Type: Api, Properties: {Path: '/do/{order}', Method: GET, TimeoutInMillis: 300}}
        Http: {Type: HttpApi, Properties: {Path: '/do/{order}', Method: POST, TimeoutInMillis: 300}}
";

#[test]
fn an_api_waits_for_a_function_as_long_as_the_template_says() {
    let project = SocketProject::new(TEMPLATE);
    let dev = project.dev(&["--log", "raw"]);
    let answers = ["GET", "POST"].map(|method| {
        let answer = dev.request(&format!("{method} /do/wait"), &[], b"");
        (answer.status, answer.body)
    });
    // The function goes on, as on Lambda.
    project.open_gate();
    assert_eq!(
        answers,
        [
            (504, r#"{"message": "Endpoint request timed out"}"#.to_owned()),
            (503, r#"{"message":"Service Unavailable"}"#.to_owned()),
        ]
    );
    dev.wait_for("POST /do/wait 503");
    let log = normalise(&dev.log());
    let lines: Vec<_> = log.lines().filter(|line| line.contains("the limit of the API")).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    [CLOCK] GET /do/wait 504 Main [TIME]: no response within 0.3 seconds, the limit of the API
    [CLOCK] POST /do/wait 503 Main [TIME]: no response within 0.3 seconds, the limit of the API
    ");
}
