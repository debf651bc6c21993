//! Every setting of `serve`: its name, its default, its limits, and what it is for.

use std::{ffi::OsStr, fmt::Write, net::IpAddr, path::PathBuf};

use clap::{Args, CommandFactory, ValueEnum};
use contract::ServiceLevelFormula;
use engine::Zone;

use crate::number::whole;

/// Settings of one process. Each is an option and an environment variable; the option wins.
#[derive(Args, Clone, Debug)]
pub(crate) struct Serve {
    /// Address to listen on. Anything but loopback is reachable from other machines.
    #[arg(long, env = "HOST", default_value = "127.0.0.1", value_parser = ip_address)]
    pub(crate) host: IpAddr,

    /// Port to listen on; 0 takes a free one and prints it.
    #[arg(long, env = "PORT", default_value_t = 3000, value_parser = whole(0..=u16::MAX))]
    pub(crate) port: u16,

    /// Directory of the data, made where it is missing. One process may use it at a time.
    #[arg(long = "data", env = "DATA_DIR", default_value = "./data", value_name = "DIR")]
    pub(crate) data: PathBuf,

    /// `PostgreSQL` to keep calls in, as `postgresql://user:password@host/database`. Without it they
    /// are kept in the data directory, in SQLite.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,

    /// Keys that may do everything, separated by commas. Without it one is made at the first start,
    /// kept in the data directory and printed. `switchboard keys` makes those that may do less.
    #[arg(long, env = "API_KEY", hide_env_values = true, value_name = "KEYS")]
    pub(crate) api_key: Option<String>,

    /// Keys that may read, separated by commas. Reading needs no key while there are none.
    #[arg(long, env = "READ_KEY", hide_env_values = true, value_name = "KEYS")]
    pub(crate) read_key: Option<String>,

    /// Key of the audit chain. Without it one is made at the first start and kept in the database.
    #[arg(long, env = "AUDIT_KEY", hide_env_values = true, value_name = "KEY")]
    pub(crate) audit_key: Option<String>,

    /// Origins whose web pages may use this server, separated by commas; `*` for all.
    #[arg(long, env = "ALLOW_ORIGINS", value_name = "ORIGINS")]
    pub(crate) allow_origins: Option<String>,

    /// What is logged: `error`, `warn`, `info`, `debug` or `trace`, or a filter such as
    /// `info,engine=debug`.
    #[arg(long, env = "LOG_LEVEL", default_value = "info", value_name = "LEVEL")]
    pub(crate) log_level: String,

    /// How it is logged.
    #[arg(long, env = "LOG_FORMAT", default_value = "text", value_enum)]
    pub(crate) log_format: LogFormat,

