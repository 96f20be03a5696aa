//! The passes over the history: the first judges every row of the window, the second comes back to
//! single rows for their reasons. Account state needs the rows in their order, so one thread looks
//! at them; the model does not, so batches of what was seen go to threads of their own.

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

use super::about::Abouts;
use super::judge::{Judge, Seen};
use super::metrics::{micro, unit};
use super::peers::PeerTally;
use super::stopwatch::{Stage, Stopwatch};
use super::tally::{Settled, Tally};
use crate::history::History;
use crate::progress::Progress;

/// Rows that are judged together.
const BATCH: usize = 1_024;

/// What is kept of every row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scored {
    /// Place in the history.
    pub(crate) event: u32,
    /// The risk score, in millionths.
    pub(crate) score: u32,
    /// The model's probability, in millionths; 0 where it was not asked.
    pub(crate) probability: u32,
    /// What the rules are worth, in decibans times 10,000.
    pub(crate) points: u32,
    /// What an alert of it is about, a number of [`Pass::abouts`].
    pub(crate) about: u32,
    pub(crate) settled: Settled,
    /// Whether a rule with the effect `alert` fired: it surfaces whatever the lines.
    pub(crate) policy: bool,
    pub(crate) alert: bool,
    /// Whether the alert opened, and is no hit on one that was open.
    pub(crate) opened: bool,
    /// Whether no level could settle it; a queue of its own, and no alert.
    pub(crate) review: bool,
    /// Whether the other rule set alerts.
    pub(crate) alert_against: bool,
}

/// What the first pass found.
pub(crate) struct Pass {
    pub(crate) rows: Vec<Scored>,
    pub(crate) abouts: Abouts,
    pub(crate) tally: Tally,
    /// Empty unless the course counts peers.
    pub(crate) peers: PeerTally,
    pub(crate) placed: Placed,
    pub(crate) took: Took,
}

/// Where alerts went: alerts of their own, or hits on one that was open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) opened: u64,
    pub(crate) attached: u64,
    /// Of those opened, graver ones about what was open already.
    pub(crate) raised: u64,
}

/// Where the time went, in seconds.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Took {
    /// From the first row to the last decision.
    pub(super) pass: f64,
    /// Of the thread that sees every row.
    pub(super) profiles: f64,
    pub(super) features: f64,
    pub(super) rules: f64,
    /// Of the threads behind it, added up.
    pub(super) model: f64,
    pub(super) counting: f64,
    pub(super) model_threads: u64,
}

/// Rows on their way to the model.
struct Batch {
    number: u64,
    rows: Vec<(u32, Seen)>,
}

/// A batch, judged.
struct Done<'a> {
    number: u64,
    rows: Vec<Scored>,
    tally: Tally,
    peers: PeerTally,
    /// What each row is about; None where no rule fired.
    topics: Vec<Option<Vec<Topic>>>,
    /// One a row, where they are wanted.
    lines: Vec<Line<'a>>,
    model: Duration,
    counting: Duration,
}

/// A line of the decisions' file.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    decision: Decision,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_laundering: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    laundering_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    story: Option<&'a str>,
}

/// What all threads share.
#[derive(Clone, Copy)]
pub(crate) struct Course<'a> {
    pub(crate) judge: &'a Judge,
    pub(crate) history: &'a History,
    /// For so long, in event time, an open alert takes further hits.
    pub(crate) cooldown_s: f64,
    /// Whether the pass counts what payments of peers look like.
    pub(crate) counts_peers: bool,
}

