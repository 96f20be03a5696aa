//! The API's own transactions, one JSON object per line. They are read by the API's parser, so a line
//! must be what a client would have sent. A line may also carry labels, in the same members as the
//! backtest's decisions: `is_laundering` (a boolean, 0 or 1), `laundering_type` (a string: the
//! typology, or the kind of an honest payment, such as `salary`) and `story` (a string: the id of the
//! planted case, such as `fan_in-03`).
//!
//! A payment may be in the future. The API refuses one more than a day ahead of its clock, but a file
//! must read the same on any day.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use sentinel::payment::transaction::{FieldError, MalformedJson, Rejection, Transaction};
use sentinel::register::members::{Member, Members};
use serde_json::value::RawValue;

use super::lines::Lines;
use super::text::Text;
use super::{DatasetError, Fault, Row, RowError};

const LABEL: &str = "is_laundering";
const TYPOLOGY: &str = "laundering_type";
const STORY: &str = "story";

pub(super) struct NdjsonFile {
    lines: Lines,
}

impl NdjsonFile {
    pub(super) fn open(path: &Path, text: Text) -> Result<Self, DatasetError> {
        Ok(Self { lines: Lines::open(path, text)? })
    }

    pub(super) fn next(&mut self) -> Option<Result<Row, RowError>> {
        let (line, text) = self.lines.next()?;
        let row = text.and_then(|text| read(text, line));
        Some(row.map_err(|reason| RowError { line, reason }))
    }
}

fn read(text: &str, line: u64) -> Result<Row, Fault> {
    // Anything but an object has no labels; the parser says what is wrong with it.
    let Ok(Members(mut members)) = serde_json::from_str(text) else {
        let transaction = parse(text)?;
        return Ok(Row { line, transaction, label: None, typology: None, story: None });
    };
    let label = take(&mut members, LABEL)?;
    let typology = take(&mut members, TYPOLOGY)?;
    let story = take(&mut members, STORY)?;
    let transaction = match (label, typology, story) {
        (None, None, None) => parse(text)?,
        _ => parse(&write(&members))?,
    };
    let label = label.map_or(Ok(None), read_label)?;
    let typology = typology.map_or(Ok(None), |value| read_words(TYPOLOGY, value))?;
    let story = story.map_or(Ok(None), |value| read_words(STORY, value))?;
    Ok(Row { line, transaction, label, typology, story })
}

fn parse(text: &str) -> Result<Transaction, Fault> {
    Transaction::parse(text.as_bytes(), Timestamp::MAX).map_err(|rejection| match rejection {
        Rejection::Malformed(MalformedJson::Json { what, .. }) => Fault::NotJson(what),
        Rejection::Malformed(_) => Fault::NotJson("unexpected character"),
        Rejection::Invalid(faults) => Fault::Contract(list(&faults)),
    })
}

/// Lists faults: `amount: amount_too_many_decimals; sender/account: missing`.
fn list(faults: &[FieldError]) -> String {
    let mut listed = BTreeSet::new();
    let name = |fault: &FieldError| {
        // The pointer to an unknown field ends in the file's own word, which must not be quoted.
        let parent = fault.pointer.rfind('/').unwrap_or_default();
        let known = fault.code != "unknown_field";
        let pointer = if known { &fault.pointer } else { &fault.pointer[..parent] };
        let name = pointer.trim_start_matches('/');
        let name = if name.is_empty() { "the transaction" } else { name };
        format!("{name}: {}", fault.code)
    };
    let mut names: Vec<_> = faults.iter().map(name).collect();
    names.retain(|name| listed.insert(name.clone()));
    names.join("; ")
}

/// Takes a member out of an object.
fn take<'a>(members: &mut Vec<Member<'a>>, name: &str) -> Result<Option<&'a RawValue>, Fault> {
    let mut taken = members.extract_if(.., |(known, _)| known == name);
    let first = taken.next().map(|(_, value)| value);
    match taken.next() {
        Some(_) => Err(Fault::NotJson("an object has the same key twice")),
        None => Ok(first),
    }
}

fn read_label(value: &RawValue) -> Result<Option<bool>, Fault> {
    match value.get() {
        "null" => Ok(None),
        "false" | "0" => Ok(Some(false)),
        "true" | "1" => Ok(Some(true)),
        _ => {
            let problem = "is neither true nor false".to_owned();
            Err(Fault::Invalid { column: LABEL.into(), problem })
        }
    }
}

fn read_words(column: &'static str, value: &RawValue) -> Result<Option<String>, Fault> {
    let text: Option<String> = serde_json::from_str(value.get()).map_err(|_| {
        let problem = "is not a string".to_owned();
        Fault::Invalid { column: column.into(), problem }
    })?;
    Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}

fn write(members: &[Member<'_>]) -> String {
    let mut text = String::from("{");
    for (at, (name, value)) in members.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&serde_json::Value::from(name.as_str()).to_string());
        text.push(':');
        text.push_str(value.get());
    }
    text.push('}');
    text
}

#[cfg(test)]
mod tests {
    use super::super::tests::read_text;
    use super::*;

