//! The framing of streamed answers of AWS's APIs: `application/vnd.amazon.eventstream`.

use hyper::body::Bytes;

pub(super) const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

/// A part of the response.
pub(super) fn chunk(payload: &[u8]) -> Bytes {
    message("PayloadChunk", "application/octet-stream", payload)
}

/// The end, with the class of the error and its details if there is one.
pub(super) fn complete(error: Option<(&str, &str)>) -> Bytes {
    let payload = match error {
        Some((code, details)) => serde_json::json!({ "ErrorCode": code, "ErrorDetails": details }),
        None => serde_json::json!({}),
    };
    message("InvokeComplete", "application/json", payload.to_string().as_bytes())
}

/// Lengths, headers and payload, with a checksum after the lengths and one after everything.
fn message(event_type: &str, content_type: &str, payload: &[u8]) -> Bytes {
    let mut headers = Vec::new();
    for (name, value) in
        [(":event-type", event_type), (":content-type", content_type), (":message-type", "event")]
    {
        headers.push(length::<u8>(name.len()));
        headers.extend_from_slice(name.as_bytes());
        // The type of a text.
        headers.push(7);
        headers.extend_from_slice(&length::<u16>(value.len()).to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    let all = 4 + 4 + 4 + headers.len() + payload.len() + 4;
    let mut message = Vec::with_capacity(all);
    message.extend_from_slice(&length::<u32>(all).to_be_bytes());
    message.extend_from_slice(&length::<u32>(headers.len()).to_be_bytes());
    message.extend_from_slice(&crc32fast::hash(&message).to_be_bytes());
    message.extend_from_slice(&headers);
    message.extend_from_slice(payload);
    message.extend_from_slice(&crc32fast::hash(&message).to_be_bytes());
    message.into()
}

/// No text or part here is longer than its length has room for.
fn length<T: TryFrom<usize> + Default>(length: usize) -> T {
    T::try_from(length).unwrap_or_default()
}
