//! `sentinel`: the suite on one machine, and the tools.

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
enum Command {
    /// Judges recorded transactions as production would, and reports what would have alerted.
    Backtest(local::backtest::Args),
    /// Proposes a map of a file's columns, for --columns.
    Columns(local::columns::Args),
    /// Explains one decision: every rule, what it saw, and why it did not fire.
    Explain(local::explain::Args),
    /// Computes the features of labelled transactions and writes them as Parquet.
    Features(local::features::Args),
    /// Brings recorded payments into a running system as history: counted, not judged.
    Import(local::import::Args),
    /// Checks reference sets and tells their age; drafts them and puts them in force.
    Reference(local::reference::Args),
    /// Runs the whole suite on this machine.
    Serve(local::serve::Args),
    /// Sends a data set to a running system and waits for its decisions.
    Replay(local::replay::Args),
    /// Checks, lists and compares rule sets; drafts them and puts them in force.
    Rules(local::rules::Args),
    /// Makes labelled payments: after SAML-D's statistics, or of a town's ordinary life.
    Simulate(local::simulate::Args),
    /// Proposes parameters and lines of the rule set from payments, and drafts a set with them.
    Tune(local::tune::Args),
}

#[tokio::main]
async fn main() -> ExitCode {
    run(Command::parse()).await.unwrap_or_else(|err| {
        eprintln!("Error: {err:#}");
        ExitCode::FAILURE
    })
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Backtest(args) => local::backtest::run(&args),
        Command::Columns(args) => local::columns::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Explain(args) => local::explain::run(args).await,
        Command::Features(args) => local::features::run(&args),
        Command::Import(args) => local::import::run(args).await,
        Command::Reference(args) => local::reference::run(&args).await,
        Command::Serve(args) => local::serve::run(args).await,
        Command::Replay(args) => local::replay::run(args).await,
        Command::Rules(args) => local::rules::run(&args).await,
        Command::Simulate(args) => local::simulate::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Tune(args) => local::tune::run(&args).await,
    }
}
