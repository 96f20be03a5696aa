//! `sentinel demo`: what a running system does, shown on an invented town. Its honest first weeks are
//! brought in as history, so that accounts are known; its last days, in which every kind of laundering
//! happens once, are sent as live payments in their order. The town is always the same one, moved by
//! whole weeks to end just before today: what is found is the same every time, and a second run in
//! the same week meets what it sent before.

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

/// Days of the town, of which the first are history.
const DAYS: u16 = 42;
const HISTORY_DAYS: u16 = 32;
/// Give up when nothing has been decided for so long.
const PATIENCE_SECONDS: u64 = 120;
/// How many alerts to point at.
const SHOWN: usize = 3;

/// Sends an invented town's payments to a running system, and says where to look.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub api: Api,
}

/// What came of a demonstration.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Payments counted as history.
    pub history: u64,
    pub live: u64,
    /// All of it had been sent before.
    pub known: bool,
    /// Decisions of the live payments.
    pub decisions: Vec<Decision>,
    pub stories: Stories,
    pub first_live: Date,
    pub last: Date,
}

/// What was planted, and what of it an analyst hears of.
#[derive(Debug, Clone, Default)]
pub struct Stories {
    pub planted: BTreeSet<String>,
    /// An alert was opened on one of its payments, or had one attached.
    pub found: BTreeSet<String>,
    /// Alerts that were opened on a planted payment.
    pub alerts: usize,
}

/// Sends the town and prints what came of it.
pub async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let outcome = demonstrate(&args.api).await?;
    print(&outcome.text(&args.api))?;
    Ok(ExitCode::SUCCESS)
}

/// Sends the town, and waits until everything is decided.
pub async fn demonstrate(api: &Api) -> anyhow::Result<Outcome> {
    is_there(api).await?;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let town = recent_town(DAYS, HISTORY_DAYS, today)?;
    let folder = tempfile::tempdir().context("there is no room for temporary files")?;
    let path = |name: &str| folder.path().join(name);
    let (before, live, decided) =
        (path("before.ndjson"), path("live.ndjson"), path("decided.ndjson"));
    let (first_live, last) = part(&town, &before, &live)?;
    eprintln!(
        "Bringing an invented town's first {HISTORY_DAYS} days in as history: counted, not judged …"
    );
    let history = import_before(api, &before).await?;
    eprintln!("Sending its last {} days, payment after payment …", DAYS - HISTORY_DAYS);
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

async fn is_there(api: &Api) -> anyhow::Result<()> {
    match api.get("/api/v1/health").await {
        Err(err) if err.is::<reqwest::Error>() => bail!(
            "nothing answers at {}: start the suite with `make run`, or name another address \
             with --url",
            api.url
        ),
        answer => answer.map(|_| ()),
    }
}

/// The day of a payment; lines are in the order of their time.
#[derive(Deserialize)]
struct Dated {
    timestamp: String,
}

/// Writes the town's two parts; the first and the last day of the second.
fn part(town: &str, before: &Path, live: &Path) -> anyhow::Result<(Date, Date)> {
    let day = |line: &str| -> anyhow::Result<Date> {
        let Dated { timestamp } = serde_json::from_str(line)?;
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
        bail!("{} payments of the history are not counted yet; try again", summary.uncounted);
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
    /// For people.
    pub fn text(&self, api: &Api) -> String {
        let mut text = String::new();
        if self.known {
            text += "All of it was there already: the same payments, decided as they were.\n\n";
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
        let _ = writeln!(text, "\nOf {} planted stories {} alerted.", planted.len(), found.len());
        let missed: Vec<&str> = planted.difference(found).map(String::as_str).collect();
        if !missed.is_empty() {
            let _ = writeln!(text, "Missed: {}", missed.join(", "));
        }
        text + &where_to_look(api, &telling(opened))
    }
}

/// The riskiest alerts, each of another typology.
fn telling(mut opened: Vec<&Decision>) -> Vec<&Decision> {
    opened.sort_by(|one, other| other.risk_score.total_cmp(&one.risk_score));
    let mut seen = BTreeSet::new();
    opened.retain(|one| one.alert_id.is_some() && seen.insert(one.typologies.first()));
    opened.truncate(SHOWN);
    opened
}

fn where_to_look(api: &Api, alerts: &[&Decision]) -> String {
    let url = api.url.trim_end_matches('/');
    let token = match &api.token {
        Some(_) => " -H \"authorization: Bearer $SENTINEL_TOKEN\"",
        None => "",
    };
    let mut text = "\nLook at\n".to_owned();
    let ids: Vec<&str> =
        alerts.iter().filter_map(|one| one.alert_id.as_ref().map(|id| id.as_str())).collect();
    for (id, alert) in ids.iter().zip(alerts) {
        let _ = writeln!(text, "  {url}/api/v1/alerts/{id}\n      {}", alert.explanation);
    }
    if let Some(id) = ids.first() {
        let _ = writeln!(text, "\nHave one explained");
        let _ = writeln!(text, "  curl -s -X POST {url}/api/v1/alerts/{id}/explanation{token}");
    }
    let _ = writeln!(text, "\nAll alerts  {url}/api/v1/alerts");
    let _ = writeln!(text, "Reviews     {url}/api/v1/alerts?queue=reviews");
    let _ = writeln!(text, "Docs        {url}/docs/");
    text
}
