//! The audit chain: a change, a gap or a cut tail of a call's history shows.
//!
//! Each event carries a digest of its metadata, salted so that erased data cannot be guessed from
//! it, and a link: a keyed hash over the link before it in the same call and everything else the
//! event says. The call keeps the last link, so a history that was cut short does not match it.
//!
//! ```text
//! digest = SHA-256(salt ‖ metadata)
//! link   = HMAC-SHA-256(key, link before ‖ call id ‖ seq ‖ type ‖ timestamp ‖ occurredAt ‖ digest)
//! ```
//!
//! Erasing a patient's data removes `metadata` and `salt`; the digest stays and the chain holds.

use contract::CallEvent;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::{StoreError, row::EventRow};

/// A link of a chain. A call begins after thirty-two zeros.
pub type Link = [u8; 32];

/// The random part of a digest.
pub(crate) type Salt = [u8; 16];

/// Names of what a store remembers: the key it made, and the mark of the key in use.
pub(crate) const AUDIT_KEY: &str = "audit_key";
pub(crate) const AUDIT_MARK: &str = "audit_mark";

/// The key of the audit chain.
pub struct AuditKey {
    bytes: Vec<u8>,
    fault: Option<&'static str>,
}

impl AuditKey {
    /// The key that is given, or else kept. `mark` is that of the key the history was begun with.
    pub(crate) fn found(
        given: Option<Vec<u8>>,
        kept: Option<Vec<u8>>,
        mark: Option<&[u8]>,
    ) -> Option<Self> {
        let was_set = kept.is_none();
        let Some(bytes) = given.or(kept) else {
            let fault =
                "AUDIT_KEY was set when this history was begun, and is not now: set it again";
            return mark.map(|_| Self { bytes: Vec::new(), fault: Some(fault) });
        };
        let key = Self { bytes, fault: None };
        let other = if was_set {
            "AUDIT_KEY is not the key that this history was begun with: set that one"
        } else {
            "this history was begun with the key that is kept in it: unset AUDIT_KEY"
        };
        let is_other = mark.is_some_and(|mark| *mark != key.mark());
        Some(Self { fault: is_other.then_some(other), ..key })
    }

    /// A new one.
    pub(crate) fn made() -> Self {
        let mut bytes = vec![0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives randomness");
        Self { bytes, fault: None }
    }

    /// What tells it from others without telling it.
    pub(crate) fn mark(&self) -> Link {
        let mut hash = Prover::new(&self.bytes).0;
        hash.update(b"the key of this history");
        hash.finalize().into_bytes().into()
    }

    /// The key itself.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Why it cannot be used: nothing that is recorded with it would hold.
    pub fn fault(&self) -> Option<&'static str> {
        self.fault
    }
}

/// A call's history, as stored, for [`verify()`].
#[derive(Clone, Debug)]
pub struct Chain {
    /// The call's number.
    pub no: i64,
    /// The call's id.
    pub call: String,
    /// How many events the call says it has.
    pub version: u32,
    /// The last link, as the call has it.
    pub last: Link,
    /// The events, in order of `seq`.
    pub events: Vec<ChainedEvent>,
}

/// An event with its proof.
#[derive(Clone, Debug)]
pub struct ChainedEvent {
    /// The event.
    pub event: EventRow,
    /// The salt of the digest; gone once the metadata was erased.
    pub salt: Option<Vec<u8>>,
    /// The digest of its metadata.
    pub digest: Vec<u8>,
    /// Its link.
    pub link: Vec<u8>,
}

/// What is wrong with a call's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Whole,
    /// The event with this `seq` is missing, was changed, or is one too many.
    Broken {
        /// The first `seq` that does not hold.
        seq: u32,
        /// What does not hold.
        why: &'static str,
    },
}

/// The proof of a new event.
pub(crate) struct Proof {
    pub(crate) digest: Link,
    pub(crate) link: Link,
}

/// What an event says, apart from its metadata.
struct Said<'a> {
    call: &'a str,
    seq: u32,
    kind: &'a str,
    at: i64,
    occurred_at: Option<i64>,
}

/// Proves events with one key, which is prepared once: that is half the work of a short hash.
pub(crate) struct Prover(Hmac<Sha256>);

