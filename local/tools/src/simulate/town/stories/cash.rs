//! Stories with cash: amounts below the reporting threshold, many couriers, tills and machines.

use sentinel::payment::transaction::PaymentType::{
    CashDeposit, CashWithdrawal, CrossBorder, Instant,
};

use super::flows::{leave, pass_on};
use super::{Disguise, Story};
use crate::simulate::town::account::{Id, Segment};

fn till(story: &mut Story) -> Id {
    story.population.tills[story.town.draw.index(story.population.tills.len())]
}

/// An amount below the reporting threshold, drawn as a share of it.
fn below(story: &mut Story, low: f64, high: f64) -> i64 {
    let mut amount = story.town.country.threshold() * story.town.draw.between(low, high);
    if story.disguise == Disguise::Plain {
        amount = story.town.round(amount, 2).min(0.99 * story.town.country.threshold());
    }
    story.town.minor(amount)
}

/// Many payments just below the threshold, from one account or in cash into one.
pub(super) fn structuring(story: &mut Story) {
    let count = story.town.draw.whole(4, 11);
    story.steps(count as usize + 2);
    let mule = story.mule();
    let amounts: Vec<i64> = (0..count)
        .map(|at| {
            // Careful launderers mix in some smaller amounts.
            let small = story.disguise == Disguise::Aged && at % 3 == 2;
            if small { below(story, 0.5, 0.85) } else { below(story, 0.91, 0.985) }
        })
        .collect();
    if story.first_variant() {
        let source = story.stranger();
        story.place(source, mule, amounts.iter().sum());
        let receivers = story.strangers(if count > 6 { 2 } else { 1 });
        for (at, amount) in amounts.into_iter().enumerate() {
            story.send(mule, receivers[at % receivers.len()], amount);
        }
    } else {
        for amount in amounts {
            let till = till(story);
            story.place_by(CashDeposit, till, mule, amount);
        }
        leave(story, mule, 2);
    }
}

/// Many people pay small sums into one account.
pub(super) fn smurfing(story: &mut Story) {
    let count = story.town.draw.whole(6, 15);
    story.steps(count as usize + 1);
    let collector = story.mule();
    let level = story.town.draw.between(0.15, 0.6);
    for _ in 0..count {
        let smurf = story.stranger();
        let spread = if story.disguise == Disguise::Plain { 0.02 } else { 0.25 };
        let amount = below(story, level * (1.0 - spread), level * (1.0 + spread));
        let means = if story.first_variant() { CashDeposit } else { Instant };
        story.place_by(means, smurf, collector, amount);
    }
    leave(story, collector, 2);
}

/// Cash is deposited and sent on to somebody else, again and again.
pub(super) fn deposit_send(story: &mut Story) {
    story.bounded(4_000.0, 90_000.0);
    let rounds = story.town.draw.whole(2, 5);
    story.steps(2 * rounds as usize);
    let (mule, receiver) = (story.mule(), story.stranger());
    let abroad = story.town.open_abroad(Segment::Private);
    let parts = super::flows::parts(story, rounds);
    for part in parts {
        let till = till(story);
        story.place_by(CashDeposit, till, mule, part);
        if story.first_variant() {
            pass_on(story, mule, receiver);
        } else {
            let rest = story.holds(mule);
            let rest = story.less_commission(rest);
            story.send_by(CrossBorder, (mule, abroad.0), rest, Some(abroad.1));
        }
    }
}

/// Money arrives by transfer and leaves in cash, over the counter or from several machines.
pub(super) fn cash_withdrawal(story: &mut Story) {
    story.bounded(3_500.0, 45_000.0);
    let count = story.town.draw.whole(4, 11);
    story.steps(count as usize + 2);
    let (mule, total) = (story.mule(), story.total());
    let sources = story.strangers(2);
    for (source, part) in sources.into_iter().zip(story.parts(total, 2)) {
        story.place(source, mule, part);
    }
    let held = story.holds(mule);
    let rest = story.less_commission(held);
    for part in story.parts(rest, count) {
        let machines = &story.population.machines;
        let machine = machines[story.town.draw.index(machines.len())];
        story.send_by(CashWithdrawal, (mule, machine), part, None);
    }
}
