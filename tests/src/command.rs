//! Runs the built `scaffold` binary.
