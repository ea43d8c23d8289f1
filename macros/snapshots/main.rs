lambda_native::main!(create, orders::list);

// ----------------------------------------------------------------

fn main() -> ::std::process::ExitCode {
    const _: () = lambda_native::__private::assert_crate_root(::core::module_path!());
    use lambda_native::__private;
    enum Handlers {
        _0(create),
        _1(orders::list),
    }
    impl __private::Functions for Handlers {
        const ENTRIES: &'static [__private::Entry] = &[
            <create as __private::Function>::ENTRY,
            <orders::list as __private::Function>::ENTRY,
        ];
        async fn init(
            chosen: &[::core::primitive::usize],
        ) -> ::core::result::Result<::std::vec::Vec<Self>, lambda_native::Error> {
            use __private::traits::*;
            let state = &();
            let mut handlers = ::std::vec::Vec::with_capacity(chosen.len());
            for index in chosen {
                handlers
                    .push(
                        match index {
                            0 => {
                                Self::_0(
                                    <create as __private::Function>::init(
                                            __private::share(state),
                                        )
                                        .await?,
                                )
                            }
                            _ => {
                                Self::_1(
                                    <orders::list as __private::Function>::init(
                                            __private::share(state),
                                        )
                                        .await?,
                                )
                            }
                        },
                    );
            }
            ::core::result::Result::Ok(handlers)
        }
        async fn respond(
            &self,
            request: &__private::Matched<'_>,
            context: &lambda_native::Context,
        ) -> lambda_native::http::Response {
            match self {
                Self::_0(handler) => {
                    <create as __private::Function>::respond(handler, request, context)
                        .await
                }
                Self::_1(handler) => {
                    <orders::list as __private::Function>::respond(
                            handler,
                            request,
                            context,
                        )
                        .await
                }
            }
        }
    }
    impl lambda_native::Handler for Handlers {
        async fn call(
            &self,
            event: &[::core::primitive::u8],
            context: &lambda_native::Context,
            reply: &mut lambda_native::Reply,
        ) -> ::core::result::Result<(), lambda_native::Error> {
            match self {
                Self::_0(handler) => {
                    <create as __private::Function>::call(handler, event, context, reply)
                        .await
                }
                Self::_1(handler) => {
                    <orders::list as __private::Function>::call(
                            handler,
                            event,
                            context,
                            reply,
                        )
                        .await
                }
            }
        }
    }
    const _: () = __private::assert_authorizer(
        <Handlers as __private::Functions>::ENTRIES,
        <create as __private::Function>::AUTH,
    );
    const _: () = __private::assert_authorizer(
        <Handlers as __private::Functions>::ENTRIES,
        <orders::list as __private::Function>::AUTH,
    );
    const _: () = __private::assert_new(<Handlers as __private::Functions>::ENTRIES, 1);
    lambda_native::__private::main_of::<Handlers>()
}
