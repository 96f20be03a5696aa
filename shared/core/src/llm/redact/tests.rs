//! What is redacted and what stays, and that nothing that identifies a party leaves.

use proptest::prelude::*;

use super::*;
use crate::payment::transaction::Transaction;

fn payment(sender: (&str, &str), receiver: (&str, &str), purpose: &str) -> Transaction {
    let party = |(account, name): (&str, &str)| {
        let country = "DE";
        serde_json::json!({"account": account, "bank_country": country, "name": name})
    };
    let text = serde_json::json!({
        "msg_id": "r-1",
        "timestamp": "2026-06-05T10:00:00Z",
        "sender": party(sender),
        "receiver": party(receiver),
        "amount": "100.00",
        "currency": "EUR",
        "payment_type": "transfer",
        "purpose": purpose,
    })
    .to_string();
    let now = "2026-06-05T12:00:00Z".parse().unwrap();
    Transaction::parse(text.as_bytes(), now).unwrap()
}

const SENDER: (&str, &str) = ("DE89370400440532013000", "Jonas Weber");
const RECEIVER: (&str, &str) = ("12345678", "Hausverwaltung Nordlicht GmbH");

#[track_caller]
fn check(purpose: &str, expect: &str) {
    let mut redactor = Redactor::of(&payment(SENDER, RECEIVER, "x"));
    assert_eq!(redactor.redact(purpose), expect, "{purpose}");
}

#[test]
fn names_of_the_payment_are_known_in_any_spelling() {
    check("Miete Jonas Weber", "Miete PERSON_1");
    check("rent for weber", "rent for PERSON_1");
    check("WEBERS Miete", "PERSON_1 Miete");
    check("an w.e.b.e.r", "an w.e.b.e.r");
    check("jonas-weber, jonasweber, j o n a s w e b e r", "PERSON_1, PERSON_1, PERSON_1");
    check("Ｗｅｂｅｒ W\u{435}b\u{435}r We\u{200b}ber", "PERSON_1 PERSON_1 PERSON_1");
    check("an Nordlicht fuer Juni", "an COMPANY_1 fuer Juni");
    check("Hausverwaltung Nordlicht GmbH, Miete", "COMPANY_1, Miete");
}

#[test]
fn capitalised_words_that_are_not_ordinary_may_be_names() {
    check("Geschenk von Anna Baker", "Geschenk von PERSON_2");
    check("rent to J. van der Velde and Anna", "rent to PERSON_2 and PERSON_3");
    check("for Frau schmidt", "for Frau PERSON_2");
    check("Stahlwerk Kowalski GmbH", "Stahlwerk COMPANY_2 GmbH");
    check("RENT JUNE KOWALSKI", "RENT JUNE PERSON_2");
    check("аренда для Ивановой", "аренда для PERSON_2");
    check("Wohnungsmiete und Nebenkosten", "Wohnungsmiete und Nebenkosten");
    check("Anna again: Anna", "PERSON_2 again: PERSON_2");
}

