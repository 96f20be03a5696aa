//! The steps of an investigation, and what each makes of a case.

use serde::{Deserialize, Serialize};

use super::{Attachment, Case, CaseId, CaseOutcome, CaseStatus, CheckedItem, ChecklistItem};
use crate::case::alert_id::AlertId;
use crate::case::work::{Actor, MAX_NOTE_CHARS};

/// Most alerts of a case.
pub const MAX_ALERTS: usize = 90;
/// Most attachments of a case.
pub const MAX_ATTACHMENTS: usize = 100;
/// Most links of a case.
pub const MAX_LINKS: usize = 100;
const MAX_NAME_CHARS: usize = 300;

/// A step of an investigation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum CaseStep {
    /// Opens the case; taken once, by whoever creates it.
    Open {
        title: String,
        alerts: Vec<AlertId>,
        note: String,
    },
    Note {
        note: String,
    },
    /// Hands the case to somebody, or to nobody if `to` is absent.
    Assign {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// Adds alerts that belong to no case yet.
    AddAlerts {
        alerts: Vec<AlertId>,
    },
    /// Ticks an item of the checklist, or opens it again.
    Check {
        item: String,
        done: bool,
        #[serde(default)]
        #[schema(required = false)]
        finding: String,
    },
    /// Refers to a document that is kept elsewhere.
    Attach {
        name: String,
        reference: String,
        sha256: String,
    },
    /// Links the case with another, in both directions.
    Link {
        to: CaseId,
        note: String,
    },
    Escalate {
        note: String,
    },
    /// Hands an escalated case back.
    Return {
        note: String,
    },
    Close {
        outcome: CaseOutcome,
        note: String,
    },
    Reopen {
        note: String,
    },
    /// Lets the case go on in another, which gets its alerts.
    Merge {
        into: CaseId,
        note: String,
    },
}

/// Why a step is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CaseRefusal {
    #[error("The case is {}.", .0.code())]
    WrongStatus(CaseStatus),
    #[error("This step needs a note.")]
    NoteMissing,
    #[error("A note has at most {MAX_NOTE_CHARS} characters, and a name {MAX_NAME_CHARS}.")]
    TooLong,
    #[error("A title, name, reference or assignee is missing.")]
    TextMissing,
    #[error("A SHA-256 has 64 lower-case hex digits.")]
    Hash,
    #[error("The checklist has no such item.")]
    NoSuchItem,
    #[error("{0} items of the checklist are open.")]
    ChecklistOpen(usize),
    #[error("A case has at most {MAX_ALERTS} alerts, and {MAX_LINKS} links and attachments.")]
    TooMany,
    #[error("A case cannot be linked with or merged into itself.")]
    Itself,
    #[error("Only an escalated case that somebody else investigated is closed by this person.")]
    FourEyes,
}

impl CaseStep {
    /// Returns the note given with it, and whether it needs one.
    fn note(&self) -> Option<&str> {
        match self {
            Self::Note { note }
            | Self::Link { note, .. }
            | Self::Escalate { note }
            | Self::Return { note }
            | Self::Close { note, .. }
            | Self::Reopen { note }
            | Self::Merge { note, .. } => Some(note),
            _ => None,
        }
    }

    fn check_texts(&self) -> Result<(), CaseRefusal> {
        if let Some(note) = self.note() {
            fits(note, MAX_NOTE_CHARS)?;
            if note.trim().is_empty() {
                return Err(CaseRefusal::NoteMissing);
            }
        }
        let named = |texts: &[&String]| {
            for text in texts {
                fits(text, MAX_NAME_CHARS)?;
                if text.trim().is_empty() {
                    return Err(CaseRefusal::TextMissing);
                }
            }
            Ok(())
        };
        match self {
            Self::Open { title, note, .. } => {
                named(&[title])?;
                fits(note, MAX_NOTE_CHARS)
            }
            Self::Assign { to: Some(to) } => named(&[to]),
            Self::Check { finding, .. } => fits(finding, MAX_NOTE_CHARS),
            Self::Attach { name, reference, sha256 } => {
                named(&[name, reference])?;
                let is_digit = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
                let is_hash = sha256.len() == 64 && sha256.bytes().all(is_digit);
                if is_hash { Ok(()) } else { Err(CaseRefusal::Hash) }
            }
            _ => Ok(()),
        }
    }
}

fn fits(text: &str, most: usize) -> Result<(), CaseRefusal> {
    if text.chars().count() > most { Err(CaseRefusal::TooLong) } else { Ok(()) }
}

impl Case {
    /// Opens a case.
    pub fn open(
        case_id: CaseId,
        (title, alerts, note): (String, Vec<AlertId>, String),
        checklist: Vec<ChecklistItem>,
        actor: Actor<'_>,
    ) -> Result<(Self, CaseStep), CaseRefusal> {
        let step = CaseStep::Open { title: title.clone(), alerts: alerts.clone(), note };
        step.check_texts()?;
        if alerts.is_empty() || alerts.len() > MAX_ALERTS {
            return Err(CaseRefusal::TooMany);
        }
        let mut case = Self {
            case_id,
            title,
            status: CaseStatus::Investigating,
            version: 1,
            assignee: Some(actor.subject.to_owned()),
            alerts: Vec::new(),
            links: Vec::new(),
            checklist: Vec::new(),
            attachments: Vec::new(),
            outcome: None,
            merged_into: None,
            opened_by: actor.subject.to_owned(),
            opened_at: actor.at,
            closed_at: None,
        };
        case.add_alerts(&alerts)?;
        case.widen_checklist(checklist);
        Ok((case, step))
    }

