//! The state of an execution: what updates, time and other programs change.

use std::time::Duration;

use insta::assert_snapshot;
use regex::Regex;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::envelope::EnvelopeResponse;
use super::execution::{Checkpoint, Execution, ExecutionStatus, Next, NotOpen, OperationOutcome};
use super::history::HistoryPage;
use super::identity::ExecutionId;
use super::operation::{ErrorObject, TimeUnit};
use super::report;

/// This many seconds after the start.
fn at(seconds: u64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds)
}

fn execution() -> Execution {
    let id = ExecutionId::new("Orders", Some("first"));
    Execution::new(id, "{\"a\":1}".to_owned(), Duration::from_secs(1000), at(0))
}

/// An execution whose function runs, with the token of its next checkpoint.
struct Running {
    execution: Execution,
    token: String,
}

impl Running {
    fn new() -> Self {
        let mut execution = execution();
        let event = event(execution.next(at(0)));
        Self { execution, token: event["CheckpointToken"].as_str().unwrap().to_owned() }
    }

    /// Sends a checkpoint with these updates.
    fn checkpoint(&mut self, now: u64, updates: Value) -> Result<Vec<String>, String> {
        let request = json!({ "CheckpointToken": self.token, "Updates": updates });
        let exists = |name: &str| name == "Price";
        let request = serde_json::from_value::<Checkpoint>(request).map_err(|it| it.to_string())?;
        let (answer, invocations) = self.execution.checkpoint(request, exists, at(now))?;
        self.token = answer.token;
        let invocations = invocations.into_iter().map(|it| format!("invoke {it:?}"));
        Ok(answer.operations.iter().map(short).chain(invocations).collect())
    }

    /// Completes a step with a result of 1 MB.
    fn write(&mut self, id: usize) -> Result<(), String> {
        let result = "x".repeat(1024 * 1024);
        let step = json!({ "Id": format!("s{id}"), "Type": "STEP", "Action": "SUCCEED", "Payload": result });
        self.checkpoint(0, json!([step])).map(drop)
    }

    /// Ends the invocation.
    fn suspend(&mut self, now: u64) {
        self.execution.finish(Ok(Ok(EnvelopeResponse::Pending)), at(now));
    }

    /// Begins the next invocation, and returns its operations.
    fn resume(&mut self, now: u64) -> Vec<String> {
        let event = event(self.execution.next(at(now)));
        self.token = event["CheckpointToken"].as_str().unwrap().to_owned();
        let operations = event["InitialExecutionState"]["Operations"].as_array().unwrap();
        operations.iter().skip(1).map(short).collect()
    }
}

fn event(next: Next) -> Value {
    match next {
        Next::Invoke(event) => serde_json::from_slice(&event).unwrap(),
        next => panic!("{next:?}"),
    }
}

/// An operation without its times, with ids of random characters replaced.
fn short(operation: &Value) -> String {
    let mut operation = operation.clone();
    let fields = operation.as_object_mut().unwrap();
    fields.retain(|name, _| !name.ends_with("Timestamp"));
    Regex::new("[0-9a-f]{32}").unwrap().replace_all(&operation.to_string(), "[ID]").into_owned()
}

fn step(action: &str, more: Value) -> Value {
    let mut update = json!({ "Id": "s", "Name": "fetch", "Type": "STEP", "Action": action });
    update.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    update
}

