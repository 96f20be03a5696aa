//! From untrusted bytes to a `Transaction`. serde stops at the first fault; a client deserves all
//! of them at once, so the document is read leniently first and every field is then checked.

use jiff::{SignedDuration, Timestamp};

use super::json::{Json, Malformed};
use super::text::{InvalidText, Purpose, parse_name};
use super::{Country, EventTime, MsgId, Party, PaymentType, Transaction, is_id};
use crate::money::{Currency, InvalidAmount, Money};

/// A fault of one field.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) to the field.
    pub pointer: String,
    /// Stable code for programs.
    pub code: &'static str,
    /// A sentence for people; never quotes the input.
    pub message: String,
}

/// Why a body is not a transaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Not one JSON document: 400.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A document with faulty fields, all of them listed: 422.
    #[error("{} fields are faulty", .0.len())]
    Invalid(Vec<FieldError>),
}

/// How far ahead of the receiver's clock a payment's time may be; clocks differ, years do not.
const MAX_AHEAD: SignedDuration = SignedDuration::from_hours(24);
const EARLIEST: Timestamp = Timestamp::constant(0, 0);

impl Transaction {
    /// Reads a client's JSON. `now` bounds the payment's time.
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

/// The fields of a transaction, as clients name them.
pub const FIELDS: &[&str] = &[
    "msg_id",
    "timestamp",
    "sender",
    "receiver",
    "amount",
    "currency",
    "received_currency",
    "payment_type",
    "purpose",
];
const PARTY_FIELDS: &[&str] = &["account", "bank_country", "name"];

/// Every field is read, also after a fault, so that all faults are found.
fn read(mut fields: Fields, now: Timestamp, faults: &mut Faults) -> Option<Transaction> {
    let msg_id = read_msg_id(&mut fields, faults);
    let timestamp = read_timestamp(&mut fields, now, faults);
    let sender = read_party(&mut fields, "sender", faults);
    let receiver = read_party(&mut fields, "receiver", faults);
    let currency = read_currency(fields.required("currency", faults), "/currency", faults);
    let amount = read_amount(&mut fields, currency, faults);
    let received_currency = match fields.optional("received_currency") {
        None => Some(None),
        some => read_currency(some, "/received_currency", faults).map(Some),
    };
    let payment_type = read_payment_type(&mut fields, faults);
    let purpose = match fields.optional("purpose") {
        None => Some(None),
        some => read_text(some, "/purpose", Purpose::parse, faults).map(Some),
    };
    if let (Some(sender), Some(receiver)) = (&sender, &receiver)
        && sender.account == receiver.account
    {
        faults.add(
            "/receiver/account",
            "same_account",
            "Sender and receiver are the same account.",
        );
    }
    Some(Transaction {
        msg_id: msg_id?,
        timestamp: timestamp?,
        sender: sender?,
        receiver: receiver?,
        amount: amount?,
        received_currency: received_currency?,
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

    /// A fault that yields no value.
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

/// The members of one object, taken out one by one.
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
                // The name is the client's text: the pointer holds it only if it is plain.
                let plain = is_id(name);
                let pointer = if plain { format!("{prefix}/{name}") } else { prefix.to_owned() };
                faults.add(pointer, "unknown_field", "This field is not part of the contract.");
            }
        }
        Self { members, prefix }
    }

    /// The member, with JSON null counted as absent.
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
    let Some(instant) = rfc3339(&text) else {
        let message = "Must be an RFC 3339 date and time with offset that exists in the calendar.";
        return faults.none(AT, "invalid_timestamp", message);
    };
    if instant < EARLIEST {
        return faults.none(AT, "timestamp_too_early", "Lies before 1970.");
    }
    if instant > now.saturating_add(MAX_AHEAD).unwrap_or(Timestamp::MAX) {
        return faults.none(AT, "timestamp_ahead", "Lies more than 24 hours in the future.");
    }
    Some(EventTime { text, instant })
}

