//! `GET /items` and `GET /items/{id}`.

use lambda_native::http::Json;
use lambda_native::lambda_handler;

use crate::catalogue::{self, ITEMS, Item};

/// Lists all items.
#[lambda_handler(named, get = "/items")]
pub(crate) async fn list() -> Json<&'static [Item]> {
    Json(&ITEMS)
}

/// Returns one item, or 404 if no item has the id in the path.
#[lambda_handler(named, get = "/items/{id}")]
pub(crate) async fn find(id: &str) -> Option<Json<&'static Item>> {
    catalogue::find(id).map(Json)
}

#[cfg(test)]
mod tests {
    use lambda_native::testing::block_on;

    use super::*;

    #[test]
    fn lists_all_items() {
        let Json(items) = block_on(list());
        assert_eq!(items, ITEMS);
    }

    #[test]
    fn finds_an_item() {
        let Json(item) = block_on(find("tea")).expect("an item");
        assert_eq!(item.name, "Green tea");
    }

    #[test]
    fn does_not_find_an_unknown_item() {
        assert!(block_on(find("rum")).is_none());
    }
}
