//! A JSON document read strictly: duplicate keys are an error, whereas serde_json's own `Value`
//! silently keeps the last one.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::json::{self, DUPLICATE_KEY, Fault, Unreadable};

/// A JSON value. Values that no field accepts, such as booleans, are not kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Bool,
    /// A non-negative integer, which an id may be.
    Integer(u64),
    /// Any other number.
    Number,
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Why a body is not a single JSON document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MalformedJson {
    #[error("The body is empty; a JSON document is expected.")]
    Empty,
    #[error("The body begins with a byte order mark; send plain UTF-8.")]
    ByteOrderMark,
    #[error("The body is not valid UTF-8 at byte {offset}.")]
    NotUtf8 { offset: usize },
    #[error("The body is not valid JSON: {what} at line {line}, column {column}.")]
    Json { what: &'static str, line: usize, column: usize },
}

impl Json {
    /// Reads a body that must be exactly one document.
    pub(super) fn read(body: &[u8]) -> Result<Self, MalformedJson> {
        let text = std::str::from_utf8(body)
            .map_err(|err| MalformedJson::NotUtf8 { offset: err.valid_up_to() })?;
        if text.starts_with('\u{feff}') {
            return Err(MalformedJson::ByteOrderMark);
        }
        if text.trim_ascii().is_empty() {
            return Err(MalformedJson::Empty);
        }
        json::read(text).map_err(MalformedJson::of)
    }
}

impl MalformedJson {
    fn of(Unreadable { fault, line, column }: Unreadable) -> Self {
        let what = match fault {
            Fault::EndsEarly => "it ends too early",
            Fault::SomethingFollows => "something follows the document",
            Fault::NestedTooDeeply => "it is nested too deeply",
            Fault::NumberOutOfRange => "a number is out of range",
            Fault::DuplicateKey => "an object has the same key twice",
            Fault::NotJson | Fault::OtherForm => "unexpected character",
        };
        Self::Json { what, line, column }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Bool)
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Integer(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Json, E> {
        Ok(Json::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members: Vec<(String, Json)> = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if members.iter().any(|(known, _)| *known == key) {
                return Err(A::Error::custom(DUPLICATE_KEY));
            }
            members.push((key, map.next_value()?));
            // The scan above is quadratic, so the number of members is bounded.
            if members.len() > MAX_MEMBERS {
                return Err(A::Error::custom("too many members"));
            }
        }
        Ok(Json::Object(members))
    }
}

const MAX_MEMBERS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &[u8], message: &str) {
        assert_eq!(Json::read(body).unwrap_err().to_string(), message);
    }

    #[test]
    fn malformed_bodies_say_where_and_never_quote() {
        check(b"", "The body is empty; a JSON document is expected.");
        check(b"{\"a\":\n12", "The body is not valid JSON: it ends too early at line 2, column 2.");
        check(
            b"{} x",
            "The body is not valid JSON: something follows the document at line 1, column 4.",
        );
        check(
            b"{\"a\":1,\"a\":2}",
            "The body is not valid JSON: an object has the same key twice at line 1, column 10.",
        );
        check(b"\xef\xbb\xbf{}", "The body begins with a byte order mark; send plain UTF-8.");
        check(b"{\"a\":\"\xff\"}", "The body is not valid UTF-8 at byte 6.");
        check(
            b"{\"a\":1e999}",
            "The body is not valid JSON: a number is out of range at line 1, column 10.",
        );
        check(
            b"{\"a\":NaN}",
            "The body is not valid JSON: unexpected character at line 1, column 6.",
        );
    }

    #[test]
    fn a_lone_surrogate_and_deep_nesting_are_malformed() {
        assert!(Json::read(br#"{"a":"\ud800"}"#).is_err());
        let deep = "[".repeat(10_000);
        assert!(Json::read(deep.as_bytes()).unwrap_err().to_string().contains("nested too deeply"));
    }
}
