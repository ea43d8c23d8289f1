//! Lets a debugger attach to a function before its first event.

use std::time::Duration;

use super::instance::Instance;
use super::process_status::is_traced;

/// The interval of the checks whether a debugger has attached: the kernel sends no notification.
const INTERVAL: Duration = Duration::from_millis(50);

/// Prints the lines that say how to attach a debugger, and waits until one is attached. Does not wait on systems that do
/// not tell.
pub(crate) async fn wait(name: &str, instance: &Instance, print: impl Fn(&str)) {
    let Some(id) = instance.id() else { return };
    if is_traced(id) == Some(true) {
        return;
    }
    print(&format!("{name} is waiting for a debugger:"));
    print(&format!("  rust-gdb -p {id}"));
    print(&format!("  rust-lldb -p {id}"));
    print(&format!("or attach your editor to process {id}; then set breakpoints and continue"));
    while is_traced(id) == Some(false) {
        tokio::time::sleep(INTERVAL).await;
    }
}
