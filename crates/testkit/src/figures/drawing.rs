//! A call's history as stretches on a line of time.

use serde_json::Value;

/// A caller waits.
pub(super) struct Wait {
    pub(super) queue: String,
    pub(super) from: i64,
    pub(super) end: Option<(i64, End)>,
}

/// How a wait ended.
pub(super) enum End {
    Answered { agent: Option<String>, rang: bool },
    Abandoned,
}

/// A moment of an agent.
pub(super) struct Point {
    pub(super) queue: String,
    pub(super) agent: Option<String>,
    pub(super) at: i64,
}

/// A hold that ended.
pub(super) struct Hold {
    pub(super) queue: String,
    pub(super) agent: Option<String>,
    pub(super) from: i64,
    pub(super) to: i64,
}

/// An agent had the caller, and has no longer.
pub(super) struct Stint {
    pub(super) queue: String,
    pub(super) agent: Option<String>,
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) held: i64,
    pub(super) goes_on: bool,
}

/// What a call that is not over does.
pub(super) struct Stands {
    pub(super) queue: String,
    pub(super) does: Does,
    /// When that began.
    pub(super) since: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    Wait,
    Ring,
    Talk,
    Hold,
}

/// One call.
#[derive(Default)]
pub(super) struct Drawing {
    pub(super) stands: Option<Stands>,
    pub(super) waits: Vec<Wait>,
    pub(super) rings: Vec<Point>,
    pub(super) missed: Vec<Point>,
    pub(super) holds: Vec<Hold>,
    pub(super) stints: Vec<Stint>,
    pub(super) transfers: Vec<Point>,
}

/// Where the pencil is.
#[derive(Default)]
struct Pencil {
    queue: String,
    agent: Option<String>,
    rings: Option<String>,
    /// When the present wait, talk or hold began.
    since: i64,
    /// When the agent got the caller; `None` while nobody has.
    taken: Option<i64>,
    on_hold: bool,
    held: i64,
    passed_on: bool,
}

impl Pencil {
    fn point(&self, agent: Option<&str>, at: i64) -> Point {
        Point { queue: self.queue.clone(), agent: agent.map(str::to_owned), at }
    }
}

/// Draws a history.
pub(super) fn draw(history: &[Value]) -> Drawing {
    let mut drawn = Drawing::default();
    let mut pencil = Pencil::default();
    for event in history {
        let at = event["occurredAt"].as_str().or(event["timestamp"].as_str());
        let at = moment(at.expect("each event has its time"));
        let at = if drawn.waits.is_empty() { at } else { at.max(pencil.since) };
        let said = |name: &str| event["metadata"][name].as_str();
        match event["type"].as_str().unwrap_or_default() {
            "call_initiated" => {
                said("queueId").expect("a call joins a queue").clone_into(&mut pencil.queue);
                begin_wait(&mut drawn, &mut pencil, at);
            }
            "call_routed" => {
                pencil.rings = said("agentId").map(str::to_owned);
                drawn.rings.push(pencil.point(said("agentId"), at));
            }
            "call_retransfer" => {
                pencil.rings = None;
                drawn.missed.push(pencil.point(said("agentId"), at));
            }
            "call_answered" if pencil.taken.is_none() => {
                let rang = pencil.rings.take();
                pencil.agent = said("agentId").map(str::to_owned).or(rang.clone());
                let end = End::Answered { agent: pencil.agent.clone(), rang: rang.is_some() };
                drawn.waits.last_mut().expect("it waits").end = Some((at, end));
                (pencil.since, pencil.taken) = (at, Some(at));
                (pencil.held, pencil.on_hold, pencil.passed_on) = (0, false, false);
            }
            "call_answered" | "call_resumed" => {
                pencil.agent = said("agentId").map(str::to_owned).or(pencil.agent);
                end_hold(&mut drawn, &mut pencil, at);
                pencil.since = at;
            }
            "call_hold" => (pencil.since, pencil.on_hold) = (at, true),
            "call_transferred" => transfer(&mut drawn, &mut pencil, at, &event["metadata"]),
            "call_ended" if pencil.taken.is_none() => {
                drawn.waits.last_mut().expect("it waits").end = Some((at, End::Abandoned));
            }
            "call_ended" => end_stint(&mut drawn, &mut pencil, at, false),
            _ => {}
        }
    }
    let is_over = history.iter().any(|event| event["type"] == "call_ended");
    drawn.stands = (!is_over).then_some(Stands {
        does: match (pencil.taken, &pencil.rings) {
            (Some(_), _) if pencil.on_hold => Does::Hold,
            (Some(_), _) => Does::Talk,
            (None, Some(_)) => Does::Ring,
            (None, None) => Does::Wait,
        },
        queue: pencil.queue,
        since: pencil.since,
    });
    drawn
}

