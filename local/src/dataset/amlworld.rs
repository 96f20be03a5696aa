//! The rows of IBM's AMLworld (Altman et al., "Realistic Synthetic Financial Transactions for
//! Anti-Money Laundering Models", 2023), as they are published.
//!
//! - Accounts are `{bank}-{account}`: an account's number comes again at other banks.
//! - The data set names no countries. All banks are taken to be in one, the US, so that no rule on
//!   geography fires on an invention; what is cross-border there cannot be known.
//! - Amount and currency are what the sender paid. Times are minutes without a zone, taken as UTC.
//! - Bitcoin has no ISO 4217 code, so rows in bitcoin are faulty.

use std::path::Path;

use sentinel::money::Currency;
use sentinel::transaction::{Country, EventTime, Kind, Party, PaymentType, Transaction};

use super::{DatasetError, Fault, Row, names, row};

/// A column, in the order of the published file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Timestamp,
    FromBank,
    FromAccount,
    ToBank,
    ToAccount,
    AmountReceived,
    ReceivingCurrency,
    AmountPaid,
    PaymentCurrency,
    PaymentFormat,
    IsLaundering,
}

impl Column {
    pub(super) const COUNT: usize = 11;
    const ALL: [Self; Self::COUNT] = [
        Self::Timestamp,
        Self::FromBank,
        Self::FromAccount,
        Self::ToBank,
        Self::ToAccount,
        Self::AmountReceived,
        Self::ReceivingCurrency,
        Self::AmountPaid,
        Self::PaymentCurrency,
        Self::PaymentFormat,
        Self::IsLaundering,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Timestamp => "Timestamp",
            Self::FromBank => "From Bank",
            Self::FromAccount => "Account of From Bank",
            Self::ToBank => "To Bank",
            Self::ToAccount => "Account of To Bank",
            Self::AmountReceived => "Amount Received",
            Self::ReceivingCurrency => "Receiving Currency",
            Self::AmountPaid => "Amount Paid",
            Self::PaymentCurrency => "Payment Currency",
            Self::PaymentFormat => "Payment Format",
            Self::IsLaundering => "Is Laundering",
        }
    }

    /// Whether a header's cell names this column. Two are called `Account`, the sender's first;
    /// pandas calls the second `Account.1`.
    fn is_called(self, text: &str) -> bool {
        match self {
            Self::FromAccount => text.eq_ignore_ascii_case("Account"),
            Self::ToAccount => {
                text.eq_ignore_ascii_case("Account") || text.eq_ignore_ascii_case("Account.1")
            }
            _ => text.eq_ignore_ascii_case(self.name()),
        }
    }

    /// What was received is not read, and a file to be scored has no labels.
    fn is_required(self) -> bool {
        !matches!(self, Self::AmountReceived | Self::ReceivingCurrency | Self::IsLaundering)
    }
}

/// Where each column is found.
pub(super) type Places = [Option<usize>; Column::COUNT];

/// One row's cells, by column; None where the column is missing.
#[derive(Debug, Default)]
pub(super) struct Cells<'a>(pub(super) [Option<&'a str>; Column::COUNT]);

impl Cells<'_> {
    fn text(&self, column: Column) -> Option<&str> {
        self.0[column as usize].map(str::trim).filter(|text| !text.is_empty())
    }

    fn required(&self, column: Column) -> Result<&str, Fault> {
        self.text(column).ok_or(Fault::Empty { column: column.name() })
    }
}

/// Whether a CSV file's header is AMLworld's, and then where its columns are.
pub(super) fn locate<'a>(
    path: &Path,
    header: impl Iterator<Item = &'a str>,
) -> Result<Option<Places>, DatasetError> {
    let mut places: Places = [None; Column::COUNT];
    for (index, text) in header.enumerate() {
        let text = text.trim().trim_start_matches('\u{feff}');
        let free = |column: &Column| places[*column as usize].is_none() && column.is_called(text);
        if let Some(column) = Column::ALL.into_iter().find(free) {
            places[column as usize] = Some(index);
        }
    }
    let missing = |column: &Column| places[*column as usize].is_none();
    if missing(&Column::FromBank) {
        return Ok(None);
    }
    match Column::ALL.into_iter().filter(|column| column.is_required()).find(missing) {
        None => Ok(Some(places)),
        Some(column) => {
            Err(DatasetError::MissingColumn { path: path.to_owned(), column: column.name() })
        }
    }
}

