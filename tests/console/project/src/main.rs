//! A shop whose responses try everything that the console shows.

use std::path::Path;
use std::time::Duration;

use lambda_native::http::{self, Created, Json, Problem, Request, Response};
use lambda_native::{Error, Reply, lambda_handler};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct Order {
    item: String,
    count: u32,
}

#[derive(Debug, Deserialize)]
struct Parcel {
    address: String,
    weight: u32,
}

#[derive(Debug, Serialize)]
struct Label {
    text: String,
}

/// Returns one order.
#[lambda_handler(named, get = "/orders/{id}")]
async fn get_order(id: u64, #[query] verbose: Option<bool>) -> Result<Json<Order>, Problem> {
    println!("reading order {id}, verbose: {verbose:?}");
    if id == 7 {
        return Err(Problem::new(410).with_detail("the order is gone"));
    }
    Ok(Json(Order { item: "tea".to_owned(), count: 2 }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
enum Sort {
    Newest,
    Oldest,
}

/// Lists the orders.
#[lambda_handler(named, get = "/orders")]
async fn list_orders(
    #[query] limit: u32,
    #[query] sort: Option<Sort>,
    #[header] x_trace: Option<&str>,
) -> String {
    let sort = match sort {
        Some(Sort::Newest) | None => "newest",
        Some(Sort::Oldest) => "oldest",
    };
    format!("{limit} {sort} {x_trace:?}")
}

/// Places an order.
#[lambda_handler(named, post = "/orders")]
async fn place_order(
    #[body] order: Order,
    #[header] idempotency_key: Option<&str>,
) -> Created<Json<Order>> {
    println!("key {idempotency_key:?}");
    Created::at("/orders/1", Json(order))
}

/// Responds with <b>markup</b>.
#[lambda_handler(named, get = "/hostile")]
async fn hostile() -> Response {
    println!("\x1b[31mred\x1b[0m </pre><script>document.title = 'hacked'</script> \u{202e}");
    Response::new(200)
        .with_header("content-type", "text/html")
        .with_header("x-note", "<img src=x onerror=\"document.title = 'hacked'\">")
        .with_body("<script>document.title = 'hacked'</script>\u{1b}[2J")
}

/// Responds with a picture of one pixel.
#[lambda_handler(named, get = "/image")]
async fn image() -> Response {
    const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x01\x00\xff\x00\x00\xff\xff\xff!\xf9\x04\x01\n\x00\x01\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02L\x01\x00;";
    Response::new(200).with_header("content-type", "image/gif").with_body(PIXEL.to_vec())
}

/// Waits until the test goes on.
fn wait() {
    while !Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/target/gate")).exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Takes its time.
#[lambda_handler(named, get = "/slow")]
async fn slow() -> &'static str {
    wait();
    println!("slept");
    "slow"
}

/// Ends the process.
#[lambda_handler(named, get = "/broken")]
async fn broken() -> Json<u32> {
    std::process::exit(3)
}

/// Labels a parcel.
#[lambda_handler(named)]
async fn ship(parcel: Parcel) -> Label {
    Label { text: format!("{} kg to {}", parcel.weight, parcel.address) }
}

/// Sends its response in two parts.
#[lambda_handler(named, http, stream)]
async fn feed(_: Request<'_>, reply: &mut Reply) -> Result<(), Error> {
    let head = Response::new(201).with_header("content-type", "text/html");
    let mut body = http::stream(head.with_body("<b>first</b>"), reply).await?;
    wait();
    body.write(b"<b>second</b>").await?;
    Ok(())
}

lambda_native::main!(get_order, list_orders, place_order, hostile, image, slow, broken, ship, feed);
