//! The templates: every pair of answers, and the projects that come of it.
//!
//! The tests that build projects and ask SAM are run by `.ci/run templates`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what a test does not expect ends it"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::thread;

use lambda_native_tests::command::{Run, Scaffold, path, workspace};
use lambda_native_tests::matrix::{Answers, folder, pairwise, questions, templates};
use lambda_native_tests::project::{Project, clean_environment, tree};
use lambda_native_tests::runtime_api::{Answer, RuntimeApi};
use lambda_native_tests::server::{Server, free_address, get};
use regex::Regex;
use saphyr::{LoadableYamlNode, Yaml};
use serde_json::{Value, json};
use tempfile::tempdir;
use toml_edit::DocumentMut;

type Files = BTreeMap<String, String>;

/// The flags of `scaffold new` for a template and answers.
fn flags(template: &str, answers: &Answers) -> Vec<String> {
    let answers = answers.iter();
    let flags = answers.map(|(name, answer)| format!("--{}={answer}", name.replace('_', "-")));
    [format!("--template={template}")].into_iter().chain(flags).collect()
}

/// A project whose library is that of this checkout: it is compiled but once.
fn project(template: &str, answers: &Answers) -> Project {
    let mut flags = flags(template, answers);
    flags.push(format!("--runtime=path:{}", workspace().display()));
    Project::new(&flags.iter().map(String::as_str).collect::<Vec<_>>())
}

fn answers<const N: usize>(answers: [(&str, &str); N]) -> Answers {
    answers.map(|(name, answer)| (name.to_owned(), answer.to_owned())).into()
}

/// The files of a project, but for what `scaffold new` adds to the template's.
fn files(folder: &std::path::Path) -> Files {
    let files = tree(folder).into_iter().filter(|(path, _)| path != ".scaffold.toml");
    files.map(|(path, text)| (path, String::from_utf8(text).expect("it is UTF-8"))).collect()
}

/// The template, the answers, the files of the project.
type Row = (String, Answers, Files);

/// Every pair of answers to the questions of every template.
fn matrix() -> &'static [Row] {
    static MATRIX: OnceLock<Vec<Row>> = OnceLock::new();
    MATRIX.get_or_init(|| {
        let rows: Vec<_> = templates()
            .into_iter()
            .flat_map(|template| {
                let rows = pairwise(&questions(&template)).into_iter();
                rows.map(move |answers| (template.clone(), answers))
            })
            .collect();
        in_parallel(rows, |(template, answers)| {
            let mut flags = flags(&template, &answers);
            flags.push("--runtime=crates-io".to_owned());
            let project = Project::new(&flags.iter().map(String::as_str).collect::<Vec<_>>());
            (template, answers, files(&project.path()))
        })
    })
}

/// What `each` makes of the items, on all processors.
fn in_parallel<T: Send, R: Send>(items: Vec<T>, each: impl Fn(T) -> R + Sync) -> Vec<R> {
    let queue = Mutex::new(items.into_iter());
    let results = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().unwrap().get() {
            scope.spawn(|| {
                loop {
                    let item = queue.lock().unwrap().next();
                    let Some(item) = item else { break };
                    let result = each(item);
                    results.lock().unwrap().push(result);
                }
            });
        }
    });
    results.into_inner().unwrap()
}

#[test]
fn numbers_are_what_they_are_said_to_be() {
    for template in templates() {
        for question in questions(&template) {
            let Some((regex, least, greatest)) = question.numbers else { continue };
            let accepted: Vec<u32> =
                (0..=11_000).filter(|number| regex.is_match(&number.to_string())).collect();
            assert_eq!(accepted, (least..=greatest).collect::<Vec<_>>(), "{}", question.name);
            assert!(!regex.is_match("") && !regex.is_match("0128") && !regex.is_match("128 "));
        }
    }
}

