//! `GET /items` and `GET /items/{id}`.

use lambda_native::http::{Json, Request};
use lambda_native::lambda_handler;

use crate::catalogue::{self, ITEMS, Item};

/// Lists all items.
#[lambda_handler(http, named)]
pub(crate) async fn list(_: Request<'_>) -> Json<&'static [Item]> {
    Json(&ITEMS)
}

/// Returns one item, or 404 if no item has the id in the path.
#[lambda_handler(http, named)]
pub(crate) async fn find(request: Request<'_>) -> Option<Json<&'static Item>> {
    let id = request.path_parameter("id")?;
    catalogue::find(id).map(Json)
}

#[cfg(test)]
mod tests {
    use lambda_native::testing::block_on;

    use super::*;

    #[test]
    fn lists_all_items() {
        let event = include_bytes!("../events/list-items.json");
        let request = Request::from_slice(event).expect("a valid event");
        let Json(items) = block_on(list(request));
        assert_eq!(items, ITEMS);
    }

    #[test]
    fn finds_an_item() {
        let event = include_bytes!("../events/find-item.json");
        let request = Request::from_slice(event).expect("a valid event");
        let Json(item) = block_on(find(request)).expect("an item");
        assert_eq!(item.name, "Green tea");
    }

    #[test]
    fn does_not_find_an_unknown_item() {
        let request = Request::new("GET", "/items/rum").with_path_parameter("id", "rum");
        assert!(block_on(find(request)).is_none());
    }
}
