//! The origin of a template: this program, a folder, or a git repository.

use std::fmt;
use std::path::PathBuf;

/// The source that a template was read from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// This program, which has a template of this name.
    BuiltIn(&'static str),
    /// A folder.
    Folder(PathBuf),
    /// A folder of a git repository.
    Git { url: String, commit: String, subfolder: Option<String> },
}

impl Origin {
    /// The value for `--from`; none for a template of this program.
    pub(crate) fn source(&self) -> Option<String> {
        match self {
            Self::BuiltIn(_) => None,
            Self::Folder(folder) => Some(folder.display().to_string()),
            Self::Git { url, .. } => Some(url.clone()),
        }
    }

    /// The value for `--from`, and the commit that was read.
    pub(crate) fn source_and_commit(&self) -> (Option<String>, Option<&str>) {
        let commit = match self {
            Self::Git { commit, .. } => Some(&**commit),
            Self::BuiltIn(_) | Self::Folder(_) => None,
        };
        (self.source(), commit)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn(name) => write!(formatter, "the template `{name}`"),
            Self::Folder(folder) => write!(formatter, "`{}`", folder.display()),
            Self::Git { url, .. } => write!(formatter, "`{url}`"),
        }
    }
}
