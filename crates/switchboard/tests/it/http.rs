//! An HTTP client that does nothing behind a test's back, and what tests say with it.

use std::{
    fmt,
    io::{self, BufRead, BufReader, Error, Read, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use serde_json::Value;

const ANSWERED_WITHIN: Duration = Duration::from_secs(30);

/// The key that every test server knows.
pub(crate) const KEY: &str = "test-key";

/// A request, sent exactly as it is written.
#[derive(Clone)]
pub(crate) struct Request {
    method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Vec<u8>>,
}

impl Request {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        let (method, target) = (method.to_owned(), target.to_owned());
        Self { method, target, headers: Vec::new(), body: None }
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A change, with the key.
    pub(crate) fn post(target: &str) -> Self {
        Self::new("POST", target).header("X-API-Key", KEY)
    }

    /// A change, with the key.
    pub(crate) fn put(target: &str) -> Self {
        Self::new("PUT", target).header("X-API-Key", KEY)
    }

    /// An event, with the key.
    pub(crate) fn event(event: &Value) -> Self {
        Self::post("/api/events").json(event)
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").body(body.to_string())
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes =
            format!("{} {} HTTP/1.1\r\nHost: test\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        if let Some(body) = &self.body {
            bytes.extend(format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes());
            bytes.extend(body);
        } else {
            bytes.extend(b"\r\n");
        }
        bytes
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes();
        f.write_str(&String::from_utf8_lossy(&bytes[..bytes.len().min(500)]))
    }
}

/// What the server said.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let named = |(header, _): &&(String, String)| header.eq_ignore_ascii_case(name);
        self.headers.iter().find(named).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {} {}", self.status, self.text()))
    }

    /// The answer's JSON, where it has this status.
    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// The problem, where it has this status and code and the form that every problem has.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, code: &str) -> Value {
        let problem = self.is(status);
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["type"], format!("/problems/{code}"), "{problem}");
        for part in ["title", "detail", "message"] {
            let text = problem[part].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "no {part}: {problem}");
        }
        assert_eq!(self.header("retry-after"), (status == 503).then_some("1"), "{problem}");
        problem
    }

    /// A refusal for what the body says, with an issue of this code at this path.
    #[track_caller]
    pub(crate) fn is_invalid(&self, code: &str, path: &[&str]) -> Value {
        let problem = self.is_problem(400, "invalid_payload");
        assert_eq!(problem["message"], "Invalid event payload");
        let issues = problem["issues"].as_array().cloned().unwrap_or_default();
        for issue in &issues {
            assert!(issue["message"].as_str().is_some_and(|it| !it.is_empty()), "{problem}");
        }
        let found = issues
            .iter()
            .any(|issue| issue["code"] == code && issue["path"] == serde_json::json!(path));
        assert!(found, "no issue {code} at {path:?}: {problem}");
        problem
    }

    /// A refusal for what the body says, with exactly these issues: the code, where, and what would be
    /// right.
    #[track_caller]
    pub(crate) fn names(&self, expected: &[(&str, &str, &str)]) {
        let problem = self.is_problem(400, "invalid_payload");
        let issues = problem["issues"].as_array().cloned().unwrap_or_default();
        let told = issues.iter().map(|issue| {
            let path = issue["path"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let path = path.collect::<Vec<_>>().join(".");
            let text = |part: &str| issue[part].as_str().unwrap_or_default().to_owned();
            (text("code"), path, text("message"))
        });
        let told = told.collect::<Vec<_>>();
        let told = told.iter().map(|(code, path, message)| (&**code, &**path, &**message));
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }
}

/// One connection to a server.
pub(crate) struct Line(BufReader<TcpStream>);

impl Line {
    pub(crate) fn to(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWERED_WITHIN))?;
        stream.set_write_timeout(Some(ANSWERED_WITHIN))?;
        Ok(Self(BufReader::new(stream)))
    }

    pub(crate) fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.get_mut().write_all(bytes)
    }

    pub(crate) fn say_no_more(&mut self) -> io::Result<()> {
        self.0.get_mut().shutdown(Shutdown::Write)
    }

    pub(crate) fn ask(&mut self, request: &Request) -> io::Result<Answer> {
        self.say(&request.bytes())?;
        self.hear()
    }

    /// The next answer.
    pub(crate) fn hear(&mut self) -> io::Result<Answer> {
        let wrong = |what: &str| Error::other(format!("not an answer: {what}"));
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|it| it.parse().ok());
        let status = status.ok_or_else(|| wrong(&first))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| wrong(&line))?;
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        let mut answer = Answer { status, headers, body: Vec::new() };
        let length = answer.header("content-length").and_then(|it| it.parse().ok());
        if status == 100 {
            return self.hear();
        }
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = self.chunks()?;
        } else {
            answer.body = vec![0; length.unwrap_or(0)];
            self.0.read_exact(&mut answer.body)?;
        }
        Ok(answer)
    }

    /// Whether the server has nothing more to say and hung up.
    pub(crate) fn is_closed(&mut self) -> bool {
        matches!(self.0.read(&mut [0; 64]), Ok(0) | Err(_))
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        if self.0.read_until(b'\n', &mut line)? == 0 {
            return Err(Error::from(io::ErrorKind::UnexpectedEof));
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let size = usize::from_str_radix(&self.line()?, 16).map_err(Error::other)?;
            let mut chunk = vec![0; size];
            self.0.read_exact(&mut chunk)?;
            self.line()?;
            if size == 0 {
                return Ok(body);
            }
            body.extend(chunk);
        }
    }
}

/// Text as part of a path.
pub(crate) fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |path, byte| path + &format!("%{byte:02X}"))
}
