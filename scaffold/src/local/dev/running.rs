//! Lets other commands find a running `scaffold dev` of the same project. It has a folder in the target
//! folder, which other projects can share, with its address, the path of its project, and a lock that the
//! system releases when the process ends.

use std::fs::{self, File, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::term::error::{Error, Result};

/// The folder of a running `scaffold dev`; dropping this removes it.
#[derive(Debug)]
pub(crate) struct RunningServer {
    folder: PathBuf,
    _lock: File,
}

impl RunningServer {
    /// Announces the server of `project` at `address`, and removes the folder that an earlier one has left.
    pub(crate) fn announce(target: &Path, project: &Path, address: SocketAddr) -> Result<Self> {
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
        fs::write(folder.join(PROJECT), project.as_os_str().as_encoded_bytes()).map_err(fail)?;
        fs::write(folder.join(ADDRESS), address.to_string()).map_err(fail)?;
        Ok(Self { folder, _lock: lock })
    }

    /// A folder for files that are needed only while the server runs.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Finds the address of a running server of `project`.
    pub(crate) fn find(target: &Path, project: &Path) -> Option<SocketAddr> {
        let folders = fs::read_dir(all(target)).ok()?;
        folders.filter_map(io::Result::ok).find_map(|folder| {
            let folder = folder.path();
            let is_same =
                fs::read(folder.join(PROJECT)).ok()? == project.as_os_str().as_encoded_bytes();
            let lock = File::open(folder.join(LOCK)).ok()?;
            match lock.try_lock() {
                Err(TryLockError::WouldBlock) if is_same => {
                    fs::read_to_string(folder.join(ADDRESS)).ok()?.parse().ok()
                }
                // Another project's, or left by a server that was killed.
                _ => None,
            }
        })
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        // If this fails, the next server removes the folder.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

const LOCK: &str = "lock";
const ADDRESS: &str = "address";
const PROJECT: &str = "project";

fn all(target: &Path) -> PathBuf {
    target.join("scaffold-dev")
}
