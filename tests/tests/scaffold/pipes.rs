//! Output into pipes whose reader leaves.

use std::io::{self, PipeWriter};
use std::process::Stdio;

use lambda_native_tests::command::Scaffold;
use lambda_native_tests::dev::{ONE_FUNCTION, SocketProject};
use tempfile::tempdir;

/// As in `scaffold doctor | head -1`.
#[test]
fn a_reader_that_leaves_is_no_failure() {
    let folder = tempdir().unwrap();
    for (arguments, code) in [
        (&["--help"] as &[_], 0),
        (&["--version"], 0),
        (&["new", "--help"], 0),
        (&["list"], 0),
        (&["list", "--json"], 0),
        (&["completions", "bash"], 0),
        (&["new", "hello", "--yes", "--dry-run"], 0),
        (&["new", "hello", "--yes"], 0),
        (&["inspect", "missing"], 1),
        (&["no-command"], 2),
    ] {
        let mut scaffold = Scaffold::new(arguments).current_dir(folder.path());
        let status = scaffold.command().stdout(closed()).stderr(closed()).status().unwrap();
        assert_eq!(status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn a_reader_that_leaves_does_not_fail_an_invocation() {
    let project = SocketProject::new(ONE_FUNCTION);
    for (arguments, code) in [
        (&["invoke", "--data", "\"log\""] as &[_], 0),
        (&["invoke", "--data", "\"log\"", "--json"], 0),
        (&["invoke", "--data", "\"error\""], 1),
    ] {
        let mut scaffold = project.scaffold(arguments);
        // Cargo fails without a reader of its messages.
        let status = scaffold.command().stdout(closed()).stderr(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(code), "{arguments:?}");
    }
}

/// A pipe that nobody reads.
fn closed() -> PipeWriter {
    let (_, writer) = io::pipe().unwrap();
    writer
}
