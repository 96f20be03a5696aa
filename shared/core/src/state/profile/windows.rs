//! Exact sums over whole days and weeks, for sentences and laws that speak of a window: "in the
//! seven days up to 5 January" means an exact count and sum, not a decayed one. Money in and money
//! out are compared over the same days, so that 98 % sent on reads as 98 % after three hours and
//! after five days.
//!
//! An account keeps, for each direction, the last [`DAYS`] UTC days and the last [`WEEKS`] weeks
//! (from Monday), each under its own number. Events therefore commute: a day or week that is too
//! far behind the newest is dropped, in whatever order events come. Most accounts have mostly empty
//! days, which take no space.
//!
//! Count and amount of a bucket are one number, `count · 10^18 + cents`, so that a bucket is one
//! attribute of the item and one `ADD`: 18 digits of cents and 20 of the count fit DynamoDB's 38.

use super::slots::Direction;

/// Days kept, the newest included: seven, and one more for payments that come slightly late.
pub const DAYS: usize = Span::Day.kept().unsigned_abs() as usize;
/// Weeks kept, the newest included.
pub const WEEKS: usize = Span::Week.kept().unsigned_abs() as usize;
/// Weeks in a long window: the payment's own and the four before.
pub const LONG: i32 = 5;

/// Which payments a bucket counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    All,
    /// First contacts with a counterparty.
    New,
    /// Payments just below a reporting threshold.
    NearThreshold,
    Cash,
    Round,
    CrossBorder,
}

impl Kind {
    pub const ALL: [Self; 6] =
        [Self::All, Self::New, Self::NearThreshold, Self::Cash, Self::Round, Self::CrossBorder];

    const fn letter(self) -> char {
        match self {
            Self::All => 'a',
            Self::New => 'n',
            Self::NearThreshold => 't',
            Self::Cash => 'k',
            Self::Round => 'r',
            Self::CrossBorder => 'x',
        }
    }

    /// Returns whether it is kept by week as well, for the account's usual week.
    const fn is_weekly(self) -> bool {
        matches!(self, Self::All | Self::New | Self::Cash)
    }
}

const WEEKLY: usize = 3;

/// The length of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    Day,
    Week,
}

impl Span {
    pub const ALL: [Self; 2] = [Self::Day, Self::Week];

    /// Returns the number of the day or week of a time (seconds since the Unix epoch). Weeks begin
    /// on Monday.
    #[expect(clippy::cast_possible_truncation, reason = "an RFC 3339 time has few days")]
    pub fn number(self, at: f64) -> i32 {
        let day = libm::floor(at / 86_400.0) as i32;
        match self {
            Self::Day => day,
            // The Unix epoch began on a Thursday.
            Self::Week => (day + 3).div_euclid(7),
        }
    }

    pub(super) const fn kept(self) -> i32 {
        match self {
            Self::Day => 8,
            Self::Week => 6,
        }
    }
}

/// The key of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    pub direction: Direction,
    pub kind: Kind,
    pub span: Span,
    /// Days or weeks since the Unix epoch, see [`Span::number`].
    pub number: i32,
}

impl Bucket {
    /// Returns the attribute's name: `d` and `w` stand for outgoing payments by day and week, `e`
    /// and `v` for incoming ones; then come the kind's letter and the number.
    pub fn name(self) -> String {
        let span = match (self.direction, self.span) {
            (Direction::Out, Span::Day) => 'd',
            (Direction::Out, Span::Week) => 'w',
            (Direction::In, Span::Day) => 'e',
            (Direction::In, Span::Week) => 'v',
        };
        format!("{span}{}{}", self.kind.letter(), self.number)
    }

    /// Parses an attribute's name.
    pub fn parse(name: &str) -> Option<Self> {
        let mut letters = name.chars();
        let (direction, span) = match letters.next()? {
            'd' => (Direction::Out, Span::Day),
            'w' => (Direction::Out, Span::Week),
            'e' => (Direction::In, Span::Day),
            'v' => (Direction::In, Span::Week),
            _ => return None,
        };
        let letter = letters.next()?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.letter() == letter)?;
        Some(Self { direction, kind, span, number: letters.as_str().parse().ok()? })
    }
}

