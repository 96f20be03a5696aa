//! What the third level is told ([`prompt`]), what is believed of its answer ([`answer`],
//! [`claims`]) and when it is left alone ([`breaker`]).
//!
//! The LLM can hold or raise a verdict, never clear one. It is told neither names, nor accounts, nor
//! purpose texts, and nothing of what it writes is shown unless its numbers and parties are found in
//! what it was told.

pub mod answer;
pub mod breaker;
pub mod claims;
pub mod prompt;
