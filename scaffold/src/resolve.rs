//! Decides everything about a new project: by what was typed, which is checked before anything is
//! asked, then by the defaults or the answers at the terminal. What is missing is said all at once.

use std::env;

use liquid::Object;

use crate::cli::{GitArgs, NewArgs, SourceArgs, WorkspaceArgs};
use crate::error::{Error, Result};
use crate::given::{Answer, By, Given, GivenTemplate};
use crate::library::Library;
use crate::name::ProjectName;
use crate::project::{Membership, NewProject, Place, built_in};
use crate::prompt::{self, Offer};
use crate::question::Question;
use crate::template::{self, Conditions, Template, catalogue, source};
use crate::workspace::{self, Workspace};
use crate::{render, repository, shell};

/// How what is not given is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// By its default.
    Defaults,
    /// By the person at the terminal.
    Asked,
    /// Not at all.
    Missing,
}

/// A project that is decided, and how.
pub(crate) struct Resolved {
    pub(crate) project: NewProject,
    /// The command line that makes it without asking anything.
    pub(crate) command: String,
    /// Whether anything was asked.
    pub(crate) was_asked: bool,
}

pub(crate) fn resolve(arguments: NewArgs, rest: Rest) -> Result<Resolved> {
    let NewArgs {
        name,
        flags,
        set,
        answers,
        yes: _,
        source,
        directory,
        here,
        git,
        workspace,
        runtime,
        output: _,
    } = arguments;
    let can_ask = rest == Rest::Asked;
    let mut asker = Asker { rest, typed: Vec::new(), missing: Vec::new(), was_asked: false };
    let mut given = Given::collect(flags, &set, answers.as_deref())?;

    let here = here || name.as_deref() == Some(".");
    let mut name = name.filter(|name| name != ".").map(|name| check_name(&name)).transpose()?;
    if here && let Some(directory) = &directory {
        let message = format!("`.` and `--directory {}` are two folders", directory.display());
        return Err(Error::new(message).usage());
    }
    if here && name.is_none() {
        name = Some(name_of_this_folder()?);
    }
    // Not asked for: the folder is checked before anything else.
    let place = |name: &ProjectName| match (&directory, here) {
        (_, true) => Place::Here,
        (Some(directory), _) => Place::New(directory.clone()),
        (None, _) => Place::New(name.as_path().to_owned()),
    };
    if let Some(directory) = &directory {
        Place::New(directory.clone()).check()?;
    } else if let Some(name) = &name {
        place(name).check()?;
    }
    let library = Library::resolve(runtime.clone())?;

    let template = asker.template(&source, &mut given)?;
    let name = match name {
        Some(name) => name,
        None => asker.name(directory.is_none())?,
    };
    let place = place(&name);
    let answers = asker.answers(&template, built_in(&name, &place), &mut given)?;
    if !source.trust {
        let scripts = render::scripts(&template);
        consent(&scripts, &template, can_ask)?;
    }

    let membership = asker.membership(&template, &place, &workspace)?;
    let git = asker.git(&template, &place, &git)?;
    for (flag, value) in [
        ("directory", directory.as_deref().map(|folder| folder.to_string_lossy().into_owned())),
        ("runtime", runtime.map(|source| source.to_string())),
    ] {
        asker.typed.extend(value.map(|value| word(flag, &value)));
    }
    if here {
        asker.typed.push("--here".to_owned());
    }
    if source.trust || !render::scripts(&template).is_empty() {
        asker.typed.push("--trust".to_owned());
    }
    let Asker { typed, missing, was_asked, .. } = asker;
    if !missing.is_empty() {
        return Err(incomplete(&name, &missing, &typed, rest));
    }
    let trusted = !render::scripts(&template).is_empty();
    let command = command_line(name.as_str(), typed.iter().map(String::as_str), "--yes");
    let project = NewProject { name, template, answers, library, place, git, membership, trusted };
    Ok(Resolved { project, command, was_asked })
}

/// Asks what is not given, and keeps what the command line without questions would be.
struct Asker {
    rest: Rest,
    /// The flags of that command line.
    typed: Vec<String>,
    missing: Vec<Missing>,
    was_asked: bool,
}

/// What there is no answer to.
struct Missing {
    what: String,
    /// The flag with its default, if it is one and has one.
    default: Option<String>,
}

