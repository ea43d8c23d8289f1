//! Attribute values of DynamoDB, `{"S": "tea"}`, as values of any type.
//!
//! They are read in one pass from the JSON of the event, so that text is borrowed from it. A library for them
//! would take values that are already decoded into a tree, and copied.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde::de::value::{CowStrDeserializer, SeqDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IgnoredAny, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use crate::json::borrowed::Str;

/// Reads an item, which is a map of attribute values.
pub(super) fn item<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    T::deserialize(Value { ty: Type::M, contents: Whole(deserializer) })
}

/// Reads an item that can be missing.
pub(super) fn optional_item<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    struct Item<T>(T);

    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Item<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            item(deserializer).map(Self)
        }
    }

    let item: Option<Item<T>> = Deserialize::deserialize(deserializer)?;
    Ok(item.map(|Item(item)| item))
}

/// The type of an attribute value ("`AttributeValue`" in AWS's reference of the DynamoDB API).
#[derive(Clone, Copy, Deserialize)]
#[serde(field_identifier)]
#[expect(clippy::upper_case_acronyms, reason = "the names of the API")]
enum Type {
    S,
    N,
    B,
    BOOL,
    NULL,
    M,
    L,
    SS,
    NS,
    BS,
}

/// Reads an attribute value for a seed, which gets it as a [`Value`].
struct Attribute<S>(S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Attribute<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for Attribute<S> {
    type Value = S::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an attribute value with its type")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<S::Value, A::Error> {
        let Some(ty) = map.next_key()? else {
            return Err(A::Error::custom("an attribute value has no type"));
        };
        let value = self.0.deserialize(Value { ty, contents: Member(&mut map) })?;
        match map.next_key::<IgnoredAny>()? {
            None => Ok(value),
            Some(_) => Err(A::Error::custom("an attribute value has a second type")),
        }
    }
}

/// The JSON that belongs to the type of a value.
trait Contents<'de> {
    type Error: serde::de::Error;

    fn read<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Self::Error>;
}

/// The contents of a member of an object.
struct Member<'m, A>(&'m mut A);

impl<'de, A: MapAccess<'de>> Contents<'de> for Member<'_, A> {
    type Error = A::Error;

    fn read<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}

/// Contents that stand alone.
struct Whole<D>(D);

impl<'de, D: Deserializer<'de>> Contents<'de> for Whole<D> {
    type Error = D::Error;

    fn read<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, D::Error> {
        seed.deserialize(self.0)
    }
}

/// An attribute value whose type is known.
struct Value<C> {
    ty: Type,
    contents: C,
}

impl<'de, C: Contents<'de>> Value<C> {
    fn text(self) -> Result<Cow<'de, str>, C::Error> {
        self.contents.read(PhantomData::<Str<'de>>).map(|Str(text)| text)
    }

    fn bytes(self) -> Result<Vec<u8>, C::Error> {
        let text = self.text()?;
        BASE64_STANDARD.decode(text.as_bytes()).map_err(C::Error::custom)
    }

    /// A number as an integer if it is one.
    fn number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, C::Error> {
        let text = self.text()?;
        if let Ok(number) = text.parse::<u64>() {
            visitor.visit_u64(number)
        } else if let Ok(number) = text.parse::<i64>() {
            visitor.visit_i64(number)
        } else {
            visitor.visit_f64(text.parse().map_err(C::Error::custom)?)
        }
    }
}

macro_rules! large_integer {
    ($($method:ident $visit:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, C::Error> {
            match self.ty {
                Type::N => visitor.$visit(self.text()?.parse().map_err(C::Error::custom)?),
                _ => self.deserialize_any(visitor),
            }
        }
    )*};
}

