//! Finds what identifies somebody by its digits: accounts, IBANs, cards, phone numbers, invoice
//! numbers and any other long run of digits. Amounts and dates are no such thing and stay.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use super::Kind;
use super::claims::Claims;
use super::folded::{Folded, fold};
use crate::payment::money::Currency;
use crate::payment::transaction::Account;

/// Fewest digits that make a number worth hiding; flats, floors and years have fewer.
const LONG: usize = 6;
/// Most digits before the decimals of an amount.
const AMOUNT_DIGITS: usize = 12;
/// Most digits of an amount that nothing but a currency beside it tells from an account.
const BARE_AMOUNT_DIGITS: usize = 7;

/// Words that announce the number of a document.
static DOCUMENT_WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    words(
        "inv invoice invoices bill order po contract ref reference rechnung rechnungen rg rgnr rnr re \
         beleg bestellung auftrag vertrag facture factures fact commande contrat factura facturas fra \
         pedido contrato fattura fatture ft ordine contratto factuur fac bestelling faktura faktury fv \
         zamowienie umowa fatura faturas encomenda siparis sozlesme payment policy ticket case file \
         счет счёт счета счету инвойс договор договору заказ рахунок τιμολόγιο فاتورة 发票 發票 請求書",
    )
});
/// Words for currencies beside their codes.
static CURRENCY_WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    words("euro euros dollar dollars pound pounds franken zl zloty tl lira rub руб kr kc lei")
});

/// Returns the words of a list, folded.
fn words(list: &str) -> HashSet<String> {
    list.split_whitespace().map(fold).collect()
}

/// Words that may stand between such a word and its number.
const NUMBER_WORDS: [&str; 14] = [
    "no", "nr", "num", "number", "nummer", "numero", "nro", "n", "id", "ref", "code", "numer",
    "νο", "№",
];
/// Words that join several numbers of documents.
const JOINING: [&str; 10] = ["and", "und", "et", "y", "e", "i", "en", "ve", "и", "to"];

/// Claims every known account, in any spelling.
pub(super) fn claim_known(folded: &Folded, compact: &str, claims: &mut Claims) {
    let length = compact.chars().count();
    for word in &folded.words {
        // A short number is looked for as a word, since it may stand inside another by chance.
        let starts = if length < LONG { word.start..word.start + 1 } else { word.clone() };
        for start in starts {
            let Some(end) = end_of(folded, start, compact) else { continue };
            let whole = !folded.at(end).is_some_and(char::is_alphanumeric);
            if length >= LONG || whole {
                claims.add(start..end, Kind::Account, compact.to_owned());
                break;
            }
        }
    }
}

/// Returns where a compact text ends that starts here, written with separators or without.
pub(super) fn end_of(folded: &Folded, start: usize, compact: &str) -> Option<usize> {
    let mut at = start;
    for (index, wanted) in compact.chars().enumerate() {
        if index > 0 {
            let separators = folded.chars[at..].iter().take_while(|c| !c.c.is_alphanumeric());
            at += separators.count().min(3);
        }
        if folded.at(at) != Some(wanted) {
            return None;
        }
        at += 1;
    }
    Some(at)
}

/// Claims IBANs, whatever their check digits, and the long addresses of crypto assets.
pub(super) fn claim_accounts(folded: &Folded, claims: &mut Claims) {
    const MOST_GROUPS: usize = 9;
    for first in 0..folded.words.len() {
        let mut compact = String::new();
        let mut found = None;
        for last in first..folded.words.len().min(first + MOST_GROUPS) {
            if last > first && folded.words[last].start > folded.words[last - 1].end + 1 {
                break;
            }
            compact.push_str(&folded.text(folded.words[last].clone()));
            let Ok(account) = Account::parse(&compact) else { break };
            // One that is a group too short passes for an IBAN with a slip.
            if account.is_iban() || account.is_invalid_iban() {
                let span = folded.words[first].start..folded.words[last].end;
                found = Some((span, compact.clone()));
            }
            if account.is_iban() {
                break;
            }
        }
        if let Some((span, identity)) = found {
            claims.add(span, Kind::Account, identity);
        }
        let word = &folded.words[first];
        let digits = word.clone().filter(|at| folded.is_digit(*at)).count();
        if word.len() >= 20 && digits > 0 && digits < word.len() {
            claims.add(word.clone(), Kind::Account, folded.text(word.clone()));
        }
    }
}