    /// Events recorded in one transaction, at most.
    #[arg(long, env = "BATCH_EVENTS_MAX", default_value_t = 512,
          value_parser = whole(1..=1_024_u16), value_name = "EVENTS")]
    pub(crate) batch_events_max: u16,

    /// Events that may wait to be recorded; one more is answered with 503.
    #[arg(long, env = "LANE_DEPTH_MAX", default_value_t = 16_384,
          value_parser = whole(1..=1_000_000_u32), value_name = "EVENTS")]
    pub(crate) lane_depth_max: u32,

    /// Connections that may be open; further ones wait to be accepted.
    #[arg(long, env = "CONNECTIONS_MAX", default_value_t = 10_000,
          value_parser = whole(1..=1_000_000_u32), value_name = "CONNECTIONS")]
    pub(crate) connections_max: u32,

    /// Seconds a client may take to send the head of a request.
    #[arg(long, env = "HEADERS_WITHIN_SECONDS", default_value_t = 10,
          value_parser = whole(1..=600_u16), value_name = "SECONDS")]
    pub(crate) headers_within_seconds: u16,

    /// Calls a socket may follow one by one.
    #[arg(long, env = "SUBSCRIPTIONS_MAX", default_value_t = 1_000,
          value_parser = whole(1..=5_000_u32), value_name = "CALLS")]
    pub(crate) subscriptions_max: u32,

    /// Recent updates kept in memory for sockets that come back; whoever is further behind fetches
    /// again. Two batches must fit.
    #[arg(long, env = "RECENT_UPDATES_MAX", default_value_t = 16_384,
          value_parser = whole(100..=10_000_000_u32), value_name = "UPDATES")]
    pub(crate) recent_updates_max: u32,

    /// How the service level is computed where a request does not say: `sl_answered`, `sl_both`,
    /// `sl_queue_exit`, `sl_offered` or `sl_offered_noshort`. `docs/figures.md` has the formulas.
    #[arg(long, env = "SERVICE_LEVEL_FORMULA", default_value = "sl_offered",
          value_parser = formula, value_name = "FORMULA")]
    pub(crate) service_level_formula: ServiceLevelFormula,

    /// Callers who give up within less than so many seconds are counted as short abandons.
    #[arg(long, env = "SHORT_ABANDON_SECONDS", default_value_t = 5,
          value_parser = whole(0..=3_600_u32), value_name = "SECONDS")]
    pub(crate) short_abandon_seconds: u32,

    /// Time zone whose midnight the figures of a day begin with: an IANA name, such as
    /// `America/New_York`.
    #[arg(long, env = "TIME_ZONE", default_value = "UTC", value_parser = Zone::named,
          value_name = "ZONE")]
    pub(crate) time_zone: Zone,

    /// Seconds that requests and sockets get to finish when the process stops.
    #[arg(long, env = "STOP_WITHIN_SECONDS", default_value_t = 3,
          value_parser = whole(1..=600_u16), value_name = "SECONDS")]
    pub(crate) stop_within_seconds: u16,
}

/// Says what is wrong with the address of a database, if anything is.
pub(crate) fn check_database_url(url: Option<&str>) -> Result<(), String> {
    let schemes = ["postgresql://", "postgres://"];
    if url.is_none_or(|url| schemes.iter().any(|scheme| url.starts_with(scheme))) {
        return Ok(());
    }
    let wrong = "DATABASE_URL is not of the form postgresql://user:password@host/database; without \
                 it calls are kept in the data directory";
    Err(wrong.to_owned())
}

fn ip_address(given: &str) -> Result<IpAddr, String> {
    let needed =
        "an IP address is needed: 127.0.0.1 for this machine alone, 0.0.0.0 for every network";
    given.trim().parse().map_err(|_| needed.to_owned())
}

fn formula(name: &str) -> Result<ServiceLevelFormula, String> {
    ServiceLevelFormula::named(name).ok_or_else(|| {
        let known = ServiceLevelFormula::ALL.map(ServiceLevelFormula::name).join(", ");
        format!("there is no formula `{name}`; there are {known}")
    })
}

/// How the log is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}

impl Serve {
    /// The settings, where one that is set to nothing is one that is not set: an `.env` file may
    /// name a setting without giving it a value.
    pub(crate) fn cleared(mut self) -> Self {
        let optional = [
            &mut self.database_url,
            &mut self.api_key,
            &mut self.read_key,
            &mut self.audit_key,
            &mut self.allow_origins,
        ];
        for setting in optional {
            setting.take_if(|value| value.trim().is_empty());
        }
        self
    }

    /// Says what cannot go together.
    pub(crate) fn check(&self) -> Result<(), String> {
        let (recent, batch) = (self.recent_updates_max, u32::from(self.batch_events_max));
        if recent < 2 * batch {
            return Err(format!(
                "RECENT_UPDATES_MAX is {recent} but BATCH_EVENTS_MAX is {batch}: two batches must \
                 fit, or sockets would miss updates of one batch"
            ));
        }
        check_database_url(self.database_url.as_deref())
    }