impl<'a> Course<'a> {
    /// Judges the rows of the window; earlier ones only leave their traces in the profiles.
    /// `decisions` takes a line of JSON a row.
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
        let mut gathered = Gathered {
            course: self,
            open: OpenAlerts::default(),
            placed: Placed::default(),
            rows: Vec::with_capacity(window.len()),
            abouts: Abouts::default(),
            tally: Tally::new(self.judge.rules().rules().len()),
            peers: PeerTally::default(),
            took: Took { model_threads: threads as u64, ..Took::default() },
            waiting: BTreeMap::new(),
            next: 0,
        };
        let started = Instant::now();
        std::thread::scope(|scope| {
            let (to_model, jobs) = sync_channel::<Batch>(2 * threads.max(1));
            let (to_us, done) = channel();
            let jobs = Arc::new(Mutex::new(jobs));
            for _ in 0..threads {
                let (jobs, to_us) = (Arc::clone(&jobs), to_us.clone());
                scope.spawn(move || self.work(&jobs, &to_us, with_lines));
            }
            drop(to_us);
            let out = &mut decisions;
            let hand_over = |batch| match threads {
                0 => gathered.take(self.finish(batch, false)?, out),
                _ => {
                    send(&to_model, batch)?;
                    done.try_iter().try_for_each(|done| gathered.take(done?, out))
                }
            };
            let watch = self.see(window, hand_over)?;
            drop(to_model);
            done.iter().try_for_each(|done| gathered.take(done?, &mut decisions))?;
            let [profiles, features, rules] = watch.seconds();
            let took = &mut gathered.took;
            (took.profiles, took.features, took.rules) = (profiles, features, rules);
            anyhow::Ok(())
        })?;
        gathered.took.pass = started.elapsed().as_secs_f64();
        let Gathered { rows, abouts, tally, peers, placed, took, .. } = gathered;
        Ok(Pass { rows, abouts, tally, peers, placed, took })
    }

    /// The thread that sees every row in its order.
    fn see(
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
                let seen = self.judge.look(event, &memory, &mut watch);
                self.history.apply(&mut memory, event);
                watch.lap(Stage::Profiles);
                batch.rows.push((place(at), seen));
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

    fn work(
        self,
        jobs: &Mutex<Receiver<Batch>>,
        done: &Sender<anyhow::Result<Done<'a>>>,
        with_lines: bool,
    ) {
        loop {
            let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(batch) = job else { return };
            if done.send(self.finish(batch, with_lines)).is_err() {
                return;
            }
        }
    }

    fn finish(self, batch: Batch, with_lines: bool) -> anyhow::Result<Done<'a>> {
        let started = Instant::now();
        let (places, mut seen): (Vec<u32>, Vec<Seen>) = batch.rows.into_iter().unzip();
        let judged = self.judge.judge(&seen).context("the model cannot judge a row")?;
        let model = started.elapsed();
        let mut tally = Tally::new(self.judge.rules().rules().len());
        let mut peers = PeerTally::default();
        let mut rows = Vec::with_capacity(seen.len());
        let mut about = Vec::with_capacity(seen.len());
        for ((at, seen), judged) in places.iter().zip(&mut seen).zip(&judged) {
            let event = &self.history.events()[*at as usize];
            tally.count(self.judge, seen, judged, event.label);
            if self.counts_peers {
                peers.count(self.judge, *at, seen, judged);
            }
            let fired = &seen.examined.rules.fired;
            about.push((!fired.is_empty()).then(|| topics(fired)));
            rows.push(Scored {
                event: *at,
                score: micro(judged.outcome.risk_score),
                probability: judged.probability.map_or(0, micro),
                points: micro(seen.examined.rules.points / 100.0),
                about: 0,
                settled: Settled::of(&judged.outcome),
                policy: seen.examined.rules.alert,
                alert: judged.outcome.alert,
                opened: false,
                review: judged.outcome.review.is_some(),
                alert_against: judged.against.is_some_and(|other| other.alert),
            });
        }
        let mut lines = Vec::new();
        if with_lines {
            for (at, seen) in places.iter().zip(seen) {
                let event = &self.history.events()[*at as usize];
                lines.push(Line {
                    decision: self.judge.decide(self.history, event, seen, false)?,
                    is_laundering: event.label,
                    laundering_type: self.history.typology(event),
                    story: self.history.story(event),
                });
            }
        }
        let counting = started.elapsed() - model;
        let number = batch.number;
        Ok(Done { number, rows, tally, peers, topics: about, lines, model, counting })
    }

    /// Places a row's alert, or its review, among what is open, as production does.
    pub(crate) fn place(
        self,
        open: &mut OpenAlerts,
        row: &Scored,
        alert: bool,
        topics: &[Topic],
    ) -> Placement {
        let event = self.event(row);
        let hit = Hit { at: event.facts.at, severity: Severity::of(unit(row.score), alert) };
        let own = AlertId::of(&self.history.msg_id(event));
        open.place(topics, &event.facts, hit, self.cooldown_s, &own)
    }

    /// Comes back to single rows, for their whole decisions.
    pub(crate) fn revisit(
        self,
        wanted: &BTreeSet<Wanted>,
    ) -> anyhow::Result<BTreeMap<Wanted, Decision>> {
        let mut memory = Memory::default();
        let mut watch = Stopwatch::start();
        let mut found = BTreeMap::new();
        let rows = wanted.last().map_or(0, |last| last.event as usize + 1);
        for (at, event) in self.history.events()[..rows].iter().enumerate() {
            let now = place(at);
            for by_against in [false, true] {
                let this = Wanted { event: now, by_against };
                if wanted.contains(&this) {
                    let seen = self.judge.look(event, &memory, &mut watch);
                    let decision = self.judge.decide(self.history, event, seen, by_against)?;
                    found.insert(this, decision);
                }
            }
            self.history.apply(&mut memory, event);
        }
        Ok(found)
    }
}

