//! The macros of `lambda-native`; use them through that crate, whose documentation has the examples.
//!
//! One file for each stage. `args` and `function` read the attribute and the function below it,
//! `handler` says what is wrong with them, `expand` writes the code; `json_context` and
//! `main_of` read the other two macros.

mod args;
mod errors;
mod expand;
mod function;
mod handler;
mod json_context;
mod main_of;
mod names;
#[cfg(test)]
mod snapshots;

use std::path::Path;

use proc_macro::{Span, TokenStream};

use crate::expand::Place;

/// Makes an AWS Lambda function of a Rust function: emits the program's `main`, which takes events
/// from Lambda and answers each with the function, and the JSON code for exactly its types.
///
/// The function takes the event, then a `&Context`, then the state; it may leave out the last ones.
/// It returns a value, a `Result` or nothing, and is async or not.
///
/// | argument | |
/// |---|---|
/// | `http` | the event is an `http::Request`, and the reply an HTTP response |
/// | `stream` | the function writes its reply itself, to its last parameter |
/// | `json = Json` | event and reply are types of a `#[json_context]` |
/// | `init = function` | makes the state, once, before the first event |
/// | `named` | one of several handlers, listed in `lambda_native::main!` |
/// | `flavor = "multi_thread"` | the async runtime has several threads; `"current_thread"` is the default |
/// | `worker_threads = 4` | so many |
/// | `crate = path` | what `lambda_native` is called here |
#[proc_macro_attribute]
pub fn lambda_handler(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::lambda_handler(args.into(), item.into(), place()).into()
}

/// Where the attribute is. It is a guess, by which nothing right becomes wrong; it makes the errors
/// better.
fn place() -> Place {
    let attribute = Span::call_site();
    let file = attribute.file();
    let file = Path::new(&file);
    if attribute.column() > 1 {
        Place::Indented
    } else if file.components().any(|part| part.as_os_str() == "src")
        && !file.ends_with("main.rs")
        && file.parent().is_none_or(|folder| !folder.ends_with("bin"))
    {
        Place::Module
    } else {
        Place::Root
    }
}

/// Makes a JSON context of a unit struct: a closed list of types, with the code that reads and
/// writes each.
///
/// `#[json_context(Order<'_>, Receipt)] struct Json;` gives it `Json::from_slice`, `from_str`,
/// `to_vec` and `to_string` for these types, and for no other; `Json::TYPES` are their names.
#[proc_macro_attribute]
pub fn json_context(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::json_context(args.into(), item.into()).into()
}

/// What `lambda_native::main!` is made of.
#[doc(hidden)]
#[proc_macro]
pub fn main_of(args: TokenStream) -> TokenStream {
    expand::main_of(args.into()).into()
}
