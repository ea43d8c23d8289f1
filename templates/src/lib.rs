//! The project templates of Lambda Native, embedded as bytes.
//!
//! Every folder of this crate that has a `cargo-generate.toml` is a template, for `scaffold new` and
//! for the plain `cargo generate --path` alike. That file is the one source of a template's
//! questions. Beside the keys of cargo-generate, which ignores those that it does not know, it has:
//!
//! | key | what it is |
//! |---|---|
//! | `template.description` | one line about the template |
//! | `placeholders.NAME.help` | one line about the question |
//! | `placeholders.NAME.expected` | what `regex` lets through, in words |
//! | `placeholders.NAME.value_name` | the answer's name in `--help`, such as `MB` |
//! | `placeholders.NAME.unit` | what follows the answer where it is printed, such as `MB` |
//! | `placeholders.NAME.aliases` | other names of the question's flag |
//!
//! A question below `conditional.'CONDITION'.placeholders` is asked only where the condition holds;
//! elsewhere its variable is not defined.
//!
//! # The library's sources
//!
//! Built from a checkout, this crate also holds the sources of `lambda-native` and of its macros:
//! see [`library_sources`].

/// A project template.
#[derive(Debug)]
pub struct Template {
    /// The name that `--template` takes: the folder's.
    pub name: &'static str,
    /// All its files, `cargo-generate.toml` with its questions among them.
    pub files: &'static [File],
}

/// A file that a project, or a template of one, is made of.
#[derive(Debug)]
pub struct File {
    /// Where it goes, relative, with `/` between the parts.
    pub path: &'static str,
    /// What is in it.
    pub contents: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// All templates, by name.
#[must_use]
pub fn templates() -> &'static [Template] {
    TEMPLATES
}

/// The sources of the library as two crates that stand alone, `lambda-native/` and
/// `lambda-native-macros/`, for a project to carry in its `vendor/` folder.
///
/// They are there only where this crate was built from a checkout, whose library may be on no
/// registry yet. A published `lambda-native-templates` comes with a published `lambda-native`, which
/// is then the one to depend on, and has `None` here.
#[must_use]
pub fn library_sources() -> Option<&'static [File]> {
    LIBRARY_SOURCES
}

#[cfg(test)]
mod tests {
    use toml_edit::DocumentMut;

    use super::*;

    #[test]
    fn the_templates_ask_for_the_library_of_their_own_version() {
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
    fn the_library_is_here_with_what_it_needs_and_nothing_else() {
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
                    let needed = ["package", "lib", "features", "dependencies"];
                    assert!(needed.contains(&section), "{}: `{section}`", file.path);
                }
                let inherits = |key: &str| manifest[key].to_string().contains("workspace");
                assert!(!inherits("package") && !inherits("dependencies"), "{manifest}");
            }
        }
    }
}
