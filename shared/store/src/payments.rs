//! The payments of an account, newest first, through the two indexes that list what it sent and what
//! it received; and its profile as people see it.

use super::item::{self, Item, s};
use super::key::{PROFILE_SORT, account};
use super::profiles::read_profile;
use super::{Store, StoreError};
use sentinel::case::alert_id::AlertId;
use sentinel::payment::side::Side;
use sentinel::payment::tenant::Tenant;
use sentinel::payment::transaction::{AccountIdentity, Transaction};
use sentinel::state::profile::Profile;

/// A payment as an account's list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountPayment {
    pub tx: Transaction,
    /// The side that the account is on.
    pub side: Side,
    /// The amount in the base currency, as it was counted; 0 without a rate.
    pub base_amount: f64,
    /// `None` for history, which is not judged.
    pub risk: Option<f64>,
    /// The alert or review that it belongs to.
    pub alert_id: Option<AlertId>,
    /// Place in the order, by which a listing resumes.
    place: String,
}

/// A page of an account's payments.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PaymentPage {
    pub payments: Vec<AccountPayment>,
    /// Where the next page begins; `None` if there is none.
    pub cursor: Option<String>,
    /// Number of payments left out because their items cannot be read.
    pub unreadable: u32,
}

impl Store {
    /// Reads the payments of an account before a place in their order, newest first.
    pub async fn account_payments(
        &self,
        tenant: &Tenant,
        of: &AccountIdentity,
        before: Option<&str>,
        limit: usize,
    ) -> Result<PaymentPage, StoreError> {
        let [sent, received] = [Side::Sender, Side::Receiver]
            .map(|side| self.payments_of_side(tenant, (of, side), before, limit));
        let ((sent, more_sent), (received, more_received)) = tokio::try_join!(sent, received)?;
        let mut page = PaymentPage::default();
        let mut add = |items: Vec<Item>, side: Side| {
            for item in items {
                match read(&item, side) {
                    Ok(payment) => page.payments.push(payment),
                    Err(_) => page.unreadable += 1,
                }
            }
        };
        add(sent, Side::Sender);
        add(received, Side::Receiver);
        page.payments.sort_by(|a, b| b.place.cmp(&a.place));
        if page.payments.len() > limit || more_sent || more_received {
            page.payments.truncate(limit);
            page.cursor = page.payments.last().map(|payment| payment.place.clone());
        }
        Ok(page)
    }

    async fn payments_of_side(
        &self,
        tenant: &Tenant,
        (of, side): (&AccountIdentity, Side),
        before: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Item>, bool), StoreError> {
        let (index, name) = match side {
            Side::Sender => ("payments_sent", "sender_key"),
            Side::Receiver => ("payments_received", "receiver_key"),
        };
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index)
            .expression_attribute_values(":account", s(account(tenant, of)))
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        query = match before {
            None => query.key_condition_expression(format!("{name} = :account")),
            Some(before) => query
                .key_condition_expression(format!("{name} = :account AND paid_at < :before"))
                .expression_attribute_values(":before", s(before)),
        };
        let output = query.send().await.map_err(|err| StoreError::service("Query", &err))?;
        let more = output.last_evaluated_key.is_some();
        Ok((output.items.unwrap_or_default(), more))
    }

    /// Reads what an account has done; `None` if it is unknown.
    pub async fn account_profile(
        &self,
        tenant: &Tenant,
        of: &AccountIdentity,
    ) -> Result<Option<Profile>, StoreError> {
        let item = self.item(item::key(account(tenant, of), PROFILE_SORT)).await?;
        Ok(item.map(|item| read_profile(&item).profile))
    }
}

fn read(item: &Item, side: Side) -> Result<AccountPayment, StoreError> {
    let alert_id = item::optional_text(item, "alert_id");
    Ok(AccountPayment {
        tx: item::parsed(item, "body", |text| sentinel::json::read(text).ok())?,
        side,
        base_amount: item::number(item, "base_amount").ok_or(StoreError::Item("base_amount"))?,
        risk: item::number(item, "risk"),
        alert_id: alert_id.and_then(|id| AlertId::parse(&id).ok()),
        place: item::text(item, "paid_at")?,
    })
}
