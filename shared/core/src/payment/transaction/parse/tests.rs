//! Every fault in a client's JSON has its pointer and code.

use serde_json::{Value, json};

use super::*;

fn now() -> Timestamp {
    "2026-01-02T03:04:05Z".parse().unwrap()
}

fn good() -> Value {
    json!({
        "msg_id": "t-1", "timestamp": "2026-01-01T10:00:00+01:00",
        "sender": {"account": "A1", "bank_country": "GB"},
        "receiver": {"account": "B1", "bank_country": "GB", "name": "Zoë"},
        "amount": "10.5", "currency": "GBP", "payment_type": "transfer"
    })
}

/// Replaces the field at a JSON Pointer and expects these faults.
#[track_caller]
fn check(pointer: &str, value: Value, expect: &[(&str, &str)]) {
    let mut body = good();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[name] = value;
    let got = match Transaction::parse(body.to_string().as_bytes(), now()) {
        Ok(_) => vec![],
        Err(Rejection::Invalid(faults)) => faults,
        Err(err) => panic!("{err}"),
    };
    let got: Vec<_> = got.iter().map(|f| (f.pointer.as_str(), f.code)).collect();
    assert_eq!(got, expect);
}

#[test]
fn a_valid_transaction_survives_its_canonical_form() {
    let tx = Transaction::parse(good().to_string().as_bytes(), now()).unwrap();
    let back: Transaction = serde_json::from_str(&tx.to_canonical_json()).unwrap();
    assert_eq!(back, tx);
    assert_eq!(tx.amount.to_string(), "10.50");
}

#[test]
fn integer_ids_are_kept_as_text() {
    let mut body = good();
    body["msg_id"] = json!(42);
    let tx = Transaction::parse(body.to_string().as_bytes(), now()).unwrap();
    assert_eq!(tx.msg_id.as_str(), "42");
}

#[test]
fn each_fault_has_its_pointer_and_code() {
    check("/msg_id", json!("a\u{200b}b"), &[("/msg_id", "invalid_id")]);
    check("/sender/account", json!("a\u{200b}b"), &[("/sender/account", "invalid_account")]);
    check("/sender/bank", json!("a bank"), &[]);
    check("/sender/bank", json!("Bank & Co"), &[("/sender/bank", "invalid_bank")]);
    check("/sender/party_id", json!(" "), &[("/sender/party_id", "invalid_id")]);
    check("/sender/segment", json!("Person"), &[("/sender/segment", "invalid_segment")]);
    check("/msg_id", json!("a\0"), &[("/msg_id", "invalid_id")]);
    check("/amount", json!(10.5), &[("/amount", "amount_not_a_string")]);
    check("/amount", json!("10.505"), &[("/amount", "amount_too_many_decimals")]);
    check("/currency", json!("usd"), &[("/currency", "unknown_currency")]);
    check("/kind", json!("gift"), &[("/kind", "unknown_kind")]);
    check("/timestamp", json!("1970-01-01T00:00:00Z"), &[("/timestamp", "timestamp_implausible")]);
    check("/sender/bank_country", json!("ZZ"), &[("/sender/bank_country", "unknown_country")]);
    check("/receiver/account", json!("A1"), &[("/receiver/account", "same_account")]);
    check("/decision", json!("clear"), &[("/decision", "unknown_field")]);
    check("/received_currency", json!("EUR"), &[]);
    check("/purpose", json!(""), &[("/purpose", "text_empty")]);
}

#[test]
fn a_conversion_tells_what_arrives() {
    let mut body = good();
    body["counter_amount"] = json!("11.90");
    let codes = |body: &Value| match Transaction::parse(body.to_string().as_bytes(), now()) {
        Ok(_) => vec![],
        Err(Rejection::Invalid(faults)) => faults.iter().map(|fault| fault.code).collect(),
        Err(err) => panic!("{err}"),
    };
    assert_eq!(codes(&body), ["counter_amount_without_currency"]);
    body["received_currency"] = json!("JPY");
    assert_eq!(codes(&body), ["amount_too_many_decimals"]);
    body["received_currency"] = json!("EUR");
    assert_eq!(codes(&body), [] as [&str; 0]);
    let tx = Transaction::parse(body.to_string().as_bytes(), now()).unwrap();
    let back: Transaction = serde_json::from_str(&tx.to_canonical_json()).unwrap();
    assert_eq!(back, tx);
}

#[test]
fn an_original_is_named_where_one_is_taken_back() {
    let check = |kind: &str, original: Value, expect: &[&str]| {
        let mut body = good();
        body["kind"] = kind.into();
        body["original_msg_id"] = original;
        let parsed = Transaction::parse(body.to_string().as_bytes(), now());
        let codes: Vec<_> = match parsed {
            Ok(tx) => {
                let back: Transaction = serde_json::from_str(&tx.to_canonical_json()).unwrap();
                assert_eq!(back, tx);
                vec![]
            }
            Err(Rejection::Invalid(faults)) => faults.iter().map(|fault| fault.code).collect(),
            Err(err) => panic!("{err}"),
        };
        assert_eq!(codes, expect, "{kind}");
    };
    check("reversal", json!("t-0"), &[]);
    check("reversal", Value::Null, &["missing"]);
    check("reversal", json!("t-1"), &["unfit_original"]);
    check("refund", Value::Null, &[]);
    check("refund", json!("INV/2026/1"), &[]);
    check("payment", json!("t-0"), &["unfit_original"]);
    check("declined", Value::Null, &[]);
    check("fee", Value::Null, &[]);
}

#[test]
fn one_iban_in_two_spellings_is_one_account() {
    let iban = "DE89 3704 0044 0532 0130 00";
    check("/sender/account", json!(iban), &[]);
    let mut body = good();
    body["sender"]["account"] = json!(iban);
    body["receiver"]["account"] = json!("de89370400440532013000");
    let err = Transaction::parse(body.to_string().as_bytes(), now()).unwrap_err();
    assert!(matches!(err, Rejection::Invalid(faults) if faults[0].code == "same_account"));
}

#[test]
fn all_faults_are_listed_at_once() {
    let body = json!({
        "msg_id": "x\0", "timestamp": "yesterday", "amount": "1e3", "currency": "GBP",
        "sender": {"account": "A1", "bank_country": "GB"}
    });
    let err = Transaction::parse(body.to_string().as_bytes(), now()).unwrap_err();
    let Rejection::Invalid(faults) = err else { panic!("{err}") };
    let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/msg_id", "/timestamp", "/receiver", "/amount", "/payment_type"]);
}
