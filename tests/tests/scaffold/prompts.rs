//! `scaffold new` in a terminal: its prompts.

use std::fs;
use std::num::NonZero;
use std::path::Path;

use lambda_native_tests::assert_run;
use lambda_native_tests::command::program;
use lambda_native_tests::terminal::{
    BACKSPACE, CTRL_C, CTRL_U, CTRL_W, DOWN, ENTER, ESCAPE, LEFT, Terminal,
};
use tempfile::{TempDir, tempdir};

const WIDE: NonZero<u16> = NonZero::new(100).unwrap();
const NARROW: NonZero<u16> = NonZero::new(40).unwrap();

/// A template with one question of each type.
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

/// The prompts in order; only blue things have a shade.
const PROMPTS: [&str; 9] = [
    "Project name",
    "Use the defaults?",
    "Size",
    "Colour",
    "Loud?",
    "Parts",
    "Shade",
    "Create a git repository?",
    "Create the project?",
];

struct Folders {
    folder: TempDir,
}

impl Folders {
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

/// The keys that answer the prompt; the colour is blue.
fn keys(prompt: &str) -> &'static str {
    match prompt {
        "Project name" => "hello\r",
        "Use the defaults?" => "n\r",
        "Colour" => "\x1b[B\r",
        _ => ENTER,
    }
}

