use lambda_native::lambda_handler;

#[lambda_handler(htpp, worker_threads = 2)]
unsafe fn checkout<T>(_: impl ToString, _: T, _: u8, _: u8, _: u8) {}
