//! A payment of a town and its line in the file: the API's own transaction with its labels.

use std::fmt::Write as _;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use sentinel::payment::transaction::PaymentType;
use serde_json::Value;

use super::account::{Account, Id};
use super::country::Country;

#[derive(Debug, Clone)]
pub(super) struct Payment {
    /// Seconds of local time since the town's first midnight.
    pub(super) at: i64,
    pub(super) sender: Id,
    pub(super) receiver: Id,
    /// In the currency's smallest unit.
    pub(super) minor: i64,
    pub(super) currency: &'static str,
    pub(super) received_currency: Option<&'static str>,
    pub(super) means: PaymentType,
    pub(super) purpose: Option<String>,
    /// The kind of an honest payment, or a story's typology.
    pub(super) kind: &'static str,
    /// The story it belongs to.
    pub(super) story: Option<String>,
}

/// What all lines of a file have in common.
pub(super) struct LineFormat<'a> {
    pub(super) first: DateTime,
    pub(super) country: &'a Country,
    pub(super) accounts: &'a [Account],
    /// The prefix of every id, so that several towns can share a file.
    pub(super) prefix: String,
    /// Whether parties are written with their segment.
    pub(super) segments: bool,
}

impl LineFormat<'_> {
    /// One line of NDJSON.
    pub(super) fn line(&self, place: usize, payment: &Payment) -> String {
        let mut line = format!(
            "{{\"msg_id\":\"{}-{place:06}\",\"timestamp\":\"{}\"",
            self.prefix,
            self.timestamp(payment.at)
        );
        self.party(&mut line, "sender", payment.sender);
        self.party(&mut line, "receiver", payment.receiver);
        let amount = decimal(payment.minor, digits(payment.currency));
        text(&mut line, "amount", &amount);
        text(&mut line, "currency", payment.currency);
        if let Some(received) = payment.received_currency {
            text(&mut line, "received_currency", received);
        }
        text(&mut line, "payment_type", payment.means.code());
        if let Some(purpose) = &payment.purpose {
            text(&mut line, "purpose", purpose);
        }
        let _ = write!(line, ",\"is_laundering\":{}", payment.story.is_some());
        text(&mut line, "laundering_type", payment.kind);
        if let Some(story) = &payment.story {
            text(&mut line, "story", story);
        }
        line.push('}');
        line
    }

    fn party(&self, line: &mut String, role: &str, id: Id) {
        let account = &self.accounts[id];
        let _ = write!(
            line,
            ",\"{role}\":{{\"account\":\"{}\",\"bank_country\":\"{}\"",
            account.number, account.country
        );
        if let Some(name) = &account.name {
            text(line, "name", name);
        }
        if self.segments {
            text(line, "segment", account.segment.code());
        }
        line.push('}');
    }

    fn timestamp(&self, at: i64) -> String {
        let local = self.first.saturating_add(SignedDuration::from_secs(at));
        let east = self.country.minutes_east;
        let sign = if east < 0 { '-' } else { '+' };
        let (hours, minutes) = (east.abs() / 60, east.abs() % 60);
        format!("{}{sign}{hours:02}:{minutes:02}", local.strftime("%Y-%m-%dT%H:%M:%S"))
    }
}

fn text(line: &mut String, name: &str, value: &str) {
    let _ = write!(line, ",\"{name}\":{}", Value::from(value));
}

/// How many decimals a currency of these towns has.
pub(super) fn digits(currency: &str) -> u32 {
    match currency {
        "CLP" | "JPY" | "VND" => 0,
        "KWD" => 3,
        _ => 2,
    }
}

fn decimal(minor: i64, digits: u32) -> String {
    let scale = 10_i64.pow(digits);
    let (whole, rest) = (minor / scale, minor % scale);
    if digits == 0 {
        return whole.to_string();
    }
    format!("{whole}.{rest:0width$}", width = digits as usize)
}
