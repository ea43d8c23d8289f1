//! The changes that a deployment makes, for people and for programs.

use serde::Serialize;

use crate::term::style::{STATUS, TITLE, WARNING};
use crate::term::{escape, message};

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    Create,
    Update,
    Unchanged,
    Delete,
}

/// A resource, and its change.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    pub(crate) action: Action,
    /// The kind of resource, such as "function URL".
    pub(crate) resource: &'static str,
    pub(crate) name: String,
    /// The differences from what is on AWS.
    pub(crate) differences: Vec<String>,
}

impl Action {
    /// Returns the action for a resource that exists and has these differences.
    pub(crate) fn for_existing(differences: &[String]) -> Self {
        if differences.is_empty() { Self::Unchanged } else { Self::Update }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Unchanged => "unchanged",
            Self::Delete => "delete",
        }
    }
}

impl Change {
    /// Returns the deletion of a resource.
    pub(crate) fn deletion(resource: &'static str, name: impl Into<String>) -> Self {
        Self { action: Action::Delete, resource, name: name.into(), differences: Vec::new() }
    }

    pub(crate) fn is_change(&self) -> bool {
        self.action != Action::Unchanged
    }
}

/// Prints changes under a title, one line each.
pub(crate) fn print(title: &str, changes: &[Change]) {
    let title = escape::line(title);
    message::note(format_args!("{TITLE}{title}{TITLE:#}"));
    for Change { action, resource, name, differences } in changes {
        let style = if *action == Action::Delete { WARNING } else { STATUS };
        let action = action.name();
        let text = format!("{resource} {name}");
        let text = escape::line(text.trim_end());
        let differences = differences.join("; ");
        let differences = escape::line(&differences);
        let colon = if differences.is_empty() { "" } else { ": " };
        message::note(format_args!("  {style}{action:<9}{style:#} {text}{colon}{differences}"));
    }
}

/// Describes a value that becomes another one.
pub(crate) fn difference(what: &str, old: &str, new: &str) -> Option<String> {
    (old != new).then(|| match old {
        "" => format!("{what} {new}"),
        _ => format!("{what} {old} → {new}"),
    })
}
