//! Reports about an artifact: its properties and its problems, for people and for programs.

use std::process::ExitCode;

use indicatif::DecimalBytes;

use super::Artifact;
use super::elf::{Executable, Linking};
use super::package::DeploymentPackage;
use crate::aws::GLIBC;
use crate::term::style::{STATUS, TITLE};
use crate::term::{escape, message, quote};

/// Prints each problem with its fix, or that there is none.
pub(crate) fn print_findings(artifact: &Artifact) {
    for finding in &artifact.findings {
        message::error_with_hint(&finding.message, &finding.hint);
    }
    if artifact.findings.is_empty() {
        message::note(format_args!("{STATUS}ok:{STATUS:#} ready for Lambda"));
    }
}

/// Returns the exit code of a command that inspected the artifact.
pub(crate) fn exit_code(artifact: &Artifact) -> ExitCode {
    if artifact.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints that an executable was built.
pub(crate) fn print_built(artifact: &Artifact) {
    let summary =
        artifact.executable.as_ref().map(|executable| format!(": {}", executable.summary()));
    let path = quote::relative(&artifact.path);
    let text = format!("{path}{}", summary.unwrap_or_default());
    message::note(format_args!("{STATUS}built{STATUS:#} {}", escape::line(&text)));
}

/// Prints that a zip was written, with its files.
pub(crate) fn print_packed(artifact: &Artifact) {
    let Some(package) = &artifact.package else { return };
    let packed = DecimalBytes(package.packed.unwrap_or_default());
    let (path, unpacked) = (quote::relative(&artifact.path), DecimalBytes(package.unpacked));
    let path = escape::line(&path);
    message::note(format_args!("{STATUS}packed{STATUS:#} {path}: {packed}, {unpacked} unpacked"));
    for file in &package.files {
        let mode = file.mode.map(|mode| mode.to_string()).unwrap_or_default();
        let path = escape::line(&file.path);
        message::note(format_args!("  {mode} {path} ({})", DecimalBytes(file.size)));
    }
}

/// Describes each artifact with its problems. Those that are the same but for their path, as those of
/// functions with one program, are described once.
pub(crate) fn print_each(artifacts: &[Artifact]) {
    let mut groups: Vec<Vec<&Artifact>> = Vec::new();
    for artifact in artifacts {
        let same = groups.iter_mut().find(|group| group.iter().all(|it| it.is_same(artifact)));
        match same {
            Some(group) => group.push(artifact),
            None => groups.push(vec![artifact]),
        }
    }
    for group in groups {
        let Some((last, others)) = group.split_last() else { continue };
        let mut lines: Vec<String> = others.iter().map(|artifact| title(artifact)).collect();
        lines.push(describe(last));
        message::print_log(lines.join("\n").as_bytes());
        print_findings(last);
    }
}

/// Describes an artifact on one line, and its properties on one line each.
pub(crate) fn describe(artifact: &Artifact) -> String {
    let mut lines = vec![title(artifact)];
    if let Some(executable) = &artifact.executable {
        lines.extend(properties(executable).into_iter().map(|(name, value)| {
            let value = if value.is_empty() { "none" } else { &value };
            format!("  {name:<18}{}", escape::line(value))
        }));
    }
    lines.join("\n") + "\n"
}

fn title(artifact: &Artifact) -> String {
    let (path, kind) = (artifact.path.display(), artifact.kind.name());
    let sizes = artifact.package.as_ref().map(|package| format!(", {}", sizes(package)));
    let path = path.to_string();
    let path = escape::line(&path);
    format!("{TITLE}{path}{TITLE:#}: {kind}{}", sizes.unwrap_or_default())
}

fn sizes(package: &DeploymentPackage) -> String {
    let files = package.files.len();
    let files = format!("{files} file{}", if files == 1 { "" } else { "s" });
    match package.packed {
        Some(packed) => {
            format!(
                "{files}, {} packed, {} unpacked",
                DecimalBytes(packed),
                DecimalBytes(package.unpacked)
            )
        }
        None => format!("{files}, {}", DecimalBytes(package.unpacked)),
    }
}

fn properties(executable: &Executable) -> Vec<(&'static str, String)> {
    let [major, minor] = GLIBC;
    let mut properties = vec![
        ("size", DecimalBytes(executable.size).to_string()),
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
        bytes => DecimalBytes(bytes).to_string(),
    };
    properties.push(("debug information", debug_information));
    for handler in &executable.handlers {
        let input = handler.input.as_deref().unwrap_or_default();
        let signature =
            format!("{}({input}) -> {}, {}", handler.name, handler.output, handler.kind);
        properties.push(("handler", signature));
        let routes = handler.routes.iter();
        properties
            .extend(routes.map(|route| ("route", format!("{} {}", route.method, route.path))));
        if let Some(source) = &handler.source {
            let name = source.name.as_deref().unwrap_or_default();
            properties.push(("source", format!("{} {name}", source.kind).trim_end().to_owned()));
        }
        if !handler.types.is_empty() {
            properties.push(("json types", handler.types.join(", ")));
        }
    }
    properties
}