/// Count and amount of a bucket or of a whole window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    pub count: i64,
    /// Hundredths of the base currency.
    pub cents: i64,
}

const COUNT_UNIT: i128 = 1_000_000_000_000_000_000;

impl Sum {
    /// Returns the sum of one payment; amounts above 10^13 count as 10^13.
    #[expect(clippy::cast_possible_truncation, reason = "clamped to what 18 digits hold")]
    pub fn one(amount: f64) -> Self {
        Self { count: 1, cents: libm::round(amount.clamp(0.0, 1e13) * 100.0) as i64 }
    }

    /// Returns the amount in units of the base currency.
    pub fn amount(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "seventeen digits are more than f32 takes")]
        let cents = self.cents as f64;
        cents / 100.0
    }

    pub fn number(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a count of payments")]
        let count = self.count as f64;
        count
    }

    /// Returns the number that the table stores and adds.
    pub fn packed(self) -> i128 {
        i128::from(self.count) * COUNT_UNIT + i128::from(self.cents)
    }

    /// Reads the table's number; parts that do not fit become [`i64::MAX`].
    pub fn unpacked(packed: i128) -> Self {
        let held = |value: i128| i64::try_from(value).unwrap_or(i64::MAX);
        Self {
            count: held(packed.div_euclid(COUNT_UNIT)),
            cents: held(packed.rem_euclid(COUNT_UNIT)),
        }
    }
}

impl std::ops::Neg for Sum {
    type Output = Self;

    fn neg(self) -> Self {
        Self { count: -self.count, cents: -self.cents }
    }
}

impl std::ops::AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.cents = self.cents.saturating_add(other.cents);
    }
}

/// The buckets of one account and direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    newest: [i32; 2],
    days: [[Sum; DAYS]; Kind::ALL.len()],
    weeks: [[Sum; WEEKS]; WEEKLY],
}

/// A bucket number before any time.
const NEVER: i32 = i32::MIN / 2;
const NOTHING: Sum = Sum { count: 0, cents: 0 };

impl Windows {
    pub const EMPTY: Self = Self {
        newest: [NEVER; 2],
        days: [[NOTHING; DAYS]; Kind::ALL.len()],
        weeks: [[NOTHING; WEEKS]; WEEKLY],
    };

    /// Returns whether a bucket's sum still counts.
    pub fn counts(&self, span: Span, number: i32) -> bool {
        number > self.newest[span as usize] - span.kept()
    }

    pub(super) fn add(&mut self, span: Span, kind: Kind, number: i32, sum: Sum) {
        self.advance(span, number);
        if self.counts(span, number)
            && let Some(ring) = self.ring_mut(span, kind)
        {
            ring[place(number, span)] += sum;
        }
    }

    /// Empties the buckets that newer days or weeks take over.
    fn advance(&mut self, span: Span, number: i32) {
        let newest = self.newest[span as usize];
        if number <= newest {
            return;
        }
        self.newest[span as usize] = number;
        let from = (newest + 1).max(number - span.kept() + 1);
        for kind in Kind::ALL {
            if let Some(ring) = self.ring_mut(span, kind) {
                for passed in from..=number {
                    ring[place(passed, span)] = NOTHING;
                }
            }
        }
    }

    fn ring_mut(&mut self, span: Span, kind: Kind) -> Option<&mut [Sum]> {
        match span {
            Span::Day => Some(&mut self.days[kind as usize]),
            Span::Week => weekly(kind).map(|at| &mut self.weeks[at][..]),
        }
    }

    fn ring(&self, span: Span, kind: Kind) -> Option<&[Sum]> {
        match span {
            Span::Day => Some(&self.days[kind as usize]),
            Span::Week => weekly(kind).map(|at| &self.weeks[at][..]),
        }
    }