#[test]
fn what_templates_have_in_common_is_the_same() {
    // cargo-generate has no way to share a file.
    let groups: [(&[&str], &[&str]); 2] = [
        (
            &["function", "http-api", "multi", "web"],
            &[
                ".dockerignore",
                ".github/workflows/ci.yml",
                ".gitignore",
                ".vscode/extensions.json",
                ".vscode/launch.json",
                ".vscode/tasks.json",
                "Dockerfile",
                "Makefile",
                "src/check_ip.rs",
            ],
        ),
        (&["multi", "web"], &["samconfig.toml"]),
    ];
    for (templates, names) in groups {
        for name in names {
            let files =
                templates.iter().map(|template| fs::read(folder(template).join(name)).unwrap());
            assert_eq!(files.collect::<BTreeSet<_>>().len(), 1, "{name} differs");
        }
    }
    assert_eq!(groups[0].0, templates());
    // So are the builds for Lambda, and every question that they share.
    let builds = templates().into_iter().map(|template| {
        let manifest = fs::read_to_string(folder(&template).join("Cargo.toml.liquid")).unwrap();
        manifest.split_once("linking = \"static\"").expect(&template).1.to_owned()
    });
    assert_eq!(builds.collect::<BTreeSet<_>>().len(), 1);
    let mut shared = BTreeMap::new();
    for template in templates() {
        for question in questions(&template).into_iter().filter(|it| it.name != "timeout") {
            let text = format!("{question:?}");
            let other = shared.entry(question.name).or_insert_with(|| text.clone());
            assert_eq!(*other, text);
        }
    }
}

/// Nothing is left of the template, and every file is one to the program that it is for.
#[test]
fn every_pair_of_answers_makes_whole_files() {
    let expression = Regex::new(r"\$\{\{ [\w.]+ \}\}").unwrap();
    for (template, answers, files) in matrix() {
        for (path, text) in files {
            let about = format!("{path} of {template} with {answers:?}:\n{text}");
            let rest = expression.replace_all(text, "");
            assert!(!rest.contains("{{") && !rest.contains("{%"), "a tag is left in {about}");
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "the end of {about}");
            assert!(!text.contains("\n\n\n") && !text.starts_with('\n'), "empty lines in {about}");
            assert!(!text.lines().any(|line| line.ends_with(' ')), "spaces in {about}");
            let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
            match extension {
                "json" => drop(serde_json::from_str::<Value>(text).expect(&about)),
                "toml" => drop(text.parse::<DocumentMut>().expect(&about)),
                "yaml" | "yml" => assert_eq!(Yaml::load_from_str(text).expect(&about).len(), 1),
                _ => (),
            }
        }
        let has = |path: &str| files.keys().any(|file| file.starts_with(path));
        assert_eq!(has("Makefile"), answers["package_type"] == "zip");
        assert_eq!(has(".github/"), answers["ci"] == "github");
        assert_eq!(has(".vscode/"), answers["editor"] == "vscode");
        assert_eq!(has("src/check_ip.rs"), answers["outbound"] == "yes");
        assert_builds_agree(answers, files);
        assert_readme_is_true(files);
        assert_template_is_true(answers, files);
    }
}

/// Whatever builds the project builds it for the same processor, and links it in the same way.
fn assert_builds_agree(answers: &Answers, files: &Files) {
    let is_static = answers.get("linking").is_some_and(|linking| linking == "static");
    let (image, machine, runner) = match &*answers["architecture"] {
        "arm64" => ("arm64", "aarch64", "ubuntu-24.04-arm"),
        _ => ("amd64", "x86_64", "ubuntu-24.04"),
    };
    let has = |path: &str, line: String| files[path].lines().any(|other| other.trim() == line);
    assert!(has("Dockerfile", format!("ARG ARCHITECTURE={image}")));
    let linking = if is_static { "static" } else { "dynamic" };
    assert!(has("Dockerfile", format!("ARG LINKING={linking}")));
    assert_eq!(has("Cargo.toml", "linking = \"static\"".to_owned()), is_static);
    if let Some(makefile) = files.get("Makefile") {
        assert!(has("Makefile", format!("TARGET = {machine}-unknown-linux-gnu")));
        assert_eq!(makefile.contains("+crt-static"), is_static);
    }
    if files.contains_key(".github/workflows/ci.yml") {
        assert!(has(".github/workflows/ci.yml", format!("runs-on: {runner}")));
    }
}

