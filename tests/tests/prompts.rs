//! `scaffold new` at a terminal: what it asks, and what it makes of the answers.

#![allow(clippy::unwrap_used, reason = "what a test does not expect ends it")]
#![cfg(unix)]

use std::fs;
use std::num::NonZero;
use std::path::Path;

use lambda_native_tests::terminal::{BACKSPACE, CTRL_C, DOWN, ENTER, Terminal};
use tempfile::{TempDir, tempdir};

const WIDE: NonZero<u16> = NonZero::new(100).unwrap();
const NARROW: NonZero<u16> = NonZero::new(40).unwrap();

/// A template with a question of each kind.
const TEMPLATE: &str = r#"
[template]
description = "one of each"

[placeholders.size]
prompt = "Size"
help = "how large it is to be"
expected = "a whole number"
type = "string"
regex = "^[0-9]+$"
default = "10"

[placeholders.colour]
prompt = "Colour"
help = "the colour of the whole thing, from its top to its bottom, and then some more of it"
type = "string"
choices = [{ value = "red", label = "a deep red" }, "blue"]
default = "red"

[placeholders.loud]
prompt = "Loud?"
type = "bool"
default = false

[placeholders.parts]
prompt = "Parts"
type = "array"
choices = ["wheel", "wing"]
default = ["wing"]

[conditional.'colour == "blue"'.placeholders.shade]
prompt = "Shade"
type = "string"
choices = ["light", "dark"]
default = "dark"
"#;

const THING: &str = "\
{{ size }} {{ colour }} {% if loud %}LOUD {% endif %}{{ parts | join: '+' }}\
{% if colour == 'blue' %} {{ shade }}{% endif %}
";

/// What is asked, in this order; the shade only of what is blue.
const PROMPTS: [&str; 8] = [
    "Name of the project",
    "Size",
    "Colour",
    "Loud?",
    "Parts",
    "Shade",
    "Git repository?",
    "Make it?",
];

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempdir().unwrap();
        fs::create_dir_all(folder.path().join("template")).unwrap();
        fs::create_dir(folder.path().join("work")).unwrap();
        fs::write(folder.path().join("template/cargo-generate.toml"), TEMPLATE).unwrap();
        fs::write(folder.path().join("template/thing.txt"), THING).unwrap();
        Self { folder }
    }

    fn work(&self) -> std::path::PathBuf {
        self.folder.path().join("work")
    }

    fn start(&self, cols: NonZero<u16>, environment: &[(&str, &str)]) -> Terminal {
        let arguments = ["new", "--from", "../template"];
        Terminal::start_as(&arguments, &self.work(), cols, environment)
    }

    fn thing(&self) -> String {
        fs::read_to_string(self.work().join("hello/thing.txt")).unwrap()
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

/// What answers the prompt; the colour is blue.
fn keys(prompt: &str) -> &'static str {
    match prompt {
        "Name of the project" => "hello\r",
        "Colour" => "\x1b[B\r",
        _ => ENTER,
    }
}

#[test]
fn asks_for_everything_and_says_how_to_do_without() {
    let place = Place::new();
    let mut terminal = place.start(WIDE, &[]);
    for prompt in PROMPTS {
        terminal.wait_for(prompt);
        terminal.send(keys(prompt));
    }
    let (status, screen) = terminal.end();
    assert!(status.success(), "{screen}");
    let template = dunce::canonicalize(place.folder.path().join("template")).unwrap();
    let expected = format!(
        "\
> Name of the project hello
> Size 10
> Colour blue
> Loud? No
> Parts wing
> Shade dark
> Git repository? Yes

  name      hello
  folder    hello
  template  {}
  size      10
  colour    blue
  loud      false
  parts     wing
  shade     dark
  git       yes

> Make it? Yes
created hello

the same without questions:
  scaffold new hello --from ../template --set colour=blue --yes

next:
  cd hello",
        template.display()
    );
    assert_eq!(screen.trim_end(), expected);
    assert_eq!(place.thing(), "10 blue wing dark\n");
    assert!(place.work().join("hello/.git").is_dir());
}

#[test]
fn a_wrong_answer_is_asked_again() {
    let place = Place::new();
    fs::create_dir(place.work().join("taken")).unwrap();
    let mut terminal = place.start(WIDE, &[]);
    terminal.wait_for("Name of the project");
    terminal.send("taken\r");
    terminal.wait_for("`taken` already exists");
    terminal.send(&BACKSPACE.repeat("taken".len()));
    terminal.send("match\r");
    terminal.wait_for("`match` is a keyword of Rust");
    terminal.send(&BACKSPACE.repeat("match".len()));
    terminal.send("hello\r");
    terminal.wait_for("Size");
    terminal.send("big\r");
    terminal.wait_for("expected a whole number");
    terminal.send(&BACKSPACE.repeat("big".len()));
    terminal.send("12\r");
    for prompt in ["Colour", "Loud?", "Parts", "Git repository?", "Make it?"] {
        terminal.wait_for(prompt);
        terminal.send(ENTER);
    }
    let (status, screen) = terminal.end();
    assert!(status.success(), "{screen}");
    // The shade is not asked of what is red.
    assert_eq!(place.thing(), "12 red wing\n");
}

#[test]
fn ctrl_c_at_every_question_leaves_nothing() {
    for environment in [&[][..], &[("TERM", "dumb")]] {
        for stop in PROMPTS {
            let place = Place::new();
            let mut terminal = place.start(WIDE, environment);
            for prompt in PROMPTS {
                terminal.wait_for(prompt);
                if prompt == stop {
                    break;
                }
                let is_dumb = !environment.is_empty() && prompt == "Colour";
                terminal.send(if is_dumb { "blue\r" } else { keys(prompt) });
            }
            terminal.send(CTRL_C);
            let (status, screen) = terminal.end();
            assert!(screen.trim_end().ends_with("error: interrupted"), "{screen}");
            assert_eq!(status.exit_code(), 130);
            assert!(is_empty(&place.work()));
        }
    }
}

