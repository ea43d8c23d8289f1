#[lambda_handler(http, stream)]
async fn page(request: Request<'_>, _: &Context, page: &mut Reply) {
    todo()
}

// ----------------------------------------------------------------

#[allow(clippy::unused_async)]
async fn page(request: Request<'_>, _: &Context, page: &mut Reply) {
    todo()
}
struct __page {}
impl ::lambda_native::__private::Function for __page {
    type State = ::lambda_native::__private::NoState;
    const NAME: &'static ::core::primitive::str = "page";
    const RECORD: &'static [::core::primitive::u8] = {
        const DESCRIPTION: ::lambda_native::__private::Description<'static> = ::lambda_native::__private::Description {
            name: "page",
            kind: ::lambda_native::__private::Kind::Http,
            input: ::core::option::Option::Some("Request<'_>"),
            output: "()",
            types: &[],
            doc: "",
            routes: &[],
            parameters: &[],
            source: ::core::option::Option::None,
            auth: ::core::option::Option::None,
            named: false,
        };
        &DESCRIPTION.record::<{ DESCRIPTION.size() }>()
    };
    const IS_HTTP: ::core::primitive::bool = true;
    async fn init(
        _: &'static ::lambda_native::__private::NoState,
    ) -> ::core::result::Result<Self, ::lambda_native::Error> {
        ::core::future::ready(::core::result::Result::Ok(Self {})).await
    }
    async fn call(
        &self,
        event: &[::core::primitive::u8],
        context: &::lambda_native::Context,
        reply: &mut ::lambda_native::Reply,
    ) -> ::core::result::Result<(), ::lambda_native::Error> {
        use ::lambda_native::__private::{self, http_traits::*};
        let (request, _) = __private::http::request::<Request<'_>>(event)?;
        let output = page(request, context, reply).await;
        let output = __private::http_output_kind(&output).result(output);
        __private::http::written(output, reply).await
    }
}
fn main() -> ::std::process::ExitCode {
    const _: () = ::lambda_native::__private::assert_crate_root(::core::module_path!());
    ::lambda_native::__private::main::<__page>()
}
