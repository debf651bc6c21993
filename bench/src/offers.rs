//! How soon a free agent is offered a call, while a busy centre works: everybody talks, callers wait
//! in every queue, and calls end at a fixed rate. Each end frees an agent; the delay runs from the
//! moment the end is sent (or the call began, if that was later) to the moment the offer is heard of.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::Serialize;
use serde_json::json;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::http::{Connection, Target, Template, once};
use crate::measure::{Delays, Errors, Summary};
use crate::socketio::{self, Heard, Socket};

/// Connections to each server.
const CONNECTIONS: usize = 8;
/// Events that are sent for each call: it begins, is answered, ends.
const EVENTS_PER_CALL: u32 = 3;
/// The centre is busy when nothing more happens for so long.
const SETTLED: Duration = Duration::from_secs(1);
/// How long the centre may take to become busy.
const BUSY_WITHIN: Duration = Duration::from_secs(60);

#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Further servers on the same database
    #[arg(long)]
    pub also: Vec<String>,
    #[arg(long, default_value_t = 1000)]
    pub agents: usize,
    /// Queues; each agent serves two
    #[arg(long, default_value_t = 50)]
    pub queues: usize,
    /// Events a second
    #[arg(long, default_value_t = 500)]
    pub rate: u32,
    #[arg(long, default_value_t = 20)]
    pub seconds: u32,
}

impl Options {
    pub fn at(agents: usize, seconds: u32) -> Self {
        Self { also: Vec::new(), agents, queues: 50, rate: 500, seconds }
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub latency: Summary,
    pub errors: Errors,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { latency, errors } = self;
        write!(f, "offers: {} made; {latency}; {errors}", latency.count)
    }
}

/// Who does what, as far as was heard.
#[derive(Debug, Default)]
struct Centre {
    begun: HashMap<String, Instant>,
    freed: HashMap<String, Instant>,
    talking: Vec<(String, String)>,
    delays: Delays,
    measures: bool,
    errors: Errors,
}

/// An event to send, and who talks once it is recorded.
type Sending = (String, Option<(String, String)>);

/// `busy` is told when everybody talks and calls begin to end at the rate.
pub async fn run(target: &Target, options: &Options, busy: &Notify) -> Result<Outcome> {
    let also = options.also.iter().map(|url| Target::new(url, &target.key));
    let targets = [Ok(target.clone())].into_iter().chain(also).collect::<Result<Vec<_>>>()?;
    let centre = Arc::new(Mutex::new(Centre::default()));
    prepare(target, options).await?;
    let (send, events) = unbounded_channel();
    let events = Arc::new(tokio::sync::Mutex::new(events));
    let (stop, stopped) = watch::channel(());
    let mut senders = Vec::new();
    for target in &targets {
        let mut socket = Socket::connect(target.addr).await?;
        for queue in 0..options.queues {
            let queue = json!({ "queueId": format!("bench-{queue}") });
            socket.emit("subscribe_calls", &queue, |_| ()).await?;
        }
        tokio::spawn(listen(socket, centre.clone(), send.clone(), stopped.clone()));
        for _ in 0..CONNECTIONS {
            let connection = Connection::open(target.addr).await?;
            let template = Template::new(target, "POST", "/api/events");
            senders.push(tokio::spawn(sender(
                connection,
                template,
                events.clone(),
                centre.clone(),
            )));
        }
    }
    become_busy(options, &centre, &send).await?;
    with(&centre, |centre| centre.measures = true);
    busy.notify_one();
    work(options, &centre, &send).await?;
    stop.send(())?;
    drop(send);
    for sender in senders {
        sender.await??;
    }
    Ok(with(&centre, |centre| Outcome {
        latency: centre.delays.summary(),
        errors: centre.errors.clone(),
    }))
}

fn with<T>(centre: &Mutex<Centre>, look: impl FnOnce(&mut Centre) -> T) -> T {
    look(&mut centre.lock().expect("nobody panics with it"))
}

async fn prepare(target: &Target, options: &Options) -> Result<()> {
    let promises = json!({ "slaSeconds": 86400, "ringSeconds": 86400 }).to_string();
    for n in 0..options.queues {
        once(target, "PUT", &format!("/api/queues/bench-{n}"), promises.as_bytes()).await?;
    }
    for n in 0..options.agents {
        let queues = [n % options.queues, (n * 7 + 3) % options.queues];
        let queues = queues.map(|queue| format!("bench-{queue}"));
        let agent = json!({ "queues": queues, "presence": "available" }).to_string();
        once(target, "PUT", &format!("/api/agents/bench-{n}"), agent.as_bytes()).await?;
    }
    Ok(())
}

