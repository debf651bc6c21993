//! Who may listen.

use std::{fmt, sync::Arc};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// Says whether a key may listen.
#[derive(Clone)]
pub struct ReadCheck(Arc<Check>);

type Check = dyn Fn(&str) -> Option<Still> + Send + Sync;

/// Says, for as long as a client is there, whether the key it came with may still listen.
pub struct Still(Box<dyn Fn() -> bool + Send + Sync>);

impl Still {
    /// Asks a function, again and again.
    pub fn asking(may_read: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Box::new(may_read))
    }

    pub(crate) fn may_read(&self) -> bool {
        (self.0)()
    }
}

impl ReadCheck {
    /// Asks a function, which had better take the same time for every key. `None` is no.
    pub fn new(may_read: impl Fn(&str) -> Option<Still> + Send + Sync + 'static) -> Self {
        Self(Arc::new(may_read))
    }

    /// Accepts any of these keys. Digests are compared, each with each, so that the time it takes
    /// tells nothing about a key, nor about its length.
    pub fn any_of(keys: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let keys: Vec<_> = keys.into_iter().map(|key| Sha256::digest(key.as_ref())).collect();
        Self::new(move |key| {
            let key = Sha256::digest(key);
            let none = Choice::from(0);
            let known = keys.iter().fold(none, |found, it| found | it.as_slice().ct_eq(&key));
            bool::from(known).then(|| Still::asking(|| true))
        })
    }

    /// What the payload of a CONNECT packet gets for its `key`, where that may listen.
    pub(crate) fn admits(&self, auth: &str) -> Option<Still> {
        #[derive(Deserialize)]
        struct Auth {
            key: String,
        }
        serde_json::from_str(auth).ok().and_then(|Auth { key }| (self.0)(&key))
    }
}

impl fmt::Debug for ReadCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadCheck(..)")
    }
}

impl fmt::Debug for Still {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Still(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::ReadCheck;

    #[test]
    fn only_a_known_key_is_admitted() {
        let check = ReadCheck::any_of(["reader", "another one"]);
        assert!(check.admits(r#"{"key":"reader"}"#).is_some());
        assert!(check.admits(r#"{"key":"another one","more":1}"#).is_some());
        for bad in ["", "{}", r#"{"key":""}"#, r#"{"key":"reade"}"#, r#"{"key":["reader"]}"#, "[]"]
        {
            assert!(check.admits(bad).is_none(), "{bad}");
        }
        assert!(ReadCheck::any_of([""; 0]).admits(r#"{"key":""}"#).is_none());
    }
}
