//! What an account has done, as people read it: its weeks and days as of its newest payment, beside
//! what is usual for it.

use serde::Serialize;

use super::profile::{Direction, Kind, Profile, Span, Sum, View};
use crate::payment::utc_time::UtcTime;

/// Weeks shown, the newest payment's own included.
const WEEKS: i32 = 6;
/// Days shown, the newest payment's own included.
const DAYS: i32 = 8;

/// What an account has done.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AccountActivity {
    pub first_seen: UtcTime,
    /// The newest payment, with whose day and week the windows end.
    pub last_seen: UtcTime,
    pub sent: Flow,
    pub received: Flow,
}

/// Payments in one direction.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Flow {
    /// The newest eight days, oldest first.
    pub days: Vec<Total>,
    /// The newest six weeks from Monday, oldest first.
    pub weeks: Vec<Total>,
    /// The mean of up to four whole weeks before the newest; unset if the account is too new.
    pub usual_week: Option<UsualWeek>,
    /// First contacts with a counterparty in the newest week.
    pub new_counterparties: i64,
    /// Cash in the newest week.
    pub cash: Total,
}

/// Count and amount of the payments from a day on.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Total {
    /// First day, in UTC.
    pub from: String,
    pub count: i64,
    /// In the base currency.
    pub amount: f64,
}

/// A mean week.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct UsualWeek {
    pub count: f64,
    /// In the base currency.
    pub amount: f64,
}

impl AccountActivity {
    /// Returns what a profile says; `None` if it holds no payment.
    pub fn of(profile: &Profile) -> Option<Self> {
        let (first, last) = (profile.first_seen?, profile.last_seen()?);
        let view = profile.seen_at(last);
        Some(Self {
            first_seen: time(first)?,
            last_seen: time(last)?,
            sent: Flow::of(&view, Direction::Out, last),
            received: Flow::of(&view, Direction::In, last),
        })
    }
}

impl Flow {
    fn of(view: &View<'_>, direction: Direction, last: f64) -> Self {
        let day = Span::Day.number(last);
        // Days since the epoch of the newest week's Monday.
        let monday = Span::Week.number(last) * 7 - 3;
        let days = (0..DAYS).rev().map(|back| {
            let up_to = |days| view.days(direction, Kind::All, days);
            total(day - back, difference(up_to(back + 1), up_to(back)))
        });
        let weeks = (0..WEEKS).rev().map(|back| {
            let up_to = |weeks| view.weeks(direction, Kind::All, weeks);
            total(monday - 7 * back, difference(up_to(back + 1), up_to(back)))
        });
        let usual = view.usual_week(direction, Kind::All);
        Self {
            days: days.collect(),
            weeks: weeks.collect(),
            usual_week: usual.map(|(count, amount)| UsualWeek { count, amount }),
            new_counterparties: view.weeks(direction, Kind::New, 1).count,
            cash: total(monday, view.weeks(direction, Kind::Cash, 1)),
        }
    }
}

fn difference(longer: Sum, shorter: Sum) -> Sum {
    let mut sum = longer;
    sum += -shorter;
    sum
}

fn total(day: i32, sum: Sum) -> Total {
    let from = time(f64::from(day) * 86_400.0).map(|time| time.to_string()[..10].to_owned());
    Total { from: from.unwrap_or_default(), count: sum.count, amount: sum.amount() }
}

fn time(at: f64) -> Option<UtcTime> {
    #[expect(clippy::cast_possible_truncation, reason = "an RFC 3339 time in seconds")]
    let second = libm::floor(at) as i64;
    jiff::Timestamp::from_second(second).ok().map(UtcTime::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::facts::Facts;
    use crate::state::memory::Memory;

    const DAY: f64 = 86_400.0;
    /// Wednesday, 2026-01-07 at noon.
    const NOW: f64 = 1_767_787_200.0;

    fn activity(payments: &[(f64, f64)]) -> Option<AccountActivity> {
        let mut memory = Memory::default();
        for (days_ago, amount) in payments {
            memory.apply(&Facts::between("a", "b", NOW - days_ago * DAY, *amount));
        }
        let facts = Facts::between("a", "b", NOW, 1.0);
        AccountActivity::of(memory.neighbourhood(&facts).sender)
    }

    #[test]
    fn days_and_weeks_hold_what_was_paid_in_them() {
        let sent = activity(&[(9.0, 50.0), (3.0, 7.0), (2.0, 20.0), (0.0, 300.0)]).unwrap().sent;
        let days: Vec<_> = sent.days.iter().map(|day| (day.from.as_str(), day.count)).collect();
        assert_eq!(days[0], ("2025-12-31", 0));
        assert_eq!(
            days[4..],
            [("2026-01-04", 1), ("2026-01-05", 1), ("2026-01-06", 0), ("2026-01-07", 1)]
        );
        let weeks = sent.weeks.iter().map(|week| (week.from.as_str(), week.amount));
        let weeks: Vec<_> = weeks.collect();
        assert_eq!(weeks[3..], [("2025-12-22", 0.0), ("2025-12-29", 57.0), ("2026-01-05", 320.0)]);
        assert_eq!((sent.usual_week, sent.new_counterparties), (None, 0));
    }

    #[test]
    fn the_usual_week_is_told_once_there_is_one() {
        let weekly: Vec<_> = (0..6).map(|week| (7.0 * f64::from(week), 100.0)).collect();
        let known = activity(&weekly).unwrap();
        assert_eq!(known.sent.usual_week, Some(UsualWeek { count: 1.0, amount: 100.0 }));
        assert_eq!(known.first_seen.to_string()[..10], *"2025-12-03");
        assert_eq!(known.received.weeks.iter().map(|week| week.count).sum::<i64>(), 0);
    }

    #[test]
    fn an_account_without_payments_has_no_activity() {
        assert_eq!(activity(&[]), None);
    }
}
