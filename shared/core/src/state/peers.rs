//! Peer groups: what is usual among the accounts of one segment. [`PeerSketches`] count what
//! payments look like, in production and over files, bounded and mergeable in any order. [`Peers`]
//! are figures taken from them once and written into a rule set, where rules and reasons read them.
//! Only a person carries figures from one to the other, so that a threshold changes only when
//! somebody drafts a rule set and somebody else puts it live.
//!
//! A sketch is a `DDSketch` (Masson, Rim and Lee, "DDSketch", VLDB 2019): its quantiles are within
//! one percent of the true value, and adding two of them is adding their counts.

mod figures;
mod measures;
mod sketches;
#[cfg(test)]
mod tests;

use jiff::Span;
use jiff::civil::{Date, Weekday};

pub use figures::{Figure, InvalidPercentile, PeerMark, Peers, Percentile};
pub use measures::{MEASURES, Measure, RISK, Risk, UNSURE};
pub use sketches::{DamagedSketch, EVERYBODY, MOST_GROUPS, PeerSketches};

/// Returns the Monday of a day's week: counts are kept by week.
pub fn monday(day: Date) -> Date {
    let days = day.weekday().since(Weekday::Monday);
    day.checked_sub(Span::new().days(days)).unwrap_or(day)
}
