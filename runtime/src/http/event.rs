//! Parses the event in one pass, whatever sent it.
//!
//! The fields are those of all kinds together. Rarely used parts stay JSON text until they are read,
//! and unused fields are skipped.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::kind::RequestKind;
use crate::json::borrowed::Str;

/// The event as it was sent.
#[derive(Default)]
pub(super) struct HttpEvent<'a> {
    pub(super) version: Option<Str<'a>>,
    pub(super) route_key: Option<Str<'a>>,
    pub(super) raw_path: Option<Str<'a>>,
    pub(super) raw_query_string: Option<Str<'a>>,
    pub(super) cookies: Option<Vec<Str<'a>>>,
    pub(super) headers: Option<Pairs<'a>>,
    pub(super) multi_value_headers: Option<Pairs<'a>>,
    pub(super) query_string_parameters: Option<&'a RawValue>,
    pub(super) multi_value_query_string_parameters: Option<Pairs<'a>>,
    pub(super) path_parameters: Option<Pairs<'a>>,
    pub(super) stage_variables: Option<Pairs<'a>>,
    pub(super) request_context: RequestContext<'a>,
    pub(super) http_method: Option<Str<'a>>,
    pub(super) method: Option<Str<'a>>,
    pub(super) path: Option<Str<'a>>,
    pub(super) resource: Option<Str<'a>>,
    pub(super) body: Option<RawBody<'a>>,
    pub(super) is_base64_encoded: Option<bool>,
    /// VPC Lattice sends it with version V1 of its events.
    pub(super) raw_path_1: Option<IgnoredAny>,
}

impl<'a> FromMembers<'a> for HttpEvent<'a> {
    fn read<A: MapAccess<'a>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let text = match name {
            "version" => &mut self.version,
            "routeKey" => &mut self.route_key,
            "rawPath" => &mut self.raw_path,
            "rawQueryString" => &mut self.raw_query_string,
            "httpMethod" => &mut self.http_method,
            "method" => &mut self.method,
            "path" => &mut self.path,
            "resource" => &mut self.resource,
            "headers" => return set(&mut self.headers, map),
            "multiValueHeaders" => return set(&mut self.multi_value_headers, map),
            "queryStringParameters" => return set(&mut self.query_string_parameters, map),
            "multiValueQueryStringParameters" => {
                return set(&mut self.multi_value_query_string_parameters, map);
            }
            "pathParameters" => return set(&mut self.path_parameters, map),
            "stageVariables" => return set(&mut self.stage_variables, map),
            "cookies" => return set(&mut self.cookies, map),
            "body" => return set(&mut self.body, map),
            "isBase64Encoded" => return set(&mut self.is_base64_encoded, map),
            "raw_path" => return set(&mut self.raw_path_1, map),
            "requestContext" => {
                let context: Option<JsonObject<RequestContext<'a>>> = map.next_value()?;
                self.request_context = context.unwrap_or_default().0;
                return Ok(());
            }
            _ => return skip(map),
        };
        set(text, map)
    }
}

#[derive(Default)]
pub(super) struct RequestContext<'a> {
    pub(super) stage: Option<Str<'a>>,
    pub(super) domain_name: Option<Str<'a>>,
    pub(super) path: Option<Str<'a>>,
    pub(super) http: Option<JsonObject<ClientInfo<'a>>>,
    pub(super) identity: Option<&'a RawValue>,
    pub(super) authorizer: Option<&'a RawValue>,
    pub(super) elb: Option<IgnoredAny>,
    /// The service of VPC Lattice.
    pub(super) service_arn: Option<IgnoredAny>,
    /// The connection of a WebSocket API.
    pub(super) connection_id: Option<IgnoredAny>,
}

impl<'a> FromMembers<'a> for RequestContext<'a> {
    fn read<A: MapAccess<'a>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let text = match name {
            "stage" => &mut self.stage,
            "domainName" => &mut self.domain_name,
            "path" => &mut self.path,
            "http" => return set(&mut self.http, map),
            "identity" => return set(&mut self.identity, map),
            "authorizer" => return set(&mut self.authorizer, map),
            "elb" => return set(&mut self.elb, map),
            "serviceArn" => return set(&mut self.service_arn, map),
            "connectionId" => return set(&mut self.connection_id, map),
            _ => return skip(map),
        };
        set(text, map)
    }
}

/// The `http` of payload 2.0, or the `identity` of payload 1.0, which describes the client in the same
/// way.
#[derive(Default)]
pub(super) struct ClientInfo<'a> {
    pub(super) method: Option<Str<'a>>,
    pub(super) path: Option<Str<'a>>,
    pub(super) source_ip: Option<Str<'a>>,
    pub(super) user_agent: Option<Str<'a>>,
}

impl<'a> FromMembers<'a> for ClientInfo<'a> {
    fn read<A: MapAccess<'a>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let text = match name {
            "method" => &mut self.method,
            "path" => &mut self.path,
            "sourceIp" => &mut self.source_ip,
            "userAgent" => &mut self.user_agent,
            _ => return skip(map),
        };
        set(text, map)
    }
}

