//! What banks call the columns of their exports, in English, German, French, Spanish and Dutch. The
//! words are folded: lower case, no accents, single spaces for anything else. Earlier ones are more
//! certain.

use super::column_map::Field;

/// The words for each field, in the order in which fields are assigned columns.
pub(super) const SYNONYMS: [(Field, &str); Field::COUNT] = [
    (
        Field::Date,
        "booking date, transaction date, buchungstag, buchungsdatum, fecha operacion, fecha \
         de operacion, date operation, date comptable, boekdatum, transactiedatum, posting \
         date, payment date, timestamp, datetime, date time, date, datum, fecha, value \
         date, valuta, valutadatum, wertstellung, fecha valor, date de valeur, rentedatum, \
         created at",
    ),
    (Field::Time, "time, booking time, uhrzeit, zeit, heure, hora, tijd, tijdstip"),
    (
        Field::SenderAccount,
        "sender account, sender iban, from account, debtor account, debtor iban, payer \
         account, payer iban, originator account, ordering account, source account, iban \
         auftraggeber, auftraggeber iban, konto auftraggeber, auftraggeberkonto, iban \
         zahler, compte emetteur, compte donneur d ordre, iban donneur d ordre, iban \
         emetteur, compte debiteur, cuenta ordenante, cuenta origen, iban ordenante, \
         rekening opdrachtgever, van rekening, iban opdrachtgever, nameorig, sender, from",
    ),
    (
        Field::ReceiverAccount,
        "receiver account, receiver iban, to account, beneficiary account, beneficiary \
         iban, creditor account, creditor iban, payee account, payee iban, recipient \
         account, recipient iban, destination account, iban empfaenger, empfaenger iban, \
         empfaengerkonto, konto empfaenger, iban zahlungsempfaenger, compte beneficiaire, \
         iban beneficiaire, compte crediteur, cuenta beneficiario, cuenta destino, iban \
         beneficiario, naar rekening, rekening begunstigde, iban begunstigde, namedest, \
         receiver, recipient, to",
    ),
    (
        Field::CounterpartyAccount,
        "counterparty account, counterparty iban, iban zahlungsbeteiligter, kontonummer \
         iban, gegenkonto, iban gegenkonto, tegenrekening iban bban, tegenrekening, compte \
         contrepartie, iban contrepartie, cuenta contraparte, cuenta contrapartida, partner \
         iban, partner account, other account, counterparty",
    ),
    (
        Field::OwnAccount,
        "own account, own iban, iban auftragskonto, auftragskonto, my account, account, \
         account number, konto, kontonummer, compte, numero de compte, cuenta, numero de \
         cuenta, rekening, rekeningnummer, iban bban, iban",
    ),
    (
        Field::Direction,
        "credit debit indicator, debit credit indicator, debit credit, credit debit, d c, \
         dc, cr dr, dr cr, soll haben, s h, af bij, direction, sens, signo, debe haber",
    ),
    (
        Field::Debit,
        "debit amount, montant debit, paid out, money out, withdrawal, withdrawals, debit, \
         soll, belastung, debe, cargo, af, ausgang, uitgaven, depense",
    ),
    (
        Field::Credit,
        "credit amount, montant credit, paid in, money in, deposit, deposits, credit, \
         haben, gutschrift, haber, abono, bij, eingang, recette, inkomsten",
    ),
    (
        Field::Amount,
        "amount paid, transaction amount, payment amount, amount, betrag, umsatz, montant, \
         importe, monto, bedrag, cantidad, value",
    ),
    (
        Field::Currency,
        "payment currency, transaction currency, currency, currency code, ccy, waehrung, \
         devise, moneda, divisa, munt, valuta",
    ),
    (
        Field::ReceivedCurrency,
        "received currency, receiving currency, target currency, zielwaehrung",
    ),
    (
        Field::SenderBank,
        "sender bank, from bank, sender bic, debtor bic, debtor agent, bic auftraggeber, \
         payer bic",
    ),
    (
        Field::ReceiverBank,
        "receiver bank, to bank, receiver bic, creditor bic, creditor agent, beneficiary \
         bic, beneficiary bank, bic empfaenger",
    ),
    (Field::OwnBank, "bic auftragskonto, own bic"),
    (
        Field::CounterpartyBank,
        "bic swift code zahlungsbeteiligter, counterparty bic, bic tegenpartij, bic swift \
         code, bic, swift",
    ),
    (
        Field::SenderCountry,
        "sender bank location, sender country, from country, debtor country, payer country, \
         land auftraggeber, pays emetteur, pais ordenante",
    ),
    (
        Field::ReceiverCountry,
        "receiver bank location, receiver country, to country, creditor country, \
         beneficiary country, land empfaenger, pays beneficiaire, pais beneficiario",
    ),
    (Field::OwnCountry, "own country"),
    (Field::CounterpartyCountry, "counterparty country, country, land, pays, pais"),
    (
        Field::SenderName,
        "sender name, payer name, debtor name, originator name, ordering party, name \
         auftraggeber, auftraggeber, zahlungspflichtiger, donneur d ordre, emetteur, \
         ordenante, opdrachtgever, payer, debtor, originator",
    ),
    (
        Field::ReceiverName,
        "receiver name, beneficiary name, payee name, creditor name, recipient name, name \
         empfaenger, empfaenger, zahlungsempfaenger, beguenstigter, beneficiaire, \
         beneficiario, begunstigde, beneficiary, payee, creditor",
    ),
    (Field::OwnName, "bezeichnung auftragskonto, account name, account holder"),
    (
        Field::CounterpartyName,
        "counterparty name, name zahlungsbeteiligter, beguenstigter zahlungspflichtiger, \
         naam tegenpartij, naam omschrijving, contrepartie, contraparte, partner name, name",
    ),
    (
        Field::Purpose,
        "payment reference, remittance information, purpose, description, details, \
         narrative, memo, verwendungszweck, betreff, libelle, motif, communication, \
         concepto, descripcion, omschrijving, mededelingen, reference, message",
    ),
    (
        Field::PaymentType,
        "payment type, payment format, payment method, transaction type, zahlungsart, \
         buchungstext, umsatztyp, umsatzart, mutatiesoort, type d operation, tipo de \
         operacion, mode de paiement, forma de pago, tipo, type, art, channel",
    ),
    (
        Field::MsgId,
        "msg id, transaction id, payment id, transaction reference, reference number, \
         transaktions id, transaktionsnummer, referenznummer, numero de transaction, id \
         transaccion, transactie id, uuid, id",
    ),
    (Field::IsLaundering, "is laundering, is suspicious, is sar, is fraud, label"),
    (Field::LaunderingType, "laundering type, typology, pattern"),
];

