#[lambda_handler(http, stream)]
async fn page(request: Request<'_>, _: &Context, page: &mut Reply<'_>) {
    todo()
}

// ----------------------------------------------------------------

async fn page(request: Request<'_>, _: &Context, page: &mut Reply<'_>) {
    todo()
}
#[allow(non_camel_case_types)]
struct __page {}
impl ::lambda_native::__private::Function for __page {
    const NAME: &'static ::core::primitive::str = "page";
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
                        let __function = page;
                        let __written = __private::Written(&mut *__reply);
                        let __request = ::lambda_native::http::Request::from_slice(
                            __event,
                        )?;
                        let __call = move |__event| __function(
                            __event,
                            __private::parameter(__context, ::core::marker::PhantomData),
                            __written.parameter(::core::marker::PhantomData),
                        );
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
                        __private::responded(
                                ::core::convert::identity(__output),
                                __context,
                                __reply,
                            )
                            .await
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
            name: "page",
            kind: ::lambda_native::record::Kind::Http,
            input: ::core::option::Option::Some("Request<'_>"),
            output: "()",
            types: &[],
        };
        static RECORD: [::core::primitive::u8; DESCRIPTION.size()] = DESCRIPTION
            .record();
        __private::keep(&RECORD, ::lambda_native::start_with(init))
    }
}
#[allow(unused_imports)]
use ::lambda_native::__private::once::*;
only_one_lambda_handler_writes_main! {
    { fn main() -> ::std::process::ExitCode { ::lambda_native::__private::main:: < __page
    > (::lambda_native::__private::Root:: < {
    ::lambda_native::__private::is_root(::core::module_path!()) } >) } } {
    ::core::compile_error!("this program has its `main` already: a `#[lambda_handler]` above, or a `main!`\nhint: for several handlers in one program, mark each `#[lambda_handler(named)]` and list them in one `lambda_native::main!(…)`");
    }
}
#[allow(unused_macros)]
macro_rules! only_one_lambda_handler_writes_main {
    ({ $($main:tt)* } { $($error:tt)* }) => {
        $($error)*
    };
}
