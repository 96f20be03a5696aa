//! The work on an alert: whose it is, what was concluded, and who approved it. This module decides
//! which steps are allowed and to whom; the table then takes the step, unless somebody else took one
//! first.
//!
//! Four eyes: where a policy asks for it, a conclusion closes the alert only once a second person has
//! approved it.

use serde::{Deserialize, Serialize};

use crate::cascade::alerting::Severity;
use crate::case::disposition::{Conclusion, Disposition, FalsePositiveReason, Origin};
use crate::payment::utc_time::UtcTime;

/// Maximum number of characters of a note.
pub const MAX_NOTE_CHARS: usize = 4_000;

/// The status of an alert.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AlertStatus {
    #[default]
    Open,
    /// A conclusion waits for a second person.
    AwaitingApproval,
    Closed,
}

impl AlertStatus {
    pub const ALL: [Self; 3] = [Self::Open, Self::AwaitingApproval, Self::Closed];

    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Closed => "closed",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

/// The state of the work on an alert.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AlertWork {
    pub status: AlertStatus,
    /// Number of steps taken. A step names the version that it was decided on, so that of two people
    /// who work on one alert the second is told.
    pub version: u64,
    /// Subject of the person whose alert it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Disposition>,
}

/// A step in the work on an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Concludes; closes the alert, or asks a second person to.
    Dispose {
        conclusion: Conclusion,
        /// Why it is a false positive; needed for that conclusion and for no other.
        #[serde(default)]
        #[schema(required = false)]
        reason: Option<FalsePositiveReason>,
        /// At most 4,000 characters. Needed unless the conclusion is a false positive with a reason
        /// other than `other`.
        #[serde(default)]
        #[schema(required = false)]
        note: String,
    },
    /// Approves another person's conclusion, which closes the alert.
    Approve {
        #[serde(default)]
        #[schema(required = false)]
        note: String,
    },
    /// Sends a conclusion back to its author; the alert is open again.
    Reject { note: String },
    /// Opens a closed alert again, or takes back a conclusion that waits for approval.
    Reopen { note: String },
    /// Makes the alert somebody's, or nobody's if `to` is absent. In a request this is the body of the
    /// assignment, not of a disposition.
    Assign {
        /// Subject of a token; at most 128 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
}

impl Step {
    /// Returns the note given with it.
    pub fn note(&self) -> &str {
        match self {
            Self::Dispose { note, .. }
            | Self::Approve { note }
            | Self::Reject { note }
            | Self::Reopen { note } => note,
            Self::Assign { .. } => "",
        }
    }

    /// Whether only a person who may approve may take it.
    pub fn needs_approver(&self) -> bool {
        matches!(self, Self::Approve { .. } | Self::Reject { .. })
    }
}

/// A step that was taken, as the alert's history keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StepTaken {
    /// The alert's version after the step.
    pub version: u64,
    pub at: UtcTime,
    /// Subject of the token.
    pub by: String,
    #[serde(flatten)]
    pub step: Step,
    /// The status after the step.
    pub status: AlertStatus,
}

/// When a second person has to approve a conclusion.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FourEyes {
    /// Alerts of at least this severity; `None` asks for no second person.
    pub from: Option<Severity>,
}

impl FourEyes {
    fn ask(self, severity: Severity) -> bool {
        self.from.is_some_and(|from| severity >= from)
    }
}

/// Who takes a step, and when.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a> {
    /// Subject of the token.
    pub subject: &'a str,
    pub at: UtcTime,
}

/// The alert that a step is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    pub severity: Severity,
    pub origin: Origin,
}

/// Why a step is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StepRefusal {
    #[error("The alert is {}.", .0.words())]
    WrongStatus(AlertStatus),
    #[error("Whoever concluded cannot approve; a second person has to.")]
    FourEyes,
    #[error("A false positive needs a reason, and no other conclusion has one.")]
    Reason,
    #[error("This step needs a note.")]
    NoteMissing,
    #[error("A note has at most {MAX_NOTE_CHARS} characters.")]
    NoteTooLong,
    #[error("An assignee has 1 to 128 characters.")]
    Assignee,
}