/// A row to come back to, and whose decision is wanted: the other rule set's, or that in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wanted {
    pub(crate) event: u32,
    pub(crate) by_against: bool,
}

fn send(to: &SyncSender<Batch>, batch: Batch) -> anyhow::Result<()> {
    to.send(batch).map_err(|_| anyhow::anyhow!("the model's threads have ended"))
}

fn place(at: usize) -> u32 {
    u32::try_from(at).expect("fewer than 2^32 rows fit in memory")
}

const WRITE: &str = "cannot write the decisions";

/// What has come back so far, in the order of the batches.
struct Gathered<'a> {
    course: Course<'a>,
    open: OpenAlerts,
    placed: Placed,
    rows: Vec<Scored>,
    abouts: Abouts,
    tally: Tally,
    peers: PeerTally,
    took: Took,
    waiting: BTreeMap<u64, Done<'a>>,
    next: u64,
}

impl<'a> Gathered<'a> {
    fn take(&mut self, done: Done<'a>, out: &mut Option<&mut dyn Write>) -> anyhow::Result<()> {
        self.waiting.insert(done.number, done);
        while let Some(mut done) = self.waiting.remove(&self.next) {
            self.next += 1;
            self.place(&mut done);
            self.rows.extend(done.rows);
            self.tally += &done.tally;
            self.peers += std::mem::take(&mut done.peers);
            self.took.model += done.model.as_secs_f64();
            self.took.counting += done.counting.as_secs_f64();
            if let Some(out) = out {
                for line in &done.lines {
                    serde_json::to_writer(&mut *out, line).context(WRITE)?;
                    out.write_all(b"\n").context(WRITE)?;
                }
            }
        }
        Ok(())
    }

    /// Places the alerts and reviews of a batch among those that are open, as production does.
    fn place(&mut self, done: &mut Done<'a>) {
        let topics = done.topics.drain(..);
        for (at, (row, topics)) in done.rows.iter_mut().zip(topics).enumerate() {
            row.about = topics.map_or(0, |topics| self.abouts.number(topics));
            if !row.alert && !row.review {
                continue;
            }
            let topics = self.abouts.topics(row.about);
            match self.course.place(&mut self.open, row, row.alert, topics) {
                Placement::New { raises } => {
                    row.opened = row.alert;
                    self.placed.opened += u64::from(row.alert);
                    self.placed.raised += u64::from(row.alert && raises.is_some());
                }
                Placement::Attached { alert_id } => {
                    self.placed.attached += u64::from(row.alert);
                    if let Some(line) = done.lines.get_mut(at) {
                        line.decision.alert_id = Some(alert_id);
                        line.decision.attached = true;
                    }
                }
            }
        }
    }
}
