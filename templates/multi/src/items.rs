//! `GET /items` and `GET /items/{id}`.

use lambda_native::http::{Json, Request};
use lambda_native::lambda_handler;

use crate::catalogue::{self, ITEMS, Item};

/// All items.
#[lambda_handler(http, named)]
pub(crate) async fn list(_: Request<'_>) -> Json<&'static [Item]> {
    Json(&ITEMS)
}

/// The item of the path; a 404 where there is none.
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
    fn lists_all() {
        let event = include_bytes!("../events/list-items.json");
        let request = Request::from_slice(event).expect("a request");
        let Json(items) = block_on(list(request));
        assert_eq!(items, ITEMS);
    }

    #[test]
    fn finds_one() {
        let event = include_bytes!("../events/find-item.json");
        let request = Request::from_slice(event).expect("a request");
        let Json(item) = block_on(find(request)).expect("an item");
        assert_eq!(item.name, "Green tea");
    }

    #[test]
    fn does_not_find_what_is_not_there() {
        let request = Request::new("GET", "/items/rum").with_path_parameter("id", "rum");
        assert!(block_on(find(request)).is_none());
    }
}
