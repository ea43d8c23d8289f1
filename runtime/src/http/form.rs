//! Reads forms: `application/x-www-form-urlencoded`.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::value::{Error, MapDeserializer};

use super::text::Text;

/// A body in the form of an HTML form, read into a struct or map: `#[body] order: Form<Order>` in the
/// signature of a handler with a route.
///
/// ```
/// use lambda_native::http::Form;
/// use lambda_native::lambda_handler;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Login {
///     name: String,
/// }
///
/// #[lambda_handler(post = "/login")]
/// async fn log_in(#[body] Form(login): Form<Login>) -> String {
///     login.name
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form<T>(pub T);

/// Reads a form into a struct or map of its names, or into a list of pairs.
pub(crate) fn decode<'r, T: Deserialize<'r>>(form: &'r [u8]) -> Result<T, Error> {
    decode_pairs(form_urlencoded::parse(form))
}

/// Reads decoded names and values in the same way.
pub(super) fn decode_pairs<'r, T: Deserialize<'r>>(
    pairs: impl Iterator<Item = (Cow<'r, str>, Cow<'r, str>)>,
) -> Result<T, Error> {
    let pairs = pairs.map(|(name, value)| (Text::<Error>::new(name), Text::<Error>::new(value)));
    T::deserialize(MapDeserializer::new(pairs))
}
