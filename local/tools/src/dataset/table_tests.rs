//! Tables as people have them are read, or refused with a helpful reason, and no account is silently
//! read as two.

use super::tests::{read, read_text, refusal};
use super::*;

const HEADER: &str = "Time,Date,Sender_account,Receiver_account,Amount,Payment_currency,\
                      Received_currency,Sender_bank_location,Receiver_bank_location,Payment_type";
const ROW: &str =
    "10:35:19,2022-10-07,8724731955,2769355426,1459.15,UK pounds,UK pounds,UK,UK,Cheque";

/// Reads one row of SAML-D with a part of it replaced; returns the canonical JSON or the error.
fn replaced(from: &str, to: &str) -> String {
    let (rows, errors) = read_text("t.csv", &format!("{HEADER}\n{}\n", ROW.replace(from, to)));
    match rows.first() {
        Some(row) => row.transaction.to_canonical_json(),
        None => errors[0].to_string(),
    }
}

fn read_with(text: &str, map: &str) -> (Vec<Row>, Vec<RowError>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t.csv");
    std::fs::write(&path, text).unwrap();
    let hints = Hints { columns: Some(ColumnMap::parse(map).unwrap()), ..Hints::default() };
    let rows = Dataset::open_with(&path, &hints).unwrap();
    let (rows, errors): (Vec<_>, Vec<_>) = rows.partition(Result::is_ok);
    let errors = errors.into_iter().map(Result::unwrap_err).collect();
    (rows.into_iter().map(Result::unwrap).collect(), errors)
}