macro_rules! text {
    ($($method:ident)*) => {$(
        // The text of a number is exact.
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, C::Error> {
            match self.ty {
                Type::N => self.contents.read(Scalar(visitor)),
                _ => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de, C: Contents<'de>> Deserializer<'de> for Value<C> {
    type Error = C::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, C::Error> {
        match self.ty {
            Type::S | Type::BOOL => self.contents.read(Scalar(visitor)),
            Type::N => self.number(visitor),
            Type::B => visitor.visit_byte_buf(self.bytes()?),
            Type::NULL => {
                self.contents.read(PhantomData::<IgnoredAny>)?;
                visitor.visit_unit()
            }
            Type::M => self.contents.read(Map(visitor)),
            Type::L => self.contents.read(List { visitor, of: None }),
            Type::SS => self.contents.read(List { visitor, of: Some(Type::S) }),
            Type::NS => self.contents.read(List { visitor, of: Some(Type::N) }),
            Type::BS => self.contents.read(List { visitor, of: Some(Type::B) }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, C::Error> {
        match self.ty {
            Type::NULL => {
                self.contents.read(PhantomData::<IgnoredAny>)?;
                visitor.visit_none()
            }
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, C::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, C::Error> {
        match self.ty {
            Type::S => {
                let variant = self.text()?;
                visitor.visit_enum(CowStrDeserializer::new(variant))
            }
            Type::M => self.contents.read(Enum(visitor)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, C::Error> {
        match self.ty {
            Type::B => visitor.visit_seq(SeqDeserializer::new(self.bytes()?.into_iter())),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, C::Error> {
        self.contents.read(PhantomData::<IgnoredAny>)?;
        visitor.visit_unit()
    }

    text!(deserialize_char deserialize_str deserialize_string deserialize_identifier);
    large_integer!(deserialize_i128 visit_i128 deserialize_u128 visit_u128);
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 bytes byte_buf unit unit_struct tuple
        tuple_struct map struct
    }
}

/// Reads a string or a Boolean.
struct Scalar<V>(V);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Scalar<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_any(self.0)
    }
}

/// Reads the members of an `M`.
struct Map<V>(V);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Map<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Map<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Attributes(map))
    }
}

/// The members of an object, whose values are attribute values.
struct Attributes<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Attributes<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Attribute(seed))
    }
}

/// Reads the elements of an `L`, or of a set whose elements have a type.
struct List<V> {
    visitor: V,
    of: Option<Type>,
}

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for List<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for List<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(formatter)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_seq(Elements { seq, of: self.of })
    }
}

/// The elements of an array.
struct Elements<A> {
    seq: A,
    of: Option<Type>,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Elements<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        match self.of {
            None => self.seq.next_element_seed(Attribute(seed)),
            Some(ty) => self.seq.next_element_seed(Element { ty, seed }),
        }
    }
}

/// Reads an element of a set.
struct Element<S> {
    ty: Type,
    seed: S,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Element<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.seed.deserialize(Value { ty: self.ty, contents: Whole(deserializer) })
    }
}

/// Reads an enum from an `M` with one member, whose name is that of the variant.
struct Enum<V>(V);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Enum<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Enum<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<V::Value, A::Error> {
        let value = self.0.visit_enum(Variant(&mut map))?;
        match map.next_key::<IgnoredAny>()? {
            None => Ok(value),
            Some(_) => Err(A::Error::custom("an enum has a second variant")),
        }
    }
}

struct Variant<'m, A>(&'m mut A);

