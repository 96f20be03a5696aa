//! Counts of a pass per rule and per level. Counts of batches can be added in any order.

use std::ops::AddAssign;

use sentinel::cascade::Outcome;
use sentinel::case::verdict::Level;

use super::judge::{Examinations, Judge, Judgement};

/// Counts over some rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// By position in the rule set.
    pub(crate) rules: Vec<RuleCount>,
    /// By [`Resolution`].
    pub(crate) levels: [LevelCount; 5],
}

/// What one rule did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RuleCount {
    pub(crate) fired: u64,
    pub(crate) true_positives: u64,
    /// Suspicious rows that alert but would not without this rule.
    pub(crate) unique: u64,
    /// Rows, suspicious or not, that alert but would not without this rule.
    pub(crate) sole: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct LevelCount {
    pub(crate) rows: u64,
    pub(crate) positives: u64,
}

/// How a row was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolution {
    AlertedByRules,
    AlertedByModel,
    /// Uncertain: without an LLM it goes to the review queue.
    Review,
    ClearedByRule,
    NoReason,
}

impl Resolution {
    pub(super) const ALL: [Self; 5] = [
        Self::AlertedByRules,
        Self::AlertedByModel,
        Self::Review,
        Self::ClearedByRule,
        Self::NoReason,
    ];

    pub(super) fn of(outcome: &Outcome) -> Self {
        match (outcome.level, outcome.alert, outcome.review) {
            (_, _, Some(_)) => Self::Review,
            (Level::Rules, true, _) => Self::AlertedByRules,
            (_, true, _) => Self::AlertedByModel,
            (Level::Rules, false, _) => Self::ClearedByRule,
            _ => Self::NoReason,
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::AlertedByRules => "alerted by rules",
            Self::AlertedByModel => "alerted by the model",
            Self::Review => "uncertain, to be reviewed",
            Self::ClearedByRule => "cleared by a rule",
            Self::NoReason => "no reason for an alert",
        }
    }
}

impl Tally {
    pub(super) fn new(rules: usize) -> Self {
        Self { rules: vec![RuleCount::default(); rules], ..Self::default() }
    }

    /// Counts a row.
    pub(super) fn count(
        &mut self,
        judge: &Judge,
        examination: &mut Examinations,
        judged: &Judgement,
        label: Option<bool>,
    ) {
        let positive = u64::from(label == Some(true));
        let level = &mut self.levels[Resolution::of(&judged.outcome) as usize];
        level.rows += 1;
        level.positives += positive;
        for (at, _) in judge.fired(examination) {
            self.rules[at].fired += 1;
            self.rules[at].true_positives += positive;
        }
        if judged.outcome.alert && !examination.examined.rules.fired.is_empty() {
            let fired: Vec<usize> = judge.fired(examination).map(|(at, _)| at).collect();
            for at in fired {
                if !judge.alerts_without(examination, judged, at) {
                    self.rules[at].sole += 1;
                    self.rules[at].unique += positive;
                }
            }
        }
    }
}

impl AddAssign<&Self> for Tally {
    fn add_assign(&mut self, other: &Self) {
        for (sum, count) in self.rules.iter_mut().zip(&other.rules) {
            sum.fired += count.fired;
            sum.true_positives += count.true_positives;
            sum.unique += count.unique;
            sum.sole += count.sole;
        }
        for (sum, count) in self.levels.iter_mut().zip(&other.levels) {
            sum.rows += count.rows;
            sum.positives += count.positives;
        }
    }
}
