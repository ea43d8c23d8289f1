//! The handlers, and the program that `main!` would write.

use std::borrow::Cow;
use std::collections::BTreeMap;

use lambda_native::__private::{Entry, Function, Functions, Matched, NO_STATE};
use lambda_native::http::{
    Created, Form, IntoResponse, Json, NoContent, Problem, Redirect, Request, Response,
};
use lambda_native::{Context, Error, Handler, Reply, lambda_handler};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Part {
    Lines,
    PriceList,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Id(u64);

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page<'r> {
    page: u32,
    size: Option<u8>,
    #[serde(default, borrow)]
    tag: Vec<Cow<'r, str>>,
    #[serde(default)]
    part: Option<Part>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "kind")]
pub(crate) enum Line<'r> {
    Item { name: Cow<'r, str>, count: i8 },
    Note(BTreeMap<String, Option<f32>>),
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order<'r> {
    #[serde(borrow)]
    item: Cow<'r, str>,
    count: u32,
    #[serde(default, borrow)]
    lines: Vec<Line<'r>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Login<'r> {
    #[serde(borrow)]
    name: Cow<'r, str>,
    remember: Option<bool>,
    part: Option<Part>,
}

#[lambda_handler(named, get = "/orders/{id}")]
pub(crate) async fn get_order(id: Id, #[query] expand: Vec<Part>) -> Option<Json<(Id, Vec<Part>)>> {
    (id.0 < 1000).then_some(Json((id, expand)))
}

#[lambda_handler(named, get = "/orders")]
pub(crate) async fn list_orders(#[query(all)] page: Page<'_>) -> Result<Value, Error> {
    Ok(serde_json::to_value(page)?)
}

#[lambda_handler(named, post = "/orders")]
pub(crate) async fn place_order(
    context: &Context,
    #[body] order: Order<'_>,
    #[header] idempotency_key: Option<&str>,
) -> Result<Created<Json<Order<'static>>>, (u16, String)> {
    if idempotency_key.is_some() {
        return Err((409, format!("{idempotency_key:?}")));
    }
    let location = format!("/orders/{}?{}", order.item, context.request_id());
    let copy = Order { item: order.item.into_owned().into(), count: order.count, lines: vec![] };
    Ok(Created::at(location, Json(copy)))
}

#[lambda_handler(named, get = ["/hello", "/hello/{name}"], any = "/greetings/{name}")]
pub(crate) fn hello(name: Option<&str>) -> Result<String, Problem> {
    let text = name.unwrap_or("world");
    if text.len() > 30 { Err(Problem::new(418)) } else { Ok(format!("hello, {text}")) }
}

#[lambda_handler(named, get = "/files/{path+}")]
pub(crate) async fn file(
    path: String,
    request: &Request<'_>,
) -> ([(&'static str, String); 1], String) {
    ([("x-kind", request.kind().to_string())], path)
}

#[lambda_handler(named, delete = "/files/{name}/{size}")]
pub(crate) async fn delete(
    #[path("name")] _file: Cow<'_, str>,
    size: f64,
) -> Result<NoContent, (u16, String)> {
    if size.is_finite() { Ok(NoContent) } else { Err((404, size.to_string())) }
}

#[lambda_handler(named, get = "/types/{flag}/{letter}")]
pub(crate) async fn types(
    flag: bool,
    letter: char,
    #[query] wide: Option<i128>,
    #[query] narrow: Option<u8>,
    #[query] small: Vec<i16>,
    #[query] real: Option<f32>,
    #[query] text: Option<&str>,
) -> String {
    format!("{flag} {letter} {wide:?} {narrow:?} {small:?} {real:?} {text:?}")
}

#[lambda_handler(named, post = "/login")]
pub(crate) async fn log_in(
    #[body] Form(login): Form<Login<'_>>,
    #[cookie] session: Option<u32>,
) -> Redirect {
    let Login { name, remember, part } = login;
    Redirect::to(format!("/hello/{name}?remember={remember:?}&session={session:?}&part={part:?}"))
}

#[lambda_handler(named, put = "/notes/{id}")]
pub(crate) async fn note(
    id: i16,
    #[body] text: &str,
    #[query("dry-run")] is_dry_run: Option<bool>,
    #[header("x-tag")] tags: Vec<&str>,
    #[cookie] session: Vec<String>,
) -> (u16, String) {
    (202, format!("{id} {text:?} {is_dry_run:?} {tags:?} {session:?}"))
}

#[lambda_handler(named, post = "/bytes")]
pub(crate) async fn bytes(#[body] bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}

#[lambda_handler(named, patch = "/settings")]
pub(crate) async fn settings(
    #[body] settings: Option<BTreeMap<String, f64>>,
) -> Json<Option<usize>> {
    Json(settings.map(|settings| settings.len()))
}

#[lambda_handler(named, post = "/any", put = "/any", wrap = passed_on)]
pub(crate) async fn any_json(#[body] value: Json<Value>, #[header] x_wrapped: &str) -> Value {
    Value::from(vec![value.0, Value::from(x_wrapped)])
}

#[lambda_handler(named, post = "/raw", put = "/raw/{id}")]
pub(crate) async fn raw(request: Request<'_>) -> Result<NoContent, Error> {
    // A body that is not what its event says is a fault of the sender, not of the client: a 500.
    if request.body().is_err() {
        return Err(Error::new("Event", "the body cannot be read").with_status(400));
    }
    if request.method() == "POST" {
        request.json::<Order<'_>>()?;
    } else {
        request.form::<Login<'_>>()?;
    }
    Ok(NoContent)
}

/// Passes another request on.
async fn passed_on(
    request: &Request<'_>,
    next: impl AsyncFnOnce(&Request<'_>) -> Response,
) -> Result<Response, Problem> {
    if request.header("x-tag") == Some("refuse") {
        return Err(Problem::new(401).with_detail("no"));
    }
    Ok(next(&request.clone().with_header("x-wrapped", "yes")).await)
}

/// Writes what `main!` would write.
macro_rules! program {
    ($($handler:ident)*) => {
        #[allow(non_camel_case_types)]
        pub(crate) enum Handlers {
            $($handler($handler)),*
        }

        impl Functions for Handlers {
            const ENTRIES: &'static [Entry] = &[$(<$handler as Function>::ENTRY),*];

            async fn init(_: &[usize]) -> Result<Vec<Self>, Error> {
                Ok(vec![$(Self::$handler(<$handler as Function>::init(NO_STATE).await?)),*])
            }

            async fn respond(&self, request: &Matched<'_>, context: &Context) -> Response {
                match self {
                    $(Self::$handler(handler) => {
                        <$handler as Function>::respond(handler, request, context).await
                    })*
                }
            }

            async fn wrap(
                request: &Request<'_>,
                next: impl AsyncFnOnce(&Request<'_>) -> Response,
            ) -> Response {
                let response = next(request).await;
                if request.query("plain").is_some() { (204).into_response() } else { response }
            }
        }

        impl Handler for Handlers {
            async fn call(&self, _: &[u8], _: &Context, _: &mut Reply) -> Result<(), Error> {
                Err(Error::new("NotARequest", "the program has only routes"))
            }
        }
    };
}

program! {
    get_order list_orders place_order hello file delete types log_in note bytes settings any_json raw
}