impl<'de, A: MapAccess<'de>> EnumAccess<'de> for Variant<'_, A> {
    type Error = A::Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), A::Error> {
        match self.0.next_key_seed(seed)? {
            Some(variant) => Ok((variant, self)),
            None => Err(A::Error::custom("an enum has no variant")),
        }
    }
}

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for Variant<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.next_value::<IgnoredAny>().map(drop)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Attribute(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.next_value_seed(Attribute(Scalar(visitor)))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.next_value_seed(Attribute(Scalar(visitor)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde::de::DeserializeOwned;

    use super::*;

    fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, String> {
        item(&mut serde_json::Deserializer::from_str(json)).map_err(|error| error.to_string())
    }

    fn value<T: DeserializeOwned>(json: &str) -> Result<T, String> {
        let json = format!(r#"{{"value":{json}}}"#);
        read::<BTreeMap<String, T>>(&json).map(|mut item| item.remove("value").unwrap())
    }

    #[test]
    fn an_item_is_read_into_a_struct_that_borrows_from_it() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Order<'a> {
            item: &'a str,
            note: Cow<'a, str>,
            count: u32,
            price: f64,
            is_paid: bool,
            gift: Option<&'a str>,
            ink: Option<u8>,
            lines: Vec<Line>,
            tags: BTreeSet<String>,
            sizes: Vec<i64>,
        }

        #[derive(Debug, PartialEq, Deserialize)]
        struct Line {
            id: u128,
        }

        let json = r#"{"item":{"S":"tea"},"note":{"S":"a \"b\""},"count":{"N":"2"},"price":{"N":"1.5"},
            "is_paid":{"BOOL":true},"gift":{"NULL":true},"lines":{"L":[{"M":{"id":{"N":"7"}}}]},
            "tags":{"SS":["a","b"]},"sizes":{"NS":["-1","2"]},"unknown":{"L":[{"B":"AA=="}]}}"#;
        let order: Order<'_> = read(json).unwrap();
        let expected = Order {
            item: "tea",
            note: "a \"b\"".into(),
            count: 2,
            price: 1.5,
            is_paid: true,
            gift: None,
            ink: None,
            lines: vec![Line { id: 7 }],
            tags: ["a".to_owned(), "b".to_owned()].into(),
            sizes: vec![-1, 2],
        };
        assert_eq!(order, expected);
    }

    #[test]
    fn every_type_is_read_as_json_of_any_shape() {
        for (attribute, json) in [
            (r#"{"S":"a"}"#, r#""a""#),
            (r#"{"N":"12"}"#, "12"),
            (r#"{"N":"-12"}"#, "-12"),
            (r#"{"N":"1.25"}"#, "1.25"),
            (r#"{"B":"AQI="}"#, "[1,2]"),
            (r#"{"BOOL":false}"#, "false"),
            (r#"{"NULL":true}"#, "null"),
            (r#"{"M":{"a":{"L":[]}}}"#, r#"{"a":[]}"#),
            (r#"{"NS":["1","2"]}"#, "[1,2]"),
        ] {
            if attribute.contains("\"B\"") {
                assert_eq!(value::<Vec<u8>>(attribute), Ok(vec![1, 2]));
            } else {
                let read = value::<serde_json::Value>(attribute).map(|value| value.to_string());
                assert_eq!(read, Ok(json.to_owned()), "{attribute}");
            }
        }
        assert_eq!(value::<Vec<Vec<u8>>>(r#"{"BS":["AQI=",""]}"#), Ok(vec![vec![1, 2], vec![]]));
    }

    #[test]
    fn numbers_are_exact_as_text_and_as_large_integers() {
        let digits = "12345678901234567890123456789012345678";
        let attribute = format!(r#"{{"N":"{digits}"}}"#);
        assert_eq!(value::<String>(&attribute), Ok(digits.to_owned()));
        assert_eq!(value::<u128>(&attribute), Ok(digits.parse().unwrap()));
        assert_eq!(value::<i128>(r#"{"N":"-3"}"#), Ok(-3));
    }

    #[test]
    fn enums_are_read_from_text_and_from_maps() {
        #[derive(Debug, PartialEq, Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum State {
            Open,
            Paid(u32),
            Sent { to: String },
            Moved(u8, u8),
        }

        #[derive(Debug, PartialEq, Deserialize)]
        #[serde(tag = "type")]
        enum Tagged {
            Open { by: String },
        }

        assert_eq!(value(r#"{"S":"open"}"#), Ok(State::Open));
        assert_eq!(value(r#"{"M":{"open":{"NULL":true}}}"#), Ok(State::Open));
        assert_eq!(value(r#"{"M":{"paid":{"N":"3"}}}"#), Ok(State::Paid(3)));
        let sent = State::Sent { to: "me".to_owned() };
        assert_eq!(value(r#"{"M":{"sent":{"M":{"to":{"S":"me"}}}}}"#), Ok(sent));
        let moved = r#"{"M":{"moved":{"L":[{"N":"1"},{"N":"2"}]}}}"#;
        assert_eq!(value(moved), Ok(State::Moved(1, 2)));
        let open = Tagged::Open { by: "me".to_owned() };
        assert_eq!(value(r#"{"M":{"type":{"S":"Open"},"by":{"S":"me"}}}"#), Ok(open));
    }

    #[test]
    fn what_is_not_an_attribute_value_is_refused() {
        let refused = |json: &str| value::<u32>(json).unwrap_err();
        for (json, message) in [
            ("3", "invalid type: integer `3`, expected an attribute value with its type"),
            ("{}", "an attribute value has no type"),
            (r#"{"X":"1"}"#, "unknown field `X`"),
            (r#"{"N":"1","S":"1"}"#, "an attribute value has a second type"),
            (r#"{"N":"x"}"#, "invalid float literal"),
            (r#"{"N":1}"#, "invalid type: integer `1`, expected a string"),
            (r#"{"B":"?"}"#, "Invalid"),
            (r#"{"S":"1"}"#, "invalid type: string \"1\", expected u32"),
            (r#"{"N":"4294967296"}"#, "invalid value: integer `4294967296`, expected u32"),
        ] {
            let error = refused(json);
            assert!(error.starts_with(message), "{json}: {error}");
        }
    }
}
