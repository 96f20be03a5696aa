//! What a transaction does to the state of its accounts, and the writes that do it. Most add; a reversal
//! takes back what its original had added, and marks it, so that no other reversal does so again.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};

use super::item::{self, key, s};
use super::key::{PROFILE_SORT, TRANSACTION_SORT, account, pair_sort, party, transaction};
use super::profiles::{StoredProfile, pair_update, profile_update};
use super::surroundings::Surroundings;
use super::{Store, StoreError};
use sentinel::case::notes::Note;
use sentinel::case::reversal::Paid;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::{AccountIdentity, Kind, Transaction};
use sentinel::reference::Reference;
use sentinel::state::profile::Increments;

/// What a transaction does to its accounts, their pair and its party.
#[derive(Debug, Clone)]
pub struct Effect {
    increments: Increments,
    /// What is taken back: the increments are its accounts'.
    original: Option<Transaction>,
    /// Why a reversal takes nothing back.
    pub note: Option<Note>,
}

impl Surroundings {
    /// What the transaction does. `None` if the payment that it takes back is accepted and not counted
    /// yet: that has to come first.
    pub fn effect(&self, tx: &Transaction, reference: &Reference) -> Option<Effect> {
        if tx.kind != Kind::Reversal {
            let increments = Increments::of(&self.facts, self.pair);
            return Some(Effect { increments, original: None, note: None });
        }
        let nothing = |note| {
            let increments = Increments::nothing();
            Some(Effect { increments, original: None, note: Some(note) })
        };
        let Some(original) = &self.original else { return nothing(Note::OriginalUnknown) };
        let (reversal, paid) =
            (Paid::of(tx, self.facts), original.paid(original.counted?, reference));
        if let Some(note) = reversal.obstacle(Some(&paid), original.is_reversed) {
            return nothing(note);
        }
        let pair = if reversal.is_turned_from(&paid) { self.reverse } else { self.pair };
        let Some(pair) = pair else { return nothing(Note::OriginalUnknown) };
        let increments = Increments::taking_back(&paid.facts, pair);
        Some(Effect { increments, original: Some(original.transaction.clone()), note: None })
    }
}

impl Store {
    /// What a transaction changes of its accounts, their pair and its party.
    pub(super) fn state_updates(
        &self,
        tenant: &Tenant,
        tx: &Transaction,
        around: &Surroundings,
        effect: &Effect,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        // What is taken back moves no register and no first event: nothing has to be known for it.
        let unknown = StoredProfile::default();
        let (of, sender, receiver, party_of) = match &effect.original {
            None => (tx, &around.sender, &around.receiver, around.party.as_ref()),
            Some(original) => (original, &unknown, &unknown, None),
        };
        let (from, to) = (&of.sender.identity(), &of.receiver.identity());
        let profile_key = |of: &AccountIdentity| key(account(tenant, of), PROFILE_SORT);
        let changes = &effect.increments;
        let mut items = Vec::new();
        if let Some(pair) = &changes.pair {
            let pair_key = key(account(tenant, from), pair_sort(to));
            items.push(profile_update(self, profile_key(from), sender, &changes.sender, Some(to))?);
            items.push(profile_update(
                self,
                profile_key(to),
                receiver,
                &changes.receiver,
                Some(from),
            )?);
            items.push(pair_update(self, pair_key, pair)?);
        }
        if let Some((id, change)) = &changes.party {
            let key = key(party(tenant, *id), PROFILE_SORT);
            items.push(profile_update(self, key, party_of.unwrap_or(&unknown), change, None)?);
        }
        if let Some(original) = &effect.original {
            items.push(self.reversed_mark(tenant, original, tx)?);
        }
        Ok(items)
    }

    /// The original says who took it back; where another did meanwhile, the writer reads again.
    fn reversed_mark(
        &self,
        tenant: &Tenant,
        original: &Transaction,
        by: &Transaction,
    ) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(transaction(tenant, &original.msg_id), TRANSACTION_SORT)))
            .update_expression("SET reversed_by = :by")
            .condition_expression(
                "attribute_exists(decided_at) AND attribute_not_exists(reversed_by)",
            )
            .expression_attribute_values(":by", s(by.msg_id.as_str()));
        item::update(update)
    }
}