/// RFC 3339 to the letter: jiff alone accepts more (a space for the `T`, annotations, weeks).
pub(super) fn rfc3339(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let shape = |from: usize, pattern: &str| {
        bytes.get(from..from + pattern.len()).is_some_and(|part| {
            part.iter().zip(pattern.bytes()).all(|(byte, expected)| match expected {
                b'0' => byte.is_ascii_digit(),
                b'+' => matches!(byte, b'+' | b'-'),
                _ => *byte == expected,
            })
        })
    };
    if !shape(0, "0000-00-00T00:00:00") {
        return None;
    }
    let rest = &text[19..];
    let offset = match rest.strip_prefix('.') {
        Some(fraction) => {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            ((1..=9).contains(&digits)).then(|| &fraction[digits..])?
        }
        None => rest,
    };
    let numeric = offset.len() == 6 && shape(text.len() - 6, "+00:00");
    if offset != "Z" && !numeric {
        return None;
    }
    text.parse().ok()
}

fn read_party(fields: &mut Fields, role: &'static str, faults: &mut Faults) -> Option<Party> {
    let prefix = if role == "sender" { "/sender" } else { "/receiver" };
    let Json::Object(members) = fields.required(role, faults)? else {
        return faults.none(prefix, "not_an_object", "Must be an object.");
    };
    let mut party = Fields::new(members, prefix, PARTY_FIELDS, faults);
    let account = read_account(&mut party, faults);
    let bank_country = read_country(&mut party, faults);
    let name = match party.optional("name") {
        None => Some(None),
        some => read_text(some, &format!("{prefix}/name"), parse_name, faults).map(Some),
    };
    Some(Party { account: account?, bank_country: bank_country?, name: name? })
}

fn read_account(party: &mut Fields, faults: &mut Faults) -> Option<String> {
    let pointer = format!("{}/account", party.prefix);
    match party.required("account", faults)? {
        Json::String(text) if is_id(&text) => Some(text),
        Json::String(_) => {
            faults.none(pointer, "invalid_id", format!("The account {}.", super::InvalidId))
        }
        _ => faults.none(pointer, "not_a_string", "Must be a string."),
    }
}

fn read_country(party: &mut Fields, faults: &mut Faults) -> Option<Country> {
    let pointer = format!("{}/bank_country", party.prefix);
    let value = party.required("bank_country", faults)?;
    let country = if let Json::String(text) = &value { Country::parse(text) } else { None };
    if country.is_none() {
        let message = "Must be an ISO 3166-1 alpha-2 country in capitals.";
        faults.add(pointer, "unknown_country", message);
    }
    country
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
    fields: &mut Fields,
    currency: Option<Currency>,
    faults: &mut Faults,
) -> Option<Money> {
    let Json::String(text) = fields.required("amount", faults)? else {
        let message = "A decimal string is required, such as \"1000.50\": JSON numbers are floats \
                       and lose cents.";
        return faults.none("/amount", "amount_not_a_string", message);
    };
    // Without a known currency the grammar is still checked, with the widest minor unit there is.
    let (checked, known) = match currency {
        Some(currency) => (currency, true),
        None => (Currency::parse("CLF").ok()?, false),
    };
    match Money::parse(&text, checked) {
        Ok(money) => known.then_some(money),
        Err(InvalidAmount::TooManyDecimals) if !known => None,
        Err(err) => faults.none("/amount", err.code(), format!("The amount {err}.")),
    }
}