/// Reads one row; the transactions' file does not say which pattern a row is of. `number` counts
/// the file's rows from 1, faulty ones too, and makes the id.
pub(super) fn read(
    cells: &Cells<'_>,
    id_prefix: &str,
    number: u64,
    line: u64,
) -> Result<Row, Fault> {
    let currency = read_currency(cells, Column::PaymentCurrency)?;
    let received_currency = match cells.text(Column::ReceivingCurrency) {
        None => None,
        Some(_) => Some(read_currency(cells, Column::ReceivingCurrency)?),
    };
    let paid = cells.required(Column::AmountPaid)?;
    let transaction = row::checked(Transaction {
        msg_id: row::number_id(id_prefix, number),
        kind: Kind::Payment,
        original_msg_id: None,
        timestamp: read_time(cells)?,
        sender: read_party(cells, Column::FromBank, Column::FromAccount)?,
        receiver: read_party(cells, Column::ToBank, Column::ToAccount)?,
        amount: row::amount(Column::AmountPaid.name(), paid, currency)?,
        received_currency,
        counter_amount: None,
        payment_type: read_format(cells)?,
        purpose: None,
    })?;
    let label = row::label(Column::IsLaundering.name(), cells.text(Column::IsLaundering))?;
    Ok(Row { line, transaction, label, typology: None })
}

fn invalid(column: Column, problem: &str) -> Fault {
    Fault::Invalid { column: column.name(), problem: problem.to_owned() }
}

/// `2022/09/01 00:06`.
fn read_time(cells: &Cells<'_>) -> Result<EventTime, Fault> {
    let text = cells.required(Column::Timestamp)?;
    let time = text.split_once(' ').and_then(|(date, minute)| {
        let date = date.replace('/', "-");
        EventTime::try_from(format!("{date}T{minute}:00Z")).ok()
    });
    time.ok_or_else(|| invalid(Column::Timestamp, "is not YYYY/MM/DD HH:MM"))
}

fn read_party(cells: &Cells<'_>, bank: Column, account: Column) -> Result<Party, Fault> {
    let number = format!("{}-{}", cells.required(bank)?, cells.required(account)?);
    let country = Country::parse("US").expect("the US is in ISO 3166");
    Ok(Party::new(row::account(account.name(), &number)?, country))
}

/// All currencies of AMLworld but bitcoin.
const CURRENCIES: [(&str, &str); 14] = [
    ("US Dollar", "USD"),
    ("Euro", "EUR"),
    ("Yuan", "CNY"),
    ("Yen", "JPY"),
    ("UK Pound", "GBP"),
    ("Rupee", "INR"),
    ("Ruble", "RUB"),
    ("Swiss Franc", "CHF"),
    ("Saudi Riyal", "SAR"),
    ("Canadian Dollar", "CAD"),
    ("Australian Dollar", "AUD"),
    ("Mexican Peso", "MXN"),
    ("Brazil Real", "BRL"),
    ("Shekel", "ILS"),
];

fn read_currency(cells: &Cells<'_>, column: Column) -> Result<Currency, Fault> {
    let text = cells.required(column)?;
    if text.eq_ignore_ascii_case("Bitcoin") {
        return Err(invalid(column, "is bitcoin, which has no ISO 4217 code"));
    }
    Currency::parse(names::code(&CURRENCIES, text).unwrap_or(text))
        .map_err(|_| invalid(column, "is not a currency we know"))
}

/// All payment formats of AMLworld.
const FORMATS: [(&str, PaymentType); 7] = [
    ("ACH", PaymentType::Ach),
    ("Wire", PaymentType::Wire),
    ("Cheque", PaymentType::Cheque),
    ("Credit Card", PaymentType::CreditCard),
    // It arrives on another's account: to the receiver's bank that is a deposit.
    ("Cash", PaymentType::CashDeposit),
    // An account paying itself is a faulty row; between two accounts it is a plain transfer.
    ("Reinvestment", PaymentType::Transfer),
    // Paid in bitcoin a row is faulty; in any other currency it is a plain transfer.
    ("Bitcoin", PaymentType::Transfer),
];

