#[lambda_handler(http, named)]
pub async fn hello(request: Request<'_>) -> Response {
    todo()
}

// ----------------------------------------------------------------

pub async fn hello(request: Request<'_>) -> Response {
    todo()
}
#[doc(hidden)]
#[allow(non_camel_case_types)]
pub struct hello {}
impl ::lambda_native::__private::Function for hello {
    const NAME: &'static ::core::primitive::str = "hello";
    #[allow(deprecated)]
    async fn init() -> ::core::result::Result<
        impl ::lambda_native::Handler,
        ::lambda_native::Failure,
    > {
        use ::lambda_native::__private;
        #[allow(unused_imports)]
        use __private::{
            Free as _, IsContext as _, IsNoContext as _, Now as _, Ordinary as _,
            Other as _, Shared as _, Special as _, Standard as _, Unshared as _,
            Value as _, Wrapped as _,
        };
        let __made = ();
        ::core::result::Result::Ok(
            __private::State::of(&__made)
                .handler(
                    ::core::convert::identity(__made),
                    async |__state, __event, __context, __reply| {
                        let __function = hello;
                        let __request = ::lambda_native::http::Request::from_slice(
                            __event,
                        )?;
                        let __kind = __request.kind();
                        let __call = |__event| __function(__event);
                        let __type = __private::Event::of(&__call).kind();
                        let __event = __type
                            .request(__request, ::core::marker::PhantomData);
                        let __output = __private::Returned(
                                __private::Called(__call(__event)).output().await,
                            )
                            .into_result()
                            .map_err(|__error| {
                                (&&&__private::Reason::of(&__error))
                                    .failure(::core::convert::identity(__error))
                            });
                        ::lambda_native::http::respond(
                            ::core::convert::identity(__output),
                            __kind,
                            __context,
                            __reply,
                        )
                    },
                ),
        )
    }
    fn start<__H: ::lambda_native::Handler>(
        init: impl ::core::ops::AsyncFnOnce(
        ) -> ::core::result::Result<__H, ::lambda_native::Failure>,
    ) -> ::std::process::ExitCode {
        use ::lambda_native::__private;
        const DESCRIPTION: __private::Description<'static> = __private::Description {
            name: "hello",
            kind: ::lambda_native::record::Kind::Http,
            input: ::core::option::Option::Some("Request<'_>"),
            output: "Response",
            types: &[],
        };
        static RECORD: [::core::primitive::u8; DESCRIPTION.size()] = DESCRIPTION
            .record();
        __private::keep(&RECORD, ::lambda_native::start_with(init))
    }
}
