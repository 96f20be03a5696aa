//! Which answers are used and which are refused.

use super::*;
use crate::llm::prompt::tests::prompt;

fn read_answer(text: &str) -> Result<LlmAssessment, UnusableAnswer> {
    read(text, &prompt())
}

fn answer(word: &str, risk: &str, narrative: &str) -> String {
    format!(r#"{{"assessment":{word},"risk":{risk},"findings":[],"narrative":"{narrative}"}}"#)
}

#[test]
fn a_good_answer_is_read() {
    let text = answer(r#""suspicious""#, "0.7", "The sender paid 9500 EUR. It went to John.");
    let read = read_answer(&text).unwrap();
    assert!(read.suspicious);
    assert_eq!((read.risk, read.dropped_sentences), (0.7, 1));
    assert_eq!(read.narrative, "The sender paid 9500 EUR.");
}

#[test]
fn what_is_said_in_defence_of_a_payment_is_left_out() {
    let text = answer(r#""not_suspicious""#, "0", "The sender paid 9500 EUR.");
    let read = read_answer(&text).unwrap();
    assert_eq!((read.suspicious, read.narrative.as_str()), (false, ""));
}

#[test]
fn only_possible_findings_of_the_list_are_kept() {
    let with = |findings: &str| {
        let text = answer(r#""suspicious""#, "0.7", "It went to John.");
        read_answer(&text.replace("[]", findings))
    };
    let read = with(r#"["invoice_repeats","split_payment","split_payment"]"#).unwrap();
    assert_eq!(read.findings, [Finding::SplitPayment]);
    assert_eq!(read.sentences(), [Finding::SplitPayment.sentence()]);
    assert_eq!(with(r#"["invoice_repeats"]"#), Err(UnusableAnswer::NothingVerified));
    for findings in [r#"["cleared"]"#, "null", r#""split_payment""#, "[7]"] {
        assert!(matches!(with(findings), Err(UnusableAnswer::NotOfTheSchema { .. })), "{findings}");
    }
}

#[test]
fn what_is_not_of_the_schema_is_refused_whole() {
    let good = "The sender paid 9500 EUR.";
    for text in [
        String::new(),
        "Sure! Here is my answer.".to_owned(),
        format!("```json\n{}\n```", answer(r#""suspicious""#, "0.7", good)),
        answer(r#""clear""#, "0.7", good),
        answer(r#""Suspicious""#, "0.7", good),
        answer("true", "0.7", good),
        answer(r#""suspicious""#, "NaN", good),
        answer(r#""suspicious""#, r#""NaN""#, good),
        answer(r#""suspicious""#, "null", good),
        answer(r#""suspicious""#, "1e999", good),
        answer(r#""suspicious""#, "0.7,\"risk\":0.1", good),
        answer(r#""suspicious""#, "0.7,\"decision\":\"clear\"", good),
        answer(r#""suspicious""#, "0.7", good) + "{}",
        r#"{"assessment":"suspicious","risk":0.7,"narrative":"x"}"#.to_owned(),
        "[".repeat(5_000),
    ] {
        let read = read_answer(&text);
        assert!(matches!(read, Err(UnusableAnswer::NotOfTheSchema { .. })), "{text}: {read:?}");
    }
}

#[test]
fn what_is_out_of_bounds_is_refused() {
    let good = "The sender paid 9500 EUR.";
    for risk in ["-0.1", "1.1", "70"] {
        let read = read_answer(&answer(r#""suspicious""#, risk, good));
        assert_eq!(read, Err(UnusableAnswer::RiskOutOfRange), "{risk}");
    }
    let read = read_answer(&answer(r#""suspicious""#, "1", &good.repeat(200)));
    assert_eq!(read, Err(UnusableAnswer::NarrativeTooLong));
    assert_eq!(read_answer(&"x".repeat(9_000)), Err(UnusableAnswer::TooLong));
}

#[test]
fn an_answer_of_inventions_alone_is_refused() {
    let read =
        read_answer(&answer(r#""suspicious""#, "0.9", "John paid 77 EUR. All is well with Acme."));
    assert_eq!(read, Err(UnusableAnswer::NothingVerified));
}

#[test]
fn the_schema_asks_for_what_is_read() {
    let schema = schema();
    let required = schema["required"].as_array().unwrap();
    let properties = schema["properties"].as_object().unwrap();
    assert_eq!(required.len(), properties.len());
    assert_eq!(schema["additionalProperties"], false);
}
