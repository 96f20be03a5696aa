//! `sentinel demo`: shows what a running system does, on an invented town. Its honest first weeks are
//! imported as history, so that accounts are known; its last days, in which every kind of laundering
//! happens once, are sent as live payments in order. The town is always the same one, shifted by whole
//! weeks to end just before today: the findings are the same every time, and a second run in the same
//! week repeats the payments of the first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sentinel::case::verdict::Decision;
use serde::Deserialize;

use crate::api::Api;
use crate::dataset::Dataset;
use crate::files::FileArgs;
use crate::progress::thousands;
use crate::replay::summary::print;
use crate::simulate::recent_town;
use crate::{import, replay};

/// Days of the town, the first of which are history.
const DAYS: u16 = 42;
const HISTORY_DAYS: u16 = 32;
/// Give up when nothing has been decided for this long.
const PATIENCE_SECONDS: u64 = 120;
/// How many alerts to point at.
const MAX_ALERTS: usize = 3;

/// Sends an invented town's payments to a running system, and shows where to look.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub api: Api,
}

/// The outcome of a demonstration.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Payments counted as history.
    pub history: u64,
    pub live: u64,
    /// Whether all of it had been sent before.
    pub known: bool,
    /// Decisions on the live payments.
    pub decisions: Vec<Decision>,
    pub stories: Stories,
    pub first_live: Date,
    pub last: Date,
}

/// The planted stories, and those that alerted.
#[derive(Debug, Clone, Default)]
pub struct Stories {
    pub planted: BTreeSet<String>,
    /// Stories with a payment that opened an alert or was attached to one.
    pub found: BTreeSet<String>,
    /// Alerts opened by planted payments.
    pub alerts: usize,
}

/// Sends the town and prints the outcome.
pub async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let outcome = demonstrate(&args.api).await?;
    print(&outcome.text(&args.api))?;
    Ok(ExitCode::SUCCESS)
}

/// Sends the town, and waits until everything is decided.
pub async fn demonstrate(api: &Api) -> anyhow::Result<Outcome> {
    check_reachable(api).await?;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let town = recent_town(DAYS, HISTORY_DAYS, today)?;
    let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
    let path = |name: &str| folder.path().join(name);
    let (before, live, decided) =
        (path("before.ndjson"), path("live.ndjson"), path("decided.ndjson"));
    let (first_live, last) = split_at_live(&town, &before, &live)?;
    eprintln!(
        "Importing an invented town's first {HISTORY_DAYS} days as history: counted, not judged …"
    );
    let history = import_before(api, &before).await?;
    eprintln!("Sending its last {} days, payment by payment …", DAYS - HISTORY_DAYS);
    let sent = replay_live(api, &live, &decided).await?;
    let decisions = BufReader::new(File::open(&decided)?)
        .lines()
        .map(|line| anyhow::Ok(serde_json::from_str(&line?)?))
        .collect::<anyhow::Result<Vec<Decision>>>()?;
    let stories = Stories::of(&live, &decisions)?;
    let known = history.accepted == 0 && sent.accepted == 0;
    Ok(Outcome {
        history: history.rows,
        live: sent.rows,
        known,
        decisions,
        stories,
        first_live,
        last,
    })
}

async fn check_reachable(api: &Api) -> anyhow::Result<()> {
    match api.get("/api/v1/health").await {
        Err(err) if err.is::<reqwest::Error>() => bail!(
            "nothing answers at {}: start the suite with `make run`, or give another address with \
             --url",
            api.url
        ),
        answer => answer.map(|_| ()),
    }
}

/// The time of a payment, of which only the day is used.
#[derive(Deserialize)]
struct DatedLine {
    timestamp: String,
}

/// Writes the town's history and its live payments, which are in chronological order; returns the first
/// and the last day of the latter.
fn split_at_live(town: &str, before: &Path, live: &Path) -> anyhow::Result<(Date, Date)> {
    let day = |line: &str| -> anyhow::Result<Date> {
        let DatedLine { timestamp } = serde_json::from_str(line)?;
        Ok(timestamp.get(..10).unwrap_or_default().parse()?)
    };
    let lines: Vec<&str> = town.lines().collect();
    let first = day(lines.first().context("the town is empty")?)?;
    let first_live = first.saturating_add(jiff::Span::new().days(HISTORY_DAYS));
    let mut parts = (File::create(before)?, File::create(live)?);
    for line in &lines {
        let part = if day(line)? < first_live { &mut parts.0 } else { &mut parts.1 };
        writeln!(part, "{line}")?;
    }
    Ok((first_live, day(lines[lines.len() - 1])?))
}

