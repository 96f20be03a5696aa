//! Dates and times as people and spreadsheets write them: `2022-10-07`, `07/10/2022`, `7.10.22`,
//! `7 Oct 2022`, `20221007`, Excel's days since 1900 with a fraction; 12- and 24-hour clocks, in the
//! date's cell or in a separate one.
//!
//! Whether `07/10/2022` is in July or October is decided for a whole file, never for a cell: [`clue`]
//! tells what a cell shows; [`Calendar::read`] reads with the order that was decided. Dots are used in
//! countries that put the day first, so a file with nothing but `07.10.2022` is read that way.

use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use sentinel::payment::transaction::EventTime;

/// The order of a date that does not begin with a four-digit year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// `31/12/2026`
    Dmy,
    /// `12/31/2026`
    Mdy,
    /// `26-12-31`
    Ymd,
}

/// Which order a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clue {
    /// Not a date, or one that reads alike in every order.
    Nothing,
    Shows(DateOrder),
    /// `07.10.2022`: the day first, unless other cells show otherwise.
    Dotted,
    /// `07/10/2022`
    Ambiguous,
}

/// Why a cell is not a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidTime {
    #[error("is not a date we can read")]
    UnreadableDate,
    #[error("is not in the calendar (see --dates)")]
    NoSuchDay,
    #[error("is ambiguous: give --dates dmy or --dates mdy")]
    Ambiguous,
    #[error("is not a time of day we can read")]
    UnreadableClock,
    #[error("did not exist: the clocks of the time zone skipped it")]
    Skipped,
    #[error("is before 1971 or after 2199: a placeholder, not a time")]
    Placeholder,
}

/// How to read a file's times.
#[derive(Debug, Clone)]
pub(super) struct Calendar {
    pub(super) order: Option<DateOrder>,
    /// The time zone of times without an offset.
    pub(super) zone: TimeZone,
}

/// Plausible years: systems write 1970-01-01 and 9999-12-31 for "none".
const YEARS: std::ops::RangeInclusive<i16> = 1971..=2199;

impl Calendar {
    /// A time from the date's cell and, if there is one, the time's.
    pub(super) fn read(&self, date: &str, time: Option<&str>) -> Result<EventTime, InvalidTime> {
        let (day, clock_text) = split(date);
        let (day, fraction) = self.day(day)?;
        if !YEARS.contains(&day.year()) {
            return Err(InvalidTime::Placeholder);
        }
        let clock = match (time, clock_text, fraction) {
            // A separate time cell may repeat the date.
            (Some(cell), _, _) => match split(cell) {
                (_, Some(clock)) => Clock::read(clock)?,
                (cell, None) => Clock::read(cell)?,
            },
            (None, Some(clock), _) => Clock::read(clock)?,
            (None, None, Some(time)) => Clock { time, offset: None },
            (None, None, None) => Clock { time: Time::midnight(), offset: None },
        };
        self.event_time(day, &clock)
    }

    fn event_time(&self, day: Date, clock: &Clock) -> Result<EventTime, InvalidTime> {
        let at = day.to_datetime(clock.time);
        let offset = match clock.offset {
            Some(offset) => offset,
            None if self.zone == TimeZone::UTC => Offset::UTC,
            None => match self.zone.to_ambiguous_timestamp(at).offset() {
                AmbiguousOffset::Unambiguous { offset } => offset,
                // The repeated hour in autumn: take the first.
                AmbiguousOffset::Fold { before, .. } => before,
                AmbiguousOffset::Gap { .. } => return Err(InvalidTime::Skipped),
            },
        };
        let minutes = offset.seconds() / 60;
        let offset = match minutes {
            0 => "Z".to_owned(),
            _ => {
                let sign = if minutes < 0 { '-' } else { '+' };
                format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
            }
        };
        EventTime::try_from(format!("{at}{offset}")).map_err(|_| InvalidTime::UnreadableClock)
    }

