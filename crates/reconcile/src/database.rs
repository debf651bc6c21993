//! Rows of either database as JSON, with nothing changed there.

use std::{io::ErrorKind, process::Command, time::Duration};

use rusqlite::{Connection, OpenFlags, types::ValueRef};
use serde_json::{Map, Value};

/// The rows of each query, all as they stood at one moment. The name is that of `SQLite`'s file, or
/// the address of a `PostgreSQL`.
pub(crate) fn read<const N: usize>(
    name: &str,
    queries: [&str; N],
) -> Result<[Vec<Value>; N], String> {
    let rows = if name.starts_with("postgres://") || name.starts_with("postgresql://") {
        server_rows(name, &queries)
    } else {
        let file = open(name).map_err(|error| {
            format!(
                "the database {name} cannot be opened: {error}. \
                 Name SQLite's file, as in data/switchboard.db, or a postgres:// address"
            )
        })?;
        all_file_rows(&file, &queries).map_err(|error| error.to_string())
    };
    let whole = |rows: Vec<_>| rows.try_into().map_err(|_| "it answered otherwise".to_owned());
    rows.and_then(whole).map_err(|why| format!("the database cannot be read: {why}"))
}

fn open(name: &str) -> rusqlite::Result<Connection> {
    let file = Connection::open_with_flags(name, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    file.busy_timeout(Duration::from_secs(10))?;
    Ok(file)
}

fn all_file_rows(file: &Connection, queries: &[&str]) -> rusqlite::Result<Vec<Vec<Value>>> {
    file.execute_batch("begin")?;
    queries.iter().map(|sql| file_rows(file, sql)).collect()
}

fn file_rows(file: &Connection, sql: &str) -> rusqlite::Result<Vec<Value>> {
    let mut statement = file.prepare(sql)?;
    let names = statement.column_names().into_iter().map(str::to_owned).collect::<Vec<_>>();
    let rows = statement.query_map([], |row| {
        let mut object = Map::new();
        for (at, name) in names.iter().enumerate() {
            object.insert(name.clone(), plain(row.get_ref(at)?));
        }
        Ok(Value::Object(object))
    })?;
    rows.collect()
}

fn plain(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into(),
    }
}

/// Has `psql` write a JSON object a line, and a line with a dot before each query: whatever way there
/// is into that server, it knows it.
fn server_rows(url: &str, queries: &[&str]) -> Result<Vec<Vec<Value>>, String> {
    let mut psql = Command::new("psql");
    psql.args(["-X", "-w", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d", url])
        .args(["-c", "begin isolation level repeatable read read only"])
        .env("PGCONNECT_TIMEOUT", "10");
    for sql in queries {
        psql.args(["-c", r"\echo ."])
            .arg("-c")
            .arg(format!("select row_to_json(t) from ({sql}) t"));
    }
    let output = psql.output().map_err(|error| match error.kind() {
        ErrorKind::NotFound => "install psql first: apt-get install postgresql-client".to_owned(),
        _ => format!("psql: {error}"),
    })?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let mut answers = Vec::<Vec<_>>::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        if line == "." {
            answers.push(Vec::new());
        } else if let Some(rows) = answers.last_mut() {
            rows.push(serde_json::from_str(line).map_err(|error| error.to_string())?);
        }
    }
    Ok(answers)
}