/// The README names all files that are there, and none that is not.
fn assert_readme_is_true(files: &Files) {
    let readme = &files["README.md"];
    let named = Regex::new(r"(?m)^\| (`[^|]+) \|").unwrap();
    let path = Regex::new(r"`([^`]+)`").unwrap();
    let named: BTreeSet<&str> = named
        .captures_iter(readme)
        .flat_map(|row| path.captures_iter(row.get(1).unwrap().as_str()))
        .map(|path| path.get(1).unwrap().as_str())
        .filter(|path| {
            path.contains(['.', '/']) && !path.contains(' ') || files.contains_key(*path)
        })
        .collect();
    for name in &named {
        assert!(files.keys().any(|path| path.starts_with(name)), "no `{name}`:\n{readme}");
    }
    let unnamed = [".dockerignore", ".gitignore", "README.md"];
    for path in files.keys().filter(|path| !unnamed.contains(&path.as_str())) {
        assert!(named.iter().any(|name| path.starts_with(name)), "`{path}` is not in:\n{readme}");
    }
}

/// Every answer is where SAM reads it, and every sample event is one that a function gets.
fn assert_template_is_true(answers: &Answers, files: &Files) {
    let text = &files["template.yaml"];
    let documents = Yaml::load_from_str(text).unwrap();
    let template = &documents[0];
    let globals = template.as_mapping_get("Globals").map(|globals| &globals["Function"]);
    let resources = template["Resources"].as_mapping().unwrap();
    let is = |name: &str, answer: &str| answers.get(name).is_some_and(|it| it == answer);
    let mut routes = BTreeSet::new();
    for (name, function) in resources {
        if function["Type"].as_str() != Some("AWS::Serverless::Function") {
            continue;
        }
        let own = &function["Properties"];
        let property =
            |name: &str| own.as_mapping_get(name).or_else(|| globals?.as_mapping_get(name));
        let text = |name: &str| property(name).and_then(Yaml::as_str);
        let number = |name: &str| property(name).and_then(Yaml::as_integer).unwrap().to_string();
        let is_image = is("package_type", "image");
        assert_eq!(text("PackageType"), is_image.then_some("Image"));
        assert_eq!(text("Runtime"), (!is_image).then_some("provided.al2023"));
        assert_eq!(
            property("Architectures").unwrap()[0].as_str().unwrap(),
            answers["architecture"]
        );
        assert_eq!(number("MemorySize"), answers["memory"]);
        assert_eq!(number("Timeout"), answers["timeout"]);
        assert_eq!(text("Tracing"), is("tracing", "yes").then_some("Active"));
        let logging =
            property("LoggingConfig").map(|logging| logging["LogFormat"].as_str().unwrap());
        assert_eq!(logging, is("json_logs", "yes").then_some("JSON"));
        let metadata = function["Metadata"].as_mapping().unwrap();
        assert_eq!(metadata.len(), if is_image { 4 } else { 1 }, "{name:?}");

        if property("FunctionUrlConfig").is_some() {
            routes.insert("function-url $default".to_owned());
        }
        for (_, event) in property("Events").and_then(Yaml::as_mapping).into_iter().flatten() {
            let part = |name: &str| {
                event.as_mapping_get("Properties").map(|it| it[name].as_str().unwrap())
            };
            let api = if event["Type"].as_str() == Some("Api") { "rest" } else { "http" };
            let route = part("Method").map_or("$default".to_owned(), |method| {
                format!("{method} {}", part("Path").unwrap())
            });
            routes.insert(format!("{api} {route}"));
        }
    }
    let insights = template["Resources"].as_mapping_get("ApplicationInsightsMonitoring");
    assert_eq!(insights.is_some(), is("application_insights", "yes"));

    let mut sent = BTreeSet::new();
    for (path, event) in files.iter().filter(|(path, _)| path.starts_with("events/")) {
        let event: Value = serde_json::from_str(event).unwrap();
        let Some(context) = event.get("requestContext") else { continue };
        let domain = context["domainName"].as_str().unwrap();
        let route = match (event["routeKey"].as_str(), event["resource"].as_str()) {
            (Some(key), _) if domain.contains(".lambda-url.") => format!("function-url {key}"),
            (Some(key), _) => format!("http {key}"),
            (_, Some(resource)) => {
                format!("rest {} {resource}", event["httpMethod"].as_str().unwrap())
            }
            _ => panic!("{path} is no request"),
        };
        assert!(routes.contains(&route), "{path} is sent to {route}, of {routes:?}");
        sent.insert(route);
    }
    if resources.len() > 3 {
        assert_eq!(sent, routes);
    }
}

