//! What one rule set with its lines finds and the other does not.

use std::collections::HashSet;

use serde::Serialize;

use super::lines::{Cuts, Scores, alerts};
use crate::backtest::ScoredPayment;

/// Stories listed at most.
const MOST_STORIES: usize = 100;

/// From the present set to the proposed.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Change {
    pub(super) lost: Difference,
    pub(super) gained: Difference,
}

/// What surfaces on one side and not on the other.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Difference {
    /// Payments that alert.
    pub(super) payments: u64,
    /// Alerts that those payments open.
    pub(super) opened: u64,
    /// How many of these payments go to review on the other side.
    pub(super) reviewed: u64,
    /// How many of them are labelled as laundering; `None` without labels.
    pub(super) laundering: Option<u64>,
    /// Stories with a payment that alerts; `None` without stories.
    pub(super) stories: Option<u64>,
    /// The first hundred of them.
    pub(super) story_ids: Vec<String>,
}

/// A rule set's scores and lines.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) scores: Scores<'a>,
    pub(super) cuts: Cuts,
}

pub(super) fn change(present: Side<'_>, proposed: Side<'_>) -> Change {
    Change { lost: difference(present, proposed), gained: difference(proposed, present) }
}

/// What surfaces on this side and not on the other. Both have the same payments in the same order.
fn difference(this: Side<'_>, other: Side<'_>) -> Difference {
    let (rows, others) = (&this.scores.pass.rows, &other.scores.pass.rows);
    let alone =
        |at: &usize| alerts(&rows[*at], this.cuts.alert) && !alerts(&others[*at], other.cuts.alert);
    let places: Vec<usize> = (0..rows.len()).filter(alone).collect();
    let opened = this.scores.opened(this.cuts);
    let engine = this.scores.engine;
    let there = stories_found(other.scores, other.cuts.alert);
    let here = stories_found(this.scores, this.cuts.alert);
    let only = here.into_iter().filter(|id| !there.contains(id));
    let mut story_ids: Vec<String> = only.map(str::to_owned).collect();
    let stories = story_ids.len() as u64;
    story_ids.sort();
    story_ids.truncate(MOST_STORIES);
    let laundering = places.iter().filter(|at| engine.is_positive(&rows[**at])).count() as u64;
    Difference {
        payments: places.len() as u64,
        opened: opened.iter().filter(|at| alone(at)).count() as u64,
        reviewed: places.iter().filter(|at| other.cuts.waits(&others[**at])).count() as u64,
        laundering: this.scores.has_labels().then_some(laundering),
        stories: this.scores.has_stories().then_some(stories),
        story_ids,
    }
}

/// Stories with at least one payment that alerts at a line.
pub(super) fn stories_found<'a>(scores: Scores<'a>, line: u32) -> HashSet<&'a str> {
    let rows = scores.pass.rows.iter().filter(|row| alerts(row, line));
    rows.filter_map(|row| scores.story(row)).collect()
}

impl<'a> Scores<'a> {
    pub(super) fn story(self, row: &ScoredPayment) -> Option<&'a str> {
        self.engine.history.story(self.engine.event(row))
    }

    pub(super) fn has_labels(self) -> bool {
        self.pass.rows.iter().any(|row| self.engine.label(row).is_some())
    }

    pub(super) fn has_stories(self) -> bool {
        self.pass.rows.iter().any(|row| self.story(row).is_some())
    }
}
