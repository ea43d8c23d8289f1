//! `scaffold delete`: deletes a function that `scaffold deploy --direct` has created.

use std::process::ExitCode;

use serde_json::json;

use crate::cli::DeleteArgs;
use crate::direct::delete::Deletion;
use crate::direct::plan;
use crate::new_project::prompt;
use crate::process::interrupt;
use crate::term::error::{Error, Result};
use crate::term::style::STATUS;
use crate::term::{escape, message, output, terminal};

pub(crate) fn run(arguments: &DeleteArgs) -> Result<ExitCode> {
    let DeleteArgs { name, yes, dry_run, force, json } = arguments;
    let deletion = interrupt::block_on(Deletion::find(name, *force))?;
    let changes = deletion.changes();
    plan::print(&deletion.title(), &changes);
    if !dry_run {
        if !yes {
            ask()?;
        }
        interrupt::block_on(deletion.run()).inspect_err(|_| {
            let hint = "run the same command again: it continues with the rest";
            message::warn_with_hint("the deletion is not complete", hint);
        })?;
    }
    if *json {
        return output::print_json(&json!({ "function": name, "changes": changes }));
    }
    if !dry_run {
        message::note(format_args!("{STATUS}deleted{STATUS:#} {}", escape::line(name)));
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks for permission to delete.
fn ask() -> Result<()> {
    if !terminal::is_interactive() {
        return Err(Error::new("not a terminal, so nothing can be asked, and nothing was deleted")
            .hint("pass `--yes` to delete it, or `--dry-run` to see it"));
    }
    let help = "it cannot be undone, and the address of an endpoint is lost";
    if prompt::confirm("Delete all of this?", help, false)? {
        Ok(())
    } else {
        Err(Error::new("nothing was deleted"))
    }
}
