#[lambda_handler(authorizer)]
async fn check(#[header] x_token: &str, request: &Request<'_>) -> Result<Allow<User>, Deny> {
    todo()
}

// ----------------------------------------------------------------

#[allow(clippy::unused_async)]
async fn check(x_token: &str, request: &Request<'_>) -> Result<Allow<User>, Deny> {
    todo()
}
struct __check {}
impl ::lambda_native::__private::Function for __check {
    type State = ::lambda_native::__private::NoState;
    const NAME: &'static ::core::primitive::str = "check";
    const RECORD: &'static [::core::primitive::u8] = {
        const DESCRIPTION: ::lambda_native::__private::Description<'static> = ::lambda_native::__private::Description {
            name: "check",
            kind: ::lambda_native::__private::Kind::Authorizer,
            input: ::core::option::Option::None,
            output: "Result<Allow<User>, Deny>",
            types: &[],
            doc: "",
            routes: &[],
            parameters: &[
                ::lambda_native::__private::ParameterDescription(
                    "header",
                    "x-token",
                    "&str",
                    true,
                ),
                ::lambda_native::__private::ParameterDescription(
                    "request",
                    "",
                    "Request<'_>",
                    true,
                ),
            ],
            source: ::core::option::Option::None,
            auth: ::core::option::Option::None,
            named: false,
        };
        &DESCRIPTION.record::<{ DESCRIPTION.size() }>()
    };
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
        let asked = __private::authorizer::Asked::read(event, "x-token", false)?;
        let request = &asked.matched();
        let mut arguments = request.arguments();
        let x_token = arguments.header::<&str>("x-token");
        let ::core::option::Option::Some(x_token) = x_token else {
            return asked.refuse(reply);
        };
        let output = check(x_token, request.request()).await;
        let output = __private::http_output_kind(&output).result(output);
        asked.respond(output, reply)
    }
}
impl ::lambda_native::__private::authorizer::Authorizer for __check {}
fn main() -> ::std::process::ExitCode {
    const _: () = ::lambda_native::__private::assert_crate_root(::core::module_path!());
    ::lambda_native::__private::main::<__check>()
}
