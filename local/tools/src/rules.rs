//! `sentinel rules`: checks, lists and compares rule sets, and manages the sets of a running system.

mod show;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use sentinel::cascade::Policy;
use sentinel::cascade::fixtures::Fixture;
use sentinel::reference::Reference;
use sentinel::register::Register;
use sentinel::register::VersionedSet as _;
use sentinel::rules::{RuleSet, RuleSetChanges};

use crate::files::{faults, read_text};
use crate::lifecycle;
use crate::terminal::print;

/// Checks, lists, compares and manages rule sets.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum Command {
    /// Checks a rule set and lists every problem with its line and column.
    Check {
        /// A rule set's JSON; `-` reads standard input.
        file: PathBuf,
        /// A folder of fixtures, one `<rule-id>.json` per rule, whose stories are run too.
        #[arg(long)]
        fixtures: Option<PathBuf>,
    },
    /// Lists the rules of a set.
    List {
        /// A rule set's JSON [default: the embedded set].
        file: Option<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows what changed from one rule set to another.
    Diff {
        old: PathBuf,
        new: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    #[command(flatten)]
    Lifecycle(lifecycle::Command),
}

/// Runs a command. `check` fails on problems; `diff`, like any diff, on differences.
pub async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (text, well) = match &args.command {
        Command::Check { file, fixtures } => check(file, fixtures.as_deref())?,
        Command::List { file, json } => {
            let set = match file {
                Some(file) => load(file)?,
                None => RuleSet::embedded()?,
            };
            (if *json { show::list_json(&set)? } else { show::list(&set) }, true)
        }
        Command::Diff { old, new, json } => {
            let changes = RuleSetChanges::between(&load(old)?, &load(new)?);
            let text = match json {
                true => serde_json::to_string_pretty(&changes)?,
                false => show::changes(&changes),
            };
            (text, changes.is_empty())
        }
        Command::Lifecycle(command) => (lifecycle::run(command, Register::Rules).await?, true),
    };
    print(&text)?;
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is wrong with a set and its fixtures, and whether they are sound.
fn check(file: &Path, fixtures: Option<&Path>) -> anyhow::Result<(String, bool)> {
    let name = file.display();
    let rules = match RuleSet::load(&read_text(file)?) {
        Ok(rules) => rules,
        Err(error) => return Ok((faults(file, &error), false)),
    };
    let mut text = format!("{name}: {} rules, version {}", rules.rules().len(), rules.version());
    let Some(folder) = fixtures else { return Ok((text, true)) };
    let policy = Policy::new(Reference::embedded()?, rules);
    let (mut faults, mut stories) = (Vec::new(), 0);
    for rule in policy.rules.rules() {
        let path = folder.join(format!("{}.json", rule.id));
        if !path.exists() {
            faults.push(format!("{}: no fixtures", rule.id));
        }
    }
    for entry in folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match Fixture::parse(&read_text(&path)?) {
            Ok(fixture) => {
                stories += fixture.fires.len() + fixture.near_misses.len();
                let found = fixture.check(&id, &policy);
                faults.extend(found.into_iter().map(|fault| format!("{id}: {fault}")));
            }
            Err(error) => faults.push(format!("{id}: {error}")),
        }
    }
    faults.sort();
    text += &format!("\n{stories} stories, {} faults", faults.len());
    for fault in &faults {
        text += &format!("\n{fault}");
    }
    Ok((text, faults.is_empty()))
}

fn load(file: &Path) -> anyhow::Result<RuleSet> {
    RuleSet::load(&read_text(file)?)
        .with_context(|| format!("{} is not a rule set", file.display()))
}

#[cfg(test)]
mod tests;
