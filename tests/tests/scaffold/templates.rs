//! The templates: projects with every pair of values.
//!
//! `.ci/run templates` runs the ignored tests, which build projects and run SAM.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::thread;

use lambda_native_templates::RUST_VERSION;
use lambda_native_tests::command::{Run, Scaffold, path, program, target_folder, workspace};
use lambda_native_tests::matrix::{Answers, folder, pairwise, questions, templates};
use lambda_native_tests::project::{Project, share_target, tree};
use lambda_native_tests::runtime_api::{Answer, RuntimeApi};
use lambda_native_tests::server::{Server, free_address, get};
use regex::Regex;
use saphyr::{LoadableYamlNode, Yaml};
use serde_json::{Value, json};
use tempfile::tempdir;
use toml_edit::DocumentMut;

type Files = BTreeMap<String, String>;

/// The flags of `scaffold new` for a template and values.
fn flags(template: &str, answers: &Answers) -> Vec<String> {
    let answers = answers.iter();
    let flags = answers.map(|(name, answer)| format!("--{}={answer}", name.replace('_', "-")));
    [format!("--template={template}")].into_iter().chain(flags).collect()
}

/// A project that uses the library of this checkout, which is compiled only once.
fn project(template: &str, answers: &Answers) -> Project {
    let mut flags = flags(template, answers);
    flags.push(format!("--runtime=path:{}", workspace().display()));
    Project::new(&flags.iter().map(String::as_str).collect::<Vec<_>>())
}

fn answers<const N: usize>(answers: [(&str, &str); N]) -> Answers {
    answers.map(|(name, answer)| (name.to_owned(), answer.to_owned())).into()
}

/// The files of a project, without the stamp.
fn files(folder: &std::path::Path) -> Files {
    let files = tree(folder).into_iter().filter(|(path, _)| path != ".scaffold.toml");
    files.map(|(path, text)| (path, String::from_utf8(text).expect("it is UTF-8"))).collect()
}

/// A template, values, and the files of their project.
type Row = (String, Answers, Files);

/// Projects with every pair of values of every template.
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

/// Applies `each` to the items on all processors.
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
fn patterns_of_numbers_match_their_descriptions() {
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

/// Nothing of the template language is left, and every file is valid in its format.
#[test]
fn every_pair_of_values_makes_valid_files() {
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
        let is_batch = BATCHES.iter().any(|source| is(answers, "source", source));
        assert_eq!(has("events/failures.json"), is_batch);
        let infrastructure = &*answers["infrastructure"];
        let is_sam = infrastructure == "sam";
        assert_eq!(has("Makefile"), is_sam && answers["package_type"] == "zip");
        let found = [has("template.yaml"), has("samconfig.toml"), !has("infrastructure/")];
        assert_eq!(found, [is_sam; 3]);
        assert_eq!(has("infrastructure/cdk.json"), infrastructure == "cdk");
        assert_eq!(has("infrastructure/main.tf"), infrastructure == "terraform");
        assert_eq!(has(".github/"), answers["ci"] == "github");
        assert_eq!(has(".vscode/"), answers["editor"] == "vscode");
        assert_eq!(has("src/ip_lookup.rs"), is(answers, "outbound", "yes"));
        assert_builds_agree(answers, files);
        assert_readme_is_true(files);
        if is_sam {
            assert_template_is_true(answers, files);
        } else {
            assert_settings_are_there(answers, files);
        }
    }
}

/// Asserts that the files of the other tools and the manifest have the values.
fn assert_settings_are_there(answers: &Answers, files: &Files) {
    let settings = &files["Cargo.toml"].parse::<DocumentMut>().unwrap()["package"]["metadata"];
    let settings = &settings["scaffold"];
    assert_eq!(settings["architecture"].as_str(), Some(&*answers["architecture"]));
    for name in ["memory", "timeout"] {
        assert_eq!(settings[name].as_integer().unwrap().to_string(), answers[name]);
    }
    let has = |path: &str, line: String| {
        let is_there = files[path].lines().any(|other| other.trim() == line);
        assert!(is_there, "`{line}` in:\n{}", files[path]);
    };
    let (memory, timeout) = (&answers["memory"], &answers["timeout"]);
    if is(answers, "infrastructure", "cdk") {
        let path = "infrastructure/lib/function.ts";
        has(path, format!("memorySize: {memory},"));
        has(path, format!("timeout: Duration.seconds({timeout}),"));
    } else {
        let path = "infrastructure/function/main.tf";
        has(path, format!("architectures = [\"{}\"]", answers["architecture"]));
        has(path, format!("memory_size   = {memory}"));
        has(path, format!("timeout       = {timeout}"));
    }
}

