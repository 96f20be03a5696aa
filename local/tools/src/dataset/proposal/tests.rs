//! The proposals for banks' exports, and that they can be read with them.

use super::*;

fn proposed(name: &str, text: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, text).unwrap();
    propose(&path).unwrap()
}

/// Asserts that all of these lines are proposed.
#[track_caller]
fn check(text: &str, lines: &[&str]) {
    let proposed = proposed("t.csv", text);
    for line in lines {
        assert!(proposed.lines().any(|found| found.starts_with(line)), "{line}\n{proposed}");
    }
}

#[test]
fn a_german_statement_is_read_with_its_proposed_map() {
    check(
        "Umsatzanzeige\n\n\
         IBAN Auftragskonto;Buchungstag;Name Zahlungsbeteiligter;IBAN Zahlungsbeteiligter;\
         Buchungstext;Verwendungszweck;Betrag;Währung\n\
         DE89370400440532013000;07.10.2022;Anna Muster;AT61 1904 3002 3457 3201;SEPA CT;Miete;\
         -1.250,00;EUR\n\
         DE89370400440532013000;25.10.2022;Firma GmbH;FR1420041010050500013M02606;GUTSCHR;Lohn;\
         2.500,00;EUR\n",
        &[
            "date = \"Buchungstag\" # by its name, holds dates",
            "own_account = \"IBAN Auftragskonto\"",
            "counterparty_account = \"IBAN Zahlungsbeteiligter\" # by its name, holds IBANs",
            "counterparty_name = \"Name Zahlungsbeteiligter\"",
            "amount = \"Betrag\" # by its name, holds numbers",
            "currency = \"Währung\" # by its name, holds currencies",
            "purpose = \"Verwendungszweck\"",
            "payment_type = { column = \"Buchungstext\", values = { \"GUTSCHR\" = \"transfer\" }",
            "# 2022-10-07T00:00:00Z  DE…00 DE -> AT…01 AT  1250.00 EUR  transfer",
            "# 2022-10-25T00:00:00Z  FR…06 FR -> DE…00 DE  2500.00 EUR  transfer",
        ],
    );
}

#[test]
fn exports_in_five_languages_are_recognised() {
    check(
        "Date,Type,Description,Paid out,Paid in,Counterparty account,Account\n\
         01/10/2022,Transfer,Rent,500.00,,12345678,87654321\n",
        &["debit = \"Paid out\"", "credit = \"Paid in\"", "own_account = \"Account\""],
    );
    check(
        "\"Datum\",\"Naam / Omschrijving\",\"Rekening\",\"Tegenrekening\",\"Code\",\"Af Bij\",\
         \"Bedrag (EUR)\",\"Mutatiesoort\",\"Mededelingen\"\n\
         \"20221007\",\"J Jansen\",\"NL91ABNA0417164300\",\"NL20INGB0001234567\",\"GT\",\"Af\",\
         \"12,50\",\"Overboeking\",\"Huur\"\n",
        &[
            "own_account = \"Rekening\"",
            "counterparty_account = \"Tegenrekening\"",
            "direction = \"Af Bij\"",
            "currency = { constant = \"EUR\" } # from the amount's name",
            "# 2022-10-07T00:00:00Z  NL…00 NL -> NL…67 NL  12.50 EUR  transfer",
        ],
    );
    check(
        "Date opération;Libellé;Compte émetteur;Compte bénéficiaire;Montant;Devise\n\
         25/10/2022;Loyer;FR1420041010050500013M02606;DE89370400440532013000;1 250,00;EUR\n",
        &[
            "date = \"Date opération\"",
            "sender_account = \"Compte émetteur\"",
            "receiver_account = \"Compte bénéficiaire\"",
            "amount = \"Montant\"",
            "purpose = \"Libellé\"",
            "# 2022-10-25T00:00:00Z  FR…06 FR -> DE…00 DE  1250.00 EUR  transfer",
        ],
    );
    check(
        "Fecha;Concepto;Cuenta ordenante;Cuenta beneficiario;Importe;Divisa\n\
         25/10/2022;Alquiler;1234567;7654321;1.250,00;EUR\n",
        &[
            "receiver_account = \"Cuenta beneficiario\"",
            "purpose = \"Concepto\"",
            "# sender_country = { constant = \"DE\" } # not found",
            "# line 2: sender_country is not mapped, and no IBAN or BIC shows it",
        ],
    );
}

#[test]
fn missing_columns_are_named() {
    check(
        "Buchungstag;Betrag;IBAN\n07/10/2022;1.250;AT611904300234573201\n\
         08/10/2022;1.250;DE89370400440532013000\n",
        &[
            "# decimal = \"comma\" # or \"point\": the first rows do not show which",
            "# dates = \"dmy\" # or \"mdy\": the first rows do not show which",
            "own_account = { constant = \"OWN-ACCOUNT\" } # not found",
            "counterparty_account = \"IBAN\"",
            "# currency = { constant = \"EUR\" } # not found",
            "# none: currency is not mapped",
        ],
    );
}

#[test]
fn the_published_data_sets_have_their_maps() {
    check(
        "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,\
         Amount Paid,Payment Currency,Payment Format,Is Laundering\n\
         2022/09/01 00:06,021174,800737690,012,800737691,1,Euro,2848.96,Euro,Wire,1\n",
        &[
            "receiver_account = \"Account.1\"",
            "# 2022-09-01T00:06:00Z  80…90 US -> 80…91 US  2848.96 EUR  wire",
        ],
    );
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/saml-d.csv");
    assert!(propose(Path::new(fixture)).unwrap().contains("sender_account = \"Sender_account\""));
}

#[test]
fn a_file_without_names_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("t.csv");
    std::fs::write(&path, "1,2,3\n4,5,6\n").unwrap();
    let refusal = propose(&path).unwrap_err().to_string();
    assert!(refusal.ends_with("has column names in a language we know"), "{refusal}");
}
