//! Plain cargo-generate: the `main` of the program, without its features for git.

use cargo_generate::{Cli, generate};
use clap::Parser;

fn main() -> Result<(), impl std::fmt::Debug> {
    let Cli::Generate(arguments) = Cli::parse();
    generate(arguments).map(drop)
}
