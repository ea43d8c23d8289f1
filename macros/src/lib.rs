//! The macros of `lambda-native`; use them through that crate, whose documentation has the examples.
//!
//! `lambda_handler/` has one file for each stage: `args` and `signature` read the attribute and the
//! function below it, `validate` checks them, `expand` writes the code, and `openapi` its description. `json_context` and
//! `main_macro` are the other two macros.

mod diagnostics;
mod json_context;
mod lambda_handler;
mod library;
mod lifetimes;
mod main_macro;
#[cfg(test)]
mod snapshots;

use proc_macro::TokenStream;

/// Turns a Rust function into an AWS Lambda function: writes the program's `main`, which calls the
/// function for each event, and the JSON code for exactly its types.
///
/// The function takes the event, a `&Context` and a reference to the state, in any order, or fewer of them.
/// It returns a value, a `Result` or nothing, and is async or not.
///
/// | argument | |
/// |---|---|
/// | `get = "/orders/{id}"`, `post`, `put`, `patch`, `delete`, `head`, `options`, `any` | the function takes such requests, and its parameters are their values |
/// | `authorizer` | the function is a Lambda authorizer: it decides which requests may pass |
/// | `auth = function` | the authorizer that the routes have |
/// | `http` | the event is an `http::Request`, and the response an HTTP response |
/// | `sqs`, `kinesis`, `dynamodb` | the function takes one record of a batch; `sqs = "OrderQueue"` names the resource of the SAM template |
/// | `sns`, `s3`, `eventbridge`, `schedule` | the source of the events; `s3 = "UploadBucket"` names the resource |
/// | `concurrency = 10` | the number of messages of a queue that are handled at a time |
/// | `stream` | the function writes its response to its `&mut Reply` |
/// | `json = Json` | the types of event and response are listed in a `#[json_context]` |
/// | `init = function` | makes the state, once, before the first event |
/// | `wrap = function` | calls the handler of requests, or responds in its place; `wrap = [outer, inner]` |
/// | `after = function` | runs after each invocation |
/// | `named` | one of several handlers, listed in `lambda_native::main!`; `named = "orders.list"` gives it that name |
/// | `flavor = "multi_thread"` | the async runtime has several threads; `"current_thread"` is the default |
/// | `worker_threads = 4` | the number of those threads |
/// | `crate = path` | the path of `lambda_native`, if it is not `::lambda_native` |
#[proc_macro_attribute]
pub fn lambda_handler(args: TokenStream, item: TokenStream) -> TokenStream {
    lambda_handler::lambda_handler(args.into(), item.into(), cfg!(feature = "openapi")).into()
}

/// Turns a unit struct into a JSON context: a closed list of types, with the code that reads and
/// writes each.
///
/// `#[json_context(Order<'_>, Receipt)] struct Json;` gives it `Json::from_slice`, `from_str`,
/// `to_vec` and `to_string` for these types and for no other; `Json::TYPES` are their names.
#[proc_macro_attribute]
pub fn json_context(args: TokenStream, item: TokenStream) -> TokenStream {
    json_context::json_context(args.into(), item.into()).into()
}

/// Writes the `main` of `lambda_native::main!`.
#[doc(hidden)]
#[proc_macro]
pub fn write_main(args: TokenStream) -> TokenStream {
    main_macro::write_main(args.into(), cfg!(feature = "openapi")).into()
}
