//! The path to an error in a JSON document, compared with a visitor that counts the values, fails at one
//! of them, and knows its path.

#![no_main]

use std::cell::{Cell, RefCell};
use std::fmt;

use lambda_native::fuzzing::path_at;
use libfuzzer_sys::fuzz_target;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

fuzz_target!(|input: &[u8]| {
    let Some(([after, line, column], json)) = input.split_first_chunk::<3>() else { return };
    // No place in any document causes a panic or a path longer than the document allows.
    let path = path_at(json, usize::from(*line), usize::from(*column));
    assert!(path.len() <= json.len() * 8);
    let _ = path_at(json, usize::MAX, usize::MAX);
    let _ = path_at(json, 0, 0);

    let finder = Finder { left: Cell::new(usize::from(*after)), path: RefCell::default() };
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let Err(error) = (&finder).deserialize(&mut deserializer) else { return };
    if finder.left.get() > 0 || !error.is_data() {
        // The error is in the document itself.
        let _ = path_at(json, error.line(), error.column());
        return;
    }
    if json.contains(&b'\\') {
        // The path quotes a key in the same way as the document.
        let _ = path_at(json, error.line(), error.column());
        return;
    }
    let expected = finder.path.borrow().join("");
    let expected = expected.strip_prefix('.').unwrap_or(&expected);
    assert_eq!(path_at(json, error.line(), error.column()), expected, "{error}");
});

/// Fails at the value that follows `left` others; `path` leads to it.
struct Finder {
    left: Cell<usize>,
    path: RefCell<Vec<String>>,
}

impl Finder {
    fn count<E: de::Error>(&self) -> Result<(), E> {
        match self.left.get() {
            0 => Err(E::custom("here")),
            left => {
                self.left.set(left - 1);
                Ok(())
            }
        }
    }

    fn at<T, E>(&self, step: String, read: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.path.borrow_mut().push(step);
        let value = read()?;
        self.path.borrow_mut().pop();
        Ok(value)
    }
}

impl<'de> DeserializeSeed<'de> for &Finder {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &Finder {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("anything")
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        self.count()
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        self.count()
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        self.count()
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        self.count()
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        self.count()
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.count()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<(), A::Error> {
        let mut index = 0;
        while self.at(format!("[{index}]"), || values.next_element_seed(self))?.is_some() {
            index += 1;
        }
        // The error is that of a whole object or list, as for a missing field.
        self.count()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut values: A) -> Result<(), A::Error> {
        while let Some(Key(step)) = values.next_key()? {
            self.at(step, || values.next_value_seed(self))?;
        }
        self.count()
    }
}

/// A key, written as a step of a path.
struct Key(String);

impl<'de> de::Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$' | '@');
        Ok(Self(match !key.is_empty() && key.chars().all(plain) {
            true => format!(".{key}"),
            false => format!("[{}]", serde_json::to_string(&key).map_err(de::Error::custom)?),
        }))
    }
}
