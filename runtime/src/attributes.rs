//! The macros, with their documentation.

/// Makes a Lambda function of a Rust function: emits `main`, which takes events from Lambda and
/// answers each with the function, and the JSON code for exactly its types.
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
/// The function stays as it is written, with its attributes, documentation and visibility, so that
/// [tests call it](crate::testing) by its name.
///
/// # The function
///
/// It is `async` or not, and takes, in this order and as many of them as it needs:
///
/// 1. the event:
///
///    | type | what it is |
///    |---|---|
///    | any that is [`Deserialize`](serde::Deserialize) | the event, read as JSON |
///    | `Order<'_>`, `&RawValue` | the same, borrowed from the payload where nothing has to be changed |
///    | `&str` | a text without escapes; `Cow<'_, str>` takes those too |
///    | [`serde_json::Value`](https://docs.rs/serde_json/latest/serde_json/enum.Value.html) | JSON of any shape |
///    | `&[u8]` | the payload itself, JSON or not |
///    | [`IgnoredAny`](serde::de::IgnoredAny) | an event that is not looked at |
///
/// 2. the invocation's [`Context`](crate::Context), as `&Context` or `Context`;
/// 3. the state that [`init`](#init) makes, as a reference;
/// 4. with [`stream`](#stream), the reply.
///
/// It returns
///
/// - a value that is [`Serialize`](serde::Serialize), the reply; nothing is `null`;
/// - or a `Result` of one, with an error that can be reported. Its type, message and causes are
///   what Lambda is told:
///
///    | error | its `errorType` |
///    |---|---|
///    | any [`std::error::Error`] | the type's name: `ParseIntError` |
///    | [`Failure`](crate::Failure) | its own |
///    | `Box<dyn Error>`, with or without `Send` and `Sync`; `anyhow::Error`; `eyre::Report` | `Error` |
///    | `String`, `&str` | `Error` |
///
/// It cannot be generic, for there is no one who could say for which types, nor a method. It stands
/// in the root of the program, where `main` is; in a module it is [`named`](#named).
///
/// # Arguments
///
/// They are separated by commas: `#[lambda_handler(http, init = connect)]`.
///
/// ## `http`
///
/// The function takes an [`http::Request`](crate::http::Request) in place of the event, and returns
/// anything that is [`http::IntoResponse`](crate::http::IntoResponse), or a `Result` of it:
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
/// ## `stream`
///
/// The function writes its reply itself, to its last parameter, a `&mut` [`Reply`](crate::Reply), and
/// returns nothing or a `Result` of nothing. What it writes to [`Reply::stream`](crate::Reply::stream)
/// is sent while it runs:
///
/// ```
/// use std::io;
///
/// use lambda_native::{Reply, lambda_handler};
///
/// #[lambda_handler(stream)]
/// async fn count(end: u32, reply: &mut Reply<'_>) -> io::Result<()> {
///     let mut lines = reply.stream("text/plain");
///     for number in 1..=end {
///         lines.write(format!("{number}\n").as_bytes()).await?;
///     }
///     Ok(())
/// }
///
/// # use lambda_native::testing::block_on;
/// let mut reply = Reply::default(); // in a test it is written to memory
/// block_on(count(2, &mut reply))?;
/// assert_eq!(reply.body(), b"1\n2\n");
/// # Ok::<(), io::Error>(())
/// ```
///
/// With `http` beside it the answer begins with a status and headers, which
/// [`http::stream`](crate::http::stream()) sends. A function that fails before is answered as any HTTP
/// function that fails, one that does nothing with a `204`; a failure after the beginning ends the
/// stream, and Lambda is told of it.
///
/// ```
/// use lambda_native::http::{self, Request, Response};
/// use lambda_native::{Failure, Reply, lambda_handler};
///
/// #[lambda_handler(http, stream)]
/// async fn page(request: Request<'_>, reply: &mut Reply<'_>) -> Result<(), Failure> {
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
/// `json = Json` takes the event's and the reply's JSON code from a [`json_context`]; a type that is
/// not registered there does not compile. Without it the handler has the code of its own two types.
///
/// ## `init`
///
/// `init = function` makes the state that all calls share: clients, tables, secrets. It runs once,
/// before the first event, while Lambda still gives the whole CPU; it is async or not, and if it
/// fails, Lambda is told so and the process ends.
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
/// ## `named`
///
/// The handler is one of several in one program; see [`main!`](crate::main).
///
/// ## `flavor` and `worker_threads`
///
/// `flavor = "multi_thread"` calls the function on a tokio runtime with several threads, one for
/// each CPU or as many as `worker_threads = 4` says; it needs the feature `multi-thread`. The
/// default is `flavor = "current_thread"`. Either way the function's future stays on its thread, and
/// may hold what is not `Send`.
///
/// ## `crate`
///
/// `crate = path` says what `lambda_native` is called, where it is renamed or comes through another
/// crate.
///
/// # What is emitted
///
/// Beside the function, a `main` that starts the runtime, and [a record](crate::record) of the
/// function for tools. Nothing is boxed, and what kind of event, reply and error there is, is decided
/// when the program is compiled. It is what one would write with [`Handler`](crate::Handler) and
/// [`start_with`](crate::start_with).
///
/// # .NET
///
/// | in .NET | here |
/// |---|---|
/// | `static Task Main()`, `LambdaBootstrapBuilder.Create(handler, serializer).Build().RunAsync()` | emitted by `#[lambda_handler]`, as above |
/// | `new SourceGeneratorLambdaJsonSerializer<LambdaFunctionJsonSerializerContext>()` | `#[lambda_handler(json = Json)]`; without it, the function's own types |
/// | `[JsonSerializable(typeof(Order))]` on a `JsonSerializerContext` | [`#[json_context(Order)]`](json_context) on a struct |
/// | `JsonSerializer.Serialize(value, Context.Default.Order)` | [`Json::to_string(&value)`](json_context#the-types) |
/// | a type that is not registered: `JsonTypeInfo metadata … was not provided`, thrown at the first event | [`` type `Order` is not registered in `Json` ``](json_context#what-is-not-registered), from the compiler |
/// | `PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase` | [`#[serde(rename_all = "camelCase")]`](json_context#names-and-null) on the type |
/// | `DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull` | [`#[serde(skip_serializing_if = "Option::is_none")]`](json_context#names-and-null) on the field |
/// | `null` for a `string` that the code takes for granted: a `NullReferenceException` later | [an error of the event](json_context#names-and-null): `invalid type: null, expected a string`; what may be `null` is an `Option` |
/// | `Stream` in and out | `&[u8]` in, as [above](#the-function); [`stream`](#stream) out |
/// | static fields, the constructor | [`init`](#init) |
/// | `ANNOTATIONS_HANDLER`, `_HANDLER` and a `switch` in `Main` for many handlers | [`main!`](crate::main) |
pub use lambda_native_macros::lambda_handler;

