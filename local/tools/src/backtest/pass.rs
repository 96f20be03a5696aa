//! The passes over the history: the first judges every row of the window, the second revisits single
//! rows for their reasons. Account state needs the rows in order, so one thread examines them; the
//! model does not, so batches of examined rows go to worker threads.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::ops::Range;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use sentinel::cascade::alerting::{Hit, OpenAlerts, Placement, Severity, Topic, topics};
use sentinel::case::alert_id::AlertId;
use sentinel::case::verdict::Decision;
use sentinel::state::memory::Memory;
use serde::Serialize;

use super::judge::{Examinations, Judge};
use super::metrics::{micro, unit};
use super::peers::PeerTally;
use super::stopwatch::{Stage, Stopwatch};
use super::tally::{Resolution, Tally};
use super::topic_lists::TopicLists;
use crate::history::History;
use crate::progress::Progress;

/// Rows that are judged together.
const BATCH: usize = 1_024;

/// What is kept about every row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScoredPayment {
    /// Position in the history.
    pub(crate) event: u32,
    /// The risk score, in millionths.
    pub(crate) score: u32,
    /// The model's probability, in millionths; 0 if it was not asked.
    pub(crate) probability: u32,
    /// The rules' points, in decibans times 10,000.
    pub(crate) points: u32,
    /// The topics of its alert: a number in [`Pass::topic_lists`].
    pub(crate) topic_list: u32,
    pub(crate) resolution: Resolution,
    /// Whether a rule with the effect `alert` fired, which alerts at any line.
    pub(crate) policy: bool,
    pub(crate) alert: bool,
    /// Whether it opened an alert, rather than being a hit on an open one.
    pub(crate) opened: bool,
    /// Whether no level could settle it: it goes to the review queue, and is not an alert.
    pub(crate) review: bool,
    /// Whether the other rule set alerts.
    pub(crate) alert_against: bool,
}

/// What the first pass found.
pub(crate) struct Pass {
    pub(crate) rows: Vec<ScoredPayment>,
    pub(crate) topic_lists: TopicLists,
    pub(crate) tally: Tally,
    /// Empty unless the engine counts peers.
    pub(crate) peers: PeerTally,
    pub(crate) placements: PlacementCounts,
    pub(crate) timings: Timings,
}

/// How many alerts were opened, and how many were hits on an open one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PlacementCounts {
    pub(crate) opened: u64,
    pub(crate) attached: u64,
    /// Opened although one was open for the same topic, because they are more severe.
    pub(crate) raised: u64,
}

/// Where the time went, in seconds.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Timings {
    /// From the first row to the last decision.
    pub(super) pass: f64,
    /// Of the thread that examines every row.
    pub(super) profiles: f64,
    pub(super) features: f64,
    pub(super) rules: f64,
    /// Of the worker threads, added up.
    pub(super) model: f64,
    pub(super) counting: f64,
    pub(super) model_threads: u64,
}

/// Rows on their way to the model.
struct Batch {
    number: u64,
    rows: Vec<(u32, Examinations)>,
}

struct JudgedBatch<'a> {
    number: u64,
    rows: Vec<ScoredPayment>,
    tally: Tally,
    peers: PeerTally,
    /// The topics of each row; `None` if no rule fired.
    topics: Vec<Option<Vec<Topic>>>,
    /// One per row, if decisions are written.
    lines: Vec<DecisionLine<'a>>,
    model: Duration,
    counting: Duration,
}

/// A line of the file of decisions.
#[derive(Serialize)]
struct DecisionLine<'a> {
    #[serde(flatten)]
    decision: Decision,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_laundering: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    laundering_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    story: Option<&'a str>,
}

/// Runs the passes; all threads share it.
#[derive(Clone, Copy)]
pub(crate) struct Engine<'a> {
    pub(crate) judge: &'a Judge,
    pub(crate) history: &'a History,
    /// How long, in event time, further hits are attached to an open alert.
    pub(crate) cooldown_s: f64,
    /// Whether the pass counts peer figures.
    pub(crate) counts_peers: bool,
}

