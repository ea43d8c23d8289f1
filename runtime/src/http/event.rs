//! The parse: one pass over the event, whatever sent it.
//!
//! The fields are those of all kinds together. What a function rarely asks for stays JSON text
//! until then; fields that nobody asks for are skipped.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Kind;

/// The event as it is sent.
#[derive(Default)]
pub(super) struct Event<'a> {
    pub(super) version: Option<Str<'a>>,
    pub(super) route_key: Option<Str<'a>>,
    pub(super) raw_path: Option<Str<'a>>,
    pub(super) raw_query_string: Option<Str<'a>>,
    pub(super) cookies: Option<Vec<Str<'a>>>,
    pub(super) headers: Option<Pairs<'a>>,
    pub(super) multi_value_headers: Option<MultiPairs<'a>>,
    pub(super) query_string_parameters: Option<&'a RawValue>,
    pub(super) multi_value_query_string_parameters: Option<MultiPairs<'a>>,
    pub(super) path_parameters: Option<Pairs<'a>>,
    pub(super) stage_variables: Option<Pairs<'a>>,
    pub(super) request_context: RequestContext<'a>,
    pub(super) http_method: Option<Str<'a>>,
    pub(super) path: Option<Str<'a>>,
    pub(super) resource: Option<Str<'a>>,
    pub(super) body: Option<Str<'a>>,
    pub(super) is_base64_encoded: Option<bool>,
}

impl<'a> Members<'a> for Event<'a> {
    fn read<A: MapAccess<'a>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let text = match name {
            "version" => &mut self.version,
            "routeKey" => &mut self.route_key,
            "rawPath" => &mut self.raw_path,
            "rawQueryString" => &mut self.raw_query_string,
            "httpMethod" => &mut self.http_method,
            "path" => &mut self.path,
            "resource" => &mut self.resource,
            "body" => &mut self.body,
            "headers" => return set(&mut self.headers, map),
            "multiValueHeaders" => return set(&mut self.multi_value_headers, map),
            "queryStringParameters" => return set(&mut self.query_string_parameters, map),
            "multiValueQueryStringParameters" => {
                return set(&mut self.multi_value_query_string_parameters, map);
            }
            "pathParameters" => return set(&mut self.path_parameters, map),
            "stageVariables" => return set(&mut self.stage_variables, map),
            "cookies" => return set(&mut self.cookies, map),
            "isBase64Encoded" => return set(&mut self.is_base64_encoded, map),
            "requestContext" => {
                let context: Option<Object<RequestContext<'a>>> = map.next_value()?;
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
    pub(super) http: Option<Object<Http<'a>>>,
    pub(super) identity: Option<&'a RawValue>,
    pub(super) authorizer: Option<&'a RawValue>,
    pub(super) elb: Option<IgnoredAny>,
}

impl<'a> Members<'a> for RequestContext<'a> {
    fn read<A: MapAccess<'a>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let text = match name {
            "stage" => &mut self.stage,
            "domainName" => &mut self.domain_name,
            "path" => &mut self.path,
            "http" => return set(&mut self.http, map),
            "identity" => return set(&mut self.identity, map),
            "authorizer" => return set(&mut self.authorizer, map),
            "elb" => return set(&mut self.elb, map),
            _ => return skip(map),
        };
        set(text, map)
    }
}

/// The request as payload 2.0 has it, and the `identity` of payload 1.0, which says as much of the
/// client.
#[derive(Default)]
pub(super) struct Http<'a> {
    pub(super) method: Option<Str<'a>>,
    pub(super) path: Option<Str<'a>>,
    pub(super) source_ip: Option<Str<'a>>,
    pub(super) user_agent: Option<Str<'a>>,
}

impl<'a> Members<'a> for Http<'a> {
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

/// What has members to read, each by its name. (The code that serde derives for a struct is twice
/// as large: it reads arrays too, and reads each text at a place of its own.)
pub(super) trait Members<'a>: Default {
    /// Reads the value of the member of that name.
    fn read<A: MapAccess<'a>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;
}

/// An object with the members that `T` knows.
#[derive(Default)]
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Members<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Members<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<T>, A::Error> {
        let mut members = T::default();
        while let Some(Str(name)) = map.next_key()? {
            members.read(&name, &mut map)?;
        }
        Ok(Object(members))
    }
}

fn set<'a, T: Deserialize<'a>, A: MapAccess<'a>>(to: &mut T, map: &mut A) -> Result<(), A::Error> {
    *to = map.next_value()?;
    Ok(())
}

fn skip<'a, A: MapAccess<'a>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(|_| ())
}

impl Event<'_> {
    /// What sent the event, by the fields that it has; where it has none of any kind, an HTTP API.
    pub(super) fn kind(&self) -> Kind {
        let context = &self.request_context;
        if context.elb.is_some() {
            return Kind::LoadBalancer { multi_value_headers: self.multi_value_headers.is_some() };
        }
        let is_1_0 =
            || self.http_method.is_some() || self.path.is_some() || self.resource.is_some();
        let is_2_0 = context.http.is_some() || self.raw_path.is_some() || !is_1_0();
        let domain_name = context.domain_name.as_ref();
        match is_2_0 {
            false => Kind::RestApi,
            true if domain_name.is_some_and(|name| name.0.contains(".lambda-url.")) => {
                Kind::FunctionUrl
            }
            true => Kind::HttpApi,
        }
    }
}

/// A string, borrowed unless it has escapes. (Serde borrows a `Cow` only where it is not inside of
/// another type.)
pub(super) struct Str<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Str<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StrVisitor;

        impl<'de> Visitor<'de> for StrVisitor {
            type Value = Str<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(StrVisitor)
    }
}

/// Names and values in the order of the event.
pub(super) type PairList<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// As many as most requests have headers, so that the list need not grow.
const CAPACITY: usize = 16;

/// An object of strings; a member that is `null` is left out.
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
                while let Some((Str(name), value)) = map.next_entry::<_, Option<Str<'de>>>()? {
                    if let Some(Str(value)) = value {
                        push(&mut pairs, name, value);
                    }
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(PairsVisitor)
    }
}

/// An object of lists of strings, one pair for each string; what is `null` is left out.
#[derive(Default)]
pub(super) struct MultiPairs<'a>(pub(super) PairList<'a>);

impl<'de> Deserialize<'de> for MultiPairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MultiPairsVisitor;

        impl<'de> Visitor<'de> for MultiPairsVisitor {
            type Value = MultiPairs<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of lists of strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<MultiPairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(Str(name)) = map.next_key()? {
                    map.next_value_seed(Values { name, pairs: &mut pairs })?;
                }
                Ok(MultiPairs(pairs))
            }
        }

        deserializer.deserialize_map(MultiPairsVisitor)
    }
}

/// Takes a list of strings to the end of a list of pairs, each with the same name.
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
        formatter.write_str("a list of strings")
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
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
