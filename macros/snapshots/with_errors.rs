#[lambda_handler(htpp)]
async fn hello<T>(request: Request<'_>) -> Response {
    todo()
}

// ----------------------------------------------------------------

async fn hello<T>(request: Request<'_>) -> Response {
    todo()
}
::core::compile_error! {
    "unknown argument `htpp`, expected one of `get`, `post`, `put`, `patch`, `delete`, `head`, `options`, `any`, `http`, `stream`, `sqs`, `kinesis`, `dynamodb`, `sns`, `s3`, `eventbridge`, `schedule`, `concurrency`, `authorizer`, `auth`, `json`, `init`, `wrap`, `after`, `named`, `flavor`, `worker_threads`, `crate`\nhint: did you mean `http`?"
}
::core::compile_error! {
    "a handler cannot be generic: its JSON code is generated for concrete types\nhint: name the type"
}
fn main() -> ::std::process::ExitCode {
    const _: () = ::lambda_native::__private::assert_crate_root(::core::module_path!());
    ::lambda_native::__private::main::<::lambda_native::__private::Invalid>()
}
