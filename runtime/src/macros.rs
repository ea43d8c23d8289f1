//! The macros and their documentation.

/// Turns a Rust function into a Lambda function: writes the program's `main`, which calls the
/// function for each event, and the JSON code for exactly its types.
///
/// ```
/// use std::num::ParseIntError;
///
/// use lambda_native::{Context, lambda_handler};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize)]
/// struct Order<'a> {
///     item: &'a str,
///     count: &'a str,
/// }
///
/// #[derive(Serialize)]
/// struct Receipt {
///     request: String,
///     text: String,
/// }
///
/// #[lambda_handler]
/// async fn checkout(order: Order<'_>, context: &Context) -> Result<Receipt, ParseIntError> {
///     let count: u32 = order.count.parse()?;
///     Ok(Receipt {
///         request: context.request_id().to_owned(),
///         text: format!("{count} x {}", order.item),
///     })
/// }
/// ```
///
/// The function stays as it is written, with its attributes, documentation and visibility, so
/// [tests call it](crate::testing) by its name.
///
/// # The function
///
/// It is `async` or not, or returns an `impl Future` or a boxed future. It takes these parameters, each at
/// most once and in any order:
///
/// 1. the event, by value or as a reference to a part of it:
///
///    | type | event |
///    |---|---|
///    | any type that is [`Deserialize`](serde::Deserialize) | read from JSON |
///    | `Order<'_>`, `&RawValue` | read from JSON, and borrowed from the payload where possible |
///    | `&str` | a JSON string without escapes; `Cow<'_, str>` allows escapes |
///    | [`serde_json::Value`](https://docs.rs/serde_json/latest/serde_json/enum.Value.html) | JSON of any shape |
///    | `&[u8]` | the payload as it is, JSON or not; written so, not as a type alias |
///    | [`IgnoredAny`](serde::de::IgnoredAny) | not read |
///
/// 2. the invocation's [`Context`](crate::Context), as `&Context` or `Context`;
/// 3. a reference to the state that [`init`](#init) makes; a reference to text or bytes is the event,
///    unless another parameter is;
/// 4. with [`stream`](#stream), the response to write.
///
/// It returns
///
/// - a value that is [`Serialize`](serde::Serialize), the response; nothing becomes `null`;
/// - or a `Result` of one. Lambda gets the error's type, message and causes:
///
///    | error | `errorType` |
///    |---|---|
///    | any [`std::error::Error`] | the type's name: `ParseIntError` |
///    | one that is also a [`HandlerError`](crate::HandlerError) | its own |
///    | [`Error`](crate::Error) | its own |
///    | `Box<dyn Error>`, with or without `Send` and `Sync`; `anyhow::Error`; `eyre::Report` | `Error`, or that of an [`Error`](crate::Error#within-other-errors) within it |
///    | `String`, `&str` | `Error` |
///
/// A handler cannot be generic or a method. It stands at the crate root, where `main` has to be;
/// [`named`](#named) handlers can stand in modules.
///
/// # Arguments
///
/// Separate several with commas: `#[lambda_handler(http, init = connect)]`.
///
/// ## `get`, `post`, `put`, `patch`, `delete`, `head`, `options`, `any`
///
/// The function takes HTTP requests with that method and path. Its parameters are values of the request:
///
/// ```
/// use lambda_native::http::{Created, Json, Problem};
/// use lambda_native::lambda_handler;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize, Serialize)]
/// struct Order {
///     item: String,
///     count: u32,
/// }
///
/// #[lambda_handler(post = "/customers/{customer}/orders")]
/// async fn place_order(
///     customer: u64,
///     #[query] notify: Option<bool>,
///     #[header] idempotency_key: &str,
///     #[body] order: Order,
/// ) -> Result<Created<Json<Order>>, Problem> {
///     if order.count == 0 {
///         return Err(Problem::new(409).with_detail("an order has at least one item"));
///     }
///     println!("order {idempotency_key}, notify: {notify:?}");
///     Ok(Created::at(format!("/customers/{customer}/orders/1"), Json(order)))
/// }
///
/// # use lambda_native::testing::block_on;
/// // A test calls it with plain values.
/// let order = Order { item: "tea".to_owned(), count: 2 };
/// assert!(block_on(place_order(7, None, "a1", order)).is_ok());
/// ```
///
/// Several paths stand in brackets: `get = ["/hello", "/hello/{name}"]`. A placeholder `{name}` is one part of
/// the path, and `{name+}` is the rest of it. A parameter whose name stands in the path comes from there; an
/// attribute says where any other comes from:
///
/// | attribute | value |
/// |---|---|
/// | `#[path("name")]` | that placeholder; needed only for a name that differs |
/// | `#[query]`, `#[query("name")]` | the value of that name in the query |
/// | `#[query(all)]` | the whole query, as a struct or a map |
/// | `#[header]`, `#[header("name")]` | a header; the parameter `if_match` is the header `if-match` |
/// | `#[cookie]`, `#[cookie("name")]` | a cookie |
/// | `#[body]` | the body: JSON, or a [`Form`](crate::http::Form), text (`&str`, `String`, `Cow<'_, str>`) or bytes (`&[u8]`, `Vec<u8>`) |
/// | `#[authorizer]` | what the API's [`authorizer`](#authorizer-auth--function) has found out about the caller, as a struct |
///
/// The type is any that is [`Deserialize`](serde::Deserialize). An `Option` can be missing, a `Vec` takes all
/// values, and anything else is required. `&Request<'_>` is the whole request, and [`&Context`](crate::Context) the
/// invocation; a reference to anything else is the state, which [`init`](#init) of the handler or of
/// [`main!`](crate::main) makes.
///
/// Everything that is wrong with a request is listed in one `400`, a
/// [problem document](crate::http::Problem). Errors of the function are such documents too. The function
/// returns any [`IntoResponse`](crate::http::IntoResponse), or a `Result` whose error is one, or is reported
/// [as elsewhere](#the-function).
///
/// ## `authorizer`, `auth = function`
///
/// An `authorizer` is a Lambda authorizer of API Gateway: it decides which requests may pass. `auth` names the one
/// that the routes of a handler have:
///
/// ```
/// use lambda_native::http::{Allow, Deny, Json};
/// use lambda_native::lambda_handler;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct User {
///     name: String,
/// }
///
/// /// Lets callers with a token in.
/// #[lambda_handler(named, authorizer)]
/// async fn check(#[header] authorization: &str) -> Result<Allow<User>, Deny> {
///     let token = authorization.strip_prefix("Bearer ").ok_or(Deny::Unauthorized)?;
///     match token {
///         "ada's" => Ok(Allow::new("7").with_context(User { name: "Ada".to_owned() })),
///         _ => Err(Deny::Forbidden),
///     }
/// }
///
/// #[lambda_handler(named, get = "/me", auth = check)]
/// async fn me(#[authorizer] user: User) -> Json<User> {
///     Json(user)
/// }
///
/// lambda_native::main!(check, me);
/// ```
///
/// The function takes headers, values of the query and cookies as a handler with routes does, `&Request<'_>`,
/// `&Context` and the state. It returns [`Allow`](crate::http::Allow), or a `Result`: an error with the status `401`
/// or `403`, such as [`Deny`](crate::http::Deny), denies the request, and any other is reported. A request without a
/// required parameter is unauthorized. One that takes no `Request` decides about all routes that have the
/// authorizer, as API Gateway reuses a decision for the same identity; one that does decides about that method.
///
/// With the name of the authorizer as Lambda's setting `Handler`, the program is the authorizer. The response has the
/// format that the event asks for: an IAM policy for REST APIs and for HTTP APIs with payload 1.0, a simple response
/// for HTTP APIs with payload 2.0, which need `EnableSimpleResponses`. HTTP APIs respond with `403` to every denied
/// request; REST APIs know `401` too.
///
/// A handler with `auth` responds with `401` to a request that has passed no authorizer, as behind a function URL.
///
/// ## `http`
///
/// The function takes an [`http::Request`](crate::http::Request) as its event, and returns any type
/// that is [`http::IntoResponse`](crate::http::IntoResponse), or a `Result` of one:
///
/// ```
/// use lambda_native::http::{Json, Request};
/// use lambda_native::lambda_handler;
///
/// #[lambda_handler(http)]
/// async fn path(request: Request<'_>) -> Json<String> {
///     Json(request.path().to_owned())
/// }
/// ```
///
/// An error becomes a response with its status, or a bare `500`. A [`std::error::Error`] that is also
/// [`http::IntoResponse`](crate::http::IntoResponse) makes its own:
///
/// ```
/// use lambda_native::http::{IntoResponse, Request, Response};
/// use lambda_native::lambda_handler;
///
/// #[derive(Debug)]
/// struct NotANumber(String);
///
/// impl std::fmt::Display for NotANumber {
///     fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
///         write!(formatter, "`{}` is not a number", self.0)
///     }
/// }
///
/// impl std::error::Error for NotANumber {}
///
/// impl IntoResponse for NotANumber {
///     fn into_response(self) -> Response {
///         (422, self.to_string()).into_response()
///     }
/// }
///
/// #[lambda_handler(http)]
/// async fn double(request: Request<'_>) -> Result<String, NotANumber> {
///     let number = request.query("number").unwrap_or_default();
///     let number: i64 = number.parse().map_err(|_| NotANumber(number.into_owned()))?;
///     Ok((number * 2).to_string())
/// }
/// ```
///
/// ## `sqs`, `kinesis`, `dynamodb`
///
/// The function is called for each message of a queue, or for each record of a stream. The response lists those that
/// failed, so that only these come again. The module `events` explains what happens to each. It needs
/// the feature `events`.
///
/// ```
/// # #[cfg(feature = "events")] {
/// use lambda_native::events::sqs::Message;
/// use lambda_native::{Error, lambda_handler};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Order<'a> {
///     item: &'a str,
/// }
///
/// #[lambda_handler(sqs = "OrderQueue", concurrency = 10)]
/// async fn ship(message: Message<'_, Order<'_>>) -> Result<(), Error> {
///     println!("ship {}", message.body.item);
///     Ok(())
/// }
/// # }
/// ```
///
/// The value, which can be left out, is the name of the queue, stream or table in `template.yaml`, or of a parameter
/// with its ARN. `scaffold sync` writes the event source mapping for it.
///
/// The event is an `sqs::Message`, a
/// `kinesis::Record`, a `dynamodb::Record`, or any
/// type that is [`Deserialize`](serde::Deserialize) and stands for one record. The function returns nothing or a
/// `Result` of nothing. `json = Json` lists the types of the bodies. With `sqs`, `concurrency = 10` handles up to ten
/// messages at a time, on one thread; those of a FIFO queue keep their order.
///
/// ## `sns`, `s3`, `eventbridge`, `schedule`
///
/// They name the source of the events, for `scaffold sync`: `sns = "OrderTopic"`, `s3 = "UploadBucket"`, `eventbridge =
/// "com.example.shop"` (the `source` of the events), `schedule = "rate(5 minutes)"` or a `cron(…)`. The function is
/// called once for each event, and takes a type of `events` or any that is
/// [`Deserialize`](serde::Deserialize). `sns::Notification` needs `sns`.
///
/// ## `stream`
///
/// The function writes its response to a parameter, a `&mut` [`Reply`](crate::Reply), and
/// returns nothing or a `Result` of nothing. Lambda sends what the function writes to
/// [`Reply::stream`](crate::Reply::stream) while it is running:
///
/// ```
/// use std::io;
///
/// use lambda_native::{Reply, lambda_handler};
///
/// #[lambda_handler(stream)]
/// async fn count(end: u32, reply: &mut Reply) -> io::Result<()> {
///     let mut lines = reply.stream("text/plain");
///     for number in 1..=end {
///         lines.write(format!("{number}\n").as_bytes()).await?;
///     }
///     Ok(())
/// }
///
/// # use lambda_native::testing::block_on;
/// let mut reply = Reply::default(); // collects the response in memory
/// block_on(count(2, &mut reply))?;
/// assert_eq!(reply.body(), b"1\n2\n");
/// # Ok::<(), io::Error>(())
/// ```
///
/// Together with `http`, the response begins with a status and headers, which
/// [`http::stream`](crate::http::stream()) sends. If the function fails before that, its error becomes
/// the response, as in any HTTP function; if it returns without it, the response is a `204`. An error
/// after the beginning ends the stream, and Lambda gets the error.
///
/// ```
/// use lambda_native::http::{self, Request, Response};
/// use lambda_native::{Error, Reply, lambda_handler};
///
/// #[lambda_handler(http, stream)]
/// async fn page(request: Request<'_>, reply: &mut Reply) -> Result<(), Error> {
///     let steps: u32 = request.query("steps").unwrap_or("3".into()).parse()?;
///     let mut page = http::stream(Response::html("<ol>"), reply).await?;
///     for step in 1..=steps {
///         page.write(format!("<li>{step}</li>").as_bytes()).await?;
///     }
///     page.write(b"</ol>").await?;
///     Ok(())
/// }
/// ```
///
/// ## `json`
///
/// `json = Json` uses the JSON code of a [`json_context`] for the event and the response. A type that
/// is not registered there does not compile.
///
/// ## `init`
///
/// `init = function` names a function that makes the state for all calls: clients, tables, secrets. It
/// is `async` or not, takes nothing and returns the state or a `Result` of it. It runs once, before the
/// first event, while Lambda provides the full CPU. If it fails, Lambda gets the error, and the process
/// ends.
///
/// The state lives as long as the process, and has to be `Sync`. The handler takes a reference to it,
/// or to what it dereferences to: a `&[String]` of a `Vec<String>`.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::io;
///
/// use lambda_native::{Context, lambda_handler};
///
/// struct Prices(BTreeMap<String, u32>);
///
/// async fn load() -> io::Result<Prices> {
///     let table = std::fs::read_to_string("prices.json")?;
///     Ok(Prices(serde_json::from_str(&table)?))
/// }
///
/// #[lambda_handler(init = load)]
/// async fn price(item: String, _: &Context, prices: &Prices) -> Option<u32> {
///     prices.0.get(&item).copied()
/// }
/// ```
///
/// ## `wrap`
///
/// `wrap = function` names an async function that gets each request before the handler of a route, or one marked
/// `http`. It calls the rest with `next`, or responds itself:
///
/// ```
/// use lambda_native::http::{Problem, Request, Response};
/// use lambda_native::lambda_handler;
///
/// /// Refuses requests without a key, and passes the name of the user on.
/// async fn signed_in(
///     request: &Request<'_>,
///     next: impl AsyncFnOnce(&Request<'_>) -> Response,
/// ) -> Result<Response, Problem> {
///     match request.header("authorization") {
///         Some("Bearer secret") => {
///             let request = request.clone().with_header("x-user", "Ada");
///             Ok(next(&request).await.with_header("cache-control", "private"))
///         }
///         _ => Err(Problem::new(401)),
///     }
/// }
///
/// #[lambda_handler(get = "/hello", wrap = signed_in)]
/// async fn hello(#[header] x_user: &str) -> String {
///     format!("hello, {x_user}")
/// }
///
/// # use lambda_native::testing::block_on;
/// // A test calls it with a closure in place of the handler.
/// let next = async |_: &Request<'_>| Response::new(200);
/// let refused = block_on(signed_in(&Request::new("GET", "/hello"), next));
/// assert_eq!(refused, Err(Problem::new(401)));
/// ```
///
/// It returns what a handler can return. `wrap = [timed, signed_in]` names several, the outermost first. They wrap
/// the handler; those of [`main!`](crate::main#wrappers) wrap the program, also where no route takes the request.
///
/// ## `after`
///
/// `after = function` names an async function that runs after each invocation, once Lambda has the response or the
/// error, and before the next event: the place to flush telemetry. [`Handler::after`](crate::Handler::after) says
/// more. In a program of several handlers, it stands in [`main!`](crate::main).
///
/// ```
/// use lambda_native::{Context, lambda_handler};
///
/// async fn flush(context: &Context) {
///     println!("send the spans within {:?}", context.remaining_time());
/// }
///
/// #[lambda_handler(after = flush)]
/// async fn double(number: u64) -> u64 {
///     number * 2
/// }
/// ```
///
/// ## `named`
///
/// The handler is one of several that [`main!`](crate::main) lists. `named = "orders.list"` gives it
/// another name than that of the function, up to 128 bytes without spaces.
///
/// ## `flavor` and `worker_threads`
///
/// `flavor = "multi_thread"` calls the function on a tokio runtime with one thread for each CPU, or as
/// many as `worker_threads = 4` says; it needs the feature `multi-thread`. The default is `flavor =
/// "current_thread"`. With either, the function's future stays on its thread and does not have to be
/// `Send`.
///
/// ## `crate`
///
/// `crate = path` is the path of `lambda_native`, if it comes through another crate. The path can stand in quotes.
/// A dependency that has another name in `Cargo.toml` is found without it.
///
/// # Expansion
///
/// The macro adds a type that stands for the function, with the code that a person would write for
/// [`Handler`](crate::Handler), a `main` that starts the runtime, and [a record](crate::record) of the
/// function for tools. Everything is decided when the program is compiled, and nothing is boxed.
///
/// # .NET
///
/// | in .NET | here |
/// |---|---|
/// | `static Task Main()`, `LambdaBootstrapBuilder.Create(handler, serializer).Build().RunAsync()` | emitted by `#[lambda_handler]`, as above |
/// | `new SourceGeneratorLambdaJsonSerializer<LambdaFunctionJsonSerializerContext>()` | `#[lambda_handler(json = Json)]`; without it, code for the function's own types |
/// | `[JsonSerializable(typeof(Order))]` on a `JsonSerializerContext` | [`#[json_context(Order)]`](json_context) on a struct |
/// | `JsonSerializer.Serialize(value, Context.Default.Order)` | [`Json::to_string(&value)`](json_context#the-types) |
/// | a type that is not registered: `JsonTypeInfo metadata … was not provided`, thrown at the first event | [`` type `Order` is not registered in `Json` ``](json_context#unregistered-types), from the compiler |
/// | `PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase` | [`#[serde(rename_all = "camelCase")]`](json_context#names-and-null) on the type |
/// | `DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull` | [`#[serde(skip_serializing_if = "Option::is_none")]`](json_context#names-and-null) on the field |
/// | `null` for a `string` that is not nullable: a `NullReferenceException` later | [an error when the event is read](json_context#names-and-null): `invalid type: null, expected a string`; a field that can be `null` is an `Option` |
/// | `Stream` in and out | `&[u8]` in, as [above](#the-function); [`stream`](#stream) out |
/// | static fields, the constructor | [`init`](#init) |
/// | `ANNOTATIONS_HANDLER`, `_HANDLER` and a `switch` in `Main` for many handlers | [`main!`](crate::main) |
pub use lambda_native_macros::lambda_handler;

