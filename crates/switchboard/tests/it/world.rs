//! A world of its own for each test: a data directory, a database, and real processes in it.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{self, File},
    io::{BufRead, BufReader},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{
        Mutex,
        mpsc::{self, Receiver},
    },
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, types::ValueRef};
use serde_json::{Map, Value};
use tempfile::TempDir;
use testkit::Postgres;

use crate::http::{Answer, KEY, Line, Request};

const PROGRAM: &str = env!("CARGO_BIN_EXE_switchboard");
/// `SQLite`'s file in the data directory.
const FILE: &str = "switchboard.db";
const STARTED_WITHIN: Duration = Duration::from_secs(30);

/// Where servers of one test keep their data.
pub(crate) struct World {
    pub(crate) dir: TempDir,
    database: Option<(&'static Postgres, String)>,
    settings: BTreeMap<String, String>,
}

impl World {
    /// SQLite in a directory of its own.
    pub(crate) fn sqlite() -> Self {
        let settings = [("PORT", "0"), ("API_KEY", KEY), ("LOG_LEVEL", "info")];
        let dir = TempDir::with_prefix("switchboard-test-").expect("a directory can be made");
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self { dir, database: None, settings }.with("HOST", "127.0.0.1")
    }

    /// A database of its own on `PostgreSQL`; `None` where that is not installed.
    pub(crate) fn postgres() -> Option<Self> {
        Some(Self::on(testkit::postgres()?))
    }

    /// A database of its own on that server.
    pub(crate) fn on(postgres: &'static Postgres) -> Self {
        let url = postgres.database();
        let mut world = Self::sqlite().with("DATABASE_URL", &url);
        world.database = Some((postgres, url));
        world
    }

    /// With a setting.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Without a setting.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.settings.remove(name);
        self
    }

    /// With a bug that the suite must find.
    pub(crate) fn planted(self, bug: Option<&str>) -> Self {
        match bug {
            Some(bug) => self.with("SWITCHBOARD_PLANT", bug),
            None => self,
        }
    }

    pub(crate) fn is_shared(&self) -> bool {
        self.database.is_some()
    }

    /// The command, with this world's settings and no others.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).env_clear().envs(&self.settings).env("DATA_DIR", self.dir.path());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    /// Runs a command to its end, which must come soon.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(&[&["timeout", "90", PROGRAM], arguments].concat())
            .output()
            .expect("the executable runs")
    }

    /// Starts a server and waits until it listens.
    pub(crate) fn start(&self) -> Server {
        self.start_with(&[], &[])
    }

    /// Starts a server with further settings, by way of a program that watches it.
    pub(crate) fn start_with(&self, settings: &[(&str, &str)], watcher: &[&str]) -> Server {
        let log = File::options().create(true).append(true).open(self.dir.path().join("log"));
        let mut child = self
            .command(&[watcher, &[PROGRAM, "serve"]].concat())
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.expect("the log can be written"))
            .spawn()
            .expect("the executable starts");
        let (say, said) = mpsc::channel();
        let out = child.stdout.take().expect("it is piped");
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                // A test that is over listens no more.
                let _ = say.send(line);
            }
        });
        let mut server =
            Server { child, address: String::new(), said: Mutex::new(said), ended: false };
        let Some(first) = server.says() else {
            drop(server);
            panic!("the server did not start:\n{}", self.log());
        };
        let address =
            first.split("http://").nth(1).unwrap_or_else(|| panic!("no address: {first}"));
        address.clone_into(&mut server.address);
        server
    }

    /// What the servers of this world logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    /// Where the database is: an address, or a file.
    pub(crate) fn database(&self) -> OsString {
        match &self.database {
            Some((_, url)) => url.into(),
            None => self.dir.path().join(FILE).into(),
        }
    }

    /// Asks the database itself, past the server.
    pub(crate) fn rows(&self, sql: &str) -> Vec<Value> {
        if let Some((postgres, url)) = &self.database {
            let rows = format!("select coalesce(json_agg(t), '[]') from ({sql}) t");
            let rows = postgres.execute(url, &rows);
            return serde_json::from_str(&rows).expect("the database writes JSON");
        }
        self.file_rows(sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    fn file_rows(&self, sql: &str) -> rusqlite::Result<Vec<Value>> {
        let connection = self.open()?;
        let mut statement = connection.prepare(sql)?;
        let names = statement.column_names().into_iter().map(str::to_owned).collect::<Vec<_>>();
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let mut object = Map::new();
            for (at, name) in names.iter().enumerate() {
                object.insert(name.clone(), plain(row.get_ref(at)?));
            }
            found.push(Value::Object(object));
        }
        Ok(found)
    }

    /// Changes the database itself, past the server.
    pub(crate) fn execute(&self, sql: &str) {
        if let Some((postgres, url)) = &self.database {
            postgres.execute(url, sql);
        } else {
            self.open().and_then(|it| it.execute_batch(sql)).expect("the file takes it");
        }
    }

    /// Changes the database between two lives of the server, which remembers what it keeps.
    pub(crate) fn execute_between(&self, server: Server, sql: &str) -> Server {
        server.kill();
        self.execute(sql);
        self.start()
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let connection = Connection::open(self.dir.path().join(FILE))?;
        connection.busy_timeout(Duration::from_secs(10))?;
        Ok(connection)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if thread::panicking() {
            let log = self.log();
            let lines = log.lines().collect::<Vec<_>>();
            let last = lines[lines.len().saturating_sub(15)..].join("\n");
            eprintln!("the server's last words:\n{last}");
        }
    }
}

