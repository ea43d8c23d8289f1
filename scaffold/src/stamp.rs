//! `.scaffold.toml`: what a project was made from, and by which answers.

use toml_edit::{DocumentMut, Item, Table, value};

use crate::project::NewProject;
use crate::template::source::Origin;

pub(crate) const FILE: &str = ".scaffold.toml";

const ABOUT: &str = "\
# What `scaffold new` made this project from. `scaffold new --answers .scaffold.toml NAME` makes
# another one by the same answers.
";

/// The contents of the file.
pub(crate) fn of(project: &NewProject) -> String {
    let mut template = Table::new();
    match &project.template.origin {
        Origin::BuiltIn(name) => {
            template.insert("name", value(*name));
        }
        Origin::Folder(folder) => {
            template.insert("source", value(folder.display().to_string()));
        }
        Origin::Git { url, commit, subfolder } => {
            template.insert("source", value(url));
            template.insert("commit", value(commit));
            if let Some(subfolder) = subfolder {
                template.insert("subfolder", value(subfolder));
            }
        }
    }
    template.insert("hash", value(project.template.hash()));

    let mut answers = Table::new();
    for (question, answer) in &project.answers {
        answers.insert(&question.name, value(answer));
    }

    let mut stamp = DocumentMut::new();
    stamp.decor_mut().set_prefix(ABOUT);
    stamp.insert("name", value(project.name.as_str()));
    stamp.insert("scaffold", value(env!("CARGO_PKG_VERSION")));
    stamp.insert("template", Item::Table(template));
    stamp.insert("answers", Item::Table(answers));
    stamp.to_string()
}
