lambda_native::main!(create, orders::list);

// ----------------------------------------------------------------

#[allow(unused_imports)]
use lambda_native::__private::once::*;
only_one_lambda_handler_writes_main! {
    { fn main() -> ::std::process::ExitCode { lambda_native::__private::main_of:: <
    (create, (orders::list, ())) > (lambda_native::__private::Root:: < {
    lambda_native::__private::is_root(::core::module_path!()) } >) } } {
    ::core::compile_error!("this program has its `main` already: a `#[lambda_handler]` above, or a `main!`\nhint: for several handlers in one program, mark each `#[lambda_handler(named)]` and list them in one `lambda_native::main!(…)`");
    }
}
#[allow(unused_macros)]
macro_rules! only_one_lambda_handler_writes_main {
    ({ $($main:tt)* } { $($error:tt)* }) => {
        $($error)*
    };
}
