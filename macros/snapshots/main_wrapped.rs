lambda_native::main!(create, wrap = cors, after = flush);

// ----------------------------------------------------------------

fn main() -> ::std::process::ExitCode {
    const _: () = lambda_native::__private::assert_crate_root(::core::module_path!());
    use lambda_native::__private;
    enum Handlers {
        _0(create),
    }
    impl __private::Functions for Handlers {
        const ENTRIES: &'static [__private::Entry] = &[
            <create as __private::Function>::ENTRY,
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
                            _ => {
                                Self::_0(
                                    <create as __private::Function>::init(
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
            }
        }
        async fn wrap(
            request: &lambda_native::http::Request<'_>,
            next: impl ::core::ops::AsyncFnOnce(
                &lambda_native::http::Request<'_>,
            ) -> lambda_native::http::Response,
        ) -> lambda_native::http::Response {
            use __private::http_traits::*;
            let output = cors(request, next).await;
            let output = __private::http_output_kind(&output).result(output);
            __private::wrapped(output)
        }
        async fn after(context: &lambda_native::Context) {
            flush(context).await
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
            }
        }
        async fn after(&self, context: &lambda_native::Context) {
            <Self as __private::Functions>::after(context).await
        }
    }
    const _: () = __private::assert_authorizer(
        <Handlers as __private::Functions>::ENTRIES,
        <create as __private::Function>::AUTH,
    );
    const _: () = __private::assert_wrapped(
        <Handlers as __private::Functions>::ENTRIES,
        0,
    );
    const _: () = __private::assert_routes(<Handlers as __private::Functions>::ENTRIES);
    lambda_native::__private::main_of::<Handlers>()
}
