    #[lambda_handler(stream)]
    async fn count(end: u32, reply: &mut Reply<'_>) -> io::Result<()> {
        todo()
    }

// ----------------------------------------------------------------

async fn count(end: u32, reply: &mut Reply<'_>) -> io::Result<()> {
    todo()
}
fn main() -> ::std::process::ExitCode {
    #[allow(unused_imports)]
    use ::lambda_native::__private::InAnImpl as count;
    {
        #[allow(unused_imports)]
        use self::*;
        #[allow(non_camel_case_types)]
        struct __count {}
        impl ::lambda_native::__private::Function for __count {
            const NAME: &'static ::core::primitive::str = "count";
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
                                let __function = count
                                    .free(::core::marker::PhantomData::<()>);
                                let __written = __private::Written(&mut *__reply);
                                let __call = move |__event| __function(
                                    __event,
                                    __written.parameter(::core::marker::PhantomData),
                                );
                                let __type = __private::Event::same(&__call, count.event())
                                    .kind();
                                let __event = __type
                                    .decode(__event, ::core::marker::PhantomData)?;
                                let __output = __private::Returned(
                                        __private::Called(__call(__event)).output().await,
                                    )
                                    .into_result()
                                    .map_err(|__error| {
                                        (&&&__private::Reason::of(&__error))
                                            .failure(::core::convert::identity(__error))
                                    })?;
                                __private::wrote(::core::convert::identity(__output));
                                ::core::result::Result::Ok(())
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
                    name: "count",
                    kind: ::lambda_native::record::Kind::Event,
                    input: ::core::option::Option::Some("u32"),
                    output: "io::Result<()>",
                    types: &[],
                };
                static RECORD: [::core::primitive::u8; DESCRIPTION.size()] = DESCRIPTION
                    .record();
                __private::keep(&RECORD, ::lambda_native::start_with(init))
            }
        }
        ::lambda_native::__private::main::<
            __count,
        >(
            ::lambda_native::__private::Root::<
                { ::lambda_native::__private::is_root(::core::module_path!()) },
            >,
        )
    }
}
