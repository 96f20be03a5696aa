//! How features are computed: what one transaction sees of its neighbourhood, and the statistics
//! over it.

use crate::state::facts::Facts;
use crate::state::profile::Direction::{self, In, Out};
use crate::state::profile::HalfLife::Month;
use crate::state::profile::Kind::{self, All, New};
use crate::state::profile::Measure::{
    Everyday, EverydayLog, EverydayLogSquared, LeadingFourToSix, LeadingOne, LeadingTwoThree,
    TransferLog, TransferLogSquared, Transfers,
};
use crate::state::profile::{Contact, LONG, Pair, Sum, View};

/// What the formulas below read.
pub(super) struct FeatureInputs<'a> {
    pub(super) facts: &'a Facts,
    pub(super) sender: View<'a>,
    pub(super) receiver: View<'a>,
    pub(super) pair: Option<Pair>,
    pub(super) reverse: Option<Pair>,
    pub(super) party: Option<View<'a>>,
    pub(super) cycle: Cycle,
}

/// Accounts C with receiver → C → sender within a month: a payment that closes the circle.
pub(super) struct Cycle {
    pub(super) paths: f64,
    /// Of the newest payment C → sender: its age, and the amount beside its own. -1 without one.
    pub(super) days: f64,
    pub(super) amount_ratio: f64,
}

/// A window that ends with the payment's own day or week.
#[derive(Clone, Copy)]
pub(super) enum Window {
    Days(i32),
    Weeks(i32),
}

pub(super) fn days(days: i32) -> Window {
    Window::Days(days)
}

pub(super) fn weeks(weeks: i32) -> Window {
    Window::Weeks(weeks)
}

fn over(view: View<'_>, direction: Direction, kind: Kind, window: Window) -> Sum {
    match window {
        Window::Days(days) => view.days(direction, kind, days),
        Window::Weeks(weeks) => view.weeks(direction, kind, weeks),
    }
}

