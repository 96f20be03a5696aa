//! The whole system on one machine, in one process plus one per function instance: DynamoDB, SQS, SNS
//! and Secrets Manager on loopback, the Lambda Runtime API, the HTTP and WebSocket APIs, event
//! sources and schedules. The functions are the real Lambda binaries, which do not know where they
//! run. Each test starts a suite of its own on ephemeral ports, with faults injected between the SDKs
//! and the services.

mod authorizer;
mod cloud;
mod endpoint;
mod faults;
mod gateway;
mod http_api;
mod ids;
mod instance;
mod issuer;
mod lambda;
mod logs;
mod metrics;
mod page;
mod recovery;
mod secret;
pub mod serve;
mod sockets;
mod sources;
pub mod template;
mod websocket;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use contract::scope::Scope;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use authorizer::Authorizer;
use cloud::Cloud;
use endpoint::Endpoint;
pub use faults::{Fault, Faults};
use gateway::Gateway;
use ids::Ids;
use issuer::Issuer;
pub use lambda::InvokeError;
use lambda::{Lambda, Pool};
use metrics::Metrics;
use sockets::Sockets;
use sources::Sources;
use template::{Function, Stack};

/// How a suite is started.
#[derive(Debug, Clone, Default)]
pub struct SuiteConfig {
    /// 0 picks a free port.
    pub port: u16,
    /// Where data is stored; None keeps it in memory.
    pub data_dir: Option<PathBuf>,
    /// Whether requests need a token of the development issuer. Otherwise those without one are the
    /// developer's.
    pub auth: bool,
    /// How long the access tokens of people who sign in are valid; None for the issuer's default.
    pub access_token_lifetime: Option<Duration>,
    /// The template; None uses the one this program was built with.
    pub template: Option<PathBuf>,
    /// Where the functions' binaries are; None looks next to this program.
    pub bin_dir: Option<PathBuf>,
    /// Values for the template's parameters instead of their defaults.
    pub parameters: BTreeMap<String, String>,
    /// Added to every function's environment.
    pub env: BTreeMap<String, String>,
    /// Overrides the queues' own timeouts.
    pub visibility_timeout: Option<Duration>,
    /// Whether to print nothing about functions and their logs.
    pub quiet: bool,
}

/// A running suite.
pub struct Suite {
    address: SocketAddr,
    endpoint_url: String,
    cloud: Arc<Cloud>,
    lambda: Arc<Lambda>,
    sockets: Arc<Sockets>,
    issuer: Arc<Issuer>,
    stack: Stack,
    requeued: usize,
    ready_after: Duration,
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
}

/// The most instances of a function that run at once.
const MAX_INSTANCES: [(&str, usize); 2] = [("ingest", 4), ("score", 3)];
const OTHER_INSTANCES: usize = 2;
const GRACE: Duration = Duration::from_secs(10);

