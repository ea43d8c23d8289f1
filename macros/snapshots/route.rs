#[lambda_handler(named, put = "/notes/{id}", patch = "/notes/{id}", json = Types)]
async fn note(#[header] if_match: Option<&str>, id: u64, #[body] note: Note<'_>, store: &Store) -> Result<Json<Note<'static>>, Problem> {
    todo()
}

// ----------------------------------------------------------------

#[allow(clippy::unused_async)]
async fn note(
    if_match: Option<&str>,
    id: u64,
    note: Note<'_>,
    store: &Store,
) -> Result<Json<Note<'static>>, Problem> {
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
            output: "Result<Json<Note<'static>>, Problem>",
            types: <Types as ::lambda_native::json::JsonContext>::TYPES,
            doc: "",
            routes: &[
                ::lambda_native::__private::RouteDescription("PUT", "/notes/{id}"),
                ::lambda_native::__private::RouteDescription("PATCH", "/notes/{id}"),
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
                    "Note<'_>",
                    true,
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
        ::lambda_native::__private::Route {
            method: "PATCH",
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
        let note = arguments.json_with::<Types, Note<'_>>();
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
}
