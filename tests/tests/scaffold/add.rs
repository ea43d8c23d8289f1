//! `scaffold add`: routes, functions and queues in generated projects, and in those that it refuses.

use std::fs;
use std::num::NonZero;

use lambda_native_tests::assert_run;
use lambda_native_tests::command::{Run, Scaffold};
use lambda_native_tests::project::{Project, lock_target, share_target, tree};
use lambda_native_tests::terminal::{ENTER, Terminal};

const COLUMNS: NonZero<u16> = NonZero::new(120).unwrap();

/// Runs `scaffold add` in a project.
fn add(project: &Project, arguments: &[&str]) -> Run {
    let arguments = ["add"].iter().chain(arguments);
    Scaffold::new(arguments).current_dir(&project.path()).run()
}

/// Shows the changes without those of the event, which is long.
fn changes(project: &Project, arguments: &[&str]) -> String {
    let run = add(project, &[arguments, &["--dry-run"]].concat());
    let stdout = run.success();
    let files = stdout.split_inclusive('\n').collect::<Vec<_>>();
    let files = files.chunk_by(|_, next| !next.starts_with("--- "));
    let files = files.filter(|lines| !lines[0].starts_with("--- events/"));
    files.map(<[&str]>::concat).collect()
}

fn write(project: &Project, name: &str, text: &str) {
    fs::write(project.path().join(name), text).unwrap();
}

fn read(project: &Project, name: &str) -> String {
    fs::read_to_string(project.path().join(name)).unwrap()
}

#[test]
#[expect(clippy::too_many_lines, reason = "the whole difference")]
fn adds_a_route_to_the_only_handler() {
    let project = Project::new(&[]);
    assert_run!(add(&project, &["route", "POST /items", "--dry-run"]), @r#"
    exit code: 0
    ----- stdout -----
    --- src/main.rs
    +++ src/main.rs
    @@ -2,7 +2,7 @@
     
     use lambda_native::http::{Json, Request};
     use lambda_native::lambda_handler;
    -use serde::Serialize;
    +use serde::{Deserialize, Serialize};
     
     /// The body of the response.
     #[derive(Debug, PartialEq, Eq, Serialize)]
    @@ -14,7 +14,7 @@
     }
     
     /// Greets by name.
    -#[lambda_handler(get = ["/hello", "/hello/{name}"])]
    +#[lambda_handler(named, get = ["/hello", "/hello/{name}"])]
     async fn hello(name: Option<&str>, request: &Request<'_>) -> Json<Greeting> {
         Json(Greeting {
             message: format!("hello {}", name.unwrap_or("world")),
    @@ -22,6 +22,20 @@
         })
     }
     
    +/// The body of `POST /items`.
    +#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
    +struct CreateItemBody {
    +    name: String,
    +}
    +
    +/// Responds to `POST /items` with the body of the request.
    +#[lambda_handler(named, post = "/items")]
    +async fn create_item(#[body] body: CreateItemBody) -> Json<CreateItemBody> {
    +    Json(body)
    +}
    +
    +lambda_native::main!(hello, create_item);
    +
     #[cfg(test)]
     mod tests {
         use lambda_native::testing::block_on;
    @@ -45,4 +59,13 @@
             let Json(greeting) = block_on(hello(None, &request));
             assert_eq!(greeting.message, "hello world");
         }
    +
    +    #[test]
    +    fn create_item_handles_the_sample_event() {
    +        let event = include_bytes!("../events/create-item.json");
    +        let request = Request::from_slice(event).expect("a valid event");
    +        let body = request.json().expect("a body");
    +        let Json(response) = block_on(create_item(body));
    +        assert_eq!(response.name, "Ada");
    +    }
     }
    --- template.yaml
    +++ template.yaml
    @@ -7,6 +7,8 @@
         Type: AWS::Serverless::Function
         Metadata:
           BuildMethod: makefile
    +      ScaffoldEvents:
    +        CreateItem: POST /items
         Properties:
           CodeUri: .
           Handler: bootstrap
    @@ -26,6 +28,11 @@
               Properties:
                 Method: GET
                 Path: /hello/{name}
    +        CreateItem:
    +          Type: HttpApi
    +          Properties:
    +            Path: /items
    +            Method: POST
     
     Outputs:
       Url:
    --- events/create-item.json
    +++ events/create-item.json
    @@ -0,0 +1,37 @@
    +{
    +  "version": "2.0",
    +  "routeKey": "POST /items",
    +  "rawPath": "/items",
    +  "rawQueryString": "",
    +  "headers": {
    +    "accept": "application/json",
    +    "content-length": "14",
    +    "content-type": "application/json",
    +    "host": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
    +    "user-agent": "example/1.0",
    +    "x-amzn-trace-id": "[TRACE]",
    +    "x-forwarded-for": "203.0.113.17",
    +    "x-forwarded-port": "443",
    +    "x-forwarded-proto": "https"
    +  },
    +  "requestContext": {
    +    "accountId": "012345678912",
    +    "apiId": "a1b2c3d4e5",
    +    "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
    +    "domainPrefix": "a1b2c3d4e5",
    +    "http": {
    +      "method": "POST",
    +      "path": "/items",
    +      "protocol": "HTTP/1.1",
    +      "sourceIp": "203.0.113.17",
    +      "userAgent": "example/1.0"
    +    },
    +    "requestId": "JKJaXmPLvHcESHA=",
    +    "routeKey": "POST /items",
    +    "stage": "$default",
    +    "time": "01/Jan/2026:00:00:00 +0000",
    +    "timeEpoch": 1767225600000
    +  },
    +  "body": "{\"name\":\"Ada\"}",
    +  "isBase64Encoded": false
    +}
    "#);
}

