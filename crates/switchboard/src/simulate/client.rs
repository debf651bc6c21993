//! The HTTP client of the simulation: keep-alive connections, one sentence per way to fail.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, LINK, RETRY_AFTER};
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

const ANSWER_WITHIN: Duration = Duration::from_secs(15);
const ANSWER_BYTES_MAX: usize = 64 << 20;
const RETRY_AFTER_MAX: Duration = Duration::from_secs(5);

/// One server, with the key it wants.
#[derive(Clone, Debug)]
pub(super) struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
    base: String,
    key: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Bytes,
    pub(super) replayed: bool,
    pub(super) next: Option<String>,
    pub(super) retry_after: Option<Duration>,
}

impl Client {
    /// Nothing is sent yet; the URL is looked at.
    pub(super) fn new(url: &str, key: Option<String>) -> Result<Self, String> {
        let base = url.trim_end_matches('/');
        if base.starts_with("https://") {
            return Err(format!(
                "`{url}`: the simulation speaks plain HTTP only; give the address behind the TLS \
                 proxy, such as http://localhost:3000"
            ));
        }
        let has_host = base.parse::<hyper::Uri>().is_ok_and(|it| it.host().is_some());
        if !base.starts_with("http://") || !has_host {
            return Err(format!("`{url}` is not an address such as http://localhost:3000"));
        }
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(ANSWER_WITHIN));
        let pool = Pool::builder(TokioExecutor::new()).build(connector);
        Ok(Self { pool, base: base.to_owned(), key })
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Sends events, or one event.
    pub(super) async fn post(&self, path: &str, body: String) -> Result<Answer, String> {
        self.send(Method::POST, path, body).await
    }

    /// Asks once.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> Result<Answer, String> {
        self.send(method, path, body).await
    }

    /// Reads something; a failure to connect, or an answer that is none, is tried a few times more.
    pub(super) async fn get(&self, path: &str) -> Result<Answer, String> {
        let mut tried = 0;
        loop {
            let answer = self.send(Method::GET, path, String::new()).await;
            tried += 1;
            let wait_for = match &answer {
                Ok(answer) if answer.is_for_later() => answer.wait_for(),
                Err(_) => Duration::from_millis(300),
                Ok(_) => return answer,
            };
            if tried == 5 {
                return answer;
            }
            tokio::time::sleep(wait_for).await;
        }
    }

    /// What to tell somebody whose key is not taken.
    pub(super) fn unauthorized(&self) -> String {
        let found = match self.key {
            Some(_) => "does not take this key",
            None => "wants a key, and none was given or found",
        };
        format!(
            "the server {found}: give --key or API_KEY the key that `switchboard serve` was started \
             with or printed, or --data the directory where it keeps it"
        )
    }

    /// What to tell somebody whose server does not answer.
    pub(super) fn unreachable(&self, why: &str) -> String {
        format!("cannot reach {}: is `switchboard serve` running? ({why})", self.base)
    }

    async fn send(&self, method: Method, path: &str, body: String) -> Result<Answer, String> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(key) = &self.key {
            request = request.header("x-api-key", key);
        }
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| format!("the address or the key cannot be sent: {error}"))?;
        let answered = async {
            let answer = self.pool.request(request).await.map_err(|error| in_a_line(&error))?;
            let (head, body) = answer.into_parts();
            let body = Limited::new(body, ANSWER_BYTES_MAX);
            let body = body.collect().await.map_err(|error| in_a_line(&*error))?.to_bytes();
            Ok(Answer::new(head.status, &head.headers, body))
        };
        match tokio::time::timeout(ANSWER_WITHIN, answered).await {
            Ok(answer) => answer,
            Err(_) => Err(format!("no answer within {} s", ANSWER_WITHIN.as_secs())),
        }
    }
}

impl Answer {
    fn new(status: StatusCode, headers: &HeaderMap, body: Bytes) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            status: status.as_u16(),
            body,
            replayed: headers.get("idempotency-replayed").is_some_and(|it| it == "true"),
            next: text(LINK).and_then(next_page),
            retry_after: text(RETRY_AFTER)
                .and_then(|seconds| seconds.trim().parse().ok())
                .map(Duration::from_secs),
        }
    }

    /// Whether the server asks to be asked again.
    pub(super) fn is_for_later(&self) -> bool {
        is_for_later(self.status)
    }

    pub(super) fn wait_for(&self) -> Duration {
        self.retry_after.unwrap_or(Duration::from_millis(500)).min(RETRY_AFTER_MAX)
    }

    /// The body as text, cut where it is long.
    pub(super) fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        text.chars().take(300).collect()
    }
}

/// Too busy, too often, or away: the same request may do better in a moment.
pub(super) fn is_for_later(status: u16) -> bool {
    matches!(status, 429 | 502 | 503 | 504)
}

/// The address in `<...>; rel="next"`.
fn next_page(link: &str) -> Option<String> {
    link.split(',').find_map(|link| {
        let (address, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
        rest.contains(r#"rel="next""#).then(|| address.to_owned())
    })
}

/// An error with its causes, which is where the useful word is.
fn in_a_line(error: &(dyn std::error::Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}
