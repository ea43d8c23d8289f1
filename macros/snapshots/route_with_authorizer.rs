#[lambda_handler(named, get = "/me", auth = auth::check)]
async fn me(#[authorizer] user: User) -> Json<User> {
    todo()
}

// ----------------------------------------------------------------

#[allow(clippy::unused_async)]
async fn me(user: User) -> Json<User> {
    todo()
}
#[doc(hidden)]
#[allow(non_camel_case_types)]
struct me {}
impl ::lambda_native::__private::Function for me {
    type State = ::lambda_native::__private::NoState;
    const NAME: &'static ::core::primitive::str = "me";
    const RECORD: &'static [::core::primitive::u8] = {
        const DESCRIPTION: ::lambda_native::__private::Description<'static> = ::lambda_native::__private::Description {
            name: "me",
            kind: ::lambda_native::__private::Kind::Http,
            input: ::core::option::Option::None,
            output: "Json<User>",
            types: &[],
            doc: "",
            routes: &[::lambda_native::__private::RouteDescription("GET", "/me")],
            parameters: &[
                ::lambda_native::__private::ParameterDescription(
                    "authorizer",
                    "",
                    "User",
                    true,
                ),
            ],
            source: ::core::option::Option::None,
            auth: <me as ::lambda_native::__private::Function>::AUTH,
            named: true,
        };
        &DESCRIPTION.record::<{ DESCRIPTION.size() }>()
    };
    const ROUTES: &'static [::lambda_native::__private::Route] = &[
        ::lambda_native::__private::Route {
            method: "GET",
            path: "/me",
        },
    ];
    const AUTH: ::core::option::Option<&'static ::core::primitive::str> = ::core::option::Option::Some(
        <auth::check as ::lambda_native::__private::authorizer::Authorizer>::AUTHORIZER,
    );
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
        if let ::core::option::Option::Some(refusal) = request.unauthorized() {
            return refusal;
        }
        let mut arguments = request.arguments();
        let user = arguments.authorizer::<User>();
        let ::core::option::Option::Some(user) = user else {
            return arguments.refuse();
        };
        let output = me(user).await;
        let output = __private::http_output_kind(&output).result(output);
        __private::response(output)
    }
}
