//! `scaffold new`: decides what to make, makes it, and says how to go on.

use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Map, Value, json};

use crate::cli::{NewArgs, OutputArgs};
use crate::error::{Error, Result};
use crate::generate::{Listing, Made};
use crate::project::{NewProject, Place};
use crate::resolve::{Resolved, Rest, resolve};
use crate::{generate, interrupt, output, prompt, shell, tree};

const DONE: Style = AnsiColor::Green.on_default().bold();
const COMMAND: Style = AnsiColor::Cyan.on_default();
const NAME: Style = Style::new().dimmed();

/// What there is to do in a project of ours.
const NEXT: [&str; 4] = ["invoke", "dev", "build", "deploy"];

pub(crate) fn run(arguments: NewArgs) -> Result<ExitCode> {
    interrupt::watch()?;
    let OutputArgs { dry_run, json } = arguments.output;
    let rest = match (arguments.yes, prompt::somebody()) {
        (true, _) => Rest::Defaults,
        (false, true) => Rest::Asked,
        (false, false) => Rest::Missing,
    };
    let Resolved { mut project, command, was_asked } = resolve(arguments, rest)?;
    if dry_run {
        let made = generate::rehearse(&mut project)?;
        let said = if json {
            format!("{:#}\n", result(&project, &made, &command, true))
        } else {
            tree::show(&project, &made)
        };
        return output::print(&said);
    }
    if was_asked {
        summarize(&project);
        if !prompt::confirm("Make it?", "", true)? {
            return Err(Error::interrupted());
        }
    }
    let listing = if json { Listing::Full } else { Listing::None };
    let made = generate::generate(&mut project, listing)?;
    if json {
        return output::print(&format!("{:#}\n", result(&project, &made, &command, false)));
    }
    tell(&project, &made, was_asked.then_some(&*command));
    Ok(ExitCode::SUCCESS)
}

/// Everything that was decided, before it is done.
fn summarize(project: &NewProject) {
    let mut lines = vec![
        ("name".to_owned(), project.name.to_string()),
        ("folder".to_owned(), project.place.folder().display().to_string()),
        ("template".to_owned(), project.kind()),
    ];
    for (question, answer) in &project.answers {
        lines.push((question.name.replace('_', " "), question.show(answer)));
    }
    lines.push(("git".to_owned(), if project.git { "yes" } else { "no" }.to_owned()));
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    anstream::eprintln!();
    for (name, value) in lines {
        anstream::eprintln!("  {NAME}{name:width$}{NAME:#}  {value}");
    }
    anstream::eprintln!();
}

/// That it is done, and how to go on.
fn tell(project: &NewProject, made: &Made, command: Option<&str>) {
    let folder = project.place.folder().to_string_lossy();
    // Who has answered has seen the summary.
    let summary = match command {
        Some(_) => String::new(),
        None => format!(": {}", project.summary()),
    };
    let created = if folder == "." { project.name.as_str() } else { &folder };
    anstream::eprintln!("{DONE}created{DONE:#} {created}{summary}");
    for note in &made.notes {
        anstream::eprintln!("  {note}");
    }
    if let Some(command) = command {
        anstream::eprintln!("\nthe same without questions:\n  {COMMAND}{command}{COMMAND:#}");
    }
    anstream::eprintln!("\nnext:");
    let mut next = Vec::new();
    if matches!(project.place, Place::New(_)) {
        next.push(format!("cd {}", shell::quote(&folder)));
    }
    if made.is_package {
        next.push("cargo test".to_owned());
    }
    if project.template.name().is_some() {
        let program = shell::program();
        // Of several functions `invoke` would have to be told which.
        let is_one = project.place.absolute().join("events/event.json").is_file();
        let commands = NEXT.iter().filter(|name| is_one || **name != "invoke");
        next.extend(commands.map(|name| format!("{program} {name}")));
    }
    for command in next {
        anstream::eprintln!("  {COMMAND}{command}{COMMAND:#}");
    }
}

/// The result for a program.
fn result(project: &NewProject, made: &Made, command: &str, with_contents: bool) -> Value {
    let answers: Map<String, Value> = project
        .answers
        .iter()
        .map(|(question, answer)| (question.name.clone(), Value::from(answer.as_str())))
        .collect();
    let files: Value = made
        .files
        .iter()
        .map(|(path, contents)| match (with_contents, std::str::from_utf8(contents)) {
            (false, _) => json!(path),
            (true, Ok(text)) => json!({ "path": path, "text": text }),
            (true, Err(_)) => json!({ "path": path, "base64": BASE64_STANDARD.encode(contents) }),
        })
        .collect();
    let (source, commit) = project.template.origin.source_and_commit();
    let mut result = json!({
        "path": project.place.absolute(),
        "name": project.name.as_str(),
        "template": {
            "name": project.template.name(),
            "source": source,
            "commit": commit,
            "hash": project.template.hash(),
        },
        "answers": answers,
        "git": project.git,
        "files": files,
        "command": command,
        "made": !with_contents,
    });
    if let (Some((path, text)), Some(result)) = (&made.manifest, result.as_object_mut()) {
        let text = with_contents.then_some(text);
        result.insert("workspace".to_owned(), json!({ "path": path, "text": text }));
    }
    result
}
