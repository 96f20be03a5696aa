//! The third level of the cascade: what the LLM is told ([`prompt`]), how its answer is read and
//! verified ([`answer`], [`claims`]), and when it is not called ([`breaker`]).
//!
//! The LLM can keep or raise a verdict, but never clear one. It reads purpose texts without names,
//! accounts and contacts ([`redact`]), and what it finds in them it says by [`findings`] of a fixed
//! list; a sentence that it writes is shown only if its numbers, parties and words are ours.

pub mod answer;
pub mod breaker;
pub mod claims;
pub mod findings;
pub mod prompt;
pub mod redact;
pub mod shape;
