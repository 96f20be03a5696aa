//! The rules in force for each tenant. A copy is kept and looked after: when it is older than the
//! refresh interval, one small read tells whether another set went live, and the next transaction
//! is judged by that. A set that is missing or broken never takes the place of one that works.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sentinel::cascade::Policy;
use sentinel::facts::Reference;
use sentinel::risk::Lines;
use sentinel::rules::{EMBEDDED, RegisteredSet, RuleSet, RuleSetState, RulesHead};
use sentinel::store::{Store, StoreError};
use sentinel::tenant::Tenant;

/// What a tenant's transactions are judged by. One decision holds one copy from its first step to
/// its last.
#[derive(Clone)]
pub struct InForce {
    pub policy: Arc<Policy>,
    /// Judges beside the policy and changes nothing.
    pub shadow: Option<Arc<RuleSet>>,
}

/// Every tenant's rules.
pub struct RulesInForce {
    store: Store,
    /// How old a copy may become.
    refresh: Duration,
    lines: OwnLines,
    /// In force where a tenant never put another set live.
    embedded: Arc<Policy>,
    tenants: Mutex<HashMap<Tenant, Held>>,
}

/// Lines of the operator's, which outrank a rule set's.
#[derive(Debug, Clone, Copy)]
struct OwnLines {
    alert: Option<f64>,
    review: Option<f64>,
}

impl OwnLines {
    fn from_settings() -> Result<Self, lambda_runtime::Error> {
        let line = |name| match edge::settings::text(name, "") {
            text if text.is_empty() => Ok(None),
            _ => edge::settings::parsed(name, 0.0).map(Some),
        };
        let own = Self { alert: line("ALERT_LINE")?, review: line("REVIEW_LINE")? };
        let (alert, review) = (own.alert.unwrap_or(1.0), own.review.unwrap_or(0.0));
        Lines::new(alert, review).ok_or("REVIEW_LINE and ALERT_LINE must rise from 0 to 1")?;
        Ok(own)
    }

    /// An operator's line and a rule set's may cross; then there is nothing between them.
    fn over(self, policy: Policy) -> Policy {
        let alert = self.alert.unwrap_or(policy.lines.alert);
        let review = self.review.unwrap_or(policy.lines.review).min(alert);
        Policy { lines: Lines { alert, review }, ..policy }
    }
}

#[derive(Clone)]
struct Held {
    in_force: InForce,
    /// What the head named: a version, or `embedded`.
    live: String,
    shadow: Option<String>,
    looked_at: Instant,
}

impl RulesInForce {
    pub fn from_settings(store: Store) -> Result<Self, lambda_runtime::Error> {
        let refresh = Duration::from_secs(edge::settings::parsed("RULES_REFRESH_SECONDS", 30)?);
        let lines = OwnLines::from_settings()?;
        let embedded = lines.over(Policy::new(Reference::embedded()?, RuleSet::embedded()?));
        Ok(Self { store, refresh, lines, embedded: Arc::new(embedded), tenants: Mutex::default() })
    }

    /// What to judge by now. Fails only where nothing is known yet and the table does not answer:
    /// then the transaction waits, rather than being judged by rules that may not be in force.
    pub async fn of(&self, tenant: &Tenant) -> Result<InForce, StoreError> {
        let known = self.known(tenant);
        if let Some(copy) = &known
            && copy.looked_at.elapsed() < self.refresh
        {
            return Ok(copy.in_force.clone());
        }
        if let Some(copy) = &known {
            // Whoever comes meanwhile goes on with the copy instead of asking, too.
            self.keep(tenant, Held { looked_at: Instant::now(), ..copy.clone() });
        }
        let head = match (self.store.rules_head(tenant).await, known.as_ref()) {
            (Ok(head), _) => head,
            (Err(err), Some(copy)) => {
                failed(&format!("which rule sets are in force cannot be read: {err}"));
                return Ok(copy.in_force.clone());
            }
            (Err(err), None) => return Err(err),
        };
        let copy = self.follow(tenant, &head, known).await?;
        let in_force = copy.in_force.clone();
        self.keep(tenant, copy);
        Ok(in_force)
    }

