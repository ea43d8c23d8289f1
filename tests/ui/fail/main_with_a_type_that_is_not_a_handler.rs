struct Order;

lambda_native::main!(Order);
