//! One file per message, in `samples/`: the wire as others rely on it.
//!
//! A file is named `<type>.<case>.json`; the type is its name in the `OpenAPI` document, except for
//! `Older`, the input of the generation before. `UPDATE_SAMPLES=1` writes the files of new samples.
//! **A sample that was published loses nothing and changes nothing; it may gain a field**: if one no
//! longer matches otherwise, the change breaks somebody's client, and it is the change that must go.
//! That is why no file is ever overwritten.

mod answers;
mod events;
mod figures;
pub(crate) mod incoming;
mod live;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::PathBuf,
};

use contract::EventType;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A message as it is written, and as it is written again after it was read.
pub(crate) struct Sample {
    name: String,
    written: Value,
    written_again: Value,
}

/// A sample of a message.
fn sample<T: Serialize + DeserializeOwned>(name: impl Into<String>, message: &T) -> Sample {
    let name = name.into();
    let text = serde_json::to_string(message).expect("a message can be written");
    let read = serde_json::from_str::<T>(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    Sample {
        name,
        written: serde_json::from_str(&text).expect("it is JSON"),
        written_again: serde_json::to_value(read).expect("a message can be written"),
    }
}

fn all() -> Vec<Sample> {
    let mut all = incoming::samples();
    all.extend(events::samples());
    all.extend(answers::samples());
    all.extend(live::samples());
    all.extend(figures::samples());
    all
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples")
}

/// The samples as they were published, by name.
fn published() -> BTreeMap<String, Value> {
    let files = fs::read_dir(folder()).expect("the folder is there");
    files
        .map(|file| file.expect("it can be read").path())
        .map(|path| {
            let text = fs::read_to_string(&path).expect("it can be read");
            let name = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
            let value = serde_json::from_str(&text).unwrap_or_else(|it| panic!("{name}: {it}"));
            (name, value)
        })
        .collect()
}

/// The sample of that name, as it was published.
fn published_as(name: &str) -> Value {
    published().remove(name).unwrap_or_else(|| panic!("there is no sample {name}"))
}

#[test]
fn every_message_is_written_as_it_was_published() {
    let mut published = published();
    for Sample { name, written, .. } in all() {
        let path = folder().join(format!("{name}.json"));
        if !published.contains_key(&name) && env::var_os("UPDATE_SAMPLES").is_some() {
            fs::write(&path, format!("{written:#}\n")).expect("it can be written");
            published.insert(name.clone(), written.clone());
        }
        let as_published = published
            .get(&name)
            .unwrap_or_else(|| panic!("{} is missing: UPDATE_SAMPLES=1 writes it", path.display()));
        assert_eq!(&written, as_published, "{name}: left as it is now, right as published");
    }
}

#[test]
fn a_message_that_is_read_loses_nothing() {
    for Sample { name, written, written_again } in all() {
        assert_eq!(written, written_again, "{name}");
    }
}

#[test]
fn nothing_optional_is_ever_null() {
    fn has_null(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(items) => items.iter().any(has_null),
            Value::Object(fields) => fields.values().any(has_null),
            _ => false,
        }
    }
    let nulls = all().into_iter().filter(|sample| has_null(&sample.written));
    assert_eq!(nulls.map(|sample| sample.name).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn no_published_sample_is_left_out() {
    let older = |name: &String| name.starts_with("Older.");
    let published = published().into_keys().filter(|name| !older(name)).collect::<BTreeSet<_>>();
    let all = all().into_iter().map(|sample| sample.name).collect::<BTreeSet<_>>();
    assert_eq!(published, all);
}

#[test]
fn every_type_of_event_has_a_sample() {
    let published = published();
    for kind in EventType::ALL {
        let name = format!("CallEvent.{}", kind.name());
        let sample = published.get(&name).unwrap_or_else(|| panic!("there is no sample {name}"));
        assert_eq!(sample["type"], kind.name());
    }
}
