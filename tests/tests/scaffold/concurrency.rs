//! `scaffold dev` as Lambda Managed Instances, and with functions that isolate their tenants.

use std::thread;

use lambda_native_tests::command::program;
use lambda_native_tests::dev::{Dev, Response, SocketProject};
use lambda_native_tests::project::Project;
use lambda_native_tests::runtime_api::{Answer, RuntimeApi};
use lambda_native_tests::snapshot::normalise;

/// A function that takes three invocations at a time, and one that takes one after the other.
const MANAGED: &str = "
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    CodeUri: .
    Handler: bootstrap
    Runtime: provided.al2023
    Timeout: 60
    Environment:
      Variables:
        GATE: $GATE
Resources:
  Many:
    Type: AWS::Serverless::Function
    Properties:
      CapacityProviderConfig:
        Arn: !GetAtt Provider.Arn
        PerExecutionEnvironmentMaxConcurrency: 3
      FunctionUrlConfig: {AuthType: NONE, InvokeMode: RESPONSE_STREAM}
  Hasty:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 1
      CapacityProviderConfig:
        Arn: !GetAtt Provider.Arn
        PerExecutionEnvironmentMaxConcurrency: 2
  Single:
    Type: AWS::Serverless::Function
";

/// Sends an event several times at once, and returns the bodies of the responses.
fn invoke_at_once(dev: &Dev, count: usize, function: &str, event: &str) -> Vec<String> {
    thread::scope(|scope| {
        let send = || dev.invoke(function, &[], event).body;
        let sent: Vec<_> = (0..count).map(|_| scope.spawn(send)).collect();
        sent.into_iter().map(|response| response.join().unwrap()).collect()
    })
}

/// The variables of a function that concern its concurrency.
fn variables(dev: &Dev, function: &str) -> String {
    let all = dev.invoke(function, &[], "\"environment\"").body;
    let names = ["CONCURRENCY", "LOG_FORMAT", "INITIALIZATION_TYPE"];
    let some = all.lines().filter(|line| names.iter().any(|name| line.contains(name)));
    some.collect::<Vec<_>>().join("\n")
}