fn plain(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into(),
    }
}

/// A running server. Killed when the test is over, however it ends.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    said: Mutex<Receiver<String>>,
    ended: bool,
}

impl Server {
    /// The next line it prints.
    pub(crate) fn says(&self) -> Option<String> {
        self.said.lock().ok()?.recv_timeout(STARTED_WITHIN).ok()
    }

    /// A new connection.
    pub(crate) fn line(&self) -> Line {
        Line::to(&self.address).expect("the server accepts connections")
    }

    /// Asks on a new connection.
    #[track_caller]
    pub(crate) fn ask(&self, request: &Request) -> Answer {
        self.line().ask(request).unwrap_or_else(|error| panic!("{request:?}: {error}"))
    }

    #[track_caller]
    pub(crate) fn get(&self, target: &str) -> Answer {
        self.ask(&Request::get(target))
    }

    #[track_caller]
    pub(crate) fn post(&self, event: &Value) -> Answer {
        self.ask(&Request::event(event))
    }

    /// Posts what must be recorded.
    #[track_caller]
    pub(crate) fn record(&self, event: &Value) -> Value {
        self.post(event).is(201)
    }

    /// A call's history.
    #[track_caller]
    pub(crate) fn history(&self, call: &str) -> Vec<Value> {
        let history = self.get(&format!("/api/calls/{}/events", crate::http::encode(call))).is(200);
        history.as_array().cloned().unwrap_or_default()
    }

    /// The types of a call's events, in order.
    #[track_caller]
    pub(crate) fn types(&self, call: &str) -> Vec<String> {
        let history = self.history(call);
        history.iter().map(|event| event["type"].as_str().unwrap_or_default().to_owned()).collect()
    }

    #[track_caller]
    pub(crate) fn call(&self, call: &str) -> Value {
        self.get(&format!("/api/calls/{}", crate::http::encode(call))).is(200)
    }

    /// Sets a queue's promises.
    #[track_caller]
    pub(crate) fn queue(&self, id: &str, change: &Value) -> Value {
        self.ask(&Request::put(&format!("/api/queues/{id}")).json(change)).is(200)
    }

    #[track_caller]
    pub(crate) fn is_healthy(&self) {
        assert_eq!(self.get("/health").is(200), serde_json::json!({ "status": "ok" }));
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: no goodbye.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
        self.ended = true;
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Waits for the end, and says how the process ended.
    pub(crate) fn ended(&mut self, within: Duration) -> Option<ExitStatus> {
        let ended = eventually(within, || self.child.try_wait().expect("it can be asked"));
        self.ended = ended.is_some();
        ended
    }

    /// Stops it in good order.
    pub(crate) fn stop(mut self) {
        self.terminate();
        let status = self.ended(Duration::from_secs(10)).expect("it stops when it is asked to");
        assert!(status.success(), "it stops in good order: {status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !self.ended {
            // It may have ended by itself.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Asks again and again until there is an answer, for at most so long.
pub(crate) fn eventually<T>(within: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if deadline < Instant::now() {
            return None;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// [`eventually()`], or the test fails.
#[track_caller]
pub(crate) fn soon<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    eventually(Duration::from_secs(20), ask).unwrap_or_else(|| panic!("never came: {what}"))
}
