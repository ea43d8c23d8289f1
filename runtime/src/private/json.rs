//! The code of JSON contexts.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::json::{self, JsonContext, Registered};
use crate::{Failure, Reply};

/// What a handler's `json` names.
#[derive(Debug)]
pub struct Named<J>(pub PhantomData<J>);

/// A JSON context.
pub trait IsContext<J>: Sized {
    /// The context.
    fn context(self) -> Context<J> {
        Context(PhantomData)
    }
}

impl<J: JsonContext> IsContext<J> for Named<J> {}

/// Any other type; that it is no context is said elsewhere.
pub trait IsNoContext: Sized {
    /// What stands for the context.
    fn context(self) -> NoContext {
        NoContext
    }
}

impl<J> IsNoContext for &Named<J> {}

/// A JSON context.
#[derive(Debug)]
pub struct Context<J>(PhantomData<J>);

impl<J> Clone for Context<J> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<J> Copy for Context<J> {}

/// What is no context.
#[derive(Clone, Copy, Debug)]
pub struct NoContext;

impl<J> Context<J> {
    /// The event, with the code of the context.
    ///
    /// # Errors
    /// If it is not JSON or not a `T`.
    pub fn decode<'de, T>(self, event: &'de [u8], _: PhantomData<T>) -> Result<T, Failure>
    where
        T: Registered<'de, J>,
    {
        T::decode(event).map_err(|error| json::unreadable(event, &error))
    }

    /// Writes the reply with the code of the context.
    ///
    /// # Errors
    /// If JSON has no form for it.
    pub fn encode<'de, R>(self, value: &R, reply: &mut Reply<'_>) -> Result<(), Failure>
    where
        R: Registered<'de, J>,
    {
        value.encode(reply.body_mut()).map_err(|error| json::unwritable(&error))
    }
}

/// Nothing more is said.
impl NoContext {
    /// No event.
    ///
    /// # Errors
    /// Always.
    pub fn decode<T>(self, _: &[u8], _: PhantomData<T>) -> Result<T, Failure> {
        Err(super::refused())
    }

    /// No reply.
    ///
    /// # Errors
    /// Always.
    pub fn encode<R>(self, _: &R, _: &mut Reply<'_>) -> Result<(), Failure> {
        Err(super::refused())
    }
}

/// Reads a registered type.
///
/// # Errors
/// If `json` is not a `T`.
pub fn read<'de, T>(json: &'de [u8], _: PhantomData<T>) -> Result<T, json::Error>
where
    T: Deserialize<'de>,
{
    json::read(json)
}

/// Writes a registered type.
///
/// # Errors
/// If JSON has no form for it.
pub fn write<T: Serialize>(value: &T, json: &mut Vec<u8>) -> Result<(), json::Error> {
    serde_json::to_writer(json, value)
}

/// `Json::to_vec`.
///
/// # Errors
/// If JSON has no form for the value.
pub fn to_vec<'de, J, T: Registered<'de, J>>(value: &T) -> Result<Vec<u8>, json::Error> {
    let mut json = Vec::new();
    value.encode(&mut json)?;
    Ok(json)
}

/// `Json::to_string`.
///
/// # Errors
/// If JSON has no form for the value.
pub fn to_string<'de, J, T: Registered<'de, J>>(value: &T) -> Result<String, json::Error> {
    String::from_utf8(to_vec(value)?).map_err(serde::ser::Error::custom)
}
