//! What one pair of lines finds and another does not.

use std::collections::HashSet;

use serde::Serialize;

use super::lines::{Cuts, Scores, alerts};
use crate::backtest::Scored;

/// Stories that are named.
const MOST_STORIES: usize = 100;

/// From the present lines to the proposed.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Change {
    pub(super) lost: Difference,
    pub(super) gained: Difference,
}

/// What surfaces at some lines and not at others.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Difference {
    /// Payments that alert.
    pub(super) payments: u64,
    /// Alerts that those payments open.
    pub(super) opened: u64,
    /// Of those payments, they wait for review at the other lines.
    pub(super) reviewed: u64,
    /// Those labelled laundering; None without labels.
    pub(super) laundering: Option<u64>,
    /// Stories of which a payment alerts; None without stories.
    pub(super) stories: Option<u64>,
    /// The first hundred of them.
    pub(super) story_ids: Vec<String>,
}

pub(super) fn change(scores: Scores<'_>, present: Cuts, proposed: Cuts) -> Change {
    Change {
        lost: difference(scores, present, proposed),
        gained: difference(scores, proposed, present),
    }
}

/// What surfaces at `these` lines and not at the `others`.
fn difference(scores: Scores<'_>, these: Cuts, others: Cuts) -> Difference {
    let alone = |row: &Scored| alerts(row, these.alert) && !alerts(row, others.alert);
    let rows: Vec<&Scored> = scores.pass.rows.iter().filter(|row| alone(row)).collect();
    let opened = scores.opened(these);
    let course = scores.course;
    let (here, there) = (stories_found(scores, these.alert), stories_found(scores, others.alert));
    let only: Vec<&str> = here.difference(&there).copied().collect();
    let mut story_ids: Vec<String> = only.iter().map(|id| (*id).to_owned()).collect();
    story_ids.sort();
    story_ids.truncate(MOST_STORIES);
    let laundering = rows.iter().filter(|row| course.is_positive(row)).count() as u64;
    Difference {
        payments: rows.len() as u64,
        opened: opened.iter().filter(|at| alone(&scores.pass.rows[**at])).count() as u64,
        reviewed: rows.iter().filter(|row| others.waits(row)).count() as u64,
        laundering: scores.has_labels().then_some(laundering),
        stories: scores.has_stories().then_some(only.len() as u64),
        story_ids,
    }
}

/// Stories of which at least one payment alerts at a line.
pub(super) fn stories_found(scores: Scores<'_>, line: u32) -> HashSet<&str> {
    let rows = scores.pass.rows.iter().filter(|row| alerts(row, line));
    rows.filter_map(|row| scores.story(row)).collect()
}

impl<'a> Scores<'a> {
    pub(super) fn story(self, row: &Scored) -> Option<&'a str> {
        self.course.history.story(self.course.event(row))
    }

    pub(super) fn has_labels(self) -> bool {
        self.pass.rows.iter().any(|row| self.course.label(row).is_some())
    }

    pub(super) fn has_stories(self) -> bool {
        self.pass.rows.iter().any(|row| self.story(row).is_some())
    }
}