/// Claims the numbers of invoices, orders and contracts: what follows the word, or stands on it.
pub(super) fn claim_documents(folded: &Folded, claims: &mut Claims) {
    let mut index = 0;
    while index < folded.words.len() {
        let word = folded.words[index].clone();
        let text = folded.text(word.clone());
        index += 1;
        if let Some(at) = text.find(|c: char| c.is_ascii_digit()) {
            // RG4711, INV-2026-12.
            if at > 0 && DOCUMENT_WORDS.contains(&text[..at]) {
                claim_document(folded, word, claims);
            }
            continue;
        }
        if !DOCUMENT_WORDS.contains(&text) {
            continue;
        }
        let mut next = index;
        while folded
            .words
            .get(next)
            .is_some_and(|word| NUMBER_WORDS.contains(&folded.text(word.clone()).as_str()))
        {
            next += 1;
        }
        let mut previous = folded.words[next - 1].end;
        while let Some(number) = folded.words.get(next) {
            let near = number.start - previous <= 3;
            let text = folded.text(number.clone());
            if near && text.contains(|c: char| c.is_ascii_digit()) {
                let claimed = claim_document(folded, number.clone(), claims);
                let Some(end) = claimed else { break };
                previous = end;
                next += folded.words[next..].iter().take_while(|word| word.start < end).count();
            } else if near && JOINING.contains(&text.as_str()) {
                previous = number.end;
                next += 1;
            } else {
                break;
            }
        }
        index = index.max(next);
    }
}

/// Claims a document's number that begins with a word and goes on over `-`, `/`, `.` and `_`;
/// returns where it ends, or nothing if it is a date or an amount.
fn claim_document(folded: &Folded, word: Range<usize>, claims: &mut Claims) -> Option<usize> {
    let mut end = word.end;
    while folded.at(end).is_some_and(|c| "-/._".contains(c))
        && folded.at(end + 1).is_some_and(char::is_alphanumeric)
    {
        end += 1 + folded.chars[end + 1..].iter().take_while(|c| c.c.is_alphanumeric()).count();
    }
    let text = folded.text(word.start..end);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits == 0 || date_at(folded, word.start).is_some_and(|date| date == end) {
        return None;
    }
    if amount_at(folded, word.start).is_some_and(|amount| amount >= end) {
        return None;
    }
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let identity = parts.collect::<Vec<_>>().join("-");
    claims.add(word.start..end, Kind::Invoice, identity);
    Some(end)
}

/// Claims cards, phone numbers and other long runs of digits.
pub(super) fn claim_digits(folded: &Folded, claims: &mut Claims) {
    let mut at = 0;
    while at < folded.chars.len() {
        if !folded.is_digit(at) || claims.covers(at) {
            at += 1;
            continue;
        }
        if let Some(end) = phone_at(folded, at) {
            let from = if at > 0 && folded.at(at - 1) == Some('+') { at - 1 } else { at };
            claims.add(from..end, Kind::Phone, digits_of(folded, at..end));
            at = end;
            continue;
        }
        if let Some(end) = date_at(folded, at).or_else(|| amount_at(folded, at)) {
            at = end;
            continue;
        }
        let end = run_at(folded, at);
        let digits = digits_of(folded, at..end);
        let card = (13..=19).contains(&digits.len()) && passes_luhn(&digits);
        if card {
            claims.add(at..end, Kind::Card, digits);
        } else if digits.len() >= LONG {
            claims.add(at..end, Kind::Number, digits);
        }
        at = end;
    }
    // Letters and digits mixed: a passport, a plate, a booking.
    for word in &folded.words {
        let digits = word.clone().filter(|at| folded.is_digit(*at)).count();
        if digits + 1 >= LONG && digits < word.len() {
            claims.add(word.clone(), Kind::Number, folded.text(word.clone()));
        }
    }
}