    /// Sums the buckets `first` to `last`, as far as they are kept.
    pub(super) fn between(&self, span: Span, kind: Kind, first: i32, last: i32) -> Sum {
        let newest = self.newest[span as usize];
        let mut sum = NOTHING;
        let Some(ring) = self.ring(span, kind) else { return sum };
        let (first, last) = (first.max(newest - span.kept() + 1), last.min(newest));
        // Step round the ring: computing a remainder per bucket would be most of a feature's cost.
        let mut at = place(first, span);
        for _ in first..=last {
            sum += ring[at];
            at = if at + 1 == ring.len() { 0 } else { at + 1 };
        }
        sum
    }
}

fn weekly(kind: Kind) -> Option<usize> {
    match kind {
        Kind::All => Some(0),
        Kind::New => Some(1),
        Kind::Cash => Some(2),
        Kind::NearThreshold | Kind::Round | Kind::CrossBorder => None,
    }
}

fn place(number: i32, span: Span) -> usize {
    number.rem_euclid(span.kept()).unsigned_abs() as usize
}

/// Returns the spans a kind is kept for.
pub(super) fn spans(kind: Kind) -> impl Iterator<Item = Span> {
    Span::ALL.into_iter().filter(move |span| *span == Span::Day || kind.is_weekly())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: f64 = 86_400.0;

    #[test]
    fn weeks_begin_on_monday() {
        // 2026-01-05 is a Monday.
        let monday = 1_767_571_200.0;
        assert_eq!(Span::Week.number(monday), Span::Week.number(monday + 6.9 * DAY));
        assert_eq!(Span::Week.number(monday) + 1, Span::Week.number(monday + 7.0 * DAY));
        assert_eq!(Span::Week.number(monday) - 1, Span::Week.number(monday - 1.0));
    }

    #[test]
    fn a_packed_sum_is_the_sum_of_packed_ones() {
        let mut sum = Sum::default();
        let mut packed = 0;
        for amount in [0.01, 19_600.0, 1e13, 12.34] {
            sum += Sum::one(amount);
            packed += Sum::one(amount).packed();
        }
        assert_eq!(Sum::unpacked(packed), sum);
        packed += (-Sum::one(12.34)).packed();
        sum += -Sum::one(12.34);
        assert_eq!(Sum::unpacked(packed), sum);
        assert!(sum.packed() < 10_i128.pow(38));
    }

    #[test]
    fn a_window_holds_its_days_and_no_others() {
        let mut windows = Windows::EMPTY;
        for (day, amount) in [(100, 1.0), (103, 2.0), (106, 4.0), (107, 8.0)] {
            windows.add(Span::Day, Kind::All, day, Sum::one(amount));
        }
        let amount = |first, last| windows.between(Span::Day, Kind::All, first, last).amount();
        assert!((amount(101, 107) - 14.0).abs() < 1e-9);
        assert!((amount(100, 106) - 7.0).abs() < 1e-9);
        assert!((amount(106, 106) - 4.0).abs() < 1e-9);
        // A day that is too old is not added, and days that have passed are gone.
        windows.add(Span::Day, Kind::All, 99, Sum::one(16.0));
        windows.add(Span::Day, Kind::All, 112, Sum::one(32.0));
        assert!((windows.between(Span::Day, Kind::All, 0, 200).amount() - 44.0).abs() < 1e-9);
    }

    #[test]
    fn names_are_read_back() {
        for direction in [Direction::Out, Direction::In] {
            for kind in Kind::ALL {
                for span in spans(kind) {
                    let bucket = Bucket { direction, kind, span, number: 20_500 };
                    assert_eq!(Bucket::parse(&bucket.name()), Some(bucket));
                }
            }
        }
        for other in ["pk", "first_at", "ocd12", "payments", "po0", "dz20500", "da"] {
            assert_eq!(Bucket::parse(other), None, "{other}");
        }
    }
}
