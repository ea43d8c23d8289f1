//! Writes every template into a folder, for the plain `cargo generate`:
//!
//! ```sh
//! cargo run -p lambda-native-templates --example write_templates -- target/templates
//! cargo generate --path target/templates/http-api
//! ```

use std::path::PathBuf;
use std::{env, io};

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).map_or_else(|| "target/templates".into(), PathBuf::from);
    for template in lambda_native_templates::templates() {
        template.write(&folder.join(template.name))?;
    }
    Ok(())
}
