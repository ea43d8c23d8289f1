#[lambda_handler(htpp)]
async fn hello<T>(request: Request<'_>) -> Response {
    todo()
}

// ----------------------------------------------------------------

async fn hello<T>(request: Request<'_>) -> Response {
    todo()
}
::core::compile_error! {
    "unknown argument `htpp`, expected one of `http`, `stream`, `json`, `init`, `named`, `flavor`, `worker_threads`, `crate`\nhint: did you mean `http`?"
}
::core::compile_error! {
    "a handler cannot be generic: its JSON code is made for its very types\nhint: name the type that is meant"
}
#[allow(non_camel_case_types)]
struct __hello {}
impl ::lambda_native::__private::Function for __hello {
    const NAME: &'static ::core::primitive::str = "hello";
    async fn init() -> ::core::result::Result<
        impl ::lambda_native::Handler,
        ::lambda_native::Failure,
    > {
        ::lambda_native::__private::not_made()
    }
}
#[allow(unused_imports)]
use ::lambda_native::__private::once::*;
only_one_lambda_handler_writes_main! {
    { fn main() -> ::std::process::ExitCode { ::lambda_native::__private::main:: <
    __hello > (::lambda_native::__private::Root:: < {
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
