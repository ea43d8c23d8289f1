//! Does what the event says: panics, exits, fails.

use std::process::ExitCode;
use std::time::{Duration, UNIX_EPOCH};

use lambda_native::events::sqs::{self, Message};
use lambda_native::{Context, Error, Handler, handler_fn, start, start_with};

fn main() -> ExitCode {
    if std::env::var_os("SQS").is_some() {
        return start(sqs::handler_fn(async |message: Message<'_, String>, context: &Context| {
            obey(message.body, context).await.map(|text| println!("{text}"))
        }));
    }
    start_with(async || {
        if std::env::var_os("HOOK").is_some() {
            let previous = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                println!("the function's hook");
                previous(info);
            }));
        }
        init()
    })
}

fn init() -> Result<impl Handler, Error> {
    match std::env::var("INIT").as_deref() {
        Ok("fail") => Ok("x".parse::<u8>().map(|_| handler_fn(obey))?),
        Ok("panic") => panic!("no table"),
        Ok("print") => {
            println!("made once");
            Ok(handler_fn(obey))
        }
        _ => Ok(handler_fn(obey)),
    }
}

async fn obey(order: String, context: &Context) -> Result<String, Error> {
    let (verb, rest) = order.split_once(' ').unwrap_or((&order, ""));
    match verb {
        "panic" => panic!("{rest}"),
        "panic-any" => std::panic::panic_any(rest.len()),
        "panic-elsewhere" => {
            // A panic on another thread, which the function survives.
            let result = std::thread::spawn(|| panic!("elsewhere")).join();
            Ok(format!("{}", result.is_err()))
        }
        "exit" => std::process::exit(rest.parse()?),
        "fail" => Err(Error::new(rest.to_owned(), "as told")),
        "say" => Err(Error::new("Said", rest)),
        "causes" => {
            let cause = std::io::Error::other("again");
            let error = Error::new("Deep", "as told");
            Err((0..rest.parse()?).fold(error, |error, _: u32| error.caused_by(&cause)))
        }
        "long-causes" => {
            let cause = std::io::Error::other("c".repeat(10_000));
            let error = Error::new("Deep", "as told");
            Err((0..rest.parse()?).fold(error, |error, _: u32| error.caused_by(&cause)))
        }
        "long" => Err(Error::new("Long", "é".repeat(rest.parse()?))),
        "wait" => {
            while !std::path::Path::new(rest).exists() {
                std::thread::sleep(Duration::from_millis(5));
            }
            Ok("waited".to_owned())
        }
        "block" => {
            // A task that never ends.
            tokio::task::spawn_blocking(|| {
                loop {
                    std::thread::park();
                }
            });
            Ok(String::new())
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