impl FeatureInputs<'_> {
    pub(super) fn from(&self, direction: Direction, kind: Kind, window: Window) -> Sum {
        over(self.sender, direction, kind, window)
    }

    pub(super) fn to(&self, direction: Direction, kind: Kind, window: Window) -> Sum {
        over(self.receiver, direction, kind, window)
    }

    pub(super) fn usual_count(&self, view: View<'_>, direction: Direction, kind: Kind) -> f64 {
        view.usual_week(direction, kind).map_or(-1.0, |(count, _)| count)
    }

    pub(super) fn usual_amount(&self, view: View<'_>, direction: Direction, kind: Kind) -> f64 {
        view.usual_week(direction, kind).map_or(-1.0, |(_, amount)| amount)
    }

    /// The sender's money out, with this payment, as a share of its money in over the same window.
    pub(super) fn passed_on(&self, window: Window) -> f64 {
        let out = self.from(Out, All, window).amount() + self.facts.amount;
        share(out, self.from(In, All, window).amount())
    }

    /// Seven days' money with this payment beside a usual week; -1 where there is none.
    pub(super) fn jump(&self, view: View<'_>, direction: Direction) -> f64 {
        let usual = self.usual_amount(view, direction, All);
        let week = view.days(direction, All, 7).amount() + self.facts.amount;
        if usual < 0.0 { -1.0 } else { (week / usual.max(1.0)).min(1_000.0) }
    }

    /// Seven days' new counterparties beside those of a usual week, one more in both.
    pub(super) fn new_jump(&self, view: View<'_>, direction: Direction) -> f64 {
        let usual = self.usual_count(view, direction, New);
        let week = view.days(direction, New, 7).number();
        if usual < 0.0 { -1.0 } else { (week + 1.0) / (usual + 1.0) }
    }

    /// Two days' payments with this one beside those of a usual week, one more in both.
    pub(super) fn burst(&self, view: View<'_>, direction: Direction) -> f64 {
        let usual = self.usual_count(view, direction, All);
        let now = view.days(direction, All, 2).number() + 1.0;
        if usual < 0.0 { -1.0 } else { now * 3.5 / (usual + 1.0) }
    }

    /// The amount beside a usual week's money.
    pub(super) fn exceptional(&self, view: View<'_>, direction: Direction) -> f64 {
        let usual = self.usual_amount(view, direction, All);
        if usual < 0.0 { -1.0 } else { (self.facts.amount / usual.max(1.0)).min(1_000.0) }
    }

    /// Standard score of the amount's logarithm among the pair's payments; 0 with too few to tell.
    pub(super) fn pair_z(&self) -> f64 {
        let known = self.pair.and_then(|pair| pair.log_amounts());
        known.map_or(0.0, |(mean, deviation)| {
            ((self.facts.log_amount - mean) / deviation.max(0.2)).clamp(-20.0, 20.0)
        })
    }

    /// Of the newest counterparties, how many moved nearly this amount within a week; the other
    /// side of this payment is left out.
    pub(super) fn similar_amounts(&self, view: View<'_>, direction: Direction) -> f64 {
        let amount = self.facts.amount;
        self.recent(view, direction, 7.0, |contact| {
            (f64::from(contact.amount) - amount).abs() <= SIMILAR * amount
        })
    }

    /// Of the newest counterparties, how many were given the same purpose within a month.
    pub(super) fn same_purpose(&self, view: View<'_>, direction: Direction) -> f64 {
        let purpose = self.facts.purpose;
        if purpose == 0 {
            return 0.0;
        }
        self.recent(view, direction, 30.0, |contact| contact.purpose == purpose)
    }

    pub(super) fn recent(
        &self,
        view: View<'_>,
        direction: Direction,
        days: f64,
        wanted: impl Fn(&Contact) -> bool,
    ) -> f64 {
        let (after, parties) =
            (view.now() - days * 86_400.0, [self.facts.sender, self.facts.receiver]);
        let mut count = 0.0;
        for contact in view.contacts(direction) {
            if contact.at >= after && !parties.contains(&contact.account) && wanted(contact) {
                count += 1.0;
            }
        }
        count
    }

    /// -1 for a sender that has paid nobody.
    pub(super) fn familiar_country(&self) -> f64 {
        let (mut all, mut here) = (0.0, 0.0);
        for contact in self.sender.contacts(Out) {
            all += 1.0;
            here += flag(contact.country == self.facts.receiver_country.bytes());
        }
        if all == 0.0 { -1.0 } else { here / all }
    }

    /// What the party did in two days beyond what this account did: payments and money.
    pub(super) fn elsewhere(&self) -> (f64, f64) {
        self.party.map_or((0.0, 0.0), |party| {
            let (all, here) = (party.days(Out, All, 2), self.sender.days(Out, All, 2));
            let beyond = |all: f64, here: f64| (all - here).max(0.0);
            (beyond(all.number(), here.number()), beyond(all.amount(), here.amount()))
        })
    }

    /// Days from an event of the pair to this transaction; 0 where this one comes late.
    pub(super) fn days_since(&self, event: Option<f64>) -> f64 {
        event.map_or(-1.0, |at| ((self.facts.at - at) / 86_400.0).max(0.0))
    }
}

impl Cycle {
    pub(super) fn of(facts: &Facts, sender: View<'_>, receiver: View<'_>) -> Self {
        let after = sender.now() - 30.0 * 86_400.0;
        let mut cycle = Self { paths: 0.0, days: -1.0, amount_ratio: -1.0 };
        let mut newest = f64::NEG_INFINITY;
        for (to_sender, from_receiver) in sender.common(In, receiver, Out) {
            if to_sender.at < after || from_receiver.at < after {
                continue;
            }
            cycle.paths += 1.0;
            if to_sender.at > newest {
                newest = to_sender.at;
                cycle.days = ((facts.at - to_sender.at) / 86_400.0).max(0.0);
                cycle.amount_ratio = ratio(facts.amount, Some(f64::from(to_sender.amount)));
            }
        }
        cycle
    }
}

