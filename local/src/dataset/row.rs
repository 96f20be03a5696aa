//! From cells to a transaction.

use sentinel::money::{Currency, Money};
use sentinel::transaction::{
    Account, Country, EventTime, Kind, MsgId, Party, PaymentType, Transaction,
};

use super::columns::{Cells, Column};
use super::{Fault, Row, names};

/// Reads one row. `number` counts the file's rows from 1, faulty ones too, and makes the id.
pub(super) fn read(
    cells: &Cells<'_>,
    id_prefix: &str,
    number: u64,
    line: u64,
) -> Result<Row, Fault> {
    let currency = read_currency(cells, Column::PaymentCurrency)?;
    let received_currency = match cells.text(Column::ReceivedCurrency) {
        None => None,
        Some(_) => Some(read_currency(cells, Column::ReceivedCurrency)?),
    };
    let transaction = checked(Transaction {
        msg_id: number_id(id_prefix, number),
        kind: Kind::Payment,
        original_msg_id: None,
        timestamp: read_time(cells)?,
        sender: read_party(cells, Column::SenderAccount, Column::SenderBankLocation)?,
        receiver: read_party(cells, Column::ReceiverAccount, Column::ReceiverBankLocation)?,
        amount: read_amount(cells, currency)?,
        received_currency,
        counter_amount: None,
        payment_type: read_payment_type(cells)?,
        purpose: None,
    })?;
    let typology = cells.text(Column::LaunderingType).map(str::to_owned);
    let label = label(Column::IsLaundering.name(), cells.text(Column::IsLaundering))?;
    Ok(Row { line, transaction, label, typology })
}

/// What holds of the transactions of every data set: two accounts, and a received currency only
/// where it is another.
pub(super) fn checked(mut transaction: Transaction) -> Result<Transaction, Fault> {
    if transaction.sender.identity() == transaction.receiver.identity() {
        return Err(Fault::SameAccount);
    }
    let paid = transaction.amount.currency();
    transaction.received_currency =
        transaction.received_currency.filter(|received| *received != paid);
    Ok(transaction)
}

/// The id of a row that has none of its own.
pub(super) fn number_id(prefix: &str, number: u64) -> MsgId {
    MsgId::parse(&format!("{prefix}-{number:07}"))
        .expect("a prefix of at most 40 plain characters and a number make an id")
}

/// Accounts obey the API's grammar.
pub(super) fn account(column: &'static str, text: &str) -> Result<Account, Fault> {
    Account::parse(text).map_err(|err| Fault::Invalid { column, problem: err.to_string() })
}

pub(super) fn amount(column: &'static str, text: &str, currency: Currency) -> Result<Money, Fault> {
    let rounded = round_half_even(text, currency.minor_digits() as usize);
    Money::parse(rounded.as_deref().unwrap_or(text), currency)
        .map_err(|err| Fault::Invalid { column, problem: err.to_string() })
}

pub(super) fn label(column: &'static str, text: Option<&str>) -> Result<Option<bool>, Fault> {
    match text {
        None => Ok(None),
        Some("0" | "0.0" | "false" | "False") => Ok(Some(false)),
        Some("1" | "1.0" | "true" | "True") => Ok(Some(true)),
        Some(_) => Err(Fault::Invalid { column, problem: "is neither 0 nor 1".to_owned() }),
    }
}

fn required<'a>(cells: &'a Cells<'_>, column: Column) -> Result<&'a str, Fault> {
    cells.text(column).ok_or(Fault::Empty { column: column.name() })
}

fn invalid(column: Column, problem: impl Into<String>) -> Fault {
    Fault::Invalid { column: column.name(), problem: problem.into() }
}

fn read_time(cells: &Cells<'_>) -> Result<EventTime, Fault> {
    let date = required(cells, Column::Date)?;
    let time = required(cells, Column::Time)?;
    EventTime::try_from(format!("{date}T{time}Z"))
        .map_err(|_| invalid(Column::Date, "and Time are not YYYY-MM-DD and HH:MM:SS"))
}

fn read_party(cells: &Cells<'_>, account: Column, location: Column) -> Result<Party, Fault> {
    let account = self::account(account.name(), required(cells, account)?)?;
    Ok(Party::new(account, read_country(cells, location)?))
}

fn read_country(cells: &Cells<'_>, column: Column) -> Result<Country, Fault> {
    names::country(required(cells, column)?)
        .ok_or_else(|| invalid(column, "is not a country we know"))
}

fn read_currency(cells: &Cells<'_>, column: Column) -> Result<Currency, Fault> {
    names::currency(required(cells, column)?)
        .ok_or_else(|| invalid(column, "is not a currency we know"))
}

fn read_payment_type(cells: &Cells<'_>) -> Result<PaymentType, Fault> {
    names::payment_type(required(cells, Column::PaymentType)?)
        .ok_or_else(|| invalid(Column::PaymentType, "is not a payment type we know"))
}

fn read_amount(cells: &Cells<'_>, currency: Currency) -> Result<Money, Fault> {
    amount(Column::Amount.name(), required(cells, Column::Amount)?, currency)
}

/// Decimal text with at most `digits` decimals; a half goes to the even neighbour. None where the
/// text is not a plain decimal, or has no surplus decimals to round.
fn round_half_even(text: &str, digits: usize) -> Option<String> {
    let (whole, decimals) = text.split_once('.')?;
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    // A u128 holds 38 digits; no amount comes near it.
    if !plain(whole) || !plain(decimals) || decimals.len() <= digits || whole.len() > 30 {
        return None;
    }
    let (kept, rest) = decimals.split_at(digits);
    let mut minor: u128 = format!("{whole}{kept}").parse().ok()?;
    let beyond_half = rest[1..].bytes().any(|b| b != b'0');
    let up = match rest.as_bytes()[0] {
        b'5' => beyond_half || minor % 2 == 1,
        digit => digit > b'5',
    };
    minor += u128::from(up);
    if digits == 0 {
        return Some(minor.to_string());
    }
    let padded = format!("{minor:0width$}", width = digits + 1);
    let (whole, kept) = padded.split_at(padded.len() - digits);
    Some(format!("{whole}.{kept}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surplus_decimals_round_half_to_even() {
        for (text, digits, expect) in [
            ("8822.50", 0, Some("8822")),
            ("8823.5", 0, Some("8824")),
            ("8822.51", 0, Some("8823")),
            ("0.4", 0, Some("0")),
            ("999.9", 0, Some("1000")),
            ("436.70000000000005", 2, Some("436.70")),
            ("0.005", 2, Some("0.00")),
            ("0.015", 2, Some("0.02")),
            ("99.999", 2, Some("100.00")),
            ("12.34", 2, None),
            ("12", 2, None),
            ("1e3", 2, None),
            ("-1.234", 2, None),
        ] {
            assert_eq!(round_half_even(text, digits).as_deref(), expect, "{text} {digits}");
        }
    }
}
