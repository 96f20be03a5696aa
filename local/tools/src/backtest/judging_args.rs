//! Options of every tool that judges recorded payments: which rules, reference data and model, which
//! rows, and which earlier payments.

use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use model::Model;
use sentinel::cascade::Policy;
use sentinel::reference::Reference;
use sentinel::register::VersionedSet as _;
use sentinel::rules::RuleSet;

use super::judge::Judge;
use super::window::Bound;
use crate::history::History;
use crate::reference;

/// How recorded payments are judged.
#[derive(Debug, Clone, clap::Args)]
pub struct JudgingArgs {
    /// Data sets of earlier payments: they are not judged, but build the accounts' profiles, as
    /// `sentinel import` would. May be repeated.
    #[arg(long)]
    pub history: Vec<PathBuf>,
    /// The rule set to judge by [default: the embedded one].
    #[arg(long)]
    pub rules: Option<PathBuf>,
    /// The reference data to judge by: rates, country lists and thresholds [default: the embedded
    /// set].
    #[arg(long)]
    pub reference: Option<PathBuf>,
    /// The model, a folder with model.onnx and card.json [default: the embedded one].
    #[arg(long, conflicts_with = "no_model")]
    pub model: Option<PathBuf>,
    /// Judge by the rules alone.
    #[arg(long)]
    pub no_model: bool,
    /// Start of the measured window, a date or an RFC 3339 time; earlier rows only build profiles.
    #[arg(long)]
    pub from: Option<Bound>,
    /// End of the measured window: a date, inclusive, or an RFC 3339 time, exclusive. Later rows are
    /// ignored.
    #[arg(long)]
    pub until: Option<Bound>,
    /// Hours, in event time, during which further hits on the same account and typology are attached
    /// to an open alert; the deployment's `AlertCooldownHours`.
    #[arg(long, default_value_t = 24.0)]
    pub cooldown_hours: f64,
}

impl JudgingArgs {
    /// The model, unless only the rules judge.
    pub(crate) fn model(&self) -> anyhow::Result<Option<Model>> {
        Ok(match &self.model {
            _ if self.no_model => None,
            None => Some(Model::embedded()?),
            Some(folder) => Some(model(folder)?),
        })
    }

    /// What the payments are read with.
    pub(crate) fn reference(&self) -> anyhow::Result<Reference> {
        reference::of(self.reference.as_deref())
    }

    /// A judge for a rule set.
    pub(crate) fn judge(&self, rules: RuleSet) -> anyhow::Result<Judge> {
        let policy = Policy::new(self.reference()?, rules);
        Ok(Judge::new(policy, None, self.model()?, None))
    }

    /// The measured rows, by their positions in the history.
    pub(crate) fn window(&self, history: &History) -> Range<usize> {
        let from = self.from.map_or(history.warm_up_rows(), |bound| place(history, bound.start()));
        let until = self.until.map_or(history.events().len(), |bound| place(history, bound.end()));
        from.min(until)..until
    }

    /// How long further hits are attached to an open alert, in seconds.
    pub(crate) fn cooldown_s(&self) -> f64 {
        3_600.0 * self.cooldown_hours
    }
}

/// A rule set from a file, or the embedded one.
pub(super) fn rules(path: Option<&Path>) -> anyhow::Result<RuleSet> {
    let Some(path) = path else { return Ok(RuleSet::embedded()?) };
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    RuleSet::load(&text).with_context(|| format!("{} is not a rule set", path.display()))
}

/// A model from its folder.
pub(super) fn model(folder: &Path) -> anyhow::Result<Model> {
    let context = |file: &str| format!("cannot read {}", folder.join(file).display());
    let onnx = std::fs::read(folder.join("model.onnx")).with_context(|| context("model.onnx"))?;
    let card =
        std::fs::read_to_string(folder.join("card.json")).with_context(|| context("card.json"))?;
    Model::load(&onnx, &card, &sentinel::state::features::NAMES)
        .with_context(|| format!("{} has no usable model", folder.display()))
}

/// The first row at or after a moment.
fn place(history: &History, at: f64) -> usize {
    let judged = &history.events()[history.warm_up_rows()..];
    history.warm_up_rows() + judged.partition_point(|event| event.facts.at < at)
}
