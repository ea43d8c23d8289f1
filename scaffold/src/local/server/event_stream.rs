//! The framing of streamed responses of AWS's APIs: `application/vnd.amazon.eventstream`.

use hyper::body::Bytes;

pub(super) const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

/// Frames a part of the response.
pub(super) fn chunk(payload: &[u8]) -> Bytes {
    message("PayloadChunk", "application/octet-stream", payload)
}

/// Frames the end of the response, with the type and the details of an error.
pub(super) fn complete(error: Option<(&str, &str)>) -> Bytes {
    let payload = match error {
        Some((code, details)) => serde_json::json!({ "ErrorCode": code, "ErrorDetails": details }),
        None => serde_json::json!({}),
    };
    message("InvokeComplete", "application/json", payload.to_string().as_bytes())
}

/// Encodes a message: lengths, headers and payload, with a checksum of the lengths and one of the whole
/// message.
fn message(event_type: &str, content_type: &str, payload: &[u8]) -> Bytes {
    let mut headers = Vec::new();
    for (name, value) in
        [(":event-type", event_type), (":content-type", content_type), (":message-type", "event")]
    {
        headers.push(length::<u8>(name.len()));
        headers.extend_from_slice(name.as_bytes());
        // The type `string`.
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

/// Converts a length. Names and parts are always short enough for their length fields.
fn length<T: TryFrom<usize> + Default>(length: usize) -> T {
    T::try_from(length).unwrap_or_default()
}
