//! Decides everything about a new project: first from the command line, which is checked before the
//! first question, then from defaults or from answers at the terminal. All missing answers are
//! reported together.

use std::path::PathBuf;

use liquid::Object;

use super::answers::{AnswerOrigin, GivenAnswer, GivenAnswers, GivenTemplate, is_same};
use super::cargo_workspace::{self, EnclosingWorkspace};
use super::command_line::{self, CommandLine};
use super::destination::Destination;
use super::git;
use super::name::ProjectName;
use super::prompt;
use super::question::{Choice, Question};
use super::runtime_source::RuntimeDependency;
use super::scripts::Scripts;
use super::template::condition::Conditions;
use super::template::{self, FileRules, Template, catalogue, source, variables};
use crate::cli::{GitArgs, NewArgs, SourceArgs, WorkspaceArgs};
use crate::files;
use crate::term::error::{Error, Result};
use crate::term::nearest::nearest;
use crate::term::{escape, message, quote};

/// A project about which everything is decided: no question is asked after this.
#[derive(Debug)]
pub(crate) struct NewProject {
    pub(crate) name: ProjectName,
    pub(crate) template: Template,
    /// The questions that were to be asked, in their order, with the answers.
    pub(crate) answers: Vec<(Question, String)>,
    /// The variables of the template: the answers, and those that cargo-generate defines.
    pub(crate) variables: Object,
    /// The template's rules that apply under the answers.
    pub(crate) rules: FileRules,
    /// The template runs scripts, which the user has allowed.
    pub(crate) runs_scripts: bool,
    pub(crate) library: RuntimeDependency,
    pub(crate) destination: Destination,
    /// The program that creates its git repository, if it gets one.
    pub(crate) git: Option<PathBuf>,
    pub(crate) membership: Option<(EnclosingWorkspace, Membership)>,
}

/// The relation of a project to the workspace around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    Member,
    /// Not a member, although `members` of the workspace matches its folder.
    Excluded,
}

impl NewProject {
    /// The name of the template, or where it came from.
    pub(crate) fn kind(&self) -> String {
        let origin = &self.template.origin;
        self.template.name().map(str::to_owned).or_else(|| origin.source()).unwrap_or_default()
    }

    /// The template and the answers that are not the defaults, on one line.
    pub(crate) fn summary(&self) -> String {
        let mut parts = vec![self.kind()];
        for (question, answer) in &self.answers {
            if question.default.as_ref() != Some(answer) {
                parts.push(format!(
                    "{} {}",
                    question.name.replace('_', " "),
                    question.show(answer)
                ));
            }
        }
        parts.join(", ")
    }

    /// Returns whether the project needs to say where the library is.
    pub(crate) fn needs_library(&self) -> bool {
        let is_shared = matches!(
            &self.membership,
            Some((workspace, Membership::Member)) if workspace.has_library()
        );
        let manifest = self.template.manifest();
        !is_shared && manifest.is_some_and(|text| text.contains("lambda-native"))
    }
}

/// The treatment of questions that the command line does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    UseDefault,
    Ask,
    Fail,
}

/// A decided project, and how it was decided.
pub(crate) struct Resolved {
    pub(crate) project: NewProject,
    /// The command line that creates it without questions.
    pub(crate) command: String,
    pub(crate) was_asked: bool,
}

pub(crate) fn resolve(arguments: NewArgs, unanswered: Unanswered) -> Result<Resolved> {
    let NewArgs {
        name, flags, set, answers, source, directory, here, git, workspace, runtime, ..
    } = arguments;
    let mut resolver = Resolver::new(unanswered);
    let mut given = GivenAnswers::collect(flags, &set, answers.as_deref())?;

    let here = here || name.as_deref() == Some(".");
    let mut name = name.filter(|name| name != ".").map(|name| check_name(&name)).transpose()?;
    if here && let Some(directory) = &directory {
        let message = format!("`.` conflicts with `--directory {}`", directory.display());
        return Err(Error::new(message).hint("pass only one of them").usage());
    }
    if here && name.is_none() {
        name = Some(name_of_this_folder()?);
    }
    let destination_of = |name: &ProjectName| match (&directory, here) {
        (_, true) => Destination::CurrentFolder,
        (Some(directory), _) => Destination::NewFolder(directory.clone()),
        (None, _) => Destination::NewFolder(name.as_path().to_owned()),
    };
    // Before the first question.
    if let Some(directory) = &directory {
        Destination::NewFolder(directory.clone()).check()?;
    } else if let Some(name) = &name {
        destination_of(name).check()?;
    }
    let library = RuntimeDependency::resolve(runtime.clone())?;

    let is_named = given.template.is_some();
    let template = resolver.template(&source, &mut given)?;
    if is_named && given.template.is_none() {
        // The command line names no other.
        given.warn_of_change(&template);
    }
    let name = match name {
        Some(name) => name,
        None => resolver.name(directory.is_none())?,
    };
    let destination = destination_of(&name);
    let mut variables = variables::built_in(&name, &destination.absolute());
    let conditions = Conditions::of(&template);
    let answers = resolver.answers(&template, &conditions, &mut variables, &mut given)?;
    let rules = conditions.file_rules(&variables)?;
    let scripts = Scripts::of(&template)?;
    let runs_scripts = !scripts.is_empty();
    if runs_scripts && !source.trust {
        consent(&scripts, &template, unanswered)?;
    }
    let membership = resolver.membership(&template, &destination, &workspace)?;
    let git = resolver.git(&template, &destination, &git)?;

    let Resolver { mut command, missing, was_asked, .. } = resolver;
    if let Some(directory) = &directory {
        command.push("directory", &directory.to_string_lossy());
    }
    if let Some(runtime) = &runtime {
        command.push("runtime", &runtime.to_string());
    }
    command.push_if(here, "--here");
    command.push_if(source.trust || runs_scripts, "--trust");
    if !missing.is_empty() {
        return Err(incomplete(&name, &missing, &command, unanswered));
    }
    let command = command.with_yes(&name);
    let project = NewProject {
        name,
        template,
        answers,
        variables,
        rules,
        runs_scripts,
        library,
        destination,
        git,
        membership,
    };
    Ok(Resolved { project, command, was_asked })
}

