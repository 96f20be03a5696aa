//! Decisions that follow from the levels' answers.

use super::*;
use crate::case::evidence::{Contribution, LlmAssessment};
use crate::case::rules_verdict::RuleOutcome;
use crate::llm::findings::Finding;
use crate::payment::transaction::{ContentHash, MsgId};

const LINES: Lines = Lines { alert: 0.6, review: 0.2 };

fn now() -> UtcTime {
    UtcTime::parse("2026-01-01T00:00:01Z").unwrap()
}

/// Evidence with a model's probability and a rule worth `points`; without points, no rule fires.
fn evidence(points: f64, probability: f64) -> Evidence {
    let rule = RuleOutcome {
        id: "fan-in".to_owned(),
        typology: "fan_in".to_owned(),
        account: crate::payment::side::Side::Receiver,
        evidence: "collection".to_owned(),
        points,
        alerts: false,
        text: "Eight new payers.".to_owned(),
    };
    let contribution =
        Contribution { feature: "receiver_in_new_7d".to_owned(), value: 8.0, contribution: 1.5 };
    Evidence {
        msg_id: MsgId::parse("t-1").unwrap(),
        transaction_hash: ContentHash::default(),
        facts: CaseFacts::example("a", "b", PaymentDetails::example("10.00", "GBP")),
        features: std::collections::BTreeMap::new(),
        rules: if points > 0.0 { vec![rule] } else { vec![] },
        graph: None,
        points,
        rules_alert: false,
        rules_clear: false,
        lines: LINES,
        model: Some(ModelEvidence {
            hash: "m".to_owned(),
            probability,
            method: "tree_shap".to_owned(),
            contributions: vec![contribution],
        }),
        challenger: None,
        llm: None,
        shadows: Vec::new(),
        versions: Versions {
            core: String::new(),
            rules: String::new(),
            reference: String::new(),
            model: String::new(),
            features: String::new(),
        },
    }
}

fn with_llm(
    mut evidence: Evidence,
    assessment: Option<bool>,
    unavailable: Option<ReviewReason>,
) -> Evidence {
    let assessment = assessment.map(|suspicious| LlmAssessment {
        suspicious,
        risk: 0.9,
        findings: Vec::new(),
        narrative: "It passes through.".to_owned(),
        kept_sentences: 1,
        dropped_sentences: 0,
    });
    let why = unavailable.unwrap_or(ReviewReason::LlmFailed);
    let llm = LlmEvidence::without_answer("m", why);
    evidence.llm = Some(LlmEvidence { assessment, unavailable, cost_micro_usd: 7, ..llm });
    evidence
}

/// Makes a rule alert whatever the risk.
fn by_policy(mut evidence: Evidence) -> Evidence {
    evidence.rules_alert = true;
    evidence
}

#[track_caller]
fn check(
    evidence: &Evidence,
    level: Level,
    alert: bool,
    review: Option<ReviewReason>,
    risk_score: f64,
) {
    let decision = evidence.decide(now());
    assert_eq!((decision.level, decision.alert, decision.review), (level, alert, review));
    assert!((decision.risk_score - risk_score).abs() < 1e-9, "{}", decision.risk_score);
    // Whatever a person gets to see has reasons, and an id to ask for it by.
    assert_eq!(decision.alert_id.is_some(), alert || review.is_some());
    assert!(decision.alert_id.is_none() || !decision.reasons.is_empty());
}

#[test]
fn a_rule_of_policy_alerts_whatever_the_score() {
    check(&by_policy(evidence(3.0, 0.001)), Level::Rules, true, None, 0.001993);
    let cleared = Evidence { rules_clear: true, ..by_policy(evidence(3.0, 0.001)) };
    check(&cleared, Level::Rules, true, None, 0.001993);
}

#[test]
fn points_and_probability_are_one_risk() {
    let unsure = Some(ReviewReason::LlmNotConfigured);
    // Odds of 1 to 9; ten points make them ten times as high.
    check(&evidence(0.0, 0.1), Level::Model, false, None, 0.1);
    check(&evidence(10.0, 0.1), Level::Model, false, unsure, 0.526_316);
    check(&evidence(20.0, 0.1), Level::Model, true, None, 0.917_431);
    // The rules would have sufficed without the model, but not against its answer.
    check(&evidence(33.0, 0.1), Level::Rules, true, None, 0.995_51);
    check(&evidence(33.0, 0.000_01), Level::Model, false, None, 0.019_562);
}

