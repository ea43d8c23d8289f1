#[lambda_handler(htpp)]
async fn hello<T>(request: Request<'_>) -> Response {
    todo()
}

// ----------------------------------------------------------------

async fn hello<T>(request: Request<'_>) -> Response {
    todo()
}
::core::compile_error! {
    "unknown argument `htpp`, expected one of `http`, `json`, `init`, `named`, `flavor`, `worker_threads`, `crate`\nhint: did you mean `http`?"
}
::core::compile_error! {
    "a handler cannot be generic: its JSON code is made for its very types\nhint: name the type that is meant"
}
#[doc(hidden)]
#[allow(non_camel_case_types)]
struct __hello {}
impl ::lambda_native::__private::Function for __hello {
    const NAME: &'static ::core::primitive::str = "hello";
    #[allow(deprecated)]
    fn start() -> ::std::process::ExitCode {
        ::std::process::ExitCode::FAILURE
    }
}
#[allow(unused_imports)]
use ::lambda_native::__private::once::*;
only_one_lambda_handler_writes_main! {
    { fn main() -> ::std::process::ExitCode { ::lambda_native::__private::main:: <
    __hello > () } } {
    ::core::compile_error!("this program has its `main` already: a `#[lambda_handler]` above, or a `main!`\nhint: for several handlers in one program, mark each `#[lambda_handler(named)]` and list them in one `lambda_native::main!(…)`");
    }
}
#[allow(unused_macros)]
macro_rules! only_one_lambda_handler_writes_main {
    ({ $($main:tt)* } { $($error:tt)* }) => {
        $($error)*
    };
}
