//! AWS-LC with CPU jitter entropy, which delays a cold start by up to a second.
//!
//! The README of the crate `lambda_runtime` describes it under "CPU jitter entropy and cold starts".

use object::Endianness;
use object::read::elf::ElfFile64;
use regex::bytes::Regex;

/// The environment variable of the build that leaves it out.
pub(crate) const VARIABLE: &str = "AWS_LC_SYS_NO_JITTER_ENTROPY";
/// The first version of `aws-lc-sys` that gathers it.
pub(crate) const FIRST_VERSION: [u32; 3] = [0, 32, 0];
/// The first version of `aws-lc-sys` that reads the variable.
pub(crate) const FIRST_VERSION_WITH_VARIABLE: [u32; 3] = [0, 32, 3];
/// The fix.
pub(crate) const FIX: &str = "set `AWS_LC_SYS_NO_JITTER_ENTROPY = \"1\"` under `[env]` in \
                              `.cargo/config.toml` and build again, with `aws-lc-sys` 0.32.3 or newer";

/// The function that gathers it; AWS-LC puts a prefix before its symbols.
const SYMBOL: &[u8] = b"jent_entropy_collector_alloc";

/// The constants of an executable without symbols, all of which it has: the name of a source file of
/// AWS-LC's newer random numbers; the message of a function that only the jitter entropy uses; the first
/// round constants of SHA-3, with which it hashes.
const CONSTANTS: [&str; 3] = [
    r"aws-lc/crypto/ube/",
    r"opportunistic entropy fill failed",
    r"(?-u)\x01\x00{7}\x82\x80\x00{6}\x8a\x80\x00{5}\x80",
];

/// Returns whether an executable contains it.
pub(super) fn is_in(file: &ElfFile64<'_, Endianness>, bytes: &[u8]) -> bool {
    let symbols = file.elf_symbol_table();
    if symbols.is_empty() {
        let contains = |constant| Regex::new(constant).is_ok_and(|regex| regex.is_match(bytes));
        return CONSTANTS.into_iter().all(contains);
    }
    let name = |symbol| symbols.symbol_name(file.endian(), symbol).unwrap_or_default();
    symbols.iter().any(|symbol| name(symbol).ends_with(SYMBOL))
}