    /// The day; for a spreadsheet's number also the time of day from its fraction.
    fn day(&self, text: &str) -> Result<(Date, Option<Time>), InvalidTime> {
        let date = |year: i16, month: i8, day: i8| {
            Date::new(year, month, day).map_err(|_| InvalidTime::NoSuchDay)
        };
        match DateNotation::of(text).ok_or(InvalidTime::UnreadableDate)? {
            DateNotation::YearFirst(year, month, day) => Ok((date(year, month, day)?, None)),
            DateNotation::Named(year, month, day) => Ok((date(year, month, day)?, None)),
            DateNotation::Serial(day, time) => Ok((day, time)),
            DateNotation::Numeric { parts: [a, b, c], dotted, short } => {
                let day = match self.order {
                    Some(DateOrder::Dmy) => date(full_year(c), narrow(b), narrow(a)),
                    Some(DateOrder::Mdy) => date(full_year(c), narrow(a), narrow(b)),
                    Some(DateOrder::Ymd) if a < 100 => date(full_year(a), narrow(b), narrow(c)),
                    Some(DateOrder::Ymd) => Err(InvalidTime::NoSuchDay),
                    // No order was decided; a date that fits only one is still read.
                    None if short => Err(InvalidTime::Ambiguous),
                    None if a > 12 || a == b || dotted => date(full_year(c), narrow(b), narrow(a)),
                    None if b > 12 => date(full_year(c), narrow(a), narrow(b)),
                    None => Err(InvalidTime::Ambiguous),
                };
                Ok((day?, None))
            }
        }
    }
}

/// Which order a cell shows.
pub(super) fn clue(text: &str) -> Clue {
    match DateNotation::of(split(text).0) {
        Some(DateNotation::Numeric { parts: [a, b, _], dotted, .. }) => match (a, b) {
            (13..=31, 1..=12) => Clue::Shows(DateOrder::Dmy),
            (1..=12, 13..=31) => Clue::Shows(DateOrder::Mdy),
            (1..=12, 1..=12) if dotted => Clue::Dotted,
            (1..=12, 1..=12) if a != b => Clue::Ambiguous,
            _ => Clue::Nothing,
        },
        _ => Clue::Nothing,
    }
}

/// The three numbers of a date with a two-digit year, in the cell's order.
pub(super) fn short(text: &str) -> Option<[u16; 3]> {
    match DateNotation::of(split(text).0)? {
        DateNotation::Numeric { parts, short: true, .. } => Some(parts),
        _ => None,
    }
}

/// Whether a cell is a date that we can read in some order.
pub(super) fn is_date(text: &str) -> bool {
    let read = |order| {
        Calendar { order: Some(order), zone: TimeZone::UTC }.read(text.trim(), None).is_ok()
    };
    read(DateOrder::Dmy) || read(DateOrder::Mdy)
}

/// Whether a cell is a time of day and nothing else.
pub(super) fn is_clock(text: &str) -> bool {
    text.contains(':')
        && matches!(split(text.trim()), (_, None))
        && Clock::read(text.trim()).is_ok()
}

/// A date as it is written.
enum DateNotation {
    YearFirst(i16, i8, i8),
    /// With its month's name.
    Named(i16, i8, i8),
    /// A spreadsheet's serial number.
    Serial(Date, Option<Time>),
    /// `07/10/2022`; `short` if the year has two digits, and so might also come first.
    Numeric {
        parts: [u16; 3],
        dotted: bool,
        short: bool,
    },
}

