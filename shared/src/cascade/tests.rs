//! What answers mean together.

use super::*;
use crate::evidence::{Contribution, LlmAssessment, RuleOutcome};

fn evidence(points: f64, probability: f64) -> Evidence {
    let rule = RuleOutcome {
        id: "fan-in".to_owned(),
        typology: "fan_in".to_owned(),
        account: crate::rules::Account::Receiver,
        points,
        text: "Eight new payers.".to_owned(),
    };
    let contribution =
        Contribution { feature: "receiver_in_new_7d".to_owned(), value: 8.0, contribution: 1.5 };
    Evidence {
        msg_id: "t-1".to_owned(),
        transaction_hash: String::new(),
        facts: CaseFacts {
            timestamp: "2026-01-01T00:00:00Z".to_owned(),
            sender_account: "a".to_owned(),
            sender_country: "GB".to_owned(),
            receiver_account: "b".to_owned(),
            receiver_country: "GB".to_owned(),
            amount: "10.00".to_owned(),
            currency: "GBP".to_owned(),
            received_currency: None,
            payment_type: "transfer".to_owned(),
            purpose_flags: vec![],
            ..CaseFacts::default()
        },
        features: std::collections::BTreeMap::new(),
        rules: if points > 0.0 { vec![rule] } else { vec![] },
        graph: None,
        rules_alert: points >= 100.0,
        rules_clear: false,
        model: Some(ModelEvidence {
            hash: "m".to_owned(),
            probability,
            uncertain_low: 0.2,
            uncertain_high: 0.6,
            method: "tree_shap".to_owned(),
            contributions: vec![contribution],
        }),
        challenger: None,
        llm: None,
        shadow: None,
        versions: Versions {
            core: String::new(),
            rules: String::new(),
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
        narrative: "It passes through.".to_owned(),
        dropped_sentences: 0,
    });
    evidence.llm = Some(LlmEvidence {
        model: "m".to_owned(),
        prompt_hash: String::new(),
        assessment,
        unavailable,
        cached: false,
        input_tokens: 10,
        output_tokens: 5,
        cost_micro_usd: 7,
        latency_ms: 1,
    });
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
    let decision = evidence.decide("2026-01-01T00:00:01Z".to_owned());
    assert_eq!((decision.level, decision.review), (level, review));
    assert_eq!(decision.alert, alert || review.is_some());
    assert!((decision.risk_score - risk_score).abs() < 1e-9, "{}", decision.risk_score);
    assert_eq!(decision.alert, !decision.reasons.is_empty() && decision.alert_id.is_some());
}

#[test]
fn rules_alert_whatever_the_model_says() {
    check(&evidence(100.0, 0.01), Level::Rules, true, None, 1.0);
}

#[test]
fn a_sure_model_settles() {
    check(&evidence(0.0, 0.6), Level::Model, true, None, 0.5);
    let calm = evidence(0.0, 0.1).decide(String::new());
    assert_eq!((calm.level, calm.alert, calm.reasons.len()), (Level::Model, false, 0));
}

#[test]
fn the_llm_can_raise_and_hold_but_never_clear() {
    let unsure = evidence(0.0, 0.4);
    assert!(unsure.is_uncertain());
    check(&with_llm(unsure.clone(), Some(true), None), Level::Llm, true, None, 0.95);
    let held = with_llm(unsure, Some(false), None).decide(String::new());
    assert_eq!((held.level, held.alert, held.risk_score), (Level::Llm, false, 0.375));
    // Neither a rule's alert nor a sure model's is touched by an answer that says otherwise.
    check(&with_llm(evidence(120.0, 0.4), Some(false), None), Level::Rules, true, None, 1.0);
    check(&with_llm(evidence(0.0, 0.7), Some(false), None), Level::Model, true, None, 0.625);
}

#[test]
fn without_the_llm_a_person_looks() {
    for why in [ReviewReason::BudgetExhausted, ReviewReason::GateClosed, ReviewReason::LlmFailed] {
        let evidence = with_llm(evidence(0.0, 0.4), None, Some(why));
        check(&evidence, Level::Model, false, Some(why), 0.375);
    }
    let review = Some(ReviewReason::LlmNotConfigured);
    check(&evidence(0.0, 0.4), Level::Model, false, review, 0.375);
}

#[test]
fn the_same_evidence_gives_the_same_bytes() {
    let evidence = with_llm(evidence(50.0, 0.4), Some(true), None);
    let stored = serde_json::to_string(&evidence).unwrap();
    let back: Evidence = serde_json::from_str(&stored).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), stored);
    let decision = |e: &Evidence| serde_json::to_string(&e.decide("t".to_owned())).unwrap();
    assert_eq!(decision(&back), decision(&evidence));
}
