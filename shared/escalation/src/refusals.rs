//! Remembers for seconds that the ledger refused a reservation, so that deciding while the gate is
//! closed or the day is spent costs no write to the ledger.

use std::collections::BTreeMap;
use std::time::Duration;

use sentinel::payment::tenant::Tenant;
use sentinel::spend::budget::{BudgetDay, MicroUsd};
use store::ledger::ReserveError;
use tokio::time::Instant;

/// How long a refusal is remembered: as long as people do not mind waiting for a gate to open.
const REMEMBERED: Duration = Duration::from_secs(10);

/// The latest refusal of each tenant.
#[derive(Debug, Default)]
pub struct Refusals(BTreeMap<Tenant, Refusal>);

#[derive(Debug)]
struct Refusal {
    day: BudgetDay,
    max: MicroUsd,
    error: ReserveError,
    until: Instant,
}

impl Refusals {
    pub fn remember(
        &mut self,
        tenant: &Tenant,
        day: BudgetDay,
        max: MicroUsd,
        error: &ReserveError,
    ) {
        let (error, until) = (error.clone(), Instant::now() + REMEMBERED);
        self.0.insert(tenant.clone(), Refusal { day, max, error, until });
    }

    /// Returns the refusal that a call of this cost would meet again; a cheaper one may still fit.
    pub fn known(
        &self,
        tenant: &Tenant,
        day: BudgetDay,
        max: MicroUsd,
        now: Instant,
    ) -> Option<ReserveError> {
        let known = self.0.get(tenant)?;
        let same = known.day == day && now < known.until;
        let covers = known.error == ReserveError::GateClosed || max >= known.max;
        (same && covers).then(|| known.error.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_holds_for_its_tenant_its_day_and_as_dear_a_call_for_seconds() {
        let (main, other) = ("main", "other");
        let [main, other] = [main, other].map(|name| Tenant::parse(name).unwrap());
        let [today, tomorrow] =
            ["2026-11-18", "2026-11-19"].map(|day| BudgetDay::parse(day).unwrap());
        let mut refusals = Refusals::default();
        refusals.remember(&main, today, MicroUsd(500), &ReserveError::Exhausted);
        let now = Instant::now();
        let known = |tenant, day, max, now| refusals.known(tenant, day, MicroUsd(max), now);
        assert_eq!(known(&main, today, 500, now), Some(ReserveError::Exhausted));
        assert_eq!(known(&main, today, 499, now), None);
        assert_eq!(known(&main, tomorrow, 500, now), None);
        assert_eq!(known(&other, today, 500, now), None);
        assert_eq!(known(&main, today, 500, now + REMEMBERED), None);
    }

    #[test]
    fn a_closed_gate_refuses_any_call() {
        let main = Tenant::parse("main").unwrap();
        let today = BudgetDay::parse("2026-11-18").unwrap();
        let mut refusals = Refusals::default();
        refusals.remember(&main, today, MicroUsd(500), &ReserveError::GateClosed);
        let known = refusals.known(&main, today, MicroUsd(1), Instant::now());
        assert_eq!(known, Some(ReserveError::GateClosed));
    }
}
