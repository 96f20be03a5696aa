//! `sentinel serve`: the suite in the foreground, until Ctrl-C.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::{Suite, SuiteConfig};

#[derive(clap::Args)]
pub struct Args {
    /// Port of the HTTP API; 0 picks a free one
    #[arg(long, env = "PORT", default_value_t = 9000)]
    port: u16,
    /// Folder for the data
    #[arg(long, env = "DATA_DIR", default_value = "./.sentinel")]
    data_dir: PathBuf,
    /// Keep all data in memory
    #[arg(long)]
    memory: bool,
    /// Require tokens of the development issuer, and print some
    #[arg(long, env = "AUTH", value_parser = clap::builder::FalseyValueParser::new())]
    auth: bool,
    /// A template to use instead of the one this program was built with
    #[arg(long)]
    template: Option<PathBuf>,
    /// A parameter of the template, such as `LlmBaseUrl=http://127.0.0.1:11434/v1`
    #[arg(long = "parameter", value_parser = name_and_value)]
    parameters: Vec<(String, String)>,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as Name=value")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Serves until Ctrl-C or a termination signal.
#[expect(clippy::print_stdout, reason = "the command's own output")]
pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let data_dir = (!args.memory).then(|| args.data_dir.clone());
    let suite = Suite::start(SuiteConfig {
        port: args.port,
        data_dir: data_dir.clone(),
        auth: args.auth,
        template: args.template,
        parameters: args.parameters.into_iter().collect(),
        ..SuiteConfig::default()
    })
    .await?;
    let url = suite.base_url();
    println!("FinCrime Sentinel is ready after {} ms\n", suite.ready_after().as_millis());
    for (function, pids) in suite.functions() {
        println!("  {function:<14} process {pids:?}");
    }
    match data_dir {
        Some(dir) => println!("  {:<14} {}", "data", dir.display()),
        None => println!("  {:<14} in memory, lost on exit", "data"),
    }
    println!("  {:<14} {}", "AWS endpoint", suite.endpoint_url());
    if suite.requeued() > 0 {
        println!("  {:<14} {} undecided transactions queued again", "recovered", suite.requeued());
    }
    let authorization = if args.auth {
        let mut scopes = suite.scopes();
        let token = suite.token("main", &scopes, 12 * 3_600);
        println!("\nA token with every scope, valid for twelve hours:\n  {token}");
        scopes.retain(|scope| !scope.ends_with(":write"));
        let approver = suite.token_of("approver", "main", &scopes, 12 * 3_600);
        println!(
            "\nA token of a second person, who can approve what the first drafts:\n  {approver}"
        );
        format!(" \\\n    -H 'authorization: Bearer {token}'")
    } else {
        println!(
            "\nOn loopback a request without a token is the developer's; AUTH=1 asks for tokens."
        );
        String::new()
    };
    println!("\nTry:\n  {}\n", example(&url, &authorization));
    println!("Sign in: {url}/ as one of nine people (OIDC issuer {url}, client desk)");
    println!("Docs:    {url}/docs/\nAlerts:  {url}/api/v1/alerts\nMetrics: {url}/metrics");
    println!("Ctrl-C stops everything.");
    interrupted().await?;
    println!("\nStopping …");
    suite.shutdown().await;
    Ok(ExitCode::SUCCESS)
}

fn example(url: &str, authorization: &str) -> String {
    let body = r#"{"msg_id":"demo-1","timestamp":"2026-01-05T10:00:00Z",
      "sender":{"account":"GB29NWBK60161331926819","bank_country":"GB"},
      "receiver":{"account":"IR580540105180021273113007","bank_country":"IR"},
      "amount":"9500.00","currency":"GBP","payment_type":"wire"}"#;
    format!(
        "curl -s {url}/api/v1/transactions \\\n    -H 'content-type: application/json' \
         -H 'prefer: wait=5'{authorization} \\\n    -d '{body}'"
    )
}

async fn interrupted() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}
