//! What a tenant's transactions are judged by: the rule set and the reference set in force, each
//! followed independently, and the sets on trial beside them.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join;
use jiff::Timestamp;
use sentinel::cascade::Policy;
use sentinel::case::risk::Lines;
use sentinel::payment::tenant::Tenant;
use sentinel::reference::Reference;
use sentinel::register::Register;
use sentinel::rules::RuleSet;
use store::{Store, StoreError};

use crate::followed_register::FollowedRegister;
use sentinel::register::VersionedSet as _;

/// What a tenant's transactions are judged by. A decision uses one copy from start to end.
pub struct PolicyInForce {
    pub policy: Policy,
    /// At most one per register.
    pub trials: Vec<Trial>,
}

/// A set in the shadow, combined with the live set of the other register, so that its report shows
/// the effect of one change even while both registers have a set on trial.
pub struct Trial {
    pub register: Register,
    pub policy: Policy,
}

impl Trial {
    /// Returns the version of the set in the shadow.
    pub fn version(&self) -> &str {
        match self.register {
            Register::Rules => self.policy.rules.version(),
            Register::Reference => self.policy.reference.version(),
        }
    }
}

/// The rules and reference data of all tenants.
pub struct PoliciesInForce {
    rules: FollowedRegister<RuleSet>,
    reference: FollowedRegister<Reference>,
    lines: OperatorLines,
}

/// The operator's lines, each of which takes precedence over the rule set's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatorLines {
    alert: Option<f64>,
    review: Option<f64>,
}

impl OperatorLines {
    /// Returns `None` unless 0 ≤ `review` ≤ `alert` ≤ 1. A missing line is the rule set's.
    pub fn new(alert: Option<f64>, review: Option<f64>) -> Option<Self> {
        Lines::new(alert.unwrap_or(1.0), review.unwrap_or(0.0))?;
        Some(Self { alert, review })
    }

    /// Puts these lines in place of the policy's. An operator's line and a rule set's may cross;
    /// the review line is then the alert line, so that nothing lies between them.
    fn over(self, policy: Policy) -> Policy {
        let alert = self.alert.unwrap_or(policy.lines.alert);
        let review = self.review.unwrap_or(policy.lines.review).min(alert);
        Policy { lines: Lines { alert, review }, ..policy }
    }
}

impl PoliciesInForce {
    /// Follows both registers; what is in force is asked again after `refresh`.
    pub fn new(
        store: &Store,
        refresh: Duration,
        lines: OperatorLines,
    ) -> Result<Self, lambda_runtime::Error> {
        Ok(Self {
            rules: FollowedRegister::new(store.clone(), refresh)?,
            reference: FollowedRegister::new(store.clone(), refresh)?,
            lines,
        })
    }

    /// Returns what to judge by now; fails only if that cannot be known.
    pub async fn of(&self, tenant: &Tenant) -> Result<PolicyInForce, StoreError> {
        let (rules, reference) = try_join(self.rules.of(tenant), self.reference.of(tenant)).await?;
        let policy = |reference: &Arc<Reference>, rules: &Arc<RuleSet>| {
            self.lines.over(Policy::new(Arc::clone(reference), Arc::clone(rules)))
        };
        let trial = |register, policy| Trial { register, policy };
        let other_rules = rules.shadow.as_ref().map(|set| policy(&reference.live, set));
        let other_reference = reference.shadow.as_ref().map(|set| policy(set, &rules.live));
        let trials = [
            other_rules.map(|policy| trial(Register::Rules, policy)),
            other_reference.map(|policy| trial(Register::Reference, policy)),
        ];
        Ok(PolicyInForce {
            policy: policy(&reference.live, &rules.live),
            trials: trials.into_iter().flatten().collect(),
        })
    }

    /// Returns the reference data for payments that are counted and not judged.
    pub async fn reference_of(&self, tenant: &Tenant) -> Result<Arc<Reference>, StoreError> {
        Ok(self.reference.of(tenant).await?.live)
    }

    /// Records, in days, the age of the oldest part of any tenant's reference data. One gauge is
    /// enough, since it is written with every batch and the API shows the age of each part.
    pub fn publish_age(&self) {
        let now = Timestamp::now();
        let ages = self.reference.live().into_iter().map(|reference| reference.age_days(now));
        if let Some(oldest) = ages.max() {
            metrics::gauge!("reference_age_days").set(oldest);
        }
    }
}
