//! `sentinel`: runs the whole system on one machine, and the tools.

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
enum Command {
    /// Judges recorded transactions as production would and reports what would have alerted.
    Backtest(tools::backtest::Args),
    /// Measures what an LLM finds in the purposes of labelled payments.
    BenchLlm(tools::bench_llm::Args),
    /// Proposes a map of a file's columns for --columns.
    Columns(tools::columns::Args),
    /// Sends an invented town's payments to a running system, and shows where to look.
    Demo(tools::demo::Args),
    /// Explains one decision: every rule, its values, and why it did not fire.
    Explain(tools::explain::Args),
    /// Computes the features of labelled transactions and writes them as Parquet.
    Features(tools::features::Args),
    /// Imports recorded payments into a running system as history: counted, not judged.
    Import(tools::import::Args),
    /// Prints the API's OpenAPI document.
    Openapi,
    /// Checks reference sets and shows their age; drafts them and puts them in force.
    Reference(tools::reference::Args),
    /// Runs the whole system on this machine.
    Serve(suite::serve::Args),
    /// Sends a data set to a running system and waits for its decisions.
    Replay(tools::replay::Args),
    /// Checks, lists and compares rule sets; drafts them and puts them in force.
    Rules(tools::rules::Args),
    /// Simulates labelled payments: with SAML-D's statistics, or of a town's ordinary life.
    Simulate(tools::simulate::Args),
    /// Proposes parameters and lines for the rule set from payments, and drafts a set with them.
    Tune(tools::tune::Args),
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
        Command::Backtest(args) => tools::backtest::run(&args),
        Command::BenchLlm(args) => tools::bench_llm::run(args).await,
        Command::Columns(args) => tools::columns::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Demo(args) => tools::demo::run(&args).await,
        Command::Explain(args) => tools::explain::run(args).await,
        Command::Features(args) => tools::features::run(&args),
        Command::Import(args) => tools::import::run(args).await,
        Command::Openapi => {
            tools::openapi::run();
            Ok(ExitCode::SUCCESS)
        }
        Command::Reference(args) => tools::reference::run(&args).await,
        Command::Serve(args) => suite::serve::run(args).await,
        Command::Replay(args) => tools::replay::run(args).await,
        Command::Rules(args) => tools::rules::run(&args).await,
        Command::Simulate(args) => tools::simulate::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Tune(args) => tools::tune::run(&args).await,
    }
}
