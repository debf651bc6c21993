//! Puts the built dashboard into the executable, if there is one: a table of its files, each as it
//! is and as `npm run build` compressed it. Without it the table is empty and one page says how to
//! build it, so that Node.js is not needed to build this crate.

use std::{
    env,
    error::Error,
    fmt::Write,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    let dashboard = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../dashboard");
    let built = dashboard.join("dist");
    // What does not exist cannot be watched; its folder can.
    tell_cargo(if built.exists() { &built } else { &dashboard });
    let mut table = String::from("&[\n");
    let mut files = all(&built)?;
    files.sort();
    for file in files.iter().filter(|file| kind(file).is_some()) {
        let path = file.strip_prefix(&built)?.display();
        let kind = kind(file).unwrap_or_default();
        let mut hasher = DefaultHasher::new();
        fs::read(file)?.hash(&mut hasher);
        writeln!(
            table,
            "File {{ path: \"/{path}\", kind: {kind:?}, tag: \"\\\"{:016x}\\\"\", plain: {}, brotli: {}, gzip: {} }},",
            hasher.finish(),
            bytes(file),
            compressed(file, "br"),
            compressed(file, "gz"),
        )?;
    }
    table.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("dashboard.rs"), table)?;
    Ok(())
}

fn tell_cargo(watched: &Path) {
    println!("cargo::rerun-if-changed={}", watched.display());
    println!("cargo::rerun-if-changed=build.rs");
}

/// Every file under a folder; none where it does not exist.
fn all(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = if folder.exists() { vec![folder.to_owned()] } else { Vec::new() };
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    Ok(found)
}

/// What a file is, by its name; nothing for what is not served.
fn kind(file: &Path) -> Option<&'static str> {
    Some(match file.extension()?.to_str()? {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

fn bytes(file: &Path) -> String {
    format!("include_bytes!({:?})", file.display().to_string())
}

fn compressed(file: &Path, how: &str) -> String {
    let compressed = PathBuf::from(format!("{}.{how}", file.display()));
    if compressed.exists() { format!("Some({})", bytes(&compressed)) } else { "None".to_owned() }
}
