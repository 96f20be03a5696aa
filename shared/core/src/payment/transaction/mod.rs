//! A payment. A `Transaction` is always valid: it is made only by [`Transaction::parse`], which
//! lists every faulty field at once, by [`Transaction::of_record`] from a row of a data set, or by
//! reading back from our own store and queue.

mod hidden;
mod iban;
mod id;
mod json;
mod parse;
mod party;
mod phrases;
mod text;
mod time;
mod unicode;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub(crate) use id::is_plain;
pub use id::{InvalidId, MsgId, PartyId};
pub use json::MalformedJson;
pub use parse::{FIELDS, FieldError, PARTY_FIELDS, Rejection};
pub use party::{
    Account, AccountIdentity, Bank, Country, InvalidAccount, InvalidCountry, Party, Segment,
};
pub use text::{Purpose, TextFlag, parse_name};
pub use time::{EventTime, InvalidTime};
pub(crate) use unicode::is_invisible;

use crate::payment::flag_set::FlagSet;
use crate::payment::money::{Currency, Money};

/// How the money moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentType {
    CreditCard,
    DebitCard,
    Cheque,
    Ach,
    CrossBorder,
    CashDeposit,
    CashWithdrawal,
    Transfer,
    Wire,
    Instant,
}

impl PaymentType {
    pub const ALL: [Self; 10] = [
        Self::CreditCard,
        Self::DebitCard,
        Self::Cheque,
        Self::Ach,
        Self::CrossBorder,
        Self::CashDeposit,
        Self::CashWithdrawal,
        Self::Transfer,
        Self::Wire,
        Self::Instant,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::CreditCard => "credit_card",
            Self::DebitCard => "debit_card",
            Self::Cheque => "cheque",
            Self::Ach => "ach",
            Self::CrossBorder => "cross_border",
            Self::CashDeposit => "cash_deposit",
            Self::CashWithdrawal => "cash_withdrawal",
            Self::Transfer => "transfer",
            Self::Wire => "wire",
            Self::Instant => "instant",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Returns its name as used in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::CreditCard => "credit card",
            Self::DebitCard => "debit card",
            Self::Cheque => "cheque",
            Self::Ach => "ACH transfer",
            Self::CrossBorder => "cross-border transfer",
            Self::CashDeposit => "cash deposit",
            Self::CashWithdrawal => "cash withdrawal",
            Self::Transfer => "transfer",
            Self::Wire => "wire transfer",
            Self::Instant => "instant payment",
        }
    }

    pub fn is_cash(self) -> bool {
        matches!(self, Self::CashDeposit | Self::CashWithdrawal)
    }
}

/// The effect of a transaction on the money.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    #[default]
    Payment,
    /// A payment that gives money back.
    Refund,
    /// Undoes the original payment, as if it had not been made.
    Reversal,
    /// A payment that was refused: no money moved.
    Declined,
    /// A bank's charge for its service.
    Fee,
}

impl Kind {
    pub const ALL: [Self; 5] =
        [Self::Payment, Self::Refund, Self::Reversal, Self::Declined, Self::Fee];

    pub fn code(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Reversal => "reversal",
            Self::Declined => "declined",
            Self::Fee => "fee",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether its amount is added to the accounts' sums. A reversal instead takes its original out
    /// of them.
    pub fn counts(self) -> bool {
        matches!(self, Self::Payment | Self::Refund | Self::Fee)
    }

    /// Checks the original: a reversal must name one and a refund may, others must not, and no
    /// payment is its own original.
    fn check_original(self, msg_id: &MsgId, original: Option<&MsgId>) -> Result<(), WrongOriginal> {
        match (self, original) {
            (Self::Reversal, None) => Err(WrongOriginal::Missing),
            (Self::Reversal | Self::Refund, Some(original)) if original == msg_id => {
                Err(WrongOriginal::Itself)
            }
            (Self::Payment | Self::Declined | Self::Fee, Some(_)) => Err(WrongOriginal::Unfit),
            _ => Ok(()),
        }
    }
}

/// Why the original of a payment is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum WrongOriginal {
    #[error("A reversal names the payment that it takes back.")]
    Missing,
    #[error("A payment cannot be its own original.")]
    Itself,
    #[error("Only a reversal or a refund has an original payment.")]
    Unfit,
}

/// A valid payment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
#[non_exhaustive]
pub struct Transaction {
    pub msg_id: MsgId,
    pub kind: Kind,
    /// The payment that this one reverses or refunds: set for every reversal, and for a refund if
    /// it is known.
    pub original_msg_id: Option<MsgId>,
    pub timestamp: EventTime,
    pub sender: Party,
    pub receiver: Party,
    /// The amount sent.
    pub amount: Money,
    /// The currency that the receiver gets, if stated.
    pub received_currency: Option<Currency>,
    /// The amount that the receiver gets, in `received_currency`.
    pub counter_amount: Option<Money>,
    pub payment_type: PaymentType,
    pub purpose: Option<Purpose>,
}

