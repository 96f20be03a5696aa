//! The effect of a transaction on the state of its accounts, and the writes that apply it. Most
//! transactions add; a reversal takes back what its original added and marks the original, so that
//! no other reversal takes it back again.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};

use super::item::{self, key, s};
use super::key::{PROFILE_SORT, TRANSACTION_SORT, account, pair_sort, party, transaction};
use super::profiles::{StoredProfile, pair_update, profile_update};
use super::surroundings::Surroundings;
use super::{Store, StoreError};
use sentinel::case::notes::Note;
use sentinel::case::reversal::ReversiblePayment;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::{AccountIdentity, Kind, Transaction};
use sentinel::reference::Reference;
use sentinel::state::profile::Increments;

/// The effect of a transaction on its accounts, their pair and its party.
#[derive(Debug, Clone)]
pub struct TransactionEffect {
    increments: Increments,
    /// The payment that is taken back; the increments are then those of its accounts.
    original: Option<Transaction>,
    /// Why a reversal takes nothing back, if it does not.
    pub note: Option<Note>,
}

impl Surroundings {
    /// Returns the effect of the transaction. `None` if the payment that it takes back has been
    /// accepted but not counted yet, which has to happen first.
    pub fn effect(&self, tx: &Transaction, reference: &Reference) -> Option<TransactionEffect> {
        if tx.kind != Kind::Reversal {
            let increments = Increments::of(&self.facts, self.pair);
            return Some(TransactionEffect { increments, original: None, note: None });
        }
        let nothing = |note| {
            let increments = Increments::nothing();
            Some(TransactionEffect { increments, original: None, note: Some(note) })
        };
        let Some(original) = &self.original else { return nothing(Note::OriginalUnknown) };
        let (reversal, paid) =
            (ReversiblePayment::of(tx, self.facts), original.paid(original.counted?, reference));
        if let Some(note) = reversal.obstacle(Some(&paid), original.is_reversed) {
            return nothing(note);
        }
        let pair = if reversal.is_turned_from(&paid) { self.reverse } else { self.pair };
        let Some(pair) = pair else { return nothing(Note::OriginalUnknown) };
        let increments = Increments::reversing(&paid.facts, pair);
        Some(TransactionEffect {
            increments,
            original: Some(original.transaction.clone()),
            note: None,
        })
    }
}

impl Store {
    /// Returns the writes that apply an effect to the accounts, their pair and the party.
    pub(super) fn state_updates(
        &self,
        tenant: &Tenant,
        tx: &Transaction,
        around: &Surroundings,
        effect: &TransactionEffect,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        // Taking back moves no register and no first event, so the profiles need not be known.
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
            let named = effect.original.is_none().then(|| around.named.with(tx)).flatten();
            let named = named.map(|now| (&around.named, now));
            items.push(pair_update(self, pair_key, pair, named)?);
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

    /// Marks the original with the reversal that takes it back. If another reversal was faster, the
    /// condition fails and the writer reads again.
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
