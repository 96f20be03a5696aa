//! Stories that stand out against an account's own past or by their amounts.

use super::flows::{leave, parts, pass_on, spread};
use super::{Disguise, Story};
use crate::simulate::town::account::Segment;
use crate::simulate::town::ledger::{DAY, Hours};

/// A new account receives a large flow and is empty within 48 hours.
pub(super) fn new_account(story: &mut Story) {
    story.bounded(15_000.0, 500_000.0);
    story.span = story.span.min(2 * DAY);
    story.steps(7);
    let account = story.town.open(Segment::Private, true);
    let name = story.town.person_name();
    story.town.name(account, name);
    if story.disguise != Disguise::Plain {
        let day = story.day();
        story.everyday(account, (day - 4).max(0), day + 5, 4.0);
    }
    let count = story.town.draw.whole(1, 4);
    for part in parts(story, count) {
        let source = story.stranger();
        story.place(source, account, part);
    }
    leave(story, account, 4);
}

/// An account that has been dormant since the town's first days receives money and sends it on.
pub(super) fn dormant_account(story: &mut Story) {
    story.bounded(6_000.0, 300_000.0);
    // More than ninety days dormant, if the town has that many.
    story.not_before(98.min(story.town.days * 4 / 5));
    story.steps(4);
    let account = story.town.open(Segment::Private, true);
    story.everyday(account, 0, 6, 7.0);
    let count = if story.first_variant() { 1 } else { 3 };
    for part in parts(story, count) {
        let source = story.stranger();
        story.place(source, account, part);
    }
    leave(story, account, 3);
}

/// One person pays from several accounts on one day, each time below the reporting threshold.
pub(super) fn multiple_accounts(story: &mut Story) {
    let count = story.town.draw.whole(3, 5);
    let share = story.town.draw.between(0.4, 0.85);
    story.size = story.town.country.threshold() * share * f64::from(count);
    story.span = story.span.min(DAY);
    story.steps(3 * count as usize);
    let name = story.town.person_name();
    let (receiver, source) = (story.stranger(), story.stranger());
    let mut accounts = Vec::new();
    for part in parts(story, count) {
        let account = story.town.open(Segment::Private, true);
        story.town.accounts[account].name = Some(name.clone());
        let from = (story.day() - 30).max(0);
        if story.disguise != Disguise::Plain {
            let until = story.day() + 5;
            story.everyday(account, from, until, 1.5);
        }
        story.place(source, account, part);
        accounts.push(account);
    }
    for account in accounts {
        pass_on(story, account, receiver);
    }
}

/// Nearly equal amounts from many or to many accounts.
pub(super) fn similar_amounts(story: &mut Story) {
    story.bounded(6_000.0, 150_000.0);
    let count = story.town.draw.whole(5, 12);
    story.steps(count as usize + 2);
    let mule = story.mule();
    let total = story.total();
    let level = total / i64::from(count);
    let close = |story: &mut Story| level - level / 1_000 * i64::from(story.town.draw.whole(0, 30));
    if story.first_variant() {
        for _ in 0..count {
            let (payer, amount) = (story.stranger(), close(story));
            story.place(payer, mule, amount);
        }
        leave(story, mule, 2);
    } else {
        let source = story.stranger();
        story.place(source, mule, total);
        for _ in 0..count {
            let (receiver, amount) = (story.stranger(), close(story));
            story.send(mule, receiver, amount);
        }
    }
}

/// A shell sends thousands, again and again.
pub(super) fn round_amounts(story: &mut Story) {
    story.bounded(20_000.0, 300_000.0);
    let count = story.town.draw.whole(5, 10);
    story.steps(count as usize + 1);
    let (source, mule, total) = (story.stranger(), story.mule(), story.total());
    story.place(source, mule, total);
    let few = story.town.draw.whole(1, 4);
    let receivers = story.strangers(few);
    for at in 0..count as usize {
        let part = story.size / f64::from(count) * story.town.draw.between(0.6, 1.0);
        let part = story.town.minor(story.town.round(part, 1));
        story.send(mule, receivers[at % receivers.len()], part);
    }
}

