//! The code blocks of the guide and of the READMEs: Rust compiles, data parses, and `scaffold` knows its
//! command lines.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use lambda_native_tests::command::{Run, Scaffold, cargo, program, workspace};
use lambda_native_tests::project::{lock_target, share_target};
use saphyr::{LoadableYamlNode, Yaml};
use serde_json::Value;
use toml_edit::DocumentMut;

/// The pages whose Rust blocks are parts of programs. `tests/pages/` has what each of them leaves out. The Rust
/// blocks of all other pages are complete: `tests/src/lib.rs` makes tests of the documentation of them, and
/// `tests/tests/external/libraries.rs` runs those that need libraries of others.
const FRAGMENTS: [&str; 4] =
    ["docs/events.md", "docs/openapi.md", "docs/routes.md", "docs/sync.md"];

/// A code block of a page.
struct Block {
    page: String,
    line: usize,
    language: String,
    text: String,
}

impl Block {
    fn place(&self) -> String {
        format!("{}:{}", self.page, self.line)
    }
}

/// The Markdown files of the root, the folders of the packages, and `docs/`.
fn pages() -> Vec<(String, String)> {
    let folders = ["", "docs", "macros", "runtime", "scaffold", "templates"];
    let files = folders.iter().flat_map(|folder| {
        let files = fs::read_dir(workspace().join(folder)).unwrap();
        files.map(|file| Path::new(folder).join(file.unwrap().file_name()))
    });
    let pages: BTreeSet<_> = files
        .filter(|file| file.extension().is_some_and(|extension| extension == "md"))
        .map(|file| file.to_str().unwrap().replace('\\', "/"))
        .collect();
    let read = |page: String| {
        let text = fs::read_to_string(workspace().join(&page)).unwrap();
        (page, text)
    };
    pages.into_iter().map(read).collect()
}

/// The code blocks of all pages.
fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    for (page, text) in pages() {
        let mut inside: Option<Block> = None;
        for (line, number) in text.lines().zip(1..) {
            let fence = line.trim_start().strip_prefix("```");
            inside = match (fence, inside) {
                (Some(language), None) => Some(Block {
                    page: page.clone(),
                    line: number,
                    language: language.to_owned(),
                    text: String::new(),
                }),
                (Some(_), Some(block)) => {
                    blocks.push(block);
                    None
                }
                (None, Some(mut block)) => {
                    writeln!(block.text, "{line}").unwrap();
                    Some(block)
                }
                (None, None) => None,
            };
        }
        assert!(inside.is_none(), "{page} ends within a code block");
    }
    blocks
}

/// Blocks of `text` are what programs print, which the suites of these programs compare with snapshots.
#[test]
fn every_block_of_a_page_is_checked_by_its_language() {
    let harness = fs::read_to_string(workspace().join("tests/src/lib.rs")).unwrap();
    let (mut languages, mut ignored) = (BTreeSet::new(), Vec::new());
    for block in blocks() {
        let (text, place) = (&block.text, block.place());
        match block.language.as_str() {
            "rust" if FRAGMENTS.contains(&block.page.as_str()) => {}
            "rust" | "rust,no_run" => {
                let included = format!("include_str!(\"../../{}\")", block.page);
                assert!(harness.contains(&included), "{place}: no test compiles this block");
            }
            "rust,ignore" => ignored.push(block.page.clone()),
            "sh" => assert_is_shell(&block),
            "json" => drop(serde_json::from_str::<Value>(text).expect(&place)),
            "yaml" => drop(Yaml::load_from_str(text).expect(&place)),
            "toml" => assert_fits_the_library(&text.parse().expect(&place), &place),
            "diff" => {
                let is_marked =
                    |line: &str| line.is_empty() || line.starts_with([' ', '+', '-', '@']);
                assert!(text.lines().all(is_marked), "{place}: a line has no mark");
            }
            "text" => {}
            other => panic!("{place}: no test checks blocks of `{other}`"),
        }
        languages.insert(block.language);
    }
    // `external::libraries` runs these.
    let page = "docs/logs-and-traces.md";
    assert_eq!(ignored, ["docs/durable-functions.md", page, page]);
    // None of the checks is left over from a page that is gone.
    let expected =
        ["diff", "json", "rust", "rust,ignore", "rust,no_run", "sh", "text", "toml", "yaml"];
    assert_eq!(languages, expected.map(str::to_owned).into());
}

/// Asserts that a shell can parse the block.
fn assert_is_shell(block: &Block) {
    if cfg!(unix) {
        let shell = program("sh").args(["-n", "-c", &block.text]).output().unwrap();
        assert_eq!(Run::from(shell).code, Some(0), "{}", block.place());
    }
}

/// Asserts that the library has the version and the features that a manifest asks for.
fn assert_fits_the_library(manifest: &DocumentMut, place: &str) {
    let library = fs::read_to_string(workspace().join("runtime/Cargo.toml")).unwrap();
    let library: DocumentMut = library.parse().unwrap();
    let has = |feature: &str| library["features"].get(feature).is_some();
    let dependency =
        manifest.get("dependencies").and_then(|dependencies| dependencies.get("lambda-native"));
    if let Some(dependency) = dependency {
        let version = env!("CARGO_PKG_VERSION");
        assert!(version.starts_with(dependency["version"].as_str().unwrap()), "{place}");
        for feature in dependency["features"].as_array().unwrap() {
            assert!(has(feature.as_str().unwrap()), "{place}: {feature}");
        }
    }
    let features = manifest.get("features").and_then(|features| features.as_table());
    let enabled = features.into_iter().flat_map(|features| features.iter());
    for feature in enabled.flat_map(|(_, enabled)| enabled.as_array().unwrap()) {
        if let Some(feature) = feature.as_str().unwrap().strip_prefix("lambda-native/") {
            assert!(has(feature), "{place}: {feature}");
        }
    }
}

