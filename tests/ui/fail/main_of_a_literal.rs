lambda_native::main!("create");
