//! Exact sums with 12 decimals. Integer addition is independent of order, float addition only
//! nearly so: the same events end in the same sum to the last digit, in any order, in memory and in
//! DynamoDB, whose numbers are decimals of 38 digits. So a backtest can equal production bit for
//! bit.

use std::fmt;
use std::ops::AddAssign;

/// A number with 12 decimals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FixedPoint(i128);

const DECIMALS: usize = 12;
const ONE: i128 = 10_i128.pow(12);

impl FixedPoint {
    pub const ZERO: Self = Self(0);

    /// Returns the nearest number with 12 decimals, clamped to ±10^26.
    #[expect(clippy::cast_possible_truncation, reason = "clamped to 38 digits")]
    pub fn nearest(value: f64) -> Self {
        let scaled = (value * 1e12).clamp(-1e38, 1e38);
        let rounded = scaled + 0.5_f64.copysign(scaled);
        // Most values fit 64 bits, which convert many times faster.
        if rounded.abs() < 9e18 {
            return Self(i128::from(rounded as i64));
        }
        Self(rounded as i128)
    }

    pub fn get(self) -> f64 {
        self.units() * Self::UNIT
    }

    /// Value of one unit of the last decimal.
    pub(super) const UNIT: f64 = 1e-12;

    /// Returns the number in units of the last decimal. Converting two halves is twice as fast as
    /// converting 128 bits.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the two halves are taken apart; a formula computes in f64"
    )]
    pub(super) fn units(self) -> f64 {
        const HALF: f64 = 18_446_744_073_709_551_616.0;
        let (high, low) = ((self.0 >> 64) as i64, self.0 as u64);
        high as f64 * HALF + low as f64
    }

    /// Returns the number without its decimals.
    pub fn whole(self) -> i128 {
        self.0 / ONE
    }

    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Parses a decimal number as DynamoDB writes it, with or without an exponent. Digits beyond
    /// the twelfth decimal are dropped; `None` unless it is a number that fits.
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let negative = mantissa.starts_with('-');
        let digits = mantissa.trim_start_matches(['-', '+']);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut value = 0_i128;
        for digit in whole.bytes().chain(fraction.bytes()) {
            let digit = digit.is_ascii_digit().then(|| i128::from(digit - b'0'))?;
            value = value.checked_mul(10)?.checked_add(digit)?;
        }
        let shift = i32::try_from(DECIMALS).ok()? - i32::try_from(fraction.len()).ok()? + exponent;
        let power = 10_i128.checked_pow(shift.unsigned_abs());
        let value = match (shift >= 0, power) {
            (true, Some(power)) => value.checked_mul(power)?,
            (true, None) => return (value == 0).then_some(Self::ZERO),
            (false, power) => power.map_or(0, |power| value / power),
        };
        Some(Self(if negative { -value } else { value }))
    }
}

impl AddAssign for FixedPoint {
    fn add_assign(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }
}

impl std::ops::Neg for FixedPoint {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl fmt::Display for FixedPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0.unsigned_abs() / ONE.unsigned_abs(), self.0 % ONE);
        let sign = if self.0 < 0 { "-" } else { "" };
        let fraction = format!("{:012}", fraction.unsigned_abs());
        match fraction.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            fraction => write!(f, "{sign}{whole}.{fraction}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, written: &str) {
        assert_eq!(FixedPoint::parse(text).unwrap().to_string(), written);
    }

    #[test]
    fn reads_what_dynamodb_writes() {
        check("0", "0");
        check("-1.5", "-1.5");
        check("1E+2", "100");
        check("1.25e-3", "0.00125");
        check("42949672960000000000000.000000000001", "42949672960000000000000.000000000001");
        check("0.0000000000019", "0.000000000001");
        for nonsense in ["", "x", "1.2.3", "1e", "1e40", "--1x"] {
            assert!(FixedPoint::parse(nonsense).is_none_or(FixedPoint::is_zero), "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn writes_what_it_reads(value in any::<i64>(), more in 0_i128..1_000_000_000) {
            let fixed = FixedPoint(i128::from(value) * more);
            prop_assert_eq!(FixedPoint::parse(&fixed.to_string()), Some(fixed));
        }

        #[test]
        fn is_the_nearest(value in -1e12_f64..1e12) {
            prop_assert!((FixedPoint::nearest(value).get() - value).abs() <= value.abs() * 1e-15 + 1e-12);
        }
    }
}
