//! `Diagnostic`: the error of `lambda_runtime` that has its own type. A struct of the same name takes its place.

use syn::spanned::Spanned;
use syn::{GenericArgument, Item, Path, PathArguments, Type};

use super::code::Code;
use super::imports::Imports;

/// The struct, which the code makes and converts other errors into.
const ITEM: &str = "\
/// The error that Lambda reports for an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub error_type: String,
    pub error_message: String,
}

impl From<Diagnostic> for lambda_native::Error {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::new(diagnostic.error_type, diagnostic.error_message)
    }
}";

/// The crates for whose errors a feature of `lambda_runtime` has a conversion.
pub(super) const ERROR_CRATES: [(&str, &str); 3] =
    [("anyhow", "anyhow::Error"), ("eyre", "eyre::Report"), ("miette", "miette::Report")];

/// Returns the code of the struct, with conversions of the errors of these crates.
pub(super) fn item(error_crates: &[&str]) -> String {
    let types = ERROR_CRATES.iter().filter(|(name, _)| error_crates.contains(name));
    let conversions = types.map(|(_, ty)| {
        format!(
            "impl From<{ty}> for Diagnostic {{
    fn from(error: {ty}) -> Self {{
        let error_type = std::any::type_name::<&{ty}>().to_owned();
        Self {{ error_type, error_message: error.to_string() }}
    }}
}}"
        )
    });
    std::iter::once(ITEM.to_owned()).chain(conversions).collect::<Vec<_>>().join("\n\n")
}

/// Returns the types that an `impl` of the file converts to a `Diagnostic`, as they are written.
pub(super) fn converted_types(code: &Code, imports: &Imports) -> Vec<String> {
    let mut types = Vec::new();
    for item in &code.source.file().items {
        let Item::Impl(item) = item else { continue };
        let Some((path, _)) = &item.trait_ else { continue };
        let Some(Type::Path(argument)) = last_arguments(path).first().copied() else { continue };
        let argument_is = is_diagnostic(imports, &argument.path);
        match (&*item.self_ty, path.segments.last().map(|it| it.ident.to_string()).as_deref()) {
            (Type::Path(ty), Some("From")) if is_diagnostic(imports, &ty.path) => {
                types.push(text(code, &argument.path));
            }
            (Type::Path(ty), Some("Into")) if argument_is => types.push(text(code, &ty.path)),
            _ => {}
        }
    }
    types
}

/// Returns the types in the angle brackets at the end of a path.
pub(super) fn last_arguments(path: &Path) -> Vec<&Type> {
    let Some(PathArguments::AngleBracketed(arguments)) =
        path.segments.last().map(|it| &it.arguments)
    else {
        return Vec::new();
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

fn is_diagnostic(imports: &Imports, path: &Path) -> bool {
    imports.resolve(path) == ["lambda_runtime", "Diagnostic"]
}

fn text(code: &Code, path: &Path) -> String {
    code.text(code.source.range(path.span())).to_owned()
}
