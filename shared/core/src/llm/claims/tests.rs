//! Which sentences of a narrative are kept.

use super::*;
use crate::llm::prompt::tests::{RECEIVER, prompt};

#[track_caller]
fn check(sentence: &str, kept: bool) {
    let checked = Vocabulary::of(&prompt()).check(sentence);
    assert_eq!(checked.dropped == 0, kept, "{sentence}: {checked:?}");
}

#[test]
fn sentences_about_the_cases_own_facts_survive() {
    for sentence in [
        "The sender paid 9,500.00 EUR to an account in Lithuania on 2026-11-01.",
        "The payment of €9500 left at 10:15, and 95% of two days' income went with it.",
        "This came 12 days after the account was first seen.",
        "The model puts the probability at 42%, which is unsure.",
        "The model puts the probability at 42 percent.",
        "The model puts the probability at 0.42.",
        "However, the bank of ACCOUNT_1 is in Germany.",
        "Two days' income was 10,412 USD.",
        "The sums are those of 2d.",
    ] {
        check(sentence, true);
    }
    check("ACCOUNT_1 sent 9500 EUR.", true);
    check("The money left COMPANY_1's account.", true);
}

#[test]
fn a_number_that_is_not_in_the_document_takes_its_sentence_with_it() {
    for sentence in [
        "The sender paid 9,600.00 EUR.",
        "The sender paid 9500.01 EUR.",
        "The sender paid 95,00 EUR.",
        "The sender paid 9.5k EUR.",
        "The sender paid 1e4 EUR.",
        "The sender made 7 payments.",
        "The sender made seven payments.",
        "The sender made dozens of payments.",
        "The sender has moved three thousand.",
        "The model puts the probability at 43%.",
        "The payment left on 2026-11-02.",
        "The payment left at 11:15.",
        "The payment left in 2025.",
        "The sender paid ٩٥٠٠ EUR.",
    ] {
        check(sentence, false);
    }
}

#[test]
fn a_party_or_name_that_is_not_in_the_document_takes_its_sentence_with_it() {
    for sentence in [
        "The sender is known to work for Acme Holdings.",
        "John sent the money on.",
        "The money went to ACCOUNT_9.",
        "The money went to account_1.",
        "The receiver's bank is in Panama.",
        "The sender paid 9500 USDT to Binance.",
        "The analyst should file a SAR.",
    ] {
        check(sentence, false);
    }
    check(&format!("The money went to {RECEIVER}."), false);
}

#[test]
fn markup_links_and_look_alikes_take_their_sentence_with_them() {
    for sentence in [
        "The details are at http://evil.example.",
        "The sender <b>paid</b> it.",
        "The sender `paid` it.",
        "The sender paid {it}.",
        "The sender\u{202e} paid it.",
        "The ѕender paid it.",
    ] {
        check(sentence, false);
    }
    check(&format!("The sender {}paid.", "re".repeat(250)), false);
}

#[test]
fn one_bad_sentence_does_not_take_the_others() {
    let text = "The sender paid 9500 EUR. It went to John. \nThis is 12 days after. ";
    let checked = Vocabulary::of(&prompt()).check(text);
    assert_eq!(checked.sentences, ["The sender paid 9500 EUR.", "This is 12 days after."]);
    assert_eq!(checked.dropped, 1);
}

#[test]
fn a_narrative_is_capped_at_a_sentences_end() {
    let checked = Vocabulary::of(&prompt()).check(&"The sender paid 9500 EUR. ".repeat(100));
    let bytes: usize = checked.sentences.iter().map(String::len).sum();
    assert!(bytes < 1_200 && bytes > 1_000, "{bytes}");
    assert_eq!(checked.sentences.len() + checked.dropped as usize, 100);
}

#[test]
fn nothing_in_nothing_out() {
    for text in ["", "   ", "\n\n", "…"] {
        let checked = Vocabulary::of(&prompt()).check(text);
        assert!(checked.sentences.is_empty(), "{text:?}");
    }
}
