pub use std::borrow::Cow;

pub use lambda_native::http::{Allow, Created, Deny, Json, Problem, Request, Response};
pub use lambda_native::{Context, Error, lambda_handler};
pub use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub struct Order {
    pub id: u64,
}

#[derive(Deserialize)]
pub struct NewOrder<'r> {
    #[serde(borrow)]
    pub item: Cow<'r, str>,
}

#[derive(Deserialize)]
pub enum Part {
    Items,
}

pub struct Account {
    pub id: String,
    pub name: String,
    pub is_admin: bool,
}

pub struct Store;

impl Store {
    pub async fn connect() -> Self {
        Self
    }

    pub async fn account_of(&self, _token: &str) -> Option<Account> {
        None
    }
}

pub fn user_of_token(token: &str) -> Option<&str> {
    token.strip_prefix("Bearer ")
}

#[lambda_handler(named, get = "/orders/{id}")]
pub async fn get_order(id: u64, _store: &Store) -> Option<Json<Order>> {
    Some(Json(Order { id }))
}

pub async fn timed(
    request: &Request<'_>,
    next: impl AsyncFnOnce(&Request<'_>) -> Response,
) -> Response {
    next(request).await
}

pub async fn cors(
    request: &Request<'_>,
    next: impl AsyncFnOnce(&Request<'_>) -> Response,
) -> Response {
    next(request).await
}

pub async fn flush(_context: &Context) {}
