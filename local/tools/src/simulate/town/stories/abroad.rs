//! Stories that cross a border: inflated invoices, high-risk countries, offshore centres, and
//! currency conversions on the way.

use sentinel::payment::transaction::PaymentType::{CrossBorder, Wire};

use super::flows::{parts, pass_on};
use super::{Disguise, Story};
use crate::simulate::town::account::{Id, Segment};
use crate::simulate::town::country::{ABROAD, HIGH_RISK, OFFSHORE};
use crate::simulate::town::ledger::{DAY, Day, Hours};
use crate::simulate::town::words::Word;

/// A long-standing partner whose invoices are suddenly three to eight times as high.
pub(super) fn over_invoicing(story: &mut Story) {
    story.not_before(story.town.days * 3 / 5);
    story.bounded(25_000.0, 500_000.0);
    let count = story.town.draw.whole(2, 4);
    story.steps(2 * count as usize);
    let town = &mut *story.town;
    let importer = town.open(Segment::Company, true);
    let family = town.family_name();
    town.name(importer, format!("{family} Trading"));
    let (partner, currency) = town.open_abroad(Segment::Company);
    let inflated = story.size / f64::from(count);
    let level = inflated / town.draw.between(3.0, 8.0);
    let customers: Vec<Id> = (0..4).map(|_| town.open(Segment::Retailer, false)).collect();
    let word = town.word(Word::Invoice);
    let mut number = town.draw.whole(100, 900);
    let mut day = Day::from(town.draw.whole(0, 5));
    while day < story.clock / DAY {
        let at = town.at(town.working(day), Hours::Office);
        let amount = level * (0.2 * town.draw.normal()).exp();
        let purpose = Some(format!("{word} {number}"));
        let more = (purpose, Some(currency));
        town.pay_in("import_payment", (importer, partner), at, amount, CrossBorder, more);
        let customer = customers[town.draw.index(customers.len())];
        let at = town.at(town.working(day + 1), Hours::Office);
        town.pay("client_invoice", (customer, importer), at, 1.2 * amount, Wire, None);
        number += 1;
        day += Day::from(town.draw.whole(5, 12));
    }
    for part in parts(story, count) {
        let source = customers[story.town.draw.index(customers.len())];
        story.place(source, importer, part);
        number += 1;
        story.purpose = Some(format!("{word} {number}"));
        let held = story.holds(importer);
        story.send_by(CrossBorder, (importer, partner), held, Some(currency));
        story.purpose = None;
    }
}

/// Money gathers in one account and goes to a high-risk country.
pub(super) fn high_risk_jurisdiction(story: &mut Story) {
    story.bounded(3_000.0, 120_000.0);
    let collector = consolidate(story, 3);
    let country =
        HIGH_RISK[(story.number + story.town.draw.index(HIGH_RISK.len())) % HIGH_RISK.len()];
    wire_out(story, collector, country);
}

/// Money gathered from several accounts goes offshore.
pub(super) fn offshore(story: &mut Story) {
    story.bounded(10_000.0, 500_000.0);
    let collector = consolidate(story, 6);
    let country = OFFSHORE[story.town.draw.index(OFFSHORE.len())];
    wire_out(story, collector, country);
}

/// An account filled by two or more payers, up to a maximum.
fn consolidate(story: &mut Story, most: u32) -> Id {
    let count = story.town.draw.whole(2, most);
    story.steps(count as usize + 3);
    let collector = story.mule();
    for part in parts(story, count) {
        let source = story.stranger();
        story.place(source, collector, part);
    }
    collector
}

fn wire_out(story: &mut Story, collector: Id, country: &'static str) {
    let count = if story.disguise == Disguise::Plain { 1 } else { story.town.draw.whole(1, 3) };
    let receiver = story.town.open_in(country, Segment::Company, false);
    let held = story.holds(collector);
    let rest = story.less_commission(held);
    for part in story.parts(rest, count) {
        story.send_by(CrossBorder, (collector, receiver), part, Some("USD"));
    }
}

/// One sum leaves for several countries, each part in another currency.
pub(super) fn currency_change(story: &mut Story) {
    story.bounded(8_000.0, 300_000.0);
    let count = story.town.draw.whole(3, 6);
    story.steps(count as usize + 2);
    let (source, first, total) = (story.stranger(), story.mule(), story.total());
    story.place(source, first, total);
    let mule = if story.first_variant() { first } else { story.mule() };
    if mule != first {
        pass_on(story, first, mule);
    }
    let held = story.holds(mule);
    let rest = story.less_commission(held);
    let start = story.town.draw.index(ABROAD.len());
    let home = story.town.country.code;
    let places: Vec<(&str, &str)> = (0..ABROAD.len())
        .map(|at| ABROAD[(start + 3 * at) % ABROAD.len()])
        .map(|(country, currency, _)| (country, currency))
        .filter(|(country, _)| *country != home)
        .collect();
    let parts = story.parts(rest, count);
    for (at, part) in parts.into_iter().enumerate() {
        let (country, currency) = places[at % places.len()];
        let receiver: Id = story.town.open_in(country, Segment::Private, false);
        story.send_by(CrossBorder, (mule, receiver), part, Some(currency));
    }
}