/// With the same answers, byte for byte.
#[test]
fn the_plain_cargo_generate_makes_the_same_of_every_pair() {
    in_parallel(matrix().iter().collect(), |(template, answers, files)| {
        let folder = tempdir().unwrap();
        let mut plain = Command::new(env!("CARGO_BIN_EXE_plain-cargo-generate"));
        plain
            .args(["generate", "--silent", "--name", "hello", "--path"])
            .arg(lambda_native_tests::matrix::folder(template))
            .args(answers.iter().flat_map(|(name, it)| ["--define".into(), format!("{name}={it}")]))
            .current_dir(folder.path())
            .env("CARGO_NAME", "Ada Lovelace");
        let run = Run::from(plain.output().unwrap());
        assert_eq!(run.code, Some(0), "{run:?}");
        let plain = self::files(&folder.path().join("hello"));
        let about = format!("{template} with {answers:?}");
        assert!(plain.keys().eq(files.keys()), "{about}: {:?}", plain.keys());
        for (path, text) in plain {
            assert_eq!(text, files[&path], "{path} of {about}");
        }
    });
}

/// Every kind of source that there is: formatted, and without a warning.
#[test]
#[ignore = "takes minutes: `.ci/run templates`"]
fn every_source_is_formatted_and_without_warnings() {
    let mut sources = BTreeMap::new();
    for (template, answers, files) in matrix() {
        let is_source = |path: &str| {
            path == "Cargo.toml" || path.starts_with("src/") || path.starts_with("events/")
        };
        let source: BTreeMap<_, _> = files.iter().filter(|(path, _)| is_source(path)).collect();
        sources.entry(source).or_insert((template, answers));
    }
    println!("{} kinds of source", sources.len());
    for (template, answers) in sources.into_values() {
        let project = project(template, answers);
        let about = format!("{template} with {answers:?}");
        assert_eq!(project.cargo(&["fmt", "--check"]), Run::new(0, "", ""), "{about}");
        for check in [
            // Without the test configuration too.
            &["clippy", "--quiet", "--", "--deny", "warnings", "--warn", "clippy::pedantic"][..],
            &[
                "clippy",
                "--quiet",
                "--all-targets",
                "--",
                "--deny",
                "warnings",
                "--warn",
                "clippy::pedantic",
            ],
        ] {
            assert_eq!(project.cargo(check), Run::new(0, "", ""), "{about}");
        }
    }
}

/// The answers that change what a function does.
fn main_choices() -> Vec<(String, Answers)> {
    let mut choices = Vec::new();
    for template in templates() {
        let questions = questions(&template);
        let api = questions.iter().find(|question| question.name == "api");
        let apis = api.map_or(vec![None], |api| api.answers.iter().map(Some).collect());
        for api in apis {
            for outbound in ["no", "yes"] {
                let mut answers = answers([("outbound", outbound)]);
                answers.extend(api.map(|api| ("api".to_owned(), api.clone())));
                choices.push((template.clone(), answers));
            }
        }
    }
    choices
}

