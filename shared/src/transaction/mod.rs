//! A payment, as the system knows it. A `Transaction` in hand is a valid one: it is made only by
//! [`Transaction::parse`], which lists every faulty field at once, or read back from our own store
//! and queue.

mod json;
mod parse;
mod text;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use json::Malformed;
pub use parse::{FIELDS, FieldError, Rejection};
pub use text::{Purpose, TextFlag, parse_name};

use crate::money::{Currency, Money};

/// The client's id of a transaction: 1 to 64 of `[A-Za-z0-9._-]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MsgId(String);

/// The text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 64 characters of A-Z, a-z, 0-9, '.', '_' and '-'")]
pub struct InvalidId;

impl MsgId {
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        is_id(text).then(|| Self(text.to_owned())).ok_or(InvalidId)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MsgId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<MsgId> for String {
    fn from(id: MsgId) -> Self {
        id.0
    }
}

/// Ids and accounts never hold `#`, the delimiter of the table's keys, nor a path separator.
fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// An ISO 3166-1 alpha-2 country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

impl Country {
    pub fn parse(code: &str) -> Option<Self> {
        let bytes: [u8; 2] = code.as_bytes().try_into().ok()?;
        let capital = bytes.iter().all(u8::is_ascii_uppercase);
        (capital && rust_iso3166::from_alpha2(code).is_some()).then_some(Self(bytes))
    }

    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("two capital letters, checked in parse")
    }

    /// The code's two letters.
    pub fn bytes(self) -> [u8; 2] {
        self.0
    }
}

impl TryFrom<String> for Country {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not an ISO 3166-1 alpha-2 country")
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.code().to_owned()
    }
}

/// One side of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub account: String,
    pub bank_country: Country,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// How the money moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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

    pub fn is_cash(self) -> bool {
        matches!(self, Self::CashDeposit | Self::CashWithdrawal)
    }
}

/// When the payment happened: the client's own text (evidence keeps its offset) and the instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventTime {
    text: String,
    instant: Timestamp,
}

impl EventTime {
    pub fn instant(&self) -> Timestamp {
        self.instant
    }

    /// Seconds since the Unix epoch, with their fraction.
    pub fn seconds(&self) -> f64 {
        self.instant.as_duration().as_secs_f64()
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl TryFrom<String> for EventTime {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let instant = parse::rfc3339(&text).ok_or("not an RFC 3339 time with offset")?;
        Ok(Self { text, instant })
    }
}

impl From<EventTime> for String {
    fn from(time: EventTime) -> Self {
        time.text
    }
}

/// A valid payment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Transaction {
    pub msg_id: MsgId,
    pub timestamp: EventTime,
    pub sender: Party,
    pub receiver: Party,
    pub amount: Money,
    /// Set where the receiver gets another currency than was sent.
    pub received_currency: Option<Currency>,
    pub payment_type: PaymentType,
    pub purpose: Option<Purpose>,
}

/// The canonical form in store and queue: fixed order of fields, amounts with their full minor unit.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    msg_id: MsgId,
    timestamp: EventTime,
    sender: Party,
    receiver: Party,
    amount: String,
    currency: Currency,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    received_currency: Option<Currency>,
    payment_type: PaymentType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purpose: Option<Purpose>,
}

impl From<Transaction> for Wire {
    fn from(tx: Transaction) -> Self {
        Self {
            msg_id: tx.msg_id,
            timestamp: tx.timestamp,
            sender: tx.sender,
            receiver: tx.receiver,
            amount: tx.amount.to_string(),
            currency: tx.amount.currency(),
            received_currency: tx.received_currency,
            payment_type: tx.payment_type,
            purpose: tx.purpose,
        }
    }
}

impl TryFrom<Wire> for Transaction {
    type Error = &'static str;

    fn try_from(wire: Wire) -> Result<Self, Self::Error> {
        if !is_id(&wire.sender.account) || !is_id(&wire.receiver.account) {
            return Err("an account is not an id");
        }
        if wire.sender.account == wire.receiver.account {
            return Err("sender equals receiver");
        }
        let amount = Money::parse(&wire.amount, wire.currency).map_err(|_| "not an amount")?;
        Ok(Self {
            msg_id: wire.msg_id,
            timestamp: wire.timestamp,
            sender: wire.sender,
            receiver: wire.receiver,
            amount,
            received_currency: wire.received_currency,
            payment_type: wire.payment_type,
            purpose: wire.purpose,
        })
    }
}

impl Transaction {
    /// The canonical JSON: the same payment always gives the same bytes.
    pub fn to_canonical_json(&self) -> String {
        serde_json::to_string(self).expect("strings, enums and numbers always serialise")
    }

    /// SHA-256 of the canonical JSON, hex.
    pub fn content_hash(&self) -> String {
        hex::encode(Sha256::digest(self.to_canonical_json()))
    }

    pub fn is_cross_border(&self) -> bool {
        self.sender.bank_country != self.receiver.bank_country
    }

    pub fn changes_currency(&self) -> bool {
        self.received_currency.is_some_and(|currency| currency != self.amount.currency())
    }

    /// What is noticeable about the purpose text, by itself and beside the type of payment.
    pub fn purpose_flags(&self) -> Vec<TextFlag> {
        let Some(purpose) = &self.purpose else { return Vec::new() };
        let mismatch = text::contradicts(&purpose.text, self.payment_type);
        let mismatch = mismatch.then_some(TextFlag::TypeMismatch);
        purpose.flags.iter().copied().chain(mismatch).collect()
    }
}
