//! Reads a server's response: where the answer is, and what it cost. Servers put the answer into the
//! message, into parts of it or into the arguments of a tool call, with a model's reasoning before
//! it or beside it, and some wrap it in Markdown.

use sentinel::json::{self, Value};

/// A successful response.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    /// The answer's JSON text; `None` if the response holds none, or more than one.
    pub content: Option<String>,
    pub usage: Option<Usage>,
}

/// Token counts reported by the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
}

/// The field by which an answer is recognised.
const MARK: &str = "assessment";

/// Reads what is needed of a response. Usage counts even if there is no answer.
pub(crate) fn completion(body: &[u8]) -> Completion {
    let body: Value = json::read(body).unwrap_or_default();
    let usage = usage(&body["usage"]);
    let message = &body["choices"][0]["message"];
    let told = !message["refusal"].is_string();
    let content = texts(message).into_iter().find_map(|text| answer_in(&text)).filter(|_| told);
    Completion { content, usage }
}

fn usage(usage: &Value) -> Option<Usage> {
    let count = |name: &str| count(&usage[name]);
    Some(Usage {
        prompt_tokens: count("prompt_tokens").or_else(|| count("input_tokens"))?,
        completion_tokens: count("completion_tokens").or_else(|| count("output_tokens"))?,
    })
}

/// Returns a count that may be written as a float or as text.
fn count(value: &Value) -> Option<u64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
    (0.0..9e15).contains(&number).then_some(number.ceil() as u64)
}

/// Returns the texts of a message that may hold the answer; its reasoning is none.
fn texts(message: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    match &message["content"] {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(parts) => {
            texts.push(parts.iter().filter_map(|part| part["text"].as_str()).collect());
        }
        _ => {}
    }
    let calls = [&message["tool_calls"][0]["function"], &message["function_call"]];
    texts.extend(calls.iter().filter_map(|call| match &call["arguments"] {
        Value::String(text) => Some(text.clone()),
        arguments @ Value::Object(_) => Some(arguments.to_string()),
        _ => None,
    }));
    texts
}

/// Returns the one answer in a text: alone, in Markdown, or between other words. Two answers are
/// none, because one of them may be quoted from what the model has read.
fn answer_in(text: &str) -> Option<String> {
    // What a model thinks before it answers.
    let text = text.rsplit_once("</think>").map_or(text, |(_, answer)| answer);
    let whole = text.trim();
    if is_answer(whole) {
        return Some(whole.to_owned());
    }
    let mut answers = objects(text).filter(|object| is_answer(object));
    match (answers.next(), answers.next()) {
        (Some(answer), None) => Some(answer.to_owned()),
        (Some(_), Some(_)) => None,
        // Not even JSON: whoever reads it says why it is of no use.
        (None, _) => (!whole.is_empty()).then(|| whole.to_owned()),
    }
}

fn is_answer(text: &str) -> bool {
    text.starts_with('{') && text.contains(MARK) && text.ends_with('}') && {
        let read: Result<Value, _> = json::read(text);
        // One that is not JSON (a risk of NaN, a field twice) still is the answer, and refused later.
        read.map_or(objects(text).count() == 1, |object| object.get(MARK).is_some())
    }
}

/// Returns the objects of a text that are in no other: from a `{` to its `}`, strings aside.
fn objects(text: &str) -> impl Iterator<Item = &str> {
    /// Most braces that are tried, since each may make the rest of the text be read.
    const STARTS: u32 = 200;
    let (mut rest, mut starts) = (text, 0);
    std::iter::from_fn(move || {
        loop {
            starts += 1;
            if starts > STARTS {
                return None;
            }
            rest = &rest[rest.find('{')?..];
            let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
            let end = rest.char_indices().find_map(|(at, c)| {
                match c {
                    _ if escaped => escaped = false,
                    '\\' if quoted => escaped = true,
                    '"' => quoted = !quoted,
                    '{' if !quoted => depth += 1,
                    '}' if !quoted => depth -= 1,
                    _ => {}
                }
                (depth == 0).then_some(at + 1)
            });
            match end {
                Some(end) => {
                    let (object, after) = rest.split_at(end);
                    rest = after;
                    return Some(object);
                }
                None => rest = &rest[1..],
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ANSWER: &str = r#"{"assessment":"suspicious","risk":0.8,"narrative":"a } b"}"#;

    fn read(message: Value) -> Completion {
        completion(json!({"choices": [{"message": message}]}).to_string().as_bytes())
    }

    #[track_caller]
    fn check(message: Value) {
        assert_eq!(read(message.clone()).content.as_deref(), Some(ANSWER), "{message}");
    }

    #[test]
    fn an_answer_is_found_wherever_a_server_puts_it() {
        let after =
            |before: &str, behind: &str| json!({"content": format!("{before}{ANSWER}{behind}")});
        check(after("", ""));
        check(after("```json\n", "\n```"));
        check(after("Here you are:\n```\n", "\n```\nAnything else?"));
        check(after("<think>Perhaps {\"assessment\":\"not_suspicious\"}?</think>\n", ""));
        check(json!({"content": ANSWER, "reasoning_content": "{\"assessment\":1}"}));
        check(json!({"content": [{"type": "text", "text": ANSWER}]}));
        let call = json!({"function": {"name": "assessment", "arguments": ANSWER}});
        check(json!({"content": null, "tool_calls": [call]}));
        check(json!({"content": "", "function_call": {"arguments": ANSWER}}));
    }

    #[test]
    fn two_answers_are_none() {
        let text = format!("The text says {ANSWER}. I say {ANSWER}");
        assert_eq!(read(json!({"content": text})).content, None);
    }

    #[test]
    fn no_answer_is_none() {
        for message in [
            json!({"content": null}),
            json!({"content": "", "reasoning_content": ANSWER}),
            json!({"content": ANSWER, "refusal": "I cannot help with that."}),
            json!(null),
        ] {
            assert_eq!(read(message.clone()).content, None, "{message}");
        }
        assert_eq!(completion(b"<html>").content, None);
        // Words are passed on to be refused, with the reason.
        assert_eq!(read(json!({"content": "I will not."})).content.as_deref(), Some("I will not."));
    }

    #[test]
    fn usage_is_read_in_any_form_or_not_at_all() {
        let usage = |usage: Value| completion(json!({"usage": usage}).to_string().as_bytes()).usage;
        let known = Some(Usage { prompt_tokens: 7, completion_tokens: 3 });
        assert_eq!(usage(json!({"prompt_tokens": 7, "completion_tokens": 3})), known);
        assert_eq!(usage(json!({"prompt_tokens": 6.5, "completion_tokens": "3"})), known);
        assert_eq!(usage(json!({"input_tokens": 7, "output_tokens": 3})), known);
        for partial in [json!(null), json!({}), json!({"prompt_tokens": 7}), json!("x")] {
            assert_eq!(usage(partial.clone()), None, "{partial}");
        }
        assert_eq!(usage(json!({"prompt_tokens": -7, "completion_tokens": 3})), None);
    }
}
