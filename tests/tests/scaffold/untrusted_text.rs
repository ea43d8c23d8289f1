//! Text from outside in a terminal: wherever `scaffold` prints it, it does not control the terminal.

use std::fs;
use std::io::Write;
use std::num::NonZero;
use std::path::Path;

use lambda_native_tests::command::program;
use lambda_native_tests::dev::{ONE_FUNCTION, SocketProject};
use lambda_native_tests::elf::Elf;
use lambda_native_tests::terminal::{ENTER, Terminal};
use tempfile::tempdir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Sets the clipboard with OSC 52, clears the screen, hides and reorders text, and pretends to be a line of
/// the program.
const HOSTILE: &str = "\x1b]52;c;ZXZpbA==\x07\u{9b}2J\x1b[8m\u{202e}\nforged";
/// The start of what is to be printed instead.
const ESCAPED: &str = r"\x1b]52;c;ZXZpbA==\x07\u009b2J";

const COLS: NonZero<u16> = NonZero::new(400).unwrap();

/// A string in JSON, TOML and YAML, of which the last has no control characters.
fn string(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap();
    json.replace('\u{9b}', "\\u009b").replace('\u{202e}', "\\u202e")
}

/// Asserts that a terminal was told nothing by the text, and that the text was printed.
#[track_caller]
fn assert_is_escaped(written: &str) {
    assert!(written.contains(ESCAPED), "{written:?}");
    assert_is_harmless(written);
    assert!(!written.contains("\x1b[8m"), "{written:?}");
    assert!(!written.contains("\nforged"), "{written:?}");
}

/// Asserts that a terminal was told nothing except colours and the position of prompts.
#[track_caller]
fn assert_is_harmless(written: &str) {
    for control in ["\x1b]", "\x07", "\u{9b}", "\u{202e}"] {
        assert!(!written.contains(control), "{written:?}");
    }
}

/// Runs `scaffold` to its end, and returns everything that it has written to the terminal.
#[track_caller]
fn run(arguments: &[&str], folder: &Path) -> String {
    Terminal::start_as(arguments, folder, COLS, &[]).end().written
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn names_of_files_and_arguments() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join(HOSTILE), "no executable").unwrap();
    for arguments in [
        &["inspect", HOSTILE] as &[_],
        &["inspect", "missing", HOSTILE],
        &["invoke", HOSTILE],
        &["new", HOSTILE],
        &["new", "a", "--yes", "--answers", HOSTILE],
        &["new", "a", "--yes", "--set", HOSTILE],
        &["new", "a", "--yes", "--from", HOSTILE],
        &["dev", "--manifest-path", HOSTILE],
    ] {
        let written = run(arguments, folder.path());
        assert_is_harmless(&written);
        assert!(written.contains(r"\x1b]52") || !written.contains("ZXZpbA"), "{written:?}");
    }
}

#[test]
fn entries_of_a_zip_and_strings_of_an_executable() {
    let folder = tempdir().unwrap();
    let mut elf = Elf::good();
    elf.libraries.push(HOSTILE);
    elf.loader = Some(HOSTILE);
    fs::write(folder.path().join("bootstrap"), elf.bytes()).unwrap();
    assert_is_escaped(&run(&["inspect", "bootstrap"], folder.path()));

    let mut zip = ZipWriter::new(fs::File::create(folder.path().join("f.zip")).unwrap());
    for name in [&format!("{HOSTILE}/bootstrap"), HOSTILE] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&elf.bytes()).unwrap();
    }
    zip.finish().unwrap();
    assert_is_escaped(&run(&["inspect", "f.zip"], folder.path()));
    assert_is_harmless(&run(&["inspect", "f.zip", "--json"], folder.path()));
}

#[test]
fn prompts_of_a_template() {
    let folder = tempdir().unwrap();
    // A default and a choice have one line.
    let line = HOSTILE.replace('\n', "");
    let [text, line_text] = [HOSTILE, &line].map(string);
    let question = |name: &str, rest: &str| {
        let prompt = string(&format!("{name}: {HOSTILE}"));
        format!("[placeholders.{name}]\nprompt = {prompt}\nhelp = {text}\n{rest}\n")
    };
    let choices = format!("choices = [{line_text}, 'other']");
    let config = [
        question("one", &format!("type = 'string'\ndefault = {line_text}")),
        question("two", &format!("type = 'string'\n{choices}\ndefault = {line_text}")),
        question("three", &format!("type = 'array'\n{choices}")),
        question("four", "type = 'bool'\ndefault = false"),
    ]
    .concat();
    write(folder.path(), "template/cargo-generate.toml", &config);
    write(folder.path(), "template/file", "{{ one }}");
    let arguments = ["new", "hello", "--no-git", "--from", "template"];
    let mut terminal = Terminal::start_as(&arguments, folder.path(), COLS, &[]);
    for name in ["one", "two", "three", "four"] {
        terminal.wait_for(&format!("{name}: {ESCAPED}"));
        terminal.send(ENTER);
    }
    terminal.wait_for("Create the project?");
    terminal.send(ENTER);
    let screen = terminal.end();
    assert_is_escaped(&screen.written);
    assert_eq!(screen.code, Some(0), "{}", screen.text);
    let made = fs::read_to_string(folder.path().join("hello/file")).unwrap();
    assert_eq!(made, line, "the value of the default is not escaped");
    assert_is_harmless(&run(
        &["new", "b", "--yes", "--from", "template", "--dry-run"],
        folder.path(),
    ));
}

