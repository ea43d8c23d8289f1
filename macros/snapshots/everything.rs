#[lambda_handler(json = types::Json, init = connect, flavor = "multi_thread", worker_threads = 4, crate = lib::lambda)]
pub(crate) async fn checkout(order: Order<'_>, context: Context, database: &Database) -> Receipt {
    todo()
}

// ----------------------------------------------------------------

pub(crate) async fn checkout(
    order: Order<'_>,
    context: Context,
    database: &Database,
) -> Receipt {
    todo()
}
#[allow(non_camel_case_types)]
struct __checkout {}
impl lib::lambda::__private::Function for __checkout {
    const NAME: &'static ::core::primitive::str = "checkout";
    #[allow(deprecated)]
    async fn init() -> ::core::result::Result<
        impl lib::lambda::Handler,
        lib::lambda::Failure,
    > {
        use lib::lambda::__private;
        #[allow(unused_imports)]
        use __private::{
            Free as _, IsContext as _, IsNoContext as _, Now as _, Ordinary as _,
            Other as _, Shared as _, Special as _, Standard as _, Unshared as _,
            Value as _, Wrapped as _,
        };
        let __made = __private::Returned(__private::Called(connect()).output().await)
            .into_result()
            .map_err(|__error| {
                (&&&__private::Reason::of(&__error))
                    .failure(::core::convert::identity(__error))
            })?;
        ::core::result::Result::Ok(
            __private::State::of(&__made)
                .handler(
                    ::core::convert::identity(__made),
                    async |__state, __event, __context, __reply| {
                        let __function = checkout;
                        let __json = __private::Named(
                                ::core::marker::PhantomData::<types::Json>,
                            )
                            .context();
                        let __call = |__event| __function(
                            __event,
                            __private::parameter(__context, ::core::marker::PhantomData),
                            __state,
                        );
                        let __type = __private::Event::of(&__call).kind();
                        let __event = __type
                            .with(__json)
                            .decode(__event, ::core::marker::PhantomData)?;
                        let __output = __private::Returned(
                                __private::Called(__call(__event)).output().await,
                            )
                            .into_result()
                            .map_err(|__error| {
                                (&&&__private::Reason::of(&__error))
                                    .failure(::core::convert::identity(__error))
                            })?;
                        __type
                            .answer(&__output)
                            .kind()
                            .with(__json)
                            .encode(&__output, __reply)
                    },
                ),
        )
    }
    fn start<__H: lib::lambda::Handler>(
        init: impl ::core::ops::AsyncFnOnce(
        ) -> ::core::result::Result<__H, lib::lambda::Failure>,
    ) -> ::std::process::ExitCode {
        use lib::lambda::__private;
        const DESCRIPTION: __private::Description<'static> = __private::Description {
            name: "checkout",
            kind: lib::lambda::record::Kind::Event,
            input: ::core::option::Option::Some("Order<'_>"),
            output: "Receipt",
            types: <types::Json as lib::lambda::json::JsonContext>::TYPES,
        };
        static RECORD: [::core::primitive::u8; DESCRIPTION.size()] = DESCRIPTION
            .record();
        __private::keep(
            &RECORD,
            __private::start_flavor_with(
                __private::MultiThread,
                ::core::num::NonZero::new(4),
                init,
            ),
        )
    }
}
#[allow(unused_imports)]
use lib::lambda::__private::once::*;
only_one_lambda_handler_writes_main! {
    { fn main() -> ::std::process::ExitCode { lib::lambda::__private::main:: < __checkout
    > (lib::lambda::__private::Root:: < {
    lib::lambda::__private::is_root(::core::module_path!()) } >) } } {
    ::core::compile_error!("this program has its `main` already: a `#[lambda_handler]` above, or a `main!`\nhint: for several handlers in one program, mark each `#[lambda_handler(named)]` and list them in one `lambda_native::main!(…)`");
    }
}
#[allow(unused_macros)]
macro_rules! only_one_lambda_handler_writes_main {
    ({ $($main:tt)* } { $($error:tt)* }) => {
        $($error)*
    };
}