#[test]
fn without_a_model_risk_begins_with_the_prior() {
    let silent = |points| Evidence { model: None, ..evidence(points, 0.0) };
    check(&silent(0.0), Level::Model, false, None, 0.001);
    check(&silent(28.0), Level::Model, false, Some(ReviewReason::LlmNotConfigured), 0.387_101);
    check(&silent(40.0), Level::Rules, true, None, 0.909_174);
}

#[test]
fn what_a_rule_cleared_is_settled() {
    let lines = Lines { alert: 1.0, review: 0.0 };
    let cleared = Evidence { rules_clear: true, model: None, lines, ..evidence(0.0, 0.0) };
    check(&cleared, Level::Rules, false, None, 0.0);
}

#[test]
fn a_sure_model_settles() {
    check(&evidence(0.0, 0.6), Level::Model, true, None, 0.6);
    let calm = evidence(0.0, 0.1).decide(now());
    assert_eq!((calm.level, calm.alert, calm.reasons.len()), (Level::Model, false, 0));
}

#[test]
fn the_llm_can_raise_and_hold_but_never_clear() {
    let unsure = evidence(0.0, 0.4);
    assert!(unsure.is_uncertain());
    check(&with_llm(unsure.clone(), Some(true), None), Level::Llm, true, None, 0.96);
    let nothing = Some(ReviewReason::LlmFoundNothing);
    check(&with_llm(unsure, Some(false), None), Level::Model, false, nothing, 0.4);
    // An LLM that disagrees changes neither a rule's alert nor that of a sure model.
    let policy = by_policy(evidence(3.0, 0.4));
    check(&with_llm(policy, Some(false), None), Level::Rules, true, None, 0.570_848);
    check(&with_llm(evidence(0.0, 0.7), Some(false), None), Level::Model, true, None, 0.7);
}

#[test]
fn without_the_llm_a_person_looks_and_nobody_is_alerted() {
    for why in [ReviewReason::BudgetExhausted, ReviewReason::GateClosed, ReviewReason::LlmFailed] {
        let evidence = with_llm(evidence(0.0, 0.4), None, Some(why));
        check(&evidence, Level::Model, false, Some(why), 0.4);
    }
    let review = Some(ReviewReason::LlmNotConfigured);
    for probability in [0.2, 0.4, 0.599] {
        check(&evidence(0.0, probability), Level::Model, false, review, probability);
    }
    let said = evidence(0.0, 0.4).decide(now()).explanation;
    assert!(said.starts_with("For review: the risk of 40 % lies between the lines"), "{said}");
}

#[test]
fn the_same_evidence_gives_the_same_bytes() {
    let evidence = with_llm(evidence(50.0, 0.4), Some(true), None);
    let stored = serde_json::to_string(&evidence).unwrap();
    let back: Evidence = serde_json::from_str(&stored).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), stored);
    let decision = |e: &Evidence| serde_json::to_string(&e.decide(now())).unwrap();
    assert_eq!(decision(&back), decision(&evidence));
}

#[test]
fn the_rule_that_alerts_by_itself_leads() {
    let mut evidence = evidence(8.0, 0.01);
    let policy = RuleOutcome {
        id: "pass-through".to_owned(),
        points: 0.0,
        alerts: true,
        text: "What came in has left.".to_owned(),
        ..evidence.rules[0].clone()
    };
    evidence.rules.push(policy);
    evidence.rules_alert = true;
    let decision = evidence.decide(now());
    assert_eq!(decision.reasons[0].code, "pass-through");
    assert_eq!(decision.explanation, "Alert: What came in has left.");
}

#[test]
fn what_the_llm_found_leads_where_it_raised_and_its_own_words_stay_out_of_the_headline() {
    let mut evidence = with_llm(evidence(1.0, 0.4), Some(true), None);
    let assessment = evidence.llm.as_mut().unwrap().assessment.as_mut().unwrap();
    assessment.findings = vec![Finding::VagueServices];
    let decision = evidence.decide(now());
    assert_eq!((decision.level, decision.reasons[0].source), (Level::Llm, ReasonSource::Llm));
    let found = Finding::VagueServices.sentence();
    assert_eq!(
        decision.explanation,
        format!(
            "Alert: rules and model were unsure, and the LLM found the payment suspicious. {found}"
        )
    );
}
