//! Reads the values of one parameter as a Rust type.
//!
//! The type decides: an `Option` takes no value or one, a `Vec` takes all, and anything else takes the
//! first and requires it. A type alias and a newtype do so too, since serde asks for what they hold.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{
    self, DeserializeSeed, Deserializer, Expected, MapAccess, SeqAccess, Unexpected, Visitor,
};

use crate::http::text::Text;
use crate::printable::printable;

/// A value that is not of the parameter's type.
#[derive(Debug)]
pub(super) struct ValueError {
    /// The name of the value within a whole query.
    pub(super) name: Option<String>,
    pub(super) reason: String,
}

impl ValueError {
    fn new(reason: impl Into<String>) -> Self {
        Self { name: None, reason: reason.into() }
    }

    pub(super) fn missing() -> Self {
        Self::new("it is missing")
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.reason)
    }
}

impl std::error::Error for ValueError {}

impl de::Error for ValueError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(printable(&message.to_string(), LONGEST_REASON))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_value(found, expected)
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match found {
            Unexpected::Str(text) => {
                Self::new(format!("expected {expected}, found {}", quoted(text)))
            }
            _ => Self::new(format!("expected {expected}")),
        }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let expected = expected.join("`, `");
        Self::new(format!("expected one of `{expected}`, found {}", quoted(variant)))
    }

    fn missing_field(field: &'static str) -> Self {
        Self { name: Some(field.to_owned()), ..Self::missing() }
    }
}

/// The most characters of a value that a message quotes.
const LONGEST_QUOTE: usize = 40;
/// The most characters of a message that a type words itself.
pub(super) const LONGEST_REASON: usize = 200;

fn quoted(text: &str) -> String {
    format!("`{}`", printable(text, LONGEST_QUOTE))
}

/// Reads one parameter.
///
/// `separator` divides the items of a list in one value, as HTTP does in a header.
pub(super) fn read<'de, T: Deserialize<'de>>(
    values: &mut dyn Iterator<Item = &'de str>,
    separator: Option<char>,
) -> Result<T, ValueError> {
    T::deserialize(Values { first: values.next(), rest: values, separator })
}

/// Reads a whole query as a struct or a map.
pub(super) fn read_all<'de, T: Deserialize<'de>>(
    pairs: &'de [(Cow<'de, str>, Cow<'de, str>)],
) -> Result<T, ValueError> {
    T::deserialize(Pairs { pairs, position: 0 })
}

/// The values of one parameter.
struct Values<'i, 'de> {
    first: Option<&'de str>,
    rest: &'i mut dyn Iterator<Item = &'de str>,
    separator: Option<char>,
}

impl<'de> Values<'_, 'de> {
    fn one(&self) -> Result<Text<'de, ValueError>, ValueError> {
        self.first.map(Text::new).ok_or_else(ValueError::missing)
    }
}

macro_rules! one {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            self.one()?.$method(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Values<'_, 'de> {
    type Error = ValueError;

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if self.first.is_some() { visitor.visit_some(self) } else { visitor.visit_none() }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_seq(Items { items: None, values: self })
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.one()?.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.one()?.deserialize_unit_struct(name, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        self.one()?.deserialize_struct(name, fields, visitor)
    }

    one! {
        deserialize_any deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_char deserialize_str deserialize_string
        deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_map deserialize_identifier
        deserialize_ignored_any
    }
}

/// All values of a parameter, one after the other.
struct Items<'i, 'de> {
    /// The unread rest of a value with several items.
    items: Option<&'de str>,
    values: Values<'i, 'de>,
}

impl<'de> Items<'_, 'de> {
    fn next(&mut self) -> Option<&'de str> {
        let value = match self.items.take() {
            Some(items) => items,
            None => self.values.first.take().or_else(|| self.values.rest.next())?,
        };
        let Some(separator) = self.values.separator else { return Some(value) };
        match value.split_once(separator) {
            Some((item, items)) => {
                self.items = Some(items);
                Some(item.trim())
            }
            None => Some(value.trim()),
        }
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ValueError> {
        self.next().map(|item| seed.deserialize(Text::new(item))).transpose()
    }
}

/// The names and values of a query. Each name comes once, at its first value.
struct Pairs<'de> {
    pairs: &'de [(Cow<'de, str>, Cow<'de, str>)],
    position: usize,
}

impl<'de> Deserializer<'de> for Pairs<'de> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_map(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if self.pairs.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for Pairs<'de> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ValueError> {
        while let Some((name, _)) = self.pairs.get(self.position) {
            self.position += 1;
            let is_new = !self.pairs.iter().take(self.position - 1).any(|(other, _)| other == name);
            if is_new {
                return seed.deserialize(Text::new(&**name)).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<T::Value, ValueError> {
        let start = self.position.saturating_sub(1);
        let name = self.pairs.get(start).map_or("", |(name, _)| &**name);
        let mut values = self
            .pairs
            .iter()
            .skip(start)
            .filter_map(|(key, value)| (key == name).then_some(&**value));
        let values: &mut dyn Iterator<Item = &'de str> = &mut values;
        seed.deserialize(Values { first: values.next(), rest: values, separator: None }).map_err(
            |error| ValueError {
                name: Some(error.name.unwrap_or_else(|| name.to_owned())),
                ..error
            },
        )
    }
}
