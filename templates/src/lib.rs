//! The project templates of Lambda Native, embedded as bytes.
//!
//! Every folder of this crate that has a `cargo-generate.toml` is a template. The files of several
//! templates are stored once:
//!
//! | folder | contents |
//! |---|---|
//! | `shared/` | the files that every template has |
//! | `new/` | more files that every template has, which `scaffold convert` does not add |
//! | `parts/` | parts of files: a line `{% include "PART" %}` stands for the file `parts/PART` |
//! | `conversion/` | the files that `scaffold convert` adds to those of `shared/` |
//!
//! The build script puts them together, because cargo-generate cannot include a file. The composed
//! templates are ordinary templates, for `scaffold new` and for `cargo generate --path` alike. The
//! example `write_templates` writes them into a folder:
//!
//! ```sh
//! cargo run -p lambda-native-templates --example write_templates -- target/templates
//! cargo generate --path target/templates/http-api
//! ```
//!
//! # Questions
//!
//! The questions of a template are the placeholders in its `cargo-generate.toml`. That file also has
//! keys that cargo-generate ignores:
//!
//! | key | meaning |
//! |---|---|
//! | `template.description` | the template in one line |
//! | `placeholders.NAME.help` | an explanation of the question in one line |
//! | `placeholders.NAME.expected` | the values that `regex` matches, in words |
//! | `placeholders.NAME.value_name` | the name of the value in `--help`, such as `MB` |
//! | `placeholders.NAME.unit` | the unit that follows the value in messages, such as `MB` |
//! | `placeholders.NAME.aliases` | other names of the question's flag |
//!
//! A question in `conditional.'CONDITION'.placeholders` is asked only if the condition holds.
//! Otherwise, its variable is undefined.
//!
//! # The library's sources
//!
//! A crate that is built from a checkout also contains the sources of `lambda-native` and of its
//! macros: see [`library_sources`].

use std::path::Path;
use std::{fs, io};

/// The oldest version of Rust that compiles a project, such as `1.89`.
pub const RUST_VERSION: &str = env!("CARGO_PKG_RUST_VERSION");

/// A project template.
#[derive(Debug)]
pub struct Template {
    /// The name of its folder, which is the value of `--template`.
    pub name: &'static str,
    /// All its files, including `cargo-generate.toml`.
    pub files: &'static [File],
}

/// A file of a template or of the library.
#[derive(Debug)]
pub struct File {
    /// The relative path, with `/` between the parts.
    pub path: &'static str,
    /// The contents.
    pub contents: &'static [u8],
}

impl Template {
    /// Writes the template's files into a folder, which is created if necessary.
    ///
    /// # Errors
    /// If a folder or a file cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        for file in self.files {
            let path = folder.join(file.path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, file.contents)?;
        }
        Ok(())
    }
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Returns all templates, sorted by name.
#[must_use]
pub fn templates() -> &'static [Template] {
    TEMPLATES
}

/// Returns the files for a project that exists already. Their variables are those of the templates, and `functions`, a
/// list of `id`, `binary`, `memory`, `timeout`, `variables` and `is_http`.
#[must_use]
pub fn conversion_files() -> &'static [File] {
    CONVERSION
}

/// Returns the sources of the library as two independent crates, `lambda-native/` and
/// `lambda-native-macros/`, for the `vendor/` folder of a project.
///
/// A crate that was built from a checkout has them, since that version of the library may not be on
/// a registry. A published `lambda-native-templates` returns `None`: its projects depend on the
/// published `lambda-native`.
#[must_use]
pub fn library_sources() -> Option<&'static [File]> {
    LIBRARY_SOURCES
}

#[cfg(test)]
mod tests {
    use toml_edit::DocumentMut;

    use super::*;

    #[test]
    fn the_templates_depend_on_the_library_of_the_same_version() {
        let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
        for template in templates() {
            let manifest = template.files.iter().find(|file| file.path == "Cargo.toml.liquid");
            let manifest = std::str::from_utf8(manifest.unwrap().contents).unwrap();
            let mut lines = manifest.lines();
            let dependency = lines.find(|line| line.starts_with("lambda-native = "));
            assert!(dependency.is_some_and(|line| line.contains(&version)), "{}", template.name);
        }
    }

    #[test]
    fn every_include_is_resolved() {
        for file in templates().iter().flat_map(|template| template.files) {
            let text = std::str::from_utf8(file.contents).unwrap();
            assert!(!text.contains("{% include"), "{}:\n{text}", file.path);
        }
    }

    #[test]
    fn the_library_sources_are_complete_and_minimal() {
        let sources = library_sources().expect("the tests run in a checkout");
        for file in sources {
            let (krate, path) = file.path.split_once('/').unwrap();
            assert!(["lambda-native", "lambda-native-macros"].contains(&krate), "{}", file.path);
            assert!(
                path == "Cargo.toml" || path.starts_with("LICENSE-") || path.starts_with("src/"),
                "{}",
                file.path
            );
            if path == "Cargo.toml" {
                let manifest: DocumentMut =
                    std::str::from_utf8(file.contents).unwrap().parse().unwrap();
                for (section, _) in manifest.iter() {
                    let needed = ["package", "lib", "features", "dependencies", "target", "lints"];
                    assert!(needed.contains(&section), "{}: `{section}`", file.path);
                }
                let inherits = |key| {
                    manifest.get(key).is_some_and(|item| item.to_string().contains("workspace"))
                };
                for key in ["package", "dependencies", "target"] {
                    assert!(!inherits(key), "{manifest}");
                }
            }
        }
    }
}
