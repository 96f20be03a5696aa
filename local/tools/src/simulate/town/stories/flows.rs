//! Stories with a shape: money spreads, gathers, passes through layers and comes back.

use super::{Disguise, Story};
use crate::simulate::town::account::Id;

/// Many payers pay one account, which sends the money on.
pub(super) fn fan_in(story: &mut Story) {
    let count = story.town.draw.whole(5, 14);
    story.steps(count as usize + 2);
    let collector = story.mule();
    let payers = story.strangers(count);
    for (payer, part) in payers.into_iter().zip(parts(story, count)) {
        story.place(payer, collector, part);
    }
    leave(story, collector, 2);
}

/// One account is filled and spreads the money over many.
pub(super) fn fan_out(story: &mut Story) {
    let count = story.town.draw.whole(5, 14);
    story.steps(count as usize + 1);
    let (source, hub) = (story.stranger(), story.mule());
    let total = story.total();
    story.place(source, hub, total);
    let receivers = story.strangers(count);
    spread(story, hub, &receivers);
}

/// From one account through several mules to one.
pub(super) fn scatter_gather(story: &mut Story) {
    let count = story.town.draw.whole(3, 8);
    story.steps(2 * count as usize + 1);
    let (source, hub, last) = (story.stranger(), story.mule(), story.stranger());
    let total = story.total();
    story.place(source, hub, total);
    let mules = story.mules(count);
    spread(story, hub, &mules);
    for mule in mules {
        pass_on(story, mule, last);
    }
}

/// From several accounts through one mule to several.
pub(super) fn gather_scatter(story: &mut Story) {
    let (before, after) = (story.town.draw.whole(3, 8), story.town.draw.whole(3, 8));
    story.steps((before + after) as usize);
    let hub = story.mule();
    let payers = story.strangers(before);
    for (payer, part) in payers.into_iter().zip(parts(story, before)) {
        story.place(payer, hub, part);
    }
    let receivers = story.strangers(after);
    spread(story, hub, &receivers);
}

/// Many payers pay a few collectors, who pay one account.
pub(super) fn layered_fan_in(story: &mut Story) {
    let (payers, collectors) = (story.town.draw.whole(6, 12), story.town.draw.whole(2, 3));
    story.steps((payers + collectors) as usize + 1);
    let middle = story.mules(collectors);
    let top = story.mule();
    let strangers = story.strangers(payers);
    let parts = parts(story, payers);
    for (at, (payer, part)) in strangers.into_iter().zip(parts).enumerate() {
        story.place(payer, middle[at % middle.len()], part);
    }
    for collector in middle {
        pass_on(story, collector, top);
    }
    leave(story, top, 1);
}

/// One account pays a few distributors, who pay many receivers.
pub(super) fn layered_fan_out(story: &mut Story) {
    let (few, many) = (story.town.draw.whole(2, 3), story.town.draw.whole(3, 5));
    story.steps((few * (many + 1)) as usize + 1);
    let (source, hub) = (story.stranger(), story.mule());
    let total = story.total();
    story.place(source, hub, total);
    let middle = story.mules(few);
    spread(story, hub, &middle);
    for distributor in middle {
        let receivers = story.strangers(many);
        spread(story, distributor, &receivers);
    }
}

/// Several mules each pay several receivers.
pub(super) fn bipartite(story: &mut Story) {
    let (left, right) = (story.town.draw.whole(3, 5), story.town.draw.whole(3, 5));
    story.steps((left + left * right) as usize);
    let mules = fill(story, left);
    let receivers = story.strangers(right);
    for mule in mules {
        spread(story, mule, &receivers);
    }
}

/// The same over two layers of mules.
pub(super) fn stacked_bipartite(story: &mut Story) {
    let (left, right) = (story.town.draw.whole(3, 4), story.town.draw.whole(2, 4));
    story.steps((left + left * right + 2 * right) as usize);
    let first = fill(story, left);
    let second = story.mules(right);
    for mule in first {
        spread(story, mule, &second);
    }
    let last = story.strangers(2);
    for mule in second {
        spread(story, mule, &last);
    }
}

/// Around three, four, five or more accounts and back to the first.
pub(super) fn cycle(story: &mut Story) {
    let length = [3, 4, 5, 7][(story.number + story.town.draw.index(4)) % 4];
    story.steps(length as usize + 1);
    let ring = story.mules(length);
    let (source, total) = (story.stranger(), story.total());
    story.place(source, ring[0], total);
    for at in 0..ring.len() {
        pass_on(story, ring[at], ring[(at + 1) % ring.len()]);
    }
}

/// In and out again, through one mule or a chain of them, with or without commission.
pub(super) fn pass_through(story: &mut Story) {
    let length = story.town.draw.whole(1, 3);
    story.steps(length as usize + 1);
    let (source, last, total) = (story.stranger(), story.stranger(), story.total());
    let chain = story.mules(length);
    story.place(source, chain[0], total);
    for pair in chain.windows(2) {
        pass_on(story, pair[0], pair[1]);
    }
    pass_on(story, chain[chain.len() - 1], last);
}

/// A hub fills many mules, each of which passes its part on to a different account.
pub(super) fn upstream_divergence(story: &mut Story) {
    let count = story.town.draw.whole(5, 8);
    story.steps(2 * count as usize + 1);
    let (source, hub, total) = (story.stranger(), story.mule(), story.total());
    story.place(source, hub, total);
    let mules = story.mules(count);
    spread(story, hub, &mules);
    for mule in mules {
        let next = story.stranger();
        pass_on(story, mule, next);
    }
}

/// The story's money split into parts.
pub(super) fn parts(story: &mut Story, count: u32) -> Vec<i64> {
    let total = story.total();
    story.parts(total, count)
}

/// Mules with money from strangers.
fn fill(story: &mut Story, count: u32) -> Vec<Id> {
    let mules = story.mules(count);
    let parts = parts(story, count);
    for (mule, part) in mules.iter().zip(parts) {
        let source = story.stranger();
        story.place(source, *mule, part);
    }
    mules
}

/// Sends everything an account holds, less its commission, to several accounts.
pub(super) fn spread(story: &mut Story, from: Id, receivers: &[Id]) {
    let held = story.holds(from);
    let rest = story.less_commission(held);
    let count = u32::try_from(receivers.len()).unwrap_or(u32::MAX);
    for (receiver, part) in receivers.iter().zip(story.parts(rest, count)) {
        story.send(from, *receiver, part);
    }
}

/// Sends everything an account holds, less its commission, to one account.
pub(super) fn pass_on(story: &mut Story, from: Id, to: Id) {
    let held = story.holds(from);
    let rest = story.less_commission(held);
    story.send(from, to, rest);
}

/// The money leaves the bank, in one payment or a few.
pub(super) fn leave(story: &mut Story, from: Id, most: u32) {
    let count = if story.disguise == Disguise::Plain { 1 } else { story.town.draw.whole(1, most) };
    let receivers = story.strangers(count);
    spread(story, from, &receivers);
}