impl AlertStatus {
    fn words(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::AwaitingApproval => "waiting for a second person's approval",
            Self::Closed => "closed",
        }
    }
}

impl AlertWork {
    /// Takes a step; returns the state after it.
    pub fn take(
        &self,
        step: &Step,
        alert: Subject,
        actor: Actor<'_>,
        four_eyes: FourEyes,
    ) -> Result<Self, StepRefusal> {
        check_texts(step)?;
        let by = || actor.subject.to_owned();
        let wrong = Err(StepRefusal::WrongStatus(self.status));
        let mut after = Self { version: self.version + 1, ..self.clone() };
        match (step, self.status) {
            (Step::Dispose { conclusion, reason, note }, AlertStatus::Open) => {
                after.status = if four_eyes.ask(alert.severity) {
                    AlertStatus::AwaitingApproval
                } else {
                    AlertStatus::Closed
                };
                after.assignee.get_or_insert_with(by);
                after.disposition = Some(Disposition {
                    conclusion: *conclusion,
                    reason: *reason,
                    note: note.clone(),
                    by: by(),
                    at: actor.at,
                    approved_by: None,
                    origin: alert.origin,
                });
            }
            (Step::Approve { .. }, AlertStatus::AwaitingApproval) => {
                let Some(disposition) = &mut after.disposition else { return wrong };
                if disposition.by == actor.subject {
                    return Err(StepRefusal::FourEyes);
                }
                disposition.approved_by = Some(by());
                after.status = AlertStatus::Closed;
            }
            (Step::Reject { .. }, AlertStatus::AwaitingApproval)
            | (Step::Reopen { .. }, AlertStatus::AwaitingApproval | AlertStatus::Closed) => {
                after.status = AlertStatus::Open;
                after.disposition = None;
            }
            (Step::Assign { to }, _) => after.assignee.clone_from(to),
            _ => return wrong,
        }
        Ok(after)
    }
}