fn read_payment_type(fields: &mut Fields, faults: &mut Faults) -> Option<PaymentType> {
    let value = fields.required("payment_type", faults)?;
    let kind = if let Json::String(text) = &value { PaymentType::parse(text) } else { None };
    if kind.is_none() {
        let known = PaymentType::ALL.map(PaymentType::code).join(", ");
        faults.add("/payment_type", "unknown_payment_type", format!("Must be one of {known}."));
    }
    kind
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
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn now() -> Timestamp {
        "2026-01-02T03:04:05Z".parse().unwrap()
    }

    fn good() -> Value {
        json!({
            "msg_id": "t-1", "timestamp": "2026-01-01T10:00:00+01:00",
            "sender": {"account": "A1", "bank_country": "GB"},
            "receiver": {"account": "B1", "bank_country": "DE", "name": "Zoë"},
            "amount": "10.5", "currency": "GBP", "payment_type": "transfer"
        })
    }

    /// Replaces one field (by JSON Pointer, null removes nothing) and expects these faults.
    #[track_caller]
    fn check(pointer: &str, value: Value, expect: &[(&str, &str)]) {
        let mut body = good();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[name] = value;
        let got = match Transaction::parse(body.to_string().as_bytes(), now()) {
            Ok(_) => vec![],
            Err(Rejection::Invalid(faults)) => faults,
            Err(err) => panic!("{err}"),
        };
        let got: Vec<_> = got.iter().map(|f| (f.pointer.as_str(), f.code)).collect();
        assert_eq!(got, expect);
    }

    #[test]
    fn a_valid_transaction_survives_its_canonical_form() {
        let tx = Transaction::parse(good().to_string().as_bytes(), now()).unwrap();
        let back: Transaction = serde_json::from_str(&tx.to_canonical_json()).unwrap();
        assert_eq!(back, tx);
        assert_eq!(tx.amount.to_string(), "10.50");
    }

    #[test]
    fn integer_ids_are_kept_as_text() {
        let mut body = good();
        body["msg_id"] = json!(42);
        let tx = Transaction::parse(body.to_string().as_bytes(), now()).unwrap();
        assert_eq!(tx.msg_id.as_str(), "42");
    }

    #[test]
    fn each_fault_has_its_pointer_and_code() {
        check("/msg_id", json!("a#b"), &[("/msg_id", "invalid_id")]);
        check("/msg_id", json!("a\0"), &[("/msg_id", "invalid_id")]);
        check("/amount", json!(10.5), &[("/amount", "amount_not_a_string")]);
        check("/amount", json!("10.505"), &[("/amount", "amount_too_many_decimals")]);
        check("/currency", json!("usd"), &[("/currency", "unknown_currency")]);
        check("/sender/bank_country", json!("ZZ"), &[("/sender/bank_country", "unknown_country")]);
        check("/receiver/account", json!("A1"), &[("/receiver/account", "same_account")]);
        check("/decision", json!("clear"), &[("/decision", "unknown_field")]);
        check("/received_currency", json!("EUR"), &[]);
        check("/purpose", json!(""), &[("/purpose", "text_empty")]);
    }

    #[test]
    fn times_need_an_offset_and_a_calendar() {
        for text in [
            "2026-01-01T10:00:00",
            "2026-01-01 10:00:00Z",
            "2026-02-30T10:00:00Z",
            "2026-01-01T10:00:00.Z",
            "2026-01-01T10:00:00+0100",
            "2026-01-01T25:00:00Z",
            "2026-01-01T10:00:00Z[Europe/Paris]",
        ] {
            check("/timestamp", json!(text), &[("/timestamp", "invalid_timestamp")]);
        }
        check("/timestamp", json!("2036-01-01T10:00:00Z"), &[("/timestamp", "timestamp_ahead")]);
        check("/timestamp", json!("2026-01-01T10:00:00.123456789-05:00"), &[]);
    }

    #[test]
    fn all_faults_are_listed_at_once() {
        let body = json!({
            "msg_id": "../x", "timestamp": "yesterday", "amount": "1e3", "currency": "GBP",
            "sender": {"account": "A1", "bank_country": "GB"}
        });
        let err = Transaction::parse(body.to_string().as_bytes(), now()).unwrap_err();
        let Rejection::Invalid(faults) = err else { panic!("{err}") };
        let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/msg_id", "/timestamp", "/receiver", "/amount", "/payment_type"]);
    }
}
