//! The readers accept data sets as published, and name each faulty row.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::*;

fn fixture() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/saml-d.csv"))
}

pub(super) fn read(path: &Path) -> (Vec<Row>, Vec<RowError>) {
    let (rows, errors): (Vec<_>, Vec<_>) = Dataset::open(path).unwrap().partition(Result::is_ok);
    (
        rows.into_iter().map(Result::unwrap).collect(),
        errors.into_iter().map(Result::unwrap_err).collect(),
    )
}

/// Reads a file with this name and text.
pub(super) fn read_text(name: &str, text: &str) -> (Vec<Row>, Vec<RowError>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, text).unwrap();
    read(&path)
}

/// Why a file cannot be read at all.
pub(super) fn refusal(name: &str, bytes: &[u8]) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    Dataset::open(&path).err().expect("refused").to_string()
}

#[test]
fn a_row_becomes_a_transaction() {
    let (rows, _) = read(&fixture());
    let yen = &rows[1];
    assert_eq!(
        yen.transaction.to_canonical_json(),
        concat!(
            r#"{"msg_id":"saml-d-0000002","timestamp":"2023-01-01T09:15:00Z","#,
            r#""sender":{"account":"1001","bank_country":"JP"},"#,
            r#""receiver":{"account":"2002","bank_country":"GB"},"#,
            r#""amount":"98000","currency":"JPY","received_currency":"GBP","#,
            r#""payment_type":"cross_border"}"#
        )
    );
    assert_eq!((yen.line, yen.label), (3, Some(false)));
    assert_eq!(yen.typology.as_deref(), Some("Normal_Foward"));
    assert_eq!(rows[2].label, Some(true));
}

#[test]
fn codes_and_missing_labels_are_accepted() {
    let (rows, _) = read(&fixture());
    let last = &rows[3];
    assert_eq!((last.line, last.label, last.typology.as_deref()), (11, None, None));
    assert_eq!(last.transaction.receiver.bank_country.code(), "SE");
    assert_eq!(last.transaction.msg_id.as_str(), "saml-d-0000010");
}

#[test]
fn faulty_rows_name_their_line_and_do_not_stop_the_others() {
    let (rows, errors) = read(&fixture());
    assert_eq!(rows.len(), 4);
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "line 5: sender and receiver are the same account",
            "line 6: Payment_currency is not a currency we know",
            "line 7: the row has 6 cells, the header 12",
            "line 8: Time is not a time of day we can read",
            "line 9: Amount is negative: only a statement's sign shows who pays (see sentinel columns)",
            "line 10: Is_laundering is neither 0 nor 1",
        ]
    );
}

/// Columns as pandas writes them: text, a double, an 8-bit integer, all optional, and one column that
/// is not in the schema.
const PANDAS_SCHEMA: &str = "message schema {
    optional int32 Extra;
    optional binary Time (UTF8); optional binary Date (UTF8);
    optional binary Sender_account (UTF8); optional binary Receiver_account (UTF8);
    optional double Amount;
    optional binary Payment_currency (UTF8); optional binary Received_currency (UTF8);
    optional binary Sender_bank_location (UTF8); optional binary Receiver_bank_location (UTF8);
    optional binary Payment_type (UTF8);
    optional int32 Is_laundering (INT_8); optional binary Laundering_type (UTF8);
}";

fn write_parquet(path: &Path, amount: f64) {
    let schema = Arc::new(parse_message_type(PANDAS_SCHEMA).unwrap());
    let file = std::fs::File::create(path).unwrap();
    let mut writer =
        SerializedFileWriter::new(file, schema, Arc::new(WriterProperties::new())).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let texts = [
        "23:59:58",
        "2023-01-01",
        "9843",
        "external_sink",
        "UK pounds",
        "UK pounds",
        "UK",
        "UK",
        "Debit card",
        "Normal_External",
    ];
    let mut texts = texts.iter().map(|text| ByteArray::from(*text));
    let names = PANDAS_SCHEMA.matches("optional").count();
    for index in 0..names {
        let mut column = group.next_column().unwrap().unwrap();
        match index {
            0 | 11 => {
                column.typed::<Int32Type>().write_batch(&[1], Some(&[1]), None).unwrap();
            }
            5 => {
                column.typed::<DoubleType>().write_batch(&[amount], Some(&[1]), None).unwrap();
            }
            _ => {
                let text = texts.next().unwrap();
                column.typed::<ByteArrayType>().write_batch(&[text], Some(&[1]), None).unwrap();
            }
        }
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
}

#[test]
fn parquet_reads_like_the_same_csv() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m 1.parquet");
    write_parquet(&path, 436.7);
    assert_eq!(Dataset::open(&path).unwrap().row_count(), Some(1));
    let (rows, errors) = read(&path);
    assert_eq!(errors, []);
    assert_eq!((rows[0].line, rows[0].label), (1, Some(true)));
    assert_eq!(rows[0].typology.as_deref(), Some("Normal_External"));

    let twin = dir.path().join("m 1.csv");
    let text = "Time,Date,Sender_account,Receiver_account,Amount,Payment_currency,\
                Sender_bank_location,Receiver_bank_location,Payment_type\n\
                23:59:58,2023-01-01,9843,external_sink,436.70,UK pounds,UK,UK,Debit card\n";
    std::fs::write(&twin, text).unwrap();
    assert_eq!(read(&twin).0[0].transaction, rows[0].transaction);
    assert_eq!(rows[0].transaction.msg_id.as_str(), "m-1-0000001");
}

