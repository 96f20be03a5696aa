//! Explanations as an analyst reads them.

use super::*;
use crate::case::evidence::LlmAssessment;
use crate::case::payment_details::PaymentDetails;
use crate::case::verdict::{Reason, ReviewReason};
use crate::llm::findings::Finding;
use crate::llm::prompt::tests::{case, prompt};
use crate::payment::flag_set::FlagSet;
use crate::payment::money::{Currency, Money};
use crate::payment::side::Side;
use crate::payment::transaction::TextFlag;
use crate::state::late::Lateness;

fn decision(review: Option<ReviewReason>) -> Decision {
    let evidence = case();
    let reason = |source, code: &str, text: &str| Reason {
        source,
        code: code.to_owned(),
        typology: None,
        text: text.to_owned(),
        weight: 1.0,
    };
    Decision {
        msg_id: evidence.msg_id.clone(),
        risk_score: 0.45,
        alert: review.is_none(),
        alert_id: Some(alert_id()),
        attached: false,
        level: Level::Model,
        review,
        explanation: String::new(),
        reasons: vec![
            reason(ReasonSource::Rule, "pass-through", &evidence.rules[0].text),
            reason(ReasonSource::Llm, "llm", "The sender ACCOUNT_1 paid."),
        ],
        typologies: vec!["pass_through".to_owned(), "new_account".to_owned()],
        late: None,
        notes: FlagSet::EMPTY,
        versions: evidence.versions,
        cost: Default::default(),
        decided_at: UtcTime::parse("2026-11-01T10:15:02Z").unwrap(),
    }
}

fn explanation() -> Explanation {
    let decision = decision(Some(ReviewReason::BudgetExhausted));
    explained(&decision, &case(), Names::default())
}

fn explained(decision: &Decision, evidence: &Evidence, names: Names<'_>) -> Explanation {
    let created_at = UtcTime::parse("2026-11-01T11:00:00Z").unwrap();
    Explanation::of(alert_id(), decision, evidence, names, created_at)
}

fn alert_id() -> AlertId {
    AlertId::parse("al_1").unwrap()
}

fn llm(narrative: Option<&str>) -> LlmEvidence {
    let assessment = narrative.map(|narrative| LlmAssessment {
        suspicious: true,
        risk: 0.8,
        findings: Vec::new(),
        narrative: narrative.to_owned(),
        kept_sentences: 1,
        dropped_sentences: 0,
    });
    LlmEvidence { assessment, ..LlmEvidence::without_answer("mini", ReviewReason::LlmFailed) }
}

#[test]
fn an_explanation_reads_like_this() {
    let expected = "\
The sender is account DE89370400440532013000, first seen 12 days before; \
the receiver is account 8724731955, not seen before. \
The sender had never paid the receiver before. \
The payment was made on 2026-11-01 at 10:15:00 UTC. \
It moved 9,500 EUR (10,260 USD), by transfer. \
The sender's bank is in Germany (DE), the receiver's in Lithuania (LT). \
Typologies: pass through and new account. \
What stands out in its purpose text: instruction. \
95 % of two days' income leaves again, 0 days after it came. \
The risk of laundering is put at 45 %, between the lines for review and for an alert, and a person \
decides because the day's LLM budget was spent.";
    assert_eq!(explanation().text, expected);
}

#[test]
fn people_read_names_where_the_client_gave_them() {
    let names = Names { sender: Some("Anna Smith"), receiver: None };
    let text = explained(&decision(None), &case(), names).text;
    assert!(
        text.starts_with("The sender is Anna Smith (account DE89370400440532013000), first seen")
    );
    assert!(text.contains("the receiver is account 8724731955, not seen before."));
}