impl Prover {
    pub(crate) fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("a key of any length will do"))
    }

    /// The proof of an event that follows `before` in the history of its call.
    pub(crate) fn prove(&self, before: &Link, event: &CallEvent, salt: &Salt) -> Proof {
        let digest = digest(salt, event.metadata_text());
        let said = Said {
            call: &event.call_id,
            seq: event.seq,
            kind: event.kind.name(),
            at: event.timestamp.0.0,
            occurred_at: event.occurred_at.map(|at| at.0.0),
        };
        Proof { digest, link: self.link(before, &said, &digest) }
    }

    fn link(&self, before: &Link, event: &Said<'_>, digest: &[u8]) -> Link {
        let Said { call, seq, kind, at, occurred_at } = event;
        let mut hash = self.0.clone();
        hash.update(before);
        hash.update(&(call.len() as u64).to_be_bytes());
        hash.update(call.as_bytes());
        hash.update(&seq.to_be_bytes());
        hash.update(kind.as_bytes());
        hash.update(&at.to_be_bytes());
        hash.update(&occurred_at.unwrap_or(i64::MIN).to_be_bytes());
        hash.update(digest);
        hash.finalize().into_bytes().into()
    }
}

/// Fresh salts for so many events.
pub(crate) fn salts(events: usize) -> Result<Vec<Salt>, StoreError> {
    let mut salts = vec![Salt::default(); events];
    getrandom::fill(salts.as_flattened_mut())
        .map_err(|error| StoreError::Away(error.to_string()))?;
    Ok(salts)
}

fn digest(salt: &[u8], metadata: Option<&str>) -> Link {
    let mut hash = Sha256::new();
    hash.update(salt);
    hash.update(metadata.unwrap_or_default());
    hash.finalize().into()
}

/// Whether a call's history is the one that was recorded.
pub fn verify(key: &[u8], chain: &Chain) -> Verdict {
    let prover = Prover::new(key);
    let mut before = Link::default();
    for (event, seq) in chain.events.iter().zip(1..) {
        let broken = |why| Verdict::Broken { seq, why };
        if event.event.seq != seq {
            return broken("an event is missing");
        }
        let erased = event.salt.is_none() && event.event.metadata.is_none();
        let salt = event.salt.as_deref().unwrap_or_default();
        if !erased && digest(salt, event.event.metadata.as_deref())[..] != event.digest[..] {
            return broken("its metadata was changed");
        }
        let EventRow { seq, kind, at, occurred_at, .. } = &event.event;
        let said = Said { call: &chain.call, seq: *seq, kind, at: *at, occurred_at: *occurred_at };
        let link = prover.link(&before, &said, &event.digest);
        if link[..] != event.link[..] {
            return broken("it was changed, or follows another event than was recorded");
        }
        before = link;
    }
    let known = u32::try_from(chain.events.len()).unwrap_or(u32::MAX);
    if known != chain.version || before != chain.last {
        return Verdict::Broken {
            seq: known + 1,
            why: "the call says that its history is another",
        };
    }
    Verdict::Whole
}

#[cfg(test)]
mod tests {
    use contract::{EventType, Metadata, Moment};
    use lifecycle::Timestamp;

    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    /// Computed apart from this program, by the formulas at the top: whoever changes what is hashed
    /// breaks every history there is.
    #[test]
    fn what_is_hashed_stays_what_it_is() {
        let moment = |ms| Moment(Timestamp(ms));
        let mut event = CallEvent {
            id: "1-1".to_owned(),
            call_id: "c-1".into(),
            kind: EventType::CallInitiated,
            timestamp: moment(1_700_000_000_000),
            occurred_at: None,
            seq: 1,
            metadata: Metadata::from_text(
                r#"{"type":"voice","queueId":"medical_spanish"}"#.to_owned(),
            ),
        };
        let prover = Prover::new(b"the key of a story");
        let first = prover.prove(&Link::default(), &event, &[7; 16]);
        assert_eq!(
            hex(&first.digest),
            "533b4451f4b3ff0721105704922b71682e56411a59e50e1208cdbdb6e6885156"
        );
        assert_eq!(
            hex(&first.link),
            "9a141ad9a9da3dd63d16ca93e09c05d5a6a511c9e41044a5fc8d47b02ade749b"
        );

        (event.seq, event.kind, event.metadata) = (2, EventType::CallResumed, None);
        event.timestamp = moment(1_700_000_001_000);
        event.occurred_at = Some(moment(1_700_000_000_500));
        let second = prover.prove(&first.link, &event, &[7; 16]);
        assert_eq!(
            hex(&second.digest),
            "d761d406af2a4a5a15f67c924378ed88d1f85c13f1a37fc7366f59789b3bcd65"
        );
        assert_eq!(
            hex(&second.link),
            "572ef6575dd1ab1ad9ed1efa332df7368f943a093cf29e8cfc38137fe1add560"
        );
    }
}
