//! Who asks, and whether they may.
//!
//! A key has a role, and each route asks for the role whose work it is (`router.rs`). Keys come from
//! the settings (`API_KEY` may do everything, `READ_KEY` may read) and from `switchboard keys`.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use contract::{Me, Role};
use store::{Actor, NewAction, key_hash};
use subtle::{Choice, ConstantTimeEq};
use tower_http::validate_request::ValidateRequestHeaderLayer;

use crate::{Api, answer, keyring::Keyring, problem::Problem};

const HEADER: &str = "x-api-key";

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
#[derive(Debug, Default)]
pub struct Access {
    /// Keys that may do everything, from the settings.
    api_keys: Keys,
    /// Keys that may read, from the settings. Reading is open while there are none.
    read_keys: Keys,
    /// Keys that were made by name.
    pub(crate) made: Keyring,
}

impl Access {
    /// Access with the keys that were set. Those made by name come with [`Access::follow()`].
    pub fn new(api_keys: Keys, read_keys: Keys) -> Self {
        Self { api_keys, read_keys, made: Keyring::default() }
    }

    /// Whether reading needs no key.
    pub fn reads_openly(&self) -> bool {
        self.read_keys.is_empty()
    }

    /// Whose key that is.
    pub(crate) fn who(&self, key: &str) -> Option<Actor> {
        self.set(key).or_else(|| self.made.find(key))
    }

    fn set(&self, key: &str) -> Option<Actor> {
        // Both are compared, whatever the first says.
        let (may_all, may_read) = (self.api_keys.contains(key), self.read_keys.contains(key));
        if may_all {
            Some(Actor::new("API_KEY", Role::Admin))
        } else {
            may_read.then(|| Actor::new("READ_KEY", Role::Read))
        }
    }

    /// Whether whoever shows this key may listen; and if so, how to ask whether they still may. Every
    /// role may read.
    pub fn listener(
        self: &Arc<Self>,
        key: &str,
    ) -> Option<impl Fn() -> bool + Send + Sync + 'static> {
        let is_set = self.set(key).is_some();
        let (access, hash) = (Arc::clone(self), key_hash(key));
        let still = move || is_set || access.made.find_hash(&hash).is_some();
        still().then_some(still)
    }

    fn admit(&self, headers: &HeaderMap, needed: Role) -> Result<Who, Problem> {
        let who = key(headers).and_then(|key| self.who(key));
        match who {
            Some(actor) if actor.role.may_as(needed) => Ok(Who(actor)),
            _ if needed == Role::Read && self.reads_openly() => Ok(Who::anyone()),
            Some(actor) => Err(Problem::forbidden(needed, &actor)),
            None => Err(Problem::unauthorized()),
        }
    }
}

/// Whoever asks: what handlers know of them, and what they do is recorded as done by.
#[derive(Clone, Debug)]
pub(crate) struct Who(pub(crate) Actor);

impl Who {
    fn anyone() -> Self {
        Self(Actor::new("anyone", Role::Open))
    }

    /// What they do, for the record.
    pub(crate) fn does(&self, action: &'static str, target: &str) -> NewAction {
        NewAction::new(self.0.clone(), action, target)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Only a route that asks for no role has nobody here.
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::unauthorized)
    }
}

fn key(headers: &HeaderMap) -> Option<&str> {
    headers.get(HEADER)?.to_str().ok()
}

/// Lets in whoever may do the work of the role, and tells the handler who it is.
pub(crate) fn admit(
    api: Api,
    needed: Role,
) -> ValidateRequestHeaderLayer<impl FnMut(&mut Request) -> Result<(), Response> + Clone> {
    admit_or(api, needed, |_| ())
}

/// Like [`admit()`], and tells of whom it turns away.
#[expect(clippy::result_large_err, reason = "the library asks for a whole answer")]
pub(crate) fn admit_or(
    api: Api,
    needed: Role,
    turned_away: fn(&Problem),
) -> ValidateRequestHeaderLayer<impl FnMut(&mut Request) -> Result<(), Response> + Clone> {
    ValidateRequestHeaderLayer::custom(move |request: &mut Request| {
        let who = api.access.admit(request.headers(), needed).inspect_err(turned_away);
        request.extensions_mut().insert(who.map_err(IntoResponse::into_response)?);
        Ok(())
    })
}

/// Who you are.
///
/// The name and the role of the key in `X-API-Key`. Without a key, where reading needs none: `anyone`,
/// `open`. A key that does not work is refused here even where reading needs none.
#[utoipa::path(get, path = "/api/me", tag = "Keys",
    responses((status = 200, description = "Who the server takes you for.", body = Me)))]
pub(crate) async fn me(State(api): State<Api>, headers: HeaderMap) -> Result<Response, Problem> {
    let who = match api.access.admit(&headers, Role::Read)? {
        Who(actor) if actor.role == Role::Open && headers.contains_key(HEADER) => {
            return Err(Problem::unauthorized());
        }
        Who(actor) => actor,
    };
    let me = Me { name: who.name.to_string(), role: who.role, may: who.role.may().to_vec() };
    Ok(answer::json(StatusCode::OK, &me))
}