impl DateNotation {
    fn of(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches(',');
        // The common case first, without splitting.
        if let [y @ .., b'-', m1, m2, b'-', d1, d2] = text.as_bytes()
            && y.len() == 4
        {
            let number =
                |bytes: &[u8]| -> Option<u16> { std::str::from_utf8(bytes).ok()?.parse().ok() };
            let month = narrow(number(&[*m1, *m2])?);
            return Some(Self::YearFirst(year(number(y)?)?, month, narrow(number(&[*d1, *d2])?)));
        }
        if let Some(serial) = serial(text) {
            return Some(serial);
        }
        let separator = |letter: char| matches!(letter, '-' | '/' | '.' | ',') || letter == ' ';
        let mut parts = text.split(separator).filter(|part| !part.is_empty());
        let parts = [parts.next()?, parts.next()?, parts.next()?, parts.next().unwrap_or("")];
        let [a, b, c, ""] = parts else { return None };
        let number = |part: &str| -> Option<u16> {
            let short = part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
            if short { part.parse().ok() } else { None }
        };
        match (number(a), number(b), number(c)) {
            (Some(first), Some(month), Some(day)) if a.len() == 4 => {
                Some(Self::YearFirst(year(first)?, narrow(month), narrow(day)))
            }
            (Some(first), Some(second), Some(third)) if matches!(c.len(), 2 | 4) => {
                let (parts, dotted) = ([first, second, third], text.contains('.'));
                Some(Self::Numeric { parts, dotted, short: c.len() == 2 })
            }
            (Some(day), None, Some(third)) => {
                Some(Self::Named(full_year(third), month(b)?, narrow(day)))
            }
            (None, Some(day), Some(third)) => {
                Some(Self::Named(full_year(third), month(a)?, narrow(day)))
            }
            _ => None,
        }
    }
}