/// The words for a field.
fn words(field: Field) -> impl Iterator<Item = &'static str> {
    let known = SYNONYMS.iter().filter(move |(known, _)| *known == field);
    known.flat_map(|(_, words)| words.split(", "))
}

/// Folds a header's cell like the words above.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'ä' => folded.push_str("ae"),
            'ö' => folded.push_str("oe"),
            'ü' => folded.push_str("ue"),
            'ß' => folded.push_str("ss"),
            'à' | 'á' | 'â' => folded.push('a'),
            'è' | 'é' | 'ê' | 'ë' => folded.push('e'),
            'í' | 'î' | 'ï' => folded.push('i'),
            'ó' | 'ô' => folded.push('o'),
            'ú' | 'û' => folded.push('u'),
            'ñ' => folded.push('n'),
            'ç' => folded.push('c'),
            letter if letter.is_alphanumeric() => folded.push(letter),
            _ => folded.push(' '),
        }
    }
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How well a name fits a field: 0 if not at all, highest for the field's most certain word.
pub(super) fn fit(field: Field, folded: &str) -> u32 {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    if let Some(at) = words(field).position(|word| word == folded) {
        return 200_u32.saturating_sub(place(at));
    }
    // `betrag eur` is a `betrag`, `transaction date utc` a date; short words are too ambiguous.
    let spaced = format!(" {folded} ");
    let within = |word: &str| word.len() > 3 && spaced.contains(&format!(" {word} "));
    words(field).position(within).map_or(0, |at| 100_u32.saturating_sub(place(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_folded_words() {
        for field in Field::ALL {
            assert!(words(field).next().is_some(), "{field:?}");
            words(field).for_each(|word| assert_eq!(fold(word), word));
        }
    }

    #[test]
    fn names_fit_in_any_spelling() {
        let fits = |field, name: &str| fit(field, &fold(name)) > 0;
        assert!(fits(Field::Currency, "Währung") && fits(Field::Currency, "WAEHRUNG"));
        assert!(fits(Field::ReceiverName, "Bénéficiaire"));
        assert!(fits(Field::SenderAccount, "IBAN (Auftraggeber)"));
        assert!(fits(Field::Amount, "Betrag (€)"));
        assert!(fits(Field::CounterpartyName, "Begünstigter/Zahlungspflichtiger"));
        assert!(!fits(Field::ReceiverAccount, "Total"));
    }
}
