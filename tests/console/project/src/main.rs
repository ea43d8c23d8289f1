//! A shop whose responses try everything that the console shows.

use lambda_native::http::{Created, Json, Problem, Response};
use lambda_native::lambda_handler;
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

lambda_native::main!(get_order, place_order, hostile, image, broken, ship);