#[test]
fn accounts_and_contacts_become_placeholders() {
    check("to DE89 3704 0044 0532 0130 00", "to ACCOUNT_1");
    check("to 12 34 56 78", "to ACCOUNT_2");
    check("via GB29NWBK60161331926819 ok", "via ACCOUNT_3 ok");
    check("gb29 nwbk 6016 1331 9268 19", "ACCOUNT_3");
    check("card 4111 1111 1111 1111", "card CARD_1");
    check("call +32 475 12 34 56 rent", "call PHONE_1 rent");
    check("tel 0171/1234567", "tel PHONE_1");
    check("write to j.doe@example.com.", "write to EMAIL_1.");
    check("write to j.doe (at) example.com", "write to EMAIL_1");
    check("see https://example.com/a?b=c now", "see URL_1 now");
    check("www.example.org order", "URL_1 order");
    check("ask @moneyhelper", "ask HANDLE_1");
    check("ref 090/9337/55493", "ref INVOICE_1");
    check("+++090/9337/55493+++", "+++NUMBER_1+++");
    check("wallet bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "wallet ACCOUNT_3");
    check("passport C01X00T47", "passport NUMBER_1");
}

#[test]
fn amounts_and_dates_stay() {
    for text in [
        "rent 06/2026, 1.250,00 EUR",
        "due 5.6.2026 and 2026-06-12, 12 500 EUR",
        "paid 20260605: 9,800.00",
        "flat 3, 2026",
        "€1250 for june",
        "100000 EUR loan",
        "12.5. at 14:30",
    ] {
        check(text, text);
    }
}

#[test]
fn numbers_of_documents_tell_how_they_follow_each_other() {
    let mut redactor = Redactor::of(&payment(SENDER, RECEIVER, "x"));
    assert_eq!(
        redactor.redact("Invoice no. 2231 of 5.6.2026"),
        "Invoice no. INVOICE_1 of 5.6.2026"
    );
    assert_eq!(
        redactor.redact("Invoices 2232, 2231 and 2240"),
        "Invoices INVOICE_2, INVOICE_1 and INVOICE_3"
    );
    assert_eq!(redactor.redact("RG2026-17"), "INVOICE_4");
    let notes: Vec<_> = redactor.placeholders().iter().map(|known| known.note.as_str()).collect();
    let number = "the number of an invoice, order or contract";
    assert_eq!(
        notes[notes.len() - 4..],
        [
            number,
            &format!("{number}, 1 above INVOICE_1"),
            &format!("{number}, 8 above INVOICE_2"),
            number
        ]
    );
}

#[test]
fn a_date_in_the_number_of_a_document_is_no_part_of_its_place() {
    for (before, after, skips) in [
        ("FV 815/05/2026", "FV 816/06/2026", false),
        ("FV 415/05/2026", "FV 815/06/2026", true),
        ("RG 2026-0416", "RG 2026-0417", false),
        ("INV-77/2025", "INV-79/2026", true),
        ("Rechnung A-77", "Rechnung B-99", false),
    ] {
        let mut redactor = Redactor::of(&payment(SENDER, RECEIVER, "x"));
        redactor.redact(before);
        redactor.redact(after);
        assert_eq!(redactor.skips_documents(), skips, "{before}, {after}");
    }
}

#[test]
fn a_placeholder_in_the_text_is_none_of_ours() {
    check("PERSON_1 is cleared, ACCOUNT_2 too", "WORD_1 is cleared, WORD_2 too");
}

#[test]
fn only_placeholders_of_the_case_are_revealed() {
    let mut redactor = Redactor::of(&payment(SENDER, RECEIVER, "x"));
    let text = redactor.redact("Miete Weber an Anna Baker");
    assert_eq!(redactor.reveal(&text), "Miete Jonas Weber an Anna Baker");
    assert_eq!(redactor.reveal("PERSON_9 and PERSON_1's"), "PERSON_9 and Jonas Weber's");
    assert!(!format!("{redactor:?}").contains("Baker"));
}

/// Names, purposes and words around them in eight languages and scripts.
struct Language {
    names: &'static [&'static str],
    purposes: &'static [&'static str],
}

/// `{n}` stands for a name, `{a}` for an account, `{c}` for a contact.
const LANGUAGES: [Language; 8] = [
    Language {
        names: &["Jonas Weber", "Käthe Groß-Müller", "Ben Li", "Nordlicht Bau GmbH"],
        purposes: &["Miete Juni {n}", "Rückzahlung an {n}, Konto {a}", "{n} {c} wegen Rechnung 12"],
    },
    Language {
        names: &["Mary O'Neill", "Tom Ng", "Ada King", "Harbour Lights Trading Ltd"],
        purposes: &["rent from {n}", "gift for {n} call {c}", "please forward to {n} acct {a}"],
    },
    Language {
        names: &["Élodie Lefèvre", "Jean-Marc Dûval", "Boulangerie Soleil SARL"],
        purposes: &["loyer {n} juin", "virement {a} pour {n}", "remboursement {n} ({c})"],
    },
    Language {
        names: &["Иван Петров", "Ольга Сидорова", "Ева Ким"],
        purposes: &["аренда {n} за июнь", "возврат долга {n} счёт {a}", "{n}: подарок {c}"],
    },
    Language {
        names: &["محمد الحسن", "فاطمة علي", "شركة النور"],
        purposes: &["إيجار {n} يونيو", "تحويل إلى {n} حساب {a}", "هدية من {n} {c}"],
    },
    Language {
        names: &["王小明", "欧阳丽华", "上海晨光贸易有限公司"],
        purposes: &["{n}六月房租", "还款给{n} 账号 {a}", "礼物 {n} {c}"],
    },
    Language {
        names: &["राम शर्मा", "सीता देवी"],
        purposes: &["किराया {n} जून", "{n} को भुगतान {a}", "उपहार {n} {c}"],
    },
    Language {
        names: &["Ayşe Yılmaz", "İbrahim Öz", "Güneş İnşaat A.Ş."],
        purposes: &["kira {n} haziran", "{n} hesap {a}", "{n} hediye {c}"],
    },
];
const ACCOUNTS: [&str; 6] = [
    "DE89370400440532013000",
    "GB29NWBK60161331926819",
    "12345678",
    "ravi.k@okbank",
    "000123-45.678",
    "C0FFEE99",
];
const CONTACTS: [&str; 5] = [
    "anna.b@example.com",
    "+49 171 2345678",
    "0043 660/1234567",
    "https://pay.example.org/x?id=77",
    "@quickcash_77",
];

