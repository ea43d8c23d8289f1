lambda_native::main!();
