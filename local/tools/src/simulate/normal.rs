//! Everyday payments: SAML-D's normal typologies in their published shares. One account pays another
//! repeatedly: a median of 12 times in 321 days, and only once in 12 % of such relations.

use super::world::{Account, Means, World};

/// Shares of all payments, with the data set's spelling.
const SHARES: [(&str, f64); 11] = [
    ("Small_Fan_Out", 0.3663),
    ("Fan_Out", 0.2425),
    ("Fan_In", 0.2216),
    ("Group", 0.0556),
    ("Cash_Withdrawal", 0.0321),
    ("Cash_Deposits", 0.0236),
    ("Periodical", 0.0222),
    ("Plus_Mutual", 0.0163),
    ("Mutual", 0.0132),
    ("Foward", 0.0044),
    ("single_large", 0.0022),
];

/// How often the other side is abroad, chosen so that overall as many payments go abroad (6.5 %) and
/// come from there (3.4 %) as published.
const RECEIVER_ABROAD: f64 = 0.095;
const SENDER_ABROAD: f64 = 0.134;
const EITHER_ABROAD: f64 = 0.1;

/// Fills the world with its everyday payments, group by group.
pub(super) fn populate(world: &mut World) {
    for (typology, share) in SHARES {
        let until = world.payments.len() + world.rows_of(share);
        while world.payments.len() < until {
            group(world, typology);
        }
        // Cut the last group short so that the share is not exceeded.
        world.payments.truncate(until);
    }
}

fn group(world: &mut World, typology: &'static str) {
    let centre = world.somebody(0.0);
    match typology {
        "Small_Fan_Out" => star(world, centre, 2..=5, true, typology),
        "Fan_Out" => star(world, centre, 6..=15, true, typology),
        "Fan_In" => star(world, centre, 5..=12, false, typology),
        "Group" => {
            let mut members = vec![centre];
            for _ in 0..world.draw.whole(2, 4) {
                members.push(world.somebody_but(&members, 0.0));
            }
            for pair in members.windows(2) {
                relation(world, (pair[0], pair[1]), None, typology);
            }
            relation(world, (members[members.len() - 1], centre), None, typology);
        }
        "Cash_Withdrawal" => cash(world, centre, Means::CashWithdrawal, typology),
        "Cash_Deposits" => cash(world, centre, Means::CashDeposit, typology),
        "Periodical" => periodical(world, centre, typology),
        "Foward" => forward(world, centre, typology),
        "single_large" => {
            let other = world.somebody_but(&[centre], RECEIVER_ABROAD);
            let day = world.draw.between(0.0, world.days);
            let (at, amount) = (world.moment(day), world.large_amount());
            world.pay((centre, other), at, amount, Means::Any, (typology, false));
        }
        // Mutual and Plus_Mutual: two accounts that pay each other.
        _ => {
            let other = world.somebody_but(&[centre], EITHER_ABROAD);
            relation(world, (centre, other), None, typology);
            relation(world, (other, centre), None, typology);
        }
    }
}

/// One account and its regular counterparties. In half of the stars all of them begin at once, as
/// when a business opens an account, so that new counterparties prove nothing.
fn star(
    world: &mut World,
    centre: Account,
    size: std::ops::RangeInclusive<u32>,
    outward: bool,
    typology: &'static str,
) {
    let together = world.draw.chance(0.5).then(|| world.draw.between(0.0, 0.7 * world.days));
    let mut known = vec![centre];
    for _ in 0..world.draw.whole(*size.start(), *size.end()) {
        let far = if outward { RECEIVER_ABROAD } else { SENDER_ABROAD };
        let other = world.somebody_but(&known, far);
        known.push(other);
        let pair = if outward { (centre, other) } else { (other, centre) };
        let from = together.map(|day| day + world.draw.between(0.0, 10.0));
        relation(world, pair, from, typology);
    }
}

/// How many payments a relation has.
fn times(world: &mut World) -> u32 {
    if world.draw.chance(0.12) {
        return 1;
    }
    if world.draw.chance(0.01) {
        return world.draw.whole(25, 84);
    }
    let normal = 12.0 + 3.5 * world.draw.normal();
    (2..=24).rev().find(|n| f64::from(*n) <= normal).unwrap_or(2)
}

/// Payments of one relation around its own level, from a given day or, if there is none, from any.
fn relation(
    world: &mut World,
    pair: (Account, Account),
    from: Option<f64>,
    typology: &'static str,
) {
    let from = from.unwrap_or_else(|| world.draw.between(0.0, 0.7 * world.days));
    let until = (from + world.draw.between(60.0, world.days.max(61.0))).min(world.days);
    let level = world.everyday_amount(Means::Any);
    for _ in 0..times(world) {
        let day = world.draw.between(from, until);
        let amount = level * (0.12 * world.draw.normal()).exp();
        let at = world.moment(day);
        world.pay(pair, at, amount, Means::Any, (typology, false));
    }
}

fn cash(world: &mut World, customer: Account, means: Means, typology: &'static str) {
    let counter = world.somebody_but(&[customer], 0.0);
    let pair = match means {
        Means::CashDeposit => (counter, customer),
        _ => (customer, counter),
    };
    let level = world.everyday_amount(means);
    for _ in 0..times(world) {
        let day = world.draw.between(0.0, world.days);
        let amount = level * (0.12 * world.draw.normal()).exp();
        let at = world.moment(day);
        world.pay(pair, at, amount, means, (typology, false));
    }
}

/// Rent, wages: the same amount every week, fortnight or month.
fn periodical(world: &mut World, centre: Account, typology: &'static str) {
    let other = world.somebody_but(&[centre], RECEIVER_ABROAD);
    let step: f64 = world.draw.weighted(&[(7.0, 0.2), (14.0, 0.2), (30.0, 0.6)]);
    let amount = world.everyday_amount(Means::Any);
    let mut day = world.draw.between(0.0, step.max(0.5 * world.days));
    for _ in 0..40 {
        if day >= world.days {
            break;
        }
        let at = world.moment(day);
        world.pay((centre, other), at, amount, Means::Any, (typology, false));
        day += step;
    }
}

/// Money that is sent on for good reasons: it looks like a pass-through but is not one.
fn forward(world: &mut World, centre: Account, typology: &'static str) {
    let middle = world.somebody_but(&[centre], 0.0);
    let last = world.somebody_but(&[centre, middle], RECEIVER_ABROAD);
    let amount = world.everyday_amount(Means::Any);
    for _ in 0..world.draw.whole(1, 4) {
        let clock = 86_400.0 * world.draw.between(0.0, world.days - 4.0);
        let at = world.daytime(clock);
        world.pay((centre, middle), at, amount, Means::Any, (typology, false));
        let wait = world.draw.between(3_600.0, 3.0 * 86_400.0);
        let later = world.daytime(clock + wait);
        let part = amount * world.draw.between(0.5, 1.0);
        world.pay((middle, last), later, part, Means::Any, (typology, false));
    }
}