/// A quiet account moves many times its usual volume within days.
pub(super) fn volume_jump(story: &mut Story) {
    story.bounded(12_000.0, 250_000.0);
    story.not_before(story.town.days * 3 / 5);
    let count = story.town.draw.whole(3, 6);
    story.steps(2 * count as usize);
    let account = story.old_hand();
    for part in parts(story, count) {
        let source = story.stranger();
        story.place(source, account, part);
    }
    let receivers = story.strangers(count);
    spread(story, account, &receivers);
}

/// One receipt and one payment far above the account's usual amounts.
pub(super) fn unusual_amount(story: &mut Story) {
    story.bounded(15_000.0, 300_000.0);
    story.not_before(story.town.days / 2);
    story.steps(3);
    let (source, account) = (story.stranger(), story.old_hand());
    let total = story.total();
    story.place(source, account, total);
    leave(story, account, 2);
}

/// Small receipts accumulate and then leave all at once.
pub(super) fn exceptional_outflow(story: &mut Story) {
    story.bounded(15_000.0, 200_000.0);
    story.not_before(story.town.days / 2);
    let count = story.town.draw.whole(3, 8);
    story.steps(count as usize + 1);
    let (account, last) = (story.old_hand(), story.stranger());
    for part in parts(story, count) {
        let source = story.stranger();
        story.place(source, account, part);
    }
    pass_on(story, account, last);
}

/// Invented invoices: people who make up numbers tend to begin them with large digits.
pub(super) fn benford(story: &mut Story) {
    story.bounded(60_000.0, 400_000.0);
    let count = story.town.draw.whole(21, 26);
    story.steps(count as usize + 4);
    let company = story.town.open(Segment::Company, true);
    let family = story.town.family_name();
    story.town.name(company, format!("{family} Consulting"));
    let receivers = story.strangers(4);
    for part in parts(story, 4) {
        let source = story.stranger();
        story.place(source, company, part);
    }
    // Sized so that together they do not exceed what came in.
    let magnitude = 10_f64.powf((story.size / f64::from(count) / 9.9).log10().floor());
    for at in 0..count as usize {
        let amount = magnitude * story.town.draw.between(5.0, 9.9);
        let amount = story.town.minor(amount);
        story.send(company, receivers[at % receivers.len()], amount);
    }
}

/// Partners, places and amounts unlike any before.
pub(super) fn behavioural_change(story: &mut Story) {
    story.bounded(8_000.0, 200_000.0);
    story.not_before(story.town.days / 2);
    let count = story.town.draw.whole(4, 7);
    story.steps(count as usize + 1);
    let (source, account, total) = (story.stranger(), story.old_hand(), story.total());
    story.place(source, account, total);
    let held = story.holds(account);
    let rest = story.less_commission(held);
    let parts = story.parts(rest, count);
    for (at, part) in parts.into_iter().enumerate() {
        if at % 2 == 0 {
            let (abroad, currency) = story.town.open_abroad(Segment::Private);
            let means = sentinel::payment::transaction::PaymentType::CrossBorder;
            story.send_by(means, (account, abroad), part, Some(currency));
        } else {
            let receiver = story.stranger();
            story.send(account, receiver, part);
        }
    }
}

/// A long silence, then payment after payment.
pub(super) fn burst(story: &mut Story) {
    story.bounded(5_000.0, 150_000.0);
    story.not_before(story.town.days * 3 / 5);
    story.span = story.span.min(DAY);
    let count = story.town.draw.whole(7, 14);
    story.steps(count as usize + 1);
    let account = story.town.open(Segment::Private, true);
    let quiet = (story.day() - 32).max(3);
    story.everyday(account, 0, quiet, 3.0);
    let (source, total) = (story.stranger(), story.total());
    story.place(source, account, total);
    let receivers = story.strangers(count);
    spread(story, account, &receivers);
}

/// One very large payment from nowhere, sent on later.
pub(super) fn single_large(story: &mut Story) {
    story.bounded(120_000.0, 500_000.0);
    story.steps(2);
    let (source, account, total) = (story.stranger(), story.mule(), story.total());
    story.clock = story.town.at(story.day(), Hours::Office);
    story.place_by(sentinel::payment::transaction::PaymentType::Wire, source, account, total);
    leave(story, account, 2);
}