#[test]
fn adds_a_route_to_the_module_whose_routes_begin_alike() {
    let project = Project::new(&["--template", "multi"]);
    insta::assert_snapshot!(changes(&project, &["route", "PUT /items/{itemId}"]), @r#"
    --- src/main.rs
    +++ src/main.rs
    @@ -5,4 +5,4 @@
     mod items;
     mod orders;
     
    -lambda_native::main!(items::list, items::find, orders::place);
    +lambda_native::main!(items::list, items::find, orders::place, items::replace_item);
    --- src/items.rs
    +++ src/items.rs
    @@ -2,6 +2,7 @@
     
     use lambda_native::http::Json;
     use lambda_native::lambda_handler;
    +use serde::{Deserialize, Serialize};
     
     use crate::catalogue::{self, ITEMS, Item};
     
    @@ -17,8 +18,34 @@
         catalogue::find(id).map(Json)
     }
     
    +/// The body of `PUT /items/{itemId}`.
    +#[derive(Debug, Deserialize)]
    +pub(crate) struct ReplaceItemBody {
    +    name: String,
    +}
    +
    +/// The body of the response to `PUT /items/{itemId}`.
    +#[derive(Debug, PartialEq, Eq, Serialize)]
    +pub(crate) struct ReplaceItemResponse {
    +    item_id: String,
    +    name: String,
    +}
    +
    +/// Responds to `PUT /items/{itemId}` with the values of the request.
    +#[lambda_handler(named, put = "/items/{itemId}")]
    +pub(crate) async fn replace_item(
    +    #[path("itemId")] item_id: &str,
    +    #[body] body: ReplaceItemBody,
    +) -> Json<ReplaceItemResponse> {
    +    Json(ReplaceItemResponse {
    +        item_id: item_id.to_owned(),
    +        name: body.name,
    +    })
    +}
    +
     #[cfg(test)]
     mod tests {
    +    use lambda_native::http::Request;
         use lambda_native::testing::block_on;
     
         use super::*;
    @@ -39,4 +66,14 @@
         fn does_not_find_an_unknown_item() {
             assert!(block_on(find("rum")).is_none());
         }
    +
    +    #[test]
    +    fn replace_item_handles_the_sample_event() {
    +        let event = include_bytes!("../events/replace-item.json");
    +        let request = Request::from_slice(event).expect("a valid event");
    +        let body = request.json().expect("a body");
    +        let Json(response) = block_on(replace_item("1", body));
    +        assert_eq!(response.item_id, "1");
    +        assert_eq!(response.name, "Ada");
    +    }
     }
    --- template.yaml
    +++ template.yaml
    @@ -52,6 +52,21 @@
                 Method: POST
                 Path: /orders
     
    +  ReplaceItemFunction:
    +    Type: AWS::Serverless::Function
    +    Metadata:
    +      BuildMethod: makefile
    +      ScaffoldEvents:
    +        ReplaceItem: PUT /items/{itemId}
    +    Properties:
    +      Handler: items.replace_item
    +      Events:
    +        ReplaceItem:
    +          Type: HttpApi
    +          Properties:
    +            Path: /items/{itemId}
    +            Method: PUT
    +
     Outputs:
       Url:
         Description: URL of the API
    "#);
}