fn check_texts(step: &Step) -> Result<(), StepRefusal> {
    let note = step.note();
    if note.chars().count() > MAX_NOTE_CHARS {
        return Err(StepRefusal::NoteTooLong);
    }
    let needs_note = match step {
        Step::Dispose { conclusion, reason, .. } => {
            if (*conclusion == Conclusion::FalsePositive) != reason.is_some() {
                return Err(StepRefusal::Reason);
            }
            matches!(reason, None | Some(FalsePositiveReason::Other))
        }
        Step::Assign { to } => {
            let fits = |to: &String| (1..=128).contains(&to.chars().count());
            return if to.as_ref().is_none_or(fits) { Ok(()) } else { Err(StepRefusal::Assignee) };
        }
        Step::Reject { .. } | Step::Reopen { .. } => true,
        Step::Approve { .. } => false,
    };
    if needs_note && note.trim().is_empty() {
        return Err(StepRefusal::NoteMissing);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::disposition::OriginLine;
    use crate::case::verdict::Level;

    const HIGH: FourEyes = FourEyes { from: Some(Severity::High) };

    fn took(work: &AlertWork, step: &Step, by: &str) -> Result<AlertWork, StepRefusal> {
        took_on(work, step, by, Severity::High)
    }

    fn took_on(
        work: &AlertWork,
        step: &Step,
        by: &str,
        severity: Severity,
    ) -> Result<AlertWork, StepRefusal> {
        let at = UtcTime::parse("2026-01-05T10:00:00Z").unwrap();
        let origin = Origin { line: OriginLine::Above, level: Level::Rules };
        work.take(step, Subject { severity, origin }, Actor { subject: by, at }, HIGH)
    }

    fn dispose() -> Step {
        let reason = Some(FalsePositiveReason::Family);
        Step::Dispose { conclusion: Conclusion::FalsePositive, reason, note: String::new() }
    }

    fn suspicious(note: &str) -> Step {
        Step::Dispose { conclusion: Conclusion::Suspicious, reason: None, note: note.to_owned() }
    }

    fn approve() -> Step {
        Step::Approve { note: String::new() }
    }

    fn reopen() -> Step {
        Step::Reopen { note: "new facts".to_owned() }
    }

    #[test]
    fn below_the_policys_severity_one_person_closes() {
        let closed = took_on(&AlertWork::default(), &dispose(), "ann", Severity::Medium).unwrap();
        assert_eq!((closed.status, closed.version), (AlertStatus::Closed, 1));
        assert_eq!(closed.assignee.as_deref(), Some("ann"));
    }

    #[test]
    fn from_the_policys_severity_a_second_person_approves() {
        let waiting = took(&AlertWork::default(), &dispose(), "ann").unwrap();
        assert_eq!(waiting.status, AlertStatus::AwaitingApproval);
        assert_eq!(took(&waiting, &approve(), "ann"), Err(StepRefusal::FourEyes));
        let closed = took(&waiting, &approve(), "bob").unwrap();
        assert_eq!((closed.status, closed.version), (AlertStatus::Closed, 2));
        let disposition = closed.disposition.unwrap();
        assert_eq!(disposition.by, "ann");
        assert_eq!(disposition.approved_by.as_deref(), Some("bob"));
    }

    #[test]
    fn what_is_sent_back_or_reopened_has_no_conclusion() {
        let waiting = took(&AlertWork::default(), &dispose(), "ann").unwrap();
        let reject = Step::Reject { note: "look at the second account".to_owned() };
        let back = took(&waiting, &reject, "bob").unwrap();
        assert_eq!((back.status, back.disposition), (AlertStatus::Open, None));
        let closed = took(&waiting, &approve(), "bob").unwrap();
        let again = took(&closed, &reopen(), "ann").unwrap();
        assert_eq!((again.status, again.disposition), (AlertStatus::Open, None));
        assert_eq!(again.assignee.as_deref(), Some("ann"));
    }

    #[test]
    fn each_step_has_its_status() {
        let open = AlertWork::default();
        let check = |work: &AlertWork, step: &Step| {
            assert_eq!(took(work, step, "bob"), Err(StepRefusal::WrongStatus(work.status)));
        };
        check(&open, &approve());
        check(&open, &reopen());
        let waiting = took(&open, &dispose(), "ann").unwrap();
        check(&waiting, &dispose());
        let closed = took(&waiting, &approve(), "bob").unwrap();
        check(&closed, &dispose());
        check(&closed, &approve());
    }

    #[test]
    fn texts_are_asked_for_where_they_are_needed() {
        let refused = |step: Step| took(&AlertWork::default(), &step, "ann").err();
        let false_positive = |reason| Step::Dispose {
            conclusion: Conclusion::FalsePositive,
            reason,
            note: String::new(),
        };
        assert_eq!(refused(false_positive(None)), Some(StepRefusal::Reason));
        let other = false_positive(Some(FalsePositiveReason::Other));
        assert_eq!(refused(other), Some(StepRefusal::NoteMissing));
        assert_eq!(refused(suspicious(" ")), Some(StepRefusal::NoteMissing));
        let long = "x".repeat(MAX_NOTE_CHARS + 1);
        assert_eq!(refused(suspicious(&long)), Some(StepRefusal::NoteTooLong));
        assert_eq!(refused(Step::Assign { to: Some(String::new()) }), Some(StepRefusal::Assignee));
        assert_eq!(refused(suspicious(&long[1..])), None);
    }

    #[test]
    fn an_alert_may_be_handed_on_in_any_status() {
        let assign = |to: &str| Step::Assign { to: Some(to.to_owned()) };
        let mut work = took(&AlertWork::default(), &assign("bob"), "ann").unwrap();
        assert_eq!(work.assignee.as_deref(), Some("bob"));
        work = took(&work, &dispose(), "ann").unwrap();
        assert_eq!(work.assignee.as_deref(), Some("bob"));
        work = took(&work, &Step::Assign { to: None }, "ann").unwrap();
        assert_eq!((work.assignee, work.version), (None, 3));
    }
}
