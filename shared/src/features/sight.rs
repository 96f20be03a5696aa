//! How features are computed: what one transaction sees of its neighbourhood, and the statistics
//! over it.

use crate::facts::Facts;
use crate::profile::Direction::{self, In, Out};
use crate::profile::HalfLife::{self, Day, Month};
use crate::profile::Measure::{
    self, Count, LeadingFourToSix, LeadingOne, LeadingTwoThree, LogAmount, LogAmountSquared,
    NewCounterparty,
};
use crate::profile::{Contact, Pair, View};

/// What the formulas below read.
pub(super) struct Sight<'a> {
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

impl Sight<'_> {
    pub(super) fn from(&self, direction: Direction, measure: Measure, half_life: HalfLife) -> f64 {
        self.sender.sum(direction, measure, half_life)
    }

    pub(super) fn to(&self, direction: Direction, measure: Measure, half_life: HalfLife) -> f64 {
        self.receiver.sum(direction, measure, half_life)
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
            here += flag(contact.country == self.facts.receiver_country);
        }
        if all == 0.0 { -1.0 } else { here / all }
    }

    /// What the party did today beyond what this account did.
    pub(super) fn elsewhere(&self, measure: Measure) -> f64 {
        self.party.map_or(0.0, |party| {
            (party.sum(Out, measure, Day) - self.from(Out, measure, Day)).max(0.0)
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

/// A day's count beside what the month's count says of a day. The month's decayed count settles at
/// (30 / ln 2) days' worth of events, the day's at (1 / ln 2).
pub(super) fn burst(day: f64, month: f64) -> f64 {
    day * 30.0 / (month + 1.0)
}

/// Days' worth of events that a month's decayed sum settles at: 30 / ln 2.
pub(super) const MONTH_DAYS: f64 = 30.0 / std::f64::consts::LN_2;
/// Amounts this close are much the same.
pub(super) const SIMILAR: f64 = 0.05;

/// The week's volume with this payment beside the month's, 1 for an account that goes on as before
/// and 30/7 for one that has only just begun.
pub(super) fn jump(amount: f64, week: f64, month: f64) -> f64 {
    (week + amount) * (30.0 / 7.0) / (month + amount).max(1.0)
}

/// Decayed mean and standard deviation of the logarithms of amounts; None with too few to tell.
fn log_amounts(view: View<'_>, direction: Direction, half_life: HalfLife) -> Option<(f64, f64)> {
    let weight = view.sum(direction, Count, half_life);
    if weight < 1.5 {
        return None;
    }
    let mean = view.sum(direction, LogAmount, half_life) / weight;
    let square = view.sum(direction, LogAmountSquared, half_life) / weight;
    Some((mean, (square - mean * mean).max(0.0).sqrt()))
}

/// Decayed standard deviation of the logarithms of amounts; -1 with too few to tell.
pub(super) fn spread(view: View<'_>, direction: Direction, half_life: HalfLife) -> f64 {
    log_amounts(view, direction, half_life).map_or(-1.0, |(_, deviation)| deviation)
}

/// Share of the month's payments that were first contacts; -1 where there is nothing to divide. Who
/// launders meets strangers, everybody else pays the same people again.
pub(super) fn new_share(view: View<'_>, direction: Direction) -> f64 {
    let all = view.sum(direction, Count, Month);
    if all < 0.1 { -1.0 } else { view.sum(direction, NewCounterparty, Month) / all }
}

/// Chi-square of the first digits of the month's outgoing amounts against Benford's law, in four
/// groups (1; 2 and 3; 4 to 6; 7 to 9): above 16.3 one in a thousand honest accounts. -1 with too
/// few payments to tell. (Nigrini, "Benford's Law", 2012, for its use on payments.)
pub(super) fn benford(view: View<'_>) -> f64 {
    use std::f64::consts::LOG10_2;
    // log10 of 2/1, 4/2, 7/4 and 10/7.
    const EXPECTED: [f64; 4] = [LOG10_2, LOG10_2, 0.243_038, 0.154_902];
    let all = view.sum(Out, Count, Month);
    if all < 10.0 {
        return -1.0;
    }
    let low = [LeadingOne, LeadingTwoThree, LeadingFourToSix].map(|m| view.sum(Out, m, Month));
    let seen = [low[0], low[1], low[2], (all - low.iter().sum::<f64>()).max(0.0)];
    let term = |(seen, share): (&f64, &f64)| (seen - all * share).powi(2) / (all * share);
    seen.iter().zip(&EXPECTED).map(term).sum()
}

/// Standard score of the logarithm of the amount against the account's decayed mean and deviation
/// in one direction; 0 with too little history to speak of one.
pub(super) fn z_score(view: View<'_>, direction: Direction, log_amount: f64) -> f64 {
    log_amounts(view, direction, Month).map_or(0.0, |(mean, deviation)| {
        ((log_amount - mean) / deviation.max(0.1)).clamp(-20.0, 20.0)
    })
}
