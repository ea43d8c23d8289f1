//! How other commands find a `scaffold dev` of the same workspace: each has a folder in the target
//! folder, with its address and a lock that the system gives back when the process ends.

use std::fs::{self, File, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// A `scaffold dev` that tells of itself; until this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    folder: PathBuf,
    _lock: File,
}

impl Running {
    /// Tells of the one at `address`, and throws away what one before it has left.
    pub(crate) fn announce(target: &Path, address: SocketAddr) -> Result<Self> {
        let name = address.to_string().replace([':', '[', ']'], "-");
        let folder = all(target).join(name);
        let fail = |error: io::Error| {
            Error::new(format!("cannot write to `{}`", folder.display())).because(error)
        };
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(fail)?;
        }
        fs::create_dir_all(&folder).map_err(fail)?;
        let lock = File::create(folder.join(LOCK)).map_err(fail)?;
        lock.lock().map_err(fail)?;
        fs::write(folder.join(ADDRESS), address.to_string()).map_err(fail)?;
        Ok(Self { folder, _lock: lock })
    }

    /// Files in it live as long as this.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The address of one that runs.
    pub(crate) fn find(target: &Path) -> Option<SocketAddr> {
        let folders = fs::read_dir(all(target)).ok()?;
        folders.filter_map(io::Result::ok).find_map(|folder| {
            let folder = folder.path();
            let lock = File::open(folder.join(LOCK)).ok()?;
            match lock.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    fs::read_to_string(folder.join(ADDRESS)).ok()?.parse().ok()
                }
                // It was killed.
                _ => None,
            }
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // What is left, the next one throws away.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

const LOCK: &str = "lock";
const ADDRESS: &str = "address";

fn all(target: &Path) -> PathBuf {
    target.join("scaffold-dev")
}