impl<'a> Engine<'a> {
    /// Judges the rows of the window; earlier ones only build the profiles. If `decisions` is given, a
    /// line of JSON per row is written to it.
    pub(crate) fn run(
        self,
        window: Range<usize>,
        mut decisions: Option<&mut dyn Write>,
    ) -> anyhow::Result<Pass> {
        let with_lines = decisions.is_some();
        let threads = match self.judge.model() {
            None if !with_lines => 0,
            _ => std::thread::available_parallelism().map_or(1, usize::from),
        };
        let mut collector = Collector {
            engine: self,
            open: OpenAlerts::default(),
            placements: PlacementCounts::default(),
            rows: Vec::with_capacity(window.len()),
            topic_lists: TopicLists::default(),
            tally: Tally::new(self.judge.rules().rules().len()),
            peers: PeerTally::default(),
            timings: Timings { model_threads: threads as u64, ..Timings::default() },
            waiting: BTreeMap::new(),
            next: 0,
        };
        let started = Instant::now();
        std::thread::scope(|scope| {
            let (to_model, jobs) = sync_channel::<Batch>(2 * threads.max(1));
            let (results, judged) = channel();
            let jobs = Arc::new(Mutex::new(jobs));
            for _ in 0..threads {
                let (jobs, results) = (Arc::clone(&jobs), results.clone());
                scope.spawn(move || self.judge_batches(&jobs, &results, with_lines));
            }
            drop(results);
            let out = &mut decisions;
            let hand_over = |batch| match threads {
                0 => collector.add(self.judge_batch(batch, false)?, out),
                _ => {
                    send(&to_model, batch)?;
                    judged.try_iter().try_for_each(|batch| collector.add(batch?, out))
                }
            };
            let watch = self.examine_rows(window, hand_over)?;
            drop(to_model);
            judged.iter().try_for_each(|batch| collector.add(batch?, &mut decisions))?;
            let [profiles, features, rules] = watch.seconds();
            let timings = &mut collector.timings;
            (timings.profiles, timings.features, timings.rules) = (profiles, features, rules);
            anyhow::Ok(())
        })?;
        collector.timings.pass = started.elapsed().as_secs_f64();
        let Collector { rows, topic_lists, tally, peers, placements, timings, .. } = collector;
        Ok(Pass { rows, topic_lists, tally, peers, placements, timings })
    }

    /// Examines every row in order, and hands over batches of them.
    fn examine_rows(
        self,
        window: Range<usize>,
        mut hand_over: impl FnMut(Batch) -> anyhow::Result<()>,
    ) -> anyhow::Result<Stopwatch> {
        let mut progress = Progress::start("Judging", Some(window.end as u64));
        let mut memory = Memory::default();
        let mut watch = Stopwatch::start();
        let mut batch = Batch { number: 0, rows: Vec::with_capacity(BATCH) };
        let mut since = 0;
        for (at, event) in self.history.events()[..window.end].iter().enumerate() {
            if at >= window.start {
                watch.row();
                let examination = self.judge.examine(event, &memory, &mut watch);
                self.history.apply(&mut memory, event);
                watch.lap(Stage::Profiles);
                batch.rows.push((position(at), examination));
            } else {
                self.history.apply(&mut memory, event);
            }
            since += 1;
            if batch.rows.len() == BATCH || since == 4 * BATCH as u64 {
                let rows = Vec::with_capacity(BATCH);
                let next = Batch { number: batch.number + 1, rows };
                hand_over(std::mem::replace(&mut batch, next))?;
                progress.advance(since);
                since = 0;
            }
        }
        hand_over(batch)?;
        progress.advance(since);
        progress.finish();
        Ok(watch)
    }

    /// Judges batches until there are no more.
    fn judge_batches(
        self,
        jobs: &Mutex<Receiver<Batch>>,
        results: &Sender<anyhow::Result<JudgedBatch<'a>>>,
        with_lines: bool,
    ) {
        loop {
            let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(batch) = job else { return };
            if results.send(self.judge_batch(batch, with_lines)).is_err() {
                return;
            }
        }
    }