/// A web service on this machine that answers everyone with an address.
fn check_ip() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let head = BufReader::new(&stream).lines().map_while(Result::ok);
            head.take_while(|line| !line.is_empty()).for_each(drop);
            let _ =
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n198.51.100.7\n");
        }
    });
    url
}

/// A project's program with each of its events; what its README, its workflow and its editor files
/// have typed.
#[test]
#[ignore = "takes minutes: `.ci/run templates`"]
fn every_kind_of_project_does_what_its_files_say() {
    let check_ip = check_ip();
    for (template, mut answers) in main_choices() {
        answers.extend(self::answers([("ci", "github"), ("editor", "vscode")]));
        let project = project(&template, &answers);
        let about = format!("{template} with {answers:?}");
        println!("{about}");
        let files = files(&project.path());
        for (event, handler, expected) in replies(&template, &answers) {
            let mut function = Command::new(project.bootstrap());
            function.env("_HANDLER", handler).env("CHECK_IP_URL", &check_ip);
            let event = Answer::event("1", &files[&format!("events/{event}")]);
            let run = RuntimeApi::start([event, Answer::accepted()]).run(&mut function, 3);
            assert_eq!(reply(&run), expected, "{about}: {run:?}");
        }
        let typed = commands(&files["README.md"]).into_iter().chain(steps(&files));
        let mut ran = Vec::new();
        for line in typed.filter(|line| !is_elsewhere(line)) {
            if line.starts_with("cargo run") {
                let address = free_address();
                let mut serve = shell(&project, &format!("exec {line}"), &check_ip);
                serve.env("PORT", address.port().to_string());
                let _server = Server::start(serve, address);
                let greeting = r#"{"message":"hello Ada"}"#.to_owned();
                assert_eq!(get(address, "/hello/Ada"), (200, greeting), "{about}");
            } else {
                let run = Run::from(shell(&project, &line, &check_ip).output().unwrap());
                assert_eq!(run.code, Some(0), "`{line}` of {about}: {run:?}");
            }
            ran.push(line);
        }
        for program in ["cargo test", "cargo clippy", "cargo fmt", "scaffold invoke"] {
            let is_there = ran.iter().any(|line| line.starts_with(program));
            assert!(is_there, "{ran:?}");
        }
        assert_debugs(&project, &files);
    }
}

/// What needs AWS, SAM or GitHub.
fn is_elsewhere(line: &str) -> bool {
    ["aws ", "rustup ", "sam ", "scaffold deploy"].iter().any(|other| line.starts_with(other))
}

/// The commands of the workflow.
fn steps(files: &Files) -> Vec<String> {
    let workflow = Yaml::load_from_str(&files[".github/workflows/ci.yml"]).unwrap();
    let steps = workflow[0]["jobs"]["check"]["steps"].as_vec().unwrap();
    let commands = steps.iter().filter_map(|step| step.as_mapping_get("run")?.as_str());
    commands.map(str::to_owned).collect()
}

/// What the editor's debugger has cargo build is one program, and what its task runs is there.
fn assert_debugs(project: &Project, files: &Files) {
    let launch: Value = serde_json::from_str(&files[".vscode/launch.json"]).unwrap();
    let tests = &launch["configurations"][0]["cargo"];
    let arguments = tests["args"].as_array().unwrap().iter();
    let mut arguments: Vec<&str> = arguments.map(|it| it.as_str().unwrap()).collect();
    arguments.extend(["--quiet", "--message-format=json"]);
    let built = project.cargo(&arguments).success();
    let programs = built.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let programs = programs.filter(|it| it["executable"].is_string());
    let kinds: Vec<Value> = programs.map(|it| it["target"]["kind"].clone()).collect();
    assert_eq!(kinds, [json!([tests["filter"]["kind"]])]);

    let tasks: Value = serde_json::from_str(&files[".vscode/tasks.json"]).unwrap();
    let task = &tasks["tasks"][0];
    assert_eq!((&task["command"], &task["args"]), (&json!("scaffold"), &json!(["dev", "--debug"])));
    assert!(Scaffold::new(["dev", "--help"]).run().success().contains(" --debug"));
}