fn digits_of(folded: &Folded, range: Range<usize>) -> String {
    range.filter(|at| folded.is_digit(*at)).filter_map(|at| folded.at(at)).collect()
}

fn digits_end(folded: &Folded, at: usize) -> usize {
    at + folded.chars[at..].iter().take_while(|c| c.c.is_ascii_digit()).count()
}

/// Returns where a run of digits ends, with groups of three and more joined by one separator. What
/// reads as a date or an amount ends it.
fn run_at(folded: &Folded, at: usize) -> usize {
    let mut end = digits_end(folded, at);
    let mut group = end - at;
    while let Some(separator) = folded.at(end)
        && " -./".contains(separator)
        && folded.is_digit(end + 1)
        && date_at(folded, end + 1).is_none()
        && amount_at(folded, end + 1).is_none()
    {
        let next = digits_end(folded, end + 1);
        let length = next - end - 1;
        if separator == ' ' && (group < 3 || length < 2) {
            break;
        }
        (end, group) = (next, length);
    }
    end
}

/// Returns where a phone number ends: it begins with `+`, `00` or `0`, and has 8 to 15 digits.
fn phone_at(folded: &Folded, at: usize) -> Option<usize> {
    let before = |back: usize| at.checked_sub(back).and_then(|at| folded.at(at));
    let plus = before(1) == Some('+');
    // Belgian references stand between three plus signs.
    if plus && before(2) == Some('+') {
        return None;
    }
    if !plus && (folded.at(at) != Some('0') || date_at(folded, at).is_some()) {
        return None;
    }
    if before(1).is_some_and(char::is_alphanumeric) {
        return None;
    }
    let mut end = digits_end(folded, at);
    loop {
        let gap = folded.chars[end..].iter().take_while(|c| " -./()".contains(c.c)).count();
        if gap == 0 || gap > 2 || !folded.is_digit(end + gap) {
            break;
        }
        end = digits_end(folded, end + gap);
    }
    let digits = (at..end).filter(|at| folded.is_digit(*at)).count();
    let ends = !folded.at(end).is_some_and(char::is_alphabetic);
    ((8..=15).contains(&digits) && ends).then_some(end)
}

/// Returns where a date ends that starts here: `5.6.2026`, `2026-06-05`, `06/2026`, `5.6.`,
/// `20260605`, or a year.
fn date_at(folded: &Folded, at: usize) -> Option<usize> {
    if at > 0 && folded.is_digit(at - 1) {
        return None;
    }
    let mut parts: Vec<(usize, u32)> = Vec::new();
    let (mut end, mut separator, mut ends) = (at, None, Vec::new());
    while parts.len() < 3 {
        let next = digits_end(folded, end);
        if next == end || next - end > 8 {
            break;
        }
        parts.push((next - end, folded.text(end..next).parse().ok()?));
        ends.push(next);
        end = next;
        let sign = folded.at(end).filter(|c| "./-".contains(*c));
        if sign.is_none() || separator.is_some_and(|known| Some(known) != sign) {
            break;
        }
        separator = sign;
        end += 1;
    }
    let last = *ends.last()?;
    if folded.at(last).is_some_and(char::is_alphabetic) {
        return None;
    }
    let year = |(length, n): (usize, u32)| length == 4 && (1990..2100).contains(&n);
    let day = |(length, n): (usize, u32)| length <= 2 && (1..=31).contains(&n);
    let month = |(length, n): (usize, u32)| length <= 2 && (1..=12).contains(&n);
    let short_year = |(length, _): (usize, u32)| length == 2;
    match parts[..] {
        [a, b, c] if (day(a) && month(b) || month(a) && day(b)) && (year(c) || short_year(c)) => {
            Some(last)
        }
        [a, b, c] if year(a) && month(b) && day(c) => Some(last),
        [a, b, ..] if month(a) && year(b) || year(a) && month(b) => Some(ends[1]),
        [a, b] if separator == Some('.') && day(a) && month(b) => Some(last),
        [(8, n), ..] => {
            let date = |y, m, d| year((4, y)) && month((2, m)) && day((2, d));
            let holds = date(n / 10_000, n / 100 % 100, n % 100)
                || date(n % 10_000, n / 10_000 % 100, n / 1_000_000);
            holds.then_some(ends[0])
        }
        [a] if year(a) => Some(ends[0]),
        _ => None,
    }
}

