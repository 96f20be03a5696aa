//! `sentinel tune`: judges recorded payments as a backtest does and proposes a rule set that fits them:
//! first the peer figures that its parameters are quantiles of, then lines for the resulting scores.
//! The alert line follows from the alerts a team can work per day, the review line from the share of
//! payments that may go to review. It only drafts a set, which takes the same path as any other and is
//! put live by a second person.

mod change;
mod draft;
mod lines;
mod live;
mod params;
mod report;
mod terminal;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sentinel::register::VersionedSet as _;
use sentinel::rules::RuleSet;
use sentinel::state::peers::Peers;

use crate::api::Api;
use crate::backtest::{Engine, Judge, JudgingArgs, Pass, ScoredPayment, days, float, moment};
use crate::files::FileArgs;
use crate::history::History;
use crate::terminal::print;
use lines::{Cuts, Scores, ranked};
use report::{Report, Tuning};

/// Opened alerts as a share of the payments, if the team's capacity is not given.
const DEFAULT_ALERT_SHARE: f64 = 0.003;

/// Proposes parameters and lines for the rule set from payments, and drafts a set with them.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Data sets, as for `sentinel backtest`; several are merged by time.
    #[arg(required_unless_present = "url", conflicts_with = "url")]
    pub files: Vec<PathBuf>,
    /// A running system to tune instead of files, by the figures it has counted.
    #[arg(long)]
    pub url: Option<String>,
    /// A bearer token for the system; a local suite without --auth needs none.
    #[arg(long, env = "SENTINEL_TOKEN", hide_env_values = true, requires = "url")]
    pub token: Option<String>,
    /// How many weeks of the system's figures to use.
    #[arg(long, default_value_t = 8, requires = "url")]
    pub weeks: u8,
    #[command(flatten)]
    pub reading: FileArgs,
    /// Opened alerts that the team can work per day [default: 0.3 % of the payments].
    #[arg(long)]
    pub alerts_per_day: Option<f64>,
    /// Share of the payments that may go to review, besides the alerts.
    #[arg(long, default_value_t = 0.002)]
    pub review_share: f64,
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// How many payments to show from just above and just below each line, with their first reason.
    #[arg(long, default_value_t = 5)]
    pub sample: u16,
    /// Seed that chooses among the payments near the lines.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
    /// File for the drafted rule set: the same document with the proposed figures and a new version.
    #[arg(long)]
    pub out: Option<PathBuf>,
}

/// Judges, proposes and drafts; fails if rows were left out, or a draft is asked for and there is none.
pub async fn run(args: &Args) -> anyhow::Result<ExitCode> {
    check(args)?;
    if let Some(url) = &args.url {
        let api = Api { url: url.clone(), token: args.token.clone() };
        let (report, drafted) = live::tune(args, &api).await?;
        let text = match args.json {
            true => serde_json::to_string_pretty(&report)?,
            false => terminal::live(&report, args.out.as_deref()),
        };
        show(args, &text, Some(drafted))?;
        return Ok(ExitCode::SUCCESS);
    }
    let (report, drafted) = tune(args)?;
    let text = match args.json {
        true => serde_json::to_string_pretty(&report)?,
        false => terminal::text(&report, args.out.as_deref()),
    };
    show(args, &text, drafted)?;
    let (read, left_out) = report.rows();
    Ok(args.reading.exit_code(read, left_out))
}

