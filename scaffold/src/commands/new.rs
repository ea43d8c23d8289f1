//! `scaffold new`: creates a project and prints the next steps.

use std::process::ExitCode;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Map, Value, json};

use crate::cli::{NewArgs, OutputArgs};
use crate::infrastructure::Infrastructure;
use crate::new_project::destination::Destination;
use crate::new_project::file_tree::FileTree;
use crate::new_project::settings::{NewProject, Resolved, Unanswered, resolve};
use crate::new_project::{generate, preview, prompt};
use crate::process::{interrupt, this_program};
use crate::term::error::Result;
use crate::term::style::{COMMAND, LABEL, STATUS};
use crate::term::{escape, message, output, quote, terminal};

/// The commands that run a project of this program's templates.
const NEXT: [&str; 2] = ["invoke", "dev"];

pub(crate) fn run(arguments: NewArgs) -> Result<ExitCode> {
    interrupt::watch()?;
    let OutputArgs { dry_run, json } = arguments.output;
    let unanswered = match (arguments.yes, terminal::is_interactive()) {
        (true, _) => Unanswered::UseDefault,
        (false, true) => Unanswered::Ask,
        (false, false) => Unanswered::Fail,
    };
    let confirm = |project: &NewProject| {
        if dry_run {
            return Ok(Some(true));
        }
        summarize(project);
        prompt::yes_or_no("Create the project?", "", true)
    };
    let Resolved { mut project, command, was_asked } = resolve(arguments, unanswered, confirm)?;
    if dry_run {
        let files = generate::rehearse(&mut project)?;
        return output::print(&if json {
            format!("{:#}\n", describe(&project, &files, &command, true))
        } else {
            preview::show(&project, &files)
        });
    }
    let notes = generate::generate(&mut project)?;
    if json {
        let files = generate::read(project.destination.folder())?;
        return output::print(&format!("{:#}\n", describe(&project, &files, &command, false)));
    }
    tell(&project, &notes, was_asked.then_some(&*command));
    Ok(ExitCode::SUCCESS)
}

/// Prints the decisions for a last confirmation.
fn summarize(project: &NewProject) {
    let mut lines = vec![
        ("name".to_owned(), project.name.to_string()),
        ("folder".to_owned(), project.destination.folder().display().to_string()),
        ("template".to_owned(), project.kind()),
    ];
    for (question, answer) in &project.answers {
        lines.push((question.name.replace('_', " "), question.show(answer)));
    }
    lines.push(("git".to_owned(), if project.git.is_some() { "yes" } else { "no" }.to_owned()));
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    message::note(format_args!(""));
    for (name, value) in lines {
        let (name, value) = (escape::line(&name), escape::line(&value));
        message::note(format_args!("  {LABEL}{name:width$}{LABEL:#}  {value}"));
    }
    message::note(format_args!(""));
}

/// Prints the result and the next steps.
fn tell(project: &NewProject, notes: &[String], command: Option<&str>) {
    let folder = project.destination.folder().to_string_lossy();
    // Whoever was asked has seen the summary.
    let summary = match command {
        Some(_) => String::new(),
        None => format!(": {}", project.summary()),
    };
    let created = if folder == "." { project.name.as_str() } else { &folder };
    let created = format!("{created}{summary}");
    message::note(format_args!("{STATUS}created{STATUS:#} {}", escape::line(&created)));
    for note in notes {
        message::note(format_args!("  {}", escape::line(note)));
    }
    if let Some(command) = command {
        let command = escape::line(command);
        message::note(format_args!(
            "\nto do the same without questions:\n  {COMMAND}{command}{COMMAND:#}"
        ));
    }
    let mut next = Vec::new();
    if matches!(project.destination, Destination::NewFolder(_)) {
        next.push(format!("cd {}", quote::quote(&folder)));
    }
    if project.destination.folder().join("Cargo.toml").is_file() {
        next.push("cargo test".to_owned());
    }
    if project.template.name().is_some() {
        let program = this_program::command();
        // With several functions, `invoke` needs the name of one.
        let is_one = project.destination.folder().join("events/event.json").is_file();
        let commands = NEXT.iter().filter(|name| is_one || **name != "invoke");
        next.extend(commands.map(|name| format!("{program} {name}")));
        let is_image = project.answers.iter().any(|(_, answer)| answer == "image");
        match Infrastructure::near(&project.destination.absolute()) {
            Some(infrastructure) => {
                next.extend(infrastructure.first_deployment(&program, is_image));
            }
            None => next.extend(["build", "deploy"].map(|name| format!("{program} {name}"))),
        }
    }
    message::print_next(&next);
}

/// The result of `--json`.
fn describe(project: &NewProject, files: &FileTree, command: &str, with_contents: bool) -> Value {
    let answers: Map<String, Value> = project
        .answers
        .iter()
        .map(|(question, answer)| (question.name.clone(), Value::from(answer.as_str())))
        .collect();
    let files: Value = files
        .iter()
        .map(|(path, contents)| match (with_contents, std::str::from_utf8(contents)) {
            (false, _) => json!(path),
            (true, Ok(text)) => json!({ "path": path, "text": text }),
            (true, Err(_)) => json!({ "path": path, "base64": BASE64_STANDARD.encode(contents) }),
        })
        .collect();
    let (source, commit) = project.template.origin.source_and_commit();
    let mut result = json!({
        "path": project.destination.absolute(),
        "name": project.name.as_str(),
        "template": {
            "name": project.template.name(),
            "source": source,
            "commit": commit,
            "hash": project.template.hash(),
        },
        "answers": answers,
        "git": project.git.is_some(),
        "files": files,
        "command": command,
        "made": !with_contents,
    });
    if let (Some((workspace, _)), Some(result)) = (&project.membership, result.as_object_mut()) {
        let text = with_contents.then(|| workspace.changed());
        let workspace = json!({ "path": workspace.manifest, "text": text });
        result.insert("workspace".to_owned(), workspace);
    }
    result
}
