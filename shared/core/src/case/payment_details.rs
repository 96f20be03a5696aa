//! The details of a payment that rules and explanations read: typed, small and cheap to copy,
//! because a backtest builds them for every row.

use serde::{Deserialize, Serialize};

use crate::case::notes::Note;
use crate::payment::flag_set::{Flag, FlagSet};
use crate::payment::money::{Currency, Money, MoneyText};
use crate::payment::transaction::{Country, Kind, PaymentType, Segment, TextFlag, Transaction};
use crate::state::facts::Facts;
use crate::state::late::Lateness;

/// What rules and explanations read about a payment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PaymentDetails {
    /// ISO 3166-1 alpha-2 code of the sender's bank.
    #[schema(value_type = String)]
    pub sender_country: Country,
    /// ISO 3166-1 alpha-2 code of the receiver's bank.
    #[schema(value_type = String)]
    pub receiver_country: Country,
    #[serde(flatten)]
    #[schema(value_type = MoneyText)]
    pub amount: Money,
    /// The currency that the receiver gets, if stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub received_currency: Option<Currency>,
    pub payment_type: PaymentType,
    pub kind: Kind,
    /// The kind of customer that the sender is, if the client states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub sender_segment: Option<Segment>,
    /// The kind of customer that the receiver is, if the client states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub receiver_segment: Option<Segment>,
    /// What was observed about the parties.
    #[serde(default, skip_serializing_if = "FlagSet::is_empty")]
    #[schema(value_type = Vec<PartyFlag>)]
    pub party_flags: FlagSet<PartyFlag>,
    /// What was observed in the purpose text, which itself is not stored.
    #[serde(default, skip_serializing_if = "FlagSet::is_empty")]
    #[schema(value_type = Vec<TextFlag>)]
    pub purpose_flags: FlagSet<TextFlag>,
    /// The amount in the base currency; 0 if its currency has no rate, in which case `notes` says
    /// so.
    pub base_amount: f64,
    /// Set if newer payments of one of the accounts had been counted already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<Lateness>,
    /// Notes for readers of the decision about its data.
    #[serde(default, skip_serializing_if = "FlagSet::is_empty")]
    #[schema(value_type = Vec<Note>)]
    pub notes: FlagSet<Note>,
}

/// What the payment itself states and [`Facts`] do not contain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PaymentTerms {
    pub amount: Money,
    pub received_currency: Option<Currency>,
    pub party_flags: FlagSet<PartyFlag>,
    pub purpose_flags: FlagSet<TextFlag>,
    pub notes: FlagSet<Note>,
}

/// What may be observed about the parties: account numbers in the form of an IBAN that are not
/// valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartyFlag {
    SenderIbanInvalid,
    ReceiverIbanInvalid,
}

impl Flag for PartyFlag {
    const ALL: &'static [Self] = &[Self::SenderIbanInvalid, Self::ReceiverIbanInvalid];

    fn code(self) -> &'static str {
        match self {
            Self::SenderIbanInvalid => "sender_iban_invalid",
            Self::ReceiverIbanInvalid => "receiver_iban_invalid",
        }
    }
}

impl PartyFlag {
    fn of(tx: &Transaction) -> FlagSet<Self> {
        let invalid = [&tx.sender, &tx.receiver].map(|party| party.account.is_invalid_iban());
        let flags = Self::ALL.iter().zip(invalid);
        flags.filter_map(|(flag, is_invalid)| is_invalid.then_some(*flag)).collect()
    }
}

impl PaymentTerms {
    pub fn of(tx: &Transaction, facts: &Facts) -> Self {
        Self {
            amount: tx.amount,
            received_currency: tx.received_currency,
            party_flags: PartyFlag::of(tx),
            purpose_flags: tx.purpose_flags(),
            notes: Note::of(tx, facts),
        }
    }
}

impl PaymentDetails {
    pub fn new(facts: &Facts, terms: PaymentTerms, late: Option<Lateness>) -> Self {
        let PaymentTerms { amount, received_currency, party_flags, purpose_flags, notes } = terms;
        Self {
            sender_country: facts.sender_country,
            receiver_country: facts.receiver_country,
            amount,
            received_currency,
            payment_type: facts.payment_type,
            kind: facts.kind,
            sender_segment: facts.sender_segment,
            receiver_segment: facts.receiver_segment,
            party_flags,
            purpose_flags,
            base_amount: facts.amount,
            late,
            notes,
        }
    }
}

#[cfg(test)]
impl PaymentDetails {
    /// Returns the details of a transfer within Britain, for tests.
    pub(crate) fn example(amount: &str, currency: &str) -> Self {
        let currency = Currency::parse(currency).unwrap();
        let terms = PaymentTerms {
            amount: Money::parse(amount, currency).unwrap(),
            received_currency: None,
            party_flags: FlagSet::EMPTY,
            purpose_flags: FlagSet::EMPTY,
            notes: FlagSet::EMPTY,
        };
        let facts = Facts::between("GB a", "GB b", 0.0, terms.amount.units());
        Self::new(&facts, terms, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Reference;
    use crate::register::VersionedSet as _;

    /// Expects these notes and these observations about the parties.
    #[track_caller]
    fn check(kind: &str, currency: &str, account: &str, notes: &[Note], party_flags: &[PartyFlag]) {
        let tx = serde_json::json!({
            "msg_id": "m-1", "timestamp": "2026-03-02T13:10:00Z", "kind": kind,
            "sender": {"account": account, "bank_country": "DE", "segment": "business"},
            "receiver": {"account": "B", "bank_country": "DE"},
            "amount": "95", "currency": currency, "payment_type": "transfer",
        });
        let tx: Transaction = serde_json::from_value(tx).unwrap();
        let facts = Facts::of(&tx, &Reference::embedded().unwrap());
        let details = PaymentDetails::new(&facts, PaymentTerms::of(&tx, &facts), None);
        assert_eq!(details.notes, notes.iter().copied().collect());
        assert_eq!(details.party_flags, party_flags.iter().copied().collect());
        assert_eq!((details.kind.code(), details.sender_segment), (kind, tx.sender.segment));
        let text = serde_json::to_string(&details).unwrap();
        assert_eq!(serde_json::from_str::<PaymentDetails>(&text).unwrap(), details, "{text}");
    }

    #[test]
    fn notes_say_what_a_reader_has_to_know_about_the_data() {
        check("refund", "EUR", "DE89370400440532013000", &[], &[]);
        check("fee", "CLF", "A", &[Note::CurrencyWithoutRate], &[]);
        check("payment", "HRK", "A", &[Note::CurrencyWithdrawn], &[]);
        check("declined", "EUR", "A", &[Note::Declined], &[]);
        check("payment", "EUR", "DE89370400440532013001", &[], &[PartyFlag::SenderIbanInvalid]);
    }
}
