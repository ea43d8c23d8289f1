//! The names of `lambda_runtime` and `lambda_http`, and what takes their place.

use std::collections::BTreeSet;

/// The crates whose names are replaced.
pub(super) const CRATES: [&str; 2] = ["lambda_runtime", "lambda_http"];

/// A name of a `use` item.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) path: Vec<String>,
    /// `as NAME`.
    pub(super) rename: Option<String>,
    pub(super) position: usize,
}

/// The replacement of a name.
pub(super) enum Replacement {
    /// The name is not needed any more.
    Nothing,
    Path(String),
    /// An item of that name, which the command adds to the root of the crate.
    Item(&'static str),
    /// A type alias of that name and type.
    Alias(&'static str, &'static str),
    Unknown(&'static str),
}

/// The crates and features that the new code uses.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    pub(super) features: BTreeSet<&'static str>,
    pub(super) crates: BTreeSet<&'static str>,
    /// Features of `tokio`.
    pub(super) tokio: BTreeSet<&'static str>,
    /// The part of the project to which the names belong.
    pub(super) part: Part,
    /// The crates `anyhow`, `eyre` and `miette` whose errors become a `Diagnostic`.
    pub(super) error_crates: Vec<&'static str>,
}

/// A part of a project, which decides about the equivalents of some names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Part {
    /// The file of `main` with a handler.
    #[default]
    Handler,
    /// The file of `main` with a handler that sends the body of its response through a channel.
    Channel,
    /// The file of `main` with a service of `tower`.
    Service,
    /// Another file of a package with a handler.
    Module,
    /// Another file of a package with a service of `tower`.
    ServiceModule,
}

impl Part {
    pub(super) fn is_service(self) -> bool {
        matches!(self, Self::Service | Self::ServiceModule)
    }

    fn has_main(self) -> bool {
        !matches!(self, Self::Module | Self::ServiceModule)
    }
}

const BOXED_ERROR: &str = "Box<dyn std::error::Error + Send + Sync>";
const BODY: &str = "lambda_native::http::Body<'static>";
const SERVICE_BODY: &str = "http_body_util::Full<bytes::Bytes>";
const SERVICE_REQUEST: &str = "http::Request<http_body_util::Full<bytes::Bytes>>";

/// Returns what takes the place of a name of `lambda_runtime` or `lambda_http`.
pub(super) fn replacement(leaf: &Leaf, needs: &mut Needs) -> Replacement {
    let path: Vec<&str> = leaf.path.iter().map(String::as_str).collect();
    let Some((library, rest)) = path.split_first() else { return Replacement::Nothing };
    let is_http = *library == "lambda_http";
    // `lambda_http` has the names of `lambda_runtime` too.
    let rest = match rest {
        ["lambda_runtime", rest @ ..] if is_http => rest,
        rest => rest,
    };
    let renamed = leaf.rename.is_some();
    match rest {
        ["run_with_streaming_response"] if needs.part.has_main() => Replacement::Nothing,
        ["streaming", "channel" | "Body" | "Response"] if needs.part == Part::Channel => {
            Replacement::Nothing
        }
        ["Diagnostic"] if !renamed && needs.part.has_main() => Replacement::Item("Diagnostic"),
        ["service_fn"] if needs.part == Part::Service => tower("tower::service_fn", needs),
        ["Service"] if needs.part.is_service() => tower("tower::Service", needs),
        ["tower", ..] if needs.part.is_service() && rest.len() > 1 => {
            tower(&rest.join("::"), needs)
        }
        ["run" | "service_fn" | "LambdaEvent" | "RequestExt"] => Replacement::Nothing,
        ["Error"] if !renamed => Replacement::Alias("Error", BOXED_ERROR),
        ["Context"] if !is_http => Replacement::Path("lambda_native::Context".to_owned()),
        ["tracing"] if !renamed => Replacement::Nothing,
        ["tracing", "subscriber", ..] => Replacement::Unknown(
            "add `tracing-subscriber` to the dependencies and write `tracing_subscriber`",
        ),
        ["tracing", "init_default_subscriber"] => {
            needs.features.insert("tracing");
            Replacement::Path("lambda_native::logging::init".to_owned())
        }
        ["tracing", ..] => {
            needs.crates.insert("tracing");
            Replacement::Path(rest.join("::"))
        }
        ["http", ..] if is_http && rest.len() > 1 => {
            needs.crates.insert("http");
            Replacement::Path(rest.join("::"))
        }
        ["http"] if is_http && !renamed => Replacement::Nothing,
        ["Request"] if is_http && needs.part.is_service() && !renamed => {
            needs.crates.extend(["bytes", "http", "http-body-util"]);
            Replacement::Alias("Request", SERVICE_REQUEST)
        }
        ["Request"] if is_http && !needs.part.is_service() => {
            Replacement::Path("lambda_native::http::Request".to_owned())
        }
        ["Response"] if is_http && needs.part.is_service() => {
            needs.crates.insert("http");
            Replacement::Path("http::Response".to_owned())
        }
        ["Response"] if is_http => {
            needs.crates.insert("http");
            needs.features.insert("http-types");
            Replacement::Path("http::Response".to_owned())
        }
        ["IntoResponse"] if needs.part == Part::Service => Replacement::Nothing,
        ["IntoResponse"] if is_http => {
            Replacement::Path("lambda_native::http::IntoResponse".to_owned())
        }
        ["Body"] if is_http && !renamed && needs.part.is_service() => {
            needs.crates.extend(["bytes", "http-body-util"]);
            Replacement::Alias("Body", SERVICE_BODY)
        }
        ["Body"] if is_http && !renamed => Replacement::Alias("Body", BODY),
        _ => Replacement::Unknown(advice(rest)),
    }
}

/// Returns the path of a name of the crate `tower`.
fn tower(path: &str, needs: &mut Needs) -> Replacement {
    needs.crates.insert("tower");
    Replacement::Path(path.to_owned())
}

/// Returns the code to write in the place of a name that is not converted.
pub(super) fn advice(path: &[&str]) -> &'static str {
    match path {
        ["Diagnostic", ..] => {
            "implement `lambda_native::HandlerError` for the error, or return `lambda_native::Error::new(type, message)`"
        }
        ["streaming", ..] => {
            "`#[lambda_handler(stream)]`, and `lambda_native::http::stream` to begin the response"
        }
        ["StreamAdapter" | "run_with_streaming_response"] => {
            "`#[lambda_handler(http, stream)]`, which writes to a `Reply`"
        }
        ["Runtime" | "layers" | "tower" | "Service", ..] => {
            "`wrap = function` or `after = function` of `#[lambda_handler]` in place of a layer"
        }
        ["spawn_graceful_shutdown_handler"] => "`lambda_native::shutdown::on_shutdown`",
        ["run_concurrent"] => "the feature `concurrency` of `lambda-native`",
        ["request", ..] => {
            "`lambda_native::http::RequestInfo` in the extensions of a request, or the methods of `lambda_native::http::Request`"
        }
        ["aws_lambda_events", ..] => "add `aws_lambda_events` to the dependencies",
        ["RequestPayloadExt"] => "`request.json()` or `request.form()`",
        ["Context"] => "`lambda_native::Context`, whose fields are methods",
        _ => "see docs/convert.md",
    }
}
