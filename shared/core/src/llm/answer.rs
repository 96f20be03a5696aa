//! Reads the LLM's answer. An answer that does not match the requested schema exactly is refused;
//! from one that does, every finding about what the texts do not have is removed, and every sentence
//! that claims more than the prompt states. What is said in defence of a payment is not shown at
//! all: nobody but its payer gains from that.

use serde::Deserialize;

use super::claims::Vocabulary;
use super::findings::Finding;
use super::prompt::Prompt;
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
    #[error("neither a finding nor a sentence of the narrative is borne out by the evidence")]
    NothingVerified,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    assessment: Opinion,
    risk: f64,
    findings: Vec<Finding>,
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
            "findings": {
                "type": "array",
                "items": { "type": "string", "enum": Finding::ALL.map(Finding::code) },
            },
            "narrative": { "type": "string", "description": "two to five sentences" },
        },
        "required": ["assessment", "risk", "findings", "narrative"],
        "additionalProperties": false,
    })
}

/// Reads an answer to a prompt and keeps what can be verified.
pub fn read(text: &str, prompt: &Prompt) -> Result<LlmAssessment, UnusableAnswer> {
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
    let suspicious = answer.assessment == Opinion::Suspicious;
    let mut findings: Vec<Finding> = answer.findings;
    findings.sort_unstable();
    findings.dedup();
    findings.retain(|finding| finding.is_possible(prompt.texts));
    let checked = Vocabulary::of(prompt).check(&answer.narrative);
    if suspicious && checked.sentences.is_empty() && findings.is_empty() {
        return Err(UnusableAnswer::NothingVerified);
    }
    let narrative = if suspicious { checked.sentences.join(" ") } else { String::new() };
    Ok(LlmAssessment {
        suspicious,
        risk: answer.risk,
        findings,
        narrative,
        kept_sentences: u32::try_from(checked.sentences.len()).unwrap_or(u32::MAX),
        dropped_sentences: checked.dropped,
    })
}

#[cfg(test)]
mod tests;
