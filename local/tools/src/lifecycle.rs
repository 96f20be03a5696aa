//! The lifecycle of rule sets and reference sets on a running system: the commands that `sentinel
//! rules` and `sentinel reference` share.

use std::path::PathBuf;

use anyhow::Context as _;
use sentinel::case::shadow::ShadowReport;
use sentinel::reference::BASE_CURRENCY;
use sentinel::register::parts::PartAge;
use sentinel::register::{Head, Register, RegisteredSet, SetChange, SetState};
use serde::Deserialize;
use serde_json::json;

use crate::api::{Api, read_as};
use crate::files::read_text;
use crate::terminal::table;

#[derive(Debug, Clone, clap::Subcommand)]
pub(crate) enum Command {
    /// Shows which sets a running system has, which are in force, and what was changed.
    Status {
        #[command(flatten)]
        api: Api,
        /// Print the API's answer as it is.
        #[arg(long)]
        json: bool,
    },
    /// Drafts a set on a running system, and prints its version.
    Draft {
        /// The set's JSON; `-` reads standard input.
        file: PathBuf,
        #[command(flatten)]
        api: Api,
    },
    /// Puts a set in the shadow: it judges alongside the live set, but changes nothing.
    Shadow(Transition),
    /// Shows what the set in the shadow would have changed.
    Differences {
        /// The set's version, as `status` lists it.
        version: String,
        #[command(flatten)]
        api: Api,
        /// Print the API's answer as it is.
        #[arg(long)]
        json: bool,
    },
    /// Puts a set live; its author cannot do that.
    Live(Transition),
    /// Retires a set.
    Retire(Transition),
    /// Returns to the set that was live before.
    Rollback {
        /// Why; kept in the history.
        #[arg(long, default_value = "")]
        note: String,
        #[command(flatten)]
        api: Api,
    },
}

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Transition {
    /// As `status` lists it.
    version: String,
    /// Why; kept in the history.
    #[arg(long, default_value = "")]
    note: String,
    #[command(flatten)]
    api: Api,
}

