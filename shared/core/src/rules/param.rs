//! A rule's parameter: a number, or a quantile of a measure among the peers of the rule's account,
//! clamped between a floor and a ceiling. The rule set itself holds the quantile's value and the
//! days it was computed from. For accounts without a segment, or of one without figures, the
//! parameter is the floor.

use serde::Serialize;

use crate::payment::transaction::Segment;
use crate::state::peers::{Measure, Peers, Percentile};

/// The value of a named parameter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Param {
    Number(f64),
    Quantile(Quantile),
}

/// A quantile of a measure, with its bounds in the measure's unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quantile {
    #[serde(rename = "quantile")]
    pub percentile: Percentile,
    #[serde(serialize_with = "name")]
    /// The measure, compared among the peers of the account that the rule is about.
    pub of: &'static Measure,
    pub floor: f64,
    pub ceiling: f64,
}

fn name<S: serde::Serializer>(measure: &Measure, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(measure.name)
}

impl Param {
    /// Returns the number for accounts of a segment, or of none.
    pub fn value(&self, peers: Option<&Peers>, segment: Option<Segment>) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Quantile(Quantile { percentile, of, floor, ceiling }) => {
                let figure =
                    segment.and_then(|segment| peers?.figure(segment, of.name, *percentile));
                figure.unwrap_or(*floor).clamp(*floor, *ceiling)
            }
        }
    }

    pub fn quantile(&self) -> Option<&Quantile> {
        match self {
            Self::Quantile(quantile) => Some(quantile),
            Self::Number(_) => None,
        }
    }
}

impl std::fmt::Display for Param {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Quantile(Quantile { percentile, of, floor, ceiling }) => {
                write!(f, "{percentile} of {}, from {floor} to {ceiling}", of.name)
            }
        }
    }
}
