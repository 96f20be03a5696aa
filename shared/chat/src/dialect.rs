//! What a server accepts of a request. It starts with everything, and each refusal takes away the
//! part that the server names, or the next one if it names none.

use std::fmt;

/// The field that bounds an answer's length. One of them has to be accepted: without a bound no call
/// has a highest cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LengthField {
    MaxTokens,
    /// What OpenAI's newer models accept alone.
    MaxCompletionTokens,
}

impl LengthField {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::MaxTokens => "max_tokens",
            Self::MaxCompletionTokens => "max_completion_tokens",
        }
    }
}

/// How the form of an answer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerFormat {
    /// The server holds the model to the schema.
    JsonSchema,
    /// The server holds the model to JSON; the schema is in the instructions.
    JsonObject,
    /// The instructions alone.
    Plain,
}

/// The parts of a request that a server accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    pub(crate) length: LengthField,
    pub(crate) temperature: bool,
    pub(crate) format: AnswerFormat,
    /// Whether the other length field has been refused as well.
    pub(crate) length_tried: bool,
}

impl Dialect {
    /// Everything that OpenAI's API has.
    pub const FULL: Self = Self {
        length: LengthField::MaxTokens,
        temperature: true,
        format: AnswerFormat::JsonSchema,
        length_tried: false,
    };

    /// Returns what to try after a refusal with this body; `None` if the refusal has another cause or
    /// nothing is left to take away.
    pub fn after_refusal(self, body: &str) -> Option<Self> {
        let body = body.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| body.contains(word));
        // These are about what was sent, not about how.
        if says(&["content_filter", "content management", "context_length", "context length"]) {
            return None;
        }
        if says(&["temperature"]) && self.temperature {
            return Some(Self { temperature: false, ..self });
        }
        if says(&["max_tokens", "max_completion_tokens"]) {
            return self.with_other_length();
        }
        const FORMAT: [&str; 8] = [
            "response_format",
            "json_schema",
            "json_object",
            "schema",
            "grammar",
            "guided",
            "structured",
            "strict",
        ];
        if says(&FORMAT) {
            return self.with_simpler_format();
        }
        // Nothing is named: what is refused most often comes first.
        self.with_simpler_format()
            .or_else(|| self.temperature.then_some(Self { temperature: false, ..self }))
            .or_else(|| self.with_other_length())
    }

    fn with_simpler_format(self) -> Option<Self> {
        let format = match self.format {
            AnswerFormat::JsonSchema => AnswerFormat::JsonObject,
            AnswerFormat::JsonObject => AnswerFormat::Plain,
            AnswerFormat::Plain => return None,
        };
        Some(Self { format, ..self })
    }

    fn with_other_length(self) -> Option<Self> {
        let length = match self.length {
            _ if self.length_tried => return None,
            LengthField::MaxTokens => LengthField::MaxCompletionTokens,
            LengthField::MaxCompletionTokens => LengthField::MaxTokens,
        };
        Some(Self { length, length_tried: true, ..self })
    }
}

/// Whether a refusal names a part of the request.
pub(crate) fn names_a_part(body: &str) -> bool {
    const PARTS: [&str; 5] =
        ["temperature", "max_tokens", "max_completion_tokens", "response_format", "json_schema"];
    PARTS.iter().any(|part| body.contains(part))
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = match self.format {
            AnswerFormat::JsonSchema => "json_schema",
            AnswerFormat::JsonObject => "json_object",
            AnswerFormat::Plain => "no response_format",
        };
        let temperature = if self.temperature { "temperature" } else { "no temperature" };
        write!(f, "{}, {temperature}, {format}", self.length.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(refusals: &[&str], expect: &str) {
        let mut dialect = Dialect::FULL;
        for refusal in refusals {
            dialect = dialect.after_refusal(refusal).unwrap();
        }
        assert_eq!(dialect.to_string(), expect);
    }

    #[test]
    fn a_refusal_takes_away_what_it_names() {
        check(
            &["Unsupported parameter: 'max_tokens' is not supported with this model. Use \
               'max_completion_tokens' instead."],
            "max_completion_tokens, temperature, json_schema",
        );
        check(
            &["Unsupported value: 'temperature' does not support 0 with this model."],
            "max_tokens, no temperature, json_schema",
        );
        check(
            &["'response_format.type' must be 'json_object'"],
            "max_tokens, temperature, json_object",
        );
        check(
            &["json_schema is not supported", "response_format: extra fields not permitted"],
            "max_tokens, temperature, no response_format",
        );
    }

    #[test]
    fn a_refusal_that_names_nothing_takes_away_one_thing_after_the_other() {
        check(&["bad request"; 1], "max_tokens, temperature, json_object");
        check(&["bad request"; 2], "max_tokens, temperature, no response_format");
        check(&["bad request"; 3], "max_tokens, no temperature, no response_format");
        check(&["bad request"; 4], "max_completion_tokens, no temperature, no response_format");
        let mut dialect = Some(Dialect::FULL);
        for _ in 0..5 {
            dialect = dialect.and_then(|dialect| dialect.after_refusal("bad request"));
        }
        assert_eq!(dialect, None);
    }

    #[test]
    fn a_refusal_of_the_content_takes_away_nothing() {
        for body in [
            r#"{"error":{"code":"content_filter","message":"filtered by response_format"}}"#,
            "This model's maximum context length is 4096 tokens, max_tokens is too large",
        ] {
            assert_eq!(Dialect::FULL.after_refusal(body), None, "{body}");
        }
    }
}