pub(super) fn flag(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

/// `part` of `whole`, capped; -1 where there is no whole.
pub(super) fn share(part: f64, whole: f64) -> f64 {
    if whole < 1.0 { -1.0 } else { (part / whole).min(100.0) }
}

pub(super) fn ratio(amount: f64, beside: Option<f64>) -> f64 {
    beside.map_or(-1.0, |beside| share(amount, beside))
}

/// Amounts this close are much the same.
pub(super) const SIMILAR: f64 = 0.05;

/// Mean amount of a window's payments; -1 without any.
pub(super) fn mean(sum: Sum) -> f64 {
    if sum.count <= 0 { -1.0 } else { sum.amount() / sum.number() }
}

/// Decayed mean and standard deviation of the logarithms of transfers, or of card and cash payments;
/// None with too few to tell.
fn log_amounts(view: View<'_>, direction: Direction, everyday: bool) -> Option<(f64, f64)> {
    let [count, log, squared] = match everyday {
        true => [Everyday, EverydayLog, EverydayLogSquared],
        false => [Transfers, TransferLog, TransferLogSquared],
    };
    let weight = view.sum(direction, count, Month);
    if weight < 1.5 {
        return None;
    }
    let mean = view.sum(direction, log, Month) / weight;
    let square = view.sum(direction, squared, Month) / weight;
    Some((mean, (square - mean * mean).max(0.0).sqrt()))
}

/// Decayed standard deviation of the logarithms of transfers; -1 with too few to tell.
pub(super) fn spread(view: View<'_>, direction: Direction) -> f64 {
    log_amounts(view, direction, false).map_or(-1.0, |(_, deviation)| deviation)
}

/// Share of five weeks' payments that were first contacts; -1 where there is nothing to divide.
pub(super) fn new_share(view: View<'_>, direction: Direction) -> f64 {
    let all = view.weeks(direction, All, LONG);
    let new = view.weeks(direction, New, LONG);
    if all.count <= 0 { -1.0 } else { new.number() / all.number() }
}

/// Chi-square of the first digits of the month's outgoing amounts against Benford's law, in four
/// groups (1; 2 and 3; 4 to 6; 7 to 9): above 16.3 one in a thousand honest accounts. -1 with too
/// few payments to tell. (Nigrini, "Benford's Law", 2012, for its use on payments.)
pub(super) fn benford(view: View<'_>) -> f64 {
    use std::f64::consts::LOG10_2;
    // log10 of 2/1, 4/2, 7/4 and 10/7.
    const EXPECTED: [f64; 4] = [LOG10_2, LOG10_2, 0.243_038, 0.154_902];
    let all = view.sum(Out, Transfers, Month) + view.sum(Out, Everyday, Month);
    if all < 10.0 {
        return -1.0;
    }
    let low = [LeadingOne, LeadingTwoThree, LeadingFourToSix].map(|m| view.sum(Out, m, Month));
    let seen = [low[0], low[1], low[2], (all - low.iter().sum::<f64>()).max(0.0)];
    let term = |(seen, share): (&f64, &f64)| (seen - all * share).powi(2) / (all * share);
    seen.iter().zip(&EXPECTED).map(term).sum()
}

/// Standard score of the logarithm of the amount against the account's decayed mean and deviation
/// in one direction, among payments of its own kind; 0 with too little history to speak of one.
pub(super) fn z_score(view: View<'_>, direction: Direction, facts: &Facts) -> f64 {
    log_amounts(view, direction, facts.is_everyday()).map_or(0.0, |(mean, deviation)| {
        ((facts.log_amount - mean) / deviation.max(0.1)).clamp(-20.0, 20.0)
    })
}
