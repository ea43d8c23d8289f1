//! Has hooks around the snapshot. `FAIL` is the hook that fails.

use std::process::ExitCode;

use lambda_native::{Context, Error, handler_fn, snap_start, start_with};

fn main() -> ExitCode {
    start_with(async || {
        println!("init, {}", if snap_start::is_enabled() { "snapshot" } else { "no snapshot" });
        for name in ["first", "second"] {
            snap_start::before_snapshot(hook("before", name));
            snap_start::after_restore(hook("after", name));
        }
        Ok(handler_fn(async |text: String, _: &Context| Ok(text)))
    })
}

async fn hook(phase: &str, name: &str) -> Result<(), Error> {
    println!("{phase}: {name}");
    match std::env::var("FAIL") {
        Ok(failing) if failing == phase => Err(Error::new("HookFailed", format!("{phase} {name}"))),
        Ok(failing) if failing == "panic" && phase == "after" => panic!("in a hook"),
        _ => Ok(()),
    }
}
