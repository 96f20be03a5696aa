//! The third level: an LLM is asked where rules and model are unsure. What is sent ([`prompt`]), what
//! is believed ([`answer`], [`claims`]) and when the LLM is left alone ([`breaker`]) are pure; the
//! call itself ([`client`]) and its way through cache, breaker and budget ([`escalation`]) are behind
//! the feature `llm`.
//!
//! The LLM can hold or raise a verdict, never clear one. It is told neither names, nor accounts, nor
//! purpose texts, and nothing of what it writes is shown unless its numbers and parties are found in
//! what it was told.

pub mod answer;
pub mod breaker;
pub mod claims;
pub mod prompt;

#[cfg(feature = "llm")]
mod client;
#[cfg(feature = "llm")]
pub mod config;
#[cfg(feature = "llm")]
pub mod escalation;

#[cfg(feature = "llm")]
pub use config::LlmConfig;
#[cfg(feature = "llm")]
pub use escalation::Escalation;
