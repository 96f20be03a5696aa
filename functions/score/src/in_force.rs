//! What a tenant's transactions are judged by: the rule set and the reference set in force, each
//! followed by itself, and what is on trial beside them.

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

use crate::followed::FollowedRegister;
use sentinel::register::VersionedSet as _;

/// One decision holds one copy from its first step to its last.
pub struct InForce {
    pub policy: Policy,
    /// At most one of each register.
    pub trials: Vec<Trial>,
}

/// A set in the shadow, with what is live of the other register: so that its report tells of one
/// change, even while both registers have a set on trial.
pub struct Trial {
    pub register: Register,
    pub policy: Policy,
}

impl Trial {
    /// Of the set in the shadow.
    pub fn version(&self) -> &str {
        match self.register {
            Register::Rules => self.policy.rules.version(),
            Register::Reference => self.policy.reference.version(),
        }
    }
}

/// Every tenant's rules and reference data.
pub struct Standing {
    rules: FollowedRegister<RuleSet>,
    reference: FollowedRegister<Reference>,
    lines: OwnLines,
}

/// Lines of the operator's, which outrank a rule set's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OwnLines {
    alert: Option<f64>,
    review: Option<f64>,
}

impl OwnLines {
    /// `None` unless they rise from 0 to 1; the rule set's hold where there is none.
    pub fn new(alert: Option<f64>, review: Option<f64>) -> Option<Self> {
        Lines::new(alert.unwrap_or(1.0), review.unwrap_or(0.0))?;
        Some(Self { alert, review })
    }

    /// An operator's line and a rule set's may cross; then there is nothing between them.
    fn over(self, policy: Policy) -> Policy {
        let alert = self.alert.unwrap_or(policy.lines.alert);
        let review = self.review.unwrap_or(policy.lines.review).min(alert);
        Policy { lines: Lines { alert, review }, ..policy }
    }
}

impl Standing {
    /// Asks what is in force again after `refresh`.
    pub fn new(
        store: &Store,
        refresh: Duration,
        lines: OwnLines,
    ) -> Result<Self, lambda_runtime::Error> {
        Ok(Self {
            rules: FollowedRegister::new(store.clone(), refresh)?,
            reference: FollowedRegister::new(store.clone(), refresh)?,
            lines,
        })
    }

    /// What to judge by now; fails only where that cannot be known.
    pub async fn of(&self, tenant: &Tenant) -> Result<InForce, StoreError> {
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
        Ok(InForce {
            policy: policy(&reference.live, &rules.live),
            trials: trials.into_iter().flatten().collect(),
        })
    }

    /// What to read payments with now, where nothing is judged.
    pub async fn reference_of(&self, tenant: &Tenant) -> Result<Arc<Reference>, StoreError> {
        Ok(self.reference.of(tenant).await?.live)
    }

    /// Tells how old the oldest part of any tenant's reference data is. Not by part: a gauge is written
    /// with every batch, and the API names the part.
    pub fn tell_age(&self) {
        let now = Timestamp::now();
        let ages = self.reference.live().into_iter().map(|reference| reference.age_days(now));
        if let Some(oldest) = ages.max() {
            metrics::gauge!("reference_age_days").set(oldest);
        }
    }
}