/// The canonical form in store and queue: fields in a fixed order, amounts with all their decimals.
#[derive(Serialize, Deserialize)]
struct Wire {
    msg_id: MsgId,
    #[serde(default, skip_serializing_if = "is_default")]
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    original_msg_id: Option<MsgId>,
    timestamp: EventTime,
    sender: Party,
    receiver: Party,
    amount: String,
    currency: Currency,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    received_currency: Option<Currency>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    counter_amount: Option<String>,
    payment_type: PaymentType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purpose: Option<Purpose>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl From<Transaction> for Wire {
    fn from(tx: Transaction) -> Self {
        Self {
            msg_id: tx.msg_id,
            kind: tx.kind,
            original_msg_id: tx.original_msg_id,
            timestamp: tx.timestamp,
            sender: tx.sender,
            receiver: tx.receiver,
            amount: tx.amount.to_string(),
            currency: tx.amount.currency(),
            received_currency: tx.received_currency,
            counter_amount: tx.counter_amount.map(|amount| amount.to_string()),
            payment_type: tx.payment_type,
            purpose: tx.purpose,
        }
    }
}

impl TryFrom<Wire> for Transaction {
    type Error = &'static str;

    fn try_from(wire: Wire) -> Result<Self, Self::Error> {
        if wire.sender.identity() == wire.receiver.identity() {
            return Err("sender equals receiver");
        }
        wire.kind
            .check_original(&wire.msg_id, wire.original_msg_id.as_ref())
            .map_err(|_| "its kind and its original do not fit")?;
        let amount =
            |text: &str, currency| Money::parse(text, currency).map_err(|_| "not an amount");
        let counter_amount = match (&wire.counter_amount, wire.received_currency) {
            (None, _) => None,
            (Some(text), Some(currency)) => Some(amount(text, currency)?),
            (Some(_), None) => return Err("a counter-amount without its currency"),
        };
        Ok(Self {
            amount: amount(&wire.amount, wire.currency)?,
            counter_amount,
            msg_id: wire.msg_id,
            kind: wire.kind,
            original_msg_id: wire.original_msg_id,
            timestamp: wire.timestamp,
            sender: wire.sender,
            receiver: wire.receiver,
            received_currency: wire.received_currency,
            payment_type: wire.payment_type,
            purpose: wire.purpose,
        })
    }
}

/// SHA-256 of a transaction's canonical JSON in hex. The same id with a different hash is a
/// different payment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct ContentHash(String);

impl ContentHash {
    /// Takes a hash as it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A row of a data set: a payment that was carried out.
#[derive(Debug, Clone)]
pub struct Record {
    pub msg_id: MsgId,
    pub timestamp: EventTime,
    pub sender: Party,
    pub receiver: Party,
    pub amount: Money,
    pub received_currency: Option<Currency>,
    pub payment_type: PaymentType,
    pub purpose: Option<Purpose>,
}

/// Sender and receiver are the same account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sender and receiver are the same account")]
pub struct SameAccount;

impl Transaction {
    /// Makes a transaction from a row of a data set. Many files state the received currency in
    /// every row; it is kept only where it differs from the currency sent.
    pub fn of_record(record: Record) -> Result<Self, SameAccount> {
        let Record { msg_id, timestamp, sender, receiver, amount, .. } = record;
        if sender.identity() == receiver.identity() {
            return Err(SameAccount);
        }
        let exchanged = |received: &Currency| *received != amount.currency();
        Ok(Self {
            msg_id,
            kind: Kind::Payment,
            original_msg_id: None,
            timestamp,
            sender,
            receiver,
            amount,
            received_currency: record.received_currency.filter(exchanged),
            counter_amount: None,
            payment_type: record.payment_type,
            purpose: record.purpose,
        })
    }

    /// Returns the canonical JSON: the same payment always gives the same bytes.
    pub fn to_canonical_json(&self) -> String {
        crate::json::write(self)
    }

    pub fn content_hash(&self) -> ContentHash {
        ContentHash(hex::encode(Sha256::digest(self.to_canonical_json())))
    }

    pub fn is_cross_border(&self) -> bool {
        self.sender.bank_country != self.receiver.bank_country
    }

    pub fn changes_currency(&self) -> bool {
        self.received_currency.is_some_and(|currency| currency != self.amount.currency())
    }

    /// Returns what was observed in the purpose text, on its own and in view of the payment type.
    pub fn purpose_flags(&self) -> FlagSet<TextFlag> {
        let Some(purpose) = &self.purpose else { return FlagSet::EMPTY };
        let mut flags = purpose.flags;
        if text::contradicts(&purpose.text, self.payment_type) {
            flags.extend([TextFlag::TypeMismatch]);
        }
        flags
    }
}