impl Suite {
    /// Starts everything; once this returns, requests are served.
    pub async fn start(config: SuiteConfig) -> anyhow::Result<Self> {
        let started = Instant::now();
        let bin_dir = match &config.bin_dir {
            Some(dir) => dir.clone(),
            None => default_bin_dir()?,
        };
        let (stop, stopping) = watch::channel(false);
        let public = TcpListener::bind(("127.0.0.1", config.port))
            .await
            .with_context(|| format!("cannot use port {}; set PORT to another", config.port))?;
        let private = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint_url = format!("http://{}", private.local_addr()?);
        let stack = read_stack(&config, &endpoint_url)?;
        check_binaries(&stack, &bin_dir)?;
        if let Some(dir) = &config.data_dir {
            std::fs::create_dir_all(dir)
                .with_context(|| format!("cannot create {}", dir.display()))?;
        }
        let database = config.data_dir.as_ref().map(|dir| dir.join("sentinel.db"));
        let cloud = Cloud::start(database.as_deref(), stopping.clone()).await?;
        let data_dir = config.data_dir.as_deref();
        cloud.provision(&stack, &|secret| secret::load_or_generate(data_dir, secret)).await?;
        let metrics = Arc::new(Metrics::default());
        let pools = stack.functions.iter().map(|(name, function)| {
            let env = environment(name, function, &config, &endpoint_url);
            let max = MAX_INSTANCES.iter().find(|(known, _)| known == name);
            let max = max.map_or(OTHER_INSTANCES, |(_, max)| *max);
            (name.clone(), Pool::new(name, function.clone(), env, max))
        });
        let lambda = Lambda::new(pools.collect(), bin_dir, Arc::clone(&metrics), config.quiet);
        let sockets = Arc::new(Sockets::default());
        let address = public.local_addr()?;
        let issuer = Arc::new(Issuer::start(
            format!("http://{address}"),
            stack.tokens.clone(),
            config.access_token_lifetime,
            config.auth,
            data_dir,
        )?);
        let authorizer = Arc::new(Authorizer { issuer: Arc::clone(&issuer) });
        let endpoint = Endpoint {
            cloud: Arc::clone(&cloud),
            lambda: Arc::clone(&lambda),
            sockets: Arc::clone(&sockets),
        };
        let gateway = Gateway {
            cloud: Arc::clone(&cloud),
            queues: Arc::new(stack.queues.iter().map(|queue| queue.name.clone()).collect()),
            lambda: Arc::clone(&lambda),
            routes: Arc::new(stack.http_routes.clone()),
            authorizer,
            sockets: Arc::clone(&sockets),
            metrics,
            websocket_routes: Arc::new(stack.websocket_routes.clone()),
            ids: Arc::new(Ids::new()?),
        };
        let pages = http_api::router(gateway, page::built().as_deref());
        let pages = pages.merge(issuer::router(Arc::clone(&issuer)));
        let servers = vec![
            serve(private, endpoint::router(endpoint), stopping.clone()),
            serve(public, pages, stopping.clone()),
        ];
        lambda.warm();
        let requeued = recovery::requeue(&cloud, &stack).await?;
        let sources = Sources {
            cloud: Arc::clone(&cloud),
            lambda: Arc::clone(&lambda),
            stop: stopping,
            visibility_timeout: config.visibility_timeout,
        };
        stack.queue_mappings.iter().for_each(|mapping| sources.follow_queue(mapping));
        stack.stream_mappings.iter().for_each(|mapping| sources.follow_stream(mapping));
        stack.schedules.iter().for_each(|schedule| sources.follow_schedule(schedule));
        let ready_after = started.elapsed();
        Ok(Self {
            address,
            endpoint_url,
            cloud,
            lambda,
            sockets,
            issuer,
            stack,
            requeued,
            ready_after,
            stop,
            servers,
        })
    }

    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where this suite's AWS services listen.
    pub fn endpoint_url(&self) -> &str {
        &self.endpoint_url
    }

    pub fn ws_url(&self) -> String {
        format!("ws://{}/ws", self.address)
    }

    /// A token of the development issuer for its developer; empty if no token is needed.
    pub fn token(&self, tenant: &str, scopes: &[impl AsRef<str>], lifetime_seconds: i64) -> String {
        self.token_of("developer", tenant, scopes, lifetime_seconds)
    }

    /// A token for another person.
    pub fn token_of(
        &self,
        subject: &str,
        tenant: &str,
        scopes: &[impl AsRef<str>],
        lifetime_seconds: i64,
    ) -> String {
        if !self.issuer.required {
            return String::new();
        }
        let mut claims = self.issuer.rights(tenant, scopes);
        claims.insert("sub".to_owned(), subject.into());
        self.issuer.token(Value::Object(claims), lifetime_seconds)
    }

    /// A token with these claims, as another issuer would shape them; issuer, audience and times are
    /// added, unless they are null. It is made whether or not tokens are needed.
    pub fn token_with(&self, claims: Value, lifetime_seconds: i64) -> String {
        self.issuer.token(claims, lifetime_seconds)
    }

    /// Every function with its process ids.
    pub fn functions(&self) -> Vec<(String, Vec<u32>)> {
        self.lambda.pools().map(|pool| (pool.name.clone(), pool.pids())).collect()
    }

    /// The scopes of the HTTP API.
    pub fn scopes(&self) -> Vec<String> {
        Scope::ALL.map(|scope| scope.code().to_owned()).into()
    }

    /// The number of receipts that an earlier run left undecided, which were queued again.
    pub fn requeued(&self) -> usize {
        self.requeued
    }

    pub fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// Faults between the functions and the services.
    pub fn faults(&self) -> &Faults {
        &self.cloud.faults
    }

    /// The functions' latest log lines with the function's name, oldest first.
    pub fn logs(&self) -> Vec<(String, String)> {
        self.lambda.logs()
    }

    /// Runs a function once.
    pub async fn invoke(&self, function: &str, payload: Value) -> Result<Value, InvokeError> {
        self.lambda.invoke(function, payload).await
    }

