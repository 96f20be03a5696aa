//! The time of a payment: strictly RFC 3339, and plausible.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The time of a payment: the client's text, whose offset is part of the evidence, and the instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventTime {
    text: String,
    instant: Timestamp,
}

/// Why a text is not the time of a payment. [`code`](Self::code) is part of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTime {
    #[error(
        "must be an RFC 3339 date and time with its offset, such as 2026-01-31T09:30:00Z or \
         2026-01-31T09:30:00.250+01:00: a day of the calendar, seconds from 00 to 59, an offset \
         below 24:00"
    )]
    Malformed,
    #[error("lies before 1990: a program without the time says so, not a payment")]
    Implausible,
    #[error("lies more than 24 hours in the future")]
    Ahead,
}

impl InvalidTime {
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "invalid_timestamp",
            Self::Implausible => "timestamp_implausible",
            Self::Ahead => "timestamp_ahead",
        }
    }
}

/// How far a payment's time may be ahead of our clock: clocks differ, but not by days.
const MAX_AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// 1990-01-01T00:00:00Z.
const EARLIEST: Timestamp = Timestamp::constant(631_152_000, 0);

impl EventTime {
    /// Parses a client's text, which must lie between 1990 and 24 hours after `now`.
    pub fn parse(text: &str, now: Timestamp) -> Result<Self, InvalidTime> {
        let time = Self::read(text)?;
        if time.instant > now.saturating_add(MAX_AHEAD).unwrap_or(Timestamp::MAX) {
            return Err(InvalidTime::Ahead);
        }
        Ok(time)
    }

    fn read(text: &str) -> Result<Self, InvalidTime> {
        // RFC 3339 allows lower case; capitals give the same time a single text.
        let text = text.to_ascii_uppercase();
        let instant = rfc3339(&text).ok_or(InvalidTime::Malformed)?;
        if instant < EARLIEST {
            return Err(InvalidTime::Implausible);
        }
        Ok(Self { text, instant })
    }

    pub fn instant(&self) -> Timestamp {
        self.instant
    }

    /// Returns seconds since the Unix epoch, with fraction.
    pub fn seconds(&self) -> f64 {
        self.instant.as_duration().as_secs_f64()
    }

    /// Returns the day in UTC.
    pub fn day(&self) -> Date {
        self.instant.to_zoned(TimeZone::UTC).date()
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl TryFrom<String> for EventTime {
    type Error = InvalidTime;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::read(&text)
    }
}

impl From<EventTime> for String {
    fn from(time: EventTime) -> Self {
        time.text
    }
}

/// Parses RFC 3339 strictly. jiff alone accepts more: a space for the `T`, annotations, week dates,
/// a second of 60, which it turns into 59, and offsets of a day.
fn rfc3339(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let shape = |from: usize, pattern: &str| {
        bytes.get(from..from + pattern.len()).is_some_and(|part| {
            part.iter().zip(pattern.bytes()).all(|(byte, expected)| match expected {
                b'0' => byte.is_ascii_digit(),
                b'+' => matches!(byte, b'+' | b'-'),
                _ => *byte == expected,
            })
        })
    };
    if !shape(0, "0000-00-00T00:00:00") || bytes[17] >= b'6' {
        return None;
    }
    let rest = &text[19..];
    let offset = match rest.strip_prefix('.') {
        Some(fraction) => {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            ((1..=9).contains(&digits)).then(|| &fraction[digits..])?
        }
        None => rest,
    };
    let numeric = offset.len() == 6
        && shape(text.len() - 6, "+00:00")
        && &offset[1..3] < "24"
        && &offset[4..6] < "60";
    if offset != "Z" && !numeric {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Result<&str, InvalidTime>) {
        let got = EventTime::parse(text, "2026-03-11T00:00:00Z".parse().unwrap());
        assert_eq!(got.map(String::from), expect.map(str::to_owned), "{text}");
    }

    #[test]
    fn times_need_an_offset_and_a_calendar() {
        for text in [
            "2026-03-10",
            "2026-03-10T10:00:00",
            "2026-03-10 10:00:00Z",
            "2026-02-30T10:00:00Z",
            "2026-03-10T10:00:00.Z",
            "2026-03-10T10:00:00+0100",
            "2026-03-10T25:00:00Z",
            "2026-03-10T10:00:60Z",
            "2016-12-31T23:59:60Z",
            "2026-03-10T10:00:00+24:00",
            "2026-03-10T10:00:00-23:60",
            "2026-03-10T10:00:00Z[Europe/Paris]",
        ] {
            check(text, Err(InvalidTime::Malformed));
        }
        let exact = "2026-03-10T10:00:00.123456789-05:00";
        check(exact, Ok(exact));
        check("2026-03-10T10:00:00+23:59", Ok("2026-03-10T10:00:00+23:59"));
    }

    #[test]
    fn small_letters_are_the_same_time() {
        check("2026-03-10t10:00:00z", Ok("2026-03-10T10:00:00Z"));
    }

    #[test]
    fn no_payment_lies_before_1990_or_ahead() {
        check("1970-01-01T00:00:00Z", Err(InvalidTime::Implausible));
        check("1989-12-31T23:59:59Z", Err(InvalidTime::Implausible));
        check("0001-01-01T00:00:00Z", Err(InvalidTime::Implausible));
        check("1990-01-01T00:00:00Z", Ok("1990-01-01T00:00:00Z"));
        check("2026-03-12T00:00:01Z", Err(InvalidTime::Ahead));
        check("2026-03-12T00:00:00Z", Ok("2026-03-12T00:00:00Z"));
    }
}
