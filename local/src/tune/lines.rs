//! Where the lines go: what would surface at any of them, and the lowest that meet a wish. Scores are
//! whole millionths, as decisions are rounded to, so that what is promised is exact.

use sentinel::alerting::{OpenAlerts, Placement};
use sentinel::risk::{Lines, PRIOR};

use crate::backtest::{Course, Pass, Scored, Settled, float, micro, unit};

/// The lines, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cuts {
    pub(super) alert: u32,
    pub(super) review: u32,
}

/// No score reaches it: only rules with the effect `alert` surface.
pub(super) const NO_LINE: u32 = u32::MAX;
/// The last line there can be.
const LAST: u32 = 1_000_000;

impl Cuts {
    pub(super) fn of(lines: Lines) -> Self {
        Self { alert: cut(lines.alert), review: cut(lines.review) }
    }

    /// On the scale of the risk score.
    pub(super) fn lines(self) -> Lines {
        Lines { alert: unit(self.alert), review: unit(self.review) }
    }

    /// Whether a payment waits for review.
    pub(super) fn waits(self, row: &Scored) -> bool {
        !alerts(row, self.alert) && is_judged(row) && row.score >= self.review
    }
}

/// The lowest score that a line takes.
pub(super) fn cut(line: f64) -> u32 {
    let nearest = micro(line);
    nearest + u32::from(unit(nearest) < line)
}

/// Whether a payment alerts at a line.
pub(super) fn alerts(row: &Scored, line: u32) -> bool {
    row.policy || is_judged(row) && row.score >= line
}

/// Whether its score decides: a clearing rule settles a payment whatever the lines.
pub(super) fn is_judged(row: &Scored) -> bool {
    row.settled != Settled::ClearedByRule
}

/// The scores of a pass.
#[derive(Clone, Copy)]
pub(super) struct Scores<'a> {
    pub(super) course: Course<'a>,
    pub(super) pass: &'a Pass,
}

impl<'a> Scores<'a> {
    /// Which rows open an alert at a line, by their places; the others that alert are hits on those.
    pub(super) fn opened(self, line: u32) -> Vec<usize> {
        let mut open = OpenAlerts::default();
        let rows = self.pass.rows.iter().enumerate().filter(|(_, row)| alerts(row, line));
        let opened = rows.filter(|(_, row)| {
            let topics = self.pass.abouts.topics(row.about);
            matches!(self.course.place(&mut open, row, topics), Placement::New { .. })
        });
        opened.map(|(at, _)| at).collect()
    }

    /// The lowest lines at which at most so many alerts open and at most so many payments wait, over
    /// all days. None where no line of alerts does: rules with the effect `alert` open more.
    ///
    /// What nothing is known about stays below both: its risk is the prior.
    pub(super) fn propose(self, opened: f64, waiting: f64) -> Option<Cuts> {
        let fits = |line: u32| float(self.opened(line).len() as u64) <= opened;
        if !fits(LAST) {
            return None;
        }
        let (mut low, mut high) = (micro(PRIOR), LAST);
        while high - low > 1 {
            let middle = u32::midpoint(low, high);
            if fits(middle) { high = middle } else { low = middle }
        }
        let scores = || self.judged().map(|row| row.score);
        let above = scores().filter(|score| *score >= high).min().unwrap_or(high);
        let alert = roundest(high - 1, above);
        Some(Cuts { alert, review: self.review_line(alert, waiting) })
    }

    /// Rows whose alert the score decides.
    fn judged(self) -> impl Iterator<Item = &'a Scored> {
        self.pass.rows.iter().filter(|row| !row.policy && is_judged(row))
    }

    fn review_line(self, alert: u32, most: f64) -> u32 {
        let between = micro(PRIOR) + 1..alert;
        let unsure = self.judged().map(|row| row.score).filter(|score| between.contains(score));
        let mut unsure: Vec<u32> = unsure.collect();
        unsure.sort_unstable_by_key(|score| std::cmp::Reverse(*score));
        let fits = |taken: &usize| float(*taken as u64 + 1) <= most;
        let taken = (0..unsure.len()).take_while(fits).count();
        let below = unsure.get(taken).copied().unwrap_or(micro(PRIOR));
        // Of payments with the same score all wait, or none.
        let above = unsure[..taken].iter().rfind(|score| **score > below);
        above.map_or(alert, |above| roundest(below, *above))
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
    fn a_line_takes_the_scores_that_a_decision_takes() {
        for (line, expect) in [(0.1, 100_000), (0.123_456_7, 123_457), (0.123_456_2, 123_457)] {
            assert_eq!(cut(line), expect, "{line}");
            assert!(unit(expect) >= line && unit(expect - 1) < line, "{line}");
        }
    }
}
