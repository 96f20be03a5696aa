//! What one read finds around a transaction: its accounts, their pairs, its party and its original.

use sentinel::state::facts::Facts;
use sentinel::state::neighbourhood::Neighbourhood;
use sentinel::state::profile::Pair;

use super::named_payments::NamedPayments;
use super::original::Original;
use super::profiles::StoredProfile;

/// What the table knew about the surroundings of a transaction when they were read.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Whether the transaction is already settled: decided, or counted as history.
    pub decided: bool,
    /// Whether its decision waits for the LLM's look.
    pub awaits_second_look: bool,
    pub(super) facts: Facts,
    /// From sender to receiver.
    pub(super) pair: Option<Pair>,
    /// The payments from sender to receiver that the pair names.
    pub(super) named: NamedPayments,
    /// From receiver to sender.
    pub(super) reverse: Option<Pair>,
    /// The payment that a reversal takes back.
    pub(super) original: Option<Original>,
    pub(super) sender: StoredProfile,
    pub(super) receiver: StoredProfile,
    pub(super) party: Option<StoredProfile>,
}

impl Surroundings {
    /// Returns the surroundings in the form that features are computed from.
    pub fn neighbourhood(&self) -> Neighbourhood<'_> {
        Neighbourhood {
            sender: &self.sender.profile,
            receiver: &self.receiver.profile,
            pair: self.pair,
            reverse: self.reverse,
            party: self.party.as_ref().map(|party| &party.profile),
        }
    }
}
