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
#[doc(hidden)]
#[allow(non_camel_case_types)]
pub(crate) struct __checkout {}
impl lib::lambda::__private::Function for __checkout {
    const NAME: &'static ::core::primitive::str = "checkout";
    #[allow(deprecated)]
    fn start() -> ::std::process::ExitCode {
        use lib::lambda::__private;
        #[allow(unused_imports)]
        use __private::{
            FromJson as _, Now as _, Other as _, Standard as _, Value as _, Wrapped as _,
        };
        const DESCRIPTION: __private::Description<'static> = __private::Description {
            name: "checkout",
            kind: lib::lambda::record::Kind::Event,
            input: ::core::option::Option::Some("Order<'_>"),
            output: "Receipt",
            types: <types::Json as lib::lambda::json::JsonContext>::TYPES,
        };
        static RECORD: [::core::primitive::u8; DESCRIPTION.size()] = DESCRIPTION
            .record();
        let __init = async || {
            let __made = __private::Returned(__private::Called(connect()).output().await)
                .into_result()
                .map_err(|__error| {
                    (&&&__private::Reason::of(&__error))
                        .failure(::core::convert::identity(__error))
                })?;
            ::core::result::Result::Ok(
                __private::handler(
                    ::core::convert::identity(__made),
                    async |__state, __event, __context, __reply| {
                        let __function = checkout;
                        let __call = |__event| __function(
                            __event,
                            __private::parameter(__context, ::core::marker::PhantomData),
                            __state,
                        );
                        let __event = __private::Event::of(&__call)
                            .registered::<
                                types::Json,
                            >(__event, ::core::marker::PhantomData)?;
                        let __output = __private::Returned(
                                __private::Called(__call(__event)).output().await,
                            )
                            .into_result()
                            .map_err(|__error| {
                                (&&&__private::Reason::of(&__error))
                                    .failure(::core::convert::identity(__error))
                            });
                        __private::encode_registered(
                            ::core::marker::PhantomData::<types::Json>,
                            &__output?,
                            __reply,
                        )
                    },
                ),
            )
        };
        __private::keep(
            &RECORD,
            __private::start_flavor_with(
                __private::MultiThread,
                ::core::num::NonZero::new(4),
                __init,
            ),
        )
    }
}
#[allow(unused_imports)]
use lib::lambda::__private::once::*;
only_one_lambda_handler_writes_main! {
    { fn main() -> ::std::process::ExitCode { lib::lambda::__private::main:: < __checkout
    > () } } {
    ::core::compile_error!("this program has its `main` already: a `#[lambda_handler]` above, or a `main!`\nhint: for several handlers in one program, mark each `#[lambda_handler(named)]` and list them in one `lambda_native::main!(…)`");
    }
}
#[allow(unused_macros)]
macro_rules! only_one_lambda_handler_writes_main {
    ({ $($main:tt)* } { $($error:tt)* }) => {
        $($error)*
    };
}
