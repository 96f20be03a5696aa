//! What lies around a payment: the state of its accounts, and of what is between them.

use crate::state::profile::{Pair, Profile};

/// The state a transaction is judged against: one read round-trip.
#[derive(Debug, Clone, Copy)]
pub struct Neighbourhood<'a> {
    pub sender: &'a Profile,
    pub receiver: &'a Profile,
    /// Sender to receiver.
    pub pair: Option<Pair>,
    /// Receiver to sender.
    pub reverse: Option<Pair>,
    /// The named sender over all its accounts.
    pub party: Option<&'a Profile>,
}

impl Neighbourhood<'_> {
    /// Of two accounts never seen.
    pub const UNKNOWN: Self = Self {
        sender: &Profile::UNKNOWN,
        receiver: &Profile::UNKNOWN,
        pair: None,
        reverse: None,
        party: None,
    };
}