    /// Every setting, as `switchboard config` prints it. Secrets are not shown.
    pub(crate) fn table(&self) -> String {
        let command = crate::Cli::command();
        let serve = command.find_subcommand("serve").expect("it is declared in main.rs");
        let mut table = String::new();
        for setting in serve.get_arguments().filter(|it| it.get_env().is_some()) {
            let name = setting.get_env().and_then(OsStr::to_str).unwrap_or_default();
            let option = setting.get_long().unwrap_or_default();
            let help = setting.get_help().map(ToString::to_string).unwrap_or_default();
            let default = setting.get_default_values().first().and_then(|it| it.to_str());
            let value = self.value(name);
            let shown = value.as_deref().or(default).unwrap_or("");
            let default = default.map(|it| format!(" (default {it})")).unwrap_or_default();
            let help = help.replace('\n', " ");
            // Writing into a String cannot fail.
            let _ = writeln!(table, "# {help}\n# --{option}{default}\n{name}={shown}\n");
        }
        table
    }

    fn value(&self, name: &str) -> Option<String> {
        let secret = |value: &Option<String>| value.as_ref().map(|_| "(set)".to_owned());
        match name {
            "HOST" => Some(self.host.to_string()),
            "PORT" => Some(self.port.to_string()),
            "DATA_DIR" => Some(self.data.display().to_string()),
            "DATABASE_URL" => secret(&self.database_url),
            "API_KEY" => secret(&self.api_key),
            "READ_KEY" => secret(&self.read_key),
            "AUDIT_KEY" => secret(&self.audit_key),
            "ALLOW_ORIGINS" => self.allow_origins.clone(),
            "LOG_LEVEL" => Some(self.log_level.clone()),
            "LOG_FORMAT" => {
                self.log_format.to_possible_value().map(|value| value.get_name().to_owned())
            }
            "BATCH_EVENTS_MAX" => Some(self.batch_events_max.to_string()),
            "LANE_DEPTH_MAX" => Some(self.lane_depth_max.to_string()),
            "CONNECTIONS_MAX" => Some(self.connections_max.to_string()),
            "HEADERS_WITHIN_SECONDS" => Some(self.headers_within_seconds.to_string()),
            "SUBSCRIPTIONS_MAX" => Some(self.subscriptions_max.to_string()),
            "RECENT_UPDATES_MAX" => Some(self.recent_updates_max.to_string()),
            "SERVICE_LEVEL_FORMULA" => Some(self.service_level_formula.name().to_owned()),
            "SHORT_ABANDON_SECONDS" => Some(self.short_abandon_seconds.to_string()),
            "TIME_ZONE" => Some(self.time_zone.name().to_owned()),
            "STOP_WITHIN_SECONDS" => Some(self.stop_within_seconds.to_string()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::Cli;

    fn refused(arguments: &[&str]) -> String {
        let given = ["switchboard", "serve"].iter().chain(arguments);
        Cli::try_parse_from(given).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn the_help_begins_with_a_sentence_for_users() {
        let help = Cli::try_parse_from(["switchboard", "--help"]).err().expect("help is shown");
        assert!(help.to_string().starts_with("Switchboard keeps the life of every"), "{help}");
    }

    #[test]
    fn a_setting_that_is_no_such_number_is_told_which_are() {
        for (option, given, needed) in [
            ("--port", "abc", "from 0 to 65535"),
            ("--port", "70000", "from 0 to 65535"),
            ("--batch-events-max", "0", "from 1 to 1024"),
            ("--subscriptions-max", "-1", "from 1 to 5000"),
            ("--short-abandon-seconds", "1.5", "from 0 to 3600"),
        ] {
            let refused = refused(&[&format!("{option}={given}")]);
            assert!(refused.contains(&format!("a whole number {needed} is needed")), "{refused}");
            assert!(refused.contains(option) && refused.contains(given), "{refused}");
        }
        assert!(refused(&["--host=here"]).contains("an IP address is needed: 127.0.0.1"));
        assert_eq!(refused(&["--port=0", "--host=::1", "--batch-events-max=1024"]), "");
    }
}
