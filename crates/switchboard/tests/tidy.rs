//! The house stays small and clear: what can be checked of that, is.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const LINES_MAX: usize = 400;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every Rust file of ours, with its text.
fn files() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("crates"), root().join("bench")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            if path.is_dir() && name != "node_modules" && name != "target" {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).unwrap_or_default();
                found.push((path.display().to_string(), text));
            }
        }
    }
    assert!(!found.is_empty(), "no Rust file at all: is the root right?");
    found
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The lines of a manifest's section.
fn section(manifest: &str, heading: &str) -> String {
    let rest = manifest.split(&format!("[{heading}]\n")).nth(1).unwrap_or_default();
    rest.split("\n[").next().unwrap_or_default().to_owned()
}

fn none(offenders: impl Iterator<Item = (String, String)>) {
    assert_eq!(offenders.map(|(path, _)| path).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn every_file_says_first_what_it_is_for() {
    none(files().into_iter().filter(|(_, text)| !text.starts_with("//!")));
}

#[test]
fn no_file_is_too_long_to_be_read_at_once() {
    none(files().into_iter().filter(|(_, text)| text.lines().count() > LINES_MAX));
}

#[test]
fn nothing_is_left_to_be_done_by_nobody() {
    let word = ["TO", "DO"].concat();
    none(files().into_iter().filter(|(_, text)| text.contains(&word)));
}

#[test]
fn the_rules_depend_on_nothing_but_named_errors() {
    let dependencies = section(&read("crates/lifecycle/Cargo.toml"), "dependencies");
    assert_eq!(dependencies.trim(), "thiserror.workspace = true");
}

#[test]
fn only_the_door_asks_the_rules() {
    none(files().into_iter().filter(|(path, text)| {
        let asks = text.contains("advance(") && !text.contains("fn only_the_door_asks_the_rules");
        let may = ["lifecycle/", "engine/src/decide", "/tests/"].iter().any(|it| path.contains(it));
        asks && !may
    }));
}

#[test]
fn each_crate_forbids_what_it_says() {
    let forbidden: [(&str, &[&str]); 6] = [
        ("api", &["bus", "lifecycle", "realtime", "sqlx", "rusqlite"]),
        ("realtime", &["store", "engine", "lifecycle", "sqlx", "rusqlite"]),
        ("engine", &["axum", "hyper", "api", "realtime", "sqlx", "rusqlite"]),
        ("store", &["engine", "api", "realtime", "bus", "axum"]),
        ("contract", &["store", "engine", "api", "bus", "tokio"]),
        ("reconcile", &["lifecycle", "contract", "store", "bus", "engine", "api", "realtime"]),
    ];
    for (name, forbidden) in forbidden {
        let dependencies = section(&read(&format!("crates/{name}/Cargo.toml")), "dependencies");
        for line in dependencies.lines() {
            let dependency = line.split(['.', ' ', '=']).next().unwrap_or_default();
            assert!(!forbidden.contains(&dependency), "`{name}` depends on `{dependency}`");
        }
    }
}

#[test]
fn every_problem_is_explained_and_no_other() {
    let text = read("docs/problems.md");
    let explained = text.lines().filter_map(|line| line.strip_prefix("## "));
    let answered = api::CODES.into_iter().map(|(code, ..)| code);
    assert_eq!(explained.collect::<BTreeSet<_>>(), answered.collect::<BTreeSet<_>>());
}

#[test]
fn every_event_is_explained() {
    let text = read("docs/events.md");
    for event in contract::EventType::ALL {
        let row = format!("| `{}` |", event.name());
        assert!(text.contains(&row), "docs/events.md has no row {row}");
    }
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let mut explained = false;
    for line in section(&read("Cargo.toml"), "workspace.dependencies").lines() {
        explained = line.starts_with('#') || (explained && !line.is_empty());
        let needs_none = line.is_empty() || line.contains("path = ");
        assert!(needs_none || explained, "why is this there? {line}");
    }
}

#[test]
fn crates_that_are_there_twice_are_listed_with_whose_fault_it_is() {
    let lock = read("Cargo.lock");
    let (mut seen, mut twice) = (BTreeSet::new(), BTreeSet::new());
    for name in lock.lines().filter_map(|line| line.strip_prefix("name = ")) {
        if !seen.insert(name) {
            twice.insert(name.trim_matches('"'));
        }
    }
    let deny = read("deny.toml");
    let listed = deny
        .lines()
        .filter_map(|line| line.trim().strip_prefix("{ crate = \"")?.split(['"', '@']).next());
    assert_eq!(listed.collect::<BTreeSet<_>>(), twice);
}

#[test]
fn the_example_of_settings_is_what_the_executable_prints() {
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .arg("config")
        .env_clear()
        .output()
        .expect("the executable runs");
    let printed = String::from_utf8(printed.stdout).expect("text");
    if std::env::var_os("UPDATE_SETTINGS").is_some() {
        fs::write(root().join(".env.example"), &printed).expect("written");
    }
    assert_eq!(read(".env.example"), printed, "UPDATE_SETTINGS=1 writes it anew");
}

#[test]
fn every_bug_that_can_be_planted_is_listed_and_looked_for() {
    let quoted = |text: &str, before: &str| -> BTreeSet<String> {
        let names = text.split(before).skip(1);
        names.filter_map(|rest| rest.split(['"', '\'']).next()).map(str::to_owned).collect()
    };
    let listed = |path: &str| -> BTreeSet<String> {
        let text = read(path);
        let list = text.split("const BUGS").nth(1).and_then(|rest| rest.split("];").next());
        let lines = list.unwrap_or_default().lines().map(str::trim);
        let names = lines.filter_map(|line| line.strip_prefix('"')?.strip_suffix("\","));
        names.map(str::to_owned).collect()
    };
    let (kept, told) =
        (listed("crates/store/src/plant.rs"), listed("crates/realtime/src/plant.rs"));
    let code = files().into_iter().filter(|(path, _)| path.contains("/src/"));
    let planted = code.flat_map(|(_, text)| quoted(&text, "planted(\"")).collect::<BTreeSet<_>>();
    assert_eq!(planted, kept.union(&told).cloned().collect());
    let found = quoted(&read("crates/switchboard/tests/it/plants.rs"), "is_found(\"");
    assert_eq!(found, kept);
    assert_eq!(quoted(&read("dashboard/e2e/plants.test.js"), "bug: '"), told);
}
