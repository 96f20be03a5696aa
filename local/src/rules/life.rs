//! The life of rule sets on a running system, from the command line.

use std::path::PathBuf;

use anyhow::Context as _;
use sentinel::rules::{RegisteredSet, RuleSetChange, RuleSetState, RulesHead, ShadowReport};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::read;
use super::show::table;
use crate::api::Api;

#[derive(Debug, Clone, clap::Subcommand)]
pub(super) enum Command {
    /// Says which sets a running system has, which are in force, and what was changed.
    Status {
        #[command(flatten)]
        api: Api,
        /// Print the API's answer as it is.
        #[arg(long)]
        json: bool,
    },
    /// Drafts a rule set on a running system; prints its version.
    Draft {
        /// A rule set's JSON; `-` reads standard input.
        file: PathBuf,
        #[command(flatten)]
        api: Api,
    },
    /// Lets a set judge beside the live one, where it changes nothing.
    Shadow(Move),
    /// Says what the set in the shadow would have changed.
    Differences {
        /// As `status` lists it.
        version: String,
        #[command(flatten)]
        api: Api,
        /// Print the API's answer as it is.
        #[arg(long)]
        json: bool,
    },
    /// Puts a set live; nobody does that with their own.
    Live(Move),
    /// Takes a set out.
    Retire(Move),
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
pub(super) struct Move {
    /// As `status` lists it.
    version: String,
    /// Why; kept in the history.
    #[arg(long, default_value = "")]
    note: String,
    #[command(flatten)]
    api: Api,
}

#[derive(Debug, Deserialize)]
struct Status {
    head: RulesHead,
    rule_sets: Vec<RegisteredSet>,
    changes: Vec<RuleSetChange>,
}

const PATH: &str = "/api/v1/rule-sets";

/// Asks the API; what to print.
pub(super) async fn run(command: &Command) -> anyhow::Result<String> {
    Ok(match command {
        Command::Status { api, json } => {
            let answer = get(api, PATH).await?;
            if *json { answer } else { parsed::<Status>(&answer)?.text() }
        }
        Command::Draft { file, api } => {
            let set: RegisteredSet = parsed(&api.post(PATH, read(file)?).await?)?;
            format!("{} ({}, {} rules)", set.version, set.state.code(), set.rules)
        }
        Command::Differences { version, api, json } => {
            let answer = get(api, &format!("{PATH}/{version}/shadow")).await?;
            if *json { answer } else { differences(&parsed(&answer)?) }
        }
        Command::Shadow(made) => moved(made, RuleSetState::Shadow).await?,
        Command::Live(made) => moved(made, RuleSetState::Live).await?,
        Command::Retire(made) => moved(made, RuleSetState::Retired).await?,
        Command::Rollback { note, api } => {
            let body = json!({ "note": note }).to_string();
            in_force(&parsed(&api.post(&format!("{PATH}/rollback"), body).await?)?)
        }
    })
}

async fn moved(made: &Move, to: RuleSetState) -> anyhow::Result<String> {
    let body = json!({ "to": to, "note": made.note }).to_string();
    let path = format!("{PATH}/{}/transitions", made.version);
    Ok(in_force(&parsed(&made.api.post(&path, body).await?)?))
}

async fn get(api: &Api, path: &str) -> anyhow::Result<String> {
    api.get(path).await?.context("the API's answer is not what its contract says")
}

fn parsed<T: DeserializeOwned>(text: &str) -> anyhow::Result<T> {
    serde_json::from_str(text).context("the API's answer is not what its contract says")
}

fn in_force(head: &RulesHead) -> String {
    let or_none = |version: &Option<String>| version.clone().unwrap_or_else(|| "none".to_owned());
    format!(
        "live      {}\nshadow    {}\nprevious  {}",
        head.live,
        or_none(&head.shadow),
        or_none(&head.previous)
    )
}

impl Status {
    fn text(&self) -> String {
        let sets: Vec<Vec<String>> = self.rule_sets.iter().map(row).collect();
        let mut text = in_force(&self.head);
        if !sets.is_empty() {
            let heading = ["version", "state", "rules", "author", "approver", "changed", "note"];
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
        set.rules.to_string(),
        set.author.clone(),
        set.approver.clone().unwrap_or_default(),
        set.changed_at.clone(),
        set.note.clone(),
    ]
}

fn change(change: &RuleSetChange) -> Vec<String> {
    let from = change.from.map_or("new", RuleSetState::code);
    let back = if change.rollback { " (rollback)" } else { "" };
    vec![
        change.at.clone(),
        change.by.clone(),
        change.version.clone(),
        format!("{from} -> {}{back}", change.to.code()),
        change.note.clone(),
    ]
}

fn differences(report: &ShadowReport) -> String {
    let mut text = format!(
        "{}: {} decisions taken beside it, {} the same; {} more alerts, {} fewer",
        report.version, report.decided, report.same, report.gained, report.lost
    );
    if !report.newest.is_empty() {
        let rows = report.newest.iter().map(|seen| {
            let change = seen.agreement.code().to_owned();
            let rules = (seen.gained.join(" "), seen.lost.join(" "));
            vec![seen.decided_at.clone(), seen.msg_id.clone(), change, rules.0, rules.1]
        });
        let heading = ["decided", "transaction", "alert", "rules gained", "rules lost"];
        text += &format!("\n\n{}", table(&heading, &rows.collect::<Vec<_>>()));
    }
    text
}