#[test]
fn a_float_that_is_not_an_amount_is_a_faulty_row() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("odd.parquet");
    write_parquet(&path, f64::NAN);
    let (rows, errors) = read(&path);
    assert_eq!(rows, []);
    assert_eq!(errors[0].to_string(), "line 1: Amount is empty");
}

#[test]
fn files_that_are_not_data_sets_are_refused() {
    let check = |name: &str, text: &str, expect: &str| {
        let refusal = refusal(name, text.as_bytes());
        assert!(refusal.ends_with(expect), "{refusal}");
    };
    let proposes = "has no column Sender_account; if its columns have other names, \
                    `sentinel columns` proposes a map for --columns";
    check("a.csv", "Time,Date,Amount\n", proposes);
    check("a.csv", "", "it is empty");
    for name in ["a.xlsx", "a", "a.gz", "a.parquet.gz", "csv"] {
        let expect = "expected a file ending in .csv, .tsv, .txt, .ndjson or .jsonl, each also \
                      with .gz appended, or in .parquet";
        check(name, "", expect);
    }
    let absent = fixture().with_file_name("absent");
    for extension in ["csv", "ndjson", "parquet", "csv.gz"] {
        let path = absent.with_extension(extension);
        assert!(matches!(Dataset::open(&path), Err(DatasetError::Io { .. })), "{extension}");
    }
}

#[test]
fn a_byte_order_mark_and_broken_utf8_do_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bom.csv");
    let text = std::fs::read_to_string(fixture()).unwrap();
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    let good = lines.next().unwrap();
    let mut bytes = format!("\u{feff}{header}\r\n").into_bytes();
    bytes.extend(good.replace("1001", "10\u{e9}1").bytes().filter(|b| *b != 0xc3));
    bytes.extend(format!("\r\n\r\n\n{good}\r\n{good}").bytes());
    std::fs::write(&path, bytes).unwrap();
    let (rows, errors) = read(&path);
    assert_eq!(errors, [RowError { line: 2, reason: Fault::NotUtf8 }]);
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [5, 6]);
    assert_eq!(rows[1].typology.as_deref(), Some("Normal_Fan_Out"));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn gzip_reads_like_its_content() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(fixture()).unwrap();
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let path = dir.path().join("saml-d.CSV.gz");
    // Gzip files joined with `cat` are a gzip file too.
    std::fs::write(&path, [gzip(first), gzip(second)].concat()).unwrap();
    assert_eq!(Dataset::open(&path).unwrap().id_prefix(), Some("saml-d"));
    assert_eq!(read(&path), read(&fixture()));

    let (rows, _) = read(&fixture());
    let lines: Vec<_> = rows.iter().map(|row| row.transaction.to_canonical_json()).collect();
    let path = dir.path().join("t.ndjson.gz");
    std::fs::write(&path, gzip(lines.join("\n").as_bytes())).unwrap();
    assert_eq!(Dataset::open(&path).unwrap().id_prefix(), None);
    let (unpacked, errors) = read(&path);
    assert_eq!(errors, []);
    assert!(unpacked.iter().zip(&rows).all(|(a, b)| a.transaction == b.transaction));
    assert_eq!(unpacked.len(), rows.len());
}

/// Reads a gzip file of random lines, which compress badly, that breaks off half-way.
fn broken_gzip(name: &str, header: &str, line: impl Fn(u64) -> String) -> (Vec<Row>, RowError) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    let hash = |at: u64| at.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(at);
    let text = (1..=20_000).fold(header.to_owned(), |text, at| text + &line(hash(at)) + "\n");
    let bytes = gzip(text.as_bytes());
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let mut dataset = Dataset::open(&path).unwrap();
    let mut rows = Vec::new();
    let error = loop {
        match dataset.next().expect("a fault before the end") {
            Ok(row) => rows.push(row),
            Err(err) => break err,
        }
    };
    assert_eq!(dataset.next(), None);
    (rows, error)
}

#[test]
fn a_truncated_gzip_file_gives_its_rows_and_then_an_error() {
    let check = |(rows, error): (Vec<Row>, RowError)| {
        assert!(rows.len() > 5_000, "{}", rows.len());
        assert_eq!(error.line, rows[rows.len() - 1].line + 1);
        assert!(matches!(error.reason, Fault::BrokenFile(_)), "{error}");
    };
    let header = "Time,Date,Sender_account,Receiver_account,Amount,Payment_currency,\
                  Sender_bank_location,Receiver_bank_location,Payment_type\n";
    check(broken_gzip("t.csv.gz", header, |hash| {
        format!("23:59:58,2023-01-01,{hash:x},b,1,Yen,UK,UK,Debit card")
    }));
    check(broken_gzip("t.jsonl.gz", "", |hash| {
        format!(r#"{{"msg_id":"{hash:x}","timestamp":"2023-01-01T00:00:00Z","#,)
            + r#""sender":{"account":"1","bank_country":"GB"},"#
            + r#""receiver":{"account":"2","bank_country":"GB"},"#
            + r#""amount":"1","currency":"GBP","payment_type":"wire"}"#
    }));
}

#[test]
fn a_file_that_is_only_named_gzip_is_refused() {
    let text = std::fs::read(fixture()).unwrap();
    for name in ["t.csv.gz", "t.ndjson.gz", "t.txt.gz"] {
        let refusal = refusal(name, &text);
        assert!(refusal.starts_with("cannot read ") && refusal.contains("gzip"), "{refusal}");
    }
}
