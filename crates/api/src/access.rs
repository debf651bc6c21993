//! Who may read, and who may change something.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method},
    middleware::Next,
    response::{IntoResponse, Response},
};
use subtle::{Choice, ConstantTimeEq};

use crate::{Api, problem::Problem};

/// The keys of one kind. Compared in constant time: an answer's delay tells nothing about them.
#[derive(Clone, Debug, Default)]
pub struct Keys(Vec<String>);

impl Keys {
    /// The keys in a list separated by commas.
    pub fn listed(list: &str) -> Self {
        let keys = list.split(',').map(str::trim).filter(|key| !key.is_empty());
        Self(keys.map(str::to_owned).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is one of them.
    pub fn contains(&self, given: &str) -> bool {
        let none = Choice::from(0);
        let found =
            self.0.iter().fold(none, |found, key| found | key.as_bytes().ct_eq(given.as_bytes()));
        found.into()
    }
}

/// Who may do what.
#[derive(Clone, Debug)]
pub struct Access {
    /// Keys that may do everything.
    pub api_keys: Keys,
    /// Keys that may read. Reading is open while there are none.
    pub read_keys: Keys,
}

impl Access {
    /// Whether whoever shows this key may read.
    pub fn may_read(&self, key: Option<&str>) -> bool {
        self.read_keys.is_empty()
            || key.is_some_and(|key| self.read_keys.contains(key) || self.api_keys.contains(key))
    }

    fn may_change(&self, key: Option<&str>) -> bool {
        key.is_some_and(|key| self.api_keys.contains(key))
    }
}

fn key(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-api-key")?.to_str().ok()
}

pub(crate) async fn may_change(State(api): State<Api>, request: Request, next: Next) -> Response {
    if api.access.may_change(key(request.headers())) {
        next.run(request).await
    } else {
        Problem::unauthorized().into_response()
    }
}

pub(crate) async fn may_read(State(api): State<Api>, request: Request, next: Next) -> Response {
    if request.method() == Method::OPTIONS || api.access.may_read(key(request.headers())) {
        next.run(request).await
    } else {
        Problem::unauthorized().into_response()
    }
}
