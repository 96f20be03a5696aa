//! The core of FinCrime Sentinel. It takes values and returns values: no `async`, no SDK, no
//! environment, no clock, no network. So the same code judges in Lambda, in a backtest, in the
//! feature builder and in a replay.
//!
//! From the bottom up: a [`payment`] as it was received, versioned documents under four eyes
//! ([`register`]) and the [`reference`] data among them, the [`state`] of accounts and what it says
//! of a payment, the [`case`] that is made of it, the [`rules`], the [`cascade`] that turns answers
//! into one decision, the words with an [`llm`], and what may be spent on that ([`spend`]).

pub mod cascade;
pub mod case;
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