/// However it is built, what is to be static is.
#[test]
#[ignore = "takes minutes: `.ci/run templates`"]
fn a_static_function_is_static_however_it_is_built() {
    let project = project("function", &answers([("linking", "static")]));
    let artifacts = project.path().join("artifacts");
    fs::create_dir(&artifacts).unwrap();
    for (build, result) in [
        ("make build-UpperCaseFunction ARTIFACTS_DIR=artifacts", "artifacts"),
        (
            "scaffold build --native && cp \"$CARGO_TARGET_DIR/lambda/hello/bootstrap\" .",
            "bootstrap",
        ),
    ] {
        let mut build = shell(&project, build, "");
        // No engine answers there.
        build.env("DOCKER_HOST", "unix:///nowhere");
        let _ = Run::from(build.output().unwrap()).success();
        let inspect = Scaffold::new(["inspect", "--json", result]);
        let inspect = inspect.current_dir(&project.path()).run().success();
        let inspect: Value = serde_json::from_str(&inspect).unwrap();
        assert_eq!(inspect["executable"]["libraries"], json!([]), "{inspect}");
    }
}

/// A region, and credentials that are good for nothing.
const SAM_ENVIRONMENT: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_DEFAULT_REGION", "eu-central-1"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("SAM_CLI_TELEMETRY", "0"),
];

