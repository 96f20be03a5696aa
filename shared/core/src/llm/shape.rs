//! What makes two cases the same question: the counterparty, the shape of the purpose, the kind of
//! payment, and what the rules found, but not the day, the exact amount or the number of the
//! invoice. A standing order that is unsure every month is asked about once.
//!
//! The shape is only ever kept as a keyed fingerprint, which names nobody.

use std::collections::BTreeSet;

use serde::Serialize;

use super::findings::TextSummary;
use super::prompt::{Prompt, SYSTEM};
use crate::case::evidence::Evidence;
use crate::payment::fingerprint::FingerprintKey;
use crate::payment::flag_set::FlagSet;
use crate::payment::money::Currency;
use crate::payment::tenant::Tenant;
use crate::payment::transaction::{PaymentType, Segment, TextFlag, Transaction};

/// Steps of the amount within which cases are alike: three to a factor of ten.
const AMOUNT_STEPS: f64 = 3.0;
/// Steps of the risk within which cases are alike.
const RISK_STEPS: f64 = 20.0;

#[derive(Serialize)]
struct Shape<'a> {
    model: &'a str,
    instructions: &'a str,
    receiver: &'a str,
    sender_country: &'a str,
    segments: [Option<&'a str>; 2],
    payment_type: PaymentType,
    currency: Currency,
    amount_step: i64,
    risk_step: i64,
    typologies: BTreeSet<&'a str>,
    flags: FlagSet<TextFlag>,
    texts: TextSummary,
    purpose: Option<String>,
}

/// Returns the fingerprint under which an answer to the case is kept.
#[expect(clippy::cast_possible_truncation, reason = "small whole steps")]
pub fn fingerprint(
    (evidence, tx, prompt): (&Evidence, &Transaction, &Prompt),
    model: &str,
    tenant: &Tenant,
    key: &FingerprintKey,
) -> String {
    let details = &evidence.facts.details;
    let receiver = tx.receiver.identity();
    let segments = [&tx.sender.segment, &tx.receiver.segment];
    let shape = Shape {
        model,
        instructions: SYSTEM,
        receiver: receiver.as_str(),
        sender_country: details.sender_country.code(),
        segments: segments.map(|segment| segment.as_ref().map(Segment::as_str)),
        payment_type: details.payment_type,
        currency: details.amount.currency(),
        amount_step: (details.base_amount.max(1.0).log10() * AMOUNT_STEPS).floor() as i64,
        risk_step: (evidence.outcome_without_llm().risk_score * RISK_STEPS).floor() as i64,
        typologies: evidence.rules.iter().map(|rule| rule.typology.as_str()).collect(),
        flags: details.purpose_flags,
        // How many earlier payments there are changes with each; what follows from them counts.
        texts: TextSummary { earlier: prompt.texts.earlier.min(1), ..prompt.texts },
        purpose: prompt.purpose.as_deref().map(outline),
    };
    key.of(tenant, &crate::json::write(&shape))
}

/// Returns a redacted purpose without what changes from one payment of a series to the next: months,
/// figures, and the numbers of placeholders.
fn outline(purpose: &str) -> String {
    let lower = purpose.to_lowercase();
    let words = lower.split(|c: char| c.is_whitespace() || ".,;:/-".contains(c));
    let kept =
        words.filter(|word| !word.is_empty() && !MONTHS.split(' ').any(|month| month == *word));
    let plain = |word: &str| -> String {
        let mut plain = String::with_capacity(word.len());
        for c in word.chars() {
            match c {
                c if !c.is_numeric() => plain.push(c),
                _ if plain.ends_with('#') => {}
                _ => plain.push('#'),
            }
        }
        plain
    };
    let mut outline: Vec<String> = kept.map(plain).collect();
    outline.dedup();
    outline.join(" ")
}

/// Months as people write them, in lower case.
const MONTHS: &str = "january february march april may june july august september october november \
    december jan feb mar apr jun jul aug sep sept oct nov dec januar februar märz mai juni juli \
    oktober dezember okt dez janvier février mars avril juin juillet août septembre octobre \
    novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre octubre \
    noviembre diciembre gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre \
    januari februari maart mei augustus styczeń luty marzec kwiecień maj czerwiec lipiec sierpień \
    wrzesień październik listopad grudzień janeiro fevereiro março maio junho julho setembro \
    outubro novembro dezembro ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım \
    aralık январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь января \
    февраля марта апреля мая июня июля августа сентября октября ноября декабря";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_has_neither_months_nor_figures() {
        for (a, b) in [
            ("Miete Juni 2026", "Miete Juli 2026"),
            ("Miete 06/2026 Whg 3", "Miete 12.2027 Whg 3"),
            ("Invoice INVOICE_1 of 5.6.2026", "Invoice INVOICE_3 of 12.7.2026"),
            ("rent, may", "rent  JUNE"),
        ] {
            assert_eq!(outline(a), outline(b), "{a}");
        }
        assert_ne!(outline("Miete Juni"), outline("Darlehen Juni"));
    }
}
