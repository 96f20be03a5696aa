//! `sentinel columns`: proposes a map of a file's columns for `--columns`, from their names and
//! contents, and shows how the first rows would be read with it.

use std::path::PathBuf;

use crate::dataset::propose;
use crate::terminal::print;

/// Proposes a map of a file's columns for --columns.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// A table: .csv, .tsv or .txt, each also as .gz, or .parquet.
    pub file: PathBuf,
}

/// Prints a map as TOML, with comments on what it could not find and on the first rows.
pub fn run(args: &Args) -> anyhow::Result<()> {
    print(propose(&args.file)?.trim_end())
}
