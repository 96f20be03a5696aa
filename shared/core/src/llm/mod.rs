//! The third level of the cascade: what the LLM is told ([`prompt`]), how its answer is read and
//! verified ([`answer`], [`claims`]), and when it is not called ([`breaker`]).
//!
//! The LLM can keep or raise a verdict, but never clear one. It is told neither names nor accounts
//! nor purpose texts, and a sentence that it writes is shown only if its numbers and parties occur
//! in what it was told.

pub mod answer;
pub mod breaker;
pub mod claims;
pub mod prompt;
pub mod redact;
