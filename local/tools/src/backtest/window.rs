//! The bounds of the measured window: dates or moments.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A bound as given on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// UTC.
    Day(Date),
    Moment(Timestamp),
}

impl FromStr for Bound {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The parser of dates would accept a time too, and drop the hour.
        let day = || text.parse().ok().filter(|_| text.len() == "2026-11-23".len()).map(Self::Day);
        text.parse().map(Self::Moment).ok().or_else(day).ok_or(WRONG)
    }
}

const WRONG: &str = "is neither a date (2026-11-23) nor a time with its offset (RFC 3339)";

impl Bound {
    /// Seconds since the Unix epoch; a day begins at midnight.
    pub(super) fn start(self) -> f64 {
        self.seconds(Some)
    }

    /// A day ends where the next begins.
    pub(super) fn end(self) -> f64 {
        self.seconds(|day| day.tomorrow().ok())
    }

    fn seconds(self, midnight_of: impl Fn(Date) -> Option<Date>) -> f64 {
        let at = match self {
            Self::Moment(at) => at,
            Self::Day(day) => {
                let midnight = midnight_of(day).and_then(|d| d.to_zoned(TimeZone::UTC).ok());
                midnight.map_or(Timestamp::MAX, |zoned| zoned.timestamp())
            }
        };
        at.as_duration().as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_whole() {
        let day: Bound = "2026-01-05".parse().unwrap();
        assert_eq!(day.end() - day.start(), 86_400.0);
        let moment: Bound = "2026-01-05T02:00:00+02:00".parse().unwrap();
        assert_eq!((moment.start(), moment.end()), (day.start(), day.start()));
    }

    #[test]
    fn a_time_without_offset_or_anything_else_is_refused() {
        for text in ["2026-01-05T10:00:00", "yesterday", "2026-13-01", ""] {
            assert_eq!(text.parse::<Bound>(), Err(WRONG), "{text}");
        }
    }
}
