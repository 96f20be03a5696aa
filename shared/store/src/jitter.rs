//! Randomness for the AWS edge: waiting times that spread out retries, and ids of reservations. It
//! comes from the standard library's hash keys, which the system's entropy seeds. That is enough to
//! keep workers apart, but must not be used for anything that has to be secret or reproducible.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

/// Returns 64 random bits.
pub fn random_u64() -> u64 {
    RandomState::new().hash_one(0u8)
}

/// Returns how long to wait before the next attempt: a random time up to `base · 2^attempt`, at
/// most `cap` ("full jitter",
/// <https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/>).
pub fn backoff(attempt: u32, base: Duration, cap: Duration) -> Duration {
    let ceiling = base.saturating_mul(1 << attempt.min(16)).min(cap);
    let micros = u64::try_from(ceiling.as_micros()).unwrap_or(u64::MAX).max(1);
    Duration::from_micros(random_u64() % micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_cap_and_differ() {
        let (base, cap) = (Duration::from_millis(20), Duration::from_millis(400));
        let longest = |attempt| (0..200).map(|_| backoff(attempt, base, cap)).max().unwrap();
        assert!(longest(0) < base);
        assert!(longest(3) > base * 4 && longest(3) < base * 8);
        assert!(longest(40) > cap / 2 && longest(40) < cap);
        assert_ne!(random_u64(), random_u64());
    }
}
