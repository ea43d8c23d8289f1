//! Reads bodies and writes responses of types that are registered in a context.

// env: _HANDLER=bootstrap
// event: {"rawPath":"/notes","headers":{"content-type":"application/json"},"requestContext":{"http":{"method":"POST"}},"body":"{\"text\":\"a\"}"}
// reply: {"statusCode":200,"headers":{"content-type":"application/json"},"cookies":[],"body":"{\"length\":1}","isBase64Encoded":false}

use lambda_native::http::Json;
use lambda_native::{json_context, lambda_handler};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Note {
    text: String,
}

#[derive(Serialize)]
struct Size {
    length: usize,
}

#[json_context(Note, Size)]
struct Types;

#[lambda_handler(post = "/notes", json = Types)]
async fn size(#[body] note: Note) -> Result<Json<Size>, (u16, &'static str)> {
    if note.text.is_empty() {
        return Err((422, "a note has text"));
    }
    Ok(Json(Size { length: note.text.len() }))
}
