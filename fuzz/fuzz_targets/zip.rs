//! Zips: any file is described or refused, in bounded time and memory.

#![no_main]

use std::fs;

use lambda_native_scaffold::fuzzing;
use libfuzzer_sys::fuzz_target;
use tempfile::tempdir;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempdir().expect("a temporary folder");
    let path = folder.path().join("function.zip");
    fs::write(&path, bytes).expect("the file is written");
    let report = fuzzing::inspect(&path).expect("a file that can be read has a report");
    let is_bad = report["executable"].is_null();
    let problems = report["problems"].as_array().expect("a list of problems");
    assert!(!is_bad || !problems.is_empty(), "{report}");
});
