//! `template.yaml`: any text is read or refused, in bounded time and memory.

#![no_main]

use std::fs;

use lambda_native_scaffold::fuzzing;
use libfuzzer_sys::fuzz_target;
use tempfile::tempdir;

fuzz_target!(|text: &[u8]| {
    let folder = tempdir().expect("a temporary folder");
    let path = folder.path().join("template.yaml");
    fs::write(&path, text).expect("the template is written");
    match fuzzing::read_template(&path) {
        Ok(functions) => assert!(functions <= text.len(), "{functions} functions"),
        Err(error) => assert!(error.contains("template.yaml"), "{error}"),
    }
});