/// The sources whose records fail one by one.
const BATCHES: [&str; 3] = ["sqs", "kinesis", "dynamodb"];

fn is(answers: &Answers, question: &str, answer: &str) -> bool {
    answers.get(question).is_some_and(|other| other == answer)
}

/// Asserts that all ways to build use the same architecture and linking.
fn assert_builds_agree(answers: &Answers, files: &Files) {
    let is_static = is(answers, "linking", "static");
    let (image, machine, runner) = match &*answers["architecture"] {
        "arm64" => ("arm64", "aarch64", "ubuntu-24.04-arm"),
        _ => ("amd64", "x86_64", "ubuntu-24.04"),
    };
    let has = |path: &str, line: String| files[path].lines().any(|other| other.trim() == line);
    assert!(has("Dockerfile", format!("ARG ARCHITECTURE={image}")));
    let linking = if is_static { "static" } else { "dynamic" };
    assert!(has("Dockerfile", format!("ARG LINKING={linking}")));
    assert_eq!(has("Cargo.toml", "linking = \"dynamic\"".to_owned()), !is_static);
    assert_eq!(files["Cargo.toml"].contains("\"musl-allocator\""), is_static);
    if let Some(makefile) = files.get("Makefile") {
        let libc = if is_static { "musl" } else { "gnu" };
        assert!(has("Makefile", format!("TARGET = {machine}-unknown-linux-{libc}")));
        assert_eq!(makefile.contains("rust-lld"), is_static);
        assert_eq!(makefile.contains("`ring`"), is_static);
    }
    if files.contains_key(".github/workflows/ci.yml") {
        assert!(has(".github/workflows/ci.yml", format!("runs-on: {runner}")));
    }
}

/// Asserts that the README names exactly the files that exist.
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

/// Asserts that SAM reads every value, and that every sample event matches a route.
fn assert_template_is_true(answers: &Answers, files: &Files) {
    let text = &files["template.yaml"];
    let documents = Yaml::load_from_str(text).unwrap();
    let template = &documents[0];
    let globals = template.as_mapping_get("Globals").map(|globals| &globals["Function"]);
    let resources = template["Resources"].as_mapping().unwrap();
    let is = |name: &str, answer: &str| is(answers, name, answer);
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
        let alias = is("snap_start", "yes").then_some("live");
        assert_eq!(text("AutoPublishAlias"), alias);
        let snap_start = property("SnapStart").map(|it| it["ApplyOn"].as_str().unwrap());
        assert_eq!(snap_start, alias.and(Some("PublishedVersions")));
        let has_hooks = files["Cargo.toml"].contains("\"snap-start\"");
        assert_eq!(has_hooks, alias.is_some());
        let metadata = function["Metadata"].as_mapping().unwrap();
        assert_eq!(metadata.len(), if is_image { 4 } else { 1 }, "{name:?}");

        if property("FunctionUrlConfig").is_some() {
            routes.insert("function-url $default".to_owned());
        }
        for (_, event) in property("Events").and_then(Yaml::as_mapping).into_iter().flatten() {
            if !matches!(event["Type"].as_str(), Some("Api" | "HttpApi")) {
                continue;
            }
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
            _ => panic!("{path} is not a request"),
        };
        assert!(routes.contains(&route), "{path} is sent to {route}, of {routes:?}");
        sent.insert(route);
    }
    if resources.len() > 3 {
        assert_eq!(sent, routes);
    }
}