/// A type that is read from the members of an object.
///
/// The code that serde derives for a struct is twice as large: it reads arrays as well, and has a
/// separate call for each text.
pub(super) trait FromMembers<'a>: Default {
    /// Reads the value of the member of that name.
    fn read<A: MapAccess<'a>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;
}

/// An object with the members that `T` knows.
#[derive(Default)]
pub(super) struct JsonObject<T>(pub(super) T);

impl<'de, T: FromMembers<'de>> Deserialize<'de> for JsonObject<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(JsonObjectVisitor(PhantomData))
    }
}

struct JsonObjectVisitor<T>(PhantomData<T>);

impl<'de, T: FromMembers<'de>> Visitor<'de> for JsonObjectVisitor<T> {
    type Value = JsonObject<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonObject<T>, A::Error> {
        let mut members = T::default();
        while let Some(Str(name)) = map.next_key()? {
            members.read(&name, &mut map)?;
        }
        Ok(JsonObject(members))
    }
}

fn set<'a, T: Deserialize<'a>, A: MapAccess<'a>>(to: &mut T, map: &mut A) -> Result<(), A::Error> {
    *to = map.next_value()?;
    Ok(())
}

fn skip<'a, A: MapAccess<'a>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(|_| ())
}

impl HttpEvent<'_> {
    /// Describes the source of an event that is like a request but cannot be answered as one.
    pub(super) fn other_source(&self) -> Option<&'static str> {
        if self.request_context.connection_id.is_some() && self.http_method.is_none() {
            Some(
                "a WebSocket API, whose responses are sent with `PostToConnection`: take it as a type of your own \
                 with a plain `#[lambda_handler]`",
            )
        } else if self.raw_path_1.is_some() {
            Some(
                "VPC Lattice with version V1: set `LambdaEventStructureVersion` of the target group to `V2`",
            )
        } else {
            None
        }
    }

    /// Tells from its fields what sent the event. If it has none of the fields, an HTTP API.
    pub(super) fn kind(&self) -> RequestKind {
        let context = &self.request_context;
        if context.elb.is_some() {
            return RequestKind::LoadBalancer {
                multi_value_headers: self.multi_value_headers.is_some(),
            };
        }
        if context.service_arn.is_some() {
            return RequestKind::VpcLattice;
        }
        let is_1_0 =
            || self.http_method.is_some() || self.path.is_some() || self.resource.is_some();
        let is_2_0 = context.http.is_some() || self.raw_path.is_some() || !is_1_0();
        let domain_name = context.domain_name.as_ref();
        match is_2_0 {
            false => RequestKind::RestApi,
            true if domain_name.is_some_and(|name| name.0.contains(".lambda-url.")) => {
                RequestKind::FunctionUrl
            }
            true => RequestKind::HttpApi,
        }
    }
}

/// The `body` as it stands in the event, with its quotes and escapes.
#[derive(Clone, Copy)]
pub(super) struct RawBody<'a>(&'a str);

impl<'a> RawBody<'a> {
    pub(super) fn decode(self) -> serde_json::Result<Str<'a>> {
        // It is known to be a JSON string, so without escapes there is nothing to decode.
        match self.between_quotes() {
            text if text.contains('\\') => serde_json::from_str(self.0),
            text => Ok(Str(Cow::Borrowed(text))),
        }
    }

    /// Returns what stands between the quotes.
    pub(super) fn between_quotes(self) -> &'a str {
        self.0.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RawBody<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        if !json.starts_with('"') {
            // The place of this error is the end of the value, from which no path can be found.
            return Err(de::Error::custom("`body` is not a string"));
        }
        Ok(Self(json))
    }
}

/// Names and values in the order of the event.
pub(super) type PairList<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// The number of headers of most requests, so that the list rarely grows.
const CAPACITY: usize = 16;

/// An object of strings and of lists of strings: a pair for each string, without `null`s.
#[derive(Default)]
pub(super) struct Pairs<'a>(pub(super) PairList<'a>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;

        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(Str(name)) = map.next_key()? {
                    map.next_value_seed(Values { name, pairs: &mut pairs })?;
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(PairsVisitor)
    }
}

/// Appends a string, or a list of strings, to a list of pairs, all with the same name.
struct Values<'p, 'a> {
    name: Cow<'a, str>,
    pairs: &'p mut PairList<'a>,
}

impl<'de> DeserializeSeed<'de> for Values<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Values<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string or a list of strings")
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<(), E> {
        push(self.pairs, self.name, Cow::Borrowed(value));
        Ok(())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<(), E> {
        push(self.pairs, self.name, Cow::Owned(value.to_owned()));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<(), A::Error> {
        while let Some(value) = values.next_element::<Option<Str<'de>>>()? {
            if let Some(Str(value)) = value {
                push(self.pairs, self.name.clone(), value);
            }
        }
        Ok(())
    }
}

fn push<'a>(pairs: &mut PairList<'a>, name: Cow<'a, str>, value: Cow<'a, str>) {
    if pairs.is_empty() {
        pairs.reserve(CAPACITY);
    }
    pairs.push((name, value));
}