#[derive(Debug, Deserialize)]
struct DraftAnswer {
    #[serde(flatten)]
    set: RegisteredSet,
    /// For reference data only.
    #[serde(default)]
    unrated_currencies: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Status {
    head: Head,
    #[serde(alias = "rule_sets", alias = "reference_sets")]
    sets: Vec<RegisteredSet>,
    /// For reference data only: the age of each part of the live set.
    #[serde(default)]
    live_parts: Vec<PartAge>,
    changes: Vec<SetChange>,
}

/// Runs a command on a register; returns what to print.
pub(crate) async fn run(command: &Command, register: Register) -> anyhow::Result<String> {
    let path = register.path();
    let counted = match register {
        Register::Rules => "rules",
        Register::Reference => "entries",
    };
    Ok(match command {
        Command::Status { api, json } => {
            let answer = get(api, path).await?;
            if *json { answer } else { read_as::<Status>(&answer)?.text(counted) }
        }
        Command::Draft { file, api } => {
            let DraftAnswer { set, unrated_currencies } =
                read_as(&api.post(path, read_text(file)?).await?)?;
            let state = set.state.code();
            let mut text = format!("{} ({state}, {} {counted})", set.version, set.entries);
            text += &unrated(&unrated_currencies);
            text
        }
        Command::Differences { version, api, json } => {
            let answer = get(api, &format!("{path}/{version}/shadow")).await?;
            if *json { answer } else { differences(&read_as(&answer)?) }
        }
        Command::Shadow(args) => transition(args, path, SetState::Shadow).await?,
        Command::Live(args) => transition(args, path, SetState::Live).await?,
        Command::Retire(args) => transition(args, path, SetState::Retired).await?,
        Command::Rollback { note, api } => {
            let body = json!({ "note": note }).to_string();
            in_force(&read_as(&api.post(&format!("{path}/rollback"), body).await?)?)
        }
    })
}

async fn transition(args: &Transition, path: &str, to: SetState) -> anyhow::Result<String> {
    let body = json!({ "to": to, "note": args.note }).to_string();
    let path = format!("{path}/{}/transitions", args.version);
    Ok(in_force(&read_as(&args.api.post(&path, body).await?)?))
}

async fn get(api: &Api, path: &str) -> anyhow::Result<String> {
    api.get(path).await?.context("the API's answer is not what its contract says")
}

fn in_force(head: &Head) -> String {
    let or_none = |version: &Option<String>| version.clone().unwrap_or_else(|| "none".to_owned());
    format!(
        "live      {}\nshadow    {}\nprevious  {}",
        head.live,
        or_none(&head.shadow),
        or_none(&head.previous)
    )
}

impl Status {
    fn text(&self, counted: &str) -> String {
        let sets: Vec<Vec<String>> = self.sets.iter().map(row).collect();
        let mut text = in_force(&self.head);
        if !self.live_parts.is_empty() {
            text += &format!("\n\n{}", ages(&self.live_parts));
        }
        if !sets.is_empty() {
            let heading = ["version", "state", counted, "author", "approver", "changed", "note"];
            text += &format!("\n\n{}", table(&heading, &sets));
        }
        if !self.changes.is_empty() {
            let changes: Vec<Vec<String>> = self.changes.iter().map(change).collect();
            let heading = ["at", "by", "version", "change", "note"];
            text += &format!("\n\n{}", table(&heading, &changes));
        }
        text
    }
}

fn row(set: &RegisteredSet) -> Vec<String> {
    vec![
        set.version.clone(),
        set.state.code().to_owned(),
        set.entries.to_string(),
        set.author.clone(),
        set.approver.clone().unwrap_or_default(),
        set.changed_at.to_string(),
        set.note.clone(),
    ]
}

fn change(change: &SetChange) -> Vec<String> {
    let from = change.from.map_or("new", SetState::code);
    let back = if change.rollback { " (rollback)" } else { "" };
    vec![
        change.at.to_string(),
        change.by.clone(),
        change.version.clone(),
        format!("{from} -> {}{back}", change.to.code()),
        change.note.clone(),
    ]
}

fn differences(report: &ShadowReport) -> String {
    let mut text = format!(
        "{}: {} decisions compared, {} the same; {} more alerts, {} fewer",
        report.version, report.decided, report.same, report.gained, report.lost
    );
    if !report.newest.is_empty() {
        let rows = report.newest.iter().map(|difference| {
            let change = difference.agreement.code().to_owned();
            let rules = (difference.gained.join(" "), difference.lost.join(" "));
            let msg_id = difference.msg_id.as_str().to_owned();
            vec![difference.decided_at.to_string(), msg_id, change, rules.0, rules.1]
        });
        let heading = ["decided", "transaction", "alert", "rules gained", "rules lost"];
        text += &format!("\n\n{}", table(&heading, &rows.collect::<Vec<_>>()));
    }
    text
}

/// A line about the currencies that the embedded set rates and this set does not; empty if there are
/// none.
pub(crate) fn unrated(codes: &[String]) -> String {
    let (count, codes) = (codes.len(), codes.join(" "));
    match count {
        0 => String::new(),
        _ => format!(
            "\nno rate, and so no amount in {BASE_CURRENCY}, for {count} of the currencies that the \
             embedded set rates: {codes}"
        ),
    }
}

/// A table of ages.
pub(crate) fn ages(parts: &[PartAge]) -> String {
    let rows: Vec<Vec<String>> = parts
        .iter()
        .map(|age| {
            let too_old = if age.too_old { "too old" } else { "" };
            let (part, days) = (age.part.code().to_owned(), age.age_days.to_string());
            vec![part, age.date.to_string(), days, too_old.to_owned()]
        })
        .collect();
    table(&["part", "date", "days old", ""], &rows)
}