#[test]
fn adds_a_module_for_a_route_that_begins_otherwise() {
    let project = Project::new(&["--template", "multi", "--openapi", "yes"]);
    insta::assert_snapshot!(changes(&project, &["route", "GET /stats", "--name", "count"]), @r#"
    --- src/stats.rs
    +++ src/stats.rs
    @@ -0,0 +1,33 @@
    +//! `GET /stats`.
    +
    +use lambda_native::http::Json;
    +use lambda_native::lambda_handler;
    +use serde::Serialize;
    +
    +/// The body of the response to `GET /stats`.
    +#[derive(Debug, PartialEq, Eq, Serialize)]
    +#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    +pub(crate) struct CountResponse {
    +    message: String,
    +}
    +
    +/// Responds to `GET /stats` with a greeting.
    +#[lambda_handler(named, get = "/stats")]
    +pub(crate) async fn count() -> Json<CountResponse> {
    +    Json(CountResponse {
    +        message: "hello".to_owned(),
    +    })
    +}
    +
    +#[cfg(test)]
    +mod tests {
    +    use lambda_native::testing::block_on;
    +
    +    use super::*;
    +
    +    #[test]
    +    fn count_responds_with_a_greeting() {
    +        let Json(response) = block_on(count());
    +        assert_eq!(response.message, "hello");
    +    }
    +}
    --- src/main.rs
    +++ src/main.rs
    @@ -4,5 +4,6 @@
     mod catalogue;
     mod items;
     mod orders;
    +mod stats;
     
    -lambda_native::main!(items::list, items::find, orders::place);
    +lambda_native::main!(items::list, items::find, orders::place, stats::count);
    --- template.yaml
    +++ template.yaml
    @@ -52,6 +52,21 @@
                 Method: POST
                 Path: /orders
     
    +  CountFunction:
    +    Type: AWS::Serverless::Function
    +    Metadata:
    +      BuildMethod: makefile
    +      ScaffoldEvents:
    +        Count: GET /stats
    +    Properties:
    +      Handler: stats.count
    +      Events:
    +        Count:
    +          Type: HttpApi
    +          Properties:
    +            Path: /stats
    +            Method: GET
    +
     Outputs:
       Url:
         Description: URL of the API
    "#);
}