impl Asker {
    fn template(&mut self, source: &SourceArgs, given: &mut Given) -> Result<Template> {
        let told = match (&source.template, &source.from) {
            (None, None) => given.template.take(),
            _ => None,
        };
        let (name, from, subfolder) = match told {
            Some(GivenTemplate::BuiltIn(name)) => (Some(name), None, None),
            Some(GivenTemplate::Foreign { source, subfolder }) => (None, Some(source), subfolder),
            None => (source.template.clone(), source.from.clone(), source.subfolder.clone()),
        };
        if let Some(from) = from {
            self.typed.push(word("from", &from));
            self.typed.extend(subfolder.as_deref().map(|folder| word("subfolder", folder)));
            return source::read(&from, subfolder.as_deref(), self.rest == Rest::Asked);
        }
        let name = match name {
            Some(name) => name,
            None if self.rest == Rest::Asked => {
                self.was_asked = true;
                let offers = catalogue().iter().filter_map(|template| {
                    let name = template.name()?.to_owned();
                    let label = format!("{name}: {}", template.config.description);
                    Some(Offer { value: name, label })
                });
                let help = "what the project is to be";
                prompt::select("Template", help, offers.collect(), Some(template::DEFAULT))?
            }
            None => template::DEFAULT.to_owned(),
        };
        let template = template::find(&name)?.clone();
        if name != template::DEFAULT {
            self.typed.push(word("template", &name));
        }
        Ok(template)
    }

    fn name(&mut self, names_folder: bool) -> Result<ProjectName> {
        if self.rest != Rest::Asked {
            self.missing.push(Missing { what: "`NAME`".to_owned(), default: None });
            return check_name("hello");
        }
        self.was_asked = true;
        let check = move |name: &str| {
            let name = ProjectName::parse(name)?;
            if names_folder {
                let place = Place::New(name.as_path().to_owned());
                place.check().map_err(|error| error.to_string())?;
            }
            Ok(())
        };
        let help = "its folder and its package get it";
        check_name(&prompt::text("Name of the project", help, None, check)?)
    }

    /// The answers to the questions that are to be asked, each in the light of those before.
    fn answers(
        &mut self,
        template: &Template,
        mut variables: Object,
        given: &mut Given,
    ) -> Result<Vec<(Question, String)>> {
        let conditions = Conditions::of(template);
        for question in &template.config.questions {
            if let Some(answer) = given.peek(&question.name) {
                // A question may be there more than once, with other answers.
                let same = |other: &&Question| other.name == question.name;
                if !template.config.questions.iter().filter(same).any(|q| q.accepts(&answer.text)) {
                    return Err(no_answer(question, answer));
                }
            }
        }
        check_keys(template, given)?;

        let mut answers: Vec<(Question, String)> = Vec::new();
        loop {
            let asked = conditions.questions(&variables)?;
            let answered = |name: &str| answers.iter().any(|(other, _)| other.name == name);
            let Some(question) = asked.into_iter().find(|question| !answered(&question.name))
            else {
                break;
            };
            let answer = self.answer(question, given)?;
            variables.insert(question.name.clone().into(), question.variable(&answer));
            answers.push((question.clone(), answer));
        }
        if let Some((name, answer)) = given.left().next() {
            return Err(forced(template, name, answer, &answers));
        }
        Ok(answers)
    }

    fn answer(&mut self, question: &Question, given: &mut Given) -> Result<String> {
        let default = question.default.as_deref();
        if let Some(answer) = given.take(&question.name) {
            if !question.accepts(&answer.text) {
                return Err(no_answer(question, &answer));
            }
            self.note(question, &answer.text, default);
            return Ok(answer.text);
        }
        match (self.rest, default) {
            (Rest::Asked, _) => {
                self.was_asked = true;
                let answer = prompt::answer(question)?;
                self.note(question, &answer, default);
                Ok(answer)
            }
            (Rest::Defaults, Some(default)) => Ok(default.to_owned()),
            (_, default) => {
                let default = default.or(question.values().first().copied());
                self.missing.push(Missing {
                    what: format!("`{}`", flag(question)),
                    default: question.default.as_deref().map(|default| answered(question, default)),
                });
                Ok(default.unwrap_or_default().to_owned())
            }
        }
    }

