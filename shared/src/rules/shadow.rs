//! A rule set in the shadow: judges the same case beside the live one, so that its effect is known
//! before it has any. Both are given the same answer of the model, and none of the LLM.

use serde::{Deserialize, Serialize};

use super::{RuleSet, RulesVerdict};
use crate::risk;

/// What the shadow set said of a decided case. Nothing of the decision follows from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShadowEvidence {
    /// Of the set in the shadow.
    pub version: String,
    /// Whether a payment alerts by its rules and lines.
    pub alert: bool,
    pub points: f64,
    /// Rules that fired in the shadow only.
    pub gained: Vec<String>,
    /// Rules that fired in the live set only.
    pub lost: Vec<String>,
}

/// Whether what is live and what is on trial beside it, a rule set or a model, alert alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    Same,
    /// Only what is on trial alerts.
    Gained,
    /// Only what is live alerts.
    Lost,
}

impl Agreement {
    /// Of what is live with what is on trial, by whether each alerts.
    pub fn between(live: bool, trial: bool) -> Self {
        match (live, trial) {
            (false, true) => Self::Gained,
            (true, false) => Self::Lost,
            _ => Self::Same,
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Gained => "gained",
            Self::Lost => "lost",
        }
    }
}

impl ShadowEvidence {
    /// What the shadow set's verdict differs in from the live one's.
    pub fn beside(
        live: &RulesVerdict,
        set: &RuleSet,
        shadow: &RulesVerdict,
        probability: Option<f64>,
    ) -> Self {
        let only = |these: &RulesVerdict, those: &RulesVerdict| {
            let fired = these.fired.iter().map(|rule| &rule.id);
            fired.filter(|id| those.fired.iter().all(|rule| rule.id != **id)).cloned().collect()
        };
        Self {
            version: set.version().to_owned(),
            alert: shadow.alert
                || !shadow.clear && risk::of(probability, shadow.points) >= set.lines().alert,
            points: shadow.points,
            gained: only(shadow, live),
            lost: only(live, shadow),
        }
    }

    pub fn agreement(&self, live_alert: bool) -> Agreement {
        Agreement::between(live_alert, self.alert)
    }
}

/// How decisions compare since the set is in the shadow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShadowReport {
    #[cfg_attr(feature = "openapi", schema(example = "2026-11-23@0a1b2c3d4e5f6071"))]
    pub version: String,
    /// Decisions taken beside it: the sum of the other three.
    pub decided: u64,
    pub same: u64,
    pub gained: u64,
    pub lost: u64,
    /// Differing decisions of late, newest first; at most 64, so that neither the table nor this
    /// answer grows with the stream.
    pub newest: Vec<ShadowDifference>,
}

/// A decision that live and shadow rules differ over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShadowDifference {
    pub msg_id: String,
    /// RFC 3339, UTC.
    pub decided_at: String,
    pub agreement: Agreement,
    /// Rules that fired in the shadow only.
    pub gained: Vec<String>,
    /// Rules that fired in the live set only.
    pub lost: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::RuleOutcome;

    #[test]
    fn what_only_one_of_them_saw_is_named() {
        let set = RuleSet::embedded().unwrap();
        let verdict = |ids: &[&str], alert| RulesVerdict {
            fired: ids
                .iter()
                .map(|id| RuleOutcome {
                    id: (*id).to_owned(),
                    ..serde_json::from_str(
                        r#"{"id":"","typology":"t","evidence":"t","points":5,"text":""}"#,
                    )
                    .unwrap()
                })
                .collect(),
            alert,
            ..RulesVerdict::default()
        };
        let seen = ShadowEvidence::beside(
            &verdict(&["a", "b"], false),
            &set,
            &verdict(&["b", "c"], true),
            None,
        );
        assert_eq!(
            (seen.gained.as_slice(), seen.lost.as_slice()),
            (&["c".to_owned()][..], &["a".to_owned()][..])
        );
        assert_eq!(seen.agreement(false), Agreement::Gained);
        assert_eq!(seen.agreement(true), Agreement::Same);
    }
}
