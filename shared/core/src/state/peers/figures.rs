//! Peer figures in a rule set: quantiles of what payments looked like over a stated time, by
//! segment and measure. Written by `sentinel tune`, read by people.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::measures::{self, MEASURES, Measure};
use super::sketches::{EVERYBODY, PeerSketches};
use crate::payment::side::Side;
use crate::payment::transaction::Segment;
use crate::state::facts::Facts;
use crate::state::features::Features;

/// Fewest payments that give a meaningful quantile.
const FEWEST_PAYMENTS: u64 = 1_000;

/// The percentile that reasons cite.
const REPORTED_PERCENTILE: Percentile = Percentile(95_000);
/// The measures that reasons compare with peers.
const REPORTED_MEASURES: [&str; 6] = [
    "sender_out_count_7d",
    "sender_out_amount_7d",
    "sender_out_new_7d",
    "receiver_in_count_7d",
    "receiver_in_amount_7d",
    "receiver_in_new_7d",
];

/// Peer figures by segment and measure. There are none for all accounts together: shops and persons
/// are not each other's peers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peers {
    /// First UTC day of the payments that the figures are taken from.
    pub from: Date,
    /// Last UTC day, included.
    pub until: Date,
    /// Figures by segment and name of measure.
    pub segments: BTreeMap<Segment, BTreeMap<String, Figure>>,
}

/// Quantiles of one measure in one segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Number of payments that the quantiles are taken from.
    pub payments: u64,
    pub percentiles: BTreeMap<Percentile, f64>,
}

/// A percentile, written `p99.5`; kept in thousandths of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Percentile(u32);

/// A text that is not a percentile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a percentile is written like p99.5: above p0, below p100, at most three decimals")]
pub struct InvalidPercentile;

/// An account that does more than most of its peers, and the peers' figure for an explanation to
/// cite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PeerMark {
    /// The feature that is compared.
    #[schema(example = "receiver_in_new_7d")]
    pub measure: String,
    /// The segment it is compared within.
    pub segment: String,
    /// The value that 95 in 100 payments of these accounts do not exceed.
    pub p95: f64,
}

impl Percentile {
    pub fn parse(text: &str) -> Result<Self, InvalidPercentile> {
        let digits = text.strip_prefix('p').ok_or(InvalidPercentile)?;
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
        let number = |text: &str, most: usize| {
            let fits = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            fits.then(|| text.parse::<u32>().ok()).flatten().ok_or(InvalidPercentile)
        };
        number(decimals, 3)?;
        let thousandths = number(whole, 2)? * 1_000 + number(&format!("{decimals:0<3}"), 3)?;
        (thousandths > 0).then_some(Self(thousandths)).ok_or(InvalidPercentile)
    }

    /// Returns the share it stands for, from 0 to 1.
    pub fn share(self) -> f64 {
        f64::from(self.0) / 100_000.0
    }
}

impl std::fmt::Display for Percentile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "p{}", f64::from(self.0) / 1_000.0)
    }
}

impl TryFrom<String> for Percentile {
    type Error = InvalidPercentile;

    fn try_from(text: String) -> Result<Self, InvalidPercentile> {
        Self::parse(&text)
    }
}

impl From<Percentile> for String {
    fn from(percentile: Percentile) -> Self {
        percentile.to_string()
    }
}

impl Peers {
    /// Takes the figures that rules ask for and those that reasons cite from what was counted.
    /// Measures with too few payments in a segment are left out.
    pub fn of(
        sketches: &PeerSketches,
        asked: &BTreeSet<(&'static str, Percentile)>,
        (from, until): (Date, Date),
    ) -> Self {
        let reported = REPORTED_MEASURES.map(|measure| (measure, REPORTED_PERCENTILE));
        let wanted: BTreeSet<_> = asked.iter().copied().chain(reported).collect();
        let mut segments: BTreeMap<Segment, BTreeMap<String, Figure>> = BTreeMap::new();
        let groups = sketches.groups().filter(|group| *group != EVERYBODY);
        for (group, segment) in
            groups.filter_map(|group| Some((group, Segment::parse(group).ok()?)))
        {
            for (name, percentile) in &wanted {
                let payments = sketches.payments(group, name);
                let value = sketches.quantile(group, name, percentile.share());
                let (Some(value), Some(measure)) = (value, Measure::find(name)) else { continue };
                if payments < FEWEST_PAYMENTS {
                    continue;
                }
                let figures = segments.entry(segment).or_default();
                let empty = || Figure { payments, percentiles: BTreeMap::new() };
                let figure = figures.entry((*name).to_owned()).or_insert_with(empty);
                figure.percentiles.insert(*percentile, readable(value, measure));
            }
        }
        Self { from, until, segments }
    }

    /// Returns a percentile of a segment.
    pub fn figure(&self, segment: Segment, measure: &str, at: Percentile) -> Option<f64> {
        self.segments.get(&segment)?.get(measure)?.percentiles.get(&at).copied()
    }

    /// Returns the measures in which a payment's accounts do more than 95 in 100 payments of their
    /// peers.
    pub fn marks(&self, facts: &Facts, features: &Features) -> Vec<PeerMark> {
        let shown = MEASURES.iter().zip(measures::values(facts, features, None));
        let reported = shown.filter(|(measure, _)| REPORTED_MEASURES.contains(&measure.name));
        reported
            .filter_map(|(measure, value)| {
                let segment = match measure.account {
                    Side::Sender => facts.sender_segment,
                    Side::Receiver => facts.receiver_segment,
                };
                let segment = segment?;
                let p95 = self.figure(segment, measure.name, REPORTED_PERCENTILE)?;
                let mark =
                    || PeerMark { measure: measure.name.to_owned(), segment: segment.into(), p95 };
                (value? > p95).then(mark)
            })
            .collect()
    }
}

/// Rounds counts to whole numbers, and other values to the three digits that a sketch knows at
/// most.
fn readable(value: f64, measure: &Measure) -> f64 {
    if measure.is_count() {
        return value.round();
    }
    if value <= 0.0 {
        return 0.0;
    }
    let step = libm::pow(10.0, (libm::log10(value)).floor() - 2.0);
    let rounded = (value / step).round() * step;
    // Removes the rounding error of the multiplication.
    (rounded * 1e6).round() / 1e6
}
