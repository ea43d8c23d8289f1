//! The items for sale, which all functions share.

use serde::Serialize;

/// An item for sale.
#[derive(Debug, PartialEq, Eq, Serialize)]
{%- if openapi == "yes" %}
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
{%- endif %}
pub(crate) struct Item {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// In cents.
    pub(crate) price: u64,
}

pub(crate) const ITEMS: [Item; 3] = [
    Item {
        id: "tea",
        name: "Green tea",
        price: 450,
    },
    Item {
        id: "ink",
        name: "Blue ink",
        price: 799,
    },
    Item {
        id: "map",
        name: "Map of the world",
        price: 1250,
    },
];

pub(crate) fn find(id: &str) -> Option<&'static Item> {
    ITEMS.iter().find(|item| item.id == id)
}