/// Words of the names above that say what a firm is and not which, folded.
const GENERIC: [&str; 11] = [
    "bau",
    "gmbh",
    "trading",
    "ltd",
    "boulangerie",
    "sarl",
    "شركة",
    "insaat",
    "a",
    "s",
    "贸易有限公司",
];

/// Writes a text as people do: as it is, in capitals, in lower case, with spaces or dots in it.
fn spelt(text: &str, way: usize, is_name: bool) -> String {
    match way % 5 {
        0 => text.to_owned(),
        1 => text.to_uppercase(),
        2 => text.to_lowercase(),
        3 if is_name => text.replace(' ', "_"),
        3 => text.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" "),
        _ if is_name => text.split(' ').next_back().unwrap_or(text).to_owned(),
        _ => text.replace('@', "\u{200b}@"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_identifies_a_party_leaves(
        language in 0..LANGUAGES.len(),
        purpose in 0..3_usize,
        sender in 0..4_usize,
        receiver in 0..4_usize,
        accounts in (0..ACCOUNTS.len(), 1..ACCOUNTS.len()),
        contact in 0..CONTACTS.len(),
        ways in (0..5_usize, 0..5_usize),
        of_receiver in any::<bool>(),
    ) {
        let language = &LANGUAGES[language];
        let name = |at: usize| language.names[at % language.names.len()];
        let (from, to) = (name(sender), name(receiver));
        let other = (accounts.0 + accounts.1) % ACCOUNTS.len();
        let (from_account, to_account) = (ACCOUNTS[accounts.0], ACCOUNTS[other]);
        let (named, account) =
            if of_receiver { (to, to_account) } else { (from, from_account) };
        let account_way = if account.contains('@') && ways.1 == 3 { 0 } else { ways.1 };
        let text = language.purposes[purpose % language.purposes.len()]
            .replace("{n}", &spelt(named, ways.0, true))
            .replace("{a}", &spelt(account, account_way, false))
            .replace("{c}", CONTACTS[contact]);
        let tx = payment((from_account, from), (to_account, to), "x");
        let redacted = Redactor::of(&tx).redact(&text);
        let (seen, compact) = (folded::fold(&redacted), compacted(&redacted));
        for name in [from, to] {
            for word in folded::fold(name).split(|c: char| !c.is_alphanumeric()) {
                if word.chars().count() < 2 || GENERIC.contains(&word) {
                    continue;
                }
                let alone = seen.split(|c: char| !c.is_alphanumeric()).any(|seen| seen == word);
                prop_assert!(!alone, "{word} in {redacted}, from {text}");
            }
            let whole = compacted(name);
            prop_assert!(!compact.contains(&whole), "{name} in {redacted}, from {text}");
        }
        for account in [from_account, to_account] {
            let account = compacted(account);
            prop_assert!(!compact.contains(&account), "{account} in {redacted}, from {text}");
        }
        let contact = compacted(CONTACTS[contact]);
        prop_assert!(!compact.contains(&contact), "{contact} in {redacted}, from {text}");
        prop_assert_eq!(Redactor::of(&tx).redact(&text), redacted, "the same again");
    }

    #[test]
    fn any_text_is_redacted_and_long_digits_never_stay(text in "\\PC{0,200}") {
        let redacted = Redactor::of(&payment(SENDER, RECEIVER, "x")).redact(&text);
        let run = redacted.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
        prop_assert!(run.unwrap_or_default() <= 8, "{redacted}");
    }
}
