//! `sentinel tune`: judges recorded payments as a backtest does and proposes the lines of the rule set
//! from the scores they got: the line of alerts from what a team can work in a day, the line of
//! reviews from the share that may wait for one. It drafts and changes nothing: a drafted set goes the
//! way of any other, and a second person puts it live.

mod change;
mod draft;
mod lines;
mod report;
mod terminal;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use sentinel::cascade::Policy;
use sentinel::rules::RuleSet;

use crate::backtest::{Course, Judge, Judging, days, float};
use crate::files::FileArgs;
use crate::history::History;
use crate::rules::show::print;
use lines::{Cuts, Scores, ranked};
use report::{Report, Tuning};

/// Opened alerts, of the payments, where nobody says what the team can work.
const DEFAULT_ALERT_SHARE: f64 = 0.003;

/// Proposes the lines of the rule set from recorded payments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Recorded payments, as `sentinel backtest` reads them. Several are merged by time.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: FileArgs,
    /// Opened alerts that the team can work in a day; without it 0.3 % of the payments.
    #[arg(long)]
    pub alerts_per_day: Option<f64>,
    /// The share of the payments that may wait for review, apart from the alerts.
    #[arg(long, default_value_t = 0.002)]
    pub review_share: f64,
    #[command(flatten)]
    pub judging: Judging,
    /// So many payments from just above and just below each line, with their first reason.
    #[arg(long, default_value_t = 5)]
    pub sample: u16,
    /// Which of the payments near the lines.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
    /// A file for the drafted rule set: the same document with the proposed lines and a new version.
    #[arg(long)]
    pub out: Option<PathBuf>,
}

/// Judges, proposes, drafts; fails where rows were left out or a draft was wanted and there is none.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (report, drafted) = tune(args)?;
    let text = match args.json {
        true => serde_json::to_string_pretty(&report)?,
        false => terminal::text(&report, args.out.as_deref()),
    };
    print(text.trim_end())?;
    if let Some(path) = &args.out {
        let Some(drafted) = drafted else {
            bail!("nothing was drafted: no line meets the wish");
        };
        std::fs::write(path, drafted)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let (read, left_out) = report.rows();
    Ok(args.reading.exit_code(read, left_out))
}

/// The report, and the drafted document where lines are proposed.
fn tune(args: &Args) -> anyhow::Result<(Report, Option<String>)> {
    if args.alerts_per_day.is_some_and(|number| !number.is_finite() || number <= 0.0) {
        bail!("--alerts-per-day must be a number above 0");
    }
    if !(0.0..1.0).contains(&args.review_share) {
        bail!("--review-share must be a share, from 0 to below 1");
    }
    let document = match &args.judging.rules {
        None => RuleSet::embedded_document().to_owned(),
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?,
    };
    let rules = RuleSet::load(&document).context("the rules are no rule set")?;
    let reference = args.judging.reference()?;
    let model = args.judging.model()?;
    let hints = args.reading.hints()?;
    let history = History::of(&args.judging.history, &args.files, &hints, &reference, None)?;
    let window = args.judging.window(&history);
    let judge = Judge::new(Policy::new(reference, rules), None, model, None);
    let cooldown_s = args.judging.cooldown_s();
    let course = Course { judge: &judge, history: &history, cooldown_s };
    let pass = course.run(window, None)?;

    let (payments, days) = (pass.rows.len() as u64, days(course, &pass).len() as u64);
    let default = || DEFAULT_ALERT_SHARE * float(payments) / float(days.max(1));
    let alerts_per_day = args.alerts_per_day.unwrap_or_else(default);
    let (ranked, most_reviews) = (ranked(&pass), args.review_share * float(payments));
    let scores = Scores { course, pass: &pass, ranked: &ranked, most_reviews };
    let proposed = match payments {
        0 => None,
        _ => scores.propose(alerts_per_day * float(days)),
    };
    let drafted = proposed.map(|cuts| draft::with_lines(&document, cuts)).transpose()?;
    let tuning = Tuning {
        days,
        alerts_per_day,
        review_share: args.review_share,
        present: Cuts::of(judge.lines()),
        proposed,
    };
    let mut report = report::report(scores, &tuning);
    // Samples are told as the drafted set tells them: what it surfaces has the model's reasons.
    let (cuts, judge) = match (&drafted, proposed) {
        (Some(text), Some(cuts)) => {
            let set = RuleSet::load(text).context("the drafted document is no rule set")?;
            report.drafted = Some(set.version().to_owned());
            (cuts, judge.under(set))
        }
        _ => (tuning.present, judge),
    };
    let course = Course { judge: &judge, history: &history, cooldown_s };
    let scores = Scores { course, pass: &pass, ranked: &ranked, most_reviews };
    report.samples = report::samples(scores, cuts, usize::from(args.sample), args.seed)?;
    Ok((report, drafted))
}
