//! Serves HTTP: describes the request, or responds as the header `x-answer` asks.

use std::borrow::Cow;

use lambda_native::http::{IntoResponse, Json, Request, Response};
use lambda_native::{Context, Error, lambda_handler};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Asked<'r> {
    kind: String,
    method: &'r str,
    path: &'r str,
    query: Vec<(Cow<'r, str>, Cow<'r, str>)>,
    cookies: Vec<(&'r str, &'r str)>,
    source_ip: Option<&'r str>,
    body: Cow<'r, str>,
}

#[derive(Deserialize)]
struct Order {
    #[serde(rename = "count")]
    _count: u32,
}

#[lambda_handler(http)]
async fn serve(request: Request<'_>, context: &Context) -> Result<Response, Error> {
    let response = match request.header("x-answer").unwrap_or_default() {
        "" => Json(Asked {
            kind: request.kind().to_string(),
            method: request.method(),
            path: request.path(),
            query: request.query_pairs().collect(),
            cookies: request.cookies().collect(),
            source_ip: request.source_ip(),
            body: String::from_utf8_lossy(request.body()?),
        })
        .into_response(),
        "binary" => vec![0, 1, 0xfe, 0xff].into_response(),
        "body" => Response::new(200).with_body(request.body()?.to_vec()),
        "cookies" => Response::new(201)
            .with_cookie("a=1; HttpOnly")
            .with_cookie("b=2")
            .with_added_header("x-tag", "one")
            .with_added_header("x-tag", "two")
            .with_body("made"),
        "nothing" => ().into_response(),
        "order" => {
            request.json::<Order>()?;
            204.into_response()
        }
        "not found" => {
            return Err(Error::new("UnknownOrder", "no such order").with_status(404));
        }
        "busy" => {
            return Err(Error::new("Busy", "try again").with_status(503));
        }
        "error" => "x".parse::<u32>()?.to_string().into_response(),
        "panic" => panic!("for {}", context.request_id()),
        "bad header" => Response::new(200).with_header("x-a", "one\r\ntwo"),
        other => other.to_owned().into_response(),
    };
    Ok(response)
}
