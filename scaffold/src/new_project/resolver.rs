//! Answers the open questions about a new project: with defaults or at the terminal. All missing
//! answers are reported together.

use std::path::PathBuf;

use liquid::Object;

use super::answers::{AnswerOrigin, GivenAnswer, GivenAnswers, is_same};
use super::cargo_workspace::{self, EnclosingWorkspace};
use super::command_line::{self, CommandLine};
use super::destination::Destination;
use super::dialogue::Dialogue;
use super::git;
use super::name::ProjectName;
use super::prompt;
use super::question::{Choice, Question};
use super::scripts::Scripts;
use super::settings::{Membership, Unanswered, check_name};
use super::template::condition::Conditions;
use super::template::{self, Template, catalogue};
use crate::cli::{GitArgs, WorkspaceArgs};
use crate::files;
use crate::term::error::{Error, Result};
use crate::term::nearest::nearest;
use crate::term::{escape, message, quote};

/// Decides everything that is not given, and records the command line that would give it.
pub(super) struct Resolver<'a> {
    unanswered: Unanswered,
    pub(super) command: CommandLine,
    missing: Vec<MissingAnswer>,
    dialogue: &'a mut Dialogue,
}

struct MissingAnswer {
    /// The flag, or the argument.
    name: String,
    /// The flag with its default, if it has one.
    default: Option<String>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(
        unanswered: Unanswered,
        command: CommandLine,
        dialogue: &'a mut Dialogue,
    ) -> Self {
        Self { unanswered, command, missing: Vec::new(), dialogue }
    }

    fn asks(&self) -> bool {
        self.unanswered == Unanswered::Ask
    }

    /// Asks which template to use.
    pub(super) fn template(&mut self) -> Result<Template> {
        let name = if self.asks() {
            let choices = catalogue().iter().filter_map(|template| {
                let value = template.name()?.to_owned();
                let label = format!("{value}: {}", template.config.description);
                Some(Choice::Labelled { value, label })
            });
            let choices: Vec<Choice> = choices.collect();
            let help = "what kind of project to create";
            self.dialogue
                .ask(|| prompt::select("Template", help, &choices, Some(template::DEFAULT)))?
        } else {
            template::DEFAULT.to_owned()
        };
        self.command.push_template(&name);
        Ok(template::find(&name)?.clone())
    }

    pub(super) fn name(&mut self, names_folder: bool) -> Result<ProjectName> {
        if !self.asks() {
            self.missing.push(MissingAnswer { name: "NAME".to_owned(), default: None });
            return check_name("hello");
        }
        let check = move |name: &str| {
            let name = ProjectName::parse(name)?;
            if names_folder {
                let destination = Destination::NewFolder(name.as_path().to_owned());
                destination.check().map_err(|error| error.to_string())?;
            }
            Ok(())
        };
        let help = "used for the folder and the Cargo package";
        check_name(&self.dialogue.ask(|| prompt::text("Project name", help, None, check))?)
    }

    /// Offers the defaults of everything that is open, if that is more than one question. Of the defaults it
    /// shows those that switch something on.
    pub(super) fn use_defaults(
        &mut self,
        template: &Template,
        conditions: &Conditions<'_>,
        variables: &Object,
        given: &GivenAnswers,
    ) -> Result<()> {
        if !self.asks() {
            return Ok(());
        }
        let mut dialogue = Dialogue::default();
        let mut rehearsal =
            Resolver::new(Unanswered::UseDefault, CommandLine::default(), &mut dialogue);
        let decided =
            rehearsal.answers(template, conditions, &mut variables.clone(), &mut given.clone());
        // A given answer can be one to a question that the defaults leave out.
        let Ok(answers) = decided else { return Ok(()) };
        if !rehearsal.missing.is_empty() {
            return Ok(());
        }
        let open = answers.iter().filter(|(question, _)| !given.has(&question.name));
        let is_on = |answer: &str| !matches!(answer, "" | "false" | "no");
        let shown: Vec<String> = open
            .clone()
            .filter(|(_, answer)| is_on(answer))
            .map(|(question, answer)| {
                format!("{} {}", question.name.replace('_', " "), question.show(answer))
            })
            .collect();
        let prompt = || prompt::yes_or_no("Use the defaults?", &shown.join(", "), true);
        if open.count() > 1 && self.dialogue.ask_yes_or_no(prompt)? {
            self.unanswered = Unanswered::UseDefault;
        }
        Ok(())
    }

