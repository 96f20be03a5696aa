//! A rule set or reference set in the shadow: every payment is judged with it as well as with the
//! live sets, so that its effect is known before it goes live. The LLM is not asked for it.

use serde::{Deserialize, Serialize};

use crate::case::rules_verdict::RulesVerdict;
use crate::payment::transaction::MsgId;
use crate::payment::utc_time::UtcTime;
use crate::register::Register;

/// The result of a set in the shadow for one case. It does not affect the decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ShadowEvidence {
    pub register: Register,
    /// Version of the set in the shadow.
    pub version: String,
    /// Whether the payment alerts with it.
    pub alert: bool,
    /// Combined weight of the rules that fired with it, in decibans.
    pub points: f64,
    /// Ids of rules that fired only with the set in the shadow.
    pub gained: Vec<String>,
    /// Ids of rules that fired only with the live set.
    pub lost: Vec<String>,
}

/// Whether the live set or model and the one on trial agree on alerting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    Same,
    /// Only the one on trial alerts.
    Gained,
    /// Only the live one alerts.
    Lost,
}

impl Agreement {
    /// Compares whether the live one and the one on trial alert.
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
    /// Compares the verdict with a set in the shadow to the live one. `alert` is whether the
    /// payment alerts with the set in the shadow.
    pub fn comparing(
        (register, version): (Register, &str),
        live: &RulesVerdict,
        shadow: &RulesVerdict,
        alert: bool,
    ) -> Self {
        let only = |these: &RulesVerdict, those: &RulesVerdict| {
            let fired = these.fired.iter().map(|rule| &rule.id);
            fired.filter(|id| those.fired.iter().all(|rule| rule.id != **id)).cloned().collect()
        };
        Self {
            register,
            version: version.to_owned(),
            alert,
            points: shadow.points,
            gained: only(shadow, live),
            lost: only(live, shadow),
        }
    }

    pub fn agreement(&self, live_alert: bool) -> Agreement {
        Agreement::between(live_alert, self.alert)
    }
}

/// Comparison of all decisions since the set entered the shadow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ShadowReport {
    #[schema(example = "2026-11-23@0a1b2c3d4e5f6071")]
    pub version: String,
    /// Number of decisions compared: the sum of the other three.
    pub decided: u64,
    /// Decisions on which both agree.
    pub same: u64,
    /// Decisions that alert only with the set in the shadow.
    pub gained: u64,
    /// Decisions that alert only with the live set.
    pub lost: u64,
    /// The latest decisions that differ, newest first; at most 64, so that neither the table nor
    /// this answer grows without bound.
    pub newest: Vec<ShadowDifference>,
}

/// A decision that is different with the set in the shadow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ShadowDifference {
    pub msg_id: MsgId,
    /// RFC 3339, UTC.
    pub decided_at: UtcTime,
    pub agreement: Agreement,
    /// Ids of rules that fired only with the set in the shadow.
    pub gained: Vec<String>,
    /// Ids of rules that fired only with the live set.
    pub lost: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::rules_verdict::RuleOutcome;

    #[test]
    fn what_only_one_of_them_saw_is_named() {
        let verdict = |ids: &[&str]| RulesVerdict {
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
            ..RulesVerdict::default()
        };
        let seen = ShadowEvidence::comparing(
            (Register::Rules, "b@1"),
            &verdict(&["a", "b"]),
            &verdict(&["b", "c"]),
            true,
        );
        assert_eq!(
            (seen.gained.as_slice(), seen.lost.as_slice()),
            (&["c".to_owned()][..], &["a".to_owned()][..])
        );
        assert_eq!(seen.agreement(false), Agreement::Gained);
        assert_eq!(seen.agreement(true), Agreement::Same);
    }
}
