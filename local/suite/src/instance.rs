//! One instance: a child process from start to end. Its output becomes logs and metrics.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use super::lambda::{Lambda, Pool};

/// A function that crashes at once is not started again at once.
const BACKOFF: Duration = Duration::from_millis(200);

/// Runs a process until it ends or is ended, then sees to its replacement.
pub async fn supervise(lambda: Arc<Lambda>, pool: Arc<Pool>, instance: u64) {
    let binary = lambda.bin_dir.join(&pool.name);
    let mut child = match start(&pool, &binary, instance) {
        Ok(child) => child,
        Err(err) => {
            eprintln!("[{}] cannot be started from {}: {err}", pool.name, binary.display());
            pool.ended(instance);
            return;
        }
    };
    pool.started(instance, child.id());
    if let Some(stdout) = child.stdout.take() {
        tokio::spawn(pipe(Arc::clone(&lambda), pool.name.clone(), stdout));
    }
    if let Some(stderr) = child.stderr.take() {
        tokio::spawn(pipe(Arc::clone(&lambda), pool.name.clone(), stderr));
    }
    let kill = pool.kill_signal(instance);
    let killed = async {
        match &kill {
            Some(kill) => kill.notified().await,
            None => std::future::pending().await,
        }
    };
    let ended = tokio::select! {
        status = child.wait() => status.map(|status| status.to_string()).unwrap_or_default(),
        () = killed => {
            let _ = child.kill().await;
            "ended by the suite".to_owned()
        }
    };
    let stopping = pool.is_stopping();
    let replace = pool.ended(instance);
    if !stopping {
        lambda.metrics.restarted(&pool.name);
        if !lambda.quiet {
            eprintln!("[{}] instance ended ({ended}); starting another where needed", pool.name);
        }
    }
    if replace {
        tokio::time::sleep(BACKOFF).await;
        pool.replace(&lambda);
    }
}

fn start(pool: &Pool, binary: &std::path::Path, instance: u64) -> std::io::Result<Child> {
    let runtime_api = pool.env.get("AWS_LAMBDA_RUNTIME_API").cloned().unwrap_or_default();
    Command::new(binary)
        .envs(&pool.env)
        .env("AWS_LAMBDA_RUNTIME_API", format!("{runtime_api}/.rt/{}/{instance}", pool.name))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Ctrl-C is the suite's: it lets running invocations finish.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}

/// Metrics are collected, anything else is a log line.
async fn pipe(lambda: Arc<Lambda>, function: String, output: impl AsyncRead + Unpin) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if lambda.metrics.collect(&line) {
            continue;
        }
        if !lambda.quiet {
            eprintln!("[{function}] {line}");
        }
        lambda.logs.keep(&function, line);
    }
}
