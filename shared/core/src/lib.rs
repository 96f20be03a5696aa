//! The core of FinCrime Sentinel. It takes values and returns values: no `async`, no SDK, no
//! environment, no clock, no network. The same code therefore judges in Lambda, in a backtest, in
//! the feature builder and in a replay.
//!
//! From the bottom up: a [`payment`] as received; versioned documents that change under four eyes
//! ([`register`]), among them the [`mod@reference`] data; the [`state`] of accounts and the features
//! derived from it; the [`case`] of a payment; the [`rules`]; the [`cascade`] that combines all
//! answers into one decision; the [`investigation`] that people make of it; prompts and answers of
//! the [`llm`], and what may be spent on it ([`spend`]).

pub mod cascade;
pub mod case;
pub mod investigation;
pub mod json;
pub mod llm;
pub mod payment;
pub mod reference;
pub mod register;
pub mod registrar;
pub mod rules;
pub mod spend;
pub mod state;
pub mod wording;