/// Compares byte for byte.
#[test]
fn plain_cargo_generate_makes_the_same_project_of_every_pair() {
    in_parallel(matrix().iter().collect(), |(template, answers, files)| {
        let (template_folder, folder) = (self::folder(template), tempdir().unwrap());
        let mut plain = program(env!("CARGO_BIN_EXE_plain-cargo-generate"));
        plain
            .args(["generate", "--silent", "--name", "hello", "--path"])
            .arg(template_folder.path())
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

/// `--from` renders a template strictly: a tag that names a variable without a value is an error.
#[test]
fn every_variable_of_every_pair_has_a_value() {
    in_parallel(matrix().iter().collect(), |(template, answers, files)| {
        let folder = folder(template);
        let mut flags = vec![format!("--from={}", folder.path().display())];
        flags.push("--runtime=crates-io".to_owned());
        flags.extend(answers.iter().map(|(name, answer)| format!("--set={name}={answer}")));
        let project = Project::new(&flags.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(self::files(&project.path()) == *files, "{template} with {answers:?}");
    });
}

#[test]
#[ignore = "takes minutes: `.ci/run templates`"]
fn every_source_is_formatted_and_without_warnings() {
    let mut sources = BTreeMap::new();
    for (template, answers, files) in matrix() {
        let is_source = |path: &str| path.starts_with("src/") || path.starts_with("events/");
        let source: BTreeMap<_, _> = files.iter().filter(|(path, _)| is_source(path)).collect();
        sources.entry(source).or_insert((template, answers));
    }
    println!("{} kinds of source", sources.len());
    for (template, answers) in sources.into_values() {
        let project = project(template, answers);
        let about = format!("{template} with {answers:?}");
        assert_eq!(project.cargo(&["fmt", "--check"]), Run::new(0, "", ""), "{about}");
        for check in [
            // Also without `cfg(test)`.
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

/// The values that change the code of a function.
fn main_choices() -> Vec<(String, Answers)> {
    let mut choices = Vec::new();
    for template in templates() {
        let questions = questions(&template);
        let values = |name: &str| {
            let question = questions.iter().find(|question| question.name == name);
            question.map_or(vec![None], |question| question.answers.iter().map(Some).collect())
        };
        let mut rows = vec![Answers::new()];
        for name in ["api", "source", "outbound"] {
            let with = |row: Answers| {
                let with = |value: Option<&String>| {
                    let value = value.map(|value| (name.to_owned(), value.clone()));
                    row.clone().into_iter().chain(value).collect()
                };
                values(name).into_iter().map(with).collect::<Vec<Answers>>()
            };
            rows = rows.into_iter().flat_map(with).collect();
        }
        choices.extend(rows.into_iter().map(|row| (template.clone(), row)));
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

/// Sends each sample event to the function, runs the commands of the README, the workflow and the editor, and
/// compares the template with the routes of the code.
#[test]
#[ignore = "takes minutes: `.ci/run templates`"]
fn every_kind_of_project_does_what_its_files_say() {
    let check_ip = check_ip();
    for (template, mut answers) in main_choices() {
        answers.extend(self::answers([("ci", "github"), ("editor", "vscode")]));
        if questions(&template).iter().any(|question| question.name == "openapi") {
            answers.extend(self::answers([("openapi", "yes")]));
        }
        let project = project(&template, &answers);
        let about = format!("{template} with {answers:?}");
        println!("{about}");
        let files = files(&project.path());
        for (event, handler, expected) in replies(&template, &answers) {
            let mut function = program(project.bootstrap());
            function.env("_HANDLER", handler).env("CHECK_IP_URL", &check_ip);
            let event = Answer::event("1", &files[&format!("events/{event}")]);
            let run = RuntimeApi::start([event, Answer::accepted()]).run(&mut function, 3);
            assert_eq!(reply(&run), expected, "{about}: {run:?}");
        }
        let check = ["scaffold sync --check".to_owned()];
        let typed = commands(&files["README.md"]).into_iter().chain(steps(&files)).chain(check);
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

/// The version is the one in the project's `Cargo.toml`, which cargo compares with the compiler's.
#[test]
#[ignore = "needs that Rust: `.ci/run rust-versions`"]
fn every_kind_of_project_passes_its_tests_with_the_oldest_rust() {
    let target = target_folder().join(RUST_VERSION);
    for (template, answers) in main_choices() {
        let project = project(&template, &answers);
        let mut tests = program("rustup");
        tests.args(["run", RUST_VERSION, "cargo", "test"]);
        tests.current_dir(project.path()).env("CARGO_TARGET_DIR", &target);
        let run = Run::from(tests.output().unwrap());
        assert_eq!(run.code, Some(0), "{template} with {answers:?}: {run:?}");
        println!("{template} with {answers:?}");
    }
}

/// Returns whether a command needs AWS, SAM or GitHub.
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

/// Asserts that the editor's debugger builds one program, and that its task runs an existing command.
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

/// On this machine, without a container.
#[test]
#[ignore = "takes minutes: `.ci/run templates`"]
fn every_template_is_static_however_it_is_built() {
    let check_ip = check_ip();
    for (template, values) in [
        ("function", answers([])),
        ("function", answers([("outbound", "yes")])),
        ("multi", answers([])),
        ("web", answers([])),
        ("events", answers([("source", "dynamodb")])),
    ] {
        let project = project(template, &values);
        let artifacts = project.path().join("artifacts");
        fs::create_dir(&artifacts).unwrap();
        for build in [
            "make build-Function ARTIFACTS_DIR=artifacts",
            "scaffold build --native && cp \"$CARGO_TARGET_DIR/lambda/hello/bootstrap\" artifacts",
        ] {
            let about = format!("`{build}` of {template} with {values:?}");
            println!("{about}");
            let mut build = shell(&project, build, "");
            // The address of no engine.
            build.env("DOCKER_HOST", "unix:///nowhere");
            let run = Run::from(build.output().unwrap());
            assert_eq!(run.code, Some(0), "{about}: {run:?}");
            let inspect = Scaffold::new(["inspect", "--json"]).arg(&artifacts);
            let inspect = inspect.current_dir(&project.path()).run().success();
            let inspect: Value = serde_json::from_str(&inspect).unwrap();
            assert_eq!(inspect["executable"]["linking"], json!("static"), "{about}: {inspect}");
            for (event, handler, expected) in replies(template, &values) {
                let mut function = program(artifacts.join("bootstrap"));
                function.env("_HANDLER", handler).env("CHECK_IP_URL", &check_ip);
                let event = fs::read_to_string(project.path().join("events").join(event)).unwrap();
                let script = [Answer::event("1", &event), Answer::accepted()];
                let run = RuntimeApi::start(script).run(&mut function, 3);
                assert_eq!(reply(&run), expected, "{about}: {run:?}");
            }
            fs::remove_file(artifacts.join("bootstrap")).unwrap();
        }
    }
}

/// A region, and credentials that no service accepts.
const SAM_ENVIRONMENT: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_DEFAULT_REGION", "eu-central-1"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("SAM_CLI_TELEMETRY", "0"),
];

/// Runs the SAM commands of the README and the workflow, in containers.
#[test]
#[ignore = "needs a container engine and SAM: `.ci/run sam`"]
fn sam_does_what_the_readme_says() {
    for (template, package_type) in [
        ("function", "zip"),
        ("http-api", "zip"),
        ("multi", "zip"),
        ("multi", "image"),
        ("web", "zip"),
        ("events", "zip"),
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
            // The stand-ins for the images of AWS cannot be pulled.
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

/// The sample events of a template: the file, the setting `Handler`, and the response.
fn replies(template: &str, answers: &Answers) -> Vec<(&'static str, &'static str, Value)> {
    let outbound = is(answers, "outbound", "yes");
    let http = |status: u16, body: Value| json!([status, body]);
    match template {
        "function" => {
            let mut reply = json!({ "output": "HELLO WORLD" });
            if outbound {
                reply["outbound_ip"] = json!("198.51.100.7");
            }
            vec![("event.json", "bootstrap", reply)]
        }
        "http-api" => {
            let mut body = json!({ "message": "hello Ada", "source_ip": "203.0.113.17" });
            if outbound {
                body["outbound_ip"] = json!("198.51.100.7");
            }
            vec![("event.json", "bootstrap", http(200, body))]
        }
        "multi" => {
            let tea = json!({ "id": "tea", "name": "Green tea", "price": 450 });
            let ink = json!({ "id": "ink", "name": "Blue ink", "price": 799 });
            let map = json!({ "id": "map", "name": "Map of the world", "price": 1250 });
            vec![
                ("list-items.json", "items.list", http(200, json!([tea, ink, map]))),
                ("find-item.json", "items.find", http(200, tea.clone())),
                ("place-order.json", "orders.place", http(201, json!({ "total": 2149 }))),
            ]
        }
        "events" => {
            let failures = |names: &[&str]| {
                let name = |name: &&str| json!({ "itemIdentifier": name });
                json!({ "batchItemFailures": names.iter().map(name).collect::<Vec<_>>() })
            };
            let event = |expected| ("event.json", "bootstrap", expected);
            let failing = |names| ("failures.json", "bootstrap", failures(names));
            match answers.get("source").map_or("sqs", String::as_str) {
                "sqs" => {
                    let failed = [
                        "c2b7d9f4-6a1e-4f7b-8d35-90e1a7c4b622",
                        "7d1f3a60-58c4-4b1d-b2e9-1c0d9e8f7a33",
                    ];
                    vec![event(failures(&[])), failing(&failed)]
                }
                "kinesis" => {
                    let failed = ["49645000000000000000000000000000000000000000000000000002"];
                    vec![event(failures(&[])), failing(&failed)]
                }
                "dynamodb" => vec![event(failures(&[])), failing(&["100000000000000000002"])],
                _ => vec![event(Value::Null)],
            }
        }
        "web" => vec![("event.json", "bootstrap", http(200, json!({ "message": "hello Ada" })))],
        _ => panic!("say what `{template}` answers to its events"),
    }
}

/// The response to an event; that of an HTTP function as its status and body.
fn reply(run: &lambda_native_tests::runtime_api::Run) -> Value {
    let json = |text: &[u8]| serde_json::from_slice(text).unwrap_or_else(|_| panic!("{run:?}"));
    let reply: Value = json(&run.requests[1].body);
    match (&reply["statusCode"], reply["body"].as_str()) {
        (status @ Value::Number(_), Some(body)) => json!([status, json(body.as_bytes())]),
        _ => reply,
    }
}

/// The commands in the shell blocks of a README.
fn commands(readme: &str) -> Vec<String> {
    let blocks = readme.split("```sh\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap().lines());
    lines.map(str::to_owned).collect()
}

/// A shell that runs a line in the project.
fn shell(project: &Project, line: &str, check_ip: &str) -> Command {
    let mut shell = program("sh");
    shell.args(["-e", "-c", line]).current_dir(project.path());
    share_target(&mut shell);
    shell.env("PATH", path()).env("CHECK_IP_URL", check_ip).stdin(Stdio::null());
    shell
}

/// Runs `sam validate --lint` for many templates in one process, as SAM takes seconds to start.
const VALIDATE: &str = "
import sys
from samcli.cli.main import cli

for template in sys.argv[1:]:
    cli(['validate', '--lint', '--template-file', template], standalone_mode=False)
";

/// The rules of hadolint that do not suit a build for Lambda.
const HADOLINT: [&str; 4] = [
    // The architecture is that of the function, not that of the machine.
    "--ignore=DL3029",
    // The stage with the compilers is not part of the image.
    "--ignore=DL3040",
    // The versions are those of Amazon Linux 2023.
    "--ignore=DL3041",
    // If `rustc` fails in the pipe, the build has no target and fails too.
    "--ignore=DL4006",
];

#[test]
#[ignore = "needs hadolint and zizmor: `.ci/run templates`"]
fn linters_find_nothing_in_any_project() {
    for (file, linter, arguments) in [
        ("Dockerfile", "hadolint", &HADOLINT[..]),
        (".github/workflows/ci.yml", "zizmor", &["--offline", "--persona=pedantic", "--quiet"]),
    ] {
        let kinds: BTreeSet<_> =
            matrix().iter().filter_map(|(_, _, files)| files.get(file)).collect();
        println!("{} kinds of {file}", kinds.len());
        for contents in kinds {
            let folder = tempdir().unwrap();
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, contents).unwrap();
            let mut lint = program(linter);
            lint.args(arguments).arg(&path);
            let run = Run::from(lint.output().expect("the linter is installed"));
            assert_eq!(run.code, Some(0), "{contents}: {run:?}");
        }
    }
}

/// The Python that runs SAM.
pub(crate) fn python_of_sam() -> String {
    let path = std::env::var_os("PATH").unwrap();
    let mut programs = std::env::split_paths(&path).map(|folder| folder.join("sam"));
    let sam = programs.find(|program| program.is_file()).expect("SAM is installed");
    let sam = fs::read_to_string(sam).unwrap();
    let python = sam.lines().next().unwrap().strip_prefix("#!").expect("SAM is a script");
    python.to_owned()
}

#[test]
#[ignore = "needs SAM: `.ci/run templates`"]
fn sam_finds_nothing_in_any_template() {
    let kinds: BTreeSet<_> = matrix()
        .iter()
        .filter_map(|(_, _, files)| Some([files.get("template.yaml")?, &files["samconfig.toml"]]))
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
    let python = python_of_sam();
    let processors = thread::available_parallelism().unwrap().get();
    let parts: Vec<_> = templates.chunks(templates.len().div_ceil(processors)).collect();
    in_parallel(parts, |templates| {
        let mut validate = program(&python);
        validate.args(["-c", VALIDATE]).args(templates).envs(SAM_ENVIRONMENT);
        let run = Run::from(validate.output().unwrap());
        let valid = run.stdout.matches(" is a valid SAM Template").count();
        assert_eq!((run.code, valid), (Some(0), templates.len()), "{run:?}");
    });
}