#[test]
fn gives_one_process_several_invocations_at_a_time() {
    let project = SocketProject::new(MANAGED);
    let dev = project.dev(&["--concurrency", "1", "--log", "text"]);
    let processes = invoke_at_once(&dev, 3, "Many", "\"meet\"");
    assert!(processes.iter().all(|process| *process == processes[0]), "{processes:?}");
    insta::assert_snapshot!(variables(&dev, "Many"), @"
    AWS_LAMBDA_INITIALIZATION_TYPE=lambda-managed-instances
    AWS_LAMBDA_LOG_FORMAT=JSON
    AWS_LAMBDA_MAX_CONCURRENCY=3
    ");
    insta::assert_snapshot!(variables(&dev, "Single"), @"
    AWS_LAMBDA_INITIALIZATION_TYPE=on-demand
    AWS_LAMBDA_LOG_FORMAT=Text
    ");
    // More invocations than one process takes wait for it.
    let more = invoke_at_once(&dev, 9, "Many", "\"meet\"");
    assert!(more.iter().all(|process| *process == processes[0]), "{more:?}");
    dev.wait_until("all lines", |log| log.matches("meeting").count() == 12);
    // The lines of the functions stand below those of their requests.
    let log = normalise(&dev.log());
    let log = log.split_once("press Ctrl-C to stop\n").unwrap().1;
    let first = log.lines().next().unwrap();
    assert!(first.starts_with("[CLOCK] Invoke 200 Many [TIME]"), "{log}");
    assert_eq!(log.matches("  Many | INFO meeting\n").count(), 12, "{log}");
    assert_eq!(log.matches(" cold").count(), 2, "{log}");
}

#[test]
fn the_flag_applies_to_all_functions() {
    let project = SocketProject::new(MANAGED);
    let dev = project.dev(&["--max-concurrency", "6", "--concurrency", "1"]);
    for function in ["Many", "Single"] {
        let processes = invoke_at_once(&dev, 6, function, "\"meet\"");
        assert!(processes.iter().all(|process| *process == processes[0]), "{processes:?}");
        assert!(variables(&dev, function).contains("AWS_LAMBDA_MAX_CONCURRENCY=6"));
    }
}

#[test]
fn a_timeout_does_not_end_the_other_invocations() {
    let project = SocketProject::new(MANAGED);
    let dev = project.dev(&["--log", "raw"]);
    let process = dev.invoke("Hasty", &[], "\"process\"").body;
    let late = dev.invoke("Hasty", &[], "\"respond late\"").body;
    assert!(late.contains("Task timed out after 1.00 seconds"), "{late}");
    assert_eq!(dev.invoke("Hasty", &[], "\"process\"").body, process);
    // Lambda no longer takes the response.
    dev.wait_for("Hasty | status 410\n");
    let both = invoke_at_once(&dev, 2, "Hasty", "\"process\"");
    assert_eq!(both, [process.clone(), process]);
}

#[test]
fn the_end_of_a_process_fails_all_its_invocations() {
    let project = SocketProject::new(MANAGED);
    let dev = project.dev(&["--concurrency", "1", "--log", "text"]);
    let process = dev.invoke("Many", &[], "\"process\"").body;
    thread::scope(|scope| {
        let waiting: Vec<_> =
            (0..2).map(|_| scope.spawn(|| dev.invoke("Many", &[], "\"wait\"").body)).collect();
        dev.wait_until("both", |log| log.matches("waiting\n").count() == 2);
        let exited = dev.invoke("Many", &[], "\"exit\"").body;
        assert!(exited.contains("Runtime exited with error: exit status 3"), "{exited}");
        for response in waiting {
            let response = response.join().unwrap();
            assert!(response.contains("Runtime exited with error: exit status 3"), "{response}");
        }
    });
    assert_ne!(dev.invoke("Many", &[], "\"process\"").body, process);
    assert!(!dev.log().contains("exited between invocations"), "{}", dev.log());
}

#[test]
fn streams_several_responses_of_one_process() {
    let project = SocketProject::new(MANAGED);
    let dev = project.dev(&["--concurrency", "1"]);
    thread::scope(|scope| {
        let streams: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| dev.request("GET /do/stream-in-parts", &[], b"")))
            .collect();
        project.open_gate();
        for response in streams {
            let Response { status, body, .. } = response.join().unwrap();
            assert_eq!((status, body.as_str()), (200, "5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n"));
        }
    });
}

#[test]
fn a_new_version_replaces_a_process_that_is_busy() {
    let project = SocketProject::new(MANAGED);
    let dev = project.dev(&["--concurrency", "1", "--log", "text"]);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| dev.invoke("Many", &[], "\"wait\"").body);
        dev.wait_for("waiting\n");
        project.write_version("two");
        dev.wait_for_builds(2);
        assert_eq!(dev.invoke("Many", &[], "\"version\"").body, "\"two\"");
        project.open_gate();
        assert_eq!(waiting.join().unwrap(), "\"one\"");
    });
}

