//! What is written for Node and is part of a measurement: installed once, exactly as its lock says.

use std::path::Path;

use anyhow::{Result, ensure};
use tokio::process::Command;

pub async fn install(folder: &Path) -> Result<()> {
    if !folder.join("node_modules").exists() {
        let installed =
            Command::new("npm").args(["ci", "--silent"]).current_dir(folder).status().await?;
        ensure!(installed.success(), "npm ci failed in {}", folder.display());
    }
    Ok(())
}
