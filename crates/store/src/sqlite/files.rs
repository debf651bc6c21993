//! The files of a store: one process has them, and they still are where they were opened.
//!
//! A file that is deleted or moved stays open and takes writes, which are gone when the process ends.

use std::{
    fs::{File, TryLockError, metadata},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use crate::{OpenError, StoreError};

const NAMES: [&str; 3] = ["lock", "switchboard.db", "switchboard.db-wal"];

/// Whoever else wants the directory is refused for as long as the file that is returned is held.
pub(super) fn lock(dir: &Path) -> Result<File, OpenError> {
    let path = dir.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| OpenError(format!("cannot write {}: {error}", path.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError(format!(
            "another switchboard is using {}; stop it, or choose another directory with --data",
            dir.display()
        ))),
        Err(TryLockError::Error(error)) => {
            Err(OpenError(format!("cannot lock {}: {error}", path.display())))
        }
    }
}

/// The files of a database in use.
pub(super) struct Files(Vec<(PathBuf, (u64, u64))>);

impl Files {
    /// Those in the directory, once the database was written to.
    pub(super) fn of(dir: &Path) -> io::Result<Self> {
        let files = NAMES.map(|name| dir.join(name)).map(|path| Ok((path.clone(), which(&path)?)));
        files.into_iter().collect::<io::Result<_>>().map(Self)
    }

    pub(super) fn are_there(&self) -> Result<(), StoreError> {
        let gone = self.0.iter().find(|(path, file)| which(path).ok() != Some(*file));
        gone.map_or(Ok(()), |(path, _)| {
            Err(StoreError::Away(format!(
                "{} was deleted or moved while it was in use: put it back, or start anew",
                path.display()
            )))
        })
    }
}

fn which(path: &Path) -> io::Result<(u64, u64)> {
    metadata(path).map(|file| (file.dev(), file.ino()))
}
