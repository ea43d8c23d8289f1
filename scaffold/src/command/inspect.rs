//! `scaffold inspect`: finds what would fail on Lambda, before it is uploaded.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};

use crate::application::Application;
use crate::artifact::{self, Artifact, Code, Executable, Expected, Linking, Package};
use crate::cli::InspectArgs;
use crate::error::{self, Error, Result};
use crate::lambda::GLIBC;
use crate::size::Size;

const NAME: Style = Style::new().bold();
const OK: Style = AnsiColor::Green.on_default().bold();

struct Inspect {
    path: PathBuf,
    expected: Expected,
    allowed: Vec<Code>,
    json: bool,
}

pub(crate) fn run(arguments: InspectArgs) -> Result<ExitCode> {
    let Inspect { path, expected, allowed, json } = resolve(arguments)?;
    let mut artifact = artifact::inspect(&path, &expected)?;
    artifact.problems.retain(|problem| !allowed.contains(&problem.code));
    if json {
        print(&to_json(&artifact)?)?;
    } else {
        print(&describe(&artifact))?;
        report(&artifact);
    }
    Ok(if artifact.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn resolve(arguments: InspectArgs) -> Result<Inspect> {
    let InspectArgs { path, arch, template, allow, json } = arguments;
    if !path.exists() {
        return Err(Error::new(format!("there is no `{}`", path.display()))
            .hint("`scaffold build` makes `target/lambda/NAME/bootstrap`"));
    }
    let expected = match (arch, template) {
        (Some(architecture), _) => Expected::new(architecture, "`--arch`"),
        (None, Some(template)) => from_template(&template, &Application::read(&template)?)?,
        (None, None) => expected_of(&path)?,
    };
    Ok(Inspect { path, expected, allowed: allow, json })
}

/// What the template says that is nearest to the artifact, else to this folder.
pub(crate) fn expected_of(artifact: &Path) -> Result<Expected> {
    let here = std::env::current_dir()
        .map_err(|error| Error::new("cannot read the current folder").because(error))?;
    for folder in [here.join(artifact), here] {
        if let Some((template, application)) = Application::nearest(&folder)? {
            return from_template(&template, &application);
        }
    }
    Ok(Expected::any())
}

fn from_template(template: &Path, application: &Application) -> Result<Expected> {
    let name = template.file_name().unwrap_or_default().to_string_lossy();
    Ok(Expected { architectures: application.architectures()?, source: format!("`{name}`") })
}

/// The problems as errors, each with its mend, or that there are none.
pub(crate) fn report(artifact: &Artifact) {
    for problem in &artifact.problems {
        error::print(&problem.message, &problem.hint);
    }
    if artifact.problems.is_empty() {
        anstream::eprintln!("{OK}ok:{OK:#} nothing in it keeps Lambda from running it");
    }
}

pub(crate) fn to_json(artifact: &Artifact) -> Result<String> {
    serde_json::to_string_pretty(artifact)
        .map(|json| json + "\n")
        .map_err(|error| Error::new("cannot write the result as JSON").because(error))
}

pub(crate) fn print(text: &str) -> Result<()> {
    let mut output = anstream::AutoStream::auto(io::stdout());
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
        .map_err(|error| Error::new("cannot write the result").because(error))
}

/// For people: a line for what it is, and one for each property.
pub(crate) fn describe(artifact: &Artifact) -> String {
    let path = artifact.path.display();
    let mut lines = vec![match &artifact.package {
        None => format!("{NAME}{path}{NAME:#}: {}", artifact.kind.name()),
        Some(package) => {
            format!("{NAME}{path}{NAME:#}: {}, {}", artifact.kind.name(), sizes(package))
        }
    }];
    if let Some(executable) = &artifact.executable {
        lines.extend(properties(executable).into_iter().map(|(name, value)| {
            let value = if value.is_empty() { "none" } else { &value };
            format!("  {name:<18}{value}")
        }));
    }
    lines.join("\n") + "\n"
}

fn sizes(package: &Package) -> String {
    let files = package.files.len();
    let files = format!("{files} file{}", if files == 1 { "" } else { "s" });
    match package.packed {
        Some(packed) => {
            format!("{files}, {} packed, {} unpacked", Size(packed), Size(package.unpacked))
        }
        None => format!("{files}, {}", Size(package.unpacked)),
    }
}

fn properties(executable: &Executable) -> Vec<(&'static str, String)> {
    let [major, minor] = GLIBC;
    let mut properties = vec![
        ("size", Size(executable.size).to_string()),
        ("architecture", executable.architecture.clone()),
    ];
    match executable.linking {
        Linking::Static => properties.push(("linking", "static".to_owned())),
        Linking::Dynamic => {
            let glibc = executable.glibc.as_ref();
            let glibc = glibc.map(|version| format!("{version} (Lambda has {major}.{minor})"));
            properties.extend([
                ("linking", "dynamic".to_owned()),
                ("loader", executable.loader.clone().unwrap_or_default()),
                ("libraries", executable.libraries.join(", ")),
                ("glibc", glibc.unwrap_or_default()),
            ]);
        }
    }
    let debug_information = match executable.debug_information {
        0 => String::new(),
        bytes => Size(bytes).to_string(),
    };
    properties.push(("debug information", debug_information));
    for handler in &executable.handlers {
        let input = handler.input.as_deref().unwrap_or_default();
        let signature =
            format!("{}({input}) -> {}, {}", handler.name, handler.output, handler.kind);
        properties.push(("handler", signature));
        if !handler.types.is_empty() {
            properties.push(("json types", handler.types.join(", ")));
        }
    }
    properties
}