#[test]
fn files_and_scripts_of_a_template() {
    let folder = tempdir().unwrap();
    let text = string(HOSTILE);
    write(folder.path(), "hooks/cargo-generate.toml", &format!("[hooks]\npre = [{text}]\n"));
    write(folder.path(), &format!("hooks/{HOSTILE}"), "");
    write(folder.path(), &format!("hooks/src/{HOSTILE}.rs"), "{{");
    assert_is_escaped(&run(&["new", "a", "--yes", "--from", "hooks"], folder.path()));

    write(folder.path(), &format!("files/{HOSTILE}.rs"), "{{ missing }}");
    assert_is_escaped(&run(&["new", "a", "--yes", "--from", "files"], folder.path()));
    write(folder.path(), &format!("files/{HOSTILE}.rs"), HOSTILE);
    let dry = ["new", "a", "--yes", "--no-git", "--from", "files", "--dry-run"];
    assert_is_harmless(&run(&dry, folder.path()));
}

/// The function's own name, a route, a function that has no binary, and a mistake.
#[test]
fn names_of_template_yaml() {
    let text = string(HOSTILE);
    let template = |extra: &str| {
        format!(
            "Transform: AWS::Serverless-2016-10-31\nResources:\n  {text}:\n    \
             Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: .\n      \
             Handler: bootstrap\n      Runtime: provided.al2023\n      Events:\n        Any:\n          \
             Type: HttpApi\n          Properties: {{Path: {path}, Method: GET}}\n{extra}",
            path = string(&format!("/{HOSTILE}"))
        )
    };
    let project = SocketProject::new(&template(""));
    let mut terminal = Terminal::start_as(&["dev", "--port", "0"], &project.path(), COLS, &[]);
    terminal.wait_for("HTTP API");
    let written = terminal.written();
    assert_is_escaped(&written);
    let stop = program("kill").args(["-s", "TERM", &terminal.process_id().to_string()]).status();
    assert!(stop.unwrap().success());
    assert_is_escaped(&terminal.end().written);

    let missing = format!(
        "  Other:\n    Type: AWS::Serverless::Function\n    Properties: {{CodeUri: {text}}}\n"
    );
    project.write_template(&template(&missing));
    assert_is_harmless(&run(&["invoke"], &project.path()));
    project.write_template(&format!("Resources: [{text}"));
    assert_is_harmless(&run(&["invoke"], &project.path()));
}

#[test]
fn requests_and_output_of_functions() {
    let project = SocketProject::new(ONE_FUNCTION);
    let hostile = ["invoke", "--data", "\"hostile\""];
    let local = run(&hostile, &project.path());
    assert_is_harmless(&local);
    // The log and the response.
    assert_eq!(local.matches(r"\x1b]52;c;ZXZpbA==\x07").count(), 2, "{local:?}");
    assert!(local.contains("\x1b[31mred"), "{local:?}");

    let mut terminal = Terminal::start_as(&["dev", "--port", "0"], &project.path(), COLS, &[]);
    terminal.wait_for("ready in ");
    let remote = run(&hostile, &project.path());
    assert!(remote.contains("using the running `scaffold dev`"), "{remote:?}");
    assert_is_harmless(&remote);
    let address = remote.split("http://").nth(1).unwrap().split('\r').next().unwrap();
    for path in [
        "/2015-03-31/functions/%1B%5D52;c;ZXZpbA==%07%C2%9B2J%1B[8m%0Aforged/invocations",
        "/\u{9b}2J",
    ] {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        lambda_native_tests::dev::send(&mut stream, &format!("POST {path}"), &[], b"{}");
        let _ = lambda_native_tests::dev::Response::read(stream);
    }
    terminal.wait_for(r"404 \x1b]52;c;ZXZpbA==\x07\u009b2J\x1b[8m\nforged ");
    terminal.wait_for(r"POST /\u009b2J");
    let written = terminal.written();
    assert_is_escaped(&written);
    // A colour passes, and ends with its line.
    assert!(written.contains("\x1b[31mred\x1b[0m"), "{written:?}");
}
