//! A table in any dialect reads back as the same payments.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

/// What a row says, before it is written in a dialect.
#[derive(Debug, Clone)]
struct Payment {
    seconds: i64,
    sender: u64,
    receiver: u64,
    minor: u64,
}

#[derive(Debug, Clone, Copy)]
struct Dialect {
    delimiter: char,
    decimal: Decimal,
    thousands: &'static str,
    dates: &'static str,
    twelve_hours: bool,
    encoding: usize,
    line_end: &'static str,
    accounts_are_floats: bool,
}

const ENCODINGS: [&str; 6] =
    ["utf-8", "utf-8 mark", "utf-16le mark", "utf-16be mark", "utf-16le", "windows-1252"];

fn payments() -> impl Strategy<Value = Vec<Payment>> {
    // From 2001 to 2033; two accounts from different ranges; amounts up to ten million.
    let payment =
        (1_000_000_000_i64..2_000_000_000, 1_u64..1 << 48, 1_u64..1 << 40, 1_u64..1_000_000_000);
    let payment = payment.prop_map(|(seconds, sender, receiver, minor)| Payment {
        seconds,
        sender: sender + (1 << 41),
        receiver,
        minor,
    });
    proptest::collection::vec(payment, 1..20)
}

fn dialects() -> impl Strategy<Value = Dialect> {
    let decimal = prop_oneof![Just(Decimal::Point), Just(Decimal::Comma)];
    let dates = prop::sample::select(vec![
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%d.%m.%Y",
        "%d-%m-%y",
        "%-d %b %Y",
    ]);
    let texts = (
        prop::sample::select(vec![',', ';', '\t', '|']),
        decimal,
        prop::sample::select(vec!["", "own", " ", "\u{a0}", "'"]),
        dates,
    );
    let rest = (
        any::<bool>(),
        0..ENCODINGS.len(),
        prop::sample::select(vec!["\n", "\r\n", "\r"]),
        any::<bool>(),
    );
    (texts, rest).prop_map(|((delimiter, decimal, thousands, dates), rest)| {
        let (twelve_hours, encoding, line_end, accounts_are_floats) = rest;
        Dialect {
            delimiter,
            decimal,
            thousands,
            dates,
            twelve_hours,
            encoding,
            line_end,
            accounts_are_floats,
        }
    })
}

impl Dialect {
    fn amount(self, minor: u64) -> String {
        let (point, own) = match self.decimal {
            Decimal::Point => ('.', ","),
            Decimal::Comma => (',', "."),
        };
        let separator = if self.thousands == "own" { own } else { self.thousands };
        let digits = (minor / 100).to_string();
        let mut whole = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                whole.push_str(separator);
            }
            whole.push(digit);
        }
        format!("{whole}{point}{:02}", minor % 100)
    }

    fn row(self, payment: &Payment) -> String {
        let at = Timestamp::from_second(payment.seconds).unwrap().to_zoned(TimeZone::UTC);
        let clock = if self.twelve_hours { "%I:%M:%S %p" } else { "%H:%M:%S" };
        let float = if self.accounts_are_floats { ".0" } else { "" };
        let cells = [
            at.strftime(self.dates).to_string(),
            at.strftime(clock).to_string(),
            format!("{}{float}", payment.sender),
            format!("{}{float}", payment.receiver),
            self.amount(payment.minor),
            "Zoë Müller".to_owned(),
        ];
        // A cell that contains the delimiter is quoted, as by every writer of CSV.
        let quote = |cell: &String| {
            if cell.contains(self.delimiter) { format!("\"{cell}\"") } else { cell.clone() }
        };
        cells.iter().map(quote).collect::<Vec<_>>().join(&self.delimiter.to_string())
    }

    fn file(self, payments: &[Payment]) -> Vec<u8> {
        let header =
            ["Day", "Clock", "From", "To", "Sum", "Name"].join(&self.delimiter.to_string());
        let rows = payments.iter().map(|payment| self.row(payment));
        let lines: Vec<String> = std::iter::once(header).chain(rows).collect();
        let text = lines.join(self.line_end) + self.line_end;
        let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(bytes).collect()
        };
        match ENCODINGS[self.encoding] {
            "utf-8 mark" => format!("\u{feff}{text}").into_bytes(),
            "utf-16le mark" => wide(&format!("\u{feff}{text}"), u16::to_le_bytes),
            "utf-16be mark" => wide(&format!("\u{feff}{text}"), u16::to_be_bytes),
            "utf-16le" => wide(&text, u16::to_le_bytes),
            "windows-1252" => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
            _ => text.into_bytes(),
        }
    }

    fn hints(self) -> Hints {
        let map = "[columns]\ndate = \"Day\"\ntime = \"Clock\"\nsender_account = \"From\"\n\
                   receiver_account = \"To\"\namount = \"Sum\"\nsender_name = \"Name\"\n\
                   currency = { constant = \"EUR\" }\nsender_country = { constant = \"DE\" }\n\
                   receiver_country = { constant = \"FR\" }\n\
                   payment_type = { constant = \"transfer\" }\n";
        let dates = self.dates.starts_with("%d/").then_some(DateOrder::Dmy);
        let dates = dates.or(self.dates.starts_with("%m/").then_some(DateOrder::Mdy));
        let dates = dates.or(self.dates.starts_with("%d-").then_some(DateOrder::Dmy));
        Hints { columns: Some(ColumnMap::parse(map).unwrap()), dates, ..Hints::default() }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_table_reads_back_in_every_dialect(payments in payments(), dialect in dialects()) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, dialect.file(&payments)).unwrap();
        let rows: Result<Vec<Row>, RowError> =
            Dataset::open_with(&path, &dialect.hints()).unwrap().collect();
        let rows = rows.unwrap();
        prop_assert_eq!(rows.len(), payments.len());
        for (row, payment) in rows.iter().zip(&payments) {
            let read = &row.transaction;
            prop_assert_eq!(read.timestamp.instant().as_second(), payment.seconds);
            prop_assert_eq!(read.sender.account.as_str(), payment.sender.to_string());
            prop_assert_eq!(read.receiver.account.as_str(), payment.receiver.to_string());
            prop_assert_eq!(read.sender.name.as_deref(), Some("Zoë Müller"));
            prop_assert_eq!(read.amount.minor(), payment.minor);
        }
    }

    /// Without hints about the dialect, a file is read correctly or not at all.
    #[test]
    fn nothing_is_guessed(payments in payments(), dialect in dialects()) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, dialect.file(&payments)).unwrap();
        let hints = Hints { dates: None, ..dialect.hints() };
        if let Ok(rows) = Dataset::open_with(&path, &hints) {
            for (row, payment) in rows.zip(&payments) {
                if let Ok(row) = row {
                    prop_assert_eq!(row.transaction.timestamp.instant().as_second(), payment.seconds);
                    prop_assert_eq!(row.transaction.amount.minor(), payment.minor);
                }
            }
        }
    }
}
