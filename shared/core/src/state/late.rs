//! Late payments: newer ones of the same account have already been counted. The account's
//! registers, its age and its pair with the other side are then taken as of the payment's own time.
//! Sums cannot be rolled back to that time, and a decision that rests on them says so.

use serde::{Deserialize, Serialize};

use crate::payment::side::Side;
use crate::state::neighbourhood::Neighbourhood;
use crate::state::order::is_late;
use crate::state::profile::Profile;

/// How late a payment came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Lateness {
    /// The side whose newer payments came first; if that is both, the one it is later for.
    pub account: Side,
    /// Whole seconds from the payment to that account's newest one.
    pub by_seconds: u64,
    /// Whether the decision rests on sums that may include newer payments; false if the late
    /// accounts had done nothing before this payment.
    pub approximate: bool,
}

impl Lateness {
    /// Returns how late a payment came; `None` if it is in order.
    pub fn of(at: f64, around: &Neighbourhood<'_>) -> Option<Self> {
        let sides = [(Side::Sender, around.sender), (Side::Receiver, around.receiver)];
        let late = sides.map(|(account, profile)| Self::on_side(at, account, profile));
        let approximate = late.iter().flatten().any(|side| side.approximate);
        let later = late.into_iter().flatten().max_by_key(|side| side.by_seconds)?;
        Some(Self { approximate, ..later })
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "over an hour")]
    fn on_side(at: f64, account: Side, profile: &Profile) -> Option<Self> {
        let newest = profile.last_seen().filter(|newest| is_late(at, *newest))?;
        let approximate = profile.first_seen.is_some_and(|first| first <= at);
        Some(Self { account, by_seconds: (newest - at) as u64, approximate })
    }

    /// Returns the sentence for the explanation of a decision.
    pub fn sentence(&self) -> String {
        let whose = match self.account {
            Side::Sender => "sender",
            Side::Receiver => "receiver",
        };
        let how = match self.approximate {
            true => {
                "counts and sums over its days are approximate, as they hold what came later on its \
                 own day and may lack the oldest"
            }
            false => "it is judged as of its own time, when there was nothing to compare it with",
        };
        let after = duration(self.by_seconds);
        format!("It reached the system about {after} after newer payments of the {whose}; {how}.")
    }
}

/// Writes a duration in hours up to two days, and in days beyond.
fn duration(seconds: u64) -> String {
    let hours = (seconds + 1_800) / 3_600;
    match (hours, (seconds + 43_200) / 86_400) {
        (1, _) => "an hour".to_owned(),
        (..48, _) => format!("{hours} hours"),
        (_, days) => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::facts::Facts;
    use crate::state::features::Features;
    use crate::state::memory::Memory;

    const HOUR: f64 = 3_600.0;
    const DAY: f64 = 24.0 * HOUR;
    const NOW: f64 = 1.78e9;

    /// Judges a payment from a to b at `at`, after the others have been counted in the given order.
    fn judged(before: &[(&str, &str, f64)], at: f64) -> (Option<Lateness>, Features) {
        let mut memory = Memory::default();
        for (from, to, at) in before {
            memory.apply(&Facts::between(from, to, *at, 100.0));
        }
        let facts = Facts::between("a", "b", at, 100.0);
        let around = memory.neighbourhood(&facts);
        (Lateness::of(at, &around), Features::extract(&facts, &around))
    }

    #[test]
    fn what_overtakes_within_an_hour_is_in_order() {
        let before = [("a", "c", NOW), ("a", "d", NOW + HOUR)];
        assert_eq!(judged(&before, NOW).0, None);
        assert_eq!(judged(&before, NOW - 1.0).0.unwrap().by_seconds, 3_601);
        assert_eq!(judged(&[], NOW).0, None);
    }

    #[test]
    fn the_side_it_is_later_for_is_named() {
        let before = [("a", "c", NOW + 2.0 * DAY), ("b", "d", NOW + 3.0 * DAY)];
        let (late, _) = judged(&before, NOW);
        let expect = Lateness { account: Side::Receiver, by_seconds: 259_200, approximate: false };
        assert_eq!(late, Some(expect));
        let late = judged(&[("a", "c", NOW - DAY), before[0], before[1]], NOW).0.unwrap();
        assert!(late.approximate, "the sender's sums hold more than what was before");
    }

    #[test]
    fn what_came_later_is_not_taken_for_earlier() {
        let (_, fresh) = judged(&[], NOW);
        // All of these come after the payment: at its own time there was nothing.
        let later =
            [("a", "b", NOW + 2.0 * DAY), ("b", "c", NOW + 9.0 * DAY), ("b", "a", NOW + DAY)];
        let (late, features) = judged(&later, NOW);
        assert!(late.is_some());
        assert_eq!(features, fresh);
    }

    #[test]
    fn what_was_before_stays_and_days_count_from_the_payment() {
        let before = [("a", "b", NOW - 5.0 * DAY), ("a", "c", NOW - 2.0 * DAY)];
        let after = [("a", "b", NOW + 30.0 * DAY), ("a", "d", NOW + 40.0 * DAY)];
        let (late, features) = judged(&[&before[..], &after[..]].concat(), NOW);
        assert!(late.unwrap().approximate);
        let value = |name: &str| features.get(name).unwrap();
        assert_eq!(value("sender_age_days"), 5.0);
        assert_eq!(value("sender_days_since_out"), 2.0);
        assert_eq!(value("pair_days_since_last"), 5.0);
        assert_eq!(value("pair_count"), 1.0);
        for name in crate::state::features::NAMES.iter().filter(|name| name.contains("days_since"))
        {
            assert!(value(name) >= 0.0 || value(name) == -1.0, "{name}");
        }
    }

    #[test]
    fn the_sentence_says_how_late_and_what_follows() {
        let late = |by_seconds, approximate| {
            Lateness { account: Side::Sender, by_seconds, approximate }.sentence()
        };
        let told = [late(3_601, true), late(7_200, false), late(75_340_800, true)];
        let expect = [
            "It reached the system about an hour after newer payments of the sender; counts and sums \
             over its days are approximate, as they hold what came later on its own day and may lack \
             the oldest.",
            "It reached the system about 2 hours after newer payments of the sender; it is judged \
             as of its own time, when there was nothing to compare it with.",
            "It reached the system about 872 days after newer payments of the sender; counts and sums \
             over its days are approximate, as they hold what came later on its own day and may lack \
             the oldest.",
        ];
        assert_eq!(told, expect);
    }
}