/// A request to terminate ends it too, and gives the terminal back.
#[test]
fn is_ended_by_a_signal_while_it_asks() {
    for signal in ["TERM", "HUP", "INT"] {
        let place = Place::new();
        let mut terminal = place.start(WIDE, &[]);
        terminal.wait_for("Name of the project");
        let kill = std::process::Command::new("kill")
            .args(["-s", signal, &terminal.process_id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        let (status, screen) = terminal.end();
        assert_eq!(status.exit_code(), 130, "{signal}: {screen}");
        assert!(screen.trim_end().ends_with("error: interrupted"), "{screen}");
        assert!(is_empty(&place.work()));
    }
}

#[test]
fn no_is_an_answer_to_the_last_question() {
    let place = Place::new();
    let mut terminal = place.start(WIDE, &[]);
    for prompt in PROMPTS {
        terminal.wait_for(prompt);
        terminal.send(if prompt == "Make it?" { "n\r" } else { keys(prompt) });
    }
    let (status, screen) = terminal.end();
    assert_eq!(status.exit_code(), 130, "{screen}");
    assert!(is_empty(&place.work()));
}

#[test]
fn fits_a_narrow_terminal() {
    let place = Place::new();
    let mut terminal = place.start(NARROW, &[]);
    for prompt in PROMPTS {
        terminal.wait_for(prompt);
        terminal.send(keys(prompt));
    }
    let (status, screen) = terminal.end();
    assert!(status.success(), "{screen}");
    let answers = "\
> Name of the project hello
> Size 10
> Colour blue
> Loud? No
> Parts wing
> Shade dark
> Git repository? Yes
";
    // Nothing of a prompt that went over several lines is left.
    assert!(screen.starts_with(answers), "{screen}");
    assert_eq!(place.thing(), "10 blue wing dark\n");
}

#[test]
fn has_no_colours_where_none_are_wanted() {
    for (environment, has_colours) in [(&[][..], true), (&[("NO_COLOR", "1")], false)] {
        let place = Place::new();
        let mut terminal = place.start(WIDE, environment);
        for prompt in PROMPTS {
            terminal.wait_for(prompt);
            terminal.send(keys(prompt));
        }
        let (status, screen, written) = terminal.end_with_all();
        assert!(status.success(), "{screen}");
        let colours = written.split("\x1b[").skip(1).filter(|sequence| {
            let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap();
            let (parameters, rest) = sequence.split_at(end);
            rest.starts_with('m') && !matches!(parameters, "" | "0" | "39" | "49")
        });
        assert_eq!(colours.count() > 0, has_colours, "{written:?}");
    }
}

/// A terminal that can only print gets nothing but lines, whatever else the environment says.
#[test]
fn asks_line_by_line_on_a_dumb_terminal() {
    let place = Place::new();
    let mut terminal = place.start(WIDE, &[("TERM", "dumb"), ("CI", "true")]);
    for (prompt, keys) in [
        ("Name of the project", "match\r"),
        ("`match` is a keyword of Rust", "hello\r"),
        ("Size (how large it is to be) [10]: ", "\r"),
        ("Colour, red or blue", "green\r"),
        ("expected red or blue", "blue\r"),
        ("Loud? yes or no [no]: ", "yes\r"),
        ("Parts, any of wheel, wing, with commas between [wing]: ", "wheel,wing\r"),
        ("Shade, light or dark [dark]: ", "\r"),
        ("Git repository?", "no\r"),
        ("Make it? yes or no [yes]: ", "\r"),
    ] {
        terminal.wait_for(prompt);
        terminal.send(keys);
    }
    let (status, screen, written) = terminal.end_with_all();
    assert!(status.success(), "{screen}");
    assert!(!written.contains('\x1b'), "{written:?}");
    assert_eq!(place.thing(), "10 blue LOUD wheel+wing dark\n");
    assert!(!place.work().join("hello/.git").exists());
}

/// The templates of the program, the first question of all.
#[test]
fn asks_which_template() {
    let folder = tempdir().unwrap();
    let mut terminal = Terminal::start(&["new", "--dry-run"], folder.path());
    terminal.wait_for("> http-api: an HTTP API");
    terminal.send(ENTER);
    terminal.wait_for("Name of the project");
    terminal.send("hello\r");
    terminal.wait_for("Kind of API");
    terminal.send(DOWN);
    terminal.send(ENTER);
    terminal.wait_for("> Kind of API rest");
    terminal.send(CTRL_C);
    let (status, _) = terminal.end();
    assert_eq!(status.exit_code(), 130);
}

/// What a flag answers is not asked, nor is what a folder around forces.
#[test]
fn asks_only_what_is_open() {
    let place = Place::new();
    fs::create_dir(place.work().join(".git")).unwrap();
    let arguments = ["new", "hello", "--from", "../template", "--set", "colour=red"];
    let arguments = [&arguments[..], &["--set", "size=3", "--set", "parts="]].concat();
    let mut terminal = Terminal::start(&arguments, &place.work());
    terminal.wait_for("Loud?");
    terminal.send("y\r");
    terminal.wait_for("Make it?");
    terminal.send(ENTER);
    let (status, screen) = terminal.end();
    assert!(status.success(), "{screen}");
    assert!(screen.starts_with("> Loud? Yes\n\n  name "), "{screen}");
    assert_eq!(place.thing(), "3 red LOUD \n");
    assert!(!place.work().join("hello/.git").exists());
}
