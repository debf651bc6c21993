//! A PostgreSQL of one's own, from the installed programs, gone when the test is.

use std::{
    fs,
    io::Write,
    net::TcpListener,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread::sleep,
    time::Duration,
};

/// The server that all tests of one executable share. It forgets what a crash would: nothing in it
/// outlives the test.
///
/// `None`, with a message, on a machine without PostgreSQL. Where the variable `CI` is set that
/// would be a test passing by not running, so there it panics.
pub fn postgres() -> Option<&'static Postgres> {
    static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| {
        let Some(programs) = programs() else {
            assert!(std::env::var_os("CI").is_none(), "PostgreSQL must be installed where CI runs");
            eprintln!("skipped: PostgreSQL is not installed");
            return None;
        };
        let settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
        Some(Postgres::start_from(&programs, &settings).expect("PostgreSQL starts"))
    });
    shared.as_ref()
}

/// A running server.
pub struct Postgres {
    programs: PathBuf,
    port: u16,
    databases: AtomicU32,
    // The guard stops the server and deletes its files as soon as its input ends, and the input
    // ends with whoever holds this: also when the test panicked or was killed.
    guard: Child,
}

const GUARD: &str = r#"
programs=$1 data=$2 port=$3 settings=$4
start() {
    "$programs/postgres" -D "$data" -k "$data" -p "$port" -c listen_addresses=127.0.0.1 $settings \
        >>"$data/log" 2>&1 </dev/null &
    server=$!
}
crash() {
    kill -QUIT $server
    wait $server
}
start
while read -r word; do
    case $word in crash) crash ;; start) start ;; esac
done
crash 2>&-
rm -rf "$data"
"#;

impl Postgres {
    /// Starts a server with durability as it is by default, and the settings given.
    pub fn start(settings: &[&str]) -> Result<Self, String> {
        let programs = programs().ok_or("PostgreSQL is not installed")?;
        Self::start_from(&programs, settings)
    }

    fn start_from(programs: &Path, settings: &[&str]) -> Result<Self, String> {
        let failed = |error: std::io::Error| error.to_string();
        let data = tempfile::Builder::new().prefix("switchboard-pg-").tempdir().map_err(failed)?;
        let owner = owner_of(data.path())?;
        // From here on the guard deletes it.
        let data = data.keep();
        init(programs, &data, owner)?;
        let port = free_port().map_err(failed)?;
        let settings =
            settings.iter().map(|setting| format!("-c {setting}")).collect::<Vec<_>>().join(" ");
        let guard = as_owner(Path::new("sh"), owner)
            .args(["-c", GUARD, "guard"])
            .args([programs, &data])
            .args([&port.to_string(), &settings])
            // Who stops the test by a signal to its group leaves the guard to tidy up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let server =
            Self { programs: programs.to_owned(), port, databases: AtomicU32::new(0), guard };
        server.wait()?;
        Ok(server)
    }

    fn wait(&self) -> Result<(), String> {
        let mut said = String::new();
        for _ in 0..400 {
            match self.run(&self.url("postgres"), "select 1") {
                Ok(_) => return Ok(()),
                Err(error) => said = error,
            }
            sleep(Duration::from_millis(50));
        }
        Err(format!("PostgreSQL does not answer: {said}"))
    }

    /// The server ends without a word to anyone, as in a crash; its files stay.
    pub fn crash(&self) {
        self.tell_guard(b"crash\n");
        for _ in 0..400 {
            if self.run(&self.url("postgres"), "select 1").is_err() {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        panic!("PostgreSQL does not end");
    }

    /// The server that crashed starts on its files; returns when it answers.
    pub fn recover(&self) {
        self.tell_guard(b"start\n");
        self.wait().expect("it recovers");
    }

    fn tell_guard(&self, line: &[u8]) {
        let mut guard = self.guard.stdin.as_ref().expect("its input is open");
        guard.write_all(line).expect("the guard listens");
    }

    /// The port it listens on, at 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Creates an empty database and returns its address.
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.execute(&self.url("postgres"), &format!("create database {name}"));
        self.url(&name)
    }

    /// Runs SQL as the superuser and returns what it prints: bare rows, columns apart by `|`.
    pub fn execute(&self, url: &str, sql: &str) -> String {
        self.run(url, sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    fn url(&self, database: &str) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/{database}", self.port)
    }

    fn run(&self, url: &str, sql: &str) -> Result<String, String> {
        let output = Command::new(self.programs.join("psql"))
            .args(["-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql])
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // It deletes its files before it ends.
        let _ = self.guard.wait();
    }
}

/// The programs of the newest installed version, or those on the path.
fn programs() -> Option<PathBuf> {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let installed = installed.map(|version| version.path().join("bin"));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&on_path).collect::<Vec<_>>();
    let complete = |folder: &PathBuf| {
        ["initdb", "postgres", "psql"].iter().all(|program| folder.join(program).exists())
    };
    let version =
        |folder: &PathBuf| -> Option<u32> { folder.parent()?.file_name()?.to_str()?.parse().ok() };
    installed.filter(complete).max_by_key(version).or_else(|| on_path.into_iter().find(complete))
}

/// PostgreSQL refuses to run as root, so root lends the folder to the user `postgres`.
fn owner_of(data: &Path) -> Result<Option<(u32, u32)>, String> {
    if fs::metadata(data).map_err(|error| error.to_string())?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
    let user = users.lines().find(|line| line.starts_with("postgres:"));
    let mut ids = user.unwrap_or_default().split(':').skip(2).map(str::parse);
    let (Some(Ok(uid)), Some(Ok(gid))) = (ids.next(), ids.next()) else {
        return Err("there is no user `postgres` to run PostgreSQL as".to_owned());
    };
    chown(data, Some(uid), Some(gid)).map_err(|error| error.to_string())?;
    Ok(Some((uid, gid)))
}

fn init(programs: &Path, data: &Path, owner: Option<(u32, u32)>) -> Result<(), String> {
    let output = as_owner(&programs.join("initdb"), owner)
        .args(["--no-sync", "--username=postgres", "--auth=trust", "--locale=C"])
        .args(["--encoding=UTF8", "--pgdata"])
        .arg(data)
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("initdb: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

fn as_owner(program: &Path, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if let Some((uid, gid)) = owner {
        command.uid(uid).gid(gid);
    }
    command
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
