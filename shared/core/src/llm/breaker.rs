//! The circuit breaker: an LLM that fails repeatedly is not called for a while and is then tried
//! with one call at a time. All times are arguments, in milliseconds.

/// When the breaker opens and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Number of consecutive failures that open it.
    pub failures: u32,
    /// How long it stays open, and the interval between trials after that.
    pub rest_ms: i64,
}

/// A circuit breaker that counts consecutive failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaker {
    limits: Limits,
    failures: u32,
    /// No call is admitted before this time. Meaningful once `failures` has reached the limit.
    next_trial_ms: i64,
}

impl Breaker {
    pub fn new(limits: Limits) -> Self {
        Self { limits, failures: 0, next_trial_ms: 0 }
    }

    /// Whether a call may be made now. When half open, one trial is admitted per rest period, so
    /// that another follows even if a trial never reports back (a function frozen during the call).
    pub fn admits(&mut self, now_ms: i64) -> bool {
        if self.failures < self.limits.failures {
            return true;
        }
        let admitted = now_ms >= self.next_trial_ms;
        if admitted {
            self.next_trial_ms = now_ms.saturating_add(self.limits.rest_ms);
        }
        admitted
    }

    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Returns whether this failure opened it.
    pub fn failed(&mut self, now_ms: i64) -> bool {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= self.limits.failures {
            self.next_trial_ms = now_ms.saturating_add(self.limits.rest_ms);
        }
        self.failures == self.limits.failures
    }

    pub fn is_open(&self) -> bool {
        self.failures >= self.limits.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> Breaker {
        let mut breaker = Breaker::new(Limits { failures: 3, rest_ms: 1_000 });
        assert!(!breaker.failed(0) && !breaker.failed(1));
        assert!(breaker.admits(2));
        assert!(breaker.failed(2), "the third failure opens it");
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_rests() {
        let mut breaker = opened();
        assert!(!breaker.admits(3) && !breaker.admits(1_001) && breaker.is_open());
    }

    #[test]
    fn after_a_rest_one_trial_is_admitted_and_its_success_closes_it() {
        let mut breaker = opened();
        assert!(breaker.admits(1_002));
        assert!(!breaker.admits(1_002), "one at a time");
        breaker.succeeded();
        assert!(breaker.admits(1_003) && breaker.admits(1_003));
    }

    #[test]
    fn a_failed_trial_means_another_rest() {
        let mut breaker = opened();
        assert!(breaker.admits(1_002));
        assert!(!breaker.failed(1_500), "it was open already");
        assert!(!breaker.admits(2_499));
        assert!(breaker.admits(2_500));
    }

    #[test]
    fn a_trial_that_never_reports_back_does_not_shut_the_llm_out_for_good() {
        let mut breaker = opened();
        assert!(breaker.admits(1_002));
        assert!(breaker.admits(2_002));
    }

    #[test]
    fn a_success_between_failures_starts_the_count_again() {
        let mut breaker = Breaker::new(Limits { failures: 2, rest_ms: 1_000 });
        for _ in 0..5 {
            breaker.failed(0);
            breaker.succeeded();
        }
        assert!(breaker.admits(1));
    }
}
