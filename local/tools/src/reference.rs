//! `sentinel reference`: checks reference sets, shows the age of their parts, and manages the sets of a
//! running system.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sentinel::reference::Reference;
use sentinel::register::Register;
use sentinel::register::VersionedSet as _;

use crate::files::{faults, read_text};
use crate::lifecycle::{self, ages, unrated};
use crate::terminal::print;

/// Checks and manages reference sets.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum Command {
    /// Checks a reference set and lists every problem with its line and column.
    Check {
        /// A reference set's JSON; `-` reads standard input.
        file: PathBuf,
    },
    /// Shows how old each part of a reference set is; for a running system, use `status`.
    Age {
        /// A reference set's JSON [default: the embedded set].
        file: Option<PathBuf>,
        /// Fail if a part is older than this many days.
        #[arg(long)]
        most_days: Option<i32>,
    },
    #[command(flatten)]
    Lifecycle(lifecycle::Command),
}

/// Runs a command. `check` fails on problems, `age` on parts that are too old.
pub async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (text, well) = match &args.command {
        Command::Check { file } => check(file, Timestamp::now())?,
        Command::Age { file, most_days } => {
            let most_days = most_days.unwrap_or(i32::MAX);
            age(&of(file.as_deref())?, Timestamp::now(), most_days)
        }
        Command::Lifecycle(command) => (lifecycle::run(command, Register::Reference).await?, true),
    };
    print(&text)?;
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A reference set from a file, or the embedded one.
pub(crate) fn of(path: Option<&Path>) -> anyhow::Result<Reference> {
    let Some(path) = path else { return Ok(Reference::embedded()?) };
    Reference::load(&read_text(path)?)
        .with_context(|| format!("{} is not a reference set", path.display()))
}

/// What is wrong with a set, or which currencies it leaves out; and whether it is sound.
fn check(file: &Path, now: Timestamp) -> anyhow::Result<(String, bool)> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let set = match Reference::draft(&read_text(file)?, today) {
        Ok(set) => set,
        Err(error) => return Ok((faults(file, &error), false)),
    };
    let name = file.display();
    let mut text = format!("{name}: {} entries, version {}", set.entries(), set.version());
    let own = Reference::embedded()?;
    text += &unrated(&set.unrated_beside(&own).map(str::to_owned).collect::<Vec<_>>());
    Ok((text, true))
}

/// How old each part is, and whether none is too old.
fn age(set: &Reference, now: Timestamp, most_days: i32) -> (String, bool) {
    let parts = sentinel::register::parts::ages(&set.dates(), now, most_days);
    let well = parts.iter().all(|part| !part.too_old);
    (format!("{}\n\nversion {}", ages(&parts), set.version()), well)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// What `check` says about the embedded set after a change.
    fn checked(from: &str, to: &str) -> (String, bool) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mine.json");
        let own = Reference::EMBEDDED_DOCUMENT;
        assert!(own.contains(from), "{from}");
        std::fs::write(&file, own.replacen(from, to, 1)).unwrap();
        check(&file, now("2026-11-25T12:00:00Z")).unwrap()
    }

    #[test]
    fn problems_are_listed_with_line_and_column() {
        let (text, well) = checked("\"AED\": 0.272294", "\"AED\": 0");
        assert!(!well && text.contains("mine.json:9:14: the rate of AED must be"), "{text}");
        let (text, well) = checked("2026-02-17", "2027-02-17");
        assert!(!well && text.contains("date lies in the future"), "{text}");
    }

    #[test]
    fn currencies_that_a_sound_set_leaves_out_are_listed() {
        let (text, well) = checked("\"AED\": 0.272294, ", "");
        assert!(well && text.contains("no amount in USD, for 1 of the currencies"), "{text}");
        assert!(text.ends_with("embedded set rates: AED"), "{text}");
        assert_eq!(checked("USN is USD", "USN is the dollar").0.lines().count(), 1);
    }

    #[test]
    fn parts_that_are_too_old_are_marked() {
        let own = Reference::embedded().unwrap();
        let (text, well) = age(&own, now("2026-11-27T00:00:00Z"), 200);
        assert!(!well, "{text}");
        let line = |part: &str| text.lines().find(|line| line.starts_with(part)).unwrap();
        assert!(line("offshore_countries").ends_with("2026-02-17  283       too old"), "{text}");
        assert!(line("rates").ends_with("2026-09-29  59"), "{text}");
        assert!(age(&own, now("2026-11-27T00:00:00Z"), 283).1);
    }
}