    fn line(id: &str, more: &str) -> String {
        format!(
            "{{\"msg_id\":\"{id}\",\"timestamp\":\"2023-05-01T10:00:00+02:00\",\
             \"sender\":{{\"account\":\"a\",\"bank_country\":\"GB\"}},\
             \"receiver\":{{\"account\":\"b\",\"bank_country\":\"DE\"}},\
             \"amount\":\"12.50\",\"currency\":\"GBP\",\"payment_type\":\"transfer\"{more}}}"
        )
    }

    #[test]
    fn lines_are_transactions_with_their_own_ids() {
        let text = format!("\u{feff}{}\r\n\r\n  \n{}", line("p-1", ""), line("p-2", ""));
        for name in ["t.ndjson", "t.JSONL"] {
            let (rows, errors) = read_text(name, &text);
            assert_eq!(errors, []);
            assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 4]);
            assert_eq!(rows[1].transaction.to_canonical_json(), line("p-2", ""));
            assert_eq!((rows[1].label, rows[1].typology.as_deref()), (None, None));
        }
    }

    #[test]
    fn a_line_may_carry_labels() {
        let check = |more: &str, label: Option<bool>, typology: Option<&str>| {
            let (rows, errors) = read_text("t.ndjson", &line("p-1", more));
            assert_eq!(errors, []);
            assert_eq!((rows[0].label, rows[0].typology.as_deref()), (label, typology), "{more}");
            assert_eq!(rows[0].transaction.to_canonical_json(), line("p-1", ""));
        };
        check(r#","is_laundering":true"#, Some(true), None);
        check(r#","is_laundering" : 1 ,"laundering_type":"Fan_In""#, Some(true), Some("Fan_In"));
        check(r#","is_laundering":0,"laundering_type":" ""#, Some(false), None);
        check(r#","is_laundering":false,"laundering_type":"a\"b""#, Some(false), Some("a\"b"));
        check(r#","is_laundering":null,"laundering_type":null"#, None, None);
    }

    #[test]
    fn a_payment_may_be_part_of_a_story() {
        let check = |more: &str, story: Option<&str>| {
            let (rows, errors) = read_text("t.ndjson", &line("p-1", more));
            assert_eq!(errors, []);
            assert_eq!(rows[0].story.as_deref(), story, "{more}");
            assert_eq!(rows[0].transaction.to_canonical_json(), line("p-1", ""));
        };
        check("", None);
        check(r#","story":"fan_in-03""#, Some("fan_in-03"));
        check(r#","is_laundering":1,"laundering_type":"cycle","story":" c-1""#, Some("c-1"));
        check(r#","story":null"#, None);
        check(r#","story":"""#, None);
    }

    #[test]
    fn faulty_lines_name_the_field_and_never_quote_it() {
        let check = |text: &str, expect: &str| {
            let (rows, errors) = read_text("t.ndjson", &format!("{text}\n{}", line("p-2", "")));
            assert_eq!(errors[0].to_string(), format!("line 1: {expect}"));
            assert_eq!(rows.len(), 1, "{text}");
        };
        let with = |from: &str, to: &str| line("p-1", "").replace(from, to);
        check("secret", "the line is not JSON: unexpected character");
        check("{\"a\":", "the line is not JSON: it ends too early");
        check("[1]", "the transaction: not_an_object");
        check(&with("12.50", "12.505"), "amount: amount_too_many_decimals");
        check(
            &with("\"account\":\"a\",", "").replace("12.50", "secret"),
            "sender/account: missing; amount: amount_not_decimal",
        );
        let twice = "the line is not JSON: an object has the same key twice";
        check(&line("p-1", r#","amount":"1""#), twice);
        check(&line("p-1", r#","is_laundering":1,"amount":"1""#), twice);
        check(&line("p-1", r#","is_laundering":1,"is_laundering":1"#), twice);
        check(
            &line("p-1", r#","secret":1,"secrets":2"#).replace("\"GB\"", "\"GB\",\"secret\":1"),
            "the transaction: unknown_field; sender: unknown_field",
        );
        let label = "is_laundering is neither true nor false";
        check(&line("p-1", r#","is_laundering":"1""#), label);
        check(&line("p-1", r#","is_laundering":2"#), label);
        check(&line("p-1", r#","laundering_type":7"#), "laundering_type is not a string");
        check(&line("p-1", r#","story":["fan_in-03"]"#), "story is not a string");
    }

    #[test]
    fn a_line_that_is_not_text_or_too_long_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.ndjson");
        let mut bytes = b"\"\xff\"\n".to_vec();
        bytes.extend(line("p-1", &" ".repeat(super::super::lines::MAX_BYTES)).bytes());
        bytes.extend(format!("\n{}", line("p-2", "")).bytes());
        std::fs::write(&path, bytes).unwrap();
        let (rows, errors) = super::super::tests::read(&path);
        assert_eq!(errors[0], RowError { line: 1, reason: Fault::NotUtf8 });
        assert_eq!(errors[1].to_string(), "line 2: the line is longer than 65536 bytes");
        assert_eq!((rows.len(), rows[0].line), (1, 3));
    }

    #[test]
    fn a_payment_in_the_future_is_read() {
        let (rows, errors) = read_text("t.ndjson", &line("p-1", "").replace("2023", "2123"));
        assert_eq!((rows.len(), errors.len()), (1, 0));
    }
}
