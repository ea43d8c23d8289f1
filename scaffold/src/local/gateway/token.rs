//! Checks the tokens of requests as the JWT authorizer of an HTTP API does ("Control access to HTTP APIs with JWT
//! authorizers in API Gateway" in AWS's documentation).

use std::time::{SystemTime, UNIX_EPOCH};

use http::request::Parts;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

use super::error::GatewayError;
use super::route::AuthorizerContext;
use crate::sam::{IdentitySource, JwtAuthorizer};

/// The algorithms that an HTTP API takes: only those of RSA.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::RS384, Algorithm::RS512];

/// A reason for which a token is refused: for the client, and for the log.
type Refusal = (GatewayError, String);

/// Checks the token of a request with the keys of its issuer. Returns the claims for the event.
pub(crate) fn check_token(
    authorizer: &JwtAuthorizer,
    request: &Parts,
    keys: &JwkSet,
    now: SystemTime,
) -> Result<AuthorizerContext, Refusal> {
    let Some(token) = token(authorizer, request) else {
        return Err((GatewayError::Unauthorized, "the request has no token".to_owned()));
    };
    let claims = verify(&token, keys)?;
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    check_claims(authorizer, &claims, now)?;
    let scopes = check_scopes(authorizer, &claims)?;
    let claims = Value::Object(claims.iter().map(|(name, it)| (name.clone(), text(it))).collect());
    let mut fields = Map::from_iter([("claims".to_owned(), claims)]);
    fields.insert("scopes".to_owned(), scopes.map_or(Value::Null, Value::from));
    Ok(AuthorizerContext::Token(fields))
}

/// Returns the id of the key that the token of a request names.
pub(crate) fn key_id(authorizer: &JwtAuthorizer, request: &Parts) -> Option<String> {
    let header = decode_header(token(authorizer, request)?).ok()?;
    header.kid.filter(|_| ALGORITHMS.contains(&header.alg))
}

/// Returns the token, without `Bearer` before it.
fn token(authorizer: &JwtAuthorizer, request: &Parts) -> Option<String> {
    let value = match &authorizer.identity_source {
        IdentitySource::Header(name) => request.headers.get(name)?.to_str().ok()?.to_owned(),
        IdentitySource::Query(name) => {
            let query = request.uri.query().unwrap_or_default();
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find(|(key, _)| key == name)?.1.into_owned()
        }
        IdentitySource::Context(_) | IdentitySource::StageVariable(_) => return None,
    };
    let value = value.trim();
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => value,
    };
    (!token.is_empty()).then(|| token.to_owned())
}

/// Checks the signature, and returns the claims.
fn verify(token: &str, keys: &JwkSet) -> Result<Map<String, Value>, Refusal> {
    let invalid = |reason: String| (GatewayError::InvalidToken("the token is invalid"), reason);
    let header = decode_header(token)
        .map_err(|error| invalid(format!("the token cannot be decoded: {error}")))?;
    if !ALGORITHMS.contains(&header.alg) {
        let reason = format!(
            "the token is signed with {:?}; an HTTP API takes RS256, RS384 and RS512",
            header.alg
        );
        return Err((GatewayError::InvalidToken("the signing method is invalid"), reason));
    }
    let Some(id) = &header.kid else { return Err(invalid("the token has no `kid`".to_owned())) };
    let Some(key) = keys.find(id) else {
        return Err(invalid(format!("the issuer has no key with the `kid` `{id}` of the token")));
    };
    let key = DecodingKey::from_jwk(key)
        .map_err(|error| invalid(format!("the key `{id}` cannot be used: {error}")))?;
    let mut validation = Validation::new(header.alg);
    // The claims are checked as API Gateway does.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    let decoded = decode::<Map<String, Value>>(token, &key, &validation)
        .map_err(|error| invalid(format!("the token cannot be verified: {error}")))?;
    Ok(decoded.claims)
}

fn check_claims(
    authorizer: &JwtAuthorizer,
    claims: &Map<String, Value>,
    now: f64,
) -> Result<(), Refusal> {
    let refuse = |description: &'static str, reason: String| {
        Err((GatewayError::InvalidToken(description), reason))
    };
    let time = |name: &str| claims.get(name).and_then(Value::as_f64);
    match time("exp") {
        None => return refuse("the token has no expiry", "the token has no `exp`".to_owned()),
        Some(end) if end <= now => {
            let seconds = now - end;
            return refuse(
                "the token has expired",
                format!("the token expired {seconds:.0} seconds ago"),
            );
        }
        Some(_) => {}
    }
    for name in ["nbf", "iat"] {
        if let Some(start) = time(name).filter(|start| *start > now) {
            let reason = format!("`{name}` of the token is {:.0} seconds from now", start - now);
            return refuse("the token is not valid yet", reason);
        }
    }
    if let Some(issuer) = &authorizer.issuer
        && claims.get("iss").and_then(Value::as_str) != Some(issuer)
    {
        let found = claims.get("iss").unwrap_or(&Value::Null);
        let reason = format!("`iss` of the token is {found}, not `{issuer}`");
        return refuse("the token does not have a valid issuer", reason);
    }
    if let Some(audience) = &authorizer.audience {
        let (name, value) = match claims.get("aud") {
            Some(value) => ("aud", value),
            // It counts only if there is no `aud`.
            None => ("client_id", claims.get("client_id").unwrap_or(&Value::Null)),
        };
        let values = match value {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        let mut texts = values.iter().filter_map(Value::as_str);
        if !texts.any(|text| audience.iter().any(|known| known == text)) {
            let reason = format!("`{name}` of the token is {value}, none of {audience:?}");
            return refuse("the token does not have a valid audience", reason);
        }
    }
    Ok(())
}

/// Checks that the token has at least one of the scopes of the route, and returns those, if the route has some.
fn check_scopes(
    authorizer: &JwtAuthorizer,
    claims: &Map<String, Value>,
) -> Result<Option<Vec<String>>, Refusal> {
    if authorizer.scopes.is_empty() {
        return Ok(None);
    }
    let found: Vec<&str> = match claims.get("scope").or_else(|| claims.get("scp")) {
        Some(Value::String(text)) => text.split(' ').collect(),
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !authorizer.scopes.iter().any(|scope| found.contains(&scope.as_str())) {
        let reason = format!("the token has none of the scopes {:?}", authorizer.scopes);
        return Err((GatewayError::InsufficientScope, reason));
    }
    Ok(Some(authorizer.scopes.clone()))
}

/// Converts a claim to text, as API Gateway does for events: a list is `[a b]`.
fn text(claim: &Value) -> Value {
    fn write(value: &Value) -> String {
        match value {
            Value::String(text) => text.clone(),
            Value::Array(values) => {
                let texts: Vec<_> = values.iter().map(write).collect();
                format!("[{}]", texts.join(" "))
            }
            Value::Object(fields) => {
                let texts: Vec<_> =
                    fields.iter().map(|(name, value)| format!("{name}:{}", write(value))).collect();
                format!("map[{}]", texts.join(" "))
            }
            value => value.to_string(),
        }
    }
    Value::String(write(claim))
}
