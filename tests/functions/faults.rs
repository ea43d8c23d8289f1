//! Does what the event says, mostly wrong: panics, leaves, fails.

use std::process::ExitCode;
use std::time::{Duration, UNIX_EPOCH};

use lambda_native::{Context, Failure, handler_fn, start_with};

fn main() -> ExitCode {
    start_with(async || match std::env::var("INIT").as_deref() {
        Ok("fail") => Ok("x".parse::<u8>().map(|_| handler_fn(obey))?),
        Ok("panic") => panic!("no table"),
        Ok("print") => {
            println!("made once");
            Ok(handler_fn(obey))
        }
        _ => Ok(handler_fn(obey)),
    })
}

async fn obey(order: String, context: &Context) -> Result<String, Failure> {
    let (verb, rest) = order.split_once(' ').unwrap_or((&order, ""));
    match verb {
        "panic" => panic!("{rest}"),
        "panic-any" => std::panic::panic_any(rest.len()),
        "panic-elsewhere" => {
            // A panic that the function lives through, on another thread.
            let result = std::thread::spawn(|| panic!("elsewhere")).join();
            Ok(format!("{}", result.is_err()))
        }
        "exit" => std::process::exit(rest.parse()?),
        "fail" => Err(Failure::new(rest.to_owned(), "as told")),
        "say" => Err(Failure::new("Said", rest)),
        "causes" => {
            let cause = std::io::Error::other("again");
            let failure = Failure::new("Deep", "as told");
            Err((0..rest.parse()?).fold(failure, |failure, _: u32| failure.caused_by(&cause)))
        }
        "long" => Err(Failure::new("Long", "é".repeat(rest.parse()?))),
        "sleep" => {
            std::thread::sleep(Duration::from_millis(rest.parse()?));
            Ok(rest.to_owned())
        }
        "time" => {
            let left = context.remaining_time().map(|left| left.as_secs() / 1_000);
            let deadline = context.deadline();
            let deadline = deadline.map(|deadline| deadline.duration_since(UNIX_EPOCH));
            Ok(format!("{:?} {left:?}", deadline.transpose()?))
        }
        "trace" => Ok(format!("{:?}", context.trace_id())),
        "client" => {
            let client: Option<Vec<u8>> = context.client_context()?;
            Ok(format!("{client:?}"))
        }
        "identity" => {
            let identity = context.cognito_identity()?;
            Ok(format!("{:?} {:?}", identity, context.tenant_id()))
        }
        _ => Ok(order),
    }
}