    /// What is not the default belongs on the command line.
    fn note(&mut self, question: &Question, answer: &str, default: Option<&str>) {
        if default != Some(answer) || self.rest == Rest::Missing {
            self.typed.push(answered(question, answer));
        }
    }

    fn membership(
        &mut self,
        template: &Template,
        place: &Place,
        typed: &WorkspaceArgs,
    ) -> Result<Option<(Workspace, Membership)>> {
        let (wanted, unwanted) = (typed.workspace, typed.no_workspace);
        let folder = place.absolute();
        let forced = |why: &str| {
            Err(Error::new(format!("`--workspace`: {why}")).hint("leave it out").usage())
        };
        let is_package = template.manifest().is_some();
        let Some(workspace) = workspace::around(&folder).filter(|_| is_package) else {
            return if wanted {
                forced("there is no workspace around the project")
            } else {
                Ok(None)
            };
        };
        let manifest = shell::relative(&workspace.manifest);
        if template.is_workspace() {
            if wanted {
                return forced("the project has several packages, and is a workspace of its own");
            }
        } else if workspace.is_excluded {
            if wanted {
                return forced(&format!("`exclude` in `{manifest}` has the project's folder"));
            }
        } else if wanted {
            self.typed.push("--workspace".to_owned());
            return Ok(Some((workspace, Membership::Member)));
        } else if !unwanted {
            // A folder that `members` has is expected to be one.
            let default = workspace.is_covered;
            let is_member = if self.rest == Rest::Asked {
                self.was_asked = true;
                let prompt = format!("Member of the workspace `{manifest}`?");
                let help = "else a workspace of its own, which builds in a container by itself";
                prompt::confirm(&prompt, help, default)?
            } else {
                default
            };
            if is_member != default {
                let flag = if is_member { "--workspace" } else { "--no-workspace" };
                self.typed.push(flag.to_owned());
            }
            if is_member {
                return Ok(Some((workspace, Membership::Member)));
            }
        } else {
            self.typed.push("--no-workspace".to_owned());
        }
        // What stays outside is no concern of the workspace, unless `members` has it.
        let is_concerned = workspace.is_covered && !workspace.is_excluded;
        Ok(is_concerned.then_some((workspace, Membership::Excluded)))
    }

    fn git(&mut self, template: &Template, place: &Place, typed: &GitArgs) -> Result<bool> {
        let folder = place.absolute();
        if let Some(repository) = repository::around(&folder) {
            if typed.git {
                let repository = repository.display();
                let message =
                    format!("`--git`: the project is in the git repository `{repository}`");
                return Err(Error::new(message).hint("leave it out").usage());
            }
            return Ok(false);
        }
        let default = template.config.git.unwrap_or(true) && repository::can_be_made();
        let git = match (typed.git, typed.no_git) {
            (true, _) => true,
            (_, true) => false,
            _ if self.rest == Rest::Asked && repository::can_be_made() => {
                self.was_asked = true;
                prompt::confirm("Git repository?", "`git init` in the project's folder", default)?
            }
            _ => default,
        };
        if git != default {
            self.typed.push(if git { "--git" } else { "--no-git" }.to_owned());
        }
        Ok(git)
    }
}

fn name_of_this_folder() -> Result<ProjectName> {
    let folder =
        env::current_dir().map_err(|error| Error::new("cannot find this folder").because(error))?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    ProjectName::parse(&name).map_err(|why| {
        let near = ProjectName::near(&name);
        Error::new(why).hint(format!("give it a name: `scaffold new {near} --here`")).usage()
    })
}

fn check_name(name: &str) -> Result<ProjectName> {
    ProjectName::parse(name).map_err(|why| {
        Error::new(why).hint(format!("`{}` would do", ProjectName::near(name))).usage()
    })
}

fn no_answer(question: &Question, answer: &Answer) -> Error {
    Error::new(format!("`{}` is no answer to {}", answer.text, answer.by))
        .hint(format!("expected {}", question.expected()))
        .usage()
}

