//! Descriptions of handlers, compared with `openapi.json`, which `UPDATE_SNAPSHOTS=1 cargo test` updates.

#![cfg(debug_assertions)]
#![allow(clippy::unwrap_used, missing_docs, reason = "an unexpected value ends the test")]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::num::NonZero;
use std::path::Path;

use lambda_native::__private::openapi::Document;
use lambda_native::http::{
    Allow, Created, Deny, Form, IntoResponse, Json, NoContent, Problem, Redirect, Request, Response,
};
use lambda_native::openapi::{DescribeResponses, Responses};
use lambda_native::{Error, lambda_handler};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An order.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Order {
    /// The number of the order.
    id: u64,
    part: Part,
    /// Read as `0` if it is missing, and always written.
    #[serde(default)]
    item_count: u32,
    note: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Part {
    Lines,
    PriceList,
}

#[derive(Deserialize, JsonSchema)]
struct NewOrder<'r> {
    #[serde(borrow)]
    item: Cow<'r, str>,
    parts: Vec<Part>,
    /// Read from a list with an item twice, too.
    #[serde(default)]
    colors: BTreeSet<String>,
    #[serde(default)]
    #[schemars(extend("exclusiveMinimum" = 0))]
    weight: f64,
    /// Numbers as keys.
    #[serde(default)]
    counts: BTreeMap<u8, NonZero<u16>>,
}

#[derive(Deserialize, JsonSchema)]
struct Page {
    /// The number of the page.
    page: u32,
    #[serde(default)]
    size: Option<u8>,
    #[serde(default)]
    tag: Vec<String>,
}

/// A type without a schema.
#[derive(Serialize, Deserialize)]
struct Opaque {
    secret: String,
}

enum OrderError {
    Unknown,
}

impl IntoResponse for OrderError {
    fn into_response(self) -> Response {
        match self {
            Self::Unknown => Problem::new(404).into_response(),
        }
    }
}

impl DescribeResponses for OrderError {
    fn describe(responses: &mut Responses<'_>) {
        responses.problem(404);
        responses.json::<Vec<String>>(409);
    }
}

struct Teapot;

impl IntoResponse for Teapot {
    fn into_response(self) -> Response {
        Response::new(418)
    }
}

type Answer<T> = Result<T, Problem>;

mod orders {
    use super::*;

    /// Returns one order, with those of its parts
    /// that are asked for.
    ///
    /// A part that is not known is a mistake.
    #[lambda_handler(named, get = "/orders/{id}")]
    pub(super) async fn get_order(id: u64, #[query] expand: Vec<Part>) -> Option<Json<Order>> {
        let part = expand.into_iter().next()?;
        Some(Json(Order { id, part, item_count: 0, note: None }))
    }

    /// Places an order.
    #[lambda_handler(named, post = "/orders")]
    pub(super) async fn place_order(
        #[body] order: NewOrder<'_>,
        #[header] idempotency_key: Option<&str>,
    ) -> Result<Created<Json<Order>>, OrderError> {
        let _ =
            (order.item, order.parts, order.colors, order.weight, order.counts, idempotency_key);
        Err(OrderError::Unknown)
    }

    /// Replaces an order, whose placeholder has another name here.
    #[lambda_handler(named, put = "/orders/{order}")]
    pub(super) async fn put_order(order: u64, #[body] value: Order) -> Answer<Json<Order>> {
        Ok(Json(Order { id: order, ..value }))
    }

    #[lambda_handler(named, delete = "/orders/{id}", head = "/orders/{id}")]
    pub(super) async fn delete_order(id: u64) -> Result<NoContent, Error> {
        let _ = id;
        Ok(NoContent)
    }
}

#[lambda_handler(named, get = "/pages")]
async fn pages(#[query(all)] page: Page) -> Value {
    let _ = (page.page, page.size, page.tag);
    Value::Null
}

#[lambda_handler(named, get = "/anything")]
async fn anything(
    #[query(all)] query: BTreeMap<String, String>,
    #[cookie] session: u32,
) -> Response {
    let _ = (query, session);
    Response::new(200)
}

#[lambda_handler(named, any = "/files/{path+}", get = ["/files", "/files/{path+}"])]
async fn files(request: &Request<'_>) -> Cow<'static, str> {
    request.path().to_owned().into()
}

#[lambda_handler(named, post = "/login")]
async fn log_in(#[body] Form(login): Form<BTreeMap<String, String>>) -> Redirect {
    Redirect::to(login.into_keys().next().unwrap_or_default())
}

#[lambda_handler(named, put = "/notes/{id}")]
async fn note(
    id: i16,
    #[body] text: &str,
    #[header("x-tag")] tags: Vec<&str>,
) -> Result<(u16, [(&'static str, &'static str); 1], String), (u16, Json<Part>)> {
    let _ = (id, tags);
    Ok((202, [("x-kind", "note")], text.to_owned()))
}

#[lambda_handler(named, post = "/bytes")]
async fn bytes(#[body] bytes: &[u8]) -> Result<Vec<u8>, String> {
    Ok(bytes.to_vec())
}

#[lambda_handler(named, patch = "/opaque/{id}")]
fn opaque(id: char, #[body] opaque: Option<Opaque>) -> Result<Json<Vec<Opaque>>, Teapot> {
    let _ = id;
    opaque.map(|opaque| Json(vec![Opaque { secret: opaque.secret }])).ok_or(Teapot)
}

#[lambda_handler(named, get = "/hidden")]
fn hidden() -> impl Future<Output = impl IntoResponse> {
    std::future::ready("hidden")
}

/// Lets callers with a key in.
///
/// It asks the database.
#[lambda_handler(named, authorizer)]
async fn check(#[header] x_key: &str, #[query] team: &str) -> Result<Allow<Vec<String>>, Deny> {
    let _ = (x_key, team);
    Err(Deny::Forbidden)
}

#[lambda_handler(named = "auth::look", authorizer)]
async fn look(request: &Request<'_>) -> Result<Allow, Problem> {
    let _ = request;
    Err(Problem::new(401))
}

#[lambda_handler(named, get = "/secret", auth = check)]
async fn secret(#[authorizer] names: Vec<String>) -> Result<Json<Vec<String>>, Problem> {
    Ok(Json(names))
}

#[lambda_handler(named, delete = "/secret", auth = look)]
async fn forget() -> NoContent {
    NoContent
}

#[test]
fn a_handler_is_described_by_its_signature_and_its_documentation() {
    let mut document = Document::new();
    document.add::<orders::get_order>();
    document.add::<orders::place_order>();
    document.add::<orders::put_order>();
    document.add::<orders::delete_order>();
    document.add::<pages>();
    document.add::<anything>();
    document.add::<files>();
    document.add::<log_in>();
    document.add::<note>();
    document.add::<bytes>();
    document.add::<opaque>();
    document.add::<hidden>();
    document.add::<secret>();
    document.add::<forget>();
    document.add::<check>();
    document.add::<look>();
    let document = serde_json::to_string_pretty(&document.write()).unwrap() + "\n";

    let snapshot = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi.json");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&snapshot, &document).unwrap();
    }
    assert_eq!(document, fs::read_to_string(snapshot).unwrap().replace("\r\n", "\n"));
}
