//! A client's place among all announcements. Pure: numbers in, decisions out.
//!
//! A cursor goes through announcements in order and says of each whether its client wants it. Being
//! live, catching up and being slow differ only in how far it has come. What it promises:
//!
//! - An announcement is wanted at most once, through however many scopes, for as long as the cursor
//!   lives.
//! - Every announcement of a scope after the number from which it is followed is wanted, unless the
//!   client unsubscribes first, or the cursor is [restarted](Cursor::restart) and the client is told.
//! - Between two subscriptions, what is wanted is in order.
//!
//! ```text
//!      recovering: heard     to be gone through again          not yet reached
//!   ───────|━━━━━━━━━━━━━━|──────────────────────────|════════════════════════════►
//!        after         through                     place
//! ```
//!
//! A scope that is followed from a number already passed sends the cursor back. On its second way it
//! wants only what no scope has let through before, and for that it remembers, scope by scope, from
//! which number to which the client has heard.

use bus::Audience;

use crate::{
    plant::planted,
    rooms::{Interest, InterestLimits, Scope, TooMany},
};

/// So many scopes of a client may be recovering, and so many it no longer follows are remembered.
const SPANS_MAX: usize = 256;

/// What one client follows, and how far it has come.
#[derive(Debug, Default)]
pub struct Cursor {
    interest: Interest,
    place: u64,
    recovering: Vec<Recovery>,
    past: Vec<Span>,
    forgotten: u64,
}

/// The client has heard what this scope covers after one number and through another.
#[derive(Clone, Debug)]
struct Span {
    scope: Scope,
    after: u64,
    through: u64,
}

#[derive(Debug)]
struct Recovery {
    span: Span,
    until: u64,
}

impl Span {
    fn holds(&self, number: u64, audience: Audience<'_>) -> bool {
        self.after < number && number <= self.through && self.scope.covers(audience)
    }
}

impl Cursor {
    /// Follows a scope. `after` is a number up to the head that can still be read; without it, the
    /// scope is followed from the head on. Answers whether everything after `after` will be heard.
    pub fn subscribe(
        &mut self,
        scope: Scope,
        after: Option<u64>,
        head: u64,
        limits: &InterestLimits,
    ) -> Result<bool, TooMany> {
        if self.interest.is_empty() {
            self.place = head;
        }
        let Some(after) = after.filter(|&after| self.remembers(after)) else {
            return self.interest.insert(scope, head, limits).map(|()| false);
        };
        let after = if planted("stale_cursor") { after + 1 } else { after };
        let until = self.interest.get(&scope).unwrap_or(self.place).min(self.place);
        self.interest.insert(scope.clone(), after.max(self.place), limits)?;
        if after < until {
            let span = Span { scope, after, through: after };
            self.recovering.push(Recovery { span, until });
        }
        Ok(true)
    }

    fn remembers(&self, after: u64) -> bool {
        self.place <= after || (self.forgotten <= after && self.recovering.len() < SPANS_MAX)
    }

    /// Stops following a scope.
    pub fn unsubscribe(&mut self, scope: &Scope) {
        let Some(after) = self.interest.remove(scope) else { return };
        self.remember(Span { scope: scope.clone(), after, through: self.place });
        let recovering = std::mem::take(&mut self.recovering);
        for recovery in recovering {
            if recovery.span.scope == *scope {
                self.remember(recovery.span);
            } else {
                self.recovering.push(recovery);
            }
        }
    }

    /// Stops following queues, and calls as a whole. Single calls stay.
    pub fn unsubscribe_calls(&mut self) {
        let queues: Vec<_> = self.interest.queues().map(str::to_owned).collect();
        for queue in queues {
            self.unsubscribe(&Scope::Queue(queue));
        }
        self.unsubscribe(&Scope::Calls);
    }

    /// Stops following figures.
    pub fn unsubscribe_metrics(&mut self) {
        let queues: Vec<_> = self.interest.metrics().cloned().collect();
        for queue in queues {
            self.unsubscribe(&Scope::Metrics(queue));
        }
    }

    /// Whether a scope is followed.
    pub fn follows(&self, scope: &Scope) -> bool {
        self.interest.get(scope).is_some()
    }

    fn remember(&mut self, span: Span) {
        if span.through <= span.after {
            return;
        }
        if SPANS_MAX <= self.past.len() {
            self.forgotten = self.place;
            self.past.clear();
        }
        self.past.push(span);
    }

    /// The number after which to go on; `None` where nothing is followed.
    pub fn next_after(&self) -> Option<u64> {
        let back = self.recovering.iter().map(|recovery| recovery.span.through).min();
        (!self.interest.is_empty()).then(|| back.unwrap_or(self.place))
    }

    /// Whether the client wants the announcement the cursor has come to.
    pub fn wants(&self, number: u64, audience: Audience<'_>) -> bool {
        let followed = self.interest.since(audience).is_some_and(|since| since < number);
        if self.place < number {
            return followed;
        }
        let recovering = self.recovering.iter().map(|recovery| &recovery.span);
        let heard = followed
            || recovering.clone().chain(&self.past).any(|span| span.holds(number, audience));
        !heard
            && recovering
                .into_iter()
                .any(|span| span.through < number && span.scope.covers(audience))
    }

    /// Goes past the announcement the cursor has come to.
    pub fn pass(&mut self, number: u64) {
        if self.place < number {
            self.place = number;
            return;
        }
        let interest = &mut self.interest;
        self.recovering.retain_mut(|Recovery { span, until }| {
            if span.through + 1 == number {
                span.through = number;
            }
            let goes_on = span.through < *until;
            if !goes_on {
                interest.move_back(&span.scope, span.after);
            }
            goes_on
        });
    }

    /// Goes on from the head: what lies before it was missed, and the client is told.
    pub fn restart(&mut self, head: u64) {
        self.forgotten = self.place.max(self.forgotten);
        self.past.clear();
        self.recovering.clear();
        self.interest.begin_after(head);
        self.place = head;
    }
}

#[cfg(test)]
mod tests;