/// Turns a unit struct into a JSON context: a closed list of types, with the code that reads and
/// writes each.
///
/// # The types
///
/// A handler uses the code of the context for its event and its response with `json = …`, and its body
/// calls the functions of the context:
///
/// ```
/// use std::collections::BTreeMap;
///
/// use lambda_native::{json, json_context, lambda_handler};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize, Serialize)]
/// struct Order<'a> {
///     item: &'a str,
///     options: String,
/// }
///
/// #[derive(Deserialize, Serialize)]
/// struct Receipt {
///     gift: bool,
/// }
///
/// #[json_context(Order<'_>, Receipt, BTreeMap<String, bool>)]
/// struct Json;
///
/// #[lambda_handler(json = Json)]
/// async fn checkout(order: Order<'_>) -> Result<Receipt, json::Error> {
///     let options = Json::from_str::<BTreeMap<String, bool>>(&order.options)?;
///     Ok(Receipt { gift: options.get("gift").copied().unwrap_or(false) })
/// }
///
/// # use lambda_native::testing::block_on;
/// let order = Json::from_str(r#"{"item":"tea","options":"{\"gift\":true}"}"#)?;
/// let receipt = block_on(checkout(order))?;
/// assert_eq!(Json::to_string(&receipt)?, r#"{"gift":true}"#);
/// assert_eq!(Json::TYPES, ["Order<'_>", "Receipt", "BTreeMap<String, bool>"]);
/// # Ok::<(), lambda_native::json::Error>(())
/// ```
///
/// The struct gets
///
/// | | |
/// |---|---|
/// | `from_slice::<T>(json: &[u8])` | reads a `T`, borrowed from `json` where it borrows |
/// | `from_str::<T>(json: &str)` | the same |
/// | `to_vec(&value)` | writes a value |
/// | `to_string(&value)` | the same |
/// | `TYPES` | the registered types, as they are written in the list |
///
/// with its own visibility. A type needs [`Deserialize`](serde::Deserialize) only if it is read through the
/// context, and [`Serialize`](serde::Serialize) only if it is written.
///
/// # Unregistered types
///
/// A type that is not listed does not compile:
///
/// ```compile_fail,E0277
/// use lambda_native::{json_context, lambda_handler};
///
/// #[json_context(String)]
/// struct Json;
///
/// #[lambda_handler(json = Json)]
/// async fn count(words: Vec<String>) -> String {
///     words.len().to_string()
/// }
/// ```
///
/// ```text
/// error[E0277]: type `Vec<String>` is not registered in `Json`
///   |
/// 7 | async fn count(words: Vec<String>) -> String {
///   |                       ^^^^^^^^^^^ not registered in `Json`
///   |
///   = note: add it: `#[json_context(…, Vec<String>)]`
/// ```
///
/// # Names and `null`
///
/// The [attributes of `serde`](https://serde.rs/attributes.html) decide how a type looks in JSON:
///
/// ```
/// use lambda_native::json_context;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Deserialize, Serialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Order {
///     /// Required, and not `null`.
///     order_id: u64,
///     /// Can be missing or `null`, and is not written if it is.
///     #[serde(skip_serializing_if = "Option::is_none")]
///     note: Option<String>,
///     /// Can be missing.
///     #[serde(default)]
///     tags: Vec<String>,
/// }
///
/// #[json_context(Order)]
/// struct Json;
///
/// let order: Order = Json::from_str(r#"{"orderId":7,"note":null}"#)?;
/// assert_eq!(Json::to_string(&order)?, r#"{"orderId":7,"tags":[]}"#);
///
/// let error = Json::from_str::<Order>(r#"{"orderId":null}"#).unwrap_err();
/// assert_eq!(error.to_string(), "invalid type: null, expected u64 at line 1 column 15");
/// # Ok::<(), lambda_native::json::Error>(())
/// ```
///
/// # `crate`
///
/// `#[json_context(Order, crate = path)]` names the path of `lambda_native`, if it comes through another crate.
/// The path can stand in quotes.
pub use lambda_native_macros::json_context;