/// `44841.4411` (or with a comma), days since 1899-12-30 as spreadsheets count; and `20221007`.
fn serial(text: &str) -> Option<DateNotation> {
    let (days, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    if !days.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i32 = days.parse().ok()?;
    match (days.len(), fraction) {
        (8, "") => {
            let part = |value: i32| u16::try_from(value).ok();
            let (month, day) = (part(number / 100 % 100)?, part(number % 100)?);
            Some(DateNotation::YearFirst(year(part(number / 10_000)?)?, narrow(month), narrow(day)))
        }
        (5, _) => {
            let first = jiff::civil::date(1899, 12, 30);
            let mut day = first.checked_add(jiff::Span::new().days(number)).ok()?;
            let seconds = if fraction.is_empty() { 0 } else { seconds_of_day(fraction)? };
            if seconds == DAY_SECONDS {
                day = day.tomorrow().ok()?;
            }
            let time = clock_of(seconds % DAY_SECONDS)?;
            Some(DateNotation::Serial(day, (!fraction.is_empty()).then_some(time)))
        }
        _ => None,
    }
}

const DAY_SECONDS: u32 = 86_400;

/// Converts the decimals of a day to seconds, rounded, because a spreadsheet keeps about five digits.
fn seconds_of_day(decimals: &str) -> Option<u32> {
    let kept = &decimals[..decimals.len().min(15)];
    let number: u64 = kept.parse().ok()?;
    let scale = 10_u128.pow(u32::try_from(kept.len()).ok()?);
    let seconds = (u128::from(number) * u128::from(DAY_SECONDS) + scale / 2) / scale;
    u32::try_from(seconds).ok()
}

fn clock_of(seconds: u32) -> Option<Time> {
    let part = |value: u32| i8::try_from(value).ok();
    Time::new(part(seconds / 3_600)?, part(seconds / 60 % 60)?, part(seconds % 60)?, 0).ok()
}

/// Narrows a part of a date; what does not fit is not a valid date.
fn narrow(part: u16) -> i8 {
    i8::try_from(part).unwrap_or(i8::MAX)
}

fn year(part: u16) -> Option<i16> {
    i16::try_from(part).ok()
}

/// Two-digit years are 1970 to 2069.
fn full_year(part: u16) -> i16 {
    let full = match part {
        0..=69 => part + 2000,
        70..=99 => part + 1900,
        _ => part,
    };
    i16::try_from(full).unwrap_or(i16::MAX)
}

/// A month by the first letters of its name in English, German, French, Spanish or Dutch.
fn month(name: &str) -> Option<i8> {
    const MONTHS: [&[&str]; 12] = [
        &["jan", "jän", "ene"],
        &["feb", "fév", "fev"],
        &["mar", "mär", "maa", "mrt"],
        &["apr", "avr", "abr"],
        &["may", "mai", "mei"],
        &["jun", "juin"],
        &["jul", "juil"],
        &["aug", "aoû", "aou", "ago"],
        &["sep"],
        &["oct", "okt"],
        &["nov"],
        &["dec", "dez", "déc", "dic"],
    ];
    let name = name.to_lowercase();
    let begins = |starts: &&[&str]| starts.iter().any(|start| name.starts_with(start));
    let at = MONTHS.iter().position(begins)?;
    i8::try_from(at + 1).ok()
}

/// Splits a cell into its date and the time of day after it.
fn split(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    let Some(colon) = text.find(':') else { return (text, None) };
    // The one or two digits of the hour, and the separator before them.
    let hour = text[..colon].trim_end_matches(|letter: char| letter.is_ascii_digit());
    match hour.strip_suffix(['T', 't', ' ', '\u{a0}']) {
        Some(date) if !date.is_empty() => (date.trim_end(), Some(text[hour.len()..].trim())),
        _ => (text, None),
    }
}

/// A time of day.
struct Clock {
    time: Time,
    /// Its offset, if it is given.
    offset: Option<Offset>,
}

impl Clock {
    fn read(text: &str) -> Result<Self, InvalidTime> {
        Self::parse(text).ok_or(InvalidTime::UnreadableClock)
    }

    fn parse(text: &str) -> Option<Self> {
        // A spreadsheet writes a time of day as a fraction of a day.
        if let Some(fraction) = text.strip_prefix("0.").or_else(|| text.strip_prefix("0,")) {
            let digits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
            let seconds = digits.then(|| seconds_of_day(fraction))??;
            return Some(Self { time: clock_of(seconds.min(DAY_SECONDS - 1))?, offset: None });
        }
        let end = text.find(|letter: char| !matches!(letter, '0'..='9' | ':' | '.'));
        let (digits, rest) = text.split_at(end.unwrap_or(text.len()));
        let (hour_of_12, rest) = half_of_day(rest.trim());
        let offset = offset(rest)?;
        let mut parts = digits.trim_end_matches('.').splitn(3, ':');
        let number = |part: &str| -> Option<i8> {
            let short = (1..=2).contains(&part.len());
            if short && part.bytes().all(|byte| byte.is_ascii_digit()) {
                part.parse().ok()
            } else {
                None
            }
        };
        let (hour, minute) = (number(parts.next()?)?, number(parts.next()?)?);
        let (second, nanos) = match parts.next() {
            None => (0, 0),
            Some(part) => {
                let (second, decimals) = part.split_once('.').unwrap_or((part, "0"));
                let kept = &decimals[..decimals.len().min(9)];
                let nanos: i32 = format!("{kept:0<9}").parse().ok()?;
                (number(second)?, nanos)
            }
        };
        let hour = match (hour_of_12, hour) {
            (None, hour) => hour,
            (Some(after_noon), 1..=12) => hour % 12 + if after_noon { 12 } else { 0 },
            (Some(_), _) => return None,
        };
        Some(Self { time: Time::new(hour, minute, second, nanos).ok()?, offset })
    }
}

/// Whether a 12-hour clock says it is after noon, and the rest of the text.
fn half_of_day(text: &str) -> (Option<bool>, &str) {
    for (word, after_noon) in [
        ("am", false),
        ("pm", true),
        ("a.m.", false),
        ("p.m.", true),
        ("a. m.", false),
        ("p. m.", true),
    ] {
        if text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)) {
            return (Some(after_noon), text[word.len()..].trim());
        }
    }
    (None, text)
}

/// The offset of `Z`, `UTC`, `+02:00` or `+0200`. Some(None) if the text is empty; `None` if it is not an
/// offset.
fn offset(text: &str) -> Option<Option<Offset>> {
    if text.is_empty() || text == "Uhr" {
        return Some(None);
    }
    if ["z", "utc", "gmt"].iter().any(|name| name.eq_ignore_ascii_case(text)) {
        return Some(Some(Offset::UTC));
    }
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|letter| *letter != ':').collect();
    let plain = matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: i32 = if plain { format!("{digits:0<4}").parse().ok()? } else { return None };
    let (hours, minutes) = (number / 100, number % 100);
    let real = hours <= 14 && minutes < 60;
    real.then(|| Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok())
}

#[cfg(test)]
mod tests;
