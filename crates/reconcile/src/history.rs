//! The rules of a call's life once more, small and written apart from the product: what a history
//! read straight from the database must look like, and what it says of its call.

use serde_json::Value;

/// The promises of a queue, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Promises {
    /// Until a call is answered.
    pub sla: i64,
    /// Until a phone stops ringing.
    pub ring: i64,
    /// Until a hold is over.
    pub hold: i64,
}

/// A call, folded from its events.
#[derive(Clone, Debug)]
pub struct Folded {
    /// What it is doing.
    pub status: &'static str,
    pub(crate) queue: String,
    pub(crate) agent: Option<String>,
    pub(crate) sla_due: Option<i64>,
    pub(crate) ring_due: Option<i64>,
    pub(crate) hold_due: Option<i64>,
    pub(crate) offer: i64,
    /// The rules that supervisors were alerted of, in order.
    pub(crate) alerts: Vec<&'static str>,
    reported: bool,
    wait_reported: bool,
    survey_due: bool,
    at: i64,
}

impl Folded {
    /// The timer that is armed and comes due first.
    pub(crate) fn next_timer(&self) -> Option<i64> {
        let promise = self.sla_due.or(self.hold_due).filter(|_| !self.reported);
        [promise, self.ring_due].into_iter().flatten().min()
    }

    fn wait(&mut self, from: i64, promises: Promises) {
        *self = Self {
            status: "waiting",
            agent: None,
            sla_due: Some(from + promises.sla),
            reported: false,
            wait_reported: false,
            ..self.still()
        };
    }

    fn ring(&mut self, agent: &str, promises: Promises) {
        self.agent = Some(agent.to_owned());
        self.ring_due = Some(self.at + promises.ring);
        self.offer += 1;
    }

    /// Supervisors hear of each promise that was broken once, and of a caller whom nobody takes.
    fn alert(&mut self, kind: &str, data: &Value) {
        let has = |rule| {
            let mut flags = data["flags"].as_array().into_iter().flatten();
            flags.any(|flag| flag["rule"] == rule)
        };
        let rule = match kind {
            "sla_breached" => "sla_breached",
            "hold_exceeded" => "hold_exceeded",
            "call_answered" if has("wait_exceeded") && !self.wait_reported => "wait_exceeded",
            "call_hold" if has("hold_exceeded") => "hold_exceeded",
            "call_retransfer" if has("no_agent") => "no_agent",
            _ => return,
        };
        self.wait_reported |= matches!(rule, "sla_breached" | "wait_exceeded");
        self.alerts.push(rule);
    }

    /// The same call with no timer armed.
    fn still(&self) -> Self {
        Self { sla_due: None, ring_due: None, hold_due: None, ..self.clone() }
    }

    fn becomes(&mut self, status: &'static str) {
        *self = Self { status, reported: false, ..self.still() };
    }
}

type OfQueue<'a> = dyn Fn(&str) -> Result<Promises, String> + 'a;

/// Folds the rows of a history, in order; fails where it is not one the rules allow.
pub fn fold(
    events: &[Value],
    promises: &dyn Fn(&str) -> Option<Promises>,
) -> Result<Folded, String> {
    let of_queue =
        |queue: &str| promises(queue).ok_or_else(|| format!("there is no queue `{queue}`"));
    let mut call: Option<Folded> = None;
    for (event, seq) in events.iter().zip(1_u64..) {
        let told = format!("event {seq} of call number {}", event["call_no"]);
        if event["seq"].as_u64() != Some(seq) {
            return Err(format!("{told} is number {}: a gap", event["seq"]));
        }
        let text = event["metadata"].as_str().unwrap_or("{}");
        let data =
            serde_json::from_str::<Value>(text).map_err(|error| format!("{told}: {error}"))?;
        let at = event["timestamp"].as_i64().unwrap_or(0);
        let kind = event["type"].as_str().unwrap_or_default();
        let next = match call {
            None => begin(kind, at, &data, &of_queue),
            Some(call) => step(call, kind, at, &data, &of_queue),
        };
        let mut next = next.map_err(|why| {
            let types = events.iter().map(|it| it["type"].as_str().unwrap_or_default());
            format!("{told}, `{kind}`: {why}; all of it: {:?}", types.collect::<Vec<_>>())
        })?;
        next.alert(kind, &data);
        call = Some(next);
    }
    let call = call.ok_or("a call without events")?;
    if call.survey_due {
        return Err("it was completed, and no survey was requested".to_owned());
    }
    Ok(call)
}

