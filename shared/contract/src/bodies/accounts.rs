//! Answers about accounts, and about what an id stands for.

use sentinel::cascade::alert::AlertParty;
use sentinel::case::alert_id::AlertId;
use sentinel::payment::money::{Money, MoneyText};
use sentinel::payment::side::Side;
use sentinel::payment::transaction::{EventTime, Kind, MsgId, PaymentType};
use sentinel::state::activity::AccountActivity;
use serde::Serialize;
use utoipa::ToSchema;

/// What an account is and has done.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountDetail {
    /// The account as its newest payment states it.
    #[serde(flatten)]
    pub party: AlertParty,
    pub activity: AccountActivity,
    /// The currency of all amounts in `activity`.
    #[schema(example = "USD")]
    pub base_currency: String,
}

/// A page of an account's payments, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentList {
    pub payments: Vec<ListedPayment>,
    /// Where the next page begins; absent if there is none.
    pub cursor: Option<String>,
}

/// A payment as an account's list shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedPayment {
    pub msg_id: MsgId,
    pub kind: Kind,
    /// Time of the payment in RFC 3339, as the client gave it.
    #[schema(value_type = String, format = "date-time")]
    pub timestamp: EventTime,
    /// The side that the account is on.
    pub side: Side,
    pub counterparty: AlertParty,
    #[serde(flatten)]
    #[schema(value_type = MoneyText)]
    pub amount: Money,
    /// The amount in the base currency, as it was counted; 0 without a rate.
    pub base_amount: f64,
    pub payment_type: PaymentType,
    #[schema(value_type = Option<String>)]
    pub purpose: Option<String>,
    /// The payment's risk; absent for history, which is not judged.
    pub risk: Option<f64>,
    /// The alert or review that it belongs to.
    pub alert_id: Option<AlertId>,
}

/// What an id or account number stands for.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchAnswer {
    pub hits: Vec<SearchHit>,
}

/// Something found.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SearchHit {
    Transaction {
        msg_id: MsgId,
        /// The alert or review that it belongs to.
        alert_id: Option<AlertId>,
    },
    Account {
        account_id: String,
    },
    Alert {
        alert_id: AlertId,
    },
}