#[test]
fn adds_a_function_to_the_only_one() {
    let project = Project::new(&["--template", "function"]);
    insta::assert_snapshot!(changes(&project, &["function", "send_email"]), @r##"
    --- src/main.rs
    +++ src/main.rs
    @@ -19,13 +19,39 @@
     #[json_context(Text, UpperCase)]
     struct Json;
     
    -#[lambda_handler(json = Json)]
    +#[lambda_handler(named, json = Json)]
     async fn upper_case(text: Text) -> UpperCase {
         UpperCase {
             output: text.input.to_uppercase(),
         }
     }
     
    +/// The event of `send_email`.
    +#[derive(Debug, Deserialize, Serialize)]
    +struct SendEmailEvent {
    +    input: String,
    +}
    +
    +/// The response of `send_email`.
    +#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
    +struct SendEmailResponse {
    +    output: String,
    +}
    +
    +/// The types that `send_email` reads and writes as JSON.
    +#[json_context(SendEmailEvent, SendEmailResponse)]
    +struct SendEmailJson;
    +
    +/// Converts text to upper case.
    +#[lambda_handler(named, json = SendEmailJson)]
    +async fn send_email(event: SendEmailEvent) -> SendEmailResponse {
    +    SendEmailResponse {
    +        output: event.input.to_uppercase(),
    +    }
    +}
    +
    +lambda_native::main!(upper_case, send_email);
    +
     #[cfg(test)]
     mod tests {
         use lambda_native::testing::block_on;
    @@ -53,4 +79,12 @@
         fn rejects_an_event_whose_input_is_not_text() {
             assert!(Json::from_str::<Text>(r#"{"input":7}"#).is_err());
         }
    +
    +    #[test]
    +    fn send_email_handles_the_sample_event() {
    +        let event = SendEmailJson::from_str(include_str!("../events/send-email.json"))
    +            .expect("a valid event");
    +        let response = block_on(send_email(event));
    +        assert_eq!(response.output, "HELLO WORLD");
    +    }
     }
    --- template.yaml
    +++ template.yaml
    @@ -9,13 +9,25 @@
           BuildMethod: makefile
         Properties:
           CodeUri: .
    -      Handler: bootstrap
    +      Handler: upper_case
           Runtime: provided.al2023
           Architectures:
             - x86_64
           MemorySize: 256
           Timeout: 10
     
    +  SendEmailFunction:
    +    Type: AWS::Serverless::Function
    +    Metadata:
    +      BuildMethod: makefile
    +    Properties:
    +      CodeUri: .
    +      Handler: send_email
    +      Runtime: provided.al2023
    +      Architectures: [x86_64]
    +      MemorySize: 256
    +      Timeout: 10
    +
     Outputs:
       FunctionArn:
         Description: ARN of the function
    "##);
}

#[test]
#[expect(clippy::too_many_lines, reason = "the whole difference")]
fn adds_a_queue_with_a_dead_letter_queue() {
    let project = Project::new(&["--outbound", "yes"]);
    assert_run!(add(&project, &["queue", "OrderQueue", "--dry-run"]), @r##"
    exit code: 0
    ----- stdout -----
    --- src/main.rs
    +++ src/main.rs
    @@ -2,9 +2,10 @@
     
     mod ip_lookup;
     
    +use lambda_native::events::sqs::Message;
     use lambda_native::http::{Json, Request};
    -use lambda_native::{Error, lambda_handler};
    -use serde::Serialize;
    +use lambda_native::{Context, Error, lambda_handler};
    +use serde::{Deserialize, Serialize};
     
     use crate::ip_lookup::IpLookup;
     
    @@ -20,7 +21,7 @@
     }
     
     /// Greets by name.
    -#[lambda_handler(get = ["/hello", "/hello/{name}"], init = IpLookup::from_env)]
    +#[lambda_handler(named, get = ["/hello", "/hello/{name}"])]
     async fn hello(
         name: Option<&str>,
         request: &Request<'_>,
    @@ -33,8 +34,27 @@
         }))
     }
     
    +/// The body of a message in `OrderQueue`.
    +#[derive(Deserialize)]
    +struct OrderQueueBody {
    +    id: String,
    +}
    +
    +/// Handles one message. If it fails, only this message is received again; after three times, it
    +/// moves to the dead-letter queue.
    +#[lambda_handler(named, sqs = "OrderQueue")]
    +async fn order_queue(message: Message<'_, OrderQueueBody>, context: &Context) -> Result<(), Error> {
    +    let request = context.request_id();
    +    println!("{request}: handled message {}", message.body.id);
    +    Ok(())
    +}
    +
    +lambda_native::main!(hello, order_queue, init = IpLookup::from_env);
    +
     #[cfg(test)]
     mod tests {
    +    use lambda_native::events::sqs;
    +    use lambda_native::testing;
         use lambda_native::testing::block_on;
     
         use super::*;
    @@ -65,4 +85,15 @@
             let request = Request::new("GET", "/hello/Ada");
             assert!(call(&request, "503 Service Unavailable").is_err());
         }
    +
    +    #[test]
    +    fn order_queue_handles_the_sample_event() {
    +        let event = include_str!("../events/order-queue.json");
    +        let handler = sqs::handler_fn(order_queue);
    +        let response = testing::call(&handler, event, &testing::context());
    +        assert_eq!(
    +            response.expect("a response"),
    +            br#"{"batchItemFailures":[]}"#
    +        );
    +    }
     }
    --- Cargo.toml
    +++ Cargo.toml
    @@ -12,7 +12,7 @@
     
     [dependencies]
     # The executable is linked with musl, whose own allocator is slow.
    -lambda-native = { version = "0.1.0", features = ["musl-allocator"] }
    +lambda-native = { version = "0.1.0", features = ["musl-allocator", "events"] }
     # 0.12 has built-in root certificates and needs only a C compiler. 0.13 reads the system's
     # certificates when the client is created, which delays the cold start.
     reqwest = { version = "0.12", default-features = false, features = ["rustls-tls-webpki-roots"] }
    --- template.yaml
    +++ template.yaml
    @@ -27,6 +27,39 @@
                 Method: GET
                 Path: /hello/{name}
     
    +  OrderQueueFunction:
    +    Type: AWS::Serverless::Function
    +    Metadata:
    +      BuildMethod: makefile
    +      ScaffoldEvents:
    +        OrderQueue: sqs OrderQueue
    +    Properties:
    +      CodeUri: .
    +      Handler: order_queue
    +      Runtime: provided.al2023
    +      Architectures: [x86_64]
    +      MemorySize: 256
    +      Timeout: 10
    +      Events:
    +        OrderQueue:
    +          Type: SQS
    +          Properties:
    +            Queue: !GetAtt OrderQueue.Arn
    +            FunctionResponseTypes: [ReportBatchItemFailures]
    +
    +  OrderQueue:
    +    Type: AWS::SQS::Queue
    +    Properties:
    +      VisibilityTimeout: 60
    +      RedrivePolicy:
    +        deadLetterTargetArn: !GetAtt OrderDeadLetterQueue.Arn
    +        maxReceiveCount: 3
    +
    +  OrderDeadLetterQueue:
    +    Type: AWS::SQS::Queue
    +    Properties:
    +      MessageRetentionPeriod: 1209600
    +
     Outputs:
       Url:
         Description: URL of the API
    --- events/order-queue.json
    +++ events/order-queue.json
    @@ -0,0 +1,20 @@
    +{
    +  "Records": [
    +    {
    +      "messageId": "[ID]",
    +      "receiptHandle": "AQEBx3Jw5bQ0kqk2l1o9rcVNZBg7hmQ1QmFyIGV4YW1wbGU=",
    +      "body": "{\"id\":\"A-1001\"}",
    +      "attributes": {
    +        "ApproximateReceiveCount": "1",
    +        "SentTimestamp": "1767225600000",
    +        "SenderId": "AIDAEXAMPLESENDER01",
    +        "ApproximateFirstReceiveTimestamp": "1767225600012"
    +      },
    +      "messageAttributes": {},
    +      "md5OfBody": "433e52fa390986425d0de36ea2c8e067",
    +      "eventSource": "aws:sqs",
    +      "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:OrderQueue",
    +      "awsRegion": "us-east-1"
    +    }
    +  ]
    +}
    "##);
}