/// The command lines of `scaffold` in the shell blocks of all pages.
fn typed() -> Vec<(String, String)> {
    let blocks = blocks().into_iter().filter(|block| block.language == "sh");
    let lines = blocks.flat_map(|block| {
        let (place, text) = (block.place(), block.text.replace("\\\n", ""));
        let lines = text.lines().filter(|line| line.starts_with("scaffold "));
        lines.map(|line| (place.clone(), line.to_owned())).collect::<Vec<_>>()
    });
    lines.collect()
}

/// The command lines of `scaffold` in the text of all pages. Their values can be missing, or be placeholders.
fn mentioned() -> BTreeSet<(String, String)> {
    let mut mentioned = BTreeSet::new();
    for (page, text) in pages() {
        // Every second part is between backticks. Blocks of code have three, so they are, too.
        let spans = text.split('`').skip(1).step_by(2).map(|span| span.replace('\n', " "));
        let is_line = |span: &String| span.starts_with("scaffold ") && !span.contains(['|', '…']);
        mentioned.extend(spans.filter(is_line).map(|span| (page.clone(), span)));
    }
    mentioned
}

/// Parses a command line: with `--help`, everything before it is parsed, and nothing runs.
fn parse(line: &str) -> Run {
    let mut words = words(line);
    words.remove(0);
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    words.insert(end, "--help".to_owned());
    Scaffold::new(&words).run()
}

/// The words of a command line, as a shell splits them. Comments and quotes are the only syntax that pages use.
fn words(line: &str) -> Vec<String> {
    let line = line.split(" #").next().unwrap();
    let mut words = Vec::new();
    for (part, is_quoted) in line.split('\'').zip([false, true].into_iter().cycle()) {
        if is_quoted {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn scaffold_knows_the_command_lines_of_every_page() {
    let mut refused = String::new();
    let (typed, mentioned) = (typed(), mentioned());
    assert!(typed.len() > 20 && mentioned.len() > 100, "{typed:#?}\n{mentioned:#?}");
    for (place, line) in typed {
        let run = parse(&line);
        if run.code != Some(0) {
            writeln!(refused, "{place}: {line}\n{}", run.stderr).unwrap();
        }
    }
    for (page, line) in mentioned {
        let run = parse(&line);
        if run.stderr.contains("unexpected argument '-") {
            writeln!(refused, "{page}: {line}\n{}", run.stderr).unwrap();
        }
    }
    assert_eq!(refused, "");
}

/// The manifest of a package with the Rust blocks of [`FRAGMENTS`] as examples.
fn manifest(examples: &[(String, String)]) -> String {
    let runtime = workspace().join("runtime");
    let mut manifest = format!(
        "[package]
name = \"fragments\"
version = \"0.1.0\"
edition = \"2024\"

[features]
default = [\"openapi\"]
openapi = [\"lambda-native/openapi\"]

[dependencies]
aws_lambda_events = {{ version = \"1\", default-features = false, features = [\"s3\"] }}
lambda-native = {{ path = '{}', features = [\"events\"] }}
schemars = {{ version = \"1\", default-features = false, features = [\"derive\"] }}
serde = {{ version = \"1\", features = [\"derive\"] }}

[workspace]
",
        runtime.display()
    );
    for (name, _) in examples {
        write!(manifest, "\n[[example]]\nname = \"{name}\"\ncrate-type = [\"lib\"]\n").unwrap();
    }
    manifest
}

/// A block can define what `tests/pages/` defines for the others of its page: it takes precedence.
#[test]
fn parts_of_programs_compile() {
    let examples: Vec<_> = blocks()
        .into_iter()
        .filter(|block| block.language == "rust" && FRAGMENTS.contains(&block.page.as_str()))
        .map(|block| {
            let page = Path::new(&block.page).file_stem().unwrap().to_str().unwrap().to_owned();
            let omitted = workspace().join(format!("tests/pages/{page}.rs"));
            let code = block.text.replace("{ … }", "{ panic!() }");
            let omitted = omitted.display();
            let source = format!(
                "#![allow(unused)]\n{code}\nuse omitted::*;\n#[path = {:?}]\nmod omitted;\n",
                omitted.to_string()
            );
            (format!("{page}_{}", block.line), source)
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("examples")).unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/lib.rs"), "").unwrap();
    fs::write(folder.path().join("Cargo.toml"), manifest(&examples)).unwrap();
    fs::copy(workspace().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    for (name, source) in &examples {
        fs::write(folder.path().join(format!("examples/{name}.rs")), source).unwrap();
    }
    let _alone = lock_target();
    let mut check = cargo();
    share_target(check.args(["check", "--quiet", "--examples"]).current_dir(folder.path()));
    let run = Run::from(check.output().unwrap());
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}
