//! The time of an event in the system (received, decided, changed), in one format everywhere.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A moment in UTC with microsecond precision. Its text has a fixed width, so that texts sort by
/// time; with fractions of varying length, `10:00:00Z` would sort after `10:00:00.5Z`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, format = "date-time", example = "2026-01-01T10:00:00.000000Z")]
pub struct UtcTime(Timestamp);

/// The text is not an RFC 3339 date and time with an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an RFC 3339 date and time with its offset")]
pub struct InvalidUtcTime;

impl UtcTime {
    pub fn parse(text: &str) -> Result<Self, InvalidUtcTime> {
        text.parse::<Timestamp>().map(Self::from).map_err(|_| InvalidUtcTime)
    }

    pub fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl From<Timestamp> for UtcTime {
    /// Truncates to microseconds, so that the value survives being written and read.
    fn from(timestamp: Timestamp) -> Self {
        let whole = Timestamp::from_microsecond(timestamp.as_microsecond());
        Self(whole.unwrap_or(timestamp))
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.0)
    }
}

impl TryFrom<String> for UtcTime {
    type Error = InvalidUtcTime;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<UtcTime> for String {
    fn from(time: UtcTime) -> Self {
        time.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_sort_as_moments_do() {
        let moments = [
            "2026-03-02T09:59:59.999999Z",
            "2026-03-02T10:00:00Z",
            "2026-03-02T10:00:00.000001Z",
            "2026-03-02T10:00:00.5Z",
            "2026-03-02T11:00:01+01:00",
        ];
        let texts = moments.map(|text| UtcTime::parse(text).unwrap().to_string());
        assert!(texts.is_sorted(), "{texts:?}");
        assert!(texts.iter().all(|text| text.len() == "2026-03-02T10:00:00.000000Z".len()));
    }

    #[test]
    fn what_is_written_reads_back_as_it_was() {
        let time = UtcTime::from(Timestamp::new(1_780_000_000, 123_456_789).unwrap());
        assert_eq!(time.to_string(), "2026-05-28T20:26:40.123456Z");
        assert_eq!(UtcTime::parse(&time.to_string()), Ok(time));
        assert_eq!(UtcTime::parse("yesterday"), Err(InvalidUtcTime));
    }
}
