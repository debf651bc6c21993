//! The client's side of an audit: every acknowledgement, kept on disk as it came. What it is worth is
//! judged by a program of its own, `crates/reconcile`.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};

use crate::world::World;

/// What a client was told, kept on disk.
pub(crate) struct Log {
    path: PathBuf,
    file: Mutex<File>,
}

impl Log {
    pub(crate) fn new(dir: &Path) -> Self {
        let path = dir.join("acknowledged.ndjson");
        let file = Mutex::new(File::create(&path).expect("the log can be made"));
        Self { path, file }
    }

    /// Notes that the server acknowledged an event under this key.
    pub(crate) fn note(&self, key: &str, event: &Value) {
        let line = format!("{}\n", json!({ "key": key, "event": event }));
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(line.as_bytes()).expect("the log can be written");
        file.sync_data().expect("the log reaches the disk");
    }
}

/// Has the two compared: how many acknowledgements were found as they were told, or what is wrong.
pub(crate) fn reconcile(world: &World, log: &Log) -> Result<usize, String> {
    let Output { status, stdout, stderr } = Command::new(program())
        .arg(&log.path)
        .arg(world.database())
        .output()
        .expect("the auditor runs");
    let (said, wrong) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    match status.code() {
        Some(0) => {
            let count = said.split(' ').next().and_then(|it| it.parse().ok());
            Ok(count.unwrap_or_else(|| panic!("the auditor counts nothing: {said}")))
        }
        Some(1) => Err(wrong.trim().to_owned()),
        _ => panic!("the auditor could not tell, {status}: {wrong}"),
    }
}

/// It lies in the folder above that of this very executable.
fn program() -> PathBuf {
    let own = std::env::current_exe().expect("this runs");
    let program = own.ancestors().nth(2).expect("a target folder").join("reconcile");
    assert!(program.exists(), "first build the auditor: cargo build -p reconcile");
    program
}
