//! The third level of the cascade: an LLM is asked where rules and model are unsure. What is sent
//! and what is believed is decided by pure code in the core (`sentinel::llm`); here are the call
//! itself ([`client`]) and its path through cache, breaker and budget ([`Escalation`]).

mod client;
mod config;
mod escalation;
mod secret;

pub use config::LlmConfig;
pub use escalation::{Escalation, Subject};
pub use secret::{SecretCache, SecretError, Secrets};
