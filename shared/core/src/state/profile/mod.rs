//! What an account has done, as bounded, commutative state: any permutation and any duplication of
//! the same decided events ends in the same profile, to the last digit. It consists of exact sums
//! of days and weeks (`windows`), forward-decayed sums (`decay`), registers that keep the newest
//! payment (`contacts`) and the account's first event; registers and first event commute by nature.
//!
//! **Event-time semantics.** Windows end with the transaction's own day even if newer events are
//! known. Decayed sums are taken as of the transaction's time or the profile's newest event,
//! whichever is later, so that an event out of order sees no weight above one. A late transaction
//! ([`crate::state::late`]) sees registers and ages as of its own time, but decayed sums as of the
//! newest event.

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