/// Returns where an amount ends that starts here: `1.250,00`, `1 250.00`, `12,500`, or a plain
/// number with a currency beside it.
fn amount_at(folded: &Folded, at: usize) -> Option<usize> {
    if at > 0 && (folded.is_digit(at - 1) || folded.at(at - 1).is_some_and(|c| "/-".contains(c))) {
        return None;
    }
    let mut end = digits_end(folded, at);
    let mut whole = end - at;
    if whole == 0 {
        return None;
    }
    let currency_before = currency_ends(folded, at);
    let mut grouped = false;
    while whole <= AMOUNT_DIGITS
        && (grouped || whole <= 3)
        && folded.at(end).is_some_and(|c| ".,'’ ".contains(c))
        && digits_end(folded, end + 1) == end + 4
    {
        (end, whole, grouped) = (end + 4, whole + 3, true);
    }
    let decimals = folded
        .at(end)
        .filter(|c| ".,".contains(*c))
        .map_or(0, |_| digits_end(folded, end + 1) - (end + 1));
    let exact = decimals == 2;
    if exact {
        end += 3;
    }
    let free = !folded.at(end).is_some_and(|c| c.is_alphanumeric() || "/-".contains(c))
        || currency_starts(folded, end);
    let currency = currency_before || currency_starts(folded, end);
    let spaced = folded.chars[at..end].iter().any(|c| c.c == ' ');
    let fits = if grouped || exact {
        // `123 456 789` may as well be an account.
        whole <= AMOUNT_DIGITS && (!spaced || exact || currency)
    } else {
        currency && whole <= BARE_AMOUNT_DIGITS
    };
    (free && fits).then_some(end)
}

/// Whether a folded word is a currency or its code.
pub(super) fn is_currency(word: &str) -> bool {
    CURRENCY_WORDS.contains(word) || Currency::parse(&word.to_uppercase()).is_ok()
}

fn is_currency_sign(c: char) -> bool {
    "€$£¥₺₽₹₴".contains(c)
}

fn currency_ends(folded: &Folded, at: usize) -> bool {
    let mut before = at;
    while before > 0 && folded.at(before - 1) == Some(' ') {
        before -= 1;
    }
    let sign = before.checked_sub(1).and_then(|at| folded.at(at));
    sign.is_some_and(is_currency_sign)
        || folded
            .words
            .iter()
            .any(|word| word.end == before && is_currency(&folded.text(word.clone())))
}

fn currency_starts(folded: &Folded, at: usize) -> bool {
    let spaces = folded.chars[at.min(folded.chars.len())..].iter().take_while(|c| c.c == ' ');
    let after = at + spaces.count();
    let letters = folded.chars[after.min(folded.chars.len())..].iter();
    let word: String = letters.take_while(|c| c.c.is_alphabetic()).map(|c| c.c).collect();
    folded.at(after).is_some_and(is_currency_sign) || is_currency(&word)
}

/// The check of card numbers, ISO/IEC 7812-1.
fn passes_luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0') * if at % 2 == 1 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    sum.is_multiple_of(10)
}
