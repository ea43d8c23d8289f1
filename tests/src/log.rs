//! Output of a process, read while the test runs.

use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;

use crate::wait::PATIENCE;

/// The length after which nothing more is kept: some tests let a function flood its log.
const KEPT: usize = 4 * 1024 * 1024;

/// The output of a process so far.
#[derive(Clone, Debug)]
pub struct Log(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    printed: Mutex<Printed>,
    changed: Condvar,
}

/// The bytes read so far, and whether there are no more.
#[derive(Debug)]
pub struct Printed {
    bytes: Vec<u8>,
    is_over: bool,
}

impl Printed {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl Log {
    /// Starts to read.
    #[must_use]
    pub fn read(mut from: impl Read + Send + 'static) -> Self {
        let printed = Mutex::new(Printed { bytes: Vec::new(), is_over: false });
        let log = Self(Arc::new(Shared { printed, changed: Condvar::new() }));
        let Self(shared) = log.clone();
        thread::spawn(move || {
            let mut bytes = vec![0; 64 * 1024];
            loop {
                let count = from.read(&mut bytes).unwrap_or(0);
                let mut printed = shared.printed.lock().unwrap();
                if printed.bytes.len() < KEPT {
                    printed.bytes.extend_from_slice(&bytes[..count]);
                }
                printed.is_over = count == 0;
                shared.changed.notify_all();
                if printed.is_over {
                    return;
                }
            }
        });
        log
    }

    /// Everything so far.
    #[must_use]
    pub fn text(&self) -> String {
        self.hold().text()
    }

    /// Stops reading until the guard is dropped.
    pub fn hold(&self) -> MutexGuard<'_, Printed> {
        self.0.printed.lock().unwrap()
    }

    /// Waits until the text has this property, and returns it.
    #[track_caller]
    pub fn wait_until(&self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        self.wait(what, |printed| holds(&printed.text()))
    }

    /// Waits for the end of the output, and returns all of it.
    #[track_caller]
    #[must_use]
    pub fn end(&self) -> String {
        self.wait("end", |printed| printed.is_over)
    }

    #[track_caller]
    fn wait(&self, what: &str, holds: impl Fn(&Printed) -> bool) -> String {
        let goes_on = |printed: &mut Printed| !holds(printed) && !printed.is_over;
        let waited = self.0.changed.wait_timeout_while(self.hold(), PATIENCE, goes_on);
        let (printed, _) = waited.unwrap();
        assert!(holds(&printed), "no `{what}` in the output:\n{}", printed.text());
        printed.text()
    }
}