/// Decides everything that is not given, and records the command line that would give it.
struct Resolver {
    unanswered: Unanswered,
    command: CommandLine,
    missing: Vec<MissingAnswer>,
    was_asked: bool,
}

struct MissingAnswer {
    /// The flag, or the argument.
    name: String,
    /// The flag with its default, if it has one.
    default: Option<String>,
}

impl Resolver {
    fn new(unanswered: Unanswered) -> Self {
        Self { unanswered, command: CommandLine::default(), missing: Vec::new(), was_asked: false }
    }

    fn asks(&self) -> bool {
        self.unanswered == Unanswered::Ask
    }

    fn template(&mut self, source: &SourceArgs, given: &mut GivenAnswers) -> Result<Template> {
        let chosen = match (source.template.clone(), source.from.clone()) {
            (_, Some(from)) => {
                Some(GivenTemplate::Foreign { source: from, subfolder: source.subfolder.clone() })
            }
            (Some(name), None) => Some(GivenTemplate::BuiltIn(name)),
            (None, None) => given.template.take(),
        };
        let name = match chosen {
            Some(GivenTemplate::Foreign { source, subfolder }) => {
                self.command.push("from", &source);
                if let Some(subfolder) = &subfolder {
                    self.command.push("subfolder", subfolder);
                }
                return source::read(&source, subfolder.as_deref(), self.asks());
            }
            Some(GivenTemplate::BuiltIn(name)) => name,
            None if self.asks() => {
                self.was_asked = true;
                let choices = catalogue().iter().filter_map(|template| {
                    let value = template.name()?.to_owned();
                    let label = format!("{value}: {}", template.config.description);
                    Some(Choice::Labelled { value, label })
                });
                let choices: Vec<Choice> = choices.collect();
                let help = "what kind of project to create";
                prompt::select("Template", help, &choices, Some(template::DEFAULT))?
            }
            None => template::DEFAULT.to_owned(),
        };
        let template = template::find(&name)?.clone();
        if name != template::DEFAULT {
            self.command.push("template", &name);
        }
        Ok(template)
    }

    fn name(&mut self, names_folder: bool) -> Result<ProjectName> {
        if !self.asks() {
            self.missing.push(MissingAnswer { name: "NAME".to_owned(), default: None });
            return check_name("hello");
        }
        self.was_asked = true;
        let check = move |name: &str| {
            let name = ProjectName::parse(name)?;
            if names_folder {
                let destination = Destination::NewFolder(name.as_path().to_owned());
                destination.check().map_err(|error| error.to_string())?;
            }
            Ok(())
        };
        let help = "used for the folder and the Cargo package";
        check_name(&prompt::text("Project name", help, None, check)?)
    }

    /// Answers the questions in their order: an answer decides which questions follow.
    fn answers(
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
            (None, Unanswered::Ask, _) => {
                self.was_asked = true;
                prompt::answer(question)?
            }
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

    fn membership(
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
                self.was_asked = true;
                let prompt = format!("Add the project to the workspace `{manifest}`?");
                let help = "no: an independent workspace, which can be built in a container";
                prompt::confirm(&prompt, help, default)?
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

    fn git(
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
            self.was_asked = true;
            prompt::confirm("Create a git repository?", "", default)?
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
}

fn name_of_this_folder() -> Result<ProjectName> {
    let folder = files::current_folder()?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    ProjectName::parse(&name).map_err(|why| {
        let near = ProjectName::near(&name);
        Error::new(why).hint(format!("choose a name: `scaffold new {near} --here`")).usage()
    })
}

fn check_name(name: &str) -> Result<ProjectName> {
    ProjectName::parse(name)
        .map_err(|why| Error::new(why).hint(format!("try `{}`", ProjectName::near(name))).usage())
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

/// Asks the user to allow the template's scripts.
fn consent(scripts: &Scripts, template: &Template, unanswered: Unanswered) -> Result<()> {
    let message = format!("{} runs scripts: {}", template.origin, scripts.list());
    if unanswered == Unanswered::Ask {
        message::note(format_args!("{}", escape::line(&message)));
        let help = "scripts can read, change and run everything that you can";
        if prompt::confirm("Run these scripts?", help, false)? {
            return Ok(());
        }
    }
    Err(Error::new(message).hint("read them, then pass `--trust` to run them"))
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
