//! Parses untrusted bytes into a `Transaction`. serde stops at the first fault, but a client should
//! see all of them at once, so the document is first read leniently and then checked field by
//! field.

use std::fmt::Display;

use jiff::Timestamp;

use super::json::{Json, MalformedJson};
use super::text::{InvalidText, Purpose, parse_name};
use super::{
    Account, Bank, Country, EventTime, Kind, MsgId, Party, PartyId, PaymentType, Segment,
    Transaction, WrongOriginal, is_plain,
};
use crate::payment::money::{Currency, InvalidAmount, Money};

/// A fault in one field.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) to the field.
    pub pointer: String,
    /// Stable code for programs.
    pub code: &'static str,
    /// A sentence for people, which never quotes the input.
    pub message: String,
}

/// Why a body is not a transaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The body is not a single JSON document.
    #[error(transparent)]
    Malformed(#[from] MalformedJson),
    /// The document has faulty fields, all of which are listed.
    #[error("{} fields are faulty", .0.len())]
    Invalid(Vec<FieldError>),
}

impl Transaction {
    /// Reads a client's JSON. The payment's time may be at most 24 hours after `now`.
    pub fn parse(body: &[u8], now: Timestamp) -> Result<Self, Rejection> {
        let document = Json::read(body)?;
        let mut faults = Faults::default();
        let Json::Object(members) = document else {
            faults.add("", "not_an_object", "A transaction is a JSON object.");
            return Err(Rejection::Invalid(faults.0));
        };
        let fields = Fields::new(members, "", FIELDS, &mut faults);
        match read(fields, now, &mut faults) {
            Some(transaction) if faults.0.is_empty() => Ok(transaction),
            _ => Err(Rejection::Invalid(faults.0)),
        }
    }
}

/// The fields of a transaction in a client's JSON.
pub const FIELDS: &[&str] = &[
    "msg_id",
    "kind",
    "original_msg_id",
    "timestamp",
    "sender",
    "receiver",
    "amount",
    "currency",
    "received_currency",
    "counter_amount",
    "payment_type",
    "purpose",
];

/// The fields of one party in a client's JSON.
pub const PARTY_FIELDS: &[&str] =
    &["account", "bank_country", "bank", "party_id", "segment", "name"];

/// Reads every field even after a fault, so that all faults are found.
fn read(mut fields: Fields, now: Timestamp, faults: &mut Faults) -> Option<Transaction> {
    let msg_id = read_msg_id(&mut fields, faults);
    let kind = match fields.optional("kind") {
        None => Some(Kind::Payment),
        some => {
            read_code(some, "/kind", "unknown_kind", Kind::parse, Kind::ALL.map(Kind::code), faults)
        }
    };
    let original_msg_id =
        fields.checked("original_msg_id", "invalid_id", "id", MsgId::parse, faults);
    let timestamp = read_timestamp(&mut fields, now, faults);
    let sender = read_party(&mut fields, "sender", faults);
    let receiver = read_party(&mut fields, "receiver", faults);
    let currency = read_currency(fields.required("currency", faults), "/currency", faults);
    let amount = read_amount(fields.required("amount", faults), "/amount", currency, faults);
    let received_currency = match fields.optional("received_currency") {
        None => Some(None),
        some => read_currency(some, "/received_currency", faults).map(Some),
    };
    let counter_amount = read_counter_amount(&mut fields, received_currency, faults);
    let payment_type = read_code(
        fields.required("payment_type", faults),
        "/payment_type",
        "unknown_payment_type",
        PaymentType::parse,
        PaymentType::ALL.map(PaymentType::code),
        faults,
    );
    let purpose = match fields.optional("purpose") {
        None => Some(None),
        some => read_text(some, "/purpose", Purpose::parse, faults).map(Some),
    };
    if let (Some(sender), Some(receiver)) = (&sender, &receiver)
        && sender.identity() == receiver.identity()
    {
        faults.add(
            "/receiver/account",
            "same_account",
            "Sender and receiver are the same account.",
        );
    }
    if let (Some(msg_id), Some(kind), Some(original)) = (&msg_id, kind, &original_msg_id)
        && let Err(err) = kind.check_original(msg_id, original.as_ref())
    {
        let code = match err {
            WrongOriginal::Missing => "missing",
            WrongOriginal::Itself | WrongOriginal::Unfit => "unfit_original",
        };
        faults.add("/original_msg_id", code, err.to_string());
    }
    Some(Transaction {
        msg_id: msg_id?,
        kind: kind?,
        original_msg_id: original_msg_id?,
        timestamp: timestamp?,
        sender: sender?,
        receiver: receiver?,
        amount: amount?,
        received_currency: received_currency?,
        counter_amount: counter_amount?,
        payment_type: payment_type?,
        purpose: purpose?,
    })
}