/// Fails where an answer is to no question.
fn check_keys(template: &Template, given: &Given) -> Result<()> {
    let Some((name, answer)) = given.left().find(|(name, _)| template.question(name).is_none())
    else {
        return Ok(());
    };
    let mut names: Vec<&str> = Vec::new();
    for question in &template.config.questions {
        if !names.contains(&&*question.name) {
            names.push(&question.name);
        }
    }
    let near = template::nearest(name, &names).filter(|_| !matches!(answer.by, By::Flag(_)));
    let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
    let questions = match &*names {
        [] => "it asks nothing".to_owned(),
        names => format!("it asks {}", template::listed(names)),
    };
    let message = format!("{}: {} does not ask that", answer.by, template.origin);
    Err(Error::new(message).hint(format!("{near}{questions}")).usage())
}

/// An answer to a question that is not asked under the other answers.
fn forced(
    template: &Template,
    name: &str,
    answer: &Answer,
    answers: &[(Question, String)],
) -> Error {
    let conditions: Vec<&str> = template
        .config
        .questions
        .iter()
        .filter(|question| question.name == name || question.flag() == name)
        .filter_map(|question| question.condition.as_deref())
        .collect();
    let condition = conditions.join(" or ");
    let named =
        |name: &str| condition.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == name);
    let forcing: Vec<String> = answers
        .iter()
        .filter(|(question, _)| named(&question.name))
        .map(|(question, answer)| format!("`{}` is `{answer}`", question.name))
        .collect();
    let because = if forcing.is_empty() { "the other answers" } else { &forcing.join(" and ") };
    Error::new(format!("{}: not asked, because {because}", answer.by))
        .hint(format!("leave it out, or answer so that `{condition}`"))
        .usage()
}

/// Has the user agree to what the template runs.
fn consent(scripts: &[String], template: &Template, can_ask: bool) -> Result<()> {
    if scripts.is_empty() {
        return Ok(());
    }
    let scripts: Vec<&str> = scripts.iter().map(String::as_str).collect();
    let message = format!("{} runs scripts: {}", template.origin, template::listed(&scripts));
    if can_ask {
        anstream::eprintln!("{message}");
        let help = "they may change and run anything that you may";
        if prompt::confirm("Run them?", help, false)? {
            return Ok(());
        }
    }
    Err(Error::new(message).hint("`--trust` runs them: read them first"))
}

/// The flag that answers a question: its own, or for a question of nobody's flags `--set`.
fn flag(question: &Question) -> String {
    if is_flag(question) {
        format!("--{}", question.flag())
    } else {
        format!("--set {}", question.name)
    }
}

fn answered(question: &Question, answer: &str) -> String {
    if is_flag(question) {
        word(&question.flag(), answer)
    } else {
        format!("--set {}={}", question.name, shell::quote(answer))
    }
}

fn is_flag(question: &Question) -> bool {
    catalogue()
        .iter()
        .any(|template| template.config.questions.iter().any(|q| q.name == question.name))
}

/// A flag as it is typed.
fn word(name: &str, value: &str) -> String {
    format!("--{name} {}", shell::quote(value))
}

fn command_line<'a>(name: &str, flags: impl Iterator<Item = &'a str>, last: &'a str) -> String {
    let mut command = format!("{} new {name}", shell::program());
    for word in flags.chain([last]).filter(|word| !word.is_empty()) {
        command.push(' ');
        command.push_str(word);
    }
    command
}

/// Everything that is missing, and the command that would work.
fn incomplete(name: &ProjectName, missing: &[Missing], typed: &[String], rest: Rest) -> Error {
    let has_name = missing.iter().all(|missing| missing.what != "`NAME`");
    let whats: Vec<&str> = missing.iter().map(|missing| &*missing.what).collect();
    let whats = whats.join(", ");
    let name = name.as_str();
    let typed = || typed.iter().map(String::as_str);
    let with_yes = command_line(name, typed(), "--yes");
    if rest == Rest::Defaults {
        let only_name = missing.len() == 1 && !has_name;
        let error = Error::new(format!("missing: {whats}, for which there is no default")).usage();
        return if only_name { error.hint(format!("`{with_yes}`")) } else { error };
    }
    let defaults: Vec<&str> =
        missing.iter().filter_map(|missing| missing.default.as_deref()).collect();
    let spelled = command_line(name, typed().chain(defaults), "");
    Error::new(format!("missing: {whats}; nothing is asked without a terminal"))
        .hint(format!("`{with_yes}` or `{spelled}`"))
        .usage()
}
