//! The queues of the day: those that were asked for, made where the server has none of that name.

use contract::{Queue, QueueChange, Seconds};
use hyper::Method;

use super::client::{Answer, Client};
use super::options::Simulate;
use super::player::Speed;

/// So many of the queues that are made leave time to wrap up.
const WRAPPING: usize = 2;
const WRAP_UP_MS: f64 = 20_000.0;

/// The queues that callers come to, in the order in which they are named.
pub(super) async fn for_the_day(client: &Client, asked: &Simulate) -> Result<Vec<Queue>, String> {
    let there = all(client).await?;
    let wanted = match asked.queues.as_slice() {
        [] if asked.external_routing => return Ok(there),
        [] => Queue::first().map(|queue| queue.id).collect(),
        asked => asked.to_vec(),
    };
    let (mut queues, mut made) = (Vec::<Queue>::new(), 0);
    for id in wanted {
        if queues.iter().any(|queue| queue.id == id) {
            continue;
        }
        let queue = if let Some(queue) = there.iter().find(|queue| queue.id == id) {
            queue.clone()
        } else {
            made += 1;
            make(client, &id, if made <= WRAPPING { wrap_up(asked.speed) } else { 0 }).await?
        };
        queues.push(queue);
    }
    Ok(queues)
}

/// The server counts in real seconds: so long in the simulated day.
#[expect(clippy::cast_possible_truncation, reason = "less than an hour in milliseconds")]
fn wrap_up(speed: Speed) -> i64 {
    match speed {
        Speed::Times(times) => (WRAP_UP_MS / times.max(0.01)).round() as i64,
        Speed::Max => 0,
    }
}

async fn make(client: &Client, id: &str, wrap_up_ms: i64) -> Result<Queue, String> {
    let change =
        QueueChange { wrap_up_seconds: Some(Seconds { ms: wrap_up_ms }), ..QueueChange::default() };
    let path = format!("/api/queues/{}", in_a_path(id));
    let body = serde_json::to_string(&change).expect("plain fields are always JSON");
    let answer = client.ask(Method::PUT, &path, body).await;
    read(client, &path, &answer.map_err(|why| client.unreachable(&why))?)
}

/// Every queue of the server: those of the first start first, then by id.
async fn all(client: &Client) -> Result<Vec<Queue>, String> {
    let path = "/api/queues";
    let answer = client.get(path).await.map_err(|why| client.unreachable(&why))?;
    let mut queues: Vec<Queue> = read(client, path, &answer)?;
    let first = Queue::first().collect::<Vec<_>>();
    let place = |queue: &Queue| first.iter().position(|it| it.id == queue.id).unwrap_or(usize::MAX);
    queues.sort_by(|one, other| (place(one), &one.id).cmp(&(place(other), &other.id)));
    Ok(queues)
}

fn read<T: serde::de::DeserializeOwned>(
    client: &Client,
    path: &str,
    answer: &Answer,
) -> Result<T, String> {
    match answer.status {
        200 => serde_json::from_slice(&answer.body).map_err(|error| format!("{path}: {error}")),
        401 => Err(client.unauthorized()),
        status => Err(format!("{path}: {status} {}", answer.text())),
    }
}

/// An id may have any characters; what is not plain is written as its bytes.
fn in_a_path(id: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    id.bytes().map(byte).collect()
}