fn begin(kind: &str, at: i64, data: &Value, of_queue: &OfQueue<'_>) -> Result<Folded, String> {
    if kind != "call_initiated" {
        return Err("a call begins otherwise".to_owned());
    }
    let queue = data["queueId"].as_str().unwrap_or_default();
    let mut call = Folded {
        status: "waiting",
        queue: queue.to_owned(),
        agent: None,
        sla_due: None,
        ring_due: None,
        hold_due: None,
        offer: 0,
        alerts: Vec::new(),
        reported: false,
        wait_reported: false,
        survey_due: false,
        at,
    };
    call.wait(at, of_queue(queue)?);
    Ok(call)
}

fn step(
    mut call: Folded,
    kind: &str,
    at: i64,
    data: &Value,
    of_queue: &OfQueue<'_>,
) -> Result<Folded, String> {
    if at < call.at {
        return Err("time runs backwards".to_owned());
    }
    call.at = at;
    if call.survey_due != (kind == "survey_requested") {
        return Err("the survey belongs right after a completed call, once".to_owned());
    }
    let status = call.status;
    let broken_at = call.sla_due.or(call.hold_due).filter(|_| !call.reported);
    let is_timer = matches!(kind, "sla_breached" | "hold_exceeded" | "call_retransfer");
    let ends_no_wait = is_timer || data["kind"] == "reassigned";
    if !ends_no_wait && kind != "call_routed" && broken_at.is_some_and(|due| due < at) {
        return Err("a promise ran out before it, and that was not recorded".to_owned());
    }
    let agent = data["agentId"].as_str();
    match (kind, status) {
        ("call_routed", "waiting") => {
            let promises = of_queue(&call.queue)?;
            call.ring(agent.unwrap_or_default(), promises);
        }
        ("call_answered", "waiting" | "on_hold") => {
            if call.ring_due.is_some() && agent.is_some_and(|it| call.agent.as_deref() != Some(it))
            {
                return Err("someone else's phone rang".to_owned());
            }
            if data["offer"].as_i64().is_some_and(|offer| offer != call.offer) {
                return Err("an answer to another offer".to_owned());
            }
            if data["offer"].is_i64() && call.ring_due.is_none() {
                return Err("an answer to an offer that was withdrawn".to_owned());
            }
            call.agent = agent.map(str::to_owned).or(call.agent);
            call.becomes("active");
        }
        ("call_hold", "active") => {
            call.becomes("on_hold");
            call.hold_due = Some(at + of_queue(&call.queue)?.hold);
            call.reported = data["flags"].to_string().contains("hold_exceeded");
        }
        ("call_resumed", "on_hold") => call.becomes("active"),
        ("call_transferred", "active" | "on_hold") => {
            call.queue = data["queueId"].as_str().map_or(call.queue, str::to_owned);
            if data["kind"] == "blind" {
                let promises = of_queue(&call.queue)?;
                call.wait(at, promises);
                if let Some(agent) = agent {
                    call.ring(agent, promises);
                }
            } else {
                call.agent = agent.map(str::to_owned).or(call.agent);
                call.becomes("active");
            }
        }
        ("call_ended", "waiting" | "active" | "on_hold") => {
            // Whose phone rang never talked.
            if status == "waiting" {
                call.agent = None;
            }
            let short = data["flags"].to_string().contains("short_call");
            call.survey_due = data["endReason"] == "completed" && !short;
            call.becomes("ended");
        }
        ("survey_requested", "ended") => call.survey_due = false,
        ("call_transferred", "waiting") if ends_no_wait && call.ring_due.is_none() => {
            call.queue = data["queueId"].as_str().map_or(call.queue, str::to_owned);
        }
        ("call_retransfer", "waiting") => {
            // Where a supervisor silenced the phone, nothing was due.
            if data["by"].is_null() {
                due(data, call.ring_due, at)?;
            }
            if call.ring_due.is_none() || agent != call.agent.as_deref() {
                return Err("another agent's phone rang out".to_owned());
            }
            (call.ring_due, call.agent) = (None, None);
        }
        ("sla_breached", "waiting") | ("hold_exceeded", "on_hold") => {
            due(data, broken_at, at)?;
            call.reported = true;
        }
        _ => return Err(format!("not allowed while {status}")),
    }
    Ok(call)
}

/// A timer fires once, at its time or later, and says how late.
fn due(data: &Value, armed: Option<i64>, at: i64) -> Result<(), String> {
    let Some(due) = armed else { return Err("no such timer is armed: it fired before".to_owned()) };
    if at < due {
        return Err(format!("it fired {} ms too early", due - at));
    }
    if data["lateMs"].as_i64() != Some(at - due) {
        return Err(format!("it was {} ms late but says {}", at - due, data["lateMs"]));
    }
    Ok(())
}
