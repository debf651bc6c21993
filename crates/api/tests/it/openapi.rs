//! The description of the API, and the copy of it that the `TypeScript` types are made from.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
};

use serde_json::Value;

fn document() -> Value {
    serde_json::from_str(&api::document()).expect("it is JSON")
}

/// Every operation, with its method and path.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().expect("there are some");
    let methods = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().expect("methods");
        item.iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
    });
    methods.collect()
}

/// Everything in the document that is an object, with the way to it.
fn objects<'a>(value: &'a Value, path: &str, found: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(fields) => {
            found.push((path.to_owned(), value));
            for (key, field) in fields {
                objects(field, &format!("{path}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for item in items {
                objects(item, &format!("{path}/-"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn the_copy_for_the_dashboard_is_this_document() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dashboard/src/api/openapi.json");
    let document = format!("{}\n", api::document().trim_end());
    if env::var_os("UPDATE_OPENAPI").is_some() {
        fs::write(&path, &document).expect("it can be written");
    }
    let copy = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        copy == document,
        "{} is stale: UPDATE_OPENAPI=1 writes it anew; then `npm run generate` in dashboard/",
        path.display()
    );
}

#[test]
fn it_is_openapi_3_1() {
    let document = document();
    let version = document["openapi"].as_str().unwrap_or_default();
    assert!(version.starts_with("3.1."), "{version}");
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = document();
    let mut names = BTreeMap::new();
    for (operation, described) in operations(&document) {
        let name = described["operationId"].as_str().unwrap_or_default().to_owned();
        assert!(!name.is_empty(), "{operation} has no name");
        if let Some(other) = names.insert(name.clone(), operation.clone()) {
            panic!("{operation} and {other} are both `{name}`");
        }
    }
    assert_eq!(names.get("getCallEvents").map(String::as_str), Some("get /api/calls/{id}/events"));
}

#[test]
fn every_operation_says_what_it_does_and_what_it_wants() {
    let document = document();
    for (operation, described) in operations(&document) {
        assert!(described["summary"].is_string(), "{operation} has no summary");
        assert!(described["security"].is_array(), "{operation} does not say which key it wants");
        assert!(described["responses"]["401"].is_object(), "{operation} never refuses");
    }
}

#[test]
fn the_parameters_of_a_path_are_those_in_its_braces() {
    let document = document();
    for (operation, described) in operations(&document) {
        let parts = operation.split('{').skip(1).filter_map(|part| part.split('}').next());
        let in_braces = parts.map(str::to_owned).collect::<BTreeSet<_>>();
        let parameters = described["parameters"].as_array().into_iter().flatten();
        let in_path = parameters
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap_or_default().to_owned())
            .collect::<BTreeSet<_>>();
        assert_eq!(in_braces, in_path, "{operation}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut found = Vec::new();
    objects(&document, "", &mut found);
    let references = found.iter().filter_map(|(path, it)| Some((path, it["$ref"].as_str()?)));
    let mut count = 0;
    for (path, reference) in references {
        let target = document.pointer(reference.trim_start_matches('#'));
        assert!(target.is_some(), "{path}: {reference} leads nowhere");
        count += 1;
    }
    assert!(0 < count, "there are no references: is this the right document?");
}

#[test]
fn what_is_optional_is_left_out_and_never_null() {
    let document = document();
    let mut found = Vec::new();
    objects(&document, "", &mut found);
    for (path, it) in found {
        let types = [&it["type"]].into_iter().chain(it["type"].as_array().into_iter().flatten());
        assert!(types.into_iter().all(|it| it != "null"), "{path} may be null");
        let default = it.get("default");
        assert!(default.is_none_or(|default| !default.is_null()), "{path} is null by default");
    }
}

#[test]
fn everything_said_over_socket_io_is_described() {
    let document = document();
    for name in [
        "CallStatusUpdate",
        "AlertUpdate",
        "AgentUpdate",
        "Warning",
        "Resync",
        "SubscribeCalls",
        "SubscribeAlerts",
        "SubscribeAgents",
        "Subscribed",
    ] {
        let described = &document["components"]["schemas"][name];
        assert!(described["description"].is_string(), "{name} is not described");
    }
}