#[test]
fn what_a_reader_has_to_know_of_the_data_is_told_where_it_belongs() {
    let mut case = case();
    let late = Lateness { account: Side::Sender, by_seconds: 7_200, approximate: true };
    case.facts.details = PaymentDetails {
        late: Some(late),
        kind: Kind::Declined,
        base_amount: 0.0,
        notes: [Note::CurrencyWithoutRate, Note::Declined].into_iter().collect(),
        amount: Money::parse("9500", Currency::parse("CLF").unwrap()).unwrap(),
        ..case.facts.details
    };
    let text = explained(&decision(None), &case, Names::default()).text;
    let expected = "\
The payment was made on 2026-11-01 at 10:15:00 UTC. \
It reached the system about 2 hours after newer payments of the sender; counts and sums \
over its days are approximate, as they hold what came later on its own day and may lack the oldest. \
It was to move 9,500 CLF, by transfer. \
There is no rate for CLF: rules on amounts did not judge this payment. \
The payment was declined: no money moved, and it does not count in what the accounts have done. \
The sender's bank is in";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn every_question_is_answered_and_time_goes_forward() {
    let explanation = explanation();
    for question in [
        Question::Who,
        Question::What,
        Question::When,
        Question::Where,
        Question::Why,
        Question::How,
    ] {
        let answered = explanation.sentences.iter().any(|s| s.answers == question);
        assert!(answered, "{question:?}");
    }
    let at = |needle: &str| explanation.text.find(needle).unwrap();
    assert!(at("first seen") < at("The payment was made"));
    assert!(at("The payment was made") < at("leaves again"));
    assert!(at("leaves again") < at("a person decides"));
}

#[test]
fn the_llms_findings_and_sentences_join_the_facts_with_placeholders_resolved() {
    let mut llm = llm(Some("The sender ACCOUNT_1 passes money on."));
    llm.assessment.as_mut().unwrap().findings = vec![Finding::SplitPayment];
    let redactor = prompt().redactor;
    let told = explanation().with_llm(llm, |text| redactor.reveal(text));
    assert_eq!(told.source, NarrativeSource::Llm);
    let ours = explanation().text;
    let [split, own] = [
        "The LLM reads the purpose as one part of a larger sum.",
        "The sender DE89370400440532013000 passes money on.",
    ];
    assert_eq!(told.text, format!("{ours} {split} {own}"));
    assert_eq!(told.sentences.last().unwrap().source, NarrativeSource::Llm);
}

#[test]
fn what_an_llm_says_in_defence_of_a_payment_is_not_shown() {
    let mut llm = llm(Some("The payment is ordinary."));
    llm.assessment.as_mut().unwrap().suspicious = false;
    let told = explanation().with_llm(llm, str::to_owned);
    assert_eq!((told.source, told.text), (NarrativeSource::Template, explanation().text));
}

#[test]
fn without_a_usable_answer_the_template_stands_and_says_why() {
    for llm in [llm(None), llm(Some(" "))] {
        let told = explanation().with_llm(llm.clone(), str::to_owned);
        assert_eq!((told.source, &told.text), (NarrativeSource::Template, &explanation().text));
        assert_eq!(told.llm, Some(llm));
    }
}

#[test]
fn acquaintance_is_told_both_ways() {
    let mut case = case();
    for (name, value) in [("pair_count", 1.0), ("reverse_count", 3.0), ("receiver_age_days", 0.4)] {
        case.features.insert(name.to_owned(), value);
    }
    let text = explained(&decision(None), &case, Names::default()).text;
    assert!(text.contains(
        "had paid the receiver once before, and the receiver had paid the sender 3 times."
    ));
    assert!(text.contains("8724731955, first seen 9 hours before."));
    assert!(text.contains("the statistical model and the rules together settled it"));
}

#[test]
fn an_explanation_survives_being_stored() {
    let told = explanation().with_llm(llm(Some("The sender pays.")), str::to_owned);
    let text = serde_json::to_string(&told).unwrap();
    assert_eq!(serde_json::from_str::<Explanation>(&text).unwrap(), told);
}

#[test]
fn what_a_reason_says_is_not_said_again() {
    let mut case = case();
    case.facts.details.purpose_flags.extend([TextFlag::LayeringLanguage]);
    case.rules[0].evidence = "text".to_owned();
    let mut decision = decision(None);
    decision.reasons[0].text = "The sender's account was first seen 12 days ago.".to_owned();
    let text = explained(&decision, &case, Names::default()).text;
    assert!(
        text.starts_with("The sender is account DE89370400440532013000; the receiver"),
        "{text}"
    );
    assert!(!text.contains("stands out"), "{text}");
}

#[test]
fn countries_are_named_as_in_a_sentence() {
    let told = ["IR", "US", "VG", "NL", "CL", "MM", "KP"].map(country);
    let expect = [
        "the Islamic Republic of Iran (IR)",
        "the United States of America (US)",
        "the British Virgin Islands (VG)",
        "the Netherlands (NL)",
        "Chile (CL)",
        "Myanmar (MM)",
        "the Democratic People's Republic of Korea (KP)",
    ];
    assert_eq!(told, expect);
}
