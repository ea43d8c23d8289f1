#[lambda_handler(http, named)]
pub async fn hello(request: Request<'_>) -> Response {
    todo()
}

// ----------------------------------------------------------------

#[allow(clippy::unused_async)]
pub async fn hello(request: Request<'_>) -> Response {
    todo()
}
#[doc(hidden)]
#[allow(non_camel_case_types)]
pub struct hello {}
impl ::lambda_native::__private::Function for hello {
    type State = ::lambda_native::__private::NoState;
    const NAME: &'static ::core::primitive::str = "hello";
    const RECORD: &'static [::core::primitive::u8] = {
        const DESCRIPTION: ::lambda_native::__private::Description<'static> = ::lambda_native::__private::Description {
            name: "hello",
            kind: ::lambda_native::__private::Kind::Http,
            input: ::core::option::Option::Some("Request<'_>"),
            output: "Response",
            types: &[],
            doc: "",
            routes: &[],
            parameters: &[],
            source: ::core::option::Option::None,
            auth: ::core::option::Option::None,
            named: true,
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
        let (request, kind) = __private::http::request::<Request<'_>>(event)?;
        let output = hello(request).await;
        let output = __private::http_output_kind(&output).result(output);
        __private::http::respond(output, kind, reply)
    }
}