/// What a README and a workflow have typed of SAM, in containers.
#[test]
#[ignore = "needs a container engine and SAM: `.ci/run sam`"]
fn sam_does_what_the_readme_says() {
    for (template, package_type) in [
        ("function", "zip"),
        ("http-api", "zip"),
        ("multi", "zip"),
        ("multi", "image"),
        ("web", "zip"),
    ] {
        let about = format!("{template} as {package_type}");
        println!("{about}");
        let package_type = format!("--package-type={package_type}");
        let template = format!("--template={template}");
        let project = Project::new(&[&template, &package_type, "--ci=github"]);
        let files = files(&project.path());
        let typed = steps(&files).into_iter().chain(commands(&files["README.md"]));
        let mut lines: Vec<String> = typed.filter(|line| line.starts_with("sam ")).collect();
        lines.dedup();
        assert_eq!(lines[..2], ["sam validate --lint", "sam build"]);
        for line in lines {
            // The stand-ins for AWS's images are nowhere else.
            let local = if line.starts_with("sam local") { " --skip-pull-image" } else { "" };
            let address = free_address();
            let port = format!(" --port {}", address.port());
            let port = if line.starts_with("sam local start-api") { &port } else { "" };
            let line = format!("{line}{local}{port}");
            let mut command = shell(&project, &format!("exec {line}"), "");
            command.envs(SAM_ENVIRONMENT);
            if line.starts_with("sam local start-api") {
                let _server = Server::start(command, address);
                let (path, expected) = if template.ends_with("multi") {
                    ("/items/tea", r#"{"id":"tea","#)
                } else {
                    ("/hello/Ada", r#"{"message":"hello Ada""#)
                };
                let (status, body) = get(address, path);
                assert!(status == 200 && body.starts_with(expected), "{about}: {status} {body}");
            } else {
                let run = Run::from(command.output().unwrap());
                assert_eq!(run.code, Some(0), "`{line}` of {about}: {run:?}");
            }
        }
    }
}

/// The events of a template: the file, the setting `Handler`, and the status and body of the reply.
fn replies(template: &str, answers: &Answers) -> Vec<(&'static str, &'static str, Value)> {
    let outbound = answers["outbound"] == "yes";
    let http = |status: u16, body: Value| json!([status, body]);
    match template {
        "function" => {
            let mut reply = json!({ "output": "HELLO WORLD" });
            if outbound {
                reply["location"] = json!("198.51.100.7");
            }
            vec![("event.json", "bootstrap", reply)]
        }
        "http-api" => {
            let mut body = json!({ "message": "hello Ada", "source_ip": "203.0.113.17" });
            if outbound {
                body["location"] = json!("198.51.100.7");
            }
            vec![("event.json", "bootstrap", http(200, body))]
        }
        "multi" => {
            let tea = json!({ "id": "tea", "name": "Green tea", "price": 450 });
            let ink = json!({ "id": "ink", "name": "Blue ink", "price": 799 });
            let map = json!({ "id": "map", "name": "Map of the world", "price": 1250 });
            let mut replies = vec![
                ("list-items.json", "items.list", http(200, json!([tea, ink, map]))),
                ("find-item.json", "items.find", http(200, tea.clone())),
                ("place-order.json", "orders.place", http(201, json!({ "total": 2149 }))),
            ];
            if outbound {
                let address = json!({ "address": "198.51.100.7" });
                replies.push(("address.json", "address.look_up", http(200, address)));
            }
            replies
        }
        "web" => vec![("event.json", "bootstrap", http(200, json!({ "message": "hello Ada" })))],
        _ => panic!("say what `{template}` answers to its events"),
    }
}

/// The reply to an event, that of an HTTP function as its status and body.
fn reply(run: &lambda_native_tests::runtime_api::Run) -> Value {
    let json = |text: &[u8]| serde_json::from_slice(text).unwrap_or_else(|_| panic!("{run:?}"));
    let reply: Value = json(&run.requests[1].body);
    match (&reply["statusCode"], reply["body"].as_str()) {
        (status @ Value::Number(_), Some(body)) => json!([status, json(body.as_bytes())]),
        _ => reply,
    }
}

/// What a README has typed in a shell, each line.
fn commands(readme: &str) -> Vec<String> {
    let blocks = readme.split("```sh\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap().lines());
    lines.map(str::to_owned).collect()
}

/// A line as it is typed in the project.
fn shell(project: &Project, line: &str, check_ip: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-e", "-c", line]).current_dir(project.path());
    clean_environment(&mut shell);
    shell.env("PATH", path()).env("CHECK_IP_URL", check_ip).stdin(Stdio::null());
    shell
}

/// `sam validate --lint` of many templates in one process: SAM takes seconds to start.
const VALIDATE: &str = "
import sys
from samcli.cli.main import cli

for template in sys.argv[1:]:
    cli(['validate', '--lint', '--template-file', template], standalone_mode=False)
";

/// What AWS's own tool says of every `template.yaml` that there is.
#[test]
#[ignore = "needs SAM: `.ci/run templates`"]
fn sam_finds_nothing_in_any_template() {
    let kinds: BTreeSet<_> = matrix()
        .iter()
        .map(|(_, _, files)| [&files["template.yaml"], &files["samconfig.toml"]])
        .collect();
    println!("{} kinds of template.yaml", kinds.len());
    let folder = tempdir().unwrap();
    let mut templates = Vec::new();
    for (number, [template, samconfig]) in kinds.into_iter().enumerate() {
        let folder = folder.path().join(number.to_string());
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("samconfig.toml"), samconfig).unwrap();
        fs::write(folder.join("template.yaml"), template).unwrap();
        templates.push(folder.join("template.yaml"));
    }
    let path = std::env::var_os("PATH").unwrap();
    let mut programs = std::env::split_paths(&path).map(|folder| folder.join("sam"));
    let sam = programs.find(|program| program.is_file()).expect("SAM is installed");
    let sam = fs::read_to_string(sam).unwrap();
    let python = sam.lines().next().unwrap().strip_prefix("#!").expect("SAM is a script");
    let processors = thread::available_parallelism().unwrap().get();
    let parts: Vec<_> = templates.chunks(templates.len().div_ceil(processors)).collect();
    in_parallel(parts, |templates| {
        let mut validate = Command::new(python);
        validate.args(["-c", VALIDATE]).args(templates).envs(SAM_ENVIRONMENT);
        let run = Run::from(validate.output().unwrap());
        let valid = run.stdout.matches(" is a valid SAM Template").count();
        assert_eq!((run.code, valid), (Some(0), templates.len()), "{run:?}");
    });
}
