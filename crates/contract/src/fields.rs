//! The fields of one body, read one by one, with everything that is wrong with them.

use serde_json::{Map, Number, Value};

use crate::{Issue, Seconds, id_issue};

/// More than this nobody mends at once, and an answer has to end somewhere.
const ISSUES_MAX: usize = 100;

/// How the names of fields are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// An event in the canonical form; also in `snake_case`, and what is unknown is dropped.
    Event,
    /// An event in the older form: its fields may be one level down.
    OlderEvent,
    /// A body that only we define: each field has one name, and what is unknown is wrong.
    Ours,
}

/// The fields of one body, and what was found wrong with them so far.
pub(crate) struct Fields<'a> {
    pub(crate) body: &'a Map<String, Value>,
    pub(crate) form: Form,
    /// What was asked for, in a body of ours.
    known: Vec<&'static str>,
    pub(crate) issues: Vec<Issue>,
}

impl<'a> Fields<'a> {
    /// The fields of a body, which has to be an object.
    pub(crate) fn of(body: &'a Value, form: Form) -> Result<Self, Vec<Issue>> {
        let Value::Object(body) = body else {
            return Err(vec![Issue::new("invalid_type", &[], "one JSON object is expected")]);
        };
        Ok(Self { body, form, known: Vec::new(), issues: Vec::new() })
    }

    /// What was read of a body of ours, where nothing is wrong. Fields that answers show and nobody
    /// sets may come back: what was read can be put again.
    pub(crate) fn finish<T>(mut self, read: Option<T>, shown: &[&str]) -> Result<T, Vec<Issue>> {
        let names = self.known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>();
        let message = format!("there is no such field; the fields are {}", names.join(", "));
        let is_known = |key: &str| self.known.contains(&key) || shown.contains(&key);
        let unknown = self.body.keys().filter(|key| !is_known(key));
        let unknown = unknown.map(|key| Issue::new("unknown_field", &[key], &*message));
        self.issues.extend(unknown.take(ISSUES_MAX));
        self.issues.truncate(ISSUES_MAX);
        match read {
            Some(read) if self.issues.is_empty() => Ok(read),
            _ => Err(self.issues),
        }
    }

    /// The field of that name: canonical or older, flat or, in the older form, one level down.
    pub(crate) fn find(&mut self, key: &'static str) -> (Vec<String>, Option<&'a Value>) {
        if self.form == Form::Ours {
            if !self.known.contains(&key) {
                self.known.push(key);
            }
            return (vec![key.to_owned()], self.body.get(key).filter(|value| !value.is_null()));
        }
        let is_older = self.form == Form::OlderEvent;
        let older = snake_case(key);
        let inner: &[&str] = if is_older { &["metadata", "data"] } else { &[] };
        let nested =
            inner.iter().filter_map(|name| Some((Some(*name), self.body.get(*name)?.as_object()?)));
        let places = std::iter::once((None, self.body)).chain(nested);
        for (place, fields) in places {
            for key in [key, older.as_str()] {
                if let Some(value) = fields.get(key).filter(|value| !value.is_null()) {
                    let path = place.into_iter().chain([key]).map(str::to_owned).collect();
                    return (path, Some(value));
                }
            }
        }
        (vec![if is_older { older } else { key.to_owned() }], None)
    }

    pub(crate) fn wrong(&mut self, code: &str, path: &[&str], message: &str) {
        self.issues.push(Issue::new(code, path, message));
    }

    pub(crate) fn wrong_at(&mut self, code: &str, path: Vec<String>, message: String) {
        self.issues.push(Issue { code: code.to_owned(), path, message });
    }

    pub(crate) fn string(
        &mut self,
        key: &'static str,
        needed: bool,
    ) -> Option<(Vec<String>, &'a str)> {
        let (path, value) = self.find(key);
        match value {
            Some(Value::String(text)) => return Some((path, text)),
            Some(_) => self.wrong_at("invalid_type", path, "a string is expected".to_owned()),
            None if needed => self.wrong_at("invalid_type", path, "required".to_owned()),
            None => {}
        }
        None
    }

