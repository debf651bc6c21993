//! The API key that `serve` makes where none is set.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// The keys to use, and whether they are kept here rather than set.
pub(crate) struct ApiKeys {
    pub(crate) keys: api::Keys,
    pub(crate) kept: Option<String>,
}

/// The keys that were set; else the one kept in the data directory, made where there is none.
pub(crate) fn api_keys(set: Option<&str>, dir: &Path) -> Result<ApiKeys, String> {
    if let Some(set) = set {
        let keys = api::Keys::listed(set);
        if keys.is_empty() {
            return Err("API_KEY is set but holds no key; set one or unset it".to_owned());
        }
        return Ok(ApiKeys { keys, kept: None });
    }
    let path = dir.join("api-key.txt");
    let failed =
        |error: std::io::Error| format!("cannot keep a key in {}: {error}", path.display());
    let kept = match fs::read_to_string(&path) {
        Ok(kept) if !api::Keys::listed(&kept).is_empty() => kept.trim().to_owned(),
        Ok(_) => {
            return Err(format!(
                "{} has no key in it; delete it to have a new key made",
                path.display()
            ));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            fs::create_dir_all(dir).map_err(failed)?;
            let made = made();
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)
                .map_err(failed)?;
            writeln!(file, "{made}").and_then(|()| file.sync_all()).map_err(failed)?;
            made
        }
        Err(error) => return Err(failed(error)),
    };
    Ok(ApiKeys { keys: api::Keys::listed(&kept), kept: Some(kept) })
}

fn made() -> String {
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes.iter().fold(String::from("sk_"), |key, byte| key + &format!("{byte:02x}"))
}
