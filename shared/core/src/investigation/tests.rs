//! Which steps a case allows, and what it is afterwards.

use super::*;
use crate::case::work::Actor;

fn actor(subject: &str) -> Actor<'_> {
    Actor { subject, at: UtcTime::parse("2026-01-05T10:00:00Z").unwrap() }
}

fn id(last: u8) -> CaseId {
    CaseId::of_random([0, 0, 0, 0, 0, 0, 0, last])
}

fn alert(of: &str) -> AlertId {
    AlertId::parse(&format!("al_{of}")).unwrap()
}

fn case(last: u8) -> Case {
    let of = ("A mule".to_owned(), vec![alert("1"), alert("1"), alert("2")], String::new());
    Case::open(id(last), of, checklist(["fan_in"]), actor("ann")).unwrap().0
}

fn note() -> String {
    "because".to_owned()
}

/// A case whose checklist is done.
fn done() -> Case {
    let mut case = case(1);
    for item in checklist(["fan_in"]) {
        let step = CaseStep::Check { item: item.code, done: true, finding: String::new() };
        case = case.take(&step, actor("ann")).unwrap();
    }
    case
}

fn close() -> CaseStep {
    CaseStep::Close { outcome: CaseOutcome::Founded, note: note() }
}

#[test]
fn a_case_is_opened_with_each_alert_once_and_its_protocol() {
    let case = case(1);
    assert_eq!((case.alerts.len(), case.version), (2, 1));
    let codes: Vec<_> = case.checklist.iter().map(|item| item.item.code.as_str()).collect();
    assert_eq!(codes.len(), 5);
    assert!(codes.contains(&"payers") && !codes.contains(&"circle"));
    let none = ("x".to_owned(), Vec::new(), String::new());
    let refused = Case::open(id(1), none, Vec::new(), actor("ann")).unwrap_err();
    assert_eq!(refused, CaseRefusal::TooMany);
}

#[test]
fn a_case_closes_once_its_checklist_is_done() {
    assert_eq!(case(1).take(&close(), actor("ann")), Err(CaseRefusal::ChecklistOpen(5)));
    let closed = done().take(&close(), actor("ann")).unwrap();
    assert_eq!((closed.status, closed.outcome), (CaseStatus::Closed, Some(CaseOutcome::Founded)));
    let again = CaseStep::Note { note: note() };
    assert!(closed.take(&again, actor("bob")).is_ok());
    let step = CaseStep::Escalate { note: note() };
    assert_eq!(closed.take(&step, actor("ann")), Err(CaseRefusal::WrongStatus(CaseStatus::Closed)));
    let open = closed.take(&CaseStep::Reopen { note: note() }, actor("ann")).unwrap();
    assert_eq!((open.status, open.outcome), (CaseStatus::Investigating, None));
}

#[test]
fn an_escalated_case_is_decided_by_another_person() {
    let escalated = done().take(&CaseStep::Escalate { note: note() }, actor("ann")).unwrap();
    assert_eq!(escalated.take(&close(), actor("ann")), Err(CaseRefusal::FourEyes));
    assert_eq!(escalated.take(&close(), actor("sam")).unwrap().status, CaseStatus::Closed);
    let back = escalated.take(&CaseStep::Return { note: note() }, actor("sam")).unwrap();
    assert_eq!(back.status, CaseStatus::Investigating);
}

#[test]
fn a_merged_case_goes_on_in_the_other() {
    let (one, other) = (case(1), case(2));
    let step = CaseStep::AddAlerts { alerts: vec![alert("3")] };
    let other = other.take(&step, actor("ann")).unwrap();
    let into = CaseStep::Merge { into: id(1), note: note() };
    let merged = other.take(&into, actor("ann")).unwrap();
    assert_eq!((merged.status, merged.merged_into.clone()), (CaseStatus::Merged, Some(id(1))));
    let grown = one.absorb(&other).unwrap();
    assert_eq!((grown.alerts.len(), grown.version), (3, 2));
    let step = CaseStep::Note { note: note() };
    assert_eq!(merged.take(&step, actor("ann")), Err(CaseRefusal::WrongStatus(CaseStatus::Merged)));
    let itself = CaseStep::Merge { into: id(1), note: note() };
    assert_eq!(one.take(&itself, actor("ann")), Err(CaseRefusal::Itself));
    let closed = done().take(&close(), actor("ann")).unwrap();
    assert!(closed.absorb(&other).is_err());
}

#[test]
fn faulty_steps_are_refused() {
    let refused = |step: CaseStep| case(1).take(&step, actor("ann")).err();
    let blank = || " ".to_owned();
    assert_eq!(refused(CaseStep::Note { note: blank() }), Some(CaseRefusal::NoteMissing));
    assert_eq!(refused(CaseStep::Escalate { note: blank() }), Some(CaseRefusal::NoteMissing));
    let long = "x".repeat(4_001);
    assert_eq!(refused(CaseStep::Note { note: long }), Some(CaseRefusal::TooLong));
    let item = CaseStep::Check { item: "none".to_owned(), done: true, finding: String::new() };
    assert_eq!(refused(item), Some(CaseRefusal::NoSuchItem));
    let attach = |name: &str, sha256: String| CaseStep::Attach {
        name: name.to_owned(),
        reference: "dms:1".to_owned(),
        sha256,
    };
    assert_eq!(refused(attach("", "a".repeat(64))), Some(CaseRefusal::TextMissing));
    assert_eq!(refused(attach("invoice", "A".repeat(64))), Some(CaseRefusal::Hash));
    assert_eq!(refused(attach("invoice", "a".repeat(64))), None);
    assert_eq!(refused(CaseStep::Link { to: id(1), note: note() }), Some(CaseRefusal::Itself));
}
