//! The sets of one register, rules or reference data, that are in force for each tenant. Each
//! process keeps a copy and keeps it current: when the copy is older than the refresh interval, one
//! small read shows whether another set went live, and the next transaction is judged by that. A
//! set that is missing or broken never replaces one that works.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sentinel::payment::tenant::Tenant;
use sentinel::register::document::DocumentError;
use sentinel::register::{EMBEDDED, Head, RegisteredSet, SetState, VersionedSet};
use store::{Store, StoreError, TenantRegister};

/// The sets of one register that a tenant's transactions are judged by.
pub struct Sets<S> {
    pub live: Arc<S>,
    /// Also judges each transaction, without any effect.
    pub shadow: Option<Arc<S>>,
}

impl<S> Clone for Sets<S> {
    fn clone(&self) -> Self {
        Self { live: Arc::clone(&self.live), shadow: self.shadow.clone() }
    }
}

/// One register of all tenants.
pub struct FollowedRegister<S> {
    store: Store,
    /// Maximum age of a copy before the table is asked again.
    refresh: Duration,
    /// In force for a tenant that never put another set live.
    embedded: Arc<S>,
    tenants: Mutex<HashMap<Tenant, CachedSets<S>>>,
}

struct CachedSets<S> {
    sets: Sets<S>,
    /// The live set as the head names it: a version, or `embedded`.
    live: String,
    shadow: Option<String>,
    looked_at: Instant,
}

impl<S> Clone for CachedSets<S> {
    fn clone(&self) -> Self {
        let (sets, live, shadow) = (self.sets.clone(), self.live.clone(), self.shadow.clone());
        Self { sets, live, shadow, looked_at: self.looked_at }
    }
}

impl<S: VersionedSet> FollowedRegister<S> {
    pub fn new(store: Store, refresh: Duration) -> Result<Self, DocumentError> {
        let embedded = Arc::new(S::embedded()?);
        Ok(Self { store, refresh, embedded, tenants: Mutex::default() })
    }

    /// Returns the sets to judge by now. Fails only if none are known yet and the table does not
    /// answer: the transaction then waits, since the deployment's own set may not be in force.
    pub async fn of(&self, tenant: &Tenant) -> Result<Sets<S>, StoreError> {
        let known = self.known(tenant);
        if let Some(copy) = &known
            && copy.looked_at.elapsed() < self.refresh
        {
            return Ok(copy.sets.clone());
        }
        if let Some(copy) = &known {
            // Transactions that come meanwhile use the copy instead of asking as well.
            self.keep(tenant, CachedSets { looked_at: Instant::now(), ..copy.clone() });
        }
        let register = self.store.register(tenant, S::REGISTER);
        let head = match (register.head().await, known.as_ref()) {
            (Ok(head), _) => head,
            (Err(err), Some(copy)) => {
                failed::<S>(&format!("which {}s are in force cannot be read: {err}", noun::<S>()));
                return Ok(copy.sets.clone());
            }
            (Err(err), None) => return Err(err),
        };
        let copy = self.follow(&register, &head, known).await?;
        let sets = copy.sets.clone();
        self.keep(tenant, copy);
        Ok(sets)
    }

    /// Returns the live sets of the tenants that this process has seen.
    pub fn live(&self) -> Vec<Arc<S>> {
        let tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.values().map(|held| Arc::clone(&held.sets.live)).collect()
    }

    /// Returns the copy updated to the sets that the head names, as far as these can be loaded.
    async fn follow(
        &self,
        register: &TenantRegister<'_>,
        head: &Head,
        known: Option<CachedSets<S>>,
    ) -> Result<CachedSets<S>, StoreError> {
        let (before, first) = match known {
            Some(copy) => (copy, false),
            None => {
                let sets = Sets { live: Arc::clone(&self.embedded), shadow: None };
                let (live, looked_at) = (EMBEDDED.to_owned(), Instant::now());
                (CachedSets { sets, live, shadow: None, looked_at }, true)
            }
        };
        let mut copy = CachedSets { looked_at: Instant::now(), ..before };
        let own = |held: &CachedSets<S>| Arc::ptr_eq(&held.sets.live, &self.embedded);
        let unregistered = first || !own(&copy);
        if head.live != copy.live {
            // Without a copy, fall back to the previous set, then to the deployment's own.
            let before = head.previous.iter().filter(|_| first);
            for version in std::iter::once(&head.live).chain(before) {
                match self.load(register, version).await {
                    Ok(set) => {
                        tracing::info!(set.version = %version, "Another {} is in force", noun::<S>());
                        copy.sets.live = set;
                        copy.live.clone_from(version);
                        break;
                    }
                    Err(LoadError::Store(err)) if first => return Err(err),
                    Err(err) => failed::<S>(&format!("{version} cannot be put in force: {err}")),
                }
            }
        }
        if unregistered && own(&copy) {
            self.register_embedded(register).await;
        }
        if head.shadow != copy.shadow {
            copy.sets.shadow = None;
            copy.shadow = None;
            if let Some(version) = &head.shadow {
                match self.load(register, version).await {
                    Ok(set) => {
                        copy.sets.shadow = Some(set);
                        copy.shadow = Some(version.clone());
                    }
                    Err(err) => failed::<S>(&format!("{version} cannot run in the shadow: {err}")),
                }
            }
        }
        Ok(copy)
    }

    async fn load(
        &self,
        register: &TenantRegister<'_>,
        version: &str,
    ) -> Result<Arc<S>, LoadError> {
        if version == EMBEDDED || version == self.embedded.version() {
            return Ok(Arc::clone(&self.embedded));
        }
        let document = register.document(version).await?.ok_or(LoadError::Missing)?;
        let set = S::load(&document).map_err(|err| {
            // The first problem of a broken set is enough for a log.
            LoadError::Broken(err.problems.first().map_or_else(String::new, ToString::to_string))
        })?;
        // The version contains the document's hash, so a changed document is a different set.
        if set.version() == version { Ok(Arc::new(set)) } else { Err(LoadError::Other) }
    }

    /// Registers the deployment's own set in the table, so that a later deployment can still
    /// explain what this one decided. Done once per version, with the first decision; after a
    /// failure the next process does it.
    async fn register_embedded(&self, register: &TenantRegister<'_>) {
        let registered = async {
            if register.set(self.embedded.version()).await?.is_some() {
                return Ok(());
            }
            let (summary, now) = (self.embedded.summary(), Timestamp::now().into());
            let set = RegisteredSet::new(summary, SetState::Embedded, "deployment", now);
            register.add(&set, S::EMBEDDED_DOCUMENT).await.map(|_| ())
        };
        if let Err(err) = registered.await {
            let err: StoreError = err;
            let noun = noun::<S>();
            tracing::warn!("Could not keep the deployment's {noun} in the table: {err}");
        }
    }

    fn known(&self, tenant: &Tenant) -> Option<CachedSets<S>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }

    fn keep(&self, tenant: &Tenant, copy: CachedSets<S>) {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.insert(tenant.clone(), copy);
    }
}

/// Why a set cannot be used.
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

fn noun<S: VersionedSet>() -> &'static str {
    S::REGISTER.noun()
}

fn failed<S: VersionedSet>(what: &str) {
    let register = S::REGISTER.code();
    metrics::counter!("set_load_failures_total", "register" => register).increment(1);
    tracing::error!("The {} in force stays as it is: {what}", noun::<S>());
}
