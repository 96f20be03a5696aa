//! What a transaction does to the state of its accounts, and the writes that do it. Most add; a reversal
//! takes back what its original had added, and marks it, so that no other reversal does so again.

use aws_sdk_dynamodb::types::{TransactWriteItem, Update};

use super::item::{self, Item, key, s};
use super::key::{PROFILE_SORT, TRANSACTION_SORT, account, pair_sort, party, transaction};
use super::profiles::{StoredProfile, pair_update, profile_update};
use super::record::Surroundings;
use super::{Store, StoreError};
use sentinel::case::notes::Note;
use sentinel::case::reversal::Paid;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::{AccountIdentity, Kind, Transaction};
use sentinel::reference::Reference;
use sentinel::state::facts::Facts;
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

/// The payment that a reversal names, as stored.
#[derive(Debug, Clone)]
pub(super) struct Original {
    transaction: Transaction,
    /// `None` if it has not been counted yet.
    counted: Option<ReferenceValues>,
    is_reversed: bool,
}

/// What reference data made of a payment when it was counted.
#[derive(Debug, Clone, Copy)]
struct ReferenceValues {
    base_amount: f64,
    near_threshold: bool,
    high_risk_country: bool,
}

/// Where the payment that a reversal names is kept.
pub(super) fn original_key(tenant: &Tenant, tx: &Transaction) -> Option<(String, String)> {
    let original = tx.original_msg_id.as_ref().filter(|_| tx.kind == Kind::Reversal)?;
    Some((transaction(tenant, original), TRANSACTION_SORT.to_owned()))
}

pub(super) fn read_original(item: &Item) -> Result<Original, StoreError> {
    let body = item::text(item, "body")?;
    let transaction = sentinel::json::read(&body).map_err(|_| StoreError::Item("body"))?;
    Ok(Original {
        transaction,
        counted: item::number(item, "base_amount").map(|base_amount| ReferenceValues {
            base_amount,
            near_threshold: item::flag(item, "near_threshold"),
            high_risk_country: item::flag(item, "high_risk_country"),
        }),
        is_reversed: item.contains_key("reversed_by"),
    })
}

impl Original {
    /// What was counted: with the rates, thresholds and lists of then, so that others leave no residue.
    fn paid(&self, counted: ReferenceValues, reference: &Reference) -> Paid {
        let ReferenceValues { base_amount, near_threshold, high_risk_country } = counted;
        let facts = Facts::of(&self.transaction, reference);
        let (amount, log_amount) = (base_amount, libm::log1p(base_amount));
        let counted = Facts { amount, log_amount, near_threshold, high_risk_country, ..facts };
        Paid::of(&self.transaction, counted)
    }
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
