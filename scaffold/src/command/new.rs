//! `scaffold new`: decides what to make, makes it, and says how to go on.

use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use lambda_native_templates::{Question, Template};

use crate::cli::NewArgs;
use crate::error::{Error, Result};
use crate::library::Library;
use crate::name::ProjectName;
use crate::project::{NewProject, check_folder};
use crate::{generate, prompt, question, shell};

const DONE: Style = AnsiColor::Green.on_default().bold();
const COMMAND: Style = AnsiColor::Cyan.on_default();

pub(crate) fn run(arguments: NewArgs) -> Result<ExitCode> {
    let project = resolve(arguments, prompt::somebody())?;
    generate::generate(&project)?;

    let folder = project.folder.to_string_lossy();
    let enter = format!("cd {}", shell::quote(&folder));
    let invoke = format!("{} invoke", shell::program());
    anstream::eprintln!("{DONE}created{DONE:#} {folder}: {}\n\nnext:", project.summary());
    for command in [&*enter, "cargo test", &invoke] {
        anstream::eprintln!("  {COMMAND}{command}{COMMAND:#}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Decides everything: by what was typed, which is checked before anything is asked, then by the
/// defaults or the answers at the terminal. What is missing then is said all at once.
fn resolve(arguments: NewArgs, can_ask: bool) -> Result<NewProject> {
    let mut draft = Draft::check(arguments)?;
    if draft.take_defaults {
        draft.fill_in();
    } else if can_ask {
        draft.ask()?;
    }
    draft.complete()
}

/// A project that may have gaps.
struct Draft {
    /// The flags as they were typed, for the command that would have worked.
    typed: Vec<String>,
    name: Option<ProjectName>,
    directory: Option<PathBuf>,
    template: &'static Template,
    answers: Vec<(&'static Question, Option<String>)>,
    library: Library,
    take_defaults: bool,
}

impl Draft {
    fn check(arguments: NewArgs) -> Result<Self> {
        let NewArgs { name, directory, template, answers, runtime, yes } = arguments;
        let mut typed = Vec::new();
        let mut answered = Vec::new();
        for question in template.questions {
            let answer = answers.get(question);
            if let Some(answer) = answer {
                check_answer(question, answer)?;
                typed.push(flag(question.flag, answer));
            }
            answered.push((question, answer.map(str::to_owned)));
        }
        if let Some(directory) = &directory {
            typed.push(flag("directory", &directory.to_string_lossy()));
        }
        if let Some(runtime) = &runtime {
            typed.push(flag("runtime", &runtime.to_string()));
        }
        let name = name.as_deref().map(check_name).transpose()?;
        if let Some(folder) = directory.as_deref().or(name.as_ref().map(ProjectName::as_path)) {
            check_folder(folder)?;
        }
        let library = Library::resolve(runtime)?;
        Ok(Self {
            typed,
            name,
            directory,
            template,
            answers: answered,
            library,
            take_defaults: yes,
        })
    }

    fn fill_in(&mut self) {
        for (question, answer) in &mut self.answers {
            answer.get_or_insert_with(|| question.default.to_owned());
        }
    }

    fn ask(&mut self) -> Result<()> {
        if self.name.is_none() {
            let names_folder = self.directory.is_none();
            let name = prompt::text(
                "Name of the project",
                "its folder and its package get it",
                move |name| {
                    let name = ProjectName::parse(name)?;
                    if names_folder {
                        check_folder(name.as_path()).map_err(|error| error.to_string())?;
                    }
                    Ok(())
                },
            )?;
            self.name = Some(check_name(&name)?);
        }
        for (question, answer) in &mut self.answers {
            if answer.is_none() {
                *answer = Some(prompt::answer(question)?);
            }
        }
        Ok(())
    }

    fn complete(self) -> Result<NewProject> {
        let answers: Option<Vec<_>> = self
            .answers
            .iter()
            .map(|(question, answer)| Some((*question, answer.clone()?)))
            .collect();
        let (Some(name), Some(answers)) = (&self.name, answers) else {
            return Err(self.incomplete());
        };
        Ok(NewProject {
            folder: self.directory.unwrap_or_else(|| name.as_path().to_owned()),
            name: name.clone(),
            template: self.template,
            answers,
            library: self.library,
        })
    }

    /// Everything that is missing, and the command that would work.
    fn incomplete(&self) -> Error {
        let mut missing = Vec::new();
        let mut defaults = Vec::new();
        if self.name.is_none() {
            missing.push("`NAME`".to_owned());
        }
        for (question, _) in self.answers.iter().filter(|(_, answer)| answer.is_none()) {
            missing.push(format!("`--{}`", question.flag));
            defaults.push(flag(question.flag, question.default));
        }
        let missing = missing.join(", ");

        let name = self.name.as_ref().map_or("hello", ProjectName::as_str);
        let mut command = vec![shell::program(), "new".to_owned(), name.to_owned()];
        command.extend_from_slice(&self.typed);
        let command = command.join(" ");
        if self.take_defaults {
            Error::new(format!("missing: {missing}, for which there is no default"))
                .hint(format!("`{command} --yes`"))
                .usage()
        } else {
            let defaults = defaults.join(" ");
            Error::new(format!("missing: {missing}; nothing is asked without a terminal"))
                .hint(format!("`{command} --yes` or `{command} {defaults}`"))
                .usage()
        }
    }
}

/// A flag as it is typed.
fn flag(name: &str, value: &str) -> String {
    format!("--{name} {}", shell::quote(value))
}

fn check_name(name: &str) -> Result<ProjectName> {
    ProjectName::parse(name).map_err(|why| {
        Error::new(why).hint(format!("`{}` would do", ProjectName::near(name))).usage()
    })
}

fn check_answer(question: &Question, answer: &str) -> Result<()> {
    if question::accepts(question, answer) {
        return Ok(());
    }
    let message = format!("`{answer}` is no answer to `--{}`", question.flag);
    Err(Error::new(message).hint(format!("expected {}", question::expected(question))).usage())
}
