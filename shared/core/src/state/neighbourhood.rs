//! The state around a payment: its two accounts, the pairs between them and the sender's party.

use crate::state::profile::{Pair, Profile};

/// The state a transaction is judged against, read in one round trip.
#[derive(Debug, Clone, Copy)]
pub struct Neighbourhood<'a> {
    pub sender: &'a Profile,
    pub receiver: &'a Profile,
    /// Payments from sender to receiver.
    pub pair: Option<Pair>,
    /// Payments from receiver to sender.
    pub reverse: Option<Pair>,
    /// The named sender over all its accounts.
    pub party: Option<&'a Profile>,
}

impl Neighbourhood<'_> {
    /// The neighbourhood of two accounts never seen before.
    pub const UNKNOWN: Self = Self {
        sender: &Profile::UNKNOWN,
        receiver: &Profile::UNKNOWN,
        pair: None,
        reverse: None,
        party: None,
    };
}