    /// Answers the questions in their order: an answer decides which questions follow.
    pub(super) fn answers(
        &mut self,
        template: &Template,
        conditions: &Conditions<'_>,
        variables: &mut Object,
        given: &mut GivenAnswers,
    ) -> Result<Vec<(Question, String)>> {
        check_given(template, given)?;
        let mut answers: Vec<(Question, String)> = Vec::new();
        let is_answered = |answers: &[(Question, String)], name: &str| {
            answers.iter().any(|(it, _)| it.name == name)
        };
        while let Some(question) =
            conditions.next_question(variables, |name| is_answered(&answers, name))?
        {
            let answer = self.answer(question, given)?;
            variables.insert(question.name.clone().into(), question.variable(&answer));
            answers.push((question.clone(), answer));
        }
        match given.iter().next() {
            Some((name, answer)) => Err(not_asked(template, name, answer, &answers)),
            None => Ok(answers),
        }
    }

    fn answer(&mut self, question: &Question, given: &mut GivenAnswers) -> Result<String> {
        let default = question.default.as_deref();
        let answer = match (given.take(&question.name), self.unanswered, default) {
            (Some(answer), ..) if question.accepts(&answer.value) => answer.value,
            (Some(answer), ..) => return Err(invalid(question, &answer)),
            (None, Unanswered::Ask, _) => self.dialogue.ask(|| prompt::answer(question))?,
            (None, Unanswered::UseDefault, Some(default)) => return Ok(default.to_owned()),
            (None, ..) => {
                self.missing.push(MissingAnswer {
                    name: command_line::flag(question),
                    default: default.map(|default| command_line::answer(question, default)),
                });
                let stand_in = default.or(question.values().first().copied());
                return Ok(stand_in.unwrap_or_default().to_owned());
            }
        };
        let is_needed = default != Some(&*answer) || self.unanswered == Unanswered::Fail;
        self.command.push_if(is_needed, &command_line::answer(question, &answer));
        Ok(answer)
    }

    pub(super) fn membership(
        &mut self,
        template: &Template,
        destination: &Destination,
        typed: &WorkspaceArgs,
    ) -> Result<Option<(EnclosingWorkspace, Membership)>> {
        let (wanted, unwanted) = (typed.workspace, typed.no_workspace);
        let refuse = |why: &str| {
            let message = format!("cannot add the project to a workspace: {why}");
            Err(Error::new(message).hint("omit `--workspace`").usage())
        };
        let is_package = template.manifest().is_some();
        let workspace = cargo_workspace::around(&destination.absolute());
        let Some(workspace) = workspace.filter(|_| is_package) else {
            return if wanted { refuse("there is none above its folder") } else { Ok(None) };
        };
        let manifest = quote::relative(&workspace.manifest);
        let obstacle = if template.is_workspace() {
            Some("it has several packages and is a workspace itself".to_owned())
        } else if workspace.is_excluded {
            Some(format!("`exclude` in `{manifest}` covers its folder"))
        } else {
            None
        };
        // If `members` matches the folder, the project is expected to be one.
        let default = workspace.is_covered && obstacle.is_none();
        let is_member = match obstacle {
            Some(why) if wanted => return refuse(&why),
            Some(_) => false,
            None if wanted || unwanted => wanted,
            None if self.asks() => {
                let prompt = format!("Add the project to the workspace `{manifest}`?");
                let help = "no: an independent workspace, which can be built in a container";
                self.dialogue.ask_yes_or_no(|| prompt::yes_or_no(&prompt, help, default))?
            }
            None => default,
        };
        self.command.push_if(is_member && !default, "--workspace");
        self.command.push_if(!is_member && default, "--no-workspace");
        // The workspace has to exclude the project only if `members` matches its folder.
        let is_concerned = workspace.is_covered && !workspace.is_excluded;
        let membership = if is_member { Membership::Member } else { Membership::Excluded };
        Ok((is_member || is_concerned).then_some((workspace, membership)))
    }

    pub(super) fn git(
        &mut self,
        template: &Template,
        destination: &Destination,
        typed: &GitArgs,
    ) -> Result<Option<PathBuf>> {
        if let Some(repository) = files::git_repository(&destination.absolute()) {
            if typed.git {
                let repository = repository.display();
                let message = format!("the project is inside the git repository `{repository}`");
                return Err(Error::new(message).hint("omit `--git`").usage());
            }
            return Ok(None);
        }
        let program = git::program();
        let default = template.config.git.unwrap_or(true) && program.is_some();
        let git = if typed.git || typed.no_git {
            typed.git
        } else if self.asks() && program.is_some() {
            let prompt = || prompt::yes_or_no("Create a git repository?", "", default);
            self.dialogue.ask_yes_or_no(prompt)?
        } else {
            default
        };
        self.command.push_if(git && !default, "--git");
        self.command.push_if(!git && default, "--no-git");
        if git && program.is_none() {
            return Err(git::fail("`git` is not on `PATH`"));
        }
        Ok(program.filter(|_| git))
    }

