#[lambda_handler(named, put = "/notes/{id}", json = Types)]
/// Replaces a note.
///
/// Its version must be the newest.
async fn note(#[header] if_match: Option<&str>, id: u64, #[body] note: Option<Note<'_>>, store: &Store) -> Result<Created<Json<Note<'static>>>, Problem> {
    todo()
}

// ----------------------------------------------------------------

#[allow(clippy::unused_async)]
/// Replaces a note.
///
/// Its version must be the newest.
async fn note(
    if_match: Option<&str>,
    id: u64,
    note: Option<Note<'_>>,
    store: &Store,
) -> Result<Created<Json<Note<'static>>>, Problem> {
    todo()
}
#[doc(hidden)]
#[allow(non_camel_case_types)]
struct note {
    state: &'static Store,
}
impl ::lambda_native::__private::Function for note {
    type State = Store;
    const NAME: &'static ::core::primitive::str = "note";
    const RECORD: &'static [::core::primitive::u8] = {
        const DESCRIPTION: ::lambda_native::__private::Description<'static> = ::lambda_native::__private::Description {
            name: "note",
            kind: ::lambda_native::__private::Kind::Http,
            input: ::core::option::Option::None,
            output: "Result<Created<Json<Note<'static>>>, Problem>",
            types: <Types as ::lambda_native::json::JsonContext>::TYPES,
            doc: "Replaces a note.",
            routes: &[
                ::lambda_native::__private::RouteDescription("PUT", "/notes/{id}"),
            ],
            parameters: &[
                ::lambda_native::__private::ParameterDescription(
                    "header",
                    "if-match",
                    "Option<&str>",
                    false,
                ),
                ::lambda_native::__private::ParameterDescription(
                    "path",
                    "id",
                    "u64",
                    true,
                ),
                ::lambda_native::__private::ParameterDescription(
                    "body",
                    "",
                    "Option<Note<'_>>",
                    false,
                ),
            ],
            source: ::core::option::Option::None,
            auth: ::core::option::Option::None,
            named: true,
        };
        &DESCRIPTION.record::<{ DESCRIPTION.size() }>()
    };
    const ROUTES: &'static [::lambda_native::__private::Route] = &[
        ::lambda_native::__private::Route {
            method: "PUT",
            path: "/notes/{id}",
        },
    ];
    async fn init(
        state: &'static Store,
    ) -> ::core::result::Result<Self, ::lambda_native::Error> {
        ::core::future::ready(::core::result::Result::Ok(Self { state })).await
    }
    async fn respond(
        &self,
        request: &::lambda_native::__private::Matched<'_>,
        context: &::lambda_native::Context,
    ) -> ::lambda_native::http::Response {
        use ::lambda_native::__private::{self, http_traits::*};
        const { __private::assert_registered::<Types, Note<'static>>() };
        let mut arguments = request.arguments();
        let if_match = arguments.header::<Option<&str>>("if-match");
        let id = arguments.path::<u64>("id");
        let note = arguments.optional(|body| body.json_with::<Types, Note<'_>>());
        let (
            ::core::option::Option::Some(if_match),
            ::core::option::Option::Some(id),
            ::core::option::Option::Some(note),
        ) = (if_match, id, note) else {
            return arguments.refuse();
        };
        let output = note(if_match, id, note, self.state).await;
        let output = __private::http_output_kind(&output).result(output);
        __private::response(output)
    }
    #[cfg(debug_assertions)]
    #[allow(deprecated)]
    fn describe(operation: &mut ::lambda_native::__private::openapi::Operation<'_>) {
        use ::lambda_native::__private::{self, openapi_traits::*};
        struct __Schema0;
        impl __private::openapi::SchemaOf for __Schema0 {
            fn schema(
                generator: &mut __private::openapi::SchemaGenerator,
            ) -> __private::openapi::Schema {
                (&&__private::openapi::Type::<&str>::NEW).schema("&str", generator)
            }
        }
        struct __Schema1;
        impl __private::openapi::SchemaOf for __Schema1 {
            fn schema(
                generator: &mut __private::openapi::SchemaGenerator,
            ) -> __private::openapi::Schema {
                (&&__private::openapi::Type::<u64>::NEW).schema("u64", generator)
            }
        }
        struct __Schema2;
        impl __private::openapi::SchemaOf for __Schema2 {
            fn schema(
                generator: &mut __private::openapi::SchemaGenerator,
            ) -> __private::openapi::Schema {
                (&&__private::openapi::Type::<Note<'_>>::NEW)
                    .schema("Note<'_>", generator)
            }
        }
        struct __Schema3;
        impl __private::openapi::SchemaOf for __Schema3 {
            fn schema(
                generator: &mut __private::openapi::SchemaGenerator,
            ) -> __private::openapi::Schema {
                (&&__private::openapi::Type::<Note<'static>>::NEW)
                    .schema("Note<'static>", generator)
            }
        }
        operation.documentation("Replaces a note.\n\nIts version must be the newest.");
        operation.module(::core::module_path!());
        operation.parameter::<__Schema0>("header", "if-match", false);
        operation.parameter::<__Schema1>("path", "id", true);
        operation.body::<__Schema2>("application/json", false);
        let (value, error) = __private::openapi::Type::<
            Result<Created<Json<__private::openapi::Of<__Schema3>>>, Problem>,
        >::NEW
            .parts();
        (&&&value).describe(operation.responses());
        (&&&&error).describe(operation.responses());
    }
}