/// Writes the `main` of a program with several handlers, each marked `named`. Lambda's setting
/// `Handler` chooses the one that runs.
///
/// ```
/// use lambda_native::lambda_handler;
///
/// #[lambda_handler(named)]
/// async fn create(item: String) -> String {
///     item
/// }
///
/// mod orders {
///     use lambda_native::lambda_handler;
///
///     #[lambda_handler(named)]
///     pub(crate) async fn list() -> Vec<String> {
///         Vec::new()
///     }
/// }
///
/// lambda_native::main!(create, orders::list);
/// ```
///
/// So one package is deployed as several functions, for example with `Handler: create` and `Handler:
/// list` in a SAM template. The setting is the name of the function, or ends with it after a dot, as in
/// `orders.list`. With any other, the process does not start, and the error that Lambda gets lists the
/// names. Functions of the same name in two modules need names of their own, such as `named =
/// "orders.list"` and `named = "users.list"`.
///
/// # Routes
///
/// A program whose handlers have [routes](lambda_handler#get-post-put-patch-delete-head-options-any) serves
/// all of them, unless the setting names one. Two handlers with the same route do not compile.
///
/// # State
///
/// `main!(create, list, init = connect)` makes one state for all handlers that have no `init` of their own.
/// They take a reference to the very type that the function returns:
///
/// ```
/// use lambda_native::lambda_handler;
///
/// struct Store {
///     items: Vec<String>,
/// }
///
/// async fn connect() -> std::io::Result<Store> {
///     Ok(Store { items: vec!["tea".to_owned()] })
/// }
///
/// #[lambda_handler(named, get = "/items")]
/// async fn list(store: &Store) -> String {
///     store.items.join("\n")
/// }
///
/// #[lambda_handler(named, get = "/items/{number}")]
/// async fn item(number: usize, store: &Store) -> Option<String> {
///     store.items.get(number).cloned()
/// }
///
/// lambda_native::main!(list, item, init = connect);
/// ```
///
/// # Wrappers
///
/// `main!(…, wrap = function)` wraps the program as [`wrap`](lambda_handler#wrap) wraps one handler, so that also a
/// `404` and a `405` go through it. It is for requests: a handler of events is not wrapped, and one that is marked
/// `http` does not compile. `after = function` names the hook of the program, as [`after`](lambda_handler#after).
///
/// ```
/// use lambda_native::http::{Request, Response};
/// use lambda_native::{Context, lambda_handler};
///
/// async fn cors(
///     request: &Request<'_>,
///     next: impl AsyncFnOnce(&Request<'_>) -> Response,
/// ) -> Response {
///     let response = match request.method() {
///         "OPTIONS" => Response::new(204).with_header("access-control-allow-methods", "GET"),
///         _ => next(request).await,
///     };
///     response.with_header("access-control-allow-origin", "https://example.com")
/// }
///
/// async fn flush(_: &Context) {}
///
/// #[lambda_handler(named, get = "/items")]
/// async fn list() -> &'static str {
///     "tea"
/// }
///
/// lambda_native::main!(list, wrap = cors, after = flush);
/// ```
///
/// # Chosen handlers
///
/// Each handler has its own arguments, and only the chosen one runs its `init`. The program contains
/// the event loop once, whatever the number of handlers. A `named` handler comes with a hidden type of
/// the same name, by which `main!` finds it.
#[macro_export]
macro_rules! main {
    ($($handlers:tt)*) => { $crate::__private::write_main! { ($crate) $($handlers)* } };
}
