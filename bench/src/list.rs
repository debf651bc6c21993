//! How long the first page of the list of calls takes, by each filter, one request at a time.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;

use crate::http::{Connection, Target, Template};
use crate::measure::{Delays, Summary};

/// Each filter with its query.
const FILTERS: [(&str, &str); 4] = [
    ("none", "/api/calls"),
    ("status", "/api/calls?status=ended"),
    ("queue", "/api/calls?queueId=medical_spanish"),
    ("both", "/api/calls?status=ended&queueId=medical_spanish"),
];

#[derive(Args, Clone, Debug)]
pub struct Options {
    #[arg(long, default_value_t = 8.0)]
    pub seconds: f64,
}

#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub filters: Vec<Filtered>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Filtered {
    pub filter: &'static str,
    pub latency: Summary,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("list:")?;
        self.filters
            .iter()
            .try_for_each(|Filtered { filter, latency }| write!(f, " [{filter}] {latency}"))
    }
}

pub async fn run(target: &Target, options: &Options) -> Result<Outcome> {
    let mut connection = Connection::open(target.addr).await?;
    let requests = FILTERS.map(|(_, path)| {
        let mut request = Vec::new();
        Template::new(target, "GET", path).fill(&mut request, b"");
        request
    });
    let mut delays: [Delays; 4] = Default::default();
    let until = Instant::now() + Duration::from_secs_f64(options.seconds);
    while Instant::now() < until {
        for (request, delays) in requests.iter().zip(&mut delays) {
            let sent = Instant::now();
            let answer = connection.call(request).await?;
            if !answer.is_success() {
                bail!(
                    "the list was answered {}: {}",
                    answer.status,
                    String::from_utf8_lossy(answer.body)
                );
            }
            delays.add(sent.elapsed());
        }
    }
    let filters = FILTERS
        .iter()
        .zip(&delays)
        .map(|((filter, _), delays)| Filtered { filter, latency: delays.summary() });
    Ok(Outcome { filters: filters.collect() })
}
