//! One instance of a function: a child process from start to exit. Its output becomes logs and metrics.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Notify;

use super::logs::Logs;
use super::metrics::Metrics;

/// Where an instance's output goes.
#[derive(Clone)]
pub struct Output {
    pub metrics: Arc<Metrics>,
    pub logs: Arc<Logs>,
    /// Whether to print nothing.
    pub quiet: bool,
}

/// Starts an instance of a function.
pub fn start(
    function: &str,
    bin_dir: &Path,
    env: &BTreeMap<String, String>,
    instance: u64,
) -> std::io::Result<Child> {
    let runtime_api = env.get("AWS_LAMBDA_RUNTIME_API").cloned().unwrap_or_default();
    Command::new(bin_dir.join(function))
        .envs(env)
        .env("AWS_LAMBDA_RUNTIME_API", format!("{runtime_api}/.rt/{function}/{instance}"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Ctrl-C must reach only the suite, which lets running invocations finish.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}

/// Waits until the process exits or is killed; returns a description of how it ended.
pub async fn run(mut child: Child, function: &str, output: &Output, kill: &Notify) -> String {
    if let Some(stdout) = child.stdout.take() {
        tokio::spawn(pipe(output.clone(), function.to_owned(), stdout));
    }
    if let Some(stderr) = child.stderr.take() {
        tokio::spawn(pipe(output.clone(), function.to_owned(), stderr));
    }
    tokio::select! {
        status = child.wait() => status.map(|status| status.to_string()).unwrap_or_default(),
        () = kill.notified() => {
            let _ = child.kill().await;
            "killed by the suite".to_owned()
        }
    }
}

/// Collects metrics; anything else is a log line.
async fn pipe(output: Output, function: String, from: impl AsyncRead + Unpin) {
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if output.metrics.collect(&line) {
            continue;
        }
        if !output.quiet {
            eprintln!("[{function}] {line}");
        }
        output.logs.push(&function, line);
    }
}
