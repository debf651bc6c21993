//! Who may listen.

use std::{fmt, sync::Arc};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// Says whether a key may listen.
#[derive(Clone)]
pub struct ReadCheck(Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl ReadCheck {
    /// Asks a function, which had better take the same time for every key.
    pub fn new(may_read: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(may_read))
    }

    /// Accepts any of these keys. Digests are compared, each with each, so that the time it takes
    /// tells nothing about a key, nor about its length.
    pub fn any_of(keys: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let keys: Vec<_> = keys.into_iter().map(|key| Sha256::digest(key.as_ref())).collect();
        Self::new(move |key| {
            let key = Sha256::digest(key);
            let none = Choice::from(0);
            keys.iter().fold(none, |found, known| found | known.as_slice().ct_eq(&key)).into()
        })
    }

    /// Whether the payload of a CONNECT packet has a key that may listen, in `key`.
    pub(crate) fn admits(&self, auth: &str) -> bool {
        #[derive(Deserialize)]
        struct Auth {
            key: String,
        }
        serde_json::from_str(auth).is_ok_and(|Auth { key }| (self.0)(&key))
    }
}

impl fmt::Debug for ReadCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadCheck(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::ReadCheck;

    #[test]
    fn only_a_known_key_is_admitted() {
        let check = ReadCheck::any_of(["reader", "another one"]);
        assert!(check.admits(r#"{"key":"reader"}"#));
        assert!(check.admits(r#"{"key":"another one","more":1}"#));
        for bad in ["", "{}", r#"{"key":""}"#, r#"{"key":"reade"}"#, r#"{"key":["reader"]}"#, "[]"]
        {
            assert!(!check.admits(bad), "{bad}");
        }
        assert!(!ReadCheck::any_of([""; 0]).admits(r#"{"key":""}"#));
    }
}
