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
    fn start() -> ::std::process::ExitCode {
        use ::lambda_native::__private;
        #[allow(unused_imports)]
        use __private::{
            FromJson as _, Now as _, Other as _, Standard as _, Value as _, Wrapped as _,
        };
        const DESCRIPTION: __private::Description<'static> = __private::Description {
            name: "hello",
            kind: ::lambda_native::record::Kind::Http,
            input: ::core::option::Option::Some("Request<'_>"),
            output: "Response",
            types: &[],
        };
        static RECORD: [::core::primitive::u8; DESCRIPTION.size()] = DESCRIPTION
            .record();
        let __init = async || {
            let __made = ();
            ::core::result::Result::Ok(
                __private::handler(
                    __made,
                    async |__state, __event, __context, __reply| {
                        let __function = hello;
                        let __request = ::lambda_native::http::Request::from_slice(
                            __event,
                        )?;
                        let __kind = __request.kind();
                        let __call = |__event| __function(__event);
                        let __event = __private::Event::of(&__call)
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
        };
        __private::keep(&RECORD, ::lambda_native::start_with(__init))
    }
}