    fn judge_batch(self, batch: Batch, with_lines: bool) -> anyhow::Result<JudgedBatch<'a>> {
        let started = Instant::now();
        let (positions, mut examinations): (Vec<u32>, Vec<Examinations>) =
            batch.rows.into_iter().unzip();
        let judged = self.judge.judge(&examinations).context("the model cannot judge a row")?;
        let model = started.elapsed();
        let mut tally = Tally::new(self.judge.rules().rules().len());
        let mut peers = PeerTally::default();
        let mut rows = Vec::with_capacity(examinations.len());
        let mut row_topics = Vec::with_capacity(examinations.len());
        for ((at, examination), judged) in positions.iter().zip(&mut examinations).zip(&judged) {
            let event = &self.history.events()[*at as usize];
            tally.count(self.judge, examination, judged, event.label);
            if self.counts_peers {
                peers.count(self.judge, *at, examination, judged);
            }
            let fired = &examination.examined.rules.fired;
            row_topics.push((!fired.is_empty()).then(|| topics(fired)));
            rows.push(ScoredPayment {
                event: *at,
                score: micro(judged.outcome.risk_score),
                probability: judged.probability.map_or(0, micro),
                points: micro(examination.examined.rules.points / 100.0),
                topic_list: 0,
                resolution: Resolution::of(&judged.outcome),
                policy: examination.examined.rules.alert,
                alert: judged.outcome.alert,
                opened: false,
                review: judged.outcome.review.is_some(),
                alert_against: judged.against.is_some_and(|other| other.alert),
            });
        }
        let mut lines = Vec::new();
        if with_lines {
            for (at, examination) in positions.iter().zip(examinations) {
                let event = &self.history.events()[*at as usize];
                lines.push(DecisionLine {
                    decision: self.judge.decide(self.history, event, examination, false)?,
                    is_laundering: event.label,
                    laundering_type: self.history.typology(event),
                    story: self.history.story(event),
                });
            }
        }
        let counting = started.elapsed() - model;
        let number = batch.number;
        Ok(JudgedBatch { number, rows, tally, peers, topics: row_topics, lines, model, counting })
    }

    /// Opens an alert or review for a row, or attaches it to an open one, as production does.
    pub(crate) fn place(
        self,
        open: &mut OpenAlerts,
        row: &ScoredPayment,
        alert: bool,
        topics: &[Topic],
    ) -> Placement {
        let event = self.event(row);
        let hit = Hit { at: event.facts.at, severity: Severity::of(unit(row.score), alert) };
        let own = AlertId::of(&self.history.msg_id(event));
        open.place(topics, &event.facts, hit, self.cooldown_s, &own)
    }

    /// Goes over the history again to make the whole decisions on single rows.
    pub(crate) fn revisit(
        self,
        requests: &BTreeSet<DecisionRequest>,
    ) -> anyhow::Result<BTreeMap<DecisionRequest, Decision>> {
        let mut memory = Memory::default();
        let mut watch = Stopwatch::start();
        let mut found = BTreeMap::new();
        let rows = requests.last().map_or(0, |last| last.event as usize + 1);
        for (at, event) in self.history.events()[..rows].iter().enumerate() {
            for by_against in [false, true] {
                let request = DecisionRequest { event: position(at), by_against };
                if requests.contains(&request) {
                    let examination = self.judge.examine(event, &memory, &mut watch);
                    let decision =
                        self.judge.decide(self.history, event, examination, by_against)?;
                    found.insert(request, decision);
                }
            }
            self.history.apply(&mut memory, event);
        }
        Ok(found)
    }
}

/// Asks for the decision on a row, by the other rule set or by the one in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DecisionRequest {
    pub(crate) event: u32,
    pub(crate) by_against: bool,
}

fn send(to: &SyncSender<Batch>, batch: Batch) -> anyhow::Result<()> {
    to.send(batch).map_err(|_| anyhow::anyhow!("the model's threads have ended"))
}

fn position(at: usize) -> u32 {
    u32::try_from(at).expect("fewer than 2^32 rows fit in memory")
}

const WRITE: &str = "cannot write the decisions";

/// Collects judged batches in their order, although workers finish them in any order.
struct Collector<'a> {
    engine: Engine<'a>,
    open: OpenAlerts,
    placements: PlacementCounts,
    rows: Vec<ScoredPayment>,
    topic_lists: TopicLists,
    tally: Tally,
    peers: PeerTally,
    timings: Timings,
    waiting: BTreeMap<u64, JudgedBatch<'a>>,
    next: u64,
}

impl<'a> Collector<'a> {
    fn add(
        &mut self,
        batch: JudgedBatch<'a>,
        out: &mut Option<&mut dyn Write>,
    ) -> anyhow::Result<()> {
        self.waiting.insert(batch.number, batch);
        while let Some(mut batch) = self.waiting.remove(&self.next) {
            self.next += 1;
            self.place(&mut batch);
            self.rows.extend(batch.rows);
            self.tally += &batch.tally;
            self.peers += std::mem::take(&mut batch.peers);
            self.timings.model += batch.model.as_secs_f64();
            self.timings.counting += batch.counting.as_secs_f64();
            if let Some(out) = out {
                for line in &batch.lines {
                    serde_json::to_writer(&mut *out, line).context(WRITE)?;
                    out.write_all(b"\n").context(WRITE)?;
                }
            }
        }
        Ok(())
    }

    /// Opens alerts and reviews for the rows of a batch, or attaches them to open ones.
    fn place(&mut self, batch: &mut JudgedBatch<'a>) {
        let topics = batch.topics.drain(..);
        for (at, (row, topics)) in batch.rows.iter_mut().zip(topics).enumerate() {
            row.topic_list = topics.map_or(0, |topics| self.topic_lists.number(topics));
            if !row.alert && !row.review {
                continue;
            }
            let topics = self.topic_lists.topics(row.topic_list);
            match self.engine.place(&mut self.open, row, row.alert, topics) {
                Placement::New { raises } => {
                    row.opened = row.alert;
                    self.placements.opened += u64::from(row.alert);
                    self.placements.raised += u64::from(row.alert && raises.is_some());
                }
                Placement::Attached { alert_id } => {
                    self.placements.attached += u64::from(row.alert);
                    if let Some(line) = batch.lines.get_mut(at) {
                        line.decision.alert_id = Some(alert_id);
                        line.decision.attached = true;
                    }
                }
            }
        }
    }
}
