//! How the tools are told to read files, and how they end when rows were left out: the one place
//! that decides both.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::tz::TimeZone;
use sentinel::register::document::DocumentError;

use crate::dataset::{ColumnMap, DateOrder, Decimal, Hints};
use crate::progress::thousands;

/// The exit status of a tool that did all it could and left rows out, or found none to read.
/// Whatever else fails ends with 1.
pub const ROWS_LEFT_OUT: u8 = 3;

/// How to read the files.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct FileArgs {
    /// A map of the files' columns (TOML), as `sentinel columns` proposes one. Needless for SAML-D
    /// and AMLworld.
    #[arg(long)]
    pub columns: Option<PathBuf>,
    /// What parts the decimals of amounts, where the files' own do not tell.
    #[arg(long, value_enum)]
    pub decimal: Option<Decimal>,
    /// What comes first in dates, where the files' own do not tell.
    #[arg(long, value_enum)]
    pub dates: Option<DateOrder>,
    /// Where times without an offset are from, such as Europe/Berlin; without it UTC.
    #[arg(long)]
    pub zone: Option<String>,
    /// End well although rows were left out. Without it that is exit status 3, which a run that read
    /// nothing has in any case.
    #[arg(long)]
    pub allow_faulty: bool,
}

impl FileArgs {
    /// Reads the map and checks the zone.
    pub fn hints(&self) -> anyhow::Result<Hints> {
        let columns = match &self.columns {
            None => None,
            Some(path) => {
                let name = path.display();
                let text = std::fs::read_to_string(path);
                let text = text.with_context(|| format!("cannot read {name}"))?;
                let map = ColumnMap::parse(&text);
                Some(map.with_context(|| format!("{name} is no column map"))?)
            }
        };
        let zone = self.zone.as_deref().map(TimeZone::get).transpose();
        let zone = zone.context("--zone is none of the IANA time zone database")?;
        Ok(Hints { columns, decimal: self.decimal, dates: self.dates, zone })
    }

    /// How a run ends that read so many rows and left out so many; says why where it fails.
    pub fn exit_code(&self, read: u64, left_out: u64) -> ExitCode {
        if read == 0 {
            eprintln!("Error: no row was read");
        } else if left_out > 0 && !self.allow_faulty {
            let rows = thousands(left_out);
            eprintln!("Error: {rows} rows were left out; --allow-faulty takes that as it is");
        } else {
            return ExitCode::SUCCESS;
        }
        ExitCode::from(ROWS_LEFT_OUT)
    }
}

/// The text of a file; `-` is standard input.
pub(crate) fn read_text(file: &Path) -> anyhow::Result<String> {
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
        return Ok(text);
    }
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// Every fault of a document, as compilers tell them.
pub(crate) fn faults(file: &Path, DocumentError { problems }: &DocumentError) -> String {
    let name = file.display();
    let lines = problems.iter().map(|problem| {
        let rule = problem.rule.as_ref().map_or(String::new(), |id| format!("rule {id}: "));
        format!("{name}:{}:{}: {rule}{}", problem.line, problem.column, problem.message)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_left_out_fail_unless_allowed_and_nothing_read_fails_always() {
        let check = |allow_faulty, read, left_out, expect: u8| {
            let args = FileArgs { allow_faulty, ..FileArgs::default() };
            let (code, expect) = (args.exit_code(read, left_out), ExitCode::from(expect));
            // They compare only by their texts.
            assert_eq!(format!("{code:?}"), format!("{expect:?}"), "{read} {left_out}");
        };
        check(false, 10, 0, 0);
        check(false, 10, 1, ROWS_LEFT_OUT);
        check(true, 10, 1, 0);
        check(false, 0, 0, ROWS_LEFT_OUT);
        check(true, 0, 5, ROWS_LEFT_OUT);
    }
}
