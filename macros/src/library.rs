//! The path of `lambda_native`: the argument `crate` of each macro, or the name of the dependency.

use std::env;
use std::fs;
use std::path::Path as FilePath;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Path};

const PACKAGE: &str = "lambda-native";

/// The value of `crate = path` or `crate = "path"`.
pub(crate) struct Library(Path);

impl Parse for Library {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            input.parse::<LitStr>()?.parse_with(Path::parse_mod_style).map(Self)
        } else {
            input.call(Path::parse_mod_style).map(Self)
        }
    }
}

/// The path that is given, or that of the dependency, which is `::lambda_native` unless it is renamed.
pub(crate) fn path(given: Option<&Library>) -> TokenStream {
    if let Some(Library(path)) = given {
        return path.to_token_stream();
    }
    let name = renamed().and_then(|name| syn::parse_str::<Ident>(&name.replace('-', "_")).ok());
    match name {
        Some(name) => {
            let name = Ident::new(&name.to_string(), Span::mixed_site());
            quote_spanned!(Span::mixed_site()=> ::#name)
        }
        None => quote_spanned!(Span::mixed_site()=> ::lambda_native),
    }
}

/// Returns the name that the package being compiled gives to `lambda-native`, if it is another one.
///
/// Cargo tells macros nothing about dependencies, so their names are read from the manifest.
fn renamed() -> Option<String> {
    let folder = env::var_os("CARGO_MANIFEST_DIR")?;
    let folder = FilePath::new(&folder);
    let read = |folder: &FilePath| fs::read_to_string(folder.join("Cargo.toml")).ok();
    let manifest = read(folder)?;
    let dependencies = Dependencies::read(&manifest);
    if dependencies.is_named_as_it_is {
        return None;
    }
    if let Some(name) = dependencies.renamed {
        return Some(name.to_owned());
    }
    // `name = { workspace = true }`: the package stands in the manifest of the workspace.
    let root = folder.ancestors().skip(1).find_map(|folder| {
        read(folder).filter(|manifest| manifest.lines().any(|line| line.starts_with("[workspace")))
    })?;
    let name = Dependencies::read(&root).renamed?;
    dependencies.names.contains(&name).then(|| name.to_owned())
}

/// The dependencies in a manifest, as far as their lines tell.
#[derive(Default)]
struct Dependencies<'m> {
    names: Vec<&'m str>,
    /// There is one called `lambda-native`.
    is_named_as_it_is: bool,
    /// The name of one whose package is `lambda-native`.
    renamed: Option<&'m str>,
}

impl<'m> Dependencies<'m> {
    fn read(manifest: &'m str) -> Self {
        let mut read = Self::default();
        // The part of the table's name after `dependencies`, in a table of dependencies.
        let mut table: Option<&str> = None;
        for line in manifest.lines().map(str::trim) {
            if let Some(header) = line.strip_prefix('[') {
                let header = header.split(']').next().unwrap_or_default();
                table = header.split_once("dependencies").map(|(_, name)| name);
                if let Some(name) = table.and_then(|name| name.strip_prefix('.')) {
                    read.add(name, "");
                }
                continue;
            }
            let (Some(table), Some((key, value))) = (table, line.split_once('=')) else { continue };
            match table.strip_prefix('.') {
                Some(name) if key.trim() == "package" => {
                    read.add(name, &format!("package={value}"));
                }
                Some(_) => {}
                None => match key.split_once('.') {
                    Some((name, key)) => read.add(name, &format!("{key}={value}")),
                    None => read.add(key, value),
                },
            }
        }
        read
    }

    /// Adds a dependency, with what its line says of it.
    fn add(&mut self, name: &'m str, details: &str) {
        let name = name.trim().trim_matches(['"', '\'']);
        let details: String = details.chars().filter(|c| !c.is_whitespace()).collect();
        let is_package = details.replace('\'', "\"").contains("package=\"lambda-native\"");
        if is_package {
            self.renamed = Some(name);
        } else if name.replace('_', "-") == PACKAGE {
            self.is_named_as_it_is = true;
        }
        self.names.push(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_renamed_dependency_is_found() {
        for manifest in [
            "[dependencies]\nlambda = { package = \"lambda-native\", version = \"0.1\" }",
            "[dependencies]\nserde = \"1\"\nlambda={version='0.1',package='lambda-native'}\n[features]\na = []",
            "[dependencies.lambda]\nversion = \"0.1\" # old\npackage = \"lambda-native\"",
            "[dependencies]\nlambda.package = \"lambda-native\"\nlambda.version = \"0.1\"",
            "[target.'cfg(unix)'.dependencies]\n\"lambda\" = { package = \"lambda-native\" }",
            "[workspace.dependencies]\nlambda = { package = \"lambda-native\", path = \"a\" }",
        ] {
            let dependencies = Dependencies::read(manifest);
            assert_eq!(dependencies.renamed, Some("lambda"), "{manifest}");
            assert!(!dependencies.is_named_as_it_is, "{manifest}");
        }
    }

    #[test]
    fn a_dependency_with_the_name_of_the_package_is_not_renamed() {
        for manifest in [
            "[dependencies]\nlambda-native = \"0.1\"",
            "[dependencies]\nlambda-native.workspace = true",
            "[dependencies.lambda-native]\nversion = \"0.1\"",
            "[dev-dependencies]\nlambda_native = { package = \"other\" }",
        ] {
            let dependencies = Dependencies::read(manifest);
            assert_eq!(dependencies.renamed, None, "{manifest}");
            assert!(dependencies.is_named_as_it_is, "{manifest}");
        }
        let manifest =
            "[package]\nname = \"lambda-native\"\n[package.metadata]\npackage = \"lambda-native\"";
        let dependencies = Dependencies::read(manifest);
        assert_eq!((dependencies.renamed, dependencies.is_named_as_it_is), (None, false));
    }
}
