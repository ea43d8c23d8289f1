//! The attributes of `lambda-native`; use them through that crate, which documents them.
//!
//! One file for each stage: `args` reads the attribute, `handler` the function below it and
//! says what is wrong with either, `expand` writes the code.

mod args;
mod expand;
mod handler;

use proc_macro::TokenStream;

/// Makes a Lambda function of a Rust function: emits `main`, which takes events from Lambda and
/// answers each with the function, and the JSON code for exactly its types.
///
/// The function stays as it is written, so that tests call it by its name. It takes
///
/// - the event, of any type that is [`Deserialize`](https://docs.rs/serde/latest/serde/trait.Deserialize.html);
///   it may borrow from the payload: `&str`, `Order<'_>`;
/// - if it wants to, the [`Context`](https://docs.rs/lambda-native/latest/lambda_native/struct.Context.html),
///   as `&Context` or `Context`;
///
/// is `async` or not, and returns a value that is
/// [`Serialize`](https://docs.rs/serde/latest/serde/trait.Serialize.html), or a `Result` of one
/// with an error that turns into a
/// [`Failure`](https://docs.rs/lambda-native/latest/lambda_native/struct.Failure.html), as every
/// `std::error::Error` does.
///
/// ```
/// use std::num::ParseIntError;
///
/// use lambda_native::{Context, lambda_handler};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize)]
/// struct Order<'a> {
///     item: &'a str,
///     count: &'a str,
/// }
///
/// #[derive(Serialize)]
/// struct Receipt {
///     request: String,
///     text: String,
/// }
///
/// #[lambda_handler]
/// async fn checkout(order: Order<'_>, context: &Context) -> Result<Receipt, ParseIntError> {
///     let count: u32 = order.count.parse()?;
///     Ok(Receipt {
///         request: context.request_id().to_owned(),
///         text: format!("{count} x {}", order.item),
///     })
/// }
/// ```
///
/// # `#[lambda_handler(http)]`
///
/// The function takes an `http::Request<'_>` in place of the event, and returns anything that is
/// `http::IntoResponse`:
///
/// ```
/// use lambda_native::http::{Json, Request};
/// use lambda_native::lambda_handler;
///
/// #[lambda_handler(http)]
/// async fn path(request: Request<'_>) -> Json<String> {
///     Json(request.path().to_owned())
/// }
/// ```
#[proc_macro_attribute]
pub fn lambda_handler(args: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    let mut errors = Errors::default();
    let args = errors.take(syn::parse::<args::Args>(args));
    let handler = errors.take(handler::Handler::parse(item.clone()));
    let main = match (args, handler, errors.0) {
        (Some(args), Some(handler), None) => expand::main(&args, &handler),
        (_, _, errors) => expand::errors(errors.as_ref()),
    };
    [item, main].into_iter().collect::<proc_macro2::TokenStream>().into()
}

/// All that is wrong, gathered so that it is said in one go.
#[derive(Default)]
struct Errors(Option<syn::Error>);

impl Errors {
    /// The value, or `None` and its error kept.
    fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.push(error);
                None
            }
        }
    }

    fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// The value, if nothing was wrong.
    fn finish<T>(self, value: T) -> syn::Result<T> {
        match self.0 {
            Some(errors) => Err(errors),
            None => Ok(value),
        }
    }
}
