//! What one read round-trip finds around a transaction: its accounts, their pair, its original.

use sentinel::state::facts::Facts;
use sentinel::state::neighbourhood::Neighbourhood;
use sentinel::state::profile::Pair;

use super::original::Original;
use super::profiles::StoredProfile;

/// What the table knew when a transaction was read in.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Whether a decision exists already.
    pub decided: bool,
    pub(super) facts: Facts,
    /// Sender to receiver.
    pub(super) pair: Option<Pair>,
    pub(super) reverse: Option<Pair>,
    /// The payment that a reversal takes back.
    pub(super) original: Option<Original>,
    pub(super) sender: StoredProfile,
    pub(super) receiver: StoredProfile,
    pub(super) party: Option<StoredProfile>,
}

impl Surroundings {
    /// As the features read them.
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