/// Prints the report, and writes the draft if asked for.
fn show(args: &Args, text: &str, drafted: Option<String>) -> anyhow::Result<()> {
    print(text.trim_end())?;
    if let Some(path) = &args.out {
        let Some(drafted) = drafted else {
            bail!("nothing was drafted: no line meets the target");
        };
        std::fs::write(path, drafted)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn check(args: &Args) -> anyhow::Result<()> {
    if args.alerts_per_day.is_some_and(|number| !number.is_finite() || number <= 0.0) {
        bail!("--alerts-per-day must be a number above 0");
    }
    if !(0.0..1.0).contains(&args.review_share) {
        bail!("--review-share must be a share, from 0 to below 1");
    }
    Ok(())
}

/// The report, and the drafted document if something is proposed.
fn tune(args: &Args) -> anyhow::Result<(Report, Option<String>)> {
    let document = match &args.judging.rules {
        None => RuleSet::EMBEDDED_DOCUMENT.to_owned(),
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?,
    };
    let rules = RuleSet::load(&document).context("the file is not a rule set")?;
    let (reference, hints) = (args.judging.reference()?, args.reading.hints()?);
    let history = History::of(&args.judging.history, &args.files, &hints, &reference, None)?;
    let judge = args.judging.judge(rules)?;
    let present = JudgedPayments::by(&judge, &history, args)?;

    // New peer figures change which rules fire, and so the scores for which lines are chosen.
    let peers = peers_of(present.engine, &present.pass)?;
    let fitted = match &peers {
        Some(peers) if !judge.rules().quantiles().is_empty() => {
            let set = RuleSet::load(&draft::draft(&document, Some(peers), None)?)?;
            Some(judge.under(set))
        }
        _ => None,
    };
    let proposed =
        fitted.as_ref().map(|judge| JudgedPayments::by(judge, &history, args)).transpose()?;
    let (before, after) = (present.scores(), proposed.as_ref().unwrap_or(&present).scores());

    let tuning = tuning(args, before, after);
    let drafted = match (&peers, tuning.proposed) {
        (None, None) => None,
        (peers, cuts) => Some(draft::draft(&document, peers.as_ref(), cuts)?),
    };
    let mut report = report::report(before, after, &tuning);
    let number = usize::from(args.sample);
    report.rule_changes = params::changes(before, after, number)?;
    // Samples have the drafted set's reasons, so that what only it surfaces has the model's too.
    let drafted_judge = match &drafted {
        Some(text) => {
            let set = RuleSet::load(text).context("the drafted document is not a rule set")?;
            report.drafted = Some(set.version().to_owned());
            Some(judge.under(set))
        }
        None => None,
    };
    let judge = drafted_judge.as_ref().unwrap_or(&judge);
    let scores = Scores { engine: Engine { judge, ..after.engine }, ..after };
    let cuts = tuning.proposed.unwrap_or(tuning.present);
    report.samples = report::samples(scores, cuts, number, args.seed)?;
    Ok((report, drafted))
}

/// The payments, judged by one rule set.
struct JudgedPayments<'a> {
    engine: Engine<'a>,
    pass: Pass,
    ranked: Vec<u32>,
    most_reviews: f64,
}

impl<'a> JudgedPayments<'a> {
    fn by(judge: &'a Judge, history: &'a History, args: &Args) -> anyhow::Result<Self> {
        let cooldown_s = args.judging.cooldown_s();
        let engine = Engine { judge, history, cooldown_s, counts_peers: true };
        let pass = engine.run(args.judging.window(history), None)?;
        let most_reviews = args.review_share * float(pass.rows.len() as u64);
        Ok(Self { engine, ranked: ranked(&pass), pass, most_reviews })
    }

    fn scores(&self) -> Scores<'_> {
        let Self { engine, pass, ranked, most_reviews } = self;
        Scores { engine: *engine, pass, ranked, most_reviews: *most_reviews }
    }
}

/// The target, and the lines that meet it.
fn tuning(args: &Args, present: Scores<'_>, proposed: Scores<'_>) -> Tuning {
    let payments = present.pass.rows.len() as u64;
    let days = days(present.engine, present.pass).len() as u64;
    let default = || DEFAULT_ALERT_SHARE * float(payments) / float(days.max(1));
    let alerts_per_day = args.alerts_per_day.unwrap_or_else(default);
    Tuning {
        days,
        alerts_per_day,
        review_share: args.review_share,
        present: Cuts::of(present.engine.judge.lines()),
        proposed: match payments {
            0 => None,
            _ => proposed.propose(alerts_per_day * float(days)),
        },
    }
}

/// The peer figures that the rules ask for and reasons mention; `None` if there are too few payments for
/// any.
fn peers_of(engine: Engine<'_>, pass: &Pass) -> anyhow::Result<Option<Peers>> {
    let day = |row: Option<&ScoredPayment>| -> anyhow::Result<Option<Date>> {
        let Some(row) = row else { return Ok(None) };
        let at: Timestamp = moment(engine.event(row).facts.at).parse()?;
        Ok(Some(at.to_zoned(TimeZone::UTC).date()))
    };
    let (Some(from), Some(until)) = (day(pass.rows.first())?, day(pass.rows.last())?) else {
        return Ok(None);
    };
    let asked = engine.judge.rules().quantiles();
    let peers = Peers::of(&pass.peers.sketches, &asked, (from, until));
    Ok((!peers.segments.is_empty()).then_some(peers))
}
