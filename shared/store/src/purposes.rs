//! The purposes of earlier payments, for the LLM. A pair keeps the ids of its newest payments with a
//! purpose, which fit into the write unit that the pair takes anyway; the texts stay with their
//! transactions, so that deleting one there leaves no copy. They are read only for a case that the
//! LLM is asked about: one read for the pair and the sender, one for the pairs with its newest other
//! counterparties, one for the transactions.

use std::collections::HashMap;

use sentinel::llm::prompt::{
    EARLIER_BETWEEN, EARLIER_OF_SENDER, EARLIER_TO_SENDER, PurposeHistory,
};
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::{MsgId, Transaction};
use sentinel::payment::utc_time::UtcTime;
use sentinel::state::profile::Direction;

use super::item;
use super::key::{PROFILE_SORT, TRANSACTION_SORT, account, pair_sort, transaction};
use super::named_payments::{NamedPayment, NamedPayments};
use super::profiles::read_profile;
use super::{Store, StoreError};

impl Store {
    /// Returns the earlier payments whose purposes throw light on a payment's.
    pub async fn purpose_history(
        &self,
        tenant: &Tenant,
        tx: &Transaction,
    ) -> Result<PurposeHistory, StoreError> {
        let (sender, receiver) = (tx.sender.identity(), tx.receiver.identity());
        let of_sender = account(tenant, &sender);
        let pair = (of_sender.clone(), pair_sort(&receiver));
        let profile = (of_sender.clone(), PROFILE_SORT.to_owned());
        let items = self.batch_get(&[pair.clone(), profile.clone()]).await?;
        let between = items.get(&pair).map(NamedPayments::read).unwrap_or_default();
        let known = items.get(&profile).map(read_profile).unwrap_or_default();
        let payees = known.newest(Direction::Out, &receiver, EARLIER_OF_SENDER);
        let payers = known.newest(Direction::In, &receiver, EARLIER_TO_SENDER);
        let to_payees: Vec<_> =
            payees.iter().map(|payee| (of_sender.clone(), pair_sort(payee))).collect();
        let of_payers: Vec<_> =
            payers.iter().map(|payer| (account(tenant, payer), pair_sort(&sender))).collect();
        let keys: Vec<_> = to_payees.iter().chain(&of_payers).cloned().collect();
        let pairs = if keys.is_empty() { HashMap::new() } else { self.batch_get(&keys).await? };
        let before = UtcTime::from(tx.timestamp.instant());
        let earlier = |named: Vec<NamedPayment>, most: usize| -> Vec<MsgId> {
            let mut named = named;
            named.retain(|named| named.at <= before && named.msg_id != tx.msg_id);
            named.sort_by(|a, b| b.cmp(a));
            named.into_iter().take(most).map(|named| named.msg_id).collect()
        };
        let named_by = |keys: &[(String, String)]| -> Vec<NamedPayment> {
            let pairs = keys.iter().filter_map(|key| pairs.get(key));
            pairs.flat_map(|item| NamedPayments::read(item).0).collect()
        };
        let ids: Vec<MsgId> = [
            earlier(between.0, EARLIER_BETWEEN),
            earlier(named_by(&to_payees), EARLIER_OF_SENDER),
            earlier(named_by(&of_payers), EARLIER_TO_SENDER),
        ]
        .concat();
        let found = self.transactions(tenant, &ids).await?;
        let told = found.into_iter().filter(|tx| tx.purpose.is_some()).collect();
        Ok(PurposeHistory::of(tx, told))
    }

    /// Returns earlier payments by their ids, in this order; those that are gone are left out.
    pub async fn transactions(
        &self,
        tenant: &Tenant,
        ids: &[MsgId],
    ) -> Result<Vec<Transaction>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let key = |id: &MsgId| (transaction(tenant, id), TRANSACTION_SORT.to_owned());
        let items = self.batch_get(&ids.iter().map(key).collect::<Vec<_>>()).await?;
        let found = ids.iter().filter_map(|id| items.get(&key(id)));
        found
            .map(|item| item::parsed(item, "body", |text| sentinel::json::read(text).ok()))
            .collect()
    }
}
