//! Rows of either database as JSON, with nothing changed there.

use std::{io::ErrorKind, process::Command, time::Duration};

use rusqlite::{Connection, OpenFlags, types::ValueRef};
use serde_json::{Map, Value};

/// `SQLite`'s file, or the address of a `PostgreSQL`.
pub(crate) enum Database<'a> {
    File(Connection),
    Server(&'a str),
}

impl<'a> Database<'a> {
    pub(crate) fn open(name: &'a str) -> Result<Self, String> {
        if name.starts_with("postgres://") || name.starts_with("postgresql://") {
            return Ok(Self::Server(name));
        }
        let file = Connection::open_with_flags(name, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .and_then(|file| file.busy_timeout(Duration::from_secs(10)).map(|()| file));
        file.map(Self::File).map_err(|error| {
            format!(
                "the database {name} cannot be opened: {error}. \
                 Name SQLite's file, as in data/switchboard.db, or a postgres:// address"
            )
        })
    }

    pub(crate) fn rows(&self, sql: &str) -> Result<Vec<Value>, String> {
        let rows = match self {
            Self::File(file) => file_rows(file, sql).map_err(|error| error.to_string()),
            Self::Server(url) => server_rows(url, sql),
        };
        rows.map_err(|why| format!("the database cannot be read: {why}"))
    }
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

/// Has `psql` write a JSON object a line: whatever way there is into that server, it knows it.
fn server_rows(url: &str, sql: &str) -> Result<Vec<Value>, String> {
    let sql = format!("select row_to_json(t) from ({sql}) t");
    let output = Command::new("psql")
        .args(["-X", "-w", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", &sql])
        .env("PGCONNECT_TIMEOUT", "10")
        .output()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                "psql is not installed: apt-get install postgresql-client".to_owned()
            }
            _ => format!("psql: {error}"),
        })?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let rows = String::from_utf8_lossy(&output.stdout);
    let rows = rows.lines().map(|row| serde_json::from_str(row).map_err(|error| error.to_string()));
    rows.collect()
}
