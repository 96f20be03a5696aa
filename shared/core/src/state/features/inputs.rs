//! The inputs of the features' formulas: what one transaction sees of its neighbourhood, and
//! statistics on it.

use crate::state::facts::Facts;
use crate::state::profile::Direction::{self, In, Out};
use crate::state::profile::HalfLife::Month;
use crate::state::profile::Kind::{self, All, New};
use crate::state::profile::Measure::{
    Everyday, EverydayLog, EverydayLogSquared, LeadingFourToSix, LeadingOne, LeadingTwoThree,
    TransferLog, TransferLogSquared, Transfers,
};
use crate::state::profile::{Contact, LONG, Pair, Sum, View};

/// Everything that the features' formulas read.
pub(super) struct FeatureInputs<'a> {
    pub(super) facts: &'a Facts,
    pub(super) sender: View<'a>,
    pub(super) receiver: View<'a>,
    pub(super) pair: Option<Pair>,
    pub(super) reverse: Option<Pair>,
    pub(super) party: Option<View<'a>>,
    pub(super) cycle: Cycle,
}

/// Accounts C with payments receiver → C → sender within a month: this payment closes the cycle.
pub(super) struct Cycle {
    pub(super) paths: f64,
    /// Age of the newest payment C → sender in days; -1 without one.
    pub(super) days: f64,
    /// This payment's amount as a multiple of that payment's; -1 without one.
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

    /// Returns the sender's money out, with this payment, as a share of its money in over a window.
    pub(super) fn passed_on(&self, window: Window) -> f64 {
        let out = self.from(Out, All, window).amount() + self.facts.amount;
        share(out, self.from(In, All, window).amount())
    }

    /// Returns seven days' money, with this payment, as a multiple of a usual week's; -1 if there
    /// is no usual week.
    pub(super) fn jump(&self, view: View<'_>, direction: Direction) -> f64 {
        let usual = self.usual_amount(view, direction, All);
        let week = view.days(direction, All, 7).amount() + self.facts.amount;
        if usual < 0.0 { -1.0 } else { (week / usual.max(1.0)).min(1_000.0) }
    }

    /// Returns seven days' new counterparties as a multiple of a usual week's, with one added to
    /// both.
    pub(super) fn new_jump(&self, view: View<'_>, direction: Direction) -> f64 {
        let usual = self.usual_count(view, direction, New);
        let week = view.days(direction, New, 7).number();
        if usual < 0.0 { -1.0 } else { (week + 1.0) / (usual + 1.0) }
    }

    /// Returns two days' payments, with this one, scaled to a week, as a multiple of one more than
    /// in a usual week.
    pub(super) fn burst(&self, view: View<'_>, direction: Direction) -> f64 {
        let usual = self.usual_count(view, direction, All);
        let now = view.days(direction, All, 2).number() + 1.0;
        if usual < 0.0 { -1.0 } else { now * 3.5 / (usual + 1.0) }
    }

    /// Returns the amount as a multiple of a usual week's money; -1 if there is no usual week.
    pub(super) fn exceptional(&self, view: View<'_>, direction: Direction) -> f64 {
        let usual = self.usual_amount(view, direction, All);
        if usual < 0.0 { -1.0 } else { (self.facts.amount / usual.max(1.0)).min(1_000.0) }
    }

    /// Returns the standard score of the amount's logarithm among the pair's payments; 0 if there
    /// are too few.
    pub(super) fn pair_z(&self) -> f64 {
        let known = self.pair.and_then(|pair| pair.log_amounts());
        known.map_or(0.0, |(mean, deviation)| {
            ((self.facts.log_amount - mean) / deviation.max(0.2)).clamp(-20.0, 20.0)
        })
    }

    /// Counts the newest counterparties that moved nearly this amount within a week, except the
    /// other side of this payment.
    pub(super) fn similar_amounts(&self, view: View<'_>, direction: Direction) -> f64 {
        let amount = self.facts.amount;
        self.recent(view, direction, 7.0, |contact| {
            (f64::from(contact.amount) - amount).abs() <= SIMILAR * amount
        })
    }

    /// Counts the newest counterparties whose payment had the same purpose within a month.
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

    /// Returns the share of the sender's recent receivers in this receiver's country; -1 if it has
    /// paid nobody yet.
    pub(super) fn familiar_country(&self) -> f64 {
        let (mut all, mut here) = (0.0, 0.0);
        for contact in self.sender.contacts(Out) {
            all += 1.0;
            here += flag(contact.country == self.facts.receiver_country.bytes());
        }
        if all == 0.0 { -1.0 } else { here / all }
    }

    /// Returns the count and amount of the party's payments in two days from its other accounts.
    pub(super) fn elsewhere(&self) -> (f64, f64) {
        self.party.map_or((0.0, 0.0), |party| {
            let (all, here) = (party.days(Out, All, 2), self.sender.days(Out, All, 2));
            let beyond = |all: f64, here: f64| (all - here).max(0.0);
            (beyond(all.number(), here.number()), beyond(all.amount(), here.amount()))
        })
    }

    /// Returns the days from an event of the pair to this transaction; 0 if the event is later, -1
    /// without one.
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

/// Returns `part / whole`, capped at 100; -1 if `whole` is less than 1.
pub(super) fn share(part: f64, whole: f64) -> f64 {
    if whole < 1.0 { -1.0 } else { (part / whole).min(100.0) }
}

pub(super) fn ratio(amount: f64, base: Option<f64>) -> f64 {
    base.map_or(-1.0, |base| share(amount, base))
}

/// Amounts that differ by no more than this share are much the same.
pub(super) const SIMILAR: f64 = 0.05;

/// Returns the mean amount of a window's payments; -1 without any.
pub(super) fn mean(sum: Sum) -> f64 {
    if sum.count <= 0 { -1.0 } else { sum.amount() / sum.number() }
}

/// Returns the decayed mean and standard deviation of the logarithms of transfers, or of card and
/// cash payments; `None` if there are too few.
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

/// Returns the decayed standard deviation of the logarithms of transfers; -1 if there are too few.
pub(super) fn spread(view: View<'_>, direction: Direction) -> f64 {
    log_amounts(view, direction, false).map_or(-1.0, |(_, deviation)| deviation)
}

/// Returns the share of five weeks' payments that were first contacts; -1 without payments.
pub(super) fn new_share(view: View<'_>, direction: Direction) -> f64 {
    let all = view.weeks(direction, All, LONG);
    let new = view.weeks(direction, New, LONG);
    if all.count <= 0 { -1.0 } else { new.number() / all.number() }
}

/// Returns the chi-square of the first digits of the month's outgoing amounts against Benford's
/// law, in four groups (1; 2 and 3; 4 to 6; 7 to 9): one in a thousand honest accounts is above
/// 16.3. -1 if there are too few payments. (Nigrini, "Benford's Law", 2012, for its use on
/// payments.)
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

/// Returns the standard score of the amount's logarithm against the account's decayed mean and
/// deviation in one direction, among payments of the same kind (transfers, or card and cash); 0 if
/// there is too little history.
pub(super) fn z_score(view: View<'_>, direction: Direction, facts: &Facts) -> f64 {
    log_amounts(view, direction, facts.is_everyday()).map_or(0.0, |(mean, deviation)| {
        ((facts.log_amount - mean) / deviation.max(0.1)).clamp(-20.0, 20.0)
    })
}