    pub(crate) fn id(&mut self, key: &'static str, needed: bool) -> Option<String> {
        let (path, id) = self.string(key, needed)?;
        let path = path.iter().map(String::as_str).collect::<Vec<_>>();
        match id_issue(id, &path) {
            Some(issue) => {
                self.issues.push(issue);
                None
            }
            None => Some(id.to_owned()),
        }
    }

    /// The id of a queue that there is.
    pub(crate) fn queue(
        &mut self,
        key: &'static str,
        needed: bool,
        is_queue: &dyn Fn(&str) -> bool,
    ) -> Option<String> {
        let queue = self.id(key, needed)?;
        let (path, _) = self.find(key);
        self.is_queue(&queue, path, is_queue).then_some(queue)
    }

    /// Whether there is that queue; an issue where there is not.
    pub(crate) fn is_queue(
        &mut self,
        queue: &str,
        path: Vec<String>,
        is_queue: &dyn Fn(&str) -> bool,
    ) -> bool {
        if is_queue(queue) {
            return true;
        }
        let message = format!("there is no queue `{queue}`; GET /api/queues lists those there are");
        self.wrong_at("unknown_queue", path, message);
        false
    }

    /// One of a few words, and what it stands for.
    pub(crate) fn word<T: Copy>(
        &mut self,
        key: &'static str,
        needed: bool,
        words: &[(&'static str, T)],
    ) -> Option<(&'static str, T)> {
        let (path, value) = self.find(key);
        if value.is_none() && !needed {
            return None;
        }
        let found = value.and_then(Value::as_str);
        let found = found.and_then(|word| words.iter().find(|(name, _)| *name == word));
        if found.is_none() {
            let (code, start) = match value {
                None => ("invalid_type", "required: "),
                Some(Value::String(_)) => ("invalid_enum_value", "not "),
                Some(_) => ("invalid_type", "a string is expected: "),
            };
            self.wrong_at(code, path, format!("{start}{}", one_of(words)));
        }
        found.copied()
    }

    pub(crate) fn number(&mut self, key: &'static str, needed: bool) -> Option<&'a Number> {
        let (path, value) = self.find(key);
        let (code, message) = match value {
            Some(Value::Number(number)) if number.as_f64().is_some_and(|it| 0.0 <= it) => {
                return Some(number);
            }
            Some(Value::Number(_)) => ("too_small", "a number from 0 is expected"),
            Some(_) => ("invalid_type", "a number is expected"),
            None if needed => ("invalid_type", "required"),
            None => return None,
        };
        self.wrong_at(code, path, message.to_owned());
        None
    }

    /// A span of time that is allowed; `expected` says which are.
    pub(crate) fn span(
        &mut self,
        key: &'static str,
        expected: &str,
        is_allowed: impl Fn(i64) -> bool,
    ) -> Option<Seconds> {
        let (path, value) = self.find(key);
        let value = value?;
        let span = value.as_f64().and_then(Seconds::new).filter(|span| is_allowed(span.ms));
        if span.is_none() {
            self.misses(value, path, expected);
        }
        span
    }

    /// A whole number from 0 to `max`.
    pub(crate) fn whole(&mut self, key: &'static str, max: u32) -> Option<u32> {
        let (path, value) = self.find(key);
        self.whole_at(path, value?, max)
    }

    /// The same of a value that stands elsewhere.
    pub(crate) fn whole_at(&mut self, path: Vec<String>, value: &Value, max: u32) -> Option<u32> {
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| *number <= max);
        if number.is_none() {
            self.misses(value, path, &format!("a whole number from 0 to {max}"));
        }
        number
    }

    /// A number that is not the one that is expected, or no number at all.
    fn misses(&mut self, value: &Value, path: Vec<String>, expected: &str) {
        let code = if value.is_number() { "out_of_range" } else { "invalid_type" };
        self.wrong_at(code, path, format!("{expected} is expected"));
    }
}

/// The words as a sentence says them: `a`, `b` or `c`.
fn one_of<T>(words: &[(&'static str, T)]) -> String {
    let names = words.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

fn snake_case(key: &str) -> String {
    let mut snake = String::with_capacity(key.len() + 4);
    for letter in key.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