#[test]
fn names_the_handler_in_the_command_of_an_image() {
    let project = Project::new(&["--template", "function", "--package", "image"]);
    let added = changes(&project, &["function", "shout"]);
    let template = added.split_once("--- template.yaml").unwrap().1;
    insta::assert_snapshot!(template, @"

    +++ template.yaml
    @@ -16,6 +16,23 @@
             - x86_64
           MemorySize: 256
           Timeout: 10
    +      ImageConfig:
    +        Command: [upper_case]
    +
    +  ShoutFunction:
    +    Type: AWS::Serverless::Function
    +    Metadata:
    +      Dockerfile: Dockerfile
    +      DockerContext: .
    +      DockerBuildTarget: function
    +      DockerTag: latest
    +    Properties:
    +      PackageType: Image
    +      Architectures: [x86_64]
    +      MemorySize: 256
    +      Timeout: 10
    +      ImageConfig:
    +        Command: [shout]
     
     Outputs:
       FunctionArn:
    ");
}

#[test]
fn lets_sam_add_an_api_for_the_first_route() {
    let project = Project::new(&["--template", "events", "--source", "schedule"]);
    let added = changes(&project, &["route", "GET /health", "--create-api", "rest"]);
    insta::assert_snapshot!(added, @r#"
    --- src/main.rs
    +++ src/main.rs
    @@ -1,10 +1,12 @@
     //! Writes a report every five minutes.
     
     use lambda_native::events::eventbridge::Event;
    +use lambda_native::http::Json;
     use lambda_native::{Context, Error, lambda_handler};
    +use serde::Serialize;
     
     /// Writes one report. If it fails, Lambda tries again twice.
    -#[lambda_handler(schedule = "rate(5 minutes)")]
    +#[lambda_handler(named, schedule = "rate(5 minutes)")]
     async fn report(event: Event<'_>, context: &Context) -> Result<(), Error> {
         let Some((date, time)) = event.time.split_once('T') else {
             let message = format!("`{}` is not a time", event.time);
    @@ -15,10 +17,27 @@
         Ok(())
     }
     
    +/// The body of the response to `GET /health`.
    +#[derive(Debug, PartialEq, Eq, Serialize)]
    +struct GetHealthResponse {
    +    message: String,
    +}
    +
    +/// Responds to `GET /health` with a greeting.
    +#[lambda_handler(named, get = "/health")]
    +async fn get_health() -> Json<GetHealthResponse> {
    +    Json(GetHealthResponse {
    +        message: "hello".to_owned(),
    +    })
    +}
    +
    +lambda_native::main!(report, get_health);
    +
     #[cfg(test)]
     mod tests {
         use lambda_native::events::eventbridge;
         use lambda_native::testing;
    +    use lambda_native::testing::block_on;
     
         use super::*;
     
    @@ -38,4 +57,10 @@
             let error = call(&EVENT.replace("T00:00", " 00:00")).expect_err("an error");
             assert_eq!(error.error_type(), "WrongTime");
         }
    +
    +    #[test]
    +    fn get_health_responds_with_a_greeting() {
    +        let Json(response) = block_on(get_health());
    +        assert_eq!(response.message, "hello");
    +    }
     }
    --- Cargo.toml
    +++ Cargo.toml
    @@ -12,7 +12,8 @@
     
     [dependencies]
     # The executable is linked with musl, whose own allocator is slow.
    -lambda-native = { version = "0.1.0", default-features = false, features = ["events", "macros", "musl-allocator"] }
    +lambda-native = { version = "0.1.0", default-features = false, features = ["events", "macros", "musl-allocator", "http"] }
    +serde = { version = "1", features = ["derive"] }
     
     # A small executable that starts fast.
     [profile.release]
    --- template.yaml
    +++ template.yaml
    @@ -9,7 +9,7 @@
           BuildMethod: makefile
         Properties:
           CodeUri: .
    -      Handler: bootstrap
    +      Handler: report
           Runtime: provided.al2023
           Architectures:
             - x86_64
    @@ -34,6 +34,26 @@
         Properties:
           MessageRetentionPeriod: 1209600 # 14 days
     
    +  GetHealthFunction:
    +    Type: AWS::Serverless::Function
    +    Metadata:
    +      BuildMethod: makefile
    +      ScaffoldEvents:
    +        GetHealth: GET /health
    +    Properties:
    +      CodeUri: .
    +      Handler: get_health
    +      Runtime: provided.al2023
    +      Architectures: [x86_64]
    +      MemorySize: 256
    +      Timeout: 10
    +      Events:
    +        GetHealth:
    +          Type: Api
    +          Properties:
    +            Path: /health
    +            Method: get
    +
     Outputs:
       FunctionArn:
         Description: ARN of the function
    "#);
}

#[test]
fn keeps_the_layout_and_the_line_breaks_of_the_source() {
    let project = Project::new(&[]);
    let source = "\
use lambda_native::{lambda_handler,http::*}; // both
// The state.
struct Store; impl Store { fn open()->Self { Self } }
#[lambda_handler(named,get=\"/one\")] async fn one( store:&Store )->&'static str { let _=store;\"1\" }

lambda_native::main!(
    one, // the first
    init = Store::open,
    wrap = [timed],
);

mod tests {
}
";
    write(&project, "src/main.rs", &source.replace('\n', "\r\n"));
    let _ = add(&project, &["route", "GET /two", "--yes"]).success();
    let edited = read(&project, "src/main.rs");
    assert_eq!(edited.matches('\n').count(), edited.matches("\r\n").count());
    insta::assert_snapshot!(edited.replace('\r', ""), @r#"
    use lambda_native::http::Json;
    use lambda_native::{lambda_handler,http::*}; // both
    use serde::Serialize;
    // The state.
    struct Store; impl Store { fn open()->Self { Self } }
    #[lambda_handler(named,get="/one")] async fn one( store:&Store )->&'static str { let _=store;"1" }

    /// The body of the response to `GET /two`.
    #[derive(Debug, PartialEq, Eq, Serialize)]
    struct GetTwoResponse {
        message: String,
    }

    /// Responds to `GET /two` with a greeting.
    #[lambda_handler(named, get = "/two")]
    async fn get_two() -> Json<GetTwoResponse> {
        Json(GetTwoResponse {
            message: "hello".to_owned(),
        })
    }

    lambda_native::main!(
        one, // the first
        get_two,
        init = Store::open,
        wrap = [timed],
    );

    mod tests {
        use lambda_native::http::Json;
        use lambda_native::testing::block_on;
        use super::get_two;

        #[test]
        fn get_two_responds_with_a_greeting() {
            let Json(response) = block_on(get_two());
            assert_eq!(response.message, "hello");
        }
    }
    "#);
}

#[test]
fn asks_in_a_terminal() {
    let project = Project::new(&["--template", "function"]);
    let before = tree(&project.path());
    let start = || {
        let arguments = ["add", "function", "shout"];
        let mut terminal = Terminal::start_as(&arguments, &project.path(), COLUMNS, &[]);
        terminal.wait_for("Write these changes?");
        terminal
    };
    let mut terminal = start();
    terminal.send("n");
    terminal.send(ENTER);
    let screen = terminal.end();
    assert_eq!((screen.code, screen.last_line()), (Some(1), "error: nothing was changed"));
    assert_eq!(tree(&project.path()), before);

    let mut terminal = start();
    terminal.send(ENTER);
    let screen = terminal.end();
    assert_eq!(screen.code, Some(0), "{screen:?}");
    assert_eq!(screen.last_line(), "  scaffold invoke ShoutFunction --event events/shout.json");
    assert!(project.path().join("events/shout.json").is_file());
}

#[test]
fn asks_nothing_without_a_terminal() {
    let project = Project::new(&[]);
    let before = tree(&project.path());
    assert_run!(add(&project, &["queue", "Jobs"]), @"
    exit code: 1
    ----- stderr -----
    error: not a terminal, so nothing can be asked, and nothing was changed
    hint: pass `--yes` to write the changes, or `--dry-run` to see them
    ");
    assert_eq!(tree(&project.path()), before);
}

#[test]
fn refuses_a_project_that_it_cannot_edit() {
    let project = Project::new(&[]);
    let handler = "#[lambda_native::lambda_handler(named)]\nasync fn one() {}\n";
    let sources = [
        ("fn main() {}\n".to_owned(), "its own main"),
        (format!("{handler}fn {{}}\n"), "a mistake"),
        ("make_handlers!(one, two);\n".to_owned(), "handlers of a macro"),
        (handler.to_owned(), "no list"),
        (format!("mod inner {{ {handler} }}\nlambda_native::main!(inner::one);\n"), "a module"),
        (format!("{handler}lambda_native::main!(init = open);\n"), "an empty list"),
    ];
    let mut runs = Vec::new();
    for (source, title) in sources {
        write(&project, "src/main.rs", &source);
        let before = tree(&project.path());
        runs.push((title, add(&project, &["function", "two", "--yes"])));
        assert_eq!(tree(&project.path()), before, "{title}");
    }
    assert_run!(runs, @"
    # its own main
    exit code: 1
    ----- stderr -----
    error: `src/main.rs` has its own `main`, not that of a handler
    hint: add the handler by hand: `docs/routes.md` of lambda-native has an example

    # a mistake
    exit code: 1
    ----- stderr -----
    error: `src/main.rs` does not parse, in line 3: expected identifier
    hint: correct the file, and run the command again

    # handlers of a macro
    exit code: 1
    ----- stderr -----
    error: no function with `#[lambda_handler]` in `src/main.rs` and its modules
    hint: add the handler by hand: `docs/routes.md` of lambda-native has an example

    # no list
    exit code: 1
    ----- stderr -----
    error: `src/main.rs` has neither `lambda_native::main!` nor a handler that is the whole program
    hint: add the handler by hand: `docs/routes.md` of lambda-native has an example

    # a module
    exit code: 1
    ----- stderr -----
    error: the handlers of `src/main.rs` stand in modules within a file
    hint: add the handler by hand: `docs/routes.md` of lambda-native has an example

    # an empty list
    exit code: 1
    ----- stderr -----
    error: `main!` in line 3 lists no handler
    hint: list the handlers: `lambda_native::main!(create, list)`
    ");
}

#[test]
fn refuses_names_and_routes_that_exist_or_are_wrong() {
    let project = Project::new(&[]);
    let _ = add(&project, &["route", "POST /items", "--yes"]).success();
    let _ = add(&project, &["queue", "OrderQueue", "--yes"]).success();
    let before = tree(&project.path());
    let commands: [&[&str]; 14] = [
        &["route", "POST /items"],
        &["route", "GET /hello/{other}"],
        &["route", "PUT /items", "--name", "create_item"],
        &["route", "items"],
        &["route", "GET /items/"],
        &["function", "hello"],
        &["function", "match"],
        &["function", "SendEmail"],
        &["function", "tests"],
        &["function", "bootstrap"],
        &["queue", "OrderQueue", "--name", "again"],
        &["queue", "order-queue"],
        &["queue", "Jobs", "--bin", "other"],
        &["queue", "OrderDeadLetterQueue"],
    ];
    let run = |arguments: &&[&str]| {
        (arguments.join(" "), add(&project, &[*arguments, &["--yes"]].concat()))
    };
    assert_run!(commands.iter().map(run).collect::<Vec<_>>(), @r#"
    # route POST /items
    exit code: 1
    ----- stderr -----
    error: the handler `create_item` has the route `POST /items`
    hint: change that handler, or choose another path

    # route GET /hello/{other}
    exit code: 1
    ----- stderr -----
    error: the handler `hello` has the route `GET /hello/{name}`
    hint: change that handler, or choose another path

    # route PUT /items --name create_item
    exit code: 1
    ----- stderr -----
    error: the handler `create_item` exists already
    hint: choose another name with `--name`

    # route items
    exit code: 2
    ----- stderr -----
    error: invalid value 'items' for '<ROUTE>': expected a method and a path, such as `POST /items`

    For more information, try '--help'.

    # route GET /items/
    exit code: 2
    ----- stderr -----
    error: invalid value 'GET /items/' for '<ROUTE>': the path ends with a slash

    For more information, try '--help'.

    # function hello
    exit code: 1
    ----- stderr -----
    error: the handler `hello` exists already
    hint: choose another name

    # function match
    exit code: 1
    ----- stderr -----
    error: `match` cannot be the name of a handler: it must be that of a function
    hint: use a name such as `send_email`

    # function SendEmail
    exit code: 1
    ----- stderr -----
    error: `SendEmail` cannot be the name of a handler: it must be that of a function
    hint: write `send_email`

    # function tests
    exit code: 1
    ----- stderr -----
    error: the name `tests` in `src/main.rs` exists already
    hint: choose another name

    # function bootstrap
    exit code: 1
    ----- stderr -----
    error: `Handler` of `HelloFunction` is `bootstrap`, so it would run this handler
    hint: choose another name

    # queue OrderQueue --name again
    exit code: 1
    ----- stderr -----
    error: the template has `OrderQueue` already
    hint: choose another name, or write a handler with `sqs = "NAME"` for that queue

    # queue order-queue
    exit code: 2
    ----- stderr -----
    error: invalid value 'order-queue' for '<NAME>': expected letters and digits, such as `OrderQueue`

    For more information, try '--help'.

    # queue Jobs --bin other
    exit code: 1
    ----- stderr -----
    error: no function of `template.yaml` runs this binary
    hint: leave out `--bin` and `--package`, or add a function for it to the template

    # queue OrderDeadLetterQueue
    exit code: 1
    ----- stderr -----
    error: the template has `OrderDeadLetterQueue` already
    hint: choose another name, or write a handler with `sqs = "NAME"` for that queue
    "#);
    assert_eq!(tree(&project.path()), before);
}

#[test]
fn asks_for_a_program_if_there_are_several() {
    let project = Project::new(&["--template", "function"]);
    let manifest = read(&project, "Cargo.toml");
    let bins = "[[bin]]\nname = \"other\"\npath = \"src/other.rs\"\n\n[dependencies]";
    write(&project, "Cargo.toml", &manifest.replace("[dependencies]", bins));
    write(&project, "src/other.rs", &read(&project, "src/main.rs"));
    let template = read(&project, "template.yaml");
    let other = "  OtherFunction:\n    Type: AWS::Serverless::Function\n    Properties: {CodeUri: ., Handler: other, \
                 Runtime: provided.al2023}\n\nOutputs:";
    write(&project, "template.yaml", &template.replace("Outputs:", other));
    assert_run!(add(&project, &["function", "two", "--yes"]), @"
    exit code: 1
    ----- stderr -----
    error: the project has several programs: `bootstrap` of `hello` and `other` of `hello`
    hint: choose one, such as `--bin bootstrap`
    ");
    let added = changes(&project, &["function", "two", "--bin", "bootstrap"]);
    let files = added.lines().filter(|line| line.starts_with("--- ")).collect::<Vec<_>>();
    assert_eq!(files, ["--- src/main.rs", "--- template.yaml"]);

    // `Handler: other` is what makes the function run that binary.
    assert_run!(add(&project, &["function", "two", "--bin", "other", "--yes"]), @"
    exit code: 1
    ----- stderr -----
    error: `Handler` of `OtherFunction` must name the binary `other`, so it cannot choose a handler
    hint: move the program to a package of its own, with a binary named `bootstrap`
    ");
}

#[test]
fn says_that_it_needs_a_template() {
    let project = Project::new(&[]);
    fs::remove_file(project.path().join("template.yaml")).unwrap();
    assert_run!(add(&project, &["route", "GET /", "--yes"]), @"
    exit code: 1
    ----- stderr -----
    error: no `template.yaml` in this folder or a folder above it
    hint: run the command in a project, or create one with `scaffold new`
    ");
}

/// Everything is added to one project, because its build takes time.
#[test]
fn what_was_added_compiles_passes_its_tests_and_runs() {
    let project = Project::new(&["--openapi", "yes"]);
    assert_run!(add(&project, &["route", "POST /items/{id}/notes", "--yes"]), @r#"
    exit code: 0
    ----- stderr -----
    changed src/main.rs
    changed template.yaml
    created events/create-note.json

    next:
      cargo test
      scaffold dev
      curl -X POST http://[ADDRESS]/items/1/notes -H 'content-type: application/json' -d '{"name":"Ada"}'
    "#);
    for arguments in [
        &["route", "GET /items/{id}", "--yes"][..],
        &["route", "GET /items", "--yes"],
        &["function", "send_email", "--yes"],
        &["queue", "OrderQueue", "--yes"],
    ] {
        let _ = add(&project, arguments).success();
    }
    let _alone = lock_target();
    assert_run!(project.cargo_alone(&["fmt", "--check"]), @"exit code: 0");
    let lint = ["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"];
    assert_run!(project.cargo_alone(&lint), @"exit code: 0");
    let tests = project.cargo_alone(&["test", "--quiet"]).success();
    assert!(tests.contains("test result: ok. 7 passed"), "{tests}");
    let scaffold = |arguments: &[&str]| {
        let mut scaffold = Scaffold::new(arguments).current_dir(&project.path());
        share_target(scaffold.command()).env("CARGO_TERM_QUIET", "true");
        scaffold.run()
    };
    assert_run!(scaffold(&["sync", "--check"]), @"
    exit code: 0
    ----- stderr -----
    ok: `template.yaml` is in step with the code
    ");
    for (function, event, response) in [
        ("HelloFunction", "create-note", r#""body":"{\"id\":\"1\",\"name\":\"Ada\"}""#),
        ("HelloFunction", "get-item", r#""body":"{\"id\":\"1\"}""#),
        ("HelloFunction", "list-items", r#""body":"{\"message\":\"hello\"}""#),
        ("HelloFunction", "event", "hello Ada"),
        ("SendEmailFunction", "send-email", r#"{"output":"HELLO WORLD"}"#),
        ("OrderQueueFunction", "order-queue", r#"{"batchItemFailures":[]}"#),
    ] {
        let event = format!("events/{event}.json");
        let printed = scaffold(&["invoke", function, "--event", &event]).success();
        assert!(printed.contains(response), "{event}: {printed}");
    }
}
