//! A rule's parameter: a number, or a quantile of what the peers of the rule's account show, held
//! between a floor and a ceiling. Which number a quantile is stands in the rule set itself, beside the
//! days it was taken from; for accounts of no segment, or of one without figures, it is the floor.

use serde::Serialize;

use crate::payment::transaction::Segment;
use crate::state::peers::{Measure, Peers, Percentile};

/// What a rule is given under a name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Param {
    Number(f64),
    Quantile(Quantile),
}

/// A quantile with its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quantile {
    #[serde(rename = "quantile")]
    pub percentile: Percentile,
    #[serde(serialize_with = "name")]
    pub of: &'static Measure,
    pub floor: f64,
    pub ceiling: f64,
}

fn name<S: serde::Serializer>(measure: &Measure, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(measure.name)
}

impl Param {
    /// The number for accounts of a segment, or of none.
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