    /// The copy that the head asks for, as far as its sets work.
    async fn follow(
        &self,
        tenant: &Tenant,
        head: &RulesHead,
        known: Option<Held>,
    ) -> Result<Held, StoreError> {
        let (before, first) = match known {
            Some(copy) => (copy, false),
            None => {
                let in_force = InForce { policy: Arc::clone(&self.embedded), shadow: None };
                let (live, looked_at) = (EMBEDDED.to_owned(), Instant::now());
                (Held { in_force, live, shadow: None, looked_at }, true)
            }
        };
        let mut copy = Held { looked_at: Instant::now(), ..before };
        let own = |held: &Held| Arc::ptr_eq(&held.in_force.policy, &self.embedded);
        let register = first || !own(&copy);
        if head.live != copy.live {
            // A process without a working copy tries the set before, then the deployment's own.
            let before = head.previous.iter().filter(|_| first);
            for version in std::iter::once(&head.live).chain(before) {
                match self.policy(tenant, version).await {
                    Ok(policy) => {
                        tracing::info!(rules.version = %version, "Another rule set is in force");
                        copy.in_force.policy = policy;
                        copy.live.clone_from(version);
                        break;
                    }
                    Err(LoadError::Store(err)) if first => return Err(err),
                    Err(err) => failed(&format!("{version} cannot be put in force: {err}")),
                }
            }
        }
        if register && own(&copy) {
            self.register_embedded(tenant).await;
        }
        if head.shadow != copy.shadow {
            copy.in_force.shadow = None;
            copy.shadow = None;
            if let Some(version) = &head.shadow {
                match self.load(tenant, version).await {
                    Ok(set) => {
                        copy.in_force.shadow = Some(Arc::new(set));
                        copy.shadow = Some(version.clone());
                    }
                    Err(err) => failed(&format!("{version} cannot run in the shadow: {err}")),
                }
            }
        }
        Ok(copy)
    }

    async fn policy(&self, tenant: &Tenant, version: &str) -> Result<Arc<Policy>, LoadError> {
        if version == EMBEDDED || version == self.embedded.rules.version() {
            return Ok(Arc::clone(&self.embedded));
        }
        let rules = self.load(tenant, version).await?;
        let reference = Reference::embedded().map_err(|err| LoadError::Broken(err.to_string()))?;
        Ok(Arc::new(self.lines.over(Policy::new(reference, rules))))
    }

    async fn load(&self, tenant: &Tenant, version: &str) -> Result<RuleSet, LoadError> {
        let document = self.store.rule_document(tenant, version).await?;
        let document = document.ok_or(LoadError::Missing)?;
        let set = RuleSet::load(&document).map_err(|err| {
            // One of a broken set's problems is enough for a log.
            LoadError::Broken(err.problems.first().map_or_else(String::new, ToString::to_string))
        })?;
        // The hash in the version makes a changed document another set.
        if set.version() == version { Ok(set) } else { Err(LoadError::Other) }
    }

    /// Keeps the deployment's own set in the table, so that a later deployment can still explain
    /// what this one decided. Once per version, with the first decision; a failure is for the next
    /// process to mend.
    async fn register_embedded(&self, tenant: &Tenant) {
        let rules = &self.embedded.rules;
        let registered = async {
            if self.store.rule_set(tenant, rules.version()).await?.is_some() {
                return Ok(());
            }
            let now = format!("{:.6}", Timestamp::now());
            let set = RegisteredSet::new(rules, RuleSetState::Embedded, "deployment", now);
            let document = RuleSet::embedded_document();
            self.store.register_rule_set(tenant, &set, document).await.map(|_| ())
        };
        if let Err(err) = registered.await {
            let err: StoreError = err;
            tracing::warn!("Could not keep the deployment's rule set in the table: {err}");
        }
    }

    fn known(&self, tenant: &Tenant) -> Option<Held> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }

    fn keep(&self, tenant: &Tenant, copy: Held) {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.insert(tenant.clone(), copy);
    }
}

/// Why a set is not put in force.
#[derive(Debug, thiserror::Error)]
enum LoadError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("its document is not in the table")]
    Missing,
    #[error("it is broken: {0}")]
    Broken(String),
    #[error("its document is that of another version")]
    Other,
}

fn failed(what: &str) {
    metrics::counter!("rule_set_load_failures_total").increment(1);
    tracing::error!("The rules in force stay as they are: {what}");
}
