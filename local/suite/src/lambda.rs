//! Lambda: invocations wait in a queue per function, instances take them through the Runtime API.
//! The instances are the real binaries, as child processes; one that crashes or takes too long is
//! replaced, and the invocation it held fails, as in the cloud.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{Notify, oneshot};

use super::instance::{self, Output};
use super::metrics::Metrics;
use super::template::Function;

/// An invocation failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InvokeError {
    #[error("there is no function {0}")]
    Unknown(String),
    #[error("{function} answered with an error: {message}")]
    Function { function: String, message: String },
    #[error("an instance of {0} ended while it worked")]
    Crashed(String),
    #[error("{0} took longer than its timeout")]
    TimedOut(String),
    #[error("the suite is stopping")]
    Stopping,
}

/// All functions.
pub struct Lambda {
    functions: BTreeMap<String, Arc<Pool>>,
    bin_dir: PathBuf,
    output: Output,
    next_id: AtomicU64,
}

/// One function's invocations and instances.
pub struct Pool {
    pub name: String,
    pub settings: Function,
    pub env: BTreeMap<String, String>,
    max_instances: usize,
    state: Mutex<State>,
    arrived: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Invocation>,
    instances: HashMap<u64, Instance>,
    stopping: bool,
}

#[derive(Default)]
struct Instance {
    /// What it works on, and who waits for it.
    working: Option<Working>,
    pid: Option<u32>,
    /// Ends the process.
    kill: Arc<Notify>,
}

struct Working {
    id: String,
    respond: oneshot::Sender<Result<Value, InvokeError>>,
}

struct Invocation {
    id: String,
    payload: Value,
    deadline_ms: u128,
    respond: oneshot::Sender<Result<Value, InvokeError>>,
}

/// What an instance is given to do.
pub struct Work {
    pub id: String,
    pub payload: Value,
    pub deadline_ms: u128,
    pub arn: String,
}

impl Lambda {
    pub fn new(
        functions: BTreeMap<String, Arc<Pool>>,
        bin_dir: PathBuf,
        metrics: Arc<Metrics>,
        quiet: bool,
    ) -> Arc<Self> {
        let output = Output { metrics, logs: Arc::default(), quiet };
        Arc::new(Self { functions, bin_dir, output, next_id: AtomicU64::new(1) })
    }

    pub fn pool(&self, function: &str) -> Option<&Arc<Pool>> {
        self.functions.get(function)
    }

    pub fn pools(&self) -> impl Iterator<Item = &Arc<Pool>> {
        self.functions.values()
    }

    /// The functions' latest log lines, each with its function, oldest first.
    pub fn logs(&self) -> Vec<(String, String)> {
        self.output.logs.lines()
    }

    /// Starts one instance of each function.
    pub fn warm(self: &Arc<Self>) {
        for pool in self.functions.values() {
            self.spawn(pool);
        }
    }

    /// Runs a function once and waits for its answer.
    pub async fn invoke(
        self: &Arc<Self>,
        function: &str,
        payload: Value,
    ) -> Result<Value, InvokeError> {
        let pool = self.pool(function).ok_or_else(|| InvokeError::Unknown(function.to_owned()))?;
        let started = Instant::now();
        let id = format!("{:032x}", self.next_id.fetch_add(1, Ordering::Relaxed));
        let (respond, answer) = oneshot::channel();
        let deadline_ms = now_ms() + pool.settings.timeout.as_millis();
        let invocation = Invocation { id: id.clone(), payload, deadline_ms, respond };
        if pool.enqueue(invocation)? {
            self.spawn(pool);
        }
        // Time in the queue counts too: nothing waits for ever.
        let result = match tokio::time::timeout(pool.settings.timeout, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(InvokeError::Crashed(function.to_owned())),
            Err(_) => {
                pool.give_up(&id);
                Err(InvokeError::TimedOut(function.to_owned()))
            }
        };
        self.output.metrics.invoked(function, result.is_ok(), started.elapsed());
        result
    }

    fn spawn(self: &Arc<Self>, pool: &Arc<Pool>) {
        let instance = self.next_id.fetch_add(1, Ordering::Relaxed);
        pool.state().instances.insert(instance, Instance::default());
        tokio::spawn(supervise(Arc::clone(self), Arc::clone(pool), instance));
    }