/// Makes a JSON context of a unit struct: a closed list of types, with the code that reads and
/// writes each, once.
///
/// # The types
///
/// A handler takes its code from the context with `json = …`, and its body reads and writes with the
/// context's functions:
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
/// as visible as it is itself. Each type has to be both [`Serialize`](serde::Serialize) and
/// [`Deserialize`](serde::Deserialize).
///
/// # What is not registered
///
/// does not compile, where the other way to find out is an event in production:
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
/// 6 | #[lambda_handler(json = Json)]
///   | ------------------------------ required by a bound introduced by this call
/// 7 | async fn count(words: Vec<String>) -> String {
///   |                       ^^^^^^^^^^^ not registered in `Json`
///   |
///   = note: add it: `#[json_context(…, Vec<String>)]`
/// ```
///
/// # Names and `null`
///
/// How a type looks in JSON is said at the type, with the
/// [attributes of `serde`](https://serde.rs/attributes.html):
///
/// ```
/// use lambda_native::json_context;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Deserialize, Serialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Order {
///     /// Has to be there, and not `null`.
///     order_id: u64,
///     /// May be missing or `null`, and is not written if it is.
///     #[serde(skip_serializing_if = "Option::is_none")]
///     note: Option<String>,
///     /// May be missing.
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
/// `#[json_context(Order, crate = path)]` says what `lambda_native` is called, where it is renamed.
pub use lambda_native_macros::json_context;

/// The `main` of a program with several handlers, each marked `named`: Lambda's setting `Handler`
/// says which of them an invocation is for.
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
/// One package can so be deployed as many functions, as with `Handler: create` and `Handler: list` in
/// a SAM template. The setting is the function's name, or ends with it after a dot, as in
/// `orders.list`; with any other the function does not start, and Lambda is told the names that
/// there are.
///
/// Each handler has its own arguments, and what is not chosen is not initialized; the runtime is in
/// the program once, whatever their number. Beside a `named`
/// function a hidden type of the same name is emitted, by which `main!` finds it.
#[macro_export]
macro_rules! main {
    ($($handlers:tt)*) => { $crate::__private::write_main_of! { ($crate) $($handlers)* } };
}