/// The faults found so far.
#[derive(Default)]
struct Faults(Vec<FieldError>);

impl Faults {
    fn add(&mut self, pointer: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.0.push(FieldError { pointer: pointer.into(), code, message: message.into() });
    }

    /// Adds a fault and returns `None` in place of the value.
    fn none<T>(
        &mut self,
        pointer: impl Into<String>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Option<T> {
        self.add(pointer, code, message);
        None
    }
}

/// The members of an object that have not been read yet.
struct Fields {
    members: Vec<(String, Json)>,
    prefix: &'static str,
}

impl Fields {
    fn new(
        members: Vec<(String, Json)>,
        prefix: &'static str,
        known: &[&str],
        faults: &mut Faults,
    ) -> Self {
        for (name, _) in &members {
            if !known.contains(&name.as_str()) {
                // The name is untrusted text, so the pointer contains it only if it is plain.
                let plain = is_plain(name) && name.len() <= 64;
                let pointer = if plain { format!("{prefix}/{name}") } else { prefix.to_owned() };
                faults.add(pointer, "unknown_field", "This field is not part of the contract.");
            }
        }
        Self { members, prefix }
    }

    /// Takes out a member; JSON null counts as absent.
    fn optional(&mut self, name: &str) -> Option<Json> {
        let at = self.members.iter().position(|(known, _)| known == name)?;
        match self.members.swap_remove(at).1 {
            Json::Null => None,
            value => Some(value),
        }
    }

    fn required(&mut self, name: &str, faults: &mut Faults) -> Option<Json> {
        let value = self.optional(name);
        if value.is_none() {
            faults.add(format!("{}/{name}", self.prefix), "missing", "This field is required.");
        }
        value
    }