fn read_format(cells: &Cells<'_>) -> Result<PaymentType, Fault> {
    let text = cells.required(Column::PaymentFormat)?;
    let known = FORMATS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    known
        .map(|(_, kind)| *kind)
        .ok_or_else(|| invalid(Column::PaymentFormat, "is not a payment format we know"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read_text, refusal};
    use super::*;

    const HEADER: &str = "Timestamp,From Bank,Account,To Bank,Account,Amount Received,\
                          Receiving Currency,Amount Paid,Payment Currency,Payment Format,\
                          Is Laundering\n";
    const EUROS: &str =
        "2022/09/01 00:06,021174,800737690,012,800737690,2848.96,Euro,2500.5,US Dollar,Wire,1";

    /// Reads the row with a part of it replaced.
    fn replaced(from: &str, to: &str) -> Result<Row, String> {
        let (mut rows, errors) =
            read_text("HI-Small_Trans.csv", &format!("{HEADER}{}\n", EUROS.replace(from, to)));
        rows.pop().ok_or_else(|| errors[0].to_string())
    }

    #[test]
    fn a_row_becomes_a_transaction_of_the_contract() {
        let row = replaced("", "").unwrap();
        assert_eq!(
            row.transaction.to_canonical_json(),
            concat!(
                r#"{"msg_id":"HI-Small_Trans-0000001","timestamp":"2022-09-01T00:06:00Z","#,
                r#""sender":{"account":"021174-800737690","bank_country":"US"},"#,
                r#""receiver":{"account":"012-800737690","bank_country":"US"},"#,
                r#""amount":"2500.50","currency":"USD","received_currency":"EUR","#,
                r#""payment_type":"wire"}"#
            )
        );
        assert_eq!((row.line, row.label, row.typology), (2, Some(true), None));
        assert_eq!(replaced("Wire,1", "Wire,0").unwrap().label, Some(false));
    }

    #[test]
    fn every_currency_and_payment_format_is_known() {
        for (name, code) in CURRENCIES {
            let row = replaced("US Dollar", name).unwrap();
            assert_eq!(row.transaction.amount.currency().code(), code, "{name}");
        }
        for (name, kind) in [
            ("ACH", PaymentType::Ach),
            ("Wire", PaymentType::Wire),
            ("Cheque", PaymentType::Cheque),
            ("Credit Card", PaymentType::CreditCard),
            ("Cash", PaymentType::CashDeposit),
            ("Reinvestment", PaymentType::Transfer),
            ("Bitcoin", PaymentType::Transfer),
        ] {
            assert_eq!(replaced("Wire", name).unwrap().transaction.payment_type, kind, "{name}");
        }
    }

    #[test]
    fn faulty_rows_say_why() {
        let check = |from: &str, to: &str, expect: &str| {
            assert_eq!(replaced(from, to).unwrap_err(), format!("line 2: {expect}"));
        };
        check("US Dollar", "Bitcoin", "Payment Currency is bitcoin, which has no ISO 4217 code");
        check("Euro", "Shells", "Receiving Currency is not a currency we know");
        check("Wire", "Barter", "Payment Format is not a payment format we know");
        check("021174", "012", "sender and receiver are the same account");
        check("/09/", "/13/", "Timestamp is not YYYY/MM/DD HH:MM");
        check(" 00:06", "", "Timestamp is not YYYY/MM/DD HH:MM");
        check("021174", "", "From Bank is empty");
        check("Wire,1", "Wire,2", "Is Laundering is neither 0 nor 1");
        check("Wire,1", "Wire", "the row has 10 cells, the header 11");
        check(
            "800737690,2848",
            "8007#,2848",
            "Account of To Bank must be 1 to 64 characters of A-Z, a-z, 0-9, '.', '_' and '-'",
        );
    }

    #[test]
    fn columns_come_in_any_order_and_as_pandas_calls_them() {
        let text = "Payment Format,Account,Account.1,To Bank,From Bank,Timestamp,Amount Paid,\
                    Payment Currency\nACH,a,b,2,1,2022/09/01 00:06,7,Yen\n";
        let (rows, errors) = read_text("t.csv", text);
        assert_eq!(errors, []);
        let sent = &rows[0].transaction;
        let accounts = (sent.sender.account.as_str(), sent.receiver.account.as_str());
        assert_eq!(accounts, ("1-a", "2-b"));
        assert_eq!((rows[0].label, sent.received_currency), (None, None));
    }

    #[test]
    fn a_file_with_one_account_is_refused() {
        let header = HEADER.replacen("Account,", "", 1);
        let refusal = refusal("t.csv", header.as_bytes());
        assert!(refusal.ends_with("has no column Account of To Bank"), "{refusal}");
    }
}
