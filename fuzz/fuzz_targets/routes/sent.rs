//! Requests of all kinds of events, of parts that fit the routes and parts that harm.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use serde_json::{Map, Value, json};

const METHODS: [&str; 10] =
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PROPFIND", "", "G\r\nET"];
const TEMPLATES: [&str; 18] = [
    "/orders/{id}",
    "/orders",
    "/hello",
    "/hello/{name}",
    "/greetings/{name}",
    "/files/{path+}",
    "/files/{name}/{size}",
    "/types/{flag}/{letter}",
    "/login",
    "/notes/{id}",
    "/bytes",
    "/settings",
    "/any",
    "/raw",
    "/raw/{id}",
    "/{proxy+}",
    "$default",
    "/unknown/{id}",
];
const VALUES: [&str; 24] = [
    "1",
    "-7",
    "true",
    "x",
    "lines",
    "price-list",
    "nan",
    "1e999",
    "99999999999999999999999999999999999999999",
    "%00",
    "%0d%0aset-cookie:a",
    "%e2%80%ae",
    "%ff%fe",
    "%",
    "%zz",
    "a b+c",
    "<script>",
    "\"\\",
    "..",
    "{id}",
    "\u{1b}[2J",
    "\r\nx-evil: 1",
    "\u{202e}",
    "",
];
const NAMES: [&str; 16] = [
    "page", "size", "tag", "part", "expand", "dry-run", "wide", "narrow", "small", "real", "text",
    "plain", "name", "remember", "%00", "",
];
const HEADERS: [&str; 7] =
    ["content-type", "Cookie", "idempotency-key", "X-Tag", "x-wrapped", "accept", "\r\nx"];
const HEADER_VALUES: [&str; 14] = [
    "application/json",
    "application/json; charset=utf-8",
    "application/x-www-form-urlencoded",
    "application/vnd.a+json",
    "text/plain",
    "session=1",
    "session=1; session=\u{1b}",
    ";;=;",
    "refuse",
    "one, two",
    "\r\nset-cookie: a",
    "\u{0}",
    "\u{202e}",
    "",
];
const BODIES: [&str; 16] = [
    r#"{"item":"tea","count":1}"#,
    r#"{"item":"\u0000\r\n\u202e","count":1,"lines":[{"kind":"Item","name":"\u001b","count":1}]}"#,
    r#"{"item":"a","count":1,"lines":[{"kind":"\u001b[2J"}]}"#,
    r#"{"item":"a","count":-1}"#,
    r#"{"\u001b[2J":1}"#,
    r#"{"item":"a","\u202e\r\n":1,"count":2}"#,
    r#"{"a":1.5,"\r\n":"x"}"#,
    "name=%0d%0aset-cookie:x&remember=maybe",
    "name=a&remember=true&part=%1b",
    "name=%ff&name=b",
    "[[[[[[[[[[",
    "\u{1b}[31m",
    "\"\u{202e}\"",
    "null",
    "{}",
    "",
];

/// The event of a request.
pub(crate) fn event(data: &mut Unstructured<'_>) -> Result<Value> {
    let method = text(data, &METHODS)?;
    let template = text(data, &TEMPLATES)?;
    let mut parameters = Map::new();
    let mut path = String::new();
    for segment in template.split('/').skip(1) {
        path.push('/');
        match segment.strip_prefix('{') {
            Some(name) => {
                let name = name.trim_end_matches('}').trim_end_matches('+');
                let value = text(data, &VALUES)?;
                path.push_str(&value);
                // Not every sender has all of them.
                if data.ratio(9, 10)? {
                    parameters.insert(name.to_owned(), json!(value));
                }
            }
            None => path.push_str(segment),
        }
    }
    if template == "$default" || data.ratio(1, 10)? {
        path = (0..data.int_in_range(0..=3)?)
            .map(|_| text(data, &VALUES).map(|value| format!("/{value}")))
            .collect::<Result<String>>()?;
    }
    let pairs = pairs(data, &NAMES, &VALUES)?;
    let headers = self::pairs(data, &HEADERS, &HEADER_VALUES)?;
    let body = text(data, &BODIES)?;
    let is_base64 = data.ratio(1, 5)?;
    // Some say that it is base64, and it is not.
    let body = if is_base64 && data.ratio(4, 5)? { BASE64_STANDARD.encode(&body) } else { body };
    let single = |pairs: &[(String, String)]| {
        let pairs = pairs.iter().map(|(name, value)| (name.clone(), json!(value)));
        pairs.collect::<Map<String, Value>>()
    };
    let multi = |pairs: &[(String, String)]| {
        let mut map = Map::new();
        for (name, value) in pairs {
            let values = map.entry(name.clone()).or_insert_with(|| json!([]));
            if let Value::Array(values) = values {
                values.push(json!(value));
            }
        }
        map
    };
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let query = query.join("&");
    let mut event = match data.int_in_range(0..=4)? {
        kind @ 0..=1 => json!({
            "version": "2.0",
            "routeKey": if kind == 0 { format!("{method} {template}") } else { "$default".into() },
            "rawPath": if kind == 0 { format!("/live{path}") } else { path.clone() },
            "rawQueryString": query,
            "headers": single(&headers),
            "cookies": [text(data, &HEADER_VALUES)?],
            "pathParameters": parameters,
            "requestContext": {
                "stage": if kind == 0 { "live" } else { "$default" },
                "domainName": if kind == 0 { "a.execute-api.b" } else { "a.lambda-url.b.on.aws" },
                "http": { "method": method, "path": path },
            },
        }),
        2 => json!({
            "version": "1.0",
            "resource": template,
            "path": format!("/live{path}"),
            "httpMethod": method,
            "headers": single(&headers),
            "multiValueHeaders": multi(&headers),
            "multiValueQueryStringParameters": multi(&pairs),
            "pathParameters": parameters,
            "requestContext": { "stage": "live" },
        }),
        3 => json!({
            "resource": template,
            "path": path,
            "httpMethod": method,
            "headers": single(&headers),
            "queryStringParameters": single(&pairs),
            "pathParameters": parameters,
            "requestContext": { "stage": "live", "path": format!("/live{path}") },
        }),
        _ => json!({
            "path": path,
            "httpMethod": method,
            "multiValueHeaders": multi(&headers),
            "multiValueQueryStringParameters": multi(&pairs),
            "requestContext": { "elb": { "targetGroupArn": "arn" } },
        }),
    };
    event["body"] = if data.ratio(1, 20)? { Value::Null } else { json!(body) };
    event["isBase64Encoded"] = json!(is_base64);
    Ok(event)
}

fn pairs(
    data: &mut Unstructured<'_>,
    names: &[&str],
    values: &[&str],
) -> Result<Vec<(String, String)>> {
    let count = data.int_in_range(0..=4)?;
    (0..count).map(|_| Ok((text(data, names)?, text(data, values)?))).collect()
}

/// One of the texts, or any.
fn text(data: &mut Unstructured<'_>, known: &[&str]) -> Result<String> {
    if data.ratio(7, 8)? {
        data.choose(known).map(|text| (*text).to_owned())
    } else {
        data.arbitrary::<&str>().map(str::to_owned)
    }
}
