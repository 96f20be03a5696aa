//! What may be spent on the LLM: amounts, reservations' arithmetic, and the guard's decision.

pub mod budget;
pub mod guard;