#[test]
fn asks_for_everything_and_says_how_to_do_without() {
    let folders = Folders::new();
    let mut terminal = folders.start(WIDE, &[]);
    for prompt in PROMPTS {
        terminal.wait_for(prompt);
        terminal.send(keys(prompt));
    }
    assert_run!(terminal.end(), @"
    exit code: 0
    ----- screen -----
    > Project name hello
    > Use the defaults? No
    > Size 10
    > Colour blue
    > Loud? No
    > Parts wing
    > Shade dark
    > Create a git repository? Yes

      name      hello
      folder    hello
      template  [TEMP]/template
      size      10
      colour    blue
      loud      false
      parts     wing
      shade     dark
      git       yes

    > Create the project? Yes
    created hello

    to do the same without questions:
      scaffold new hello --from ../template --set colour=blue --yes

    next:
      cd hello
    ");
    assert_eq!(folders.thing(), "10 blue wing dark\n");
    assert!(folders.work().join("hello/.git").is_dir());
}

#[test]
fn asks_again_after_an_invalid_value() {
    let folders = Folders::new();
    fs::create_dir(folders.work().join("taken")).unwrap();
    let mut terminal = folders.start(WIDE, &[]);
    terminal.wait_for("Project name");
    terminal.send("taken\r");
    terminal.wait_for("`taken` already exists");
    terminal.send(&BACKSPACE.repeat("taken".len()));
    terminal.send("match\r");
    terminal.wait_for("`match` is a Rust keyword");
    terminal.send(&BACKSPACE.repeat("match".len()));
    terminal.send("hello\r");
    terminal.wait_for("Use the defaults?");
    terminal.send("n\r");
    terminal.wait_for("Size");
    // The default can be edited.
    terminal.send("big\r");
    terminal.wait_for("expected a whole number");
    terminal.send(CTRL_U);
    terminal.send("12\r");
    for prompt in ["Colour", "Loud?", "Parts", "Create a git repository?", "Create the project?"] {
        terminal.wait_for(prompt);
        terminal.send(ENTER);
    }
    // Red things have no shade.
    assert_run!(terminal.end(), @"
    exit code: 0
    ----- screen -----
    > Project name hello
    > Use the defaults? No
    > Size 12
    > Colour a deep red
    > Loud? No
    > Parts wing
    > Create a git repository? Yes

      name      hello
      folder    hello
      template  [TEMP]/template
      size      12
      colour    red
      loud      false
      parts     wing
      git       yes

    > Create the project? Yes
    created hello

    to do the same without questions:
      scaffold new hello --from ../template --set size=12 --yes

    next:
      cd hello
    ");
    assert_eq!(folders.thing(), "12 red wing\n");
}

#[test]
fn uses_the_defaults_after_one_question() {
    let folders = Folders::new();
    let mut terminal = folders.start(WIDE, &[]);
    terminal.wait_for("Project name");
    terminal.send("hello\r");
    terminal.wait_for("[size 10, colour red, parts wing]");
    terminal.send(ENTER);
    assert_run!(terminal.end(), @"
    exit code: 0
    ----- screen -----
    > Project name hello
    > Use the defaults? Yes
    created hello

    to do the same without questions:
      scaffold new hello --from ../template --yes

    next:
      cd hello
    ");
    assert_eq!(folders.thing(), "10 red wing\n");
}

#[test]
fn text_can_be_edited() {
    let folders = Folders::new();
    let mut terminal = folders.start(WIDE, &[]);
    terminal.wait_for("Project name");
    let keys =
        ["wrong", CTRL_U, "hallo there", CTRL_W, BACKSPACE, LEFT, LEFT, LEFT, BACKSPACE, "e"];
    for key in keys {
        terminal.send(key);
    }
    terminal.send(ENTER);
    terminal.wait_for("Use the defaults?");
    terminal.send(ENTER);
    assert!(terminal.end().text.starts_with("> Project name hello\n"));
}

/// The questions before it keep their answers, and another answer changes what is asked next.
#[test]
fn escape_goes_back_one_question() {
    let folders = Folders::new();
    let mut terminal = folders.start(WIDE, &[]);
    for prompt in PROMPTS.iter().take_while(|prompt| **prompt != "Shade") {
        terminal.wait_for(prompt);
        terminal.send(keys(prompt));
    }
    for (prompt, shown) in [("Shade", "> dark"), ("Parts", "[ ] wheel"), ("Loud?", "(y/N)")] {
        terminal.wait_for(shown);
        terminal.send(ESCAPE);
        terminal.wait_for(&format!("> {prompt} <canceled>"));
    }
    terminal.wait_for("> a deep red");
    terminal.send(ENTER);
    for prompt in ["Loud? (y/N)", "[ ] wheel", "Create a git repository?"] {
        terminal.wait_for(prompt);
        terminal.send(ENTER);
    }
    terminal.wait_for("Create the project? (Y/n)");
    terminal.send(ESCAPE);
    terminal.wait_for("Create a git repository? (Y/n)");
    terminal.send("n\r");
    terminal.wait_for("git       no");
    terminal.wait_for("Create the project? (Y/n)");
    terminal.send(ENTER);
    assert_run!(terminal.end(), @"
    exit code: 0
    ----- screen -----
    > Project name hello
    > Use the defaults? No
    > Size 10
    > Colour blue
    > Loud? No
    > Parts wing
    > Shade <canceled>
    > Parts <canceled>
    > Loud? <canceled>
    > Colour a deep red
    > Loud? No
    > Parts wing
    > Create a git repository? Yes

      name      hello
      folder    hello
      template  [TEMP]/template
      size      10
      colour    red
      loud      false
      parts     wing
      git       yes

    > Create the project? <canceled>
    > Create a git repository? No

      name      hello
      folder    hello
      template  [TEMP]/template
      size      10
      colour    red
      loud      false
      parts     wing
      git       no

    > Create the project? Yes
    created hello

    to do the same without questions:
      scaffold new hello --from ../template --no-git --yes

    next:
      cd hello
    ");
    assert_eq!(folders.thing(), "10 red wing\n");
}

#[test]
fn escape_at_the_first_question_ends_it() {
    let folders = Folders::new();
    let mut terminal = folders.start(WIDE, &[]);
    terminal.wait_for("Project name");
    terminal.send(ESCAPE);
    let screen = terminal.end();
    assert_eq!((screen.code, screen.last_line()), (Some(130), "error: interrupted"));
    assert!(is_empty(&folders.work()));
}

#[test]
fn ctrl_c_at_every_question_leaves_nothing() {
    for stop in PROMPTS {
        let folders = Folders::new();
        let mut terminal = folders.start(WIDE, &[]);
        for prompt in PROMPTS {
            terminal.wait_for(prompt);
            if prompt == stop {
                break;
            }
            terminal.send(keys(prompt));
        }
        terminal.send(CTRL_C);
        let screen = terminal.end();
        assert_eq!(screen.code, Some(130), "{screen:?}");
        assert!(screen.last_line().ends_with("error: interrupted"), "{screen:?}");
        assert!(is_empty(&folders.work()));
    }
}

/// It also restores the terminal.
#[test]
fn a_signal_ends_it_while_it_asks() {
    for signal in ["TERM", "HUP", "INT"] {
        let folders = Folders::new();
        let mut terminal = folders.start(WIDE, &[]);
        terminal.wait_for("Project name");
        let kill =
            program("kill").args(["-s", signal, &terminal.process_id().to_string()]).status();
        assert!(kill.unwrap().success());
        let screen = terminal.end();
        assert_eq!((screen.code, screen.last_line()), (Some(130), "error: interrupted"));
        assert!(is_empty(&folders.work()));
    }
}

#[test]
fn makes_nothing_if_the_user_does_not_confirm() {
    let folders = Folders::new();
    let mut terminal = folders.start(WIDE, &[]);
    for prompt in PROMPTS {
        terminal.wait_for(prompt);
        terminal.send(if prompt == "Create the project?" { "n\r" } else { keys(prompt) });
    }
    assert_run!(terminal.end(), @"
    exit code: 130
    ----- screen -----
    > Project name hello
    > Use the defaults? No
    > Size 10
    > Colour blue
    > Loud? No
    > Parts wing
    > Shade dark
    > Create a git repository? Yes

      name      hello
      folder    hello
      template  [TEMP]/template
      size      10
      colour    blue
      loud      false
      parts     wing
      shade     dark
      git       yes

    > Create the project? No
    error: interrupted
    ");
    assert!(is_empty(&folders.work()));
}

#[test]
fn fits_a_narrow_terminal() {
    let folders = Folders::new();
    let mut terminal = folders.start(NARROW, &[]);
    for prompt in PROMPTS {
        terminal.wait_for(prompt);
        terminal.send(keys(prompt));
    }
    // Nothing is left of prompts of several lines.
    assert_run!(terminal.end(), @"
    exit code: 0
    ----- screen -----
    > Project name hello
    > Use the defaults? No
    > Size 10
    > Colour blue
    > Loud? No
    > Parts wing
    > Shade dark
    > Create a git repository? Yes

      name      hello
      folder    hello
      template  [TEMP]/template
      size      10
      colour    blue
      loud      false
      parts     wing
      shade     dark
      git       yes

    > Create the project? Yes
    created hello

    to do the same without questions:
      scaffold new hello --from ../template --set colour=blue --yes

    next:
      cd hello
    ");
    assert_eq!(folders.thing(), "10 blue wing dark\n");
}

#[test]
fn prints_no_colours_if_none_are_wanted() {
    for (environment, has_colours) in [(&[][..], true), (&[("NO_COLOR", "1")], false)] {
        let folders = Folders::new();
        let mut terminal = folders.start(WIDE, environment);
        for prompt in PROMPTS {
            terminal.wait_for(prompt);
            terminal.send(keys(prompt));
        }
        let screen = terminal.end();
        assert_eq!(screen.code, Some(0), "{screen:?}");
        let colours = screen.written.split("\x1b[").skip(1).filter(|sequence| {
            let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap();
            let (parameters, rest) = sequence.split_at(end);
            rest.starts_with('m') && !matches!(parameters, "" | "0" | "39" | "49")
        });
        assert_eq!(colours.count() > 0, has_colours, "{screen:?}");
    }
}

/// A dumb terminal counts as no terminal.
#[test]
fn asks_nothing_on_a_dumb_terminal() {
    let folders = Folders::new();
    let terminal = folders.start(WIDE, &[("TERM", "dumb"), ("CI", "true")]);
    let screen = terminal.end();
    assert!(!screen.written.contains('\x1b'), "{screen:?}");
    assert_run!(screen, @"
    exit code: 2
    ----- screen -----
    error: missing: `NAME`, `--set size`, `--set colour`, `--set loud`, `--set parts`; without an interactive terminal nothing can be asked
    hint: run `scaffold new hello --from ../template --yes` or `scaffold new hello --from ../template --set size=10 --set colour=red --set loud=false --set parts=wing`
    ");
    assert!(is_empty(&folders.work()));
}

/// The template is the first question.
#[test]
fn asks_which_template() {
    let folder = tempdir().unwrap();
    let mut terminal = Terminal::start(&["new", "--dry-run"], folder.path());
    terminal.wait_for("> http-api: an HTTP API");
    terminal.send(ENTER);
    terminal.wait_for("Project name");
    terminal.send("hello\r");
    terminal.wait_for("Use the defaults?");
    terminal.send("n\r");
    terminal.wait_for("API type");
    terminal.send(DOWN);
    terminal.send(ENTER);
    terminal.wait_for("[adds an HTTPS client");
    terminal.send(CTRL_C);
    assert_run!(terminal.end(), @"
    exit code: 130
    ----- screen -----
    > Template http-api: an HTTP API: one function behind API Gateway or a function URL
    > Project name hello
    > Use the defaults? No
    > API type rest
    > Outbound HTTPS calls 
    > no
      yes
    [adds an HTTPS client, created once, and an example call]
    error: interrupted
    ");
}

/// Flags and the surrounding folders answer questions.
#[test]
fn asks_only_what_is_open() {
    let folders = Folders::new();
    fs::create_dir(folders.work().join(".git")).unwrap();
    let arguments = ["new", "hello", "--from", "../template", "--set", "colour=red"];
    let arguments = [&arguments[..], &["--set", "size=3", "--set", "parts="]].concat();
    let mut terminal = Terminal::start(&arguments, &folders.work());
    terminal.wait_for("Loud?");
    terminal.send("y\r");
    terminal.wait_for("Create the project?");
    terminal.send(ENTER);
    assert_run!(terminal.end(), @"
    exit code: 0
    ----- screen -----
    > Loud? Yes

      name      hello
      folder    hello
      template  [TEMP]/template
      size      3
      colour    red
      loud      true
      parts     
      git       no

    > Create the project? Yes
    created hello

    to do the same without questions:
      scaffold new hello --from ../template --set size=3 --set loud=true --set parts='' --yes

    next:
      cd hello
    ");
    assert_eq!(folders.thing(), "3 red LOUD \n");
    assert!(!folders.work().join("hello/.git").exists());
}
