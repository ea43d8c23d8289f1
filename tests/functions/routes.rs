//! An API with routes, whose parameters come from everywhere.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use lambda_native::http::{
    Created, Form, IntoResponse, Json, NoContent, Problem, Redirect, Request, Response,
};
use lambda_native::{Context, Error, lambda_handler};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::Date;
use uuid::Uuid;

struct Store {
    orders: u64,
}

async fn open() -> Result<Store, Error> {
    Ok(Store { orders: 10 })
}

#[derive(Deserialize)]
struct NewOrder<'r> {
    #[serde(borrow)]
    item: Cow<'r, str>,
    count: u32,
}

#[derive(Serialize)]
struct Order {
    id: u64,
    item: String,
    count: u32,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Part {
    Lines,
    PriceList,
}

#[derive(Debug, Deserialize, Serialize)]
struct Id(u64);

#[derive(Deserialize)]
struct Page {
    page: u32,
    #[serde(default)]
    size: Option<u8>,
    #[serde(default)]
    tag: Vec<String>,
}

#[derive(Debug)]
enum Refusal {
    Paid(u64),
    Broken,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Paid(id) => write!(formatter, "order {id} is paid"),
            Self::Broken => formatter.write_str("the table is broken"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = if matches!(self, Self::Paid(_)) { 409 } else { 503 };
        Problem::new(status).with_detail(self.to_string()).into_response()
    }
}

/// Returns one order.
///
/// With parts of it.
#[lambda_handler(named, get = "/orders/{id}")]
async fn get_order(id: Id, #[query] expand: Vec<Part>, store: &Store) -> Option<Json<Value>> {
    (id.0 < store.orders).then(|| Json(json!({ "id": id, "expand": expand })))
}

/// Lists orders.
#[lambda_handler(named, get = "/orders")]
async fn list_orders(#[query(all)] page: Page) -> Value {
    json!({ "page": page.page, "size": page.size, "tag": page.tag })
}

/// Places an order.
#[lambda_handler(named, post = "/orders")]
async fn place_order(
    context: &Context,
    #[body] order: NewOrder<'_>,
    #[header] idempotency_key: Option<&str>,
    store: &Store,
) -> Result<Created<Json<Order>>, Error> {
    if order.count == 0 {
        return Err(Error::new("Empty", "an order has at least one item").with_status(422));
    }
    if context.request_id().is_empty() || idempotency_key == Some("fail") {
        return Err(Error::new("Database", "no connection"));
    }
    let location = format!("/orders/{}", store.orders);
    let order = Order { id: store.orders, item: order.item.into_owned(), count: order.count };
    Ok(Created::at(location, Json(order)))
}

#[lambda_handler(named, delete = "/orders/{id}")]
async fn delete_order(id: u64) -> Result<NoContent, Refusal> {
    match id {
        1 => Err(Refusal::Paid(id)),
        2 => Err(Refusal::Broken),
        _ => Ok(NoContent),
    }
}

#[lambda_handler(named, get = ["/hello", "/hello/{name}"], any = "/greetings/{name}")]
fn hello(name: Option<&str>) -> String {
    format!("hello, {}", name.unwrap_or("world"))
}

#[lambda_handler(named, get = "/files/{path+}")]
async fn file(path: String, request: &Request<'_>) -> ([(&'static str, String); 1], String) {
    ([("x-kind", request.kind().to_string())], path)
}

#[lambda_handler(named, get = "/files/{name}/size")]
async fn size(#[path("name")] file: &str) -> Json<usize> {
    Json(file.len())
}

#[derive(Deserialize)]
struct Login {
    name: String,
    remember: Option<bool>,
}

#[lambda_handler(named, post = "/login")]
async fn log_in(#[body] Form(login): Form<Login>, #[cookie] session: Option<u32>) -> Redirect {
    let Login { name, remember } = login;
    Redirect::to(format!("/hello/{name}?remember={remember:?}&session={session:?}"))
}

#[lambda_handler(named, put = "/notes/{id}")]
async fn note(
    #[path] id: i16,
    #[body] text: &str,
    #[query("dry-run")] is_dry_run: Option<bool>,
    #[header("x-tag")] tags: Vec<&str>,
) -> Result<(u16, String), (u16, &'static str)> {
    if text.is_empty() {
        return Err((422, "a note has text"));
    }
    Ok((202, format!("{id} {text:?} {is_dry_run:?} {tags:?}")))
}

#[lambda_handler(named, post = "/bytes")]
async fn bytes(#[body] bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}

#[lambda_handler(named, patch = "/settings")]
async fn settings(#[body] settings: Option<BTreeMap<String, f64>>) -> Json<Option<usize>> {
    Json(settings.map(|settings| settings.len()))
}

#[lambda_handler(named, get = "/bookings/{id}")]
async fn booking(id: Uuid, #[query] day: Date, #[query] other: Vec<Date>) -> String {
    format!("{id} {day} {}", other.len())
}

/// Takes events, not requests.
#[lambda_handler(named)]
async fn double(number: u32) -> u32 {
    number * 2
}

lambda_native::main!(
    get_order,
    list_orders,
    place_order,
    delete_order,
    hello,
    file,
    size,
    log_in,
    note,
    bytes,
    settings,
    booking,
    double,
    init = open,
);
