//! Compares what the macros emit with `snapshots/`. Each file has what a user writes, a line of
//! dashes, and the expansion, which `UPDATE_SNAPSHOTS=1 cargo test` updates.

use std::fs;
use std::path::Path;

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Meta};

use crate::{json_context, lambda_handler, main_macro};

const LINE: &str = "\n// ----------------------------------------------------------------\n\n";

#[test]
fn the_code_is_as_it_is_in_the_snapshots() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let mut count = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let snapshot = fs::read_to_string(&path).unwrap();
        let (source, expected) = snapshot.split_once(LINE).unwrap_or((&snapshot, ""));
        let openapi = path.file_stem().is_some_and(|name| name == "openapi");
        let emitted = emitted(source, openapi);
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            fs::write(&path, format!("{}\n{LINE}{emitted}", source.trim_end())).unwrap();
        } else {
            assert_eq!(expected, emitted, "{}", path.display());
        }
        count += 1;
    }
    assert!(count >= 5, "{count} snapshots");
}

/// The compiler reports such a function itself. Should it ever find nothing wrong, the program does
/// not compile either.
#[test]
fn a_function_that_is_not_read_to_its_end_does_not_become_a_program() {
    let item = quote::quote!(async fn hello(request: ) {});
    let code = lambda_handler::lambda_handler(TokenStream::new(), item, false).to_string();
    assert!(
        code.contains("__private :: main :: < :: lambda_native :: __private :: Invalid >"),
        "{code}"
    );
    assert!(!code.contains("compile_error ! {"), "{code}");
}

/// Expands the macro at the top of `source`.
fn emitted(source: &str, openapi: bool) -> String {
    let macro_call = |input: ParseStream<'_>| {
        let attributes = input.call(Attribute::parse_outer)?;
        Ok((attributes, input.parse::<TokenStream>()?))
    };
    let (attributes, item) = macro_call.parse_str(source).unwrap();
    let Some((attribute, others)) = attributes.split_first() else {
        let list = syn::parse_str::<syn::Macro>(source.trim().trim_end_matches(';')).unwrap();
        let args = list.tokens;
        return pretty(&main_macro::write_main(quote::quote!((lambda_native) #args), openapi));
    };
    let args = match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let item = quote::quote!(#(#others)* #item);
    pretty(&if attribute.path().is_ident("json_context") {
        json_context::json_context(args, item)
    } else {
        lambda_handler::lambda_handler(args, item, openapi)
    })
}

fn pretty(code: &TokenStream) -> String {
    prettyplease::unparse(&syn2::parse2(code.clone()).unwrap())
}
