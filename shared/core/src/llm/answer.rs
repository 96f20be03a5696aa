//! Reads the LLM's answer. An answer that does not match the requested schema exactly is refused;
//! from one that does, every sentence that claims more than the prompt states is removed.

use serde::Deserialize;

use super::claims::Vocabulary;
use crate::case::evidence::LlmAssessment;
use crate::json::{Value, json};

/// Longest answer that is read, in bytes; answers to the schema take fewer than 2,000.
const ANSWER_BYTES: usize = 8_192;
/// Longest narrative accepted, in bytes; checking its claims shortens it further.
const NARRATIVE_BYTES: usize = 4_000;

/// Why an answer is not used, without quoting it.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum UnusableAnswer {
    #[error("the answer is longer than {ANSWER_BYTES} bytes")]
    TooLong,
    #[error("the answer is not of the schema, line {line} column {column}")]
    NotOfTheSchema { line: usize, column: usize },
    #[error("the risk is not from 0 to 1")]
    RiskOutOfRange,
    #[error("the narrative is longer than {NARRATIVE_BYTES} bytes")]
    NarrativeTooLong,
    #[error("no sentence of the narrative is borne out by the evidence")]
    NothingVerified,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    assessment: Opinion,
    risk: f64,
    narrative: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Opinion {
    Suspicious,
    NotSuspicious,
}

/// Returns the JSON schema of the answer, in the subset that providers' strict modes support. They
/// support neither ranges nor lengths, so [`read`] checks those.
pub fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "assessment": { "type": "string", "enum": ["suspicious", "not_suspicious"] },
            "risk": { "type": "number", "description": "0 to 1" },
            "narrative": { "type": "string", "description": "two to five sentences" },
        },
        "required": ["assessment", "risk", "narrative"],
        "additionalProperties": false,
    })
}

/// Reads an answer and keeps the sentences whose claims are in the vocabulary.
pub fn read(text: &str, vocabulary: &Vocabulary) -> Result<LlmAssessment, UnusableAnswer> {
    if text.len() > ANSWER_BYTES {
        return Err(UnusableAnswer::TooLong);
    }
    let answer: Answer = crate::json::read(text)
        .map_err(|err| UnusableAnswer::NotOfTheSchema { line: err.line, column: err.column })?;
    if !(0.0..=1.0).contains(&answer.risk) {
        return Err(UnusableAnswer::RiskOutOfRange);
    }
    if answer.narrative.len() > NARRATIVE_BYTES {
        return Err(UnusableAnswer::NarrativeTooLong);
    }
    let checked = vocabulary.check(&answer.narrative);
    if checked.sentences.is_empty() {
        return Err(UnusableAnswer::NothingVerified);
    }
    Ok(LlmAssessment {
        suspicious: answer.assessment == Opinion::Suspicious,
        risk: answer.risk,
        narrative: checked.sentences.join(" "),
        dropped_sentences: checked.dropped,
    })
}

#[cfg(test)]
mod tests;
