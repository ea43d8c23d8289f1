//! What is emitted, as it is in `snapshots/`: each file has what a user writes, a line of dashes, and
//! what becomes of it. `UPDATE_SNAPSHOTS=1 cargo test` writes the second half anew.

use std::fs;
use std::path::Path;

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Meta};

use crate::expand::{self, Place};

const LINE: &str = "\n// ----------------------------------------------------------------\n\n";

#[test]
fn the_code_is_as_it_is_in_the_snapshots() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let mut count = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let snapshot = fs::read_to_string(&path).unwrap();
        let (source, expected) = snapshot.split_once(LINE).unwrap_or((&snapshot, ""));
        let emitted = emitted(source);
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            fs::write(&path, format!("{}\n{LINE}{emitted}", source.trim_end())).unwrap();
        } else {
            assert_eq!(expected, emitted, "{}", path.display());
        }
        count += 1;
    }
    assert!(count >= 5, "{count} snapshots");
}

/// The compiler says itself what is wrong with such a function; should it ever find nothing wrong,
/// the program is not one that does nothing.
#[test]
fn a_function_that_is_not_read_to_its_end_does_not_become_a_program() {
    let item = quote::quote!(async fn hello(request: ) {});
    let code = expand::lambda_handler(TokenStream::new(), item, Place::Root).to_string();
    assert!(
        code.contains("`#[lambda_handler]` cannot read this function: unexpected end"),
        "{code}"
    );
    assert!(!code.contains("compile_error ! {"), "{code}");
}

/// What the macro that is written at the top of `source` makes of the rest.
fn emitted(source: &str) -> String {
    let macro_call = |input: ParseStream<'_>| {
        let attributes = input.call(Attribute::parse_outer)?;
        Ok((attributes, input.parse::<TokenStream>()?))
    };
    let (attributes, item) = macro_call.parse_str(source).unwrap();
    let Some(attribute) = attributes.first() else {
        let list = syn::parse_str::<syn::Macro>(source.trim().trim_end_matches(';')).unwrap();
        let args = list.tokens;
        return pretty(&expand::main_of(quote::quote!((lambda_native) #args)));
    };
    let args = match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    pretty(&if attribute.path().is_ident("json_context") {
        expand::json_context(args, item)
    } else {
        let place = if source.starts_with(' ') { Place::Indented } else { Place::Root };
        expand::lambda_handler(args, item, place)
    })
}

fn pretty(code: &TokenStream) -> String {
    prettyplease::unparse(&syn2::parse2(code.clone()).unwrap())
}
