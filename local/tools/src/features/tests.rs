//! The features of a file are those that production would have computed.

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor as _;
use sentinel::reference::Reference;
use sentinel::register::VersionedSet as _;
use sentinel::state::features::{NAMES, list_hash};

use super::*;
use crate::dataset::Dataset;

/// The fixture, changed so that the first sender banks in Japan both times; in another country it would
/// be another account.
fn fixture(dir: &Path) -> PathBuf {
    let text = include_str!("../../fixtures/saml-d.csv");
    let path = dir.join("saml-d.csv");
    std::fs::write(&path, text.replace("UK,UK,Debit card", "Japan,UK,Debit card")).unwrap();
    path
}

/// Writes the fixture's features and opens them.
fn built(dir: &Path, forget_days: Option<u32>) -> SerializedFileReader<std::fs::File> {
    let out = dir.join("features.parquet");
    let (files, reading) =
        (vec![fixture(dir)], FileArgs { allow_faulty: true, ..FileArgs::default() });
    run(&Args { files, reading, out: out.clone(), limit: None, reference: None, forget_days })
        .unwrap();
    SerializedFileReader::new(std::fs::File::open(out).unwrap()).unwrap()
}

#[test]
fn rows_are_in_chronological_order() {
    let dir = tempfile::tempdir().unwrap();
    let table = built(dir.path(), None);
    let rows: Vec<_> = table.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    let order: Vec<_> = rows.iter().map(|row| row.get_long(1).unwrap()).collect();
    assert_eq!(order, [2, 4, 1, 3]);
    assert!(rows[3].get_bool(3).unwrap());
    assert_eq!(rows[3].get_string(4).unwrap(), "Structuring");
    assert!(rows[1].get_bool(3).is_err(), "a missing label is null");
}

#[test]
fn values_are_what_production_computes() {
    let dir = tempfile::tempdir().unwrap();
    let table = built(dir.path(), None);
    let reference = Reference::embedded().unwrap();
    let mut rows: Vec<_> =
        Dataset::open(&fixture(dir.path())).unwrap().filter_map(Result::ok).collect();
    rows.sort_by_key(|row| row.transaction.timestamp.instant());
    let mut memory = Memory::default();
    for (row, written) in rows.iter().zip(table.get_row_iter(None).unwrap()) {
        let tx = &row.transaction;
        let facts = sentinel::state::facts::Facts::of(tx, &reference);
        let expect = Features::extract(&facts, &memory.neighbourhood(&facts));
        memory.record(tx.msg_id.as_str(), &facts);
        let written = written.unwrap();
        for (index, value) in expect.values().iter().enumerate() {
            assert_eq!(written.get_float(5 + index).unwrap(), *value, "{}", NAMES[index]);
        }
    }
    // 1001 sent from Japan before it sent to 2001: the second row of an account knows the first.
    let third = table.get_row_iter(None).unwrap().nth(2).unwrap().unwrap();
    let age = NAMES.iter().position(|name| *name == "sender_age_days").unwrap();
    assert_eq!(third.get_float(5 + age).unwrap(), 1.0);
}

#[test]
fn the_file_says_what_it_was_made_from() {
    let dir = tempfile::tempdir().unwrap();
    let table = built(dir.path(), None);
    let metadata = table.metadata().file_metadata();
    let known = metadata.key_value_metadata().unwrap();
    let get = |key: &str| known.iter().find(|kv| kv.key == key).unwrap().value.clone().unwrap();
    assert_eq!(get("sentinel.features_sha256"), list_hash());
    let files: serde_json::Value = serde_json::from_str(&get("sentinel.files")).unwrap();
    assert_eq!(files[0]["name"], "saml-d.csv");
    assert_eq!((&files[0]["rows"], &files[0]["faulty"]), (&4.into(), &6.into()));
    assert_eq!(files[0]["positives"], 1);
    assert!(!dir.path().join("features.parquet.partial").exists());
}

#[test]
fn a_second_pass_forgets_and_the_first_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let table = built(dir.path(), Some(1));
    let rows: Vec<_> = table.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    let pass_and_row = |at: usize| (rows[at].get_int(0).unwrap(), rows[at].get_long(1).unwrap());
    assert_eq!((rows.len(), pass_and_row(2), pass_and_row(6)), (8, (0, 1), (1, 1)));
    let age = 5 + NAMES.iter().position(|name| *name == "sender_age_days").unwrap();
    // The sender's two payments are a day apart.
    assert_eq!(rows[2].get_float(age).unwrap(), 1.0);
    assert_eq!(rows[6].get_float(age).unwrap(), -1.0);
}
