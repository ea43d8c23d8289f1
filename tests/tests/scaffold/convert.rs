//! `scaffold convert`: projects on `lambda_runtime` and `lambda_http`, which are read but not compiled, except those
//! that are compiled after the conversion.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use lambda_native_tests::assert_run;
use lambda_native_tests::command::{Run, Scaffold, program};
use lambda_native_tests::dev::Dev;
use lambda_native_tests::project::{lock_target, share_target, tree};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The files that the command would add.
const FILES: [&str; 8] = [
    ".dockerignore",
    ".gitignore",
    "Dockerfile",
    "Makefile",
    "events/event.json",
    "samconfig.toml",
    "template.yaml",
    "README.md",
];

const EVENTS: &str = "\
[package]
name = \"greeter\"
version = \"0.1.0\"
edition = \"2021\"

[dependencies]
lambda_runtime = \"0.14\" # the runtime
serde = { version = \"1\", features = [\"derive\"] }
tokio = { version = \"1\", features = [\"macros\"] }
";

const HTTP: &str = "\
[package]
name = \"pages\"
version = \"0.1.0\"
edition = \"2021\"

[dependencies]
lambda_http = \"0.17\"
tokio = { version = \"1\", features = [\"macros\"] }
";

/// A handler with the context, and a test of it.
const HANDLER: &str = "\
//! Greets.

use lambda_runtime::{run, service_fn, tracing, Error, LambdaEvent};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Name {
    name:   String, // the layout stays
}

#[derive(Serialize)]
struct Greeting {
    text: String,
    id: String,
}

/// Makes a greeting.
async fn greet(event: LambdaEvent<Name>) -> Result<Greeting, Error> {
    tracing::info!(name = event.payload.name, \"greets\");
    let text = format!(\"hello {}\", event.payload.name);
    Ok(Greeting { text, id: event.context.request_id })
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    // The log.
    tracing::init_default_subscriber();

    run(service_fn(greet)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_runtime::Context;

    #[tokio::test]
    async fn greets_by_name() {
        let mut context = Context::default();
        context.request_id = \"7\".to_string();
        let event = LambdaEvent { payload: Name { name: \"Ada\".into() }, context };
        let greeting = greet(event).await.unwrap();
        assert_eq!((&*greeting.text, &*greeting.id), (\"hello Ada\", \"7\"));
    }
}
";

/// A handler that sends its response through a channel.
const CHANNEL: &str = "\
use lambda_runtime::{
    service_fn,
    streaming::{channel, Body, Response},
    Error, LambdaEvent,
};

async fn count(event: LambdaEvent<u64>) -> Result<Response<Body>, Error> {
    let end = event.payload;
    let (mut tx, rx) = channel();

    tokio::spawn(async move {
        for number in 1..=end {
            // One line each.
            tx.send_data(format!(\"{number}\\n\").into()).await.unwrap();
        }
    });

    Ok(Response::from(rx))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(count)).await?;
    Ok(())
}
";

/// A handler with an error type that becomes a `Diagnostic`.
const DIAGNOSTIC: &str = "\
use lambda_runtime::{run, service_fn, Diagnostic, Error, LambdaEvent};

#[derive(Debug)]
enum StockError {
    Unknown(String),
    SoldOut,
}

impl From<StockError> for Diagnostic {
    fn from(error: StockError) -> Diagnostic {
        let (error_type, error_message) = match error {
            StockError::Unknown(item) => (\"Unknown\", format!(\"no item {item}\")),
            StockError::SoldOut => (\"SoldOut\", \"sold out\".to_owned()),
        };
        Diagnostic { error_type: error_type.into(), error_message }
    }
}

async fn stock(event: LambdaEvent<String>) -> Result<u64, StockError> {
    match event.payload.as_str() {
        \"tea\" => Ok(12),
        \"ink\" => Err(StockError::SoldOut),
        _ => Err(StockError::Unknown(event.payload)),
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(stock)).await
}
";

/// A handler of requests within layers.
const LAYERS: &str = "\
use lambda_http::tower::{timeout::TimeoutLayer, ServiceBuilder};
use lambda_http::{run, service_fn, Body, Error, IntoResponse, Request, RequestExt, Response};

async fn page(request: Request) -> Result<Response<Body>, Error> {
    Ok(match request.query_string_parameters_ref().and_then(|all| all.first(\"name\")) {
        Some(name) => format!(\"hello {name}\").into_response().await,
        None => Response::builder().status(400).body(\"no name\".into())?,
    })
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let layer = TimeoutLayer::new(std::time::Duration::from_secs(20));
    let service = ServiceBuilder::new().layer(layer).service(service_fn(page));
    run(service).await
}
";

/// A handler of requests that uses the types of the crate `http`.
const TOWER: &str = "\
use lambda_http::{http::Method, run, service_fn, Body, Error, Request, Response};

async fn page(request: Request) -> Result<Response<Body>, Error> {
    let kind = match request.method() {
        &Method::GET => \"get\",
        _ => \"other\",
    };
    let is_empty = request.body().is_empty();
    let agent = request.headers().get(\"user-agent\").map(|agent| agent.len());
    let text = format!(\"{kind} {} {is_empty} {agent:?}\", request.uri().path());
    Ok(Response::builder().header(\"content-type\", \"text/plain\").body(text.into())?)
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(page)).await
}
";

/// A `main` whose handler is in a module.
const MODULE_MAIN: &str = "\
use lambda_runtime::{run, service_fn, tracing, Error};
mod work;
use work::greet;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();

    run(service_fn(greet)).await
}
";

/// The module with the handler.
const MODULE: &str = "\
use lambda_runtime::{tracing, Error, LambdaEvent};

/// Greets.
pub(crate) async fn greet(event: LambdaEvent<String>) -> Result<String, Error> {
    let payload = event.payload;
    tracing::info!(\"{payload}\");
    Ok(format!(\"hello {payload}\"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_runtime::{Context, LambdaEvent};

    #[tokio::test]
    async fn greets() {
        let event = LambdaEvent::new(\"Ada\".to_owned(), Context::default());
        let greeting = greet(event).await.unwrap();
        assert_eq!(greeting, \"hello Ada\");
    }
}
";

/// A package that uses `lambda_runtime` or `lambda_http`, in a git repository.
struct Project {
    folder: TempDir,
}

impl Project {
    /// A committed package that has all project files.
    fn new(manifest: &str, main: &str) -> Self {
        let project = Self::without_files(manifest, main);
        for file in FILES {
            project.write(file, "scaffold keeps this file\n");
        }
        project.commit();
        project
    }

    fn without_files(manifest: &str, main: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        project.write("Cargo.toml", manifest);
        project.write("src/main.rs", main);
        project.commit();
        project
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn commit(&self) {
        for arguments in [
            &["init", "--quiet"][..],
            &["add", "--all"],
            &[
                "-c",
                "user.name=Ada",
                "-c",
                "user.email=ada@example.com",
                "commit",
                "--quiet",
                "--message=all",
            ],
        ] {
            let run = program("git").args(arguments).current_dir(self.folder.path()).output();
            let _ = Run::from(run.unwrap()).success();
        }
    }

    /// The files without those of git.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = tree(self.folder.path());
        files.retain(|path, _| !path.starts_with(".git/"));
        files
    }

    fn scaffold(&self, arguments: &[&str]) -> Scaffold {
        Scaffold::new(arguments).current_dir(self.folder.path()).env("CARGO_TERM_QUIET", "true")
    }

    fn convert(&self, arguments: &[&str]) -> Run {
        self.scaffold(&[&["convert"], arguments].concat()).run()
    }

    /// Asserts that a dry run changes nothing, and returns it.
    fn dry_run(&self, arguments: &[&str]) -> Run {
        let before = self.files();
        let run = self.convert(&[&["--dry-run", "--runtime", "crates-io"], arguments].concat());
        assert_eq!(before, self.files());
        run
    }
}

#[test]
fn shows_the_changes_of_a_handler() {
    let project = Project::new(EVENTS, HANDLER);
    assert_run!(project.dry_run(&[]), @r#"
    exit code: 0
    ----- stdout -----
    --- Cargo.toml
    +++ Cargo.toml
    @@ -4,6 +4,18 @@
     edition = "2021"
     
     [dependencies]
    -lambda_runtime = "0.14" # the runtime
    +lambda-native = { version = "0.1.0", features = ["musl-allocator", "tracing"] } # the runtime
     serde = { version = "1", features = ["derive"] }
     tokio = { version = "1", features = ["macros"] }
    +tracing = "0.1"
    +
    +# Lambda starts the executable with this name.
    +[[bin]]
    +name = "bootstrap"
    +path = "src/main.rs"
    +
    +# A small executable that starts fast.
    +[profile.release]
    +lto = "fat"
    +codegen-units = 1
    +strip = true
    --- src/main.rs
    +++ src/main.rs
    @@ -1,8 +1,10 @@
     //! Greets.
     
    -use lambda_runtime::{run, service_fn, tracing, Error, LambdaEvent};
    +use lambda_native::{Context, lambda_handler};
     use serde::{Deserialize, Serialize};
     
    +type Error = Box<dyn std::error::Error + Send + Sync>;
    +
     #[derive(Deserialize)]
     struct Name {
         name:   String, // the layout stays
    @@ -15,31 +17,29 @@
     }
     
     /// Makes a greeting.
    -async fn greet(event: LambdaEvent<Name>) -> Result<Greeting, Error> {
    -    tracing::info!(name = event.payload.name, "greets");
    -    let text = format!("hello {}", event.payload.name);
    -    Ok(Greeting { text, id: event.context.request_id })
    +#[lambda_handler(init = init)]
    +async fn greet(event: Name, context: &Context) -> Result<Greeting, Error> {
    +    tracing::info!(name = event.name, "greets");
    +    let text = format!("hello {}", event.name);
    +    Ok(Greeting { text, id: context.request_id().to_owned() })
     }
     
    -#[tokio::main]
    -async fn main() -> Result<(), Error> {
    +fn init() -> Result<(), Error> {
         // The log.
    -    tracing::init_default_subscriber();
    +    lambda_native::logging::init();
     
    -    run(service_fn(greet)).await
    +    Ok(())
     }
     
     #[cfg(test)]
     mod tests {
         use super::*;
    -    use lambda_runtime::Context;
     
         #[tokio::test]
         async fn greets_by_name() {
    -        let mut context = Context::default();
    -        context.request_id = "7".to_string();
    -        let event = LambdaEvent { payload: Name { name: "Ada".into() }, context };
    -        let greeting = greet(event).await.unwrap();
    +        let context = lambda_native::testing::ContextBuilder::new().request_id("7".to_string()).build();
    +        let event = Name { name: "Ada".into() };
    +        let greeting = greet(event, &context).await.unwrap();
             assert_eq!((&*greeting.text, &*greeting.id), ("hello Ada", "7"));
         }
     }
    ----- stderr -----
    found `greeter` of `greeter`: the function `greet`, run by `lambda_runtime`
    note: the binary `greeter` is now `bootstrap`, the file that Lambda runs
    note: kept `template.yaml`, which describes the deployment; no `template.yaml` was added
    note: kept `Dockerfile`
    warning: `logging::init` writes the log to standard error
    warning: an error has the short name of its type as `errorType`, and `Error` if it is boxed
    "#);
}

#[test]
fn turns_what_a_closure_captures_into_the_state() {
    let main = "\
use lambda_runtime::{service_fn, LambdaEvent, Error};
use serde_json::Value;

struct Table { name: String }

impl Table {
    async fn open(name: &str) -> Result<Self, Error> {
        Ok(Self { name: name.to_owned() })
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    // The name comes from the environment.
    let name = std::env::var(\"TABLE\")?;
    let table = Table::open(&name).await?;
    let table_ref = &table;

    let function = service_fn(move |event: LambdaEvent<Value>| async move {
        let (payload, context) = event.into_parts();
        Ok::<String, Error>(format!(\"{} {} {}\", table_ref.name, payload, context.request_id))
    });
    lambda_runtime::run(function).await?;
    Ok(())
}
";
    let project = Project::new(EVENTS, main);
    let run = project.convert(&["--yes", "--no-check", "--runtime", "crates-io"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    insta::assert_snapshot!(project.read("src/main.rs"), @r#"
    use lambda_native::{Context, lambda_handler};
    use serde_json::Value;

    type Error = Box<dyn std::error::Error + Send + Sync>;

    struct Table { name: String }

    impl Table {
        async fn open(name: &str) -> Result<Self, Error> {
            Ok(Self { name: name.to_owned() })
        }
    }

    async fn init() -> Result<Table, Error> {
        // The name comes from the environment.
        let name = std::env::var("TABLE")?;
        let table = Table::open(&name).await?;
        Ok(table)
    }

    #[lambda_handler(init = init)]
    async fn handler(payload: Value, context: &Context, table_ref: &Table) -> Result<String, Error> {
        Ok::<String, Error>(format!("{} {} {}", table_ref.name, payload, context.request_id()))
    }
    "#);
}

#[test]
fn keeps_several_values_and_the_threads_of_the_runtime() {
    let main = "\
use lambda_runtime::{run, service_fn, Error, LambdaEvent};
use std::sync::Arc;

pub struct Client;
pub struct Settings { table: String }

#[inline] async fn work(event: LambdaEvent<String>, client: Arc<Client>, table: &str) -> Result<String, Error> {
    tokio::spawn(async move { drop(client) }).await?;
    Ok(format!(\"{}{table}\", event.payload))
}

#[tokio::main(flavor = \"multi_thread\", worker_threads = 2)]
async fn main() -> Result<(), Error> {
    let client = Arc::new(Client::new());
    let settings = Settings { table: \"orders\".into() };
    run(service_fn(|event| {
        let client = client.clone();
        let settings = &settings;
        async move { work(event, client, &settings.table).await }
    }))
    .await
}
";
    let project = Project::new(EVENTS, main);
    let run = project.convert(&["--yes", "--no-check", "--runtime", "crates-io"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    insta::assert_snapshot!(project.read("src/main.rs"), @r#"
    use lambda_native::lambda_handler;
    use std::sync::Arc;

    type Error = Box<dyn std::error::Error + Send + Sync>;

    pub struct Client;
    pub struct Settings { table: String }

    #[inline] async fn work(event: String, client: Arc<Client>, table: &str) -> Result<String, Error> {
        tokio::spawn(async move { drop(client) }).await?;
        Ok(format!("{}{table}", event))
    }

    /// The values that all invocations share.
    struct SharedState {
        client: Arc<Client>,
        settings: Settings,
    }

    fn init() -> Result<SharedState, Error> {
        let client = Arc::new(Client::new());
        let settings = Settings { table: "orders".into() };
        Ok(SharedState { client, settings })
    }

    #[lambda_handler(init = init, flavor = "multi_thread", worker_threads = 2)]
    async fn handler(event: String, state: &SharedState) -> Result<String, Error> {
        let client = state.client.clone();
        let settings = &state.settings;
        work(event, client, &settings.table).await
    }
    "#);
}

#[test]
fn marks_the_function_to_which_a_closure_gives_a_reference() {
    let main = "\
use lambda_runtime::{run, service_fn, Error, LambdaEvent};

struct Client;

async fn count(client: &Client, event: LambdaEvent<Vec<u8>>) -> Result<usize, Error> {
    let _ = client;
    Ok(event.payload.len())
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let client = Client::new();
    run(service_fn(|event| count(&client, event))).await
}

impl Client {
    fn new() -> Self { Self }
}
";
    let project = Project::new(EVENTS, main);
    let run = project.convert(&["--yes", "--no-check", "--runtime", "crates-io"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    insta::assert_snapshot!(project.read("src/main.rs"), @"
    use lambda_native::lambda_handler;

    type Error = Box<dyn std::error::Error + Send + Sync>;

    struct Client;

    #[lambda_handler(init = init)]
    async fn count(client: &Client, event: Vec<u8>) -> Result<usize, Error> {
        let _ = client;
        Ok(event.len())
    }

    fn init() -> Result<Client, Error> {
        let client = Client::new();
        Ok(client)
    }

    impl Client {
        fn new() -> Self { Self }
    }
    ");
}

#[test]
fn keeps_a_pointer_whose_value_the_function_takes() {
    let main = "\
use lambda_runtime::{run, service_fn, Error, LambdaEvent};
use std::sync::Arc;

struct Client;

async fn count(event: LambdaEvent<String>, _: &Client) -> Result<usize, Error> {
    Ok(event.payload.len())
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let client = Arc::new(Client {});
    run(service_fn(|event| count(event, &client))).await
}
";
    let project = Project::new(EVENTS, main);
    let run = project.convert(&["--yes", "--no-check", "--runtime", "crates-io"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    insta::assert_snapshot!(project.read("src/main.rs"), @"
    use lambda_native::lambda_handler;
    use std::sync::Arc;

    type Error = Box<dyn std::error::Error + Send + Sync>;

    struct Client;

    #[lambda_handler(init = init)]
    async fn count(event: String, _: &Client) -> Result<usize, Error> {
        Ok(event.len())
    }

    fn init() -> Result<Arc<Client>, Error> {
        let client = Arc::new(Client {});
        Ok(client)
    }
    ");
}

#[test]
fn converts_requests_and_responses() {
    let main = "\
use lambda_http::{http::StatusCode, run, service_fn, Body, Error, IntoResponse, Request, RequestExt, Response};

async fn page(request: Request) -> Result<Response<Body>, Error> {
    let agent = request.headers().get(\"user-agent\").and_then(|value| value.to_str().ok());
    let name = request.query_string_parameters_ref().and_then(|all| all.first(\"name\")).unwrap_or(\"-\");
    let id = request.path_parameters_ref().and_then(|all| all.first(\"id\"));
    let size = request.body().len();
    match request.query_string_parameters_ref().and_then(|all| all.first(\"name\")) {
        Some(name) => Ok(format!(\"{name} {agent:?} {id:?} {size} {}\", request.uri().path()).into_response().await),
        None => Ok(Response::builder().status(StatusCode::NOT_FOUND).body(\"none\".into())?),
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(page)).await
}
";
    let project = Project::new(HTTP, main);
    let run = project.convert(&["--yes", "--no-check", "--runtime", "crates-io"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    insta::assert_snapshot!(project.read("src/main.rs"), @r#"
    use http::{Response, StatusCode};
    use lambda_native::http::Request;
    use lambda_native::lambda_handler;

    type Body = lambda_native::http::Body<'static>;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    #[lambda_handler(http)]
    async fn page(request: Request<'_>) -> Result<Response<Body>, Error> {
        let agent = request.header("user-agent");
        let name_value = request.query("name");
        let name = name_value.as_deref().unwrap_or("-");
        let id = request.path_parameter("id");
        let size = request.body()?.len();
        match request.query("name").as_deref() {
            Some(name) => Ok(http::Response::new(lambda_native::http::Body::from(format!("{name} {agent:?} {id:?} {size} {}", request.path())))),
            None => Ok(Response::builder().status(StatusCode::NOT_FOUND).body("none".into())?),
        }
    }
    "#);
    insta::assert_snapshot!(project.read("Cargo.toml"), @r#"
    [package]
    name = "pages"
    version = "0.1.0"
    edition = "2021"

    [dependencies]
    lambda-native = { version = "0.1.0", features = ["http-types", "musl-allocator"] }
    tokio = { version = "1", features = ["macros"] }
    http = "1"

    # Lambda starts the executable with this name.
    [[bin]]
    name = "bootstrap"
    path = "src/main.rs"

    # A small executable that starts fast.
    [profile.release]
    lto = "fat"
    codegen-units = 1
    strip = true
    "#);
}

#[test]
fn converts_a_router_with_one_line() {
    let main = "\
use axum::{routing::get, Router};
use lambda_http::{run, tracing, Error};

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();

    let app = Router::new().route(\"/\", get(|| async { \"hello\" }));

    run(app).await
}
";
    let project = Project::new(HTTP, main);
    assert_run!(project.dry_run(&[]), @r#"
    exit code: 0
    ----- stdout -----
    --- Cargo.toml
    +++ Cargo.toml
    @@ -4,5 +4,17 @@
     edition = "2021"
     
     [dependencies]
    -lambda_http = "0.17"
    -tokio = { version = "1", features = ["macros"] }
    +lambda-native = { version = "0.1.0", features = ["musl-allocator", "tower", "tracing"] }
    +tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
    +tracing = "0.1"
    +
    +# Lambda starts the executable with this name.
    +[[bin]]
    +name = "bootstrap"
    +path = "src/main.rs"
    +
    +# A small executable that starts fast.
    +[profile.release]
    +lto = "fat"
    +codegen-units = 1
    +strip = true
    --- src/main.rs
    +++ src/main.rs
    @@ -1,11 +1,11 @@
     use axum::{routing::get, Router};
    -use lambda_http::{run, tracing, Error};
    +type Error = Box<dyn std::error::Error + Send + Sync>;
     
     #[tokio::main]
     async fn main() -> Result<(), Error> {
    -    tracing::init_default_subscriber();
    +    lambda_native::logging::init();
     
         let app = Router::new().route("/", get(|| async { "hello" }));
     
    -    run(app).await
    +    match lambda_native::run(lambda_native::http::service(app)).await? {}
     }
    ----- stderr -----
    found `pages` of `pages`: `lambda_http::run(app)`
    note: the binary `pages` is now `bootstrap`, the file that Lambda runs
    note: kept `template.yaml`, which describes the deployment; no `template.yaml` was added
    note: kept `Dockerfile`
    warning: `logging::init` writes the log to standard error
    warning: an error of the handler is a response with the status 500, and not a failed invocation: `http::fail_invocation` changes that
    warning: the path of a request has no stage: routes that start with one need a change
    "#);
}

#[test]
fn lists_what_it_does_not_convert_and_changes_nothing() {
    let main = "\
use lambda_runtime::{run, service_fn, Diagnostic, Error, LambdaEvent};
use serde_json::Value;

async fn work(event: LambdaEvent<Value>) -> Result<u64, Diagnostic> {
    log(&event);
    Ok(event.context.deadline)
}

fn log(event: &LambdaEvent<Value>) {
    println!(\"{event:?}\");
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let _guard = start_log();
    run(service_fn(work)).await
}
";
    let project = Project::new(EVENTS, main);
    assert_run!(project.dry_run(&[]), @"
    exit code: 1
    ----- stderr -----
    error: src/main.rs:5: `event` is used as a whole; here, event and context are two parameters
    hint: use `event.payload` and `event.context`
    error: src/main.rs:6: `deadline` of the context has no equivalent
    hint: use `lambda_native::Context::deadline`, a `SystemTime`, after the conversion
    error: src/main.rs:9: this use of `LambdaEvent` is not converted
    hint: take the event and `&Context` as two parameters
    error: src/main.rs:15: `_guard` lives until `main` ends, and `init` would drop it
    hint: keep it in the state: use it in the handler
    error: nothing was changed
    hint: change these parts and run the command again, or run `scaffold convert --keep-runtime`
    ");
    let early = "\
use lambda_runtime::{run, service_fn, Error, LambdaEvent};

async fn work(event: LambdaEvent<String>) -> Result<String, Error> {
    Ok(event.payload + &std::env::var(\"_X_AMZN_TRACE_ID\")?)
}

#[tokio::main(start_paused = true)]
async fn main() -> Result<(), Error> {
    if std::env::args().count() > 1 {
        return Ok(());
    }
    run(service_fn(work)).await
}
";
    assert_run!(Project::new(EVENTS, early).dry_run(&[]), @"
    exit code: 1
    ----- stderr -----
    error: src/main.rs:4: `lambda-native` does not set the environment variable `_X_AMZN_TRACE_ID`
    hint: use `context.trace_id()`
    error: src/main.rs:7: `start_paused` of `#[tokio::main]` has no equivalent
    hint: remove it
    error: src/main.rs:10: `main` can end before the runtime starts, and `init` cannot
    hint: return an error instead
    error: nothing was changed
    hint: change these parts and run the command again, or run `scaffold convert --keep-runtime`
    ");
}

#[test]
fn lists_streams_layers_and_requests_that_it_does_not_convert() {
    let channel = "\
use lambda_runtime::streaming::{channel, Body, Response};
use lambda_runtime::{run, service_fn, Error, LambdaEvent};

async fn count(_event: LambdaEvent<u64>) -> Result<Response<Body>, Error> {
    let (mut tx, rx) = channel();
    tx.send_trailers(Default::default()).await?;
    Ok(Response::from(rx))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(count)).await
}
";
    assert_run!(Project::new(EVENTS, channel).dry_run(&[]), @"
    exit code: 1
    ----- stderr -----
    error: src/main.rs:4: this streamed response is not converted
    hint: make it by `let (mut tx, rx) = channel();`, use `tx.send_data(…)` only, and end with `Ok(Response::from(rx))`; or write `#[lambda_handler(stream)]` by hand
    error: nothing was changed
    hint: change these parts and run the command again, or run `scaffold convert --keep-runtime`
    ");
    let layers = "\
use lambda_runtime::{layers::TracingLayer, service_fn, Error, LambdaEvent, Runtime};

async fn work(event: LambdaEvent<String>) -> Result<String, Error> {
    Ok(event.payload)
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    Runtime::new(service_fn(work)).layer(TracingLayer::new()).run().await
}
";
    assert_run!(Project::new(EVENTS, layers).dry_run(&[]), @"
    exit code: 1
    ----- stderr -----
    error: src/main.rs:9: a `Runtime` and its layers are not converted
    hint: `run(service_fn(handler)).await`, and `after = function` of `#[lambda_handler]` in place of a layer
    error: nothing was changed
    hint: change these parts and run the command again, or run `scaffold convert --keep-runtime`
    ");
    let requests = "\
use lambda_http::{run, service_fn, Error, Request, RequestExt};

async fn page(request: Request) -> Result<String, Error> {
    let stage = request.request_context().stage();
    Ok(format!(\"{} {stage:?}\", request.method()))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(page)).await
}
";
    assert_run!(Project::new(HTTP, requests).dry_run(&[]), @"
    exit code: 1
    ----- stderr -----
    error: src/main.rs:3: this function does not return `Result<Response<Body>, Error>`
    hint: return a `Response` with the `content-type` that you want
    error: src/main.rs:4: `request_context` of a request is not converted
    hint: `authorizer()`, `source_ip()` and others of the extension `lambda_native::http::RequestInfo`
    error: nothing was changed
    hint: change these parts and run the command again, or run `scaffold convert --keep-runtime`
    ");
}

/// Converts a project with this `main`, and returns the file.
fn converted(manifest: &str, main: &str) -> String {
    let project = Project::new(manifest, main);
    let run = project.convert(&["--yes", "--no-check", "--runtime", "crates-io"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    project.read("src/main.rs")
}

#[test]
fn writes_what_a_channel_brings() {
    insta::assert_snapshot!(converted(EVENTS, CHANNEL), @r#"
    use lambda_native::lambda_handler;

    type Error = Box<dyn std::error::Error + Send + Sync>;

    #[lambda_handler(stream, flavor = "multi_thread")]
    async fn count(event: u64, reply: &mut lambda_native::Reply) -> Result<(), Error> {
        let end = event;
        let (tx, mut rx) = tokio::sync::mpsc::channel::<bytes::Bytes>(1);

        tokio::spawn(async move {
            for number in 1..=end {
                // One line each.
                tx.send(format!("{number}\n").into()).await.unwrap();
            }
        });

        let head = lambda_native::http::Response::new(200)
            .with_header("content-type", "application/octet-stream");
        let mut body = lambda_native::http::stream(head, reply).await?;
        while let Some(part) = rx.recv().await {
            body.write(&part).await?;
        }
        Ok(())
    }
    "#);
}

#[test]
fn keeps_the_type_of_an_error_that_becomes_a_diagnostic() {
    insta::assert_snapshot!(converted(EVENTS, DIAGNOSTIC), @r#"
    use lambda_native::lambda_handler;

    /// The error that Lambda reports for an invocation.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Diagnostic {
        pub error_type: String,
        pub error_message: String,
    }

    impl From<Diagnostic> for lambda_native::Error {
        fn from(diagnostic: Diagnostic) -> Self {
            Self::new(diagnostic.error_type, diagnostic.error_message)
        }
    }

    #[derive(Debug)]
    enum StockError {
        Unknown(String),
        SoldOut,
    }

    impl From<StockError> for Diagnostic {
        fn from(error: StockError) -> Diagnostic {
            let (error_type, error_message) = match error {
                StockError::Unknown(item) => ("Unknown", format!("no item {item}")),
                StockError::SoldOut => ("SoldOut", "sold out".to_owned()),
            };
            Diagnostic { error_type: error_type.into(), error_message }
        }
    }

    async fn stock(event: String) -> Result<u64, StockError> {
        match event.as_str() {
            "tea" => Ok(12),
            "ink" => Err(StockError::SoldOut),
            _ => Err(StockError::Unknown(event)),
        }
    }

    #[lambda_handler]
    async fn handler(event: String) -> Result<u64, Diagnostic> {
        stock(event).await.map_err(Into::into)
    }
    "#);
    let manifest = EVENTS.replace(
        "lambda_runtime = \"0.14\"",
        "anyhow = \"1\"\nlambda_runtime = { version = \"0.14\", features = [\"anyhow\"] }",
    );
    let main = "\
use lambda_runtime::{run, service_fn, Diagnostic, Error, LambdaEvent};

async fn halve(event: LambdaEvent<u64>) -> Result<u64, Diagnostic> {
    if event.payload == 0 {
        return Err(Diagnostic { error_type: \"Zero\".into(), error_message: \"zero\".into() });
    }
    half(event.payload).map_err(Into::into)
}

fn half(number: u64) -> anyhow::Result<u64> {
    anyhow::ensure!(number % 2 == 0, \"odd\");
    Ok(number / 2)
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(halve)).await
}
";
    insta::assert_snapshot!(converted(&manifest, main), @r#"
    use lambda_native::lambda_handler;

    /// The error that Lambda reports for an invocation.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Diagnostic {
        pub error_type: String,
        pub error_message: String,
    }

    impl From<Diagnostic> for lambda_native::Error {
        fn from(diagnostic: Diagnostic) -> Self {
            Self::new(diagnostic.error_type, diagnostic.error_message)
        }
    }

    impl From<anyhow::Error> for Diagnostic {
        fn from(error: anyhow::Error) -> Self {
            let error_type = std::any::type_name::<&anyhow::Error>().to_owned();
            Self { error_type, error_message: error.to_string() }
        }
    }

    #[lambda_handler]
    async fn halve(event: u64) -> Result<u64, Diagnostic> {
        if event == 0 {
            return Err(Diagnostic { error_type: "Zero".into(), error_message: "zero".into() });
        }
        half(event).map_err(Into::into)
    }

    fn half(number: u64) -> anyhow::Result<u64> {
        anyhow::ensure!(number % 2 == 0, "odd");
        Ok(number / 2)
    }
    "#);
    let closure = DIAGNOSTIC.replace("service_fn(stock)", "service_fn(|event| stock(event))");
    assert_run!(Project::new(EVENTS, &closure).dry_run(&[]), @"
    exit code: 1
    ----- stderr -----
    error: src/main.rs:29: a closure is the handler, and an `impl` makes a `Diagnostic`
    hint: write a function that returns `Result<_, Diagnostic>`, and name it here
    error: nothing was changed
    hint: change these parts and run the command again, or run `scaffold convert --keep-runtime`
    ");
}

#[test]
fn keeps_the_layers_around_a_handler_of_requests() {
    insta::assert_snapshot!(converted(HTTP, LAYERS), @r#"
    use tower::ServiceBuilder;
    use tower::timeout::TimeoutLayer;
    use http::Response;
    use tower::service_fn;

    type Body = http_body_util::Full<bytes::Bytes>;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Request = http::Request<http_body_util::Full<bytes::Bytes>>;

    async fn page(request: Request) -> Result<Response<Body>, Error> {
        Ok(match request.extensions().get::<lambda_native::http::RequestInfo>().and_then(|info| info.query("name")).as_deref() {
            Some(name) => http::Response::new(http_body_util::Full::from(format!("hello {name}"))),
            None => Response::builder().status(400).body("no name".into())?,
        })
    }

    #[tokio::main]
    async fn main() -> Result<(), Error> {
        let layer = TimeoutLayer::new(std::time::Duration::from_secs(20));
        let service = ServiceBuilder::new().layer(layer).service(service_fn(page));
        match lambda_native::run(lambda_native::http::service(service)).await? {}
    }
    "#);
}

#[test]
fn runs_a_handler_through_tower_if_it_needs_the_types_of_http() {
    let project = Project::new(HTTP, TOWER);
    let run = project.convert(&["--yes", "--no-check", "--runtime", "crates-io"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    insta::assert_snapshot!(project.read("src/main.rs"), @r#"
    use http::{Method, Response};
    use tower::service_fn;

    type Body = http_body_util::Full<bytes::Bytes>;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Request = http::Request<http_body_util::Full<bytes::Bytes>>;

    async fn page(request: Request) -> Result<Response<Body>, Error> {
        let request = request.map(|body| body.into_inner().unwrap_or_default());
        let kind = match request.method() {
            &Method::GET => "get",
            _ => "other",
        };
        let is_empty = request.body().is_empty();
        let agent = request.headers().get("user-agent").map(|agent| agent.len());
        let text = format!("{kind} {} {is_empty} {agent:?}", request.uri().path());
        Ok(Response::builder().header("content-type", "text/plain").body(text.into())?)
    }

    #[tokio::main]
    async fn main() -> Result<(), Error> {
        match lambda_native::run(lambda_native::http::service(service_fn(page))).await? {}
    }
    "#);
    insta::assert_snapshot!(project.read("Cargo.toml"), @r#"
    [package]
    name = "pages"
    version = "0.1.0"
    edition = "2021"

    [dependencies]
    lambda-native = { version = "0.1.0", features = ["musl-allocator", "tower"] }
    tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
    bytes = "1"
    http = "1"
    http-body-util = "0.1.4"
    tower = { version = "0.5", features = ["util"] }

    # Lambda starts the executable with this name.
    [[bin]]
    name = "bootstrap"
    path = "src/main.rs"

    # A small executable that starts fast.
    [profile.release]
    lto = "fat"
    codegen-units = 1
    strip = true
    "#);
    for (old, new, refused) in [
        ("request.body().is_empty()", "request.body() == b\"\"", "`request.body`"),
        ("request.uri().path()", "request.uri()", "`request.uri`"),
        ("request.method()", "request", "`request` is used as a whole"),
        (
            "Result<Response<Body>, Error>",
            "Result<Vec<u8>, Error>",
            "this function does not return",
        ),
    ] {
        let run = Project::new(HTTP, &TOWER.replace(old, new)).dry_run(&[]);
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(run.stderr.contains(refused), "{refused}: {run:?}");
    }
}

#[test]
fn reads_the_extensions_of_a_request_in_a_router() {
    let main = "\
use axum::extract::Request;
use axum::{routing::get, Router};
use lambda_http::{run_with_streaming_response, Error, RequestExt};

async fn page(request: Request) -> String {
    let name = request.query_string_parameters_ref().and_then(|all| all.first(\"name\")).unwrap_or(\"-\");
    let id = request.path_parameters_ref().and_then(|all| all.first(\"id\")).unwrap_or_default();
    let run = request.lambda_context_ref().map(|context| context.request_id.clone());
    format!(\"{id} {name} {run:?}\")
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    run_with_streaming_response(Router::new().route(\"/\", get(page))).await
}
";
    insta::assert_snapshot!(converted(HTTP, main), @r#"
    use axum::extract::Request;
    use axum::{routing::get, Router};
    type Error = Box<dyn std::error::Error + Send + Sync>;

    async fn page(request: Request) -> String {
        let name_value = request.extensions().get::<lambda_native::http::RequestInfo>().and_then(|info| info.query("name"));
        let name = name_value.as_deref().unwrap_or("-");
        let id = request.extensions().get::<lambda_native::http::RequestInfo>().and_then(|info| info.path_parameter("id")).unwrap_or_default();
        let run = request.extensions().get::<lambda_native::Context>().map(|context| context.request_id().to_owned());
        format!("{id} {name} {run:?}")
    }

    #[tokio::main]
    async fn main() -> Result<(), Error> {
        match lambda_native::run(lambda_native::http::stream_service(Router::new().route("/", get(page)))).await? {}
    }
    "#);
    let unknown = main.replace("path_parameters_ref", "request_context_ref");
    assert_run!(Project::new(HTTP, &unknown).dry_run(&[]), @"
    exit code: 1
    ----- stderr -----
    error: src/main.rs:7: `request_context_ref` of a request is not converted
    hint: `authorizer()`, `source_ip()` and others of the extension `lambda_native::http::RequestInfo`
    error: nothing was changed
    hint: change these parts and run the command again, or run `scaffold convert --keep-runtime`
    ");
}

#[test]
fn marks_a_handler_in_a_module() {
    let project = module();
    let run = project.convert(&["--yes", "--no-check", "--runtime", "crates-io"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    insta::assert_snapshot!(project.read("src/main.rs"), @"
    mod work;
    use work::greet;

    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn init() -> Result<(), Error> {
        lambda_native::logging::init();

        Ok(())
    }

    lambda_native::main!(greet, init = init);
    ");
    insta::assert_snapshot!(project.read("src/work.rs"), @r#"
    use lambda_native::lambda_handler;

    type Error = Box<dyn std::error::Error + Send + Sync>;

    /// Greets.
    #[lambda_handler(named = "bootstrap")]
    pub(crate) async fn greet(event: String) -> Result<String, Error> {
        let payload = event;
        tracing::info!("{payload}");
        Ok(format!("hello {payload}"))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[tokio::test]
        async fn greets() {
            let event = "Ada".to_owned();
            let greeting = greet(event).await.unwrap();
            assert_eq!(greeting, "hello Ada");
        }
    }
    "#);

    let elsewhere = MODULE_MAIN.replace("mod work;\nuse work::greet;", "use greeter::greet;");
    assert_run!(Project::new(EVENTS, &elsewhere).dry_run(&[]), @"
    exit code: 1
    ----- stderr -----
    error: src/main.rs:8: the handler is not a function of this file or of a module with its own file
    hint: move it into this file: `main` stands where the handler does
    error: nothing was changed
    hint: change these parts and run the command again, or run `scaffold convert --keep-runtime`
    ");
}

/// A project whose handler is in a module with its own file.
fn module() -> Project {
    let project = Project::new(EVENTS, MODULE_MAIN);
    project.write("src/work.rs", MODULE);
    project.commit();
    project
}

#[test]
fn adds_the_source_of_the_events() {
    let main = HANDLER.replace("LambdaEvent<Name>", "LambdaEvent<SqsEvent>");
    let project = Project::without_files(EVENTS, &main);
    let run = project.convert(&["--keep-runtime", "--yes"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.stderr.contains("the events of `GreeterFunction` come from `GreeterQueue`"),
        "{run:?}"
    );
    let template = project.read("template.yaml");
    let (_, template) = template.split_once("      Timeout: 30\n").unwrap();
    insta::assert_snapshot!(template, @"
        Events:
          GreeterQueue:
            Type: SQS
            Properties:
              Queue: !GetAtt GreeterQueue.Arn

    GreeterQueue:
      Type: AWS::SQS::Queue
      Properties:
        VisibilityTimeout: 180
        RedrivePolicy:
          deadLetterTargetArn: !GetAtt GreeterDeadLetterQueue.Arn
          maxReceiveCount: 3

    GreeterDeadLetterQueue:
      Type: AWS::SQS::Queue
      Properties:
        MessageRetentionPeriod: 1209600
    ");

    let events = |ty: &str, rest: &str| {
        let main = HANDLER.replace("LambdaEvent<Name>", &format!("LambdaEvent<{ty}>")) + rest;
        let project = Project::without_files(EVENTS, &main);
        let _ = project.convert(&["--keep-runtime", "--yes"]).success();
        let template = project.read("template.yaml");
        template.split_once("      Timeout: 30\n").unwrap().1.to_owned()
    };
    insta::assert_snapshot!(events("kinesis::KinesisEvent", "// KinesisEventResponse\n"), @"
        Events:
          GreeterStream:
            Type: Kinesis
            Properties:
              Stream: !GetAtt GreeterStream.Arn
              StartingPosition: TRIM_HORIZON
              FunctionResponseTypes: [ReportBatchItemFailures]

    GreeterStream:
      Type: AWS::Kinesis::Stream
      Properties:
        StreamModeDetails:
          StreamMode: ON_DEMAND
    ");
    insta::assert_snapshot!(events("S3Event", ""), @"
        Events:
          GreeterBucket:
            Type: S3
            Properties:
              Bucket: !Ref GreeterBucket
              Events: s3:ObjectCreated:*

    GreeterBucket:
      Type: AWS::S3::Bucket
    ");
    insta::assert_snapshot!(events("sns::SnsEventObj<Name>", ""), @"
        Events:
          GreeterTopic:
            Type: SNS
            Properties:
              Topic: !Ref GreeterTopic

    GreeterTopic:
      Type: AWS::SNS::Topic
    ");
    assert_eq!(events("DynamoDbEvent", ""), "");
    assert_eq!(events("S3Event", "async fn other(_: LambdaEvent<SqsEvent>) {}\n"), "");
}

#[test]
fn needs_a_clean_repository() {
    let project = Project::new(EVENTS, HANDLER);
    project.write("src/main.rs", &HANDLER.replace("hello", "bye"));
    let before = project.files();
    assert_run!(project.convert(&["--yes", "--runtime", "crates-io"]).replace("(?s)^found.*", ""), @"
    exit code: 1
    ----- stderr -----
    error: uncommitted changes, such as in `src/main.rs`
    hint: commit or stash the changes, or pass `--allow-dirty`
    ");
    assert_eq!(before, project.files());
    let run = project.convert(&["--yes", "--no-check", "--allow-dirty", "--runtime", "crates-io"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(project.read("src/main.rs").contains("bye"));

    let project = Project::new(EVENTS, HANDLER);
    fs::remove_dir_all(project.path(".git")).unwrap();
    let run = project.convert(&["--yes", "--runtime", "crates-io"]);
    assert!(run.stderr.contains("error: this project is not in a git repository"), "{run:?}");

    let project = Project::new(EVENTS, HANDLER);
    let run = project.convert(&["--runtime", "crates-io"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("hint: pass `--yes`"), "{run:?}");
}

#[test]
fn refuses_a_project_without_the_libraries() {
    let project =
        Project::new("[package]\nname = \"other\"\nversion = \"0.1.0\"\n", "fn main() {}\n");
    assert_run!(project.convert(&["--dry-run"]), @"
    exit code: 1
    ----- stderr -----
    error: no package here depends on `lambda_runtime` or `lambda_http`
    hint: run the command in the folder of a function, or create one with `scaffold new`
    ");
}

#[test]
fn adds_only_the_project_files_if_the_runtime_stays() {
    let manifest = EVENTS.to_owned()
        + "\n[package.metadata.lambda.deploy]\nmemory = 512\ntimeout = 7\nenv = { TABLE = \"orders\" }\n";
    let project = Project::without_files(&manifest, HANDLER);
    let run = project.convert(&["--keep-runtime", "--yes", "--arch", "arm64"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(project.read("src/main.rs"), HANDLER);
    let names: Vec<String> = project.files().into_keys().collect();
    assert_eq!(
        names,
        [
            ".dockerignore",
            ".gitignore",
            "Cargo.toml",
            "Dockerfile",
            "Makefile",
            "README.md",
            "events/event.json",
            "samconfig.toml",
            "src/main.rs",
            "template.yaml",
        ]
    );
    insta::assert_snapshot!(project.read("template.yaml"), @r#"
    AWSTemplateFormatVersion: "2010-09-09"
    Transform: AWS::Serverless-2016-10-31
    Description: greeter, in Rust

    Resources:
      GreeterFunction:
        Type: AWS::Serverless::Function
        Metadata:
          BuildMethod: makefile
        Properties:
          CodeUri: .
          Handler: bootstrap
          Runtime: provided.al2023
          Architectures:
            - arm64
          MemorySize: 512
          Timeout: 7
          Environment:
            Variables:
              TABLE: "orders"
    "#);
    insta::assert_snapshot!(project.read("Cargo.toml"), @r#"
    [package]
    name = "greeter"
    version = "0.1.0"
    edition = "2021"

    [dependencies]
    lambda_runtime = "0.14" # the runtime
    serde = { version = "1", features = ["derive"] }
    tokio = { version = "1", features = ["macros"] }

    # Lambda starts the executable with this name.
    [[bin]]
    name = "bootstrap"
    path = "src/main.rs"

    # A small executable that starts fast.
    [profile.release]
    lto = "fat"
    codegen-units = 1
    strip = true

    [package.metadata.lambda.deploy]
    memory = 512
    timeout = 7
    env = { TABLE = "orders" }
    "#);
    // A second run has nothing to do.
    project.commit();
    assert_run!(project.convert(&["--keep-runtime", "--yes", "--arch", "arm64"]), @"
    exit code: 0
    ----- stderr -----
    ok: nothing to change
    ");
}

#[test]
fn keeps_the_deployment_of_another_tool() {
    let project = Project::without_files(EVENTS, HANDLER);
    project.write("serverless.yml", "service: greeter\n");
    project.commit();
    let run = project.convert(&["--keep-runtime", "--yes"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("kept `serverless.yml`"), "{run:?}");
    assert!(!project.path("template.yaml").exists());
    for file in ["infrastructure/cdk.json", "infra/main.tf", "function.tf"] {
        let project = Project::without_files(EVENTS, HANDLER);
        project.write(file, "\n");
        project.commit();
        let run = project.convert(&["--keep-runtime", "--yes"]);
        assert!(run.stderr.contains(&format!("kept `{file}`, which describes")), "{run:?}");
        assert!(!project.path("template.yaml").exists());
        assert!(!project.path("Makefile").exists());
        assert!(project.path("Dockerfile").exists());
    }
}

#[test]
fn maps_the_binaries_of_several_functions() {
    let project = Project::without_files(EVENTS, HANDLER);
    fs::remove_file(project.path("src/main.rs")).unwrap();
    project.write("src/bin/greet.rs", HANDLER);
    project.write("src/bin/part.rs", HANDLER);
    project.commit();
    let run = project.convert(&["--yes", "--no-check", "--runtime", "crates-io"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    insta::assert_snapshot!(project.read("template.yaml"), @r#"
    AWSTemplateFormatVersion: "2010-09-09"
    Transform: AWS::Serverless-2016-10-31
    Description: greeter, in Rust

    Resources:
      GreetFunction:
        Type: AWS::Serverless::Function
        Metadata:
          BuildMethod: makefile
          BuildProperties:
            Binary: greet
        Properties:
          CodeUri: .
          Handler: bootstrap
          Runtime: provided.al2023
          Architectures:
            - x86_64
          MemorySize: 256
          Timeout: 30

      PartFunction:
        Type: AWS::Serverless::Function
        Metadata:
          BuildMethod: makefile
          BuildProperties:
            Binary: part
        Properties:
          CodeUri: .
          Handler: bootstrap
          Runtime: provided.al2023
          Architectures:
            - x86_64
          MemorySize: 256
          Timeout: 30
    "#);
    let makefile = project.read("Makefile");
    assert!(makefile.contains("--bin $(BINARY)"), "{makefile}");
    assert!(makefile.ends_with(
        "\n# The binary of each function.\nbuild-GreetFunction: BINARY = greet\nbuild-PartFunction: BINARY = part\n"
    ), "{makefile}");
    assert!(!project.read("Cargo.toml").contains("[[bin]]"));
}

#[test]
fn the_converted_project_compiles_and_answers() {
    let project = Project::without_files(EVENTS, HANDLER);
    let _alone = lock_target();
    let mut convert = project.scaffold(&["convert", "--yes", "--runtime", "embedded"]);
    share_target(convert.command());
    let run = convert.run();
    assert_eq!(run.code, Some(0), "{run:?}");
    let mut invoke = project.scaffold(&["invoke", "--data", r#"{"name":"Ada"}"#]);
    share_target(invoke.command());
    let answer = invoke.run().success();
    assert!(answer.starts_with(r#"{"text":"hello Ada","id":""#), "{answer}");
}

/// A package with these functions as binaries, on a runtime that stays.
fn kept(functions: &[(&str, &str)]) -> Project {
    let manifest = "\
[package]
name = \"shop\"
version = \"0.1.0\"
edition = \"2021\"

[dependencies]
lambda_http = \"1\"
lambda_runtime = \"1\"
serde = { version = \"1\", features = [\"derive\"] }
tokio = { version = \"1\", features = [\"macros\"] }
tower = { version = \"0.5\", features = [\"timeout\"] }

# Compiles fast.
[profile.release]
opt-level = 0
strip = true
";
    let project = Project::without_files(manifest, "");
    fs::remove_file(project.path("src/main.rs")).unwrap();
    for (name, text) in functions {
        project.write(name, text);
    }
    project.commit();
    let _ = project.convert(&["--keep-runtime", "--yes"]).success();
    project.commit();
    project
}

#[test]
fn a_converted_project_answers_as_before() {
    let project = kept(&[
        ("src/bin/channel.rs", CHANNEL),
        ("src/bin/diagnostic.rs", DIAGNOSTIC),
        ("src/bin/layers.rs", LAYERS),
        ("src/bin/module/main.rs", MODULE_MAIN),
        ("src/bin/module/work.rs", MODULE),
        ("src/bin/tower.rs", TOWER),
    ]);
    let request = |method: &str, query: &str, body: &str| {
        let http = format!(r#""http":{{"method":"{method}","path":"/a%20b","sourceIp":"::1"}}"#);
        format!(
            r#"{{"version":"2.0","rawPath":"/a b","rawQueryString":"{query}","headers":{{"user-agent":"x"}},"requestContext":{{{http},"stage":"$default"}},"body":"{body}","isBase64Encoded":false}}"#
        )
    };
    let events = [
        ("channel", "3".to_owned()),
        ("diagnostic", "\"tea\"".to_owned()),
        ("diagnostic", "\"ink\"".to_owned()),
        ("diagnostic", "\"cup\"".to_owned()),
        ("layers", request("GET", "name=Ada%20L", "")),
        ("layers", request("GET", "", "")),
        ("module", "\"Ada\"".to_owned()),
        ("tower", request("GET", "", "")),
        ("tower", request("POST", "", "text")),
    ];
    let _alone = lock_target();
    let answers = || {
        let answers = events.iter().map(|(function, event)| {
            let mut invoke = project.scaffold(&["invoke", function, "--data", event]);
            share_target(invoke.command());
            let run = invoke.run();
            format!("{function} {:?} {}\n", run.code, answer(&run.stdout))
        });
        answers.collect::<String>()
    };
    let before = answers();
    let mut convert = project.scaffold(&["convert", "--yes", "--runtime", "embedded"]);
    share_target(convert.command());
    let run = convert.run();
    assert_eq!(run.code, Some(0), "{run:?}");
    insta::assert_snapshot!(before, @r#"
    channel Some(0) "{\"statusCode\":200,\"headers\":{\"content-type\":\"application/octet-stream\"},\"cookies\":[]}\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u00001\n2\n3\n\n"
    diagnostic Some(0) 12
    diagnostic Some(1) {"errorMessage":"sold out","errorType":"SoldOut"}
    diagnostic Some(1) {"errorMessage":"no item cup","errorType":"Unknown"}
    layers Some(0) {"body":"hello Ada L","isBase64Encoded":false,"statusCode":200}
    layers Some(0) {"body":"no name","isBase64Encoded":false,"statusCode":400}
    module Some(0) "hello Ada"
    tower Some(0) {"body":"get /a%20b true Some(1)","headers":{"content-type":"text/plain"},"isBase64Encoded":false,"statusCode":200}
    tower Some(0) {"body":"other /a%20b false Some(1)","headers":{"content-type":"text/plain"},"isBase64Encoded":false,"statusCode":200}
    "#);
    assert_eq!(before, answers());
}

/// A response without the members that say nothing.
fn answer(text: &str) -> Value {
    let Ok(mut value) = serde_json::from_str::<Value>(text) else { return text.into() };
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, it| *it != json!({}) && *it != json!([]));
    }
    value
}

#[test]
fn a_kept_runtime_works_with_the_other_commands() {
    let page = TOWER.replace("page", "show");
    let project = kept(&[("src/bin/greet.rs", HANDLER), ("src/bin/page.rs", &page)]);
    let _alone = lock_target();
    let scaffold = |arguments: &[&str]| {
        let mut scaffold = project.scaffold(arguments);
        share_target(scaffold.command());
        scaffold
    };
    let event = r#"{"name":"Ada"}"#;
    let greeting = scaffold(&["invoke", "greet", "--data", event]).run().success();
    assert!(greeting.starts_with(r#"{"text":"hello Ada","id":""#), "{greeting}");
    let failed = scaffold(&["invoke", "greet", "--data", "7"]).run();
    assert_eq!(failed.code, Some(1), "{failed:?}");
    assert!(failed.stderr.contains("error: the function failed"), "{failed:?}");

    let mut dev = Dev::start(scaffold(&["dev", "--port", "0"]));
    dev.wait_for("\nready in ");
    assert_eq!(dev.get("/a").pair(), (200, "get /a true None"));
    let greeting = dev.invoke("GreetFunction", &[], event);
    assert!(greeting.pair().1.starts_with(r#"{"text":"hello Ada""#), "{greeting:?}");
    dev.end("INT");

    // The code has no record of its handlers.
    for (arguments, message) in [
        (&["sync"][..], "no handler has a route or a source, so there is nothing to write"),
        (
            &["sync", "--check"],
            "no handler has a route or a source, so there is nothing to compare",
        ),
        (&["openapi"], "error: no handler in this project has a route"),
    ] {
        let run = scaffold(arguments).run();
        assert!(run.stderr.contains(message), "{run:?}");
    }
}

#[test]
#[ignore = "needs Rust's target for musl: `.ci/run templates`"]
fn a_kept_runtime_is_built_and_deployed() {
    for (function, main) in [("greet", HANDLER), ("page", TOWER)] {
        let project = kept(&[(&format!("src/bin/{function}.rs"), main)]);
        let _alone = lock_target();
        let bin = TempDir::new().unwrap();
        let aws = bin.path().join("aws");
        fs::write(&aws, AWS).unwrap();
        fs::set_permissions(&aws, fs::Permissions::from_mode(0o755)).unwrap();
        let path = std::env::var("PATH").unwrap();
        let scaffold = |arguments: &[&str]| {
            let mut scaffold = project.scaffold(arguments).env("AWS_REGION", "eu-central-1");
            share_target(scaffold.command());
            scaffold.env("PATH", format!("{}:{path}", bin.path().display())).run()
        };
        let built = scaffold(&["build", "--native"]);
        assert_eq!(built.code, Some(0), "{built:?}");
        assert!(built.stderr.contains(", static\nok: ready for Lambda"), "{built:?}");
        let inspected: Value =
            serde_json::from_str(&scaffold(&["inspect", "--json"]).success()).unwrap();
        assert_eq!(inspected["executable"]["linking"], "static");
        assert_eq!(inspected["executable"]["handlers"], json!([]));
        assert_eq!(inspected["problems"], json!([]));
        let inspected = scaffold(&["inspect"]).success();
        assert!(!inspected.contains("handler"), "{inspected}");
        let packed = scaffold(&["package", "--native"]);
        assert!(packed.stderr.contains("  755 bootstrap"), "{packed:?}");
        let deployed = scaffold(&["deploy", "--direct", "--dry-run"]);
        assert_eq!(deployed.code, Some(0), "{deployed:?}");
        assert!(deployed.stderr.contains("create    function shop: zip"), "{deployed:?}");
    }
}

/// An AWS CLI of an account without functions.
const AWS: &str = "#!/bin/sh
[ \"$1\" = configure ] && exit 1
case \"$*\" in *get-apis*) echo '{\"Items\": []}'; exit ;; esac
printf '\\nAn error occurred (ResourceNotFoundException) when calling it: no\\n' >&2
exit 254
";

#[test]
fn restores_everything_if_the_result_does_not_compile() {
    let main = HANDLER.replace("Ok(Greeting", "let text: u8 = text;\n    Ok(Greeting");
    let project = Project::without_files(EVENTS, &main);
    let before = project.files();
    let _alone = lock_target();
    let mut convert = project.scaffold(&["convert", "--yes", "--runtime", "embedded"]);
    share_target(convert.command());
    let run = convert.run();
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("mismatched types"), "{run:?}");
    assert!(
        run.stderr
            .contains("error: the converted project does not compile, so all files were restored"),
        "{run:?}"
    );
    assert_eq!(before, project.files());
}
