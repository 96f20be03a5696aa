//! Lambda: invocations wait in a queue per function, and instances fetch them through the Runtime API.
//! The instances are the real binaries, as child processes; one that crashes or takes too long is
//! replaced, and its invocation fails, as in the cloud.

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

/// Why an invocation failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum InvokeError {
    #[error("there is no function {0}")]
    Unknown(String),
    #[error("{function} answered with an error: {message}")]
    Function { function: String, message: String },
    #[error("an instance of {0} exited during an invocation")]
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
    waiting: VecDeque<QueuedInvocation>,
    instances: HashMap<u64, Instance>,
    stopping: bool,
}

#[derive(Default)]
struct Instance {
    running: Option<RunningInvocation>,
    pid: Option<u32>,
    /// Kills the process when notified.
    kill: Arc<Notify>,
}

/// An invocation that an instance has fetched, and the caller waiting for its result.
struct RunningInvocation {
    id: String,
    respond: oneshot::Sender<Result<Value, InvokeError>>,
}

struct QueuedInvocation {
    id: String,
    payload: Value,
    deadline_ms: u128,
    respond: oneshot::Sender<Result<Value, InvokeError>>,
}

/// An invocation as the Runtime API hands it to an instance.
pub struct Invocation {
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

    /// The functions' latest log lines with the function's name, oldest first.
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
        let invocation = QueuedInvocation { id: id.clone(), payload, deadline_ms, respond };
        if pool.enqueue(invocation)? {
            self.spawn(pool);
        }
        // Time in the queue counts too, so that nothing waits for ever.
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

    /// Lets running invocations finish, then kills every instance.
    pub async fn stop(&self, grace: Duration) {
        for pool in self.functions.values() {
            let mut state = pool.state();
            state.stopping = true;
            for invocation in state.waiting.drain(..) {
                let _ = invocation.respond.send(Err(InvokeError::Stopping));
            }
        }
        let until = Instant::now() + grace;
        while Instant::now() < until
            && self.functions.values().any(|pool| pool.has_running_invocations())
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for pool in self.functions.values() {
            pool.kill_all();
            pool.arrived.notify_waiters();
        }
        while Instant::now() < until && self.functions.values().any(|pool| pool.has_instances()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Keeps a function that crashes on start from being restarted in a tight loop.
const BACKOFF: Duration = Duration::from_millis(200);

/// Runs an instance until its process exits, and replaces it if needed.
async fn supervise(lambda: Arc<Lambda>, pool: Arc<Pool>, instance: u64) {
    let function = &pool.name;
    let child = match instance::start(function, &lambda.bin_dir, &pool.env, instance) {
        Ok(child) => child,
        Err(err) => {
            let folder = lambda.bin_dir.display();
            eprintln!("[{function}] cannot be started from {folder}: {err}");
            pool.remove(instance);
            return;
        }
    };
    let Some(kill) = pool.register(instance, child.id()) else { return };
    let exit = instance::run(child, function, &lambda.output, &kill).await;
    let stopping = pool.is_stopping();
    let replace = pool.remove(instance);
    if !stopping {
        lambda.output.metrics.restarted(function);
        if !lambda.output.quiet {
            eprintln!("[{function}] instance exited ({exit}); starting another if needed");
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

    /// Queues an invocation; true if another instance should be started for it.
    fn enqueue(&self, invocation: QueuedInvocation) -> Result<bool, InvokeError> {
        let mut state = self.state();
        if state.stopping {
            return Err(InvokeError::Stopping);
        }
        state.waiting.push_back(invocation);
        let idle = state.instances.values().filter(|i| i.running.is_none()).count();
        let more = state.waiting.len() > idle && state.instances.len() < self.max_instances;
        drop(state);
        self.arrived.notify_one();
        Ok(more)
    }

    /// Waits for the next invocation for an instance; `None` if the instance is to exit.
    pub async fn next(&self, instance: u64) -> Option<Invocation> {
        loop {
            // Registered before looking, so that no arrival is missed in between.
            let arrived = self.arrived.notified();
            match self.poll(instance) {
                Poll::Ready(invocation) => return Some(invocation),
                Poll::Exit => return None,
                Poll::Empty => arrived.await,
            }
        }
    }

    fn poll(&self, instance: u64) -> Poll {
        let mut state = self.state();
        if state.stopping || !state.instances.contains_key(&instance) {
            return Poll::Exit;
        }
        let Some(invocation) = state.waiting.pop_front() else { return Poll::Empty };
        let QueuedInvocation { id, payload, deadline_ms, respond } = invocation;
        if let Some(instance) = state.instances.get_mut(&instance) {
            instance.running = Some(RunningInvocation { id: id.clone(), respond });
        }
        if !state.waiting.is_empty() {
            self.arrived.notify_one();
        }
        let region = super::template::REGION;
        let account = super::template::ACCOUNT;
        let arn = format!("arn:aws:lambda:{region}:{account}:function:{}", self.name);
        Poll::Ready(Invocation { id, payload, deadline_ms, arn })
    }

    /// An instance's answer.
    pub fn respond(&self, instance: u64, id: &str, result: Result<Value, String>) {
        let running = self.state().instances.get_mut(&instance).and_then(|i| i.running.take());
        let Some(running) = running.filter(|running| running.id == id) else { return };
        let function = self.name.clone();
        let result = result.map_err(|message| InvokeError::Function { function, message });
        let _ = running.respond.send(result);
    }

    /// Abandons an invocation that took too long: drops it from the queue, or kills its instance.
    fn give_up(&self, id: &str) {
        let mut state = self.state();
        state.waiting.retain(|invocation| invocation.id != id);
        let holder = state
            .instances
            .values()
            .find(|instance| instance.running.as_ref().is_some_and(|running| running.id == id));
        if let Some(holder) = holder {
            holder.kill.notify_one();
        }
    }

    /// Kills every instance; running invocations crash.
    pub fn kill_all(&self) {
        for instance in self.state().instances.values() {
            instance.kill.notify_one();
        }
    }

    /// Records the process of an instance; returns the signal that kills it, or `None` if the
    /// instance has been removed.
    fn register(&self, instance: u64, pid: Option<u32>) -> Option<Arc<Notify>> {
        let mut state = self.state();
        let instance = state.instances.get_mut(&instance)?;
        instance.pid = pid;
        Some(Arc::clone(&instance.kill))
    }

    /// Removes an instance whose process has exited. True if it has to be replaced: an invocation is
    /// waiting, or no instance is left.
    fn remove(&self, instance: u64) -> bool {
        let mut state = self.state();
        let removed = state.instances.remove(&instance);
        if let Some(running) = removed.and_then(|instance| instance.running) {
            let _ = running.respond.send(Err(InvokeError::Crashed(self.name.clone())));
        }
        !state.stopping && (state.instances.is_empty() || !state.waiting.is_empty())
    }

    fn is_stopping(&self) -> bool {
        self.state().stopping
    }

    fn has_running_invocations(&self) -> bool {
        self.state().instances.values().any(|instance| instance.running.is_some())
    }

    fn has_instances(&self) -> bool {
        !self.state().instances.is_empty()
    }

    /// The ids of the running processes.
    pub fn pids(&self) -> Vec<u32> {
        self.state().instances.values().filter_map(|instance| instance.pid).collect()
    }
}

/// The answer to an instance that asks for work.
enum Poll {
    Ready(Invocation),
    Empty,
    Exit,
}

fn now_ms() -> u128 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap_or_default().as_millis()
}
