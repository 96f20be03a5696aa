//! The options for reading files, and the exit status if rows were left out, for all tools.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::tz::TimeZone;
use sentinel::register::document::DocumentError;

use crate::dataset::{ColumnMap, DateOrder, Decimal, Hints};
use crate::progress::thousands;

/// The exit status of a tool that otherwise succeeded but left rows out, or found none to read. Any
/// other failure is 1.
pub const ROWS_LEFT_OUT: u8 = 3;

/// How to read the files.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct FileArgs {
    /// A map of the files' columns (TOML), which `sentinel columns` can propose. SAML-D and AMLworld
    /// need none.
    #[arg(long)]
    pub columns: Option<PathBuf>,
    /// Decimal separator of amounts, if the files' amounts do not show it.
    #[arg(long, value_enum)]
    pub decimal: Option<Decimal>,
    /// Order of dates, if the files' dates do not show it.
    #[arg(long, value_enum)]
    pub dates: Option<DateOrder>,
    /// Time zone of times without an offset, such as Europe/Berlin [default: UTC].
    #[arg(long)]
    pub zone: Option<String>,
    /// Succeed even if rows were left out, instead of exit status 3. A run that reads no row always
    /// fails.
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
                Some(map.with_context(|| format!("{name} is not a column map"))?)
            }
        };
        let zone = self.zone.as_deref().map(TimeZone::get).transpose();
        let zone = zone.context("--zone is not in the IANA time zone database")?;
        Ok(Hints { columns, decimal: self.decimal, dates: self.dates, zone })
    }

    /// The exit status of a run that read and left out this many rows; says why it fails.
    pub fn exit_code(&self, read: u64, left_out: u64) -> ExitCode {
        if read == 0 {
            eprintln!("Error: no row was read");
        } else if left_out > 0 && !self.allow_faulty {
            let rows = thousands(left_out);
            eprintln!("Error: {rows} rows were left out; --allow-faulty accepts that");
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

/// Every fault of a document, in the format of compilers.
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
    fn rows_left_out_fail_unless_allowed_and_reading_nothing_always_fails() {
        let check = |allow_faulty, read, left_out, expect: u8| {
            let args = FileArgs { allow_faulty, ..FileArgs::default() };
            let (code, expect) = (args.exit_code(read, left_out), ExitCode::from(expect));
            // An `ExitCode` can be compared only as text.
            assert_eq!(format!("{code:?}"), format!("{expect:?}"), "{read} {left_out}");
        };
        check(false, 10, 0, 0);
        check(false, 10, 1, ROWS_LEFT_OUT);
        check(true, 10, 1, 0);
        check(false, 0, 0, ROWS_LEFT_OUT);
        check(true, 0, 5, ROWS_LEFT_OUT);
    }
}