async fn import_before(api: &Api, file: &Path) -> anyhow::Result<import::Summary> {
    let summary = import::import(&import::Args {
        files: vec![file.to_owned()],
        api: api.clone(),
        reading: FileArgs::default(),
        concurrency: 8,
        batch: 500,
        limit: None,
        resume: false,
        wait_seconds: PATIENCE_SECONDS,
        json: false,
    })
    .await?;
    if let Some((reason, _)) = summary.refused.iter().next() {
        bail!("the system refused payments as history: {reason}");
    }
    if summary.uncounted > 0 {
        bail!("{} payments of the history have not been counted yet; try again", summary.uncounted);
    }
    Ok(summary)
}

async fn replay_live(api: &Api, file: &Path, decided: &Path) -> anyhow::Result<replay::Summary> {
    let summary = replay::replay(&replay::Args {
        file: file.to_owned(),
        reading: FileArgs::default(),
        api: api.clone(),
        concurrency: 8,
        batch: 100,
        limit: None,
        wait_seconds: PATIENCE_SECONDS,
        in_order: true,
        decisions: Some(decided.to_owned()),
        json: false,
    })
    .await?;
    if let Some((reason, _)) = summary.rejected.iter().next() {
        bail!("the system refused payments: {reason}");
    }
    Ok(summary)
}

impl Stories {
    fn of(file: &Path, decisions: &[Decision]) -> anyhow::Result<Self> {
        let alerted = decisions.iter().filter(|one| one.alert);
        let alerted: BTreeMap<&str, &Decision> =
            alerted.map(|one| (one.msg_id.as_str(), one)).collect();
        let mut stories = Self::default();
        for row in Dataset::open(file)? {
            let row = row?;
            let Some(story) = row.story else { continue };
            if let Some(decision) = alerted.get(row.transaction.msg_id.as_str()) {
                stories.found.insert(story.clone());
                stories.alerts += usize::from(!decision.attached);
            }
            stories.planted.insert(story);
        }
        Ok(stories)
    }
}

impl Outcome {
    /// The outcome as text.
    pub fn text(&self, api: &Api) -> String {
        let mut text = String::new();
        if self.known {
            text += "The system knew all of these payments; their decisions stand.\n\n";
        }
        let _ = writeln!(
            text,
            "{} payments before {} counted as history, {} until {} decided.",
            thousands(self.history),
            self.first_live,
            thousands(self.live),
            self.last
        );
        let opened: Vec<&Decision> =
            self.decisions.iter().filter(|one| one.alert && !one.attached).collect();
        let attached = self.decisions.iter().filter(|one| one.attached).count();
        let reviews = self.decisions.iter().filter(|one| one.review.is_some()).count();
        let _ = writeln!(
            text,
            "{} alerts, {} of them on planted payments; {attached} further payments attached to \
             them; {reviews} wait for review.",
            opened.len(),
            self.stories.alerts
        );
        text += "\nAlerts by typology (one may show several)\n";
        let mut by_typology: BTreeMap<&str, u32> = BTreeMap::new();
        for typology in opened.iter().flat_map(|one| &one.typologies) {
            *by_typology.entry(typology).or_default() += 1;
        }
        for (typology, count) in by_typology {
            let _ = writeln!(text, "  {count:>4}  {typology}");
        }
        let Stories { planted, found, .. } = &self.stories;
        let _ = writeln!(text, "\nOf {} planted stories, {} alerted.", planted.len(), found.len());
        let missed: Vec<&str> = planted.difference(found).map(String::as_str).collect();
        if !missed.is_empty() {
            let _ = writeln!(text, "Missed: {}", missed.join(", "));
        }
        text + &where_to_look(api, &riskiest_per_typology(opened))
    }
}

/// The riskiest alerts, each of a different typology.
fn riskiest_per_typology(mut opened: Vec<&Decision>) -> Vec<&Decision> {
    opened.sort_by(|one, other| other.risk_score.total_cmp(&one.risk_score));
    let mut seen = BTreeSet::new();
    opened.retain(|one| one.alert_id.is_some() && seen.insert(one.typologies.first()));
    opened.truncate(MAX_ALERTS);
    opened
}

fn where_to_look(api: &Api, alerts: &[&Decision]) -> String {
    let url = api.url.trim_end_matches('/');
    let token = match &api.token {
        Some(_) => " -H \"authorization: Bearer $SENTINEL_TOKEN\"",
        None => "",
    };
    let mut text = "\nLook at\n".to_owned();
    let ids: Vec<_> = alerts.iter().filter_map(|one| one.alert_id.as_ref()).collect();
    for (id, alert) in ids.iter().zip(alerts) {
        let _ = writeln!(text, "  {url}/api/v1/alerts/{id}\n      {}", alert.explanation);
    }
    if let Some(id) = ids.first() {
        let _ = writeln!(text, "\nHave one explained");
        let _ = writeln!(text, "  curl -s -X POST {url}/api/v1/alerts/{id}/explanation{token}");
    }
    text + &format!(
        "\nAll alerts  {url}/api/v1/alerts\nReviews     {url}/api/v1/alerts?queue=reviews\n\
         Docs        {url}/docs/\n"
    )
}