    /// Asks the user to allow the template's scripts. The way back does not remember the answer.
    pub(super) fn consent(&self, scripts: &Scripts, template: &Template) -> Result<()> {
        let message = format!("{} runs scripts: {}", template.origin, scripts.list());
        // To take the defaults is not to allow scripts.
        if self.asks() || self.dialogue.has_asked() {
            message::note(format_args!("{}", escape::line(&message)));
            let help = "scripts can read, change and run everything that you can";
            if prompt::confirm("Run these scripts?", help, false)? {
                return Ok(());
            }
        }
        Err(Error::new(message).hint("read them, then pass `--trust` to run them"))
    }

    /// Asks whether to create the project, unless that is plain from the answers.
    pub(super) fn confirms(
        &mut self,
        prompt: impl FnOnce() -> Result<Option<bool>>,
    ) -> Result<bool> {
        if !self.asks() || !self.dialogue.has_asked() {
            return Ok(true);
        }
        self.dialogue.ask_yes_or_no(prompt)
    }

    /// The command line that creates the project without questions; fails if answers are missing.
    pub(super) fn command_for(&self, name: &ProjectName) -> Result<String> {
        if self.missing.is_empty() {
            Ok(self.command.with_yes(name))
        } else {
            Err(incomplete(name, &self.missing, &self.command, self.unanswered))
        }
    }
}

/// Fails at an answer that no question accepts, before anything is asked.
fn check_given(template: &Template, given: &GivenAnswers) -> Result<()> {
    for (name, answer) in given.iter() {
        // A question can be there more than once, with other values.
        let mut same = template.config.questions.iter().filter(|it| is_same(&it.name, name));
        let Some(question) = same.clone().next() else {
            return Err(no_question(template, name, answer));
        };
        if !same.any(|question| question.accepts(&answer.value)) {
            return Err(invalid(question, answer));
        }
    }
    Ok(())
}

fn invalid(question: &Question, answer: &GivenAnswer) -> Error {
    Error::new(format!("invalid value `{}` for {}", answer.value, answer.origin))
        .hint(format!("expected {}", question.expected()))
        .usage()
}

fn no_question(template: &Template, name: &str, answer: &GivenAnswer) -> Error {
    let mut names: Vec<&str> = Vec::new();
    for question in &template.config.questions {
        if !names.contains(&&*question.name) {
            names.push(&question.name);
        }
    }
    let is_flag = matches!(answer.origin, AnswerOrigin::Flag(_));
    let near = nearest(name, &names).filter(|_| !is_flag);
    let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
    let questions = match &*names {
        [] => "it has no questions".to_owned(),
        names => format!("its questions are {}", template::listed(names)),
    };
    let message = format!("{}: {} has no such question", answer.origin, template.origin);
    Error::new(message).hint(format!("{near}{questions}")).usage()
}

/// An answer to a question that is not asked under the other answers.
fn not_asked(
    template: &Template,
    name: &str,
    answer: &GivenAnswer,
    answers: &[(Question, String)],
) -> Error {
    let questions = template.config.questions.iter().filter(|it| is_same(&it.name, name));
    let conditions: Vec<&str> = questions.filter_map(|it| it.condition.as_deref()).collect();
    let condition = conditions.join(" or ");
    let is_named =
        |name: &str| condition.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == name);
    let deciding: Vec<String> = answers
        .iter()
        .filter(|(question, _)| is_named(&question.name))
        .map(|(question, answer)| format!("`{}` is `{answer}`", question.name))
        .collect();
    let because = if deciding.is_empty() { "of other answers" } else { &deciding.join(" and ") };
    Error::new(format!("{} does not apply, because {because}", answer.origin))
        .hint(format!("it only applies if `{condition}`"))
        .usage()
}

/// The error for missing answers, with a command that works.
fn incomplete(
    name: &ProjectName,
    missing: &[MissingAnswer],
    command: &CommandLine,
    unanswered: Unanswered,
) -> Error {
    let names: Vec<&str> = missing.iter().map(|missing| &*missing.name).collect();
    let with_yes = command.with_yes(name);
    if unanswered == Unanswered::UseDefault {
        let message = format!("missing: {} (no default)", template::listed(&names));
        let error = Error::new(message).usage();
        return if *names == ["NAME"] { error.hint(format!("run `{with_yes}`")) } else { error };
    }
    let defaults: Vec<&str> = missing.iter().filter_map(|it| it.default.as_deref()).collect();
    let spelled_out = command.with_flags(name, &defaults);
    let message = format!(
        "missing: {}; without an interactive terminal nothing can be asked",
        template::listed(&names)
    );
    Error::new(message).hint(format!("run `{with_yes}` or `{spelled_out}`")).usage()
}
