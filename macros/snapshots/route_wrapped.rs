#[lambda_handler(get = "/notes/{id}", wrap = [timed, users::signed_in], after = flush)]
async fn note(id: u64) -> Option<String> {
    todo()
}

// ----------------------------------------------------------------

#[allow(clippy::unused_async)]
async fn note(id: u64) -> Option<String> {
    todo()
}
struct __note {}
impl ::lambda_native::__private::Function for __note {
    type State = ::lambda_native::__private::NoState;
    const NAME: &'static ::core::primitive::str = "note";
    const RECORD: &'static [::core::primitive::u8] = {
        const DESCRIPTION: ::lambda_native::__private::Description<'static> = ::lambda_native::__private::Description {
            name: "note",
            kind: ::lambda_native::__private::Kind::Http,
            input: ::core::option::Option::None,
            output: "Option<String>",
            types: &[],
            doc: "",
            routes: &[
                ::lambda_native::__private::RouteDescription("GET", "/notes/{id}"),
            ],
            parameters: &[
                ::lambda_native::__private::ParameterDescription(
                    "path",
                    "id",
                    "u64",
                    true,
                ),
            ],
            source: ::core::option::Option::None,
            auth: ::core::option::Option::None,
            named: false,
        };
        &DESCRIPTION.record::<{ DESCRIPTION.size() }>()
    };
    const ROUTES: &'static [::lambda_native::__private::Route] = &[
        ::lambda_native::__private::Route {
            method: "GET",
            path: "/notes/{id}",
        },
    ];
    async fn init(
        _: &'static ::lambda_native::__private::NoState,
    ) -> ::core::result::Result<Self, ::lambda_native::Error> {
        ::core::future::ready(::core::result::Result::Ok(Self {})).await
    }
    async fn respond(
        &self,
        request: &::lambda_native::__private::Matched<'_>,
        context: &::lambda_native::Context,
    ) -> ::lambda_native::http::Response {
        use ::lambda_native::__private::{self, http_traits::*};
        let matched = request;
        let next = async |
            request: &::lambda_native::http::Request<'_>,
        | -> ::lambda_native::http::Response {
            let request = &matched.with(request);
            let mut arguments = request.arguments();
            let id = arguments.path::<u64>("id");
            let ::core::option::Option::Some(id) = id else {
                return arguments.refuse();
            };
            let output = note(id).await;
            let output = __private::http_output_kind(&output).result(output);
            __private::wrapped(output)
        };
        let request = matched.request();
        let next = async |
            request: &::lambda_native::http::Request<'_>,
        | -> ::lambda_native::http::Response {
            let output = users::signed_in(request, next).await;
            let output = __private::http_output_kind(&output).result(output);
            __private::wrapped(output)
        };
        let output = timed(request, next).await;
        let output = __private::http_output_kind(&output).result(output);
        __private::wrapped(output)
    }
    async fn after(context: &::lambda_native::Context) {
        flush(context).await
    }
}
fn main() -> ::std::process::ExitCode {
    const _: () = ::lambda_native::__private::assert_crate_root(::core::module_path!());
    ::lambda_native::__private::main_with_routes::<__note>()
}
