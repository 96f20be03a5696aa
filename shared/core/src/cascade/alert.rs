//! An alert as it is stored, listed and pushed.

use serde::{Deserialize, Serialize};

use crate::cascade::alerting::Severity;
use crate::case::alert_id::AlertId;
use crate::case::verdict::{Decision, Level, ReviewReason};
use crate::payment::money::{Money, MoneyText};
use crate::payment::transaction::{
    Account, AccountIdentity, Country, EventTime, MsgId, Party, PaymentType, Transaction,
};
use crate::payment::utc_time::UtcTime;

/// An alert about the payment that opened it, or the review of a payment that waits for a person.
/// It never changes; its status and later hits are stored separately.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Alert {
    pub alert_id: AlertId,
    pub msg_id: MsgId,
    /// The risk score of the payment, from 0 to 1.
    pub score: f64,
    pub severity: Severity,
    pub level: Level,
    /// Why a person has to decide; `None` for an alert.
    pub review: Option<ReviewReason>,
    pub typologies: Vec<String>,
    pub explanation: String,
    pub payment: AlertPayment,
    /// The less severe open alert that this one replaces, if any.
    pub raises: Option<AlertId>,
    pub created_at: UtcTime,
}

impl Alert {
    /// Returns the alert that a decision opens.
    pub fn of(
        decision: &Decision,
        payment: AlertPayment,
        alert_id: AlertId,
        raises: Option<AlertId>,
    ) -> Self {
        Self {
            alert_id,
            msg_id: decision.msg_id.clone(),
            score: decision.risk_score,
            severity: Severity::of(decision.risk_score, decision.alert),
            level: decision.level,
            review: decision.review,
            typologies: decision.typologies.clone(),
            explanation: decision.explanation.clone(),
            payment,
            raises,
            created_at: decision.decided_at,
        }
    }
}

/// What a queue shows of the payment that opened an alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AlertPayment {
    /// Time of the payment in RFC 3339, as the client gave it.
    #[schema(value_type = String, format = "date-time")]
    pub timestamp: EventTime,
    #[serde(flatten)]
    #[schema(value_type = MoneyText)]
    pub amount: Money,
    /// The amount in the base currency; 0 if its currency has no rate.
    pub base_amount: f64,
    pub payment_type: PaymentType,
    pub sender: AlertParty,
    pub receiver: AlertParty,
}

impl AlertPayment {
    pub fn of(tx: &Transaction, base_amount: f64) -> Self {
        Self {
            timestamp: tx.timestamp.clone(),
            amount: tx.amount,
            base_amount,
            payment_type: tx.payment_type,
            sender: AlertParty::of(&tx.sender),
            receiver: AlertParty::of(&tx.receiver),
        }
    }
}

/// What a queue shows of a party.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AlertParty {
    #[schema(value_type = String)]
    pub account: Account,
    /// What the account is looked up by: a valid IBAN, or any other number behind its bank.
    #[schema(value_type = String)]
    pub account_id: AccountIdentity,
    /// ISO 3166-1 alpha-2 code of its bank's country.
    #[schema(value_type = String)]
    pub country: Country,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl AlertParty {
    pub fn of(party: &Party) -> Self {
        Self {
            account: party.account.clone(),
            account_id: party.identity(),
            country: party.bank_country,
            name: party.name.clone(),
        }
    }
}