    /// Takes a step; returns the case after it.
    pub fn take(&self, step: &CaseStep, actor: Actor<'_>) -> Result<Self, CaseRefusal> {
        step.check_texts()?;
        let wrong = Err(CaseRefusal::WrongStatus(self.status));
        let mut after = Self { version: self.version + 1, ..self.clone() };
        match (step, self.status) {
            (CaseStep::Open { .. }, _) | (_, CaseStatus::Merged) => return wrong,
            (CaseStep::Note { .. }, _) => {}
            (CaseStep::Assign { to }, _) => after.assignee.clone_from(to),
            (CaseStep::Reopen { .. }, CaseStatus::Closed) => {
                after.status = CaseStatus::Investigating;
                (after.outcome, after.closed_at) = (None, None);
            }
            (_, CaseStatus::Closed) => return wrong,
            (CaseStep::AddAlerts { alerts }, _) => after.add_alerts(alerts)?,
            (CaseStep::Check { item, done, finding }, _) => {
                let known = after.checklist.iter_mut().find(|known| known.item.code == *item);
                let known = known.ok_or(CaseRefusal::NoSuchItem)?;
                known.done_by = done.then(|| actor.subject.to_owned());
                known.done_at = done.then_some(actor.at);
                known.finding.clone_from(finding);
            }
            (CaseStep::Attach { name, reference, sha256 }, _) => {
                if after.attachments.len() == MAX_ATTACHMENTS {
                    return Err(CaseRefusal::TooMany);
                }
                after.attachments.push(Attachment {
                    name: name.clone(),
                    reference: reference.clone(),
                    sha256: sha256.clone(),
                    by: actor.subject.to_owned(),
                    at: actor.at,
                });
            }
            (CaseStep::Link { to, .. }, _) => after.add_link(to)?,
            (CaseStep::Escalate { .. }, CaseStatus::Investigating) => {
                after.status = CaseStatus::Escalated;
            }
            (CaseStep::Return { .. }, CaseStatus::Escalated) => {
                after.status = CaseStatus::Investigating;
            }
            (CaseStep::Close { outcome, .. }, status) => {
                let open = self.checklist.iter().filter(|item| item.done_by.is_none()).count();
                if open > 0 {
                    return Err(CaseRefusal::ChecklistOpen(open));
                }
                // An escalated case is decided by somebody other than the person who investigated.
                let own = self.assignee.as_deref() == Some(actor.subject);
                if status == CaseStatus::Escalated && own {
                    return Err(CaseRefusal::FourEyes);
                }
                after.status = CaseStatus::Closed;
                after.outcome = Some(*outcome);
                after.closed_at = Some(actor.at);
            }
            (CaseStep::Merge { into, .. }, _) => {
                if *into == self.case_id {
                    return Err(CaseRefusal::Itself);
                }
                after.status = CaseStatus::Merged;
                after.merged_into = Some(into.clone());
                after.closed_at = Some(actor.at);
            }
            _ => return wrong,
        }
        Ok(after)
    }

    /// Takes over another case's alerts, checklist, attachments and links, as part of the step that
    /// merges it into this one.
    pub fn absorb(&self, merged: &Self) -> Result<Self, CaseRefusal> {
        if !self.status.is_open() {
            return Err(CaseRefusal::WrongStatus(self.status));
        }
        let mut after = Self { version: self.version + 1, ..self.clone() };
        after.add_alerts(&merged.alerts)?;
        after
            .widen_checklist(merged.checklist.iter().map(|checked| checked.item.clone()).collect());
        after.attachments.extend(merged.attachments.iter().cloned());
        for link in merged.links.iter().filter(|link| **link != self.case_id) {
            after.add_link(link)?;
        }
        if after.attachments.len() > MAX_ATTACHMENTS {
            return Err(CaseRefusal::TooMany);
        }
        Ok(after)
    }

    /// Adds the items that the checklist lacks.
    pub fn widen_checklist(&mut self, items: Vec<ChecklistItem>) {
        for item in items {
            if !self.checklist.iter().any(|known| known.item.code == item.code) {
                self.checklist.push(CheckedItem {
                    item,
                    done_by: None,
                    done_at: None,
                    finding: String::new(),
                });
            }
        }
    }

    /// Links it with another case, once.
    pub fn add_link(&mut self, to: &CaseId) -> Result<(), CaseRefusal> {
        if *to == self.case_id {
            return Err(CaseRefusal::Itself);
        }
        if !self.links.contains(to) {
            self.links.push(to.clone());
        }
        if self.links.len() > MAX_LINKS { Err(CaseRefusal::TooMany) } else { Ok(()) }
    }

    fn add_alerts(&mut self, alerts: &[AlertId]) -> Result<(), CaseRefusal> {
        for alert in alerts {
            if !self.alerts.contains(alert) {
                self.alerts.push(alert.clone());
            }
        }
        if self.alerts.len() > MAX_ALERTS { Err(CaseRefusal::TooMany) } else { Ok(()) }
    }
}
