//! What the values that rules and the model read are measured in.

/// A unit. In every one of them -1 stands for "never" or "too early to tell", but for `Score`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 1 for yes, 0 for no.
    YesNo,
    /// Payments, accounts, or ways that money took.
    Count,
    /// Units of the base currency.
    Amount,
    /// Days, with their fraction.
    Days,
    /// A part of a whole, 0 to 1.
    Share,
    /// What left as a part of what came in: above 1 where more left.
    PassedOn,
    /// So many times something else.
    Times,
    /// The same, counted no further than this.
    TimesUpTo(u16),
    /// The natural logarithm of 1 + an amount.
    LogAmount,
    /// A number that compares with nothing but itself: a standard score, a spread, a chi-square.
    Score,
}