/// Begins calls until everybody talks and half as many callers wait.
async fn become_busy(
    options: &Options,
    centre: &Mutex<Centre>,
    send: &UnboundedSender<Sending>,
) -> Result<()> {
    for n in 0..options.agents * 3 / 2 {
        begin(n, options, centre, send)?;
    }
    let busy = async {
        // Whoever can have a call has one, and has answered it.
        let mut before = 0;
        loop {
            sleep(SETTLED).await;
            let talking = with(centre, |centre| centre.talking.len());
            if talking == before && options.agents * 95 / 100 <= talking {
                break;
            }
            before = talking;
        }
    };
    let busy = timeout(BUSY_WITHIN, busy).await;
    let talking = with(centre, |centre| centre.talking.len());
    busy.with_context(|| format!("only {talking} of {} agents found a call", options.agents))
}

/// Ends calls at the rate, and begins as many.
async fn work(
    options: &Options,
    centre: &Mutex<Centre>,
    send: &UnboundedSender<Sending>,
) -> Result<()> {
    let (begun, calls) = (Instant::now(), options.rate * options.seconds / EVENTS_PER_CALL);
    for n in 0..calls {
        let at = begun + Duration::from_secs(1) * EVENTS_PER_CALL * n / options.rate;
        sleep(at.saturating_duration_since(Instant::now())).await;
        begin(options.agents * 2 + n as usize, options, centre, send)?;
        let ends = with(centre, |centre| {
            let place =
                (!centre.talking.is_empty()).then(|| fastrand::usize(..centre.talking.len()));
            let (call, agent) = centre.talking.swap_remove(place?);
            centre.freed.insert(agent, Instant::now());
            Some(call)
        });
        let call = ends.context("nobody talks any more")?;
        end(&call, send)?;
    }
    sleep(Duration::from_secs(1)).await;
    hang_up(centre, send)?;
    with(centre, |centre| {
        ensure!(centre.delays.summary().count > 0, "no offer was heard of");
        Ok(())
    })
}

/// Leaves nobody talking or waiting behind.
fn hang_up(centre: &Mutex<Centre>, send: &UnboundedSender<Sending>) -> Result<()> {
    let open = with(centre, |centre| {
        centre.measures = false;
        let talking = std::mem::take(&mut centre.talking).into_iter().map(|(call, _)| call);
        talking.chain(centre.begun.drain().map(|(call, _)| call)).collect::<Vec<_>>()
    });
    open.iter().try_for_each(|call| end(call, send))
}

fn end(call: &str, send: &UnboundedSender<Sending>) -> Result<()> {
    let ended = json!({ "event": "call_ended", "callId": call, "endReason": "completed",
        "duration": 60 });
    Ok(send.send((ended.to_string(), None))?)
}

fn begin(
    n: usize,
    options: &Options,
    centre: &Mutex<Centre>,
    send: &UnboundedSender<Sending>,
) -> Result<()> {
    let call = format!("{:016x}-{n}", fastrand::u64(..));
    let queue = format!("bench-{}", n % options.queues);
    let event = json!({ "event": "call_initiated", "callId": call, "type": "voice",
        "queueId": queue });
    with(centre, |centre| centre.begun.insert(call, Instant::now()));
    Ok(send.send((event.to_string(), None))?)
}

async fn sender(
    mut connection: Connection,
    template: Template,
    events: Arc<tokio::sync::Mutex<UnboundedReceiver<Sending>>>,
    centre: Arc<Mutex<Centre>>,
) -> Result<()> {
    let mut request = Vec::new();
    loop {
        let next = async { events.lock().await.recv().await };
        let Some((event, talk)) = next.await else { return Ok(()) };
        template.fill(&mut request, event.as_bytes());
        let answer = connection.call(&request).await?;
        if answer.is_success() {
            // No sooner: the call's end goes by another connection, and must not come first.
            with(&centre, |centre| centre.talking.extend(talk));
        } else {
            eprintln!("{event} was refused: {}", String::from_utf8_lossy(answer.body));
            with(&centre, |centre| centre.errors.add(answer.status, 1));
        }
    }
}

/// Notes each offer, and answers it.
async fn listen(
    mut socket: Socket,
    centre: Arc<Mutex<Centre>>,
    send: UnboundedSender<Sending>,
    mut stopped: watch::Receiver<()>,
) -> Result<()> {
    loop {
        let packet = tokio::select! {
            packet = socket.next() => packet?,
            _ = stopped.changed() => return Ok(()),
        };
        let Heard::Update(update) = socketio::read(packet) else { continue };
        if !update.is_of("call_routed") {
            continue;
        }
        let now = Instant::now();
        let (Some(call), Some(agent)) = (update.call_id(), update.agent_id()) else { continue };
        let call = String::from_utf8_lossy(call).into_owned();
        let agent = String::from_utf8_lossy(agent).into_owned();
        let answered = json!({ "event": "call_answered", "callId": call, "waitTime": 1,
            "agentId": agent });
        with(&centre, |centre| {
            let begun = centre.begun.remove(&call);
            let possible = begun.max(centre.freed.remove(&agent));
            if let Some(since) = possible.filter(|_| centre.measures) {
                centre.delays.add(now - since);
            }
        });
        // The senders end after this listener.
        let _ = send.send((answered.to_string(), Some((call, agent))));
    }
}