#[test]
fn a_program_without_the_feature_says_so_and_takes_one_event_after_the_other() {
    // The function fails: that makes no difference here.
    let script = [Answer::event("1", "{}"), Answer::accepted(), Answer::wait()];
    let project = Project::new(&["--template", "function"]);
    let mut function = program(project.bootstrap());
    function.env("AWS_LAMBDA_MAX_CONCURRENCY", "2");
    let run = RuntimeApi::start(script).run(&mut function, 3);
    let warning: Vec<_> = run.stderr.lines().take(2).collect();
    insta::assert_snapshot!(warning.join("\n"), @"
    WARN Lambda offers 2 invocations at a time, and this process takes one after the other
    hint: add the feature `concurrency` to `lambda-native` in `Cargo.toml`
    ");
    assert_eq!(run.connections, 1);
}

/// A function that isolates its tenants, with a route, and one that does not.
const TENANTS: &str = "
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {CodeUri: ., Handler: bootstrap, Runtime: provided.al2023, Timeout: 60}
Resources:
  Isolated:
    Type: AWS::Serverless::Function
    Properties:
      TenancyConfig: {TenantIsolationMode: PER_TENANT}
      Events:
        Get: {Type: Api, Properties: {Path: /do/tenant, Method: GET}}
  Shared:
    Type: AWS::Serverless::Function
";

#[test]
fn keeps_the_instances_of_tenants_apart() {
    let project = SocketProject::new(TENANTS);
    let dev = project.dev(&["--concurrency", "2", "--log", "raw"]);
    let of =
        |tenant: &str| dev.invoke("Isolated", &[("X-Amz-Tenant-Id", tenant)], "\"tenant\"").body;
    let counts = ["blue", "green", "blue", "green", "blue"].map(of);
    assert_eq!(counts, ["blue 1", "green 1", "blue 2", "green 2", "blue 3"]);
    // Room is made for a third tenant.
    assert_eq!(["red", "blue", "green"].map(of), ["red 1", "blue 4", "green 1"]);
    let id = "a-Z_9.:/=+@ b";
    assert_eq!(of(id), format!("{id} 1"));
}

#[test]
fn refuses_invocations_without_a_tenant_and_tenants_of_other_functions() {
    let project = SocketProject::new(TENANTS);
    let dev = project.dev(&["--log", "raw"]);
    let send = |function: &str, headers: &[(&str, &str)]| {
        let response = dev.invoke(function, headers, "\"tenant\"");
        let kind = response.header("x-amzn-errortype").unwrap_or_default();
        format!("{} {kind} {}", response.status, response.body)
    };
    let tenant = |id| [("X-Amz-Tenant-Id", id)];
    let event = ("X-Amz-Invocation-Type", "Event");
    let long = "x".repeat(257);
    let responses = [
        send("Isolated", &[]),
        send("Isolated", &[event]),
        send("Isolated", &tenant("a#b")),
        send("Isolated", &tenant("")),
        send("Shared", &tenant("blue")),
        send("Shared", &[]),
    ];
    insta::assert_snapshot!(responses.join("\n"), @r#"
    400 InvalidParameterValueException {"Type":"User","message":"The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again."}
    400 InvalidParameterValueException {"Type":"User","message":"The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again."}
    400 ValidationException {"Message":"1 validation error detected: Value 'a#b' at 'tenantId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9\\._:\\/=+\\-@ ]+, with 1 to 256 characters","Type":"User"}
    400 ValidationException {"Message":"1 validation error detected: Value '' at 'tenantId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9\\._:\\/=+\\-@ ]+, with 1 to 256 characters","Type":"User"}
    400 InvalidParameterValueException {"Type":"User","message":"The invoked function is not enabled with tenancy configuration. Remove the tenant ID from your request and try again."}
    200  nobody 1
    "#);
    assert!(send("Isolated", &tenant(&long)).starts_with("400 ValidationException"));
    // No route of an API passes a tenant on here.
    assert_eq!(dev.get("/do/tenant").status, 502);
    dev.wait_for("GET /do/tenant 502 Isolated");
    insta::assert_snapshot!(normalise(dev.log().lines().last().unwrap()), @"[CLOCK] GET /do/tenant 502 Isolated [TIME]: The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again.");
}

#[test]
fn invoke_names_a_tenant() {
    let project = SocketProject::new(TENANTS);
    let invoke = |arguments: &[&str]| {
        let arguments = [&["invoke", "--data", "\"tenant\""], arguments].concat();
        project.scaffold(&arguments).run()
    };
    assert_eq!(invoke(&["Isolated", "--tenant-id", "blue"]).success(), "blue 1\n");
    let without = invoke(&["Isolated"]);
    let other = invoke(&["Shared", "--tenant-id", "blue"]);
    let wrong = invoke(&["Isolated", "--tenant-id", "a#b"]);
    assert_eq!([without.code, other.code, wrong.code], [Some(2); 3]);
    insta::assert_snapshot!([without, other, wrong].map(|run| run.stderr).join("\n"), @"
    error: `Isolated` isolates its tenants (`TenancyConfig`)
    hint: name a tenant with `--tenant-id`

    error: `--tenant-id` is for functions that isolate their tenants, and `Shared` does not
    hint: set `TenancyConfig` in the template, or omit the flag

    error: invalid value 'a#b' for '--tenant-id <ID>': expected up to 256 letters, digits, spaces and `._:/=+-@`

    For more information, try '--help'.
    ");
    let dev = project.dev(&[]);
    assert_eq!(invoke(&["Isolated", "--tenant-id", "green"]).success(), "green 1\n");
    assert_eq!(invoke(&["Isolated", "--tenant-id", "green"]).success(), "green 2\n");
    drop(dev);
}
