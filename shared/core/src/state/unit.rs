//! Units of the values that rules and the model read.

/// A unit. In all of them except `Score`, -1 stands for "never" or "too early to tell".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 1 for yes, 0 for no.
    YesNo,
    /// Payments, accounts, or paths that money took.
    Count,
    /// Money in units of the base currency.
    Amount,
    /// Days, including fractions.
    Days,
    /// A part of a whole, 0 to 1.
    Share,
    /// Money out as a share of money in: above 1 if more left than came in.
    PassedOn,
    /// A multiple of some other amount or count.
    Times,
    /// A multiple, capped at this number.
    TimesUpTo(u16),
    /// The natural logarithm of 1 + an amount.
    LogAmount,
    /// A number without a unit: a standard score, a spread, a chi-square.
    Score,
}