    /// Lets running invocations finish, then ends every instance.
    pub async fn stop(&self, grace: Duration) {
        for pool in self.functions.values() {
            let mut state = pool.state();
            state.stopping = true;
            for invocation in state.waiting.drain(..) {
                let _ = invocation.respond.send(Err(InvokeError::Stopping));
            }
        }
        let until = Instant::now() + grace;
        while Instant::now() < until && self.functions.values().any(|pool| pool.is_working()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for pool in self.functions.values() {
            pool.kill_all();
            pool.arrived.notify_waiters();
        }
        while Instant::now() < until && self.functions.values().any(|pool| pool.is_running()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// A function that crashes at once is not started again at once.
const BACKOFF: Duration = Duration::from_millis(200);

/// Runs an instance until its process ends, then sees to its replacement.
async fn supervise(lambda: Arc<Lambda>, pool: Arc<Pool>, instance: u64) {
    let function = &pool.name;
    let child = match instance::start(function, &lambda.bin_dir, &pool.env, instance) {
        Ok(child) => child,
        Err(err) => {
            let folder = lambda.bin_dir.display();
            eprintln!("[{function}] cannot be started from {folder}: {err}");
            pool.ended(instance);
            return;
        }
    };
    let Some(kill) = pool.started(instance, child.id()) else { return };
    let ended = instance::run(child, function, &lambda.output, &kill).await;
    let stopping = pool.is_stopping();
    let replace = pool.ended(instance);
    if !stopping {
        lambda.output.metrics.restarted(function);
        if !lambda.output.quiet {
            eprintln!("[{function}] instance ended ({ended}); starting another where needed");
        }
    }
    if replace {
        tokio::time::sleep(BACKOFF).await;
        if !pool.is_stopping() {
            lambda.spawn(&pool);
        }
    }
}

impl Pool {
    pub fn new(
        name: &str,
        settings: Function,
        env: BTreeMap<String, String>,
        max_instances: usize,
    ) -> Arc<Self> {
        let state = Mutex::new(State::default());
        let name = name.to_owned();
        Arc::new(Self { name, settings, env, max_instances, state, arrived: Notify::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether another instance should be started for it.
    fn enqueue(&self, invocation: Invocation) -> Result<bool, InvokeError> {
        let mut state = self.state();
        if state.stopping {
            return Err(InvokeError::Stopping);
        }
        state.waiting.push_back(invocation);
        let idle = state.instances.values().filter(|i| i.working.is_none()).count();
        let more = state.waiting.len() > idle && state.instances.len() < self.max_instances;
        drop(state);
        self.arrived.notify_one();
        Ok(more)
    }

    /// The next invocation for an instance; waits until there is one.
    pub async fn next(&self, instance: u64) -> Option<Work> {
        loop {
            // Registered before looking, so that no arrival is missed in between.
            let arrived = self.arrived.notified();
            match self.take(instance) {
                Taken::Work(work) => return Some(work),
                Taken::Gone => return None,
                Taken::Nothing => arrived.await,
            }
        }
    }

    fn take(&self, instance: u64) -> Taken {
        let mut state = self.state();
        if state.stopping || !state.instances.contains_key(&instance) {
            return Taken::Gone;
        }
        let Some(invocation) = state.waiting.pop_front() else { return Taken::Nothing };
        let Invocation { id, payload, deadline_ms, respond } = invocation;
        if let Some(instance) = state.instances.get_mut(&instance) {
            instance.working = Some(Working { id: id.clone(), respond });
        }
        if !state.waiting.is_empty() {
            self.arrived.notify_one();
        }
        let region = super::template::REGION;
        let account = super::template::ACCOUNT;
        let arn = format!("arn:aws:lambda:{region}:{account}:function:{}", self.name);
        Taken::Work(Work { id, payload, deadline_ms, arn })
    }

    /// An instance's answer.
    pub fn respond(&self, instance: u64, id: &str, result: Result<Value, String>) {
        let working = self.state().instances.get_mut(&instance).and_then(|i| i.working.take());
        let Some(working) = working.filter(|working| working.id == id) else { return };
        let function = self.name.clone();
        let result = result.map_err(|message| InvokeError::Function { function, message });
        let _ = working.respond.send(result);
    }

    /// The invocation took too long: it is dropped from the queue, or its instance is ended.
    fn give_up(&self, id: &str) {
        let mut state = self.state();
        state.waiting.retain(|invocation| invocation.id != id);
        let holder = state
            .instances
            .values()
            .find(|instance| instance.working.as_ref().is_some_and(|working| working.id == id));
        if let Some(holder) = holder {
            holder.kill.notify_one();
        }
    }

    /// Ends every instance; those that work crash.
    pub fn kill_all(&self) {
        for instance in self.state().instances.values() {
            instance.kill.notify_one();
        }
    }

    /// The instance has a process; what ends it.
    fn started(&self, instance: u64, pid: Option<u32>) -> Option<Arc<Notify>> {
        let mut state = self.state();
        let instance = state.instances.get_mut(&instance)?;
        instance.pid = pid;
        Some(Arc::clone(&instance.kill))
    }

    /// The instance's process is gone. True where it has to be replaced: something waits, or no
    /// instance is left.
    fn ended(&self, instance: u64) -> bool {
        let mut state = self.state();
        let ended = state.instances.remove(&instance);
        if let Some(working) = ended.and_then(|instance| instance.working) {
            let _ = working.respond.send(Err(InvokeError::Crashed(self.name.clone())));
        }
        !state.stopping && (state.instances.is_empty() || !state.waiting.is_empty())
    }

    fn is_stopping(&self) -> bool {
        self.state().stopping
    }

    fn is_working(&self) -> bool {
        self.state().instances.values().any(|instance| instance.working.is_some())
    }

    fn is_running(&self) -> bool {
        !self.state().instances.is_empty()
    }

    /// The processes that run.
    pub fn pids(&self) -> Vec<u32> {
        self.state().instances.values().filter_map(|instance| instance.pid).collect()
    }
}

enum Taken {
    Work(Work),
    Nothing,
    Gone,
}

fn now_ms() -> u128 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default().as_millis()
}
