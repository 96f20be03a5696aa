//! The payment that a reversal takes back, and the values with which it was counted.

use sentinel::case::reversal::ReversiblePayment;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::{Kind, Transaction};
use sentinel::reference::Reference;
use sentinel::state::facts::Facts;

use super::StoreError;
use super::item::{self, Item};
use super::key::{TRANSACTION_SORT, transaction};

/// The payment that a reversal names, as stored.
#[derive(Debug, Clone)]
pub(super) struct Original {
    pub transaction: Transaction,
    /// `None` if it has not been counted yet.
    pub counted: Option<ReferenceValues>,
    pub is_reversed: bool,
}

/// What reference data determined of a payment when it was counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReferenceValues {
    base_amount: f64,
    near_threshold: bool,
    high_risk_country: bool,
}

/// Returns the key of the payment that a reversal names; `None` for any other transaction.
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
    /// Returns the payment as it was counted, with the rates, thresholds and lists of that time:
    /// taking it back with others would leave a residue.
    pub(super) fn paid(
        &self,
        counted: ReferenceValues,
        reference: &Reference,
    ) -> ReversiblePayment {
        let ReferenceValues { base_amount, near_threshold, high_risk_country } = counted;
        let facts = Facts::of(&self.transaction, reference);
        let (amount, log_amount) = (base_amount, libm::log1p(base_amount));
        let counted = Facts { amount, log_amount, near_threshold, high_risk_country, ..facts };
        ReversiblePayment::of(&self.transaction, counted)
    }
}