#[test]
fn accounts_that_became_floats_are_restored() {
    let clean = replaced("", "");
    assert!(clean.contains(r#""account":"8724731955""#), "{clean}");
    for cell in ["8724731955.0", "'8724731955", " 8724731955 "] {
        assert_eq!(replaced("8724731955", cell), clean, "{cell}");
    }
    assert_eq!(
        replaced("8724731955", "8.72473E+09"),
        "line 2: Sender_account was cut short by a spreadsheet (scientific notation)"
    );
}

#[test]
fn faulty_cells_say_what_is_wrong_with_them() {
    let check = |from: &str, to: &str, expect: &str| {
        assert_eq!(replaced(from, to), format!("line 2: {expect}"));
    };
    check("1459.15", "(null)", "Amount is empty");
    check("1459.15", "0.000003", "Amount is less than the smallest unit of its currency");
    check("1459.15", "0.00", "Amount must be greater than zero");
    check("1459.15", "€5.00", "Amount is not in the currency of the row");
    check("1459.15", "lots", "Amount is not a number");
    check(
        "UK pounds",
        "Bitcoin",
        "Payment_currency is a cryptocurrency, which has no ISO 4217 code",
    );
    check("2022-10-07", "2022-02-30", "Date is not in the calendar (see --dates)");
    check(
        "2022-10-07",
        "1970-01-01",
        "Date is before 1971 or after 2199: a placeholder, not a time",
    );
    check("10:35:19", "10:35:60", "Time is not a time of day we can read");
    check("Cheque", "Barter", "Payment_type is not a payment type we know");
    check(ROW, "Total,,,,99,,,,,", "the row is a total, not a payment");
}

#[test]
fn a_header_is_found_below_titles_with_any_delimiter() {
    let expect = replaced("", "");
    for (delimiter, before) in [
        (',', ""),
        (';', ""),
        ('\t', ""),
        ('|', ""),
        (';', "sep=;\n"),
        (',', "Payments of October\n\nprinted,2022-11-01\n"),
    ] {
        let text =
            format!("{HEADER},,\n{ROW},,\n,,,,,,,,,,,\n").replace(',', &delimiter.to_string());
        let (rows, errors) = read_text("t.csv", &format!("{before}{text}"));
        assert_eq!(errors, [], "{delimiter:?}");
        assert_eq!(rows[0].transaction.to_canonical_json(), expect, "{delimiter:?}");
        assert_eq!(rows[0].line, before.matches('\n').count() as u64 + 2, "{delimiter:?}");
    }
}

#[test]
fn ambiguous_dates_or_amounts_are_refused_with_the_option_to_give() {
    let file = |dates: [&str; 2], amounts: [&str; 2]| {
        let row = |at: usize| ROW.replace("2022-10-07", dates[at]).replace("1459.15", amounts[at]);
        format!("{HEADER}\n{}\n{}\n", row(0), row(1))
    };
    let open = file(["07/10/2022", "08/10/2022"], ["1.5", "2.5"]);
    assert!(refusal("t.csv", open.as_bytes()).ends_with("give --dates dmy or --dates mdy"));
    let open = file(["2022-10-07", "2022-10-07"], ["1.500", "2.500"]);
    let refused = refusal("t.csv", open.as_bytes());
    assert!(refused.ends_with("give --decimal point or --decimal comma"), "{refused}");
    let both = file(["25/10/2022", "10/25/2022"], ["1.5", "2.5"]);
    assert!(refusal("t.csv", both.as_bytes()).contains("both days first and months first"));

    let settled = file(["07/10/2022", "25/10/2022"], ["1.500", "1.500.75"]);
    let settled = settled.replace("1.500.75", "\"1.500,75\"");
    let (rows, errors) = read_text("t.csv", &settled);
    assert_eq!(errors, []);
    let first = (rows[0].transaction.timestamp.as_str(), rows[0].transaction.amount.to_string());
    assert_eq!(first, ("2022-10-07T10:35:19Z", "1500.00".to_owned()));
}

#[test]
fn a_row_that_settles_the_file_may_come_late() {
    let row = ROW.replace("2022-10-07", "07/10/2022") + "\n";
    let late = ROW.replace("2022-10-07", "10/25/2022");
    let (rows, errors) = read_text("t.csv", &format!("{HEADER}\n{}{late}\n", row.repeat(2_500)));
    assert_eq!((rows.len(), errors), (2_501, vec![]));
    assert_eq!(rows[0].transaction.timestamp.as_str(), "2022-07-10T10:35:19Z");
}

const STATEMENT: &str = r#"
[columns]
date = "Tag"
own_account = { constant = "DE89370400440532013000" }
counterparty_account = "Konto"
counterparty_country = { column = "Land", otherwise = "DE" }
currency = { constant = "EUR" }
payment_type = { column = "Art", values = { "SEPA XY" = "instant" }, otherwise = "transfer" }
"#;

/// Who pays whom how much, for each row.
fn flows(rows: &[Row]) -> Vec<String> {
    let short = |account: &str| account.get(..4).unwrap_or(account).to_owned();
    let flow = |row: &Row| {
        let sent = &row.transaction;
        let (from, to) =
            (short(sent.sender.account.as_str()), short(sent.receiver.account.as_str()));
        format!("{from} {to} {} {}", sent.amount, sent.payment_type.code())
    };
    rows.iter().map(flow).collect()
}

#[test]
fn a_statement_shows_who_pays_by_sign_column_or_word() {
    let expect = ["DE89 K1 12.50 instant", "K2 DE89 1000.00 transfer"];
    for (amounts, header, cells) in [
        ("amount = \"Betrag\"", "Betrag", ["-12,50", "1.000,00"]),
        ("amount = \"Betrag\"", "Betrag", ["12,50-", "1 000,00"]),
        ("debit = \"Soll\"\ncredit = \"Haben\"", "Soll;Haben", ["12,50;", "0,00;1.000,00"]),
        ("debit = \"Soll\"\ncredit = \"Haben\"", "Soll;Haben", ["-12,50;0,00", ";1.000,00"]),
        ("amount = \"Betrag\"\ndirection = \"S/H\"", "Betrag;S/H", ["12,50;S", "1.000,00;H"]),
        ("amount = \"Betrag\"\ndirection = \"S/H\"", "Betrag;S/H", ["-12,50;D", "1.000,00;C"]),
    ] {
        let map = STATEMENT.replace("currency =", &format!("{amounts}\ncurrency ="));
        let [first, second] = cells;
        let text = format!(
            "Tag;Konto;Land;Art;{header}\n07.10.2022;K1;;SEPA XY;{first}\n\
             08.10.2022;K2;FR;?;{second}\n"
        );
        let (rows, errors) = read_with(&text, &map);
        assert_eq!(errors, [], "{header}");
        assert_eq!(flows(&rows), expect, "{header}");
        assert_eq!(rows[1].transaction.sender.bank_country.code(), "FR");
    }
}

#[test]
fn a_map_sets_ids_zone_and_the_meaning_of_signs() {
    let map = "zone = \"Europe/Berlin\"\nsign = \"ignored\"\n[columns]\nmsg_id = \"Nr\"\n\
               date = \"Tag\"\nsender_account = \"Von\"\nreceiver_account = \"An\"\n\
               receiver_bank = \"BIC\"\nsender_name = \"Name\"\npurpose = \"Zweck\"\n\
               amount = \"Betrag\"\ncurrency = \"Geld\"\n\
               payment_type = { constant = \"transfer\" }\n";
    let text = "Nr;Tag;Von;An;BIC;Name;Zweck;Betrag;Geld\n\
                x-1;7.10.2022 10:00;DE89 3704 0044 0532 0130 00;0012;BNPAFRPP;Zoë;\"Miete\n\
                Mai\";-12,50;eur\n";
    let (rows, errors) = read_with(text, map);
    assert_eq!(errors, []);
    assert_eq!(
        rows[0].transaction.to_canonical_json(),
        concat!(
            r#"{"msg_id":"x-1","timestamp":"2022-10-07T10:00:00+02:00","#,
            r#""sender":{"account":"DE89370400440532013000","bank_country":"DE","name":"Zoë"},"#,
            r#""receiver":{"account":"0012","bank_country":"FR","bank":"BNPAFRPP"},"#,
            r#""amount":"12.50","currency":"EUR","payment_type":"transfer","purpose":{"text":"Miete Mai"}}"#
        )
    );
}

#[test]
fn amlworld_is_read_as_it_is_published() {
    let header = "Timestamp,From Bank,Account,To Bank,Account,Amount Received,\
                  Receiving Currency,Amount Paid,Payment Currency,Payment Format,Is Laundering\n";
    let row =
        "2022/09/01 00:06,021174,800737690,012,800737690,2848.96,Euro,2500.5,US Dollar,Wire,1";
    let read = |from: &str, to: &str| {
        let text = format!("{header}{}\n", row.replace(from, to));
        let (rows, errors) = read_text("HI-Small_Trans.csv", &text);
        match rows.first() {
            Some(row) => row.transaction.to_canonical_json(),
            None => errors[0].to_string(),
        }
    };
    assert_eq!(
        read("", ""),
        concat!(
            r#"{"msg_id":"HI-Small_Trans-0000001","timestamp":"2022-09-01T00:06:00Z","#,
            r#""sender":{"account":"800737690","bank_country":"US","bank":"021174"},"#,
            r#""receiver":{"account":"800737690","bank_country":"US","bank":"012"},"#,
            r#""amount":"2500.50","currency":"USD","received_currency":"EUR","#,
            r#""payment_type":"wire"}"#
        )
    );
    for (format, kind) in [("ACH", "ach"), ("Cash", "cash_deposit"), ("Reinvestment", "transfer")] {
        assert!(read("Wire", format).contains(&format!(r#""payment_type":"{kind}""#)), "{format}");
    }
    for (from, to, expect) in [
        ("021174", "012", "sender and receiver are the same account"),
        (
            "US Dollar",
            "Bitcoin",
            "Payment Currency is a cryptocurrency, which has no ISO 4217 code",
        ),
        (
            "2500.5",
            "-120.5",
            "Amount Paid is negative: only a statement's sign shows who pays (see sentinel columns)",
        ),
        ("2500.5", "(null)", "Amount Paid is empty"),
        ("021174", "", "From Bank is empty"),
        ("/09/", "/13/", "Timestamp is not in the calendar (see --dates)"),
        ("Wire,1", "Wire,2", "Is Laundering is neither 0 nor 1"),
        ("Wire,1", "Wire", "the row has 10 cells, the header 11"),
    ] {
        assert_eq!(read(from, to), format!("line 2: {expect}"), "{to}");
    }
    let one_account = header.replacen("Account,", "", 1);
    assert!(refusal("t.csv", one_account.as_bytes()).contains("has no column Account.1;"));
}

fn fixture(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures")).join(name)
}

#[test]
fn a_spreadsheets_unicode_text_is_read() {
    let (rows, errors) = read(&fixture("excel-unicode.txt"));
    let times: Vec<&str> = rows.iter().map(|row| row.transaction.timestamp.as_str()).collect();
    assert_eq!(times, ["2022-10-07T10:35:19Z", "2022-10-09T18:00:00Z"]);
    assert_eq!(rows[0].transaction.sender.account.as_str(), "8724731955");
    assert_eq!(rows[1].transaction.sender.account.as_str(), "0012");
    assert_eq!(rows[1].transaction.amount.to_string(), "1234567.00");
    let cut = "line 3: Sender_account was cut short by a spreadsheet (scientific notation)";
    assert_eq!(errors.iter().map(ToString::to_string).collect::<Vec<_>>(), [cut]);
}

#[test]
fn a_banks_statement_is_read_by_its_map() {
    let map = std::fs::read_to_string(fixture("statement.toml")).unwrap();
    let hints = Hints { columns: Some(ColumnMap::parse(&map).unwrap()), ..Hints::default() };
    let rows = Dataset::open_with(&fixture("statement.csv"), &hints).unwrap();
    let line = |row: Result<Row, RowError>| match row {
        Err(err) => err.to_string(),
        Ok(row) => {
            let (sent, short) = (row.transaction, |account: &str| account[..2].to_owned());
            let (from, to) =
                (short(sent.sender.account.as_str()), short(sent.receiver.account.as_str()));
            let name = sent.sender.name.or(sent.receiver.name).unwrap_or_default();
            format!("{} {from} {to} {} {name}", sent.timestamp.as_str(), sent.amount)
        }
    };
    assert_eq!(
        rows.map(line).collect::<Vec<_>>(),
        [
            "2022-10-03T00:00:00+02:00 DE AT 1250.00 Anna Müller",
            "2022-10-25T00:00:00+02:00 FR DE 2500.00 Société Générale",
            "line 6: IBAN Zahlungsbeteiligter is empty",
            "line 7: the row is a total, not a payment",
            "line 8: the row is a total, not a payment",
        ]
    );
}

/// Small real-world files kept outside the project, if available.
#[test]
fn real_world_files_are_read_or_refused_with_a_reason() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/real"));
    if !folder.exists() {
        eprintln!("skipped: the real-world files are not available");
        return;
    }
    let file = |name: &str| folder.join(name);
    let check = |name: &str, rows: usize, faulty: usize| {
        let (read, errors) = read(&file(name));
        assert_eq!((read.len(), errors.len()), (rows, faulty), "{name} {errors:?}");
    };
    check("14a-mac-line-ends.csv", 3, 0);
    check("14c-account-dot-zero.csv", 4, 0);
    check("14e-amlworld-oddities.csv", 1, 4);
    check("14f-semicolon.csv", 3, 0);
    let (dotted, clean) = (file("14c-account-dot-zero.csv"), file("14d-account-clean.csv"));
    let accounts = |path: &Path| -> Vec<String> {
        read(path).0.into_iter().map(|row| row.transaction.sender.account.into()).collect()
    };
    assert_eq!(accounts(&dotted), accounts(&clean));
    let refused = Dataset::open(&file("14b-uk-dates.csv")).err().unwrap().to_string();
    assert!(refused.ends_with("give --dates dmy or --dates mdy"), "{refused}");
}
