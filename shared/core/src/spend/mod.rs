//! What may be spent on the LLM: prices, reservations, and the decision of the budget guard.

pub mod budget;
pub mod guard;
pub mod notice;
