//! `sentinel`: the suite on one machine, and the tools.

use clap::Parser;

#[derive(Parser)]
enum Command {
    /// Computes the features of labelled transactions and writes them as Parquet.
    Features(local::features::Args),
}

fn main() -> anyhow::Result<()> {
    match Command::parse() {
        Command::Features(args) => local::features::run(&args),
    }
}