#[test]
fn the_event_has_the_input_and_a_token() {
    let mut execution = execution();
    let mut event = event(execution.next(at(0)));
    event["CheckpointToken"] = "[TOKEN]".into();
    event["DurableExecutionArn"] =
        event["DurableExecutionArn"].as_str().unwrap().rsplit_once('/').unwrap().0.into();
    event["InitialExecutionState"]["Operations"][0]["Id"] = "[ID]".into();
    assert_snapshot!(serde_json::to_string_pretty(&event).unwrap(), @r#"
    {
      "CheckpointToken": "[TOKEN]",
      "DurableExecutionArn": "arn:aws:lambda:us-east-1:012345678912:function:Orders:$LATEST/durable-execution/first",
      "InitialExecutionState": {
        "NextMarker": "",
        "Operations": [
          {
            "ExecutionDetails": {
              "InputPayload": "{\"a\":1}"
            },
            "Id": "[ID]",
            "Name": "first",
            "StartTimestamp": 1800000000000,
            "Status": "STARTED",
            "Type": "EXECUTION"
          }
        ]
      },
      "UpdatedOperationIds": []
    }
    "#);
    assert_eq!(execution.next(at(0)), Next::Wait(Some(at(1000))));
}

#[test]
fn a_step_succeeds_fails_or_is_attempted_again() {
    let mut running = Running::new();
    let started = running.checkpoint(0, json!([step("START", json!({}))])).unwrap();
    let retry = json!({
        "StepOptions": { "NextAttemptDelaySeconds": 5 },
        "Error": { "ErrorType": "Busy", "ErrorMessage": "later" },
    });
    let pending = running.checkpoint(1, json!([step("RETRY", retry)])).unwrap();
    running.suspend(1);
    assert_eq!(running.execution.next(at(2)), Next::Wait(Some(at(6))));
    let ready = running.resume(6);
    let ended = json!([step("START", json!({})), step("SUCCEED", json!({ "Payload": "7" }))]);
    let succeeded = running.checkpoint(7, ended).unwrap();
    let other =
        json!([{ "Id": "t", "Type": "STEP", "Action": "FAIL", "Error": { "ErrorType": "No" } }]);
    let failed = running.checkpoint(8, other).unwrap();
    let all = [started, pending, ready, succeeded, failed].concat();
    assert_snapshot!(all.join("\n"), @r#"
    {"Id":"s","Name":"fetch","Status":"STARTED","StepDetails":{"Attempt":0},"Type":"STEP"}
    {"Id":"s","Name":"fetch","Status":"PENDING","StepDetails":{"Attempt":1,"Error":{"ErrorMessage":"later","ErrorType":"Busy"},"NextAttemptTimestamp":1800000006.0},"Type":"STEP"}
    {"Id":"s","Name":"fetch","Status":"READY","StepDetails":{"Attempt":1,"Error":{"ErrorMessage":"later","ErrorType":"Busy"}},"Type":"STEP"}
    {"Id":"s","Name":"fetch","Status":"SUCCEEDED","StepDetails":{"Attempt":2,"Result":"7"},"Type":"STEP"}
    {"Id":"t","Status":"FAILED","StepDetails":{"Attempt":1,"Error":{"ErrorType":"No"}},"Type":"STEP"}
    "#);
}

#[test]
fn a_wait_ends_by_itself_and_while_the_function_runs() {
    let mut running = Running::new();
    let wait = |id: &str, seconds: u64| {
        json!({ "Id": id, "Name": "cooldown", "Type": "WAIT", "SubType": "Wait", "Action": "START",
                "WaitOptions": { "WaitSeconds": seconds } })
    };
    let cancel = json!([{ "Id": "c", "Type": "WAIT", "Action": "CANCEL" }]);
    let started =
        running.checkpoint(0, json!([wait("a", 2), wait("b", 10), wait("c", 4)])).unwrap();
    let cancelled = running.checkpoint(1, cancel).unwrap();
    // An empty checkpoint asks for what has happened.
    let over = running.checkpoint(3, json!([])).unwrap();
    running.suspend(4);
    assert_eq!(
        report::suspended(&running.execution).split_once(": ").unwrap().1,
        "wait `cooldown`"
    );
    assert_eq!(running.execution.next(at(5)), Next::Wait(Some(at(10))));
    running.execution.advance(at(10));
    assert_eq!(report::resumed(&running.execution), "resumed: wait `cooldown` is over");
    let resumed = running.resume(10);
    assert_snapshot!([started, cancelled, over, resumed].concat().join("\n"), @r#"
    {"Id":"a","Name":"cooldown","Status":"STARTED","SubType":"Wait","Type":"WAIT","WaitDetails":{"ScheduledEndTimestamp":1800000002.0}}
    {"Id":"b","Name":"cooldown","Status":"STARTED","SubType":"Wait","Type":"WAIT","WaitDetails":{"ScheduledEndTimestamp":1800000010.0}}
    {"Id":"c","Name":"cooldown","Status":"STARTED","SubType":"Wait","Type":"WAIT","WaitDetails":{"ScheduledEndTimestamp":1800000004.0}}
    {"Id":"c","Name":"cooldown","Status":"CANCELLED","SubType":"Wait","Type":"WAIT","WaitDetails":{}}
    {"Id":"a","Name":"cooldown","Status":"SUCCEEDED","SubType":"Wait","Type":"WAIT","WaitDetails":{"ScheduledEndTimestamp":1800000002.0}}
    {"Id":"a","Name":"cooldown","Status":"SUCCEEDED","SubType":"Wait","Type":"WAIT","WaitDetails":{"ScheduledEndTimestamp":1800000002000}}
    {"Id":"b","Name":"cooldown","Status":"SUCCEEDED","SubType":"Wait","Type":"WAIT","WaitDetails":{"ScheduledEndTimestamp":1800000010000}}
    {"Id":"c","Name":"cooldown","Status":"CANCELLED","SubType":"Wait","Type":"WAIT","WaitDetails":{}}
    "#);
}

#[test]
fn a_callback_is_completed_or_times_out() {
    let callback = |id: &str, options: Value| json!({ "Id": id, "Type": "CALLBACK", "Action": "START", "CallbackOptions": options });
    let updates = json!([
        callback("plain", json!({})),
        callback("failing", json!({ "TimeoutSeconds": 0 })),
        callback("late", json!({ "TimeoutSeconds": 20 })),
        callback("silent", json!({ "TimeoutSeconds": 100, "HeartbeatTimeoutSeconds": 8 })),
    ]);
    let mut running = Running::new();
    let started = running.checkpoint(0, updates).unwrap();
    running.suspend(1);
    let ids: Vec<String> =
        running.execution.waiting().filter_map(|it| it.callback_id.clone()).collect();
    let [plain, failing, late, silent] = ids.try_into().unwrap();
    let Running { execution, .. } = &mut running;
    assert_eq!(execution.next(at(1)), Next::Wait(Some(at(8))));
    assert_eq!(execution.heartbeat(&silent, at(5)), Ok(()));
    assert_eq!(execution.next(at(6)), Next::Wait(Some(at(13))));
    let success = OperationOutcome::success(Some("\"yes\"".to_owned()));
    assert_eq!(execution.complete_callback(&plain, success.clone(), at(7)), Ok(()));
    let error = ErrorObject { error_type: Some("Denied".to_owned()), ..ErrorObject::default() };
    let failure = OperationOutcome::failure(error);
    assert_eq!(execution.complete_callback(&failing, failure, at(7)), Ok(()));
    let mut complete = |id: &str, now| execution.complete_callback(id, success.clone(), at(now));
    assert_eq!(complete(&plain, 8), Err(NotOpen::Completed));
    assert_eq!(complete("other", 8), Err(NotOpen::Unknown));
    assert_eq!(complete(&late, 20), Err(NotOpen::TimedOut));
    assert_eq!(execution.heartbeat(&silent, at(21)), Err(NotOpen::TimedOut));
    let resumed = running.resume(22);
    assert_snapshot!([started, resumed].concat().join("\n"), @r#"
    {"CallbackDetails":{"CallbackId":"[ID]"},"Id":"plain","Status":"STARTED","Type":"CALLBACK"}
    {"CallbackDetails":{"CallbackId":"[ID]"},"Id":"failing","Status":"STARTED","Type":"CALLBACK"}
    {"CallbackDetails":{"CallbackId":"[ID]"},"Id":"late","Status":"STARTED","Type":"CALLBACK"}
    {"CallbackDetails":{"CallbackId":"[ID]"},"Id":"silent","Status":"STARTED","Type":"CALLBACK"}
    {"CallbackDetails":{"CallbackId":"[ID]","Result":"\"yes\""},"Id":"plain","Status":"SUCCEEDED","Type":"CALLBACK"}
    {"CallbackDetails":{"CallbackId":"[ID]","Error":{"ErrorType":"Denied"}},"Id":"failing","Status":"FAILED","Type":"CALLBACK"}
    {"CallbackDetails":{"CallbackId":"[ID]","Error":{"ErrorMessage":"Callback timed out","ErrorType":"Callback.Timeout"}},"Id":"late","Status":"TIMED_OUT","Type":"CALLBACK"}
    {"CallbackDetails":{"CallbackId":"[ID]","Error":{"ErrorMessage":"Callback timed out on heartbeat","ErrorType":"Callback.Heartbeat"}},"Id":"silent","Status":"TIMED_OUT","Type":"CALLBACK"}
    "#);
}

#[test]
fn another_function_is_invoked_if_there_is_one() {
    let invoke = |id: &str, function: &str| {
        json!({ "Id": id, "Name": id, "Type": "CHAINED_INVOKE", "Action": "START", "Payload": "\"tea\"",
                "ChainedInvokeOptions": { "FunctionName": function } })
    };
    let mut running = Running::new();
    let updates = json!([invoke("known", "Price"), invoke("unknown", "Pri\u{1b}ce")]);
    assert_eq!(running.checkpoint(0, updates), Err("Invalid value of FunctionName.".to_owned()));
    let updates = json!([invoke("known", "Price"), invoke("unknown", "Cost")]);
    let started = running.checkpoint(0, updates).unwrap();
    running.suspend(1);
    let outcome = OperationOutcome::success(Some("250".to_owned()));
    running.execution.complete_invocation("known", outcome.clone(), at(2));
    // An operation that has ended does not change.
    running.execution.complete_invocation("unknown", outcome, at(2));
    let resumed = running.resume(3);
    assert_snapshot!([started, resumed].concat().join("\n"), @r#"
    {"ChainedInvokeDetails":{},"Id":"known","Name":"known","Status":"STARTED","Type":"CHAINED_INVOKE"}
    {"ChainedInvokeDetails":{"Error":{"ErrorMessage":"Function not found: arn:aws:lambda:us-east-1:012345678912:function:Cost","ErrorType":"ResourceNotFoundException"}},"Id":"unknown","Name":"unknown","Status":"FAILED","Type":"CHAINED_INVOKE"}
    invoke ChainedInvocation { operation: "known", function: "Price", tenant_id: None, payload: "\"tea\"" }
    {"ChainedInvokeDetails":{"Result":"250"},"Id":"known","Name":"known","Status":"SUCCEEDED","Type":"CHAINED_INVOKE"}
    {"ChainedInvokeDetails":{"Error":{"ErrorMessage":"Function not found: arn:aws:lambda:us-east-1:012345678912:function:Cost","ErrorType":"ResourceNotFoundException"}},"Id":"unknown","Name":"unknown","Status":"FAILED","Type":"CHAINED_INVOKE"}
    "#);
}

#[test]
fn invalid_updates_are_refused_and_change_nothing() {
    let context = json!({ "Id": "c", "Type": "CONTEXT", "Action": "START" });
    let execution = json!({ "Id": "e", "Type": "EXECUTION", "Action": "SUCCEED" });
    let in_context =
        |parent: &str| json!({ "Id": "d", "ParentId": parent, "Type": "STEP", "Action": "START" });
    let wait = json!({ "Id": "w", "Type": "WAIT", "Action": "START" });
    let long = json!({ "Payload": "x".repeat(1024 * 1024 + 1) });
    let cases = [
        json!([execution, execution]),
        json!([execution, context]),
        json!([context, context]),
        json!([in_context("nowhere")]),
        json!([in_context("s")]),
        json!([step("START", json!({}))]),
        json!([step("CANCEL", json!({}))]),
        json!([step("RETRY", json!({}))]),
        json!([step("RETRY", json!({ "StepOptions": { "NextAttemptDelaySeconds": 0 } }))]),
        json!([step("FAIL", json!({ "Payload": "1" }))]),
        json!([step("SUCCEED", json!({ "Error": {} }))]),
        json!([step("SUCCEED", json!({ "Name": "other" }))]),
        json!([step("SUCCEED", json!({ "Type": "CONTEXT" }))]),
        json!([step("SUCCEED", long)]),
        json!([step("SUCCEED", json!({ "Id": "../s" }))]),
        json!([{ "Id": "n", "Name": "\u{1b}[31m", "Type": "STEP", "Action": "START" }]),
        json!([wait]),
        json!([{ "Id": "w", "Type": "WAIT", "Action": "CANCEL" }]),
        json!([{ "Id": "b", "Type": "CALLBACK", "Action": "SUCCEED" }]),
        json!([{ "Id": "i", "Type": "CHAINED_INVOKE", "Action": "START" }]),
        json!([{ "Id": "x", "Type": "DREAM", "Action": "START" }]),
    ];
    let mut running = Running::new();
    let _ = running.checkpoint(0, json!([step("START", json!({}))])).unwrap();
    let refused: Vec<_> =
        cases.into_iter().map(|updates| running.checkpoint(1, updates).unwrap_err()).collect();
    assert_snapshot!(refused.join("\n"), @"
    Cannot checkpoint multiple EXECUTION updates.
    EXECUTION checkpoint must be the last update.
    Cannot checkpoint multiple operations with the same ID.
    Invalid parent operation id.
    Invalid parent operation id.
    Invalid current STEP state to start.
    Invalid action for the given operation type.
    Invalid StepOptions for the given action.
    Invalid value of NextAttemptDelaySeconds.
    Cannot provide a Payload for FAIL action.
    Cannot provide an Error for SUCCEED action.
    Inconsistent operation name.
    Inconsistent operation type.
    The payload of the step has 1048577 bytes; the limit is 1048576.
    Invalid value of Id.
    Invalid value of Name.
    Update for WAIT operation requires WaitOptions.
    Cannot cancel a WAIT that does not exist or has already completed.
    Invalid action for the given operation type.
    Update for CHAINED_INVOKE operation requires ChainedInvokeOptions.
    unknown variant `DREAM`, expected one of `EXECUTION`, `CONTEXT`, `STEP`, `WAIT`, `CALLBACK`, `CHAINED_INVOKE`
    ");
    assert_eq!(running.checkpoint(1, json!([])), Ok(Vec::new()));
}

#[test]
fn the_operations_and_bytes_of_an_execution_are_limited() {
    let mut running = Running::new();
    let step = |id: usize| json!({ "Id": format!("s{id}"), "Type": "STEP", "Action": "START" });
    let steps = |ids: std::ops::Range<usize>| json!(ids.map(step).collect::<Vec<_>>());
    assert_eq!(running.checkpoint(0, steps(0..3000)).unwrap().len(), 3000);
    let refused = running.checkpoint(0, steps(3000..3001));
    assert_eq!(refused, Err("A durable execution can have 3000 operations.".to_owned()));

    let mut running = Running::new();
    assert_eq!(
        (0..100).map(|id| running.write(id)).collect::<Result<Vec<_>, _>>().unwrap().len(),
        100
    );
    let refused = "A durable execution can write 104857600 bytes.";
    assert_eq!(running.write(100), Err(refused.to_owned()));
}

#[test]
fn the_operations_that_do_not_fit_into_an_event_follow_in_pages() {
    let mut running = Running::new();
    assert_eq!(
        (0..12).map(|id| running.write(id)).collect::<Result<Vec<_>, _>>().unwrap().len(),
        12
    );
    running.execution.finish(Err(ErrorObject::default()), at(1));
    let Next::Invoke(event) = running.execution.next(at(6)) else { panic!("no event") };
    let event: Value = serde_json::from_slice(&event).unwrap();
    let state = &event["InitialExecutionState"];
    assert_eq!(state["Operations"].as_array().unwrap().len(), 5);
    let token = event["CheckpointToken"].as_str().unwrap();
    let mut marker = state["NextMarker"].as_str().map(str::to_owned);
    let mut pages = Vec::new();
    while let Some(next) = marker {
        let (operations, rest) = running.execution.state(token, Some(&next), 3).unwrap();
        pages.push(operations.len());
        marker = rest;
    }
    assert_eq!(pages, [3, 3, 2]);
    let stale = running.execution.state("other", None, 3).unwrap_err();
    assert_eq!(stale, "Invalid Checkpoint Token");
    assert_eq!(running.execution.state(token, Some("x"), 3).unwrap_err(), "Invalid marker");
}

#[test]
fn each_token_is_for_one_checkpoint_which_can_be_repeated() {
    let mut execution = execution();
    let first = event(execution.next(at(0)))["CheckpointToken"].as_str().unwrap().to_owned();
    let mut send = |token: &str, client: &str| {
        let request = json!({ "CheckpointToken": token, "ClientToken": client,
                              "Updates": [step("SUCCEED", json!({ "Payload": "1" }))] });
        let request = serde_json::from_value(request).unwrap();
        execution.checkpoint(request, |_| true, at(1)).map(|(answer, _)| answer)
    };
    let stale = Err("Invalid Checkpoint Token".to_owned());
    let answer = send(&first, "one").unwrap();
    assert_eq!(send(&first, "one").unwrap(), answer);
    assert_eq!(send(&first, "two"), stale);
    assert_eq!(send(&answer.token, "two"), Err("Invalid current STEP state to close.".to_owned()));
    execution.finish(Ok(Ok(EnvelopeResponse::Succeeded(None))), at(2));
    let request = json!({ "CheckpointToken": answer.token });
    let late = execution.checkpoint(serde_json::from_value(request).unwrap(), |_| true, at(3));
    assert_eq!(late.map(|(answer, _)| answer), stale);
}

#[test]
fn an_execution_ends_with_a_response_a_failure_its_timeout_or_a_stop() {
    let respond = |response: &str| {
        let mut running = Running::new();
        running.execution.finish(Ok(EnvelopeResponse::parse(response.as_bytes())), at(3));
        report::ended(&running.execution)
    };
    let ended = [
        r#"{"Status":"SUCCEEDED","Result":"\"tea\""}"#,
        r#"{"Status":"SUCCEEDED"}"#,
        r#"{"Status":"FAILED","Error":{"ErrorType":"Broken","ErrorMessage":"it"}}"#,
        r#"{"Status":"FAILED"}"#,
        r#"{"Status":"FAILED","Result":"1"}"#,
        r#"{"Status":"LOST"}"#,
        r#""done""#,
        "{}",
        "<html>",
    ]
    .map(respond);
    assert_snapshot!(ended.join("\n"), @r#"
    succeeded after 3.0 s: "tea"
    succeeded after 3.0 s: null
    failed after 3.0 s: Broken: it
    failed after 3.0 s
    failed after 3.0 s: InvalidParameterValueException: Cannot provide a Result for FAILED status.
    failed after 3.0 s: InvalidParameterValueException: Unexpected invocation status: LOST
    failed after 3.0 s: InvalidParameterValueException: The response is not that of a durable function: invalid type: string "done", expected an…
    failed after 3.0 s: InvalidParameterValueException: Response status is required
    failed after 3.0 s: InvalidParameterValueException: The response is not that of a durable function: expected value at line 1 column 1
    "#);

    let mut timed_out = execution();
    assert!(!timed_out.advance(at(999)));
    assert!(timed_out.advance(at(1000)));
    assert_eq!(timed_out.status(), ExecutionStatus::TimedOut);
    assert_eq!(timed_out.next(at(1000)), Next::Ended);
    let mut stopped = execution();
    assert_eq!(stopped.stop(None, at(4)), at(4));
    assert_eq!(stopped.stop(None, at(5)), at(4));
    // The end stays as it is.
    stopped.finish(Ok(Ok(EnvelopeResponse::Succeeded(None))), at(6));
    let ended = [timed_out, stopped].map(|it| report::ended(&it));
    assert_snapshot!(ended.join("\n"), @"
    timed out after 1000.0 s: Execution timed out after 1000 seconds.
    was stopped after 4.0 s: Execution stopped by user request
    ");

    let mut running = Running::new();
    let update = json!([{ "Id": "e", "Type": "EXECUTION", "Action": "SUCCEED", "Payload": "5" }]);
    assert_eq!(running.checkpoint(2, update), Ok(Vec::new()));
    assert_eq!(report::ended(&running.execution), "succeeded after 2.0 s: 5");
}

#[test]
fn failed_invocations_are_repeated_five_times_and_empty_ones_three_times() {
    let failures = |response: fn() -> Result<Result<EnvelopeResponse, String>, ErrorObject>| {
        let mut execution = execution();
        let mut now = 0;
        let mut lines = Vec::new();
        while let Next::Invoke(_) = execution.next(at(now)) {
            execution.finish(response(), at(now + 1));
            if let Some(retry) = execution.retry.clone() {
                assert_eq!(execution.next(at(now + 5)), Next::Wait(Some(at(now + 6))));
                lines.push(format!("{} {}", retry.failures, retry.reason));
            }
            now += 6;
        }
        lines.push(report::ended(&execution));
        lines
    };
    let failed = failures(|| Err(ErrorObject::new("Runtime.ExitError", "exit status 1")));
    let idle = failures(|| Ok(Ok(EnvelopeResponse::Pending)));
    assert_snapshot!([failed, idle].concat().join("\n"), @"
    1 exit status 1
    2 exit status 1
    3 exit status 1
    4 exit status 1
    failed after 25.0 s: Runtime.ExitError: exit status 1
    1 Cannot return PENDING status with no pending operations.
    2 Cannot return PENDING status with no pending operations.
    failed after 13.0 s: InvalidParameterValueException: Cannot return PENDING status with no pending operations.
    ");
}

#[test]
fn the_history_has_every_change() {
    let mut running = Running::new();
    let retry = json!({ "StepOptions": { "NextAttemptDelaySeconds": 5 }, "Error": { "ErrorType": "Busy" } });
    let updates = json!([
        { "Id": "c", "Type": "CONTEXT", "SubType": "RunInChildContext", "Action": "START" },
        { "Id": "w", "ParentId": "c", "Type": "WAIT", "Action": "START", "WaitOptions": { "WaitSeconds": 3 } },
        { "Id": "b", "Type": "CALLBACK", "Action": "START", "CallbackOptions": { "TimeoutSeconds": 4 } },
        { "Id": "i", "Type": "CHAINED_INVOKE", "Action": "START", "Payload": "1",
          "ChainedInvokeOptions": { "FunctionName": "Nobody" } },
        step("START", json!({})),
        step("RETRY", retry),
    ]);
    let _ = running.checkpoint(1, updates).unwrap();
    running.execution.record_invocation("id", None, [at(0), at(2)]);
    running.suspend(2);
    let _ = running.resume(6);
    let updates = json!([step("SUCCEED", json!({ "Payload": "7" })),
                         { "Id": "c", "Type": "CONTEXT", "Action": "SUCCEED", "Payload": "8" }]);
    let _ = running.checkpoint(7, updates).unwrap();
    running.execution.finish(Ok(Ok(EnvelopeResponse::Succeeded(Some("9".to_owned())))), at(8));
    let page = HistoryPage { start: 0, most: 100, newest_first: false, with_data: true };
    let (events, marker) = running.execution.history(page);
    let show = |event: &Value| {
        let kind = event["EventType"].as_str().unwrap();
        let seconds = event["EventTimestamp"].as_f64().unwrap() - 1_800_000_000.0;
        let details = &event[format!("{kind}Details")];
        let names = ["Id", "ParentId", "SubType"].map(|name| event[name].as_str().unwrap_or("-"));
        let line = format!("{} {seconds} {kind} {} {details}", event["EventId"], names.join(" "));
        let line = Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
            .unwrap()
            .replace(&line, "[UUID]")
            .into_owned();
        Regex::new("[0-9a-f]{32}").unwrap().replace(&line, "[ID]").into_owned()
    };
    assert_eq!(marker, None);
    assert_snapshot!(events.iter().map(show).collect::<Vec<_>>().join("\n"), @r#"
    1 0 ExecutionStarted [UUID] - - {"ExecutionTimeout":1000,"Input":{"Payload":"{\"a\":1}"}}
    2 1 ContextStarted c - RunInChildContext {}
    3 1 WaitStarted w c - {"Duration":3,"ScheduledEndTimestamp":1800000004.0}
    4 1 CallbackStarted b - - {"CallbackId":"[ID]","Timeout":4}
    5 1 ChainedInvokeStarted i - - {"FunctionName":"Nobody","Input":{"Payload":"1"}}
    6 1 ChainedInvokeFailed i - - {"Error":{"Payload":{"ErrorMessage":"Function not found: arn:aws:lambda:us-east-1:012345678912:function:Nobody","ErrorType":"ResourceNotFoundException"}}}
    7 1 StepStarted s - - {}
    8 1 StepFailed s - - {"Error":{"Payload":{"ErrorType":"Busy"}},"RetryDetails":{"CurrentAttempt":1,"NextAttemptDelaySeconds":5}}
    9 2 InvocationCompleted - - - {"EndTimestamp":1800000002.0,"RequestId":"id","StartTimestamp":1800000000.0}
    10 6 WaitSucceeded w c - {"Duration":5}
    11 6 CallbackTimedOut b - - {"Error":{"Payload":{"ErrorMessage":"Callback timed out","ErrorType":"Callback.Timeout"}}}
    12 7 StepSucceeded s - - {"Result":{"Payload":"7"},"RetryDetails":{"CurrentAttempt":2}}
    13 7 ContextSucceeded c - RunInChildContext {"Result":{"Payload":"8"}}
    14 8 ExecutionSucceeded [UUID] - - {"Result":{"Payload":"9"}}
    "#);
    let page = HistoryPage { start: 1, most: 2, newest_first: true, with_data: false };
    let (events, marker) = running.execution.history(page);
    assert_eq!(marker.as_deref(), Some("3"));
    assert_snapshot!(events.iter().map(show).collect::<Vec<_>>().join("\n"), @r#"
    13 7 ContextSucceeded c - RunInChildContext {"Result":{}}
    12 7 StepSucceeded s - - {"Result":{},"RetryDetails":{"CurrentAttempt":2}}
    "#);
}

#[test]
fn times_are_seconds_in_the_api_and_milliseconds_in_events() {
    let time = at(0) + Duration::from_millis(250);
    let times = [TimeUnit::Seconds, TimeUnit::Milliseconds].map(|unit| unit.json(time).to_string());
    assert_eq!(times, ["1800000000.25", "1800000000250"]);
}
