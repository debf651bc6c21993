//! Where a day begins.

use jiff::tz::TimeZone;
use lifecycle::Timestamp;
use store::interval;

/// A time zone, by its IANA name.
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl Default for Zone {
    fn default() -> Self {
        Self { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }
}

impl Zone {
    /// The zone of that name, as the system knows it; `UTC` is known everywhere.
    pub fn named(name: &str) -> Result<Self, String> {
        if name == "UTC" {
            return Ok(Self::default());
        }
        let zone = TimeZone::get(name).map_err(|_| {
            format!(
                "there is no time zone `{name}` here: it is an IANA name such as \
                 `America/New_York`, and the system's time zones (package tzdata) must be installed"
            )
        })?;
        Ok(Self { name: name.to_owned(), zone })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When the day began that a moment is in. A day begins where an interval does.
    pub(crate) fn midnight(&self, Timestamp(at): Timestamp) -> Timestamp {
        let midnight = jiff::Timestamp::from_millisecond(at)
            .and_then(|at| at.to_zoned(self.zone.clone()).start_of_day())
            .map_or(at, |midnight| midnight.timestamp().as_millisecond());
        interval(Timestamp(midnight))
    }
}

#[cfg(test)]
mod tests {
    use super::Zone;
    use contract::parse_time;

    fn midnight(zone: &str, at: &str) -> i64 {
        let zone = Zone::named(zone).expect("this system has time zones");
        zone.midnight(parse_time(at).expect("a time")).0
    }

    fn moment(at: &str) -> i64 {
        parse_time(at).expect("a time").0
    }

    #[test]
    fn a_day_begins_at_midnight_of_its_zone() {
        for (zone, at, begins) in [
            ("UTC", "2026-11-21T09:30:00Z", "2026-11-21T00:00:00Z"),
            ("America/New_York", "2026-11-21T04:59:59Z", "2026-11-20T05:00:00Z"),
            ("America/New_York", "2026-11-21T05:00:00Z", "2026-11-21T05:00:00Z"),
            ("Asia/Kathmandu", "2026-11-21T09:30:00Z", "2026-11-20T18:15:00Z"),
        ] {
            assert_eq!(midnight(zone, at), moment(begins), "{zone} {at}");
        }
    }

    #[test]
    fn a_day_with_another_clock_begins_at_its_midnight_all_the_same() {
        // The clocks go back an hour at 06:00 UTC.
        assert_eq!(
            midnight("America/New_York", "2026-11-01T23:00:00Z"),
            moment("2026-11-01T04:00:00Z")
        );
    }

    #[test]
    fn an_unknown_zone_is_named_in_a_sentence() {
        let said = Zone::named("Atlantis").expect_err("there is none");
        assert!(said.contains("`Atlantis`") && said.contains("tzdata"), "{said}");
    }
}
