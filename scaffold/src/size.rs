//! Sizes for people.

use std::fmt;

/// A number of bytes, printed in the largest unit that it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const KIBIBYTE: u64 = 1024;
        const MEBIBYTE: u64 = 1024 * KIBIBYTE;
        let (unit, name) = match self.0 {
            bytes @ ..KIBIBYTE => return write!(formatter, "{bytes} B"),
            KIBIBYTE..MEBIBYTE => (KIBIBYTE, "kB"),
            MEBIBYTE.. => (MEBIBYTE, "MB"),
        };
        // In tenths, rounded to the nearest.
        let tenths = (u128::from(self.0) * 10 + u128::from(unit) / 2) / u128::from(unit);
        match tenths % 10 {
            0 => write!(formatter, "{} {name}", tenths / 10),
            tenth => write!(formatter, "{}.{tenth} {name}", tenths / 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Size;

    #[test]
    fn has_the_largest_unit_that_it_fills() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 kB"),
            (1536, "1.5 kB"),
            (492_592, "481 kB"),
            (52_428_800, "50 MB"),
            (52_900_000, "50.4 MB"),
            (u64::MAX, "17592186044416 MB"),
        ] {
            assert_eq!(Size(bytes).to_string(), text);
        }
    }
}
