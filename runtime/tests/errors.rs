//! `Error` within the errors of others, and back: nothing of it is lost.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use lambda_native::Error;

type BoxError = Box<dyn StdError>;
type SendSyncError = Box<dyn StdError + Send + Sync>;

/// An error with everything that one can have.
fn no_item() -> Error {
    let cause = Layer("the table is empty", io::Error::other("disk full").into());
    let error = Error::new("UnknownItem", "no such item").caused_by(&cause);
    #[cfg(feature = "http")]
    let error = error.with_status(404);
    error
}

/// The same with these messages of errors around it, from the inside out.
fn no_item_within(messages: &[&str]) -> Error {
    messages.iter().fold(no_item(), |error, message| {
        error.caused_by(&io::Error::other(format!("context: {message}")))
    })
}

/// An error of the user's own around another.
#[derive(Debug)]
struct Layer(&'static str, SendSyncError);

impl fmt::Display for Layer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl StdError for Layer {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.1)
    }
}

/// The messages of an error and its sources.
fn chain(error: &dyn StdError) -> Vec<String> {
    let mut messages = vec![error.to_string()];
    let mut source = error.source();
    while let Some(error) = source {
        messages.push(error.to_string());
        source = error.source();
    }
    messages
}

const CHAIN: [&str; 3] = ["no such item", "the table is empty", "disk full"];

mod stock {
    use std::fmt;

    /// An error whose name tells nothing.
    #[derive(Debug)]
    pub(crate) struct Error;

    impl fmt::Display for Error {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("sold out")
        }
    }

    impl std::error::Error for Error {}
}

#[test]
fn only_a_type_that_is_called_error_has_its_crate_in_its_name() {
    let types = [
        Error::from("x".parse::<u32>().unwrap_err()),
        Error::from(Layer("cannot load", io::Error::other("disk full").into())),
        Error::from(stock::Error),
        Error::from(&stock::Error),
        Error::from(io::Error::other("disk full")),
        Error::from(fmt::Error),
        Error::from(serde_json::from_str::<u32>("").unwrap_err()),
        Error::from_dyn(&stock::Error),
    ];
    let types = types.each_ref().map(Error::error_type);
    let expected = [
        "ParseIntError",
        "Layer",
        "errors::Error",
        "errors::Error",
        "io::Error",
        "fmt::Error",
        "serde_json::Error",
        // Its type is not known there.
        "Error",
    ];
    assert_eq!(types, expected);
}

#[test]
fn boxed_errors_keep_it() {
    fn boxed() -> Result<(), BoxError> {
        Err(no_item())?
    }
    fn sendable() -> Result<(), SendSyncError> {
        Err(no_item())?
    }

    let error = boxed().unwrap_err();
    assert_eq!(chain(&*error), CHAIN);
    assert_eq!(format!("{error:?}"), format!("{:?}", no_item()));
    assert_eq!(Error::from_dyn(&*error), no_item());

    let error = sendable().unwrap_err();
    assert_eq!(chain(&*error), CHAIN);
    assert_eq!(Error::from_dyn(&*error), no_item());
    // Without the markers it is the same error.
    let error: BoxError = error;
    assert_eq!(Error::from_dyn(&*error), no_item());
}

#[test]
fn errors_around_it_become_causes_from_the_inside_out() {
    let error = Layer("request failed", Layer("cannot price ink", no_item().into()).into());
    let expected = no_item_within(&["cannot price ink", "request failed"]);
    assert_eq!(
        expected.causes(),
        ["the table is empty", "disk full", "context: cannot price ink", "context: request failed"]
    );
    assert_eq!(Error::from_dyn(&error), expected);
    // `?` finds it in an error of a known type as well.
    assert_eq!(Error::from(error), expected);
}

#[test]
fn the_outermost_of_several_decides() {
    let inner = Layer("inner", Error::new("Inner", "not this").into());
    let outer = Error::new("Outer", "this").caused_by(&inner);
    let error = Error::from(Layer("around", outer.into()));
    assert_eq!((error.error_type(), error.message()), ("Outer", "this"));
    assert_eq!(error.causes(), ["inner", "not this", "context: around"]);
}

#[test]
fn an_error_that_does_not_hold_it_has_its_own_type_and_causes() {
    let layer = || Layer("cannot load", io::Error::other("disk full").into());

    let error = Error::from(layer());
    assert_eq!((error.error_type(), error.message()), ("Layer", "cannot load"));
    assert_eq!(error.causes(), ["disk full"]);

    let error = Error::from_dyn(&layer());
    assert_eq!((error.error_type(), error.message()), ("Error", "cannot load"));
    assert_eq!(error.causes(), ["disk full"]);
    #[cfg(feature = "http")]
    assert_eq!(error.status(), None);
}

#[test]
fn errors_of_anyhow_and_eyre_convert_by_reference() {
    let fails = || Err::<(), _>(io::Error::other("disk full"));
    for error in [
        Error::from_dyn(&*anyhow::Context::context(fails(), "cannot load").unwrap_err()),
        Error::from_dyn(&*eyre::WrapErr::wrap_err(fails(), "cannot load").unwrap_err()),
    ] {
        assert_eq!((error.error_type(), error.message()), ("Error", "cannot load"));
        assert_eq!(error.causes(), ["disk full"]);
    }
}

#[cfg(feature = "anyhow")]
#[test]
fn errors_of_anyhow_keep_it() {
    use anyhow::Context as _;

    fn fails() -> anyhow::Result<()> {
        Err(no_item())?
    }

    let error = fails().unwrap_err();
    assert_eq!(chain(&*error), CHAIN);
    assert_eq!(Error::from_dyn(&*error), no_item());
    assert_eq!(Error::from_dyn(error.as_ref()), no_item());

    let error = fails().context("cannot price ink").context("request failed").unwrap_err();
    assert_eq!(Error::from_dyn(&*error), no_item_within(&["cannot price ink", "request failed"]));
    // An error of the user's own can hold one of `anyhow`.
    let error = Layer("request failed", fails().context("cannot price ink").unwrap_err().into());
    assert_eq!(Error::from(error), no_item_within(&["cannot price ink", "request failed"]));
}

#[cfg(feature = "eyre")]
#[test]
fn errors_of_eyre_keep_it() {
    use eyre::WrapErr as _;

    fn fails() -> eyre::Result<()> {
        Err(no_item())?
    }

    let error = fails().unwrap_err();
    assert_eq!(chain(&*error), CHAIN);
    assert_eq!(Error::from_dyn(&*error), no_item());

    let error = fails().wrap_err("cannot price ink").wrap_err("request failed").unwrap_err();
    assert_eq!(Error::from_dyn(&*error), no_item_within(&["cannot price ink", "request failed"]));
}