fn begin_wait(drawn: &mut Drawing, pencil: &mut Pencil, at: i64) {
    (pencil.since, pencil.taken, pencil.rings) = (at, None, None);
    drawn.waits.push(Wait { queue: pencil.queue.clone(), from: at, end: None });
}

fn end_hold(drawn: &mut Drawing, pencil: &mut Pencil, at: i64) {
    if std::mem::take(&mut pencil.on_hold) {
        let (queue, agent) = (pencil.queue.clone(), pencil.agent.clone());
        drawn.holds.push(Hold { queue, agent, from: pencil.since, to: at });
        pencil.held += at - pencil.since;
    }
}

fn end_stint(drawn: &mut Drawing, pencil: &mut Pencil, at: i64, goes_on: bool) {
    end_hold(drawn, pencil, at);
    let (queue, agent) = (pencil.queue.clone(), pencil.agent.clone());
    let from = pencil.taken.take().expect("an agent has the caller");
    let held = std::mem::take(&mut pencil.held);
    drawn.stints.push(Stint { queue, agent, from, to: at, held, goes_on });
}

fn transfer(drawn: &mut Drawing, pencil: &mut Pencil, at: i64, said: &Value) {
    let attended = said["kind"] == "attended";
    let next = said["agentId"].as_str();
    let stays = next.is_none() || next == pencil.agent.as_deref();
    end_stint(drawn, pencil, at, attended && stays && pencil.agent.is_some());
    if !std::mem::replace(&mut pencil.passed_on, true) {
        drawn.transfers.push(pencil.point(pencil.agent.as_deref(), at));
    }
    pencil.queue = said["queueId"].as_str().unwrap_or(&pencil.queue).to_owned();
    if attended {
        pencil.agent = next.map(str::to_owned).or(pencil.agent.take());
        (pencil.since, pencil.taken) = (at, Some(at));
    } else {
        begin_wait(drawn, pencil, at);
        pencil.rings = next.map(str::to_owned);
        pencil.agent = None;
        if next.is_some() {
            drawn.rings.push(pencil.point(next, at));
        }
    }
}

/// A moment as it is written, in Unix milliseconds: `2026-11-21T09:30:00.000Z`.
pub fn moment(text: &str) -> i64 {
    let number = |from: usize, to: usize| -> i64 {
        text.get(from..to)
            .and_then(|it| it.parse().ok())
            .unwrap_or_else(|| panic!("no time: {text}"))
    };
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    // Days since 1970, counted in years that begin with March.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + day
        - 719_469;
    let seconds = (number(11, 13) * 60 + number(14, 16)) * 60 + number(17, 19);
    (days * 86_400 + seconds) * 1_000 + number(20, 23)
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn moments_are_read_as_others_read_them() {
        assert_eq!(moment("1970-01-01T00:00:00.000Z"), 0);
        assert_eq!(moment("2000-02-29T00:00:00.001Z"), 951_782_400_001);
        assert_eq!(moment("2026-11-21T09:30:00.250Z"), 1_795_253_400_250);
    }
}
