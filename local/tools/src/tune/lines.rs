//! Choosing the lines: what would surface at given lines, and the lowest lines that meet a target.
//! Scores are whole millionths, to which decisions are rounded, so that predictions are exact.

use std::cmp::Reverse;

use sentinel::cascade::alerting::{OpenAlerts, Placement};
use sentinel::case::risk::{Lines, PRIOR};

use crate::backtest::{Engine, Pass, Resolution, ScoredPayment, float, micro, unit};

/// The lines, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cuts {
    pub(super) alert: u32,
    pub(super) review: u32,
}

/// Lines that no score reaches, so that only rules with the effect `alert` surface.
pub(super) const NO_LINES: Cuts = Cuts { alert: u32::MAX, review: u32::MAX };
/// The highest possible line.
const LAST: u32 = 1_000_000;

impl Cuts {
    pub(super) fn of(lines: Lines) -> Self {
        Self { alert: cut(lines.alert), review: cut(lines.review) }
    }

    /// On the scale of the risk score.
    pub(super) fn lines(self) -> Lines {
        Lines { alert: unit(self.alert), review: unit(self.review) }
    }

    /// Whether a payment goes to review.
    pub(super) fn waits(self, row: &ScoredPayment) -> bool {
        !alerts(row, self.alert) && is_judged(row) && row.score >= self.review
    }
}

/// The lowest score at or above a line.
pub(super) fn cut(line: f64) -> u32 {
    let nearest = micro(line);
    nearest + u32::from(unit(nearest) < line)
}

/// Whether a payment alerts at a line.
pub(super) fn alerts(row: &ScoredPayment, line: u32) -> bool {
    row.policy || is_judged(row) && row.score >= line
}

/// Whether the score decides; a clearing rule settles a payment at any line.
pub(super) fn is_judged(row: &ScoredPayment) -> bool {
    row.resolution != Resolution::ClearedByRule
}

/// The scores of a pass.
#[derive(Clone, Copy)]
pub(super) struct Scores<'a> {
    pub(super) engine: Engine<'a>,
    pub(super) pass: &'a Pass,
    /// See [`ranked`].
    pub(super) ranked: &'a [u32],
    /// Payments that may go to review, over all days.
    pub(super) most_reviews: f64,
}

/// The scores that decide and are above the prior, highest first. Payments about which nothing is
/// known stay below every proposed line.
pub(super) fn ranked(pass: &Pass) -> Vec<u32> {
    let judged = pass.rows.iter().filter(|row| !row.policy && is_judged(row));
    let mut scores: Vec<u32> =
        judged.map(|row| row.score).filter(|score| *score > micro(PRIOR)).collect();
    scores.sort_unstable_by_key(|score| Reverse(*score));
    scores
}

impl Scores<'_> {
    /// The positions of the rows that open an alert; the others that alert are hits on those. Reviews
    /// are opened too, because an alert outranks an open review.
    pub(super) fn opened(self, cuts: Cuts) -> Vec<usize> {
        let mut open = OpenAlerts::default();
        let mut opened = Vec::new();
        for (at, row) in self.pass.rows.iter().enumerate() {
            let alert = alerts(row, cuts.alert);
            if !alert && !cuts.waits(row) {
                continue;
            }
            let topics = self.pass.topic_lists.topics(row.topic_list);
            let placement = self.engine.place(&mut open, row, alert, topics);
            if alert && matches!(placement, Placement::New { .. }) {
                opened.push(at);
            }
        }
        opened
    }

    /// The lowest lines at which at most this many alerts open over all days, with the reviews allowed
    /// below. `None` if rules with the effect `alert` alone open more.
    pub(super) fn propose(self, most_opened: f64) -> Option<Cuts> {
        let fits = |line: u32| float(self.opened(self.cuts(line)).len() as u64) <= most_opened;
        if !fits(LAST) {
            return None;
        }
        let (mut low, mut high) = (micro(PRIOR), LAST);
        while high - low > 1 {
            let middle = u32::midpoint(low, high);
            if fits(middle) { high = middle } else { low = middle }
        }
        let above = self.ranked.iter().take_while(|score| **score >= high).last();
        Some(self.cuts(roundest(high - 1, *above.unwrap_or(&high))))
    }

    /// An alert line with the lowest review line at which no more payments go to review than may.
    pub(super) fn cuts(self, alert: u32) -> Cuts {
        let unsure = &self.ranked[self.ranked.partition_point(|score| *score >= alert)..];
        let fits = |taken: &usize| float(*taken as u64 + 1) <= self.most_reviews;
        let taken = (0..unsure.len()).take_while(fits).count();
        let below = unsure.get(taken).copied().unwrap_or(micro(PRIOR));
        // Payments with the same score all go to review, or none does.
        let above = unsure[..taken].iter().rfind(|score| **score > below);
        Cuts { alert, review: above.map_or(alert, |above| roundest(below, *above).min(alert)) }
    }
}

/// The number with the fewest decimals above one score and not above another.
fn roundest(below: u32, above: u32) -> u32 {
    let steps = [100_000, 10_000, 1_000, 100, 10];
    let rounded = steps.iter().map(|step| above / step * step);
    rounded.into_iter().find(|line| *line > below).unwrap_or(above)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_between_two_scores_has_few_decimals() {
        for (below, above, expect) in [
            (87_100, 91_300, 90_000),
            (99_999, 100_000, 100_000),
            (91_299, 91_300, 91_300),
            (500_000, 500_001, 500_001),
            (1_000, 613_246, 600_000),
        ] {
            assert_eq!(roundest(below, above), expect, "{below} {above}");
        }
    }

    #[test]
    fn a_cut_admits_the_scores_that_a_decision_would() {
        for (line, expect) in [(0.1, 100_000), (0.123_456_7, 123_457), (0.123_456_2, 123_457)] {
            assert_eq!(cut(line), expect, "{line}");
            assert!(unit(expect) >= line && unit(expect - 1) < line, "{line}");
        }
    }
}