    /// Reads an optional text with a grammar of its own. `noun` is the subject of the fault's
    /// sentence. Returns `None` after a fault and `Some(None)` if the text is absent.
    fn checked<T, E: Display>(
        &mut self,
        name: &str,
        code: &'static str,
        noun: &str,
        parse: impl Fn(&str) -> Result<T, E>,
        faults: &mut Faults,
    ) -> Option<Option<T>> {
        let pointer = format!("{}/{name}", self.prefix);
        match self.optional(name) {
            None => Some(None),
            Some(Json::String(text)) => match parse(&text) {
                Ok(value) => Some(Some(value)),
                Err(err) => faults.none(pointer, code, format!("The {noun} {err}.")),
            },
            Some(_) => faults.none(pointer, "not_a_string", "Must be a string."),
        }
    }
}

fn read_msg_id(fields: &mut Fields, faults: &mut Faults) -> Option<MsgId> {
    let text = match fields.required("msg_id", faults)? {
        Json::String(text) => text,
        Json::Integer(number) => number.to_string(),
        _ => return faults.none("/msg_id", "not_a_string", "Must be a string."),
    };
    let id = MsgId::parse(&text);
    if let Err(err) = &id {
        faults.add("/msg_id", "invalid_id", format!("The id {err}."));
    }
    id.ok()
}

fn read_timestamp(fields: &mut Fields, now: Timestamp, faults: &mut Faults) -> Option<EventTime> {
    const AT: &str = "/timestamp";
    let Json::String(text) = fields.required("timestamp", faults)? else {
        return faults.none(AT, "not_a_string", "Must be a string.");
    };
    match EventTime::parse(&text, now) {
        Ok(time) => Some(time),
        Err(err) => faults.none(AT, err.code(), format!("The time {err}.")),
    }
}

fn read_party(fields: &mut Fields, role: &'static str, faults: &mut Faults) -> Option<Party> {
    let prefix = if role == "sender" { "/sender" } else { "/receiver" };
    let Json::Object(members) = fields.required(role, faults)? else {
        return faults.none(prefix, "not_an_object", "Must be an object.");
    };
    let mut party = Fields::new(members, prefix, PARTY_FIELDS, faults);
    let account = read_account(&mut party, faults);
    let bank_country = read_country(&mut party, faults);
    let bank = party.checked("bank", "invalid_bank", "bank", Bank::parse, faults);
    let party_id = party.checked("party_id", "invalid_id", "id", PartyId::parse, faults);
    let segment = party.checked("segment", "invalid_segment", "segment", Segment::parse, faults);
    let name = match party.optional("name") {
        None => Some(None),
        some => read_text(some, &format!("{prefix}/name"), parse_name, faults).map(Some),
    };
    Some(Party {
        account: account?,
        bank_country: bank_country?,
        bank: bank?,
        party_id: party_id?,
        segment: segment?,
        name: name?,
    })
}

fn read_account(party: &mut Fields, faults: &mut Faults) -> Option<Account> {
    let pointer = format!("{}/account", party.prefix);
    let Json::String(text) = party.required("account", faults)? else {
        return faults.none(pointer, "not_a_string", "Must be a string.");
    };
    match Account::parse(&text) {
        Ok(account) => Some(account),
        Err(err) => faults.none(pointer, "invalid_account", format!("The account {err}.")),
    }
}

fn read_country(party: &mut Fields, faults: &mut Faults) -> Option<Country> {
    let pointer = format!("{}/bank_country", party.prefix);
    let Json::String(text) = party.required("bank_country", faults)? else {
        return faults.none(pointer, "not_a_string", "Must be a string.");
    };
    match Country::parse(&text) {
        Ok(country) => Some(country),
        Err(err) => faults.none(pointer, "unknown_country", format!("The country {err}.")),
    }
}

fn read_currency(value: Option<Json>, pointer: &str, faults: &mut Faults) -> Option<Currency> {
    let Json::String(text) = value? else {
        return faults.none(pointer, "not_a_string", "Must be a string.");
    };
    match Currency::parse(&text) {
        Ok(currency) => Some(currency),
        Err(err) => faults.none(pointer, "unknown_currency", format!("The currency {err}.")),
    }
}

fn read_amount(
    value: Option<Json>,
    pointer: &str,
    currency: Option<Currency>,
    faults: &mut Faults,
) -> Option<Money> {
    let Json::String(text) = value? else {
        let message = "A decimal string is required, such as \"1000.50\": JSON numbers are floats \
                       and lose cents.";
        return faults.none(pointer, "amount_not_a_string", message);
    };
    // If the currency is faulty, the grammar is still checked, with the most decimals of any
    // currency.
    let (checked, known) = match currency {
        Some(currency) => (currency, true),
        None => (Currency::parse("CLF").ok()?, false),
    };
    match Money::parse(&text, checked) {
        Ok(money) => known.then_some(money),
        Err(InvalidAmount::TooManyDecimals) if !known => None,
        Err(err) => faults.none(pointer, err.code(), format!("The amount {err}.")),
    }
}

/// Reads the counter-amount. `received` is `None` if the received currency is faulty and
/// `Some(None)` if it is absent.
fn read_counter_amount(
    fields: &mut Fields,
    received: Option<Option<Currency>>,
    faults: &mut Faults,
) -> Option<Option<Money>> {
    const AT: &str = "/counter_amount";
    let Some(value) = fields.optional("counter_amount") else { return Some(None) };
    if received == Some(None) {
        let message = "Needs received_currency, the currency it is in.";
        return faults.none(AT, "counter_amount_without_currency", message);
    }
    read_amount(Some(value), AT, received.flatten(), faults).map(Some)
}

/// Reads one of a fixed list of codes.
fn read_code<T, const N: usize>(
    value: Option<Json>,
    pointer: &str,
    code: &'static str,
    parse: impl Fn(&str) -> Option<T>,
    known: [&str; N],
    faults: &mut Faults,
) -> Option<T> {
    let found = if let Json::String(text) = value? { parse(&text) } else { None };
    if found.is_none() {
        faults.add(pointer, code, format!("Must be one of {}.", known.join(", ")));
    }
    found
}

fn read_text<T>(
    value: Option<Json>,
    pointer: &str,
    parse: impl Fn(&str) -> Result<T, InvalidText>,
    faults: &mut Faults,
) -> Option<T> {
    let Json::String(text) = value? else {
        return faults.none(pointer, "not_a_string", "Must be a string.");
    };
    match parse(&text) {
        Ok(parsed) => Some(parsed),
        Err(err) => faults.none(pointer, err.code(), format!("The text {err}.")),
    }
}

#[cfg(test)]
mod tests;
