//! What an account has done, as bounded, commutative state: any permutation and any duplication of
//! the same decided events ends in the same profile, to the last digit. Part of it are exact sums of
//! days and weeks (`windows`) and forward-decayed ones (`decay`); the rest are registers that keep
//! the newest payment (`contacts`) and the account's first event, which commute by nature.
//!
//! **Event-time semantics.** Windows end with the transaction's own day, also where newer events are
//! known. Decayed sums are taken as of the later of its own time and the newest event the profile
//! holds, so an event out of order sees no weight above one. One that comes late
//! ([`crate::state::late`]) sees registers and ages as of its own time; its decayed sums stay those of
//! the newest event.

mod account;
mod contacts;
mod decay;
mod fixed;
mod increments;
mod pair;
mod slots;
mod view;
mod windows;

pub use account::Profile;
pub use contacts::{Contact, Contacts, REGISTERS, register_of};
pub use decay::{DecayedSum, HalfLife};
pub use fixed::FixedPoint;
pub use increments::{Increments, PairChange, ProfileChange, SlotAdd};
pub use pair::Pair;
pub use slots::{Direction, Measure, SLOT_COUNT, Slot};
pub use view::View;
pub use windows::{Bucket, Kind, LONG, Span, Sum, Windows};

#[cfg(test)]
mod tests;
