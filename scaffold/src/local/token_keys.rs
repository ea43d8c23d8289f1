//! The keys with which the tokens of requests are verified.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::process::programs;
use crate::sam::{ApiAuthorizer, Application, JwtAuthorizer};
use crate::term::error::{Error, Result};

/// The shortest time between two readings of keys: otherwise tokens with invented key ids would keep `scaffold dev`
/// and the issuer busy.
const PAUSE: Duration = Duration::from_secs(10);

/// The place of a set of keys that the user names.
#[derive(Clone, Debug)]
pub(crate) enum KeyLocation {
    File(PathBuf),
    Url(String),
}

impl FromStr for KeyLocation {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let is_url = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
        Ok(if is_url { Self::Url(text.to_owned()) } else { Self::File(text.into()) })
    }
}

/// The keys of all issuers.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenKeys {
    /// The keys that the user has named, for all issuers.
    given: Option<Arc<KeySet>>,
    /// An error is the reason why the keys cannot be read.
    by_issuer: BTreeMap<String, std::result::Result<Arc<KeySet>, String>>,
}

/// A set of keys, which is read again when a token names a key that it lacks, as API Gateway does:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-jwt-authorizer-keys.html>.
#[derive(Debug)]
pub(crate) struct KeySet {
    source: KeySource,
    keys: RwLock<Arc<JwkSet>>,
    /// The time of the last attempt to read them again.
    last_attempt: Mutex<Option<Instant>>,
}

#[derive(Clone, Debug)]
enum KeySource {
    Given(KeyLocation),
    /// The keys that the issuer with this URL publishes.
    Issuer(String),
}

/// The part of an issuer's configuration that tells where its keys are ("`OpenID` Connect Discovery 1.0").
#[derive(Deserialize)]
struct IssuerConfiguration {
    jwks_uri: String,
}

impl TokenKeys {
    /// Returns the keys for an authorizer; `None` if they are unknown.
    pub(crate) fn of(&self, authorizer: &JwtAuthorizer) -> Option<&Arc<KeySet>> {
        let of_issuer = || self.by_issuer.get(authorizer.issuer.as_ref()?)?.as_ref().ok();
        self.given.as_ref().or_else(of_issuer)
    }

    /// Returns the reason why the keys for an authorizer are unknown.
    pub(crate) fn reason(&self, authorizer: &JwtAuthorizer) -> String {
        let Some(issuer) = &authorizer.issuer else {
            return "its issuer is known only after deployment".to_owned();
        };
        let reason = self.by_issuer.get(issuer).and_then(|keys| keys.as_ref().err());
        let reason = reason.map_or("they were not read", String::as_str);
        format!("the keys of `{issuer}` cannot be read: {reason}")
    }

    /// Reads the keys for the authorizers of an application: those at `location`, or else those that the issuers
    /// publish, if they can be reached. Those of an issuer are read once.
    pub(crate) async fn read(
        &mut self,
        application: &Application,
        location: Option<&KeyLocation>,
    ) -> Result<()> {
        if let Some(location) = location {
            self.given = Some(Arc::new(read_given(location).await?));
            return Ok(());
        }
        let endpoints = application.functions.iter().flat_map(|function| &function.endpoints);
        for endpoint in endpoints {
            let Some(ApiAuthorizer::Jwt(JwtAuthorizer { issuer: Some(issuer), .. })) =
                endpoint.authorizer.as_deref()
            else {
                continue;
            };
            if self.by_issuer.contains_key(issuer) {
                continue;
            }
            let keys = KeySet::read(KeySource::Issuer(issuer.clone())).await.map(Arc::new);
            self.by_issuer.insert(issuer.clone(), keys);
        }
        Ok(())
    }
}

impl KeySet {
    async fn read(source: KeySource) -> std::result::Result<Self, String> {
        let keys = RwLock::new(Arc::new(source.read().await?));
        Ok(Self { source, keys, last_attempt: Mutex::default() })
    }

    /// The keys as they were last read.
    pub(crate) fn current(&self) -> Arc<JwkSet> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the keys again if they lack the one with this id, and were not read a moment ago. If that fails, the keys
    /// stay as they are.
    pub(crate) async fn look_for(&self, id: &str) -> std::result::Result<(), String> {
        if self.current().find(id).is_some() {
            return Ok(());
        }
        // Other requests wait for the one that reads the keys.
        let mut last_attempt = self.last_attempt.lock().await;
        let is_recent = last_attempt.is_some_and(|last| last.elapsed() < PAUSE);
        if is_recent || self.current().find(id).is_some() {
            return Ok(());
        }
        // It counts as an attempt, too, if the client is gone before it ends.
        *last_attempt = Some(Instant::now());
        let read = self.source.read().await;
        *last_attempt = Some(Instant::now());
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read?);
        Ok(())
    }
}

impl KeySource {
    async fn read(&self) -> std::result::Result<JwkSet, String> {
        match self {
            Self::Given(KeyLocation::File(path)) => parse(&read_file(path)?),
            Self::Given(KeyLocation::Url(url)) => parse(&fetch(url).await?),
            Self::Issuer(issuer) => read_published(issuer).await,
        }
    }
}

async fn read_given(location: &KeyLocation) -> Result<KeySet> {
    let name = match location {
        KeyLocation::File(path) => path.display().to_string(),
        KeyLocation::Url(url) => url.clone(),
    };
    KeySet::read(KeySource::Given(location.clone())).await.map_err(|reason| {
        Error::new(format!("cannot read the keys in `{name}`: {reason}"))
            .hint("`--jwks` names a JSON Web Key Set: `{\"keys\": [{\"kty\": \"RSA\", \"kid\": …, \"n\": …, \"e\": …}]}`")
    })
}

fn read_file(path: &Path) -> std::result::Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

/// Reads the keys that an issuer publishes.
async fn read_published(issuer: &str) -> std::result::Result<JwkSet, String> {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let configuration = fetch(&url).await?;
    let configuration: IssuerConfiguration = serde_json::from_str(&configuration)
        .map_err(|error| format!("`{url}` has no `jwks_uri`: {error}"))?;
    parse(&fetch(&configuration.jwks_uri).await?)
}

fn parse(text: &str) -> std::result::Result<JwkSet, String> {
    serde_json::from_str(text).map_err(|error| format!("it is not a JSON Web Key Set: {error}"))
}

/// Reads what is at a URL. `curl` does so, because this program has no TLS of its own: the libraries for it need a C
/// compiler.
async fn fetch(url: &str) -> std::result::Result<String, String> {
    let Some(curl) = programs::find("curl") else {
        return Err("`curl`, which reads URLs, is not installed".to_owned());
    };
    let limits = ["--max-time", "5", "--max-filesize", "1000000", "--proto", "=http,https"];
    let arguments = ["--silent", "--show-error", "--fail", "--location"].into_iter().chain(limits);
    programs::ask(&curl, arguments.chain(["--url", url]))
        .await
        .map_err(|reason| format!("`curl` {reason}"))
}