    /// Kills a function's processes; their running invocations crash.
    pub fn kill_function(&self, function: &str) {
        if let Some(pool) = self.lambda.pool(function) {
            pool.kill_all();
        }
    }

    /// Puts a message on the queue of transactions unchanged.
    pub async fn send_to_queue(&self, body: &str) -> anyhow::Result<()> {
        let mapping = self.stack.queue_mappings.first().context("the template has no queue")?;
        let request = json!({ "QueueUrl": cloud::queue_url(&mapping.queue), "MessageBody": body });
        self.cloud.sqs("SendMessage", request).await.map(|_| ())
    }

    /// A DynamoDB operation, bypassing the functions.
    pub async fn dynamodb(&self, operation: &str, body: Value) -> anyhow::Result<Value> {
        self.cloud.dynamodb(&format!("DynamoDB_20120810.{operation}"), body).await
    }

    /// Messages in the queue of transactions, visible or not.
    pub async fn queue_depth(&self) -> u64 {
        match self.stack.queue_mappings.first() {
            Some(mapping) => self.cloud.depth(&mapping.queue).await,
            None => 0,
        }
    }

    /// Messages that could not be decided.
    pub async fn dlq_depth(&self) -> u64 {
        self.cloud.depth("DeadLetterQueue").await
    }

    /// Stops accepting requests, lets running invocations finish, and kills every process.
    pub async fn shutdown(self) {
        let _ = self.stop.send(true);
        self.sockets.close_all();
        self.lambda.stop(GRACE).await;
        for server in self.servers {
            server.abort();
        }
    }
}

/// Resolves once the suite stops.
async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that the suite is gone.
    let _ = stop.wait_for(|stop| *stop).await;
}

fn serve(
    listener: TcpListener,
    router: axum::Router,
    stop: watch::Receiver<bool>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::select! {
            served = axum::serve(listener, service) => {
                if let Err(err) = served {
                    eprintln!("A server ended: {err}");
                }
            }
            // Requests in progress may still finish.
            () = async { stopped(stop).await; tokio::time::sleep(GRACE).await; } => {}
        }
    })
}

fn read_stack(config: &SuiteConfig, endpoint_url: &str) -> anyhow::Result<Stack> {
    let mut parameters = config.parameters.clone();
    parameters.insert("WebSocketEndpoint".to_owned(), endpoint_url.to_owned());
    match &config.template {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            Stack::read(&text, &parameters)
        }
        None => Stack::read(template::OWN, &parameters),
    }
}

/// `SENTINEL_BIN_DIR`, or else the first folder that holds the functions: this program's, the one
/// above it (a test's program is one folder further down), or the workspace's build folder.
fn default_bin_dir() -> anyhow::Result<PathBuf> {
    if let Some(dir) = std::env::var_os("SENTINEL_BIN_DIR") {
        return Ok(PathBuf::from(dir));
    }
    let program = std::env::current_exe()?;
    let here = program.parent().context("this program has no folder")?;
    let above = here.parent().unwrap_or(here);
    let workspace = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/debug"));
    let dirs = [here.to_owned(), above.to_owned(), workspace];
    Ok(dirs.iter().find(|dir| dir.join("ingest").exists()).unwrap_or(&dirs[0]).clone())
}

fn check_binaries(stack: &Stack, bin_dir: &std::path::Path) -> anyhow::Result<()> {
    let missing: Vec<&str> = stack
        .functions
        .keys()
        .filter(|name| !bin_dir.join(name).exists())
        .map(String::as_str)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "{} not found in {}; build them with `cargo build --workspace`, or set SENTINEL_BIN_DIR to \
         their folder",
        missing.join(", "),
        bin_dir.display()
    )
}

/// A function's environment: Lambda's variables, the template's, the address of the AWS services,
/// and the configuration's, which take precedence.
fn environment(
    name: &str,
    function: &Function,
    config: &SuiteConfig,
    endpoint_url: &str,
) -> BTreeMap<String, String> {
    let mut env = function.env.clone();
    let fixed = [
        ("AWS_LAMBDA_FUNCTION_NAME", name),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &function.memory_mb.to_string()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", name),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "local"),
        ("AWS_LAMBDA_RUNTIME_API", endpoint_url),
        ("AWS_REGION", template::REGION),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_ENDPOINT_URL", endpoint_url),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    env.extend(fixed.map(|(name, value)| (name.to_owned(), value.to_owned())));
    env.extend(config.env.clone());
    env
}
