//! The third level of the cascade: an LLM is asked where rules and model are unsure. What is sent
//! and what is believed is decided by pure code in the core (`sentinel::llm`), and how servers are
//! spoken to by the crate `chat`; here is a call's path through cache, breaker and budget
//! ([`Escalation`]).

mod config;
mod escalation;
mod refusals;
mod secret;

pub use config::LlmConfig;
pub use escalation::{Escalation, Subject};
pub use secret::{SecretCache, SecretError, Secrets};
