//! `sentinel columns`: proposes a map of a file's columns, from what they are called and from what
//! they hold, for `--columns`; and shows the first rows as they would be read by it.

use std::path::PathBuf;

use crate::dataset::propose;
use crate::terminal::print;

/// Proposes a map of a file's columns, for --columns.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// A table: .csv, .tsv, .txt, also with .gz behind it, or .parquet.
    pub file: PathBuf,
}

/// Prints a map as TOML; what it could not find and the first rows stand there as comments.
pub fn run(args: &Args) -> anyhow::Result<()> {
    print(propose(&args.file)?.trim_end())
}
