//! Decides everything about a new project: first from the command line, which is checked before the
//! first question, then from defaults or from answers at the terminal.

use std::path::{Path, PathBuf};

use liquid::Object;

use super::answers::{GivenAnswers, GivenTemplate};
use super::cargo_workspace::EnclosingWorkspace;
use super::command_line::CommandLine;
use super::destination::Destination;
use super::dialogue::Dialogue;
use super::name::ProjectName;
use super::question::Question;
use super::resolver::Resolver;
use super::runtime_source::{RuntimeDependency, RuntimeSource};
use super::scripts::Scripts;
use super::template::condition::Conditions;
use super::template::{self, FileRules, Template, source, variables};
use crate::cli::{GitArgs, NewArgs, SourceArgs, WorkspaceArgs};
use crate::files;
use crate::term::error::{Error, Result};

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

/// Decides everything about a project. `confirm` asks whether to create it, and is called if the user was
/// asked anything and did not take the defaults.
pub(crate) fn resolve(
    arguments: NewArgs,
    unanswered: Unanswered,
    confirm: impl Fn(&NewProject) -> Result<Option<bool>>,
) -> Result<Resolved> {
    let given = Given::check(arguments, unanswered)?;
    let mut dialogue = Dialogue::default();
    loop {
        match given.decide(unanswered, &mut dialogue, &confirm) {
            // Nothing is asked twice, except for the last question.
            Err(error) if error.is_interrupt() && dialogue.goes_back() => {}
            decided => return decided,
        }
    }
}

/// Everything that the command line decides.
struct Given {
    name: Option<ProjectName>,
    template: Option<Template>,
    answers: GivenAnswers,
    library: RuntimeDependency,
    /// The flags that name the template.
    command: CommandLine,
    directory: Option<PathBuf>,
    here: bool,
    git: GitArgs,
    workspace: WorkspaceArgs,
    runtime: Option<RuntimeSource>,
    trust: bool,
}

impl Given {
    fn check(arguments: NewArgs, unanswered: Unanswered) -> Result<Self> {
        let NewArgs {
            name,
            flags,
            set,
            answers,
            source,
            directory,
            here,
            git,
            workspace,
            runtime,
            ..
        } = arguments;
        let here = here || name.as_deref() == Some(".");
        let mut name = name.filter(|name| name != ".").map(|name| check_name(&name)).transpose()?;
        if here && let Some(directory) = &directory {
            let message = format!("`.` conflicts with `--directory {}`", directory.display());
            return Err(Error::new(message).hint("pass only one of them").usage());
        }
        if here && name.is_none() {
            name = Some(name_of_this_folder()?);
        }
        let mut given = Self {
            name,
            template: None,
            answers: GivenAnswers::collect(flags, &set, answers.as_deref())?,
            library: RuntimeDependency::resolve(runtime.clone())?,
            command: CommandLine::default(),
            directory,
            here,
            git,
            workspace,
            runtime,
            trust: source.trust,
        };
        if given.directory.is_some() || given.name.is_some() {
            given.destination(given.name.as_ref()).check()?;
        }
        given.read_template(source, unanswered)?;
        Ok(given)
    }

    /// Reads the template that the command line or the file of answers names.
    fn read_template(&mut self, source: SourceArgs, unanswered: Unanswered) -> Result<()> {
        let SourceArgs { template, from, subfolder, .. } = source;
        let typed = match (template, from) {
            (_, Some(source)) => Some(GivenTemplate::Foreign { source, subfolder }),
            (name, None) => name.map(GivenTemplate::BuiltIn),
        };
        let is_typed = typed.is_some();
        let template = match typed.or_else(|| self.answers.template.take()) {
            None => return Ok(()),
            Some(GivenTemplate::BuiltIn(name)) => {
                self.command.push_template(&name);
                template::find(&name)?.clone()
            }
            Some(GivenTemplate::Foreign { source, subfolder }) => {
                self.command.push("from", &source);
                if let Some(subfolder) = &subfolder {
                    self.command.push("subfolder", subfolder);
                }
                source::read(&source, subfolder.as_deref(), unanswered == Unanswered::Ask)?
            }
        };
        if !is_typed {
            self.answers.warn_of_change(&template);
        }
        self.template = Some(template);
        Ok(())
    }

    /// The folder of the project; without a name, `--directory` or `--here` gives it.
    fn destination(&self, name: Option<&ProjectName>) -> Destination {
        match (&self.directory, name) {
            _ if self.here => Destination::CurrentFolder,
            (Some(directory), _) => Destination::NewFolder(directory.clone()),
            (None, name) => {
                let folder = name.map(ProjectName::as_path);
                Destination::NewFolder(folder.unwrap_or(Path::new("")).to_owned())
            }
        }
    }

    /// Decides the rest. Each answer can decide what is asked next.
    fn decide(
        &self,
        unanswered: Unanswered,
        dialogue: &mut Dialogue,
        confirm: impl Fn(&NewProject) -> Result<Option<bool>>,
    ) -> Result<Resolved> {
        let mut resolver = Resolver::new(unanswered, self.command.clone(), dialogue);
        let template = match &self.template {
            Some(template) => template.clone(),
            None => resolver.template()?,
        };
        let name = match &self.name {
            Some(name) => name.clone(),
            None => resolver.name(self.directory.is_none())?,
        };
        let destination = self.destination(Some(&name));
        let mut variables = variables::built_in(&name, &destination.absolute());
        let conditions = Conditions::of(&template);
        let mut given = self.answers.clone();
        resolver.use_defaults(&template, &conditions, &variables, &given)?;
        let answers = resolver.answers(&template, &conditions, &mut variables, &mut given)?;
        let rules = conditions.file_rules(&variables)?;
        let scripts = Scripts::of(&template)?;
        let runs_scripts = !scripts.is_empty();
        if runs_scripts && !self.trust {
            resolver.consent(&scripts, &template)?;
        }
        let membership = resolver.membership(&template, &destination, &self.workspace)?;
        let git = resolver.git(&template, &destination, &self.git)?;

        let command = &mut resolver.command;
        if let Some(directory) = &self.directory {
            command.push("directory", &directory.to_string_lossy());
        }
        if let Some(runtime) = &self.runtime {
            command.push("runtime", &runtime.to_string());
        }
        command.push_if(self.here, "--here");
        command.push_if(self.trust || runs_scripts, "--trust");
        let command = resolver.command_for(&name)?;
        let project = NewProject {
            name,
            template,
            answers,
            variables,
            rules,
            runs_scripts,
            library: self.library.clone(),
            destination,
            git,
            membership,
        };
        if !resolver.confirms(|| confirm(&project))? {
            return Err(Error::interrupted());
        }
        Ok(Resolved { project, command, was_asked: dialogue.has_asked() })
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

pub(super) fn check_name(name: &str) -> Result<ProjectName> {
    ProjectName::parse(name)
        .map_err(|why| Error::new(why).hint(format!("try `{}`", ProjectName::near(name))).usage())
}
