//! What all functions share at their edge: logs as JSON without payloads, metrics as CloudWatch
//! EMF, configuration from the environment, the caller from API Gateway's claims, and problems as
//! RFC 9457 answers with a request id. No business logic here.

mod caller;
mod claims;
mod http;
pub mod retry;
pub mod settings;
mod stored;

use std::future::Future;
use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use metrics_cloudwatch_embedded::Collector;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing_subscriber::EnvFilter;

use settings::Telemetry;

pub use aws_config::SdkConfig;
pub use caller::Caller;
pub use claims::ClaimNames;
pub use http::{Answer, InboundRequest, json};
pub use stored::{broken, stored, stored_part, table_failed, unavailable};

/// A started function: its name, the AWS configuration and the metrics collector.
pub struct Edge {
    pub sdk: SdkConfig,
    function: &'static str,
    metrics: &'static Collector,
}

impl Edge {
    /// Sets up logs and metrics and loads the AWS configuration. Called once, during init.
    pub async fn start(function: &'static str, telemetry: &Telemetry) -> Self {
        tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_target(false)
            .with_env_filter(EnvFilter::new(&telemetry.log_level))
            .init();
        let metrics = metrics_cloudwatch_embedded::Builder::new()
            .cloudwatch_namespace(telemetry.metrics_namespace.clone())
            .init()
            .expect("no other recorder is installed before the first line of main");
        let sdk = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
        Self { sdk, function, metrics }
    }

    /// Serves HTTP until Lambda ends the process, to callers whose tokens have these claims.
    pub async fn serve_http<F, Fut>(self, claims: ClaimNames, handler: F) -> Result<(), Error>
    where
        F: Fn(InboundRequest) -> Fut + Sync,
        Fut: Future<Output = Answer> + Send,
    {
        let (handler, claims) = (&handler, Arc::new(claims));
        let (edge, claims) = (&self, &claims);
        lambda_http::run(service_fn(move |request: lambda_http::Request| async move {
            Ok::<_, Error>(edge.answer(request, Arc::clone(claims), handler).await)
        }))
        .await
    }

    /// Serves events of any other kind until Lambda ends the process.
    pub async fn serve_events<E, T, F, Fut>(self, handler: F) -> Result<(), Error>
    where
        E: DeserializeOwned,
        T: Serialize,
        F: Fn(E) -> Fut,
        Fut: Future<Output = Result<T, Error>>,
    {
        let handler = &handler;
        let edge = &self;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<E>| async move {
            let started = std::time::Instant::now();
            let result = handler(event.payload).await;
            edge.measure(if result.is_ok() { "ok" } else { "error" }, started);
            result
        }))
        .await
    }

    /// Counts an invocation and writes out all metrics since the previous one.
    fn measure(&self, status: &str, started: std::time::Instant) {
        let latency_ms = started.elapsed().as_secs_f64() * 1_000.0;
        metrics::counter!("requests_total", "function" => self.function, "status" => status.to_owned())
            .increment(1);
        metrics::histogram!("latency_ms", "function" => self.function).record(latency_ms);
        if let Err(err) = self.metrics.flush(std::io::stdout()) {
            tracing::warn!("Could not write the metrics: {err}");
        }
    }
}
