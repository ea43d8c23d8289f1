//! `scaffold convert`: projects on `lambda_runtime` and `lambda_http`, which are read but not compiled, except those
//! that are compiled after the conversion.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use lambda_native_tests::assert_run;
use lambda_native_tests::command::{Run, Scaffold, program};
use lambda_native_tests::project::{lock_target, share_target, tree};
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
    warning: an error of the handler is a response with the status 500, and not a failed invocation
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
    error: src/main.rs:1: `lambda_runtime::Diagnostic` has no equivalent
    hint: implement `lambda_native::HandlerError` for the error, or return `lambda_native::Error::new(type, message)`
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
    let streams = "\
use lambda_http::{run_with_streaming_response, Error};

#[tokio::main]
async fn main() -> Result<(), Error> {
    run_with_streaming_response(axum::Router::new()).await
}
";
    assert_run!(Project::new(HTTP, streams).dry_run(&[]), @"
    exit code: 1
    ----- stderr -----
    error: src/main.rs:5: `run_with_streaming_response` is not converted
    hint: `#[lambda_handler(http, stream)]`, which writes to a `Reply`
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
    error: src/main.rs:3: a text as a response gets a `content-type` here, and none with `lambda_http`
    hint: return a `Response`, with the `content-type` that you want
    error: src/main.rs:4: `request.request_context` is not converted
    hint: `request.authorizer()`, `request.source_ip()` and others
    error: src/main.rs:5: `request.method` is not converted
    hint: `request.method()`, a `&str`
    error: nothing was changed
    hint: change these parts and run the command again, or run `scaffold convert --keep-runtime`
    ");
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
