//! Reads a rule's parameters, and the peer figures that give quantile parameters their values.

use std::collections::BTreeMap;

use super::loader::Loader;
use super::names::known_names;
use super::param::{Param, Quantile};
use crate::json::{self, RawValue};
use crate::payment::side::Side;
use crate::payment::transaction::Segment;
use crate::register::document::{PlacedText, did_you_mean, member};
use crate::register::members::Members;
use crate::state::peers::{MEASURES, MOST_GROUPS, Measure, Peers, Percentile};

const QUANTILE_MEMBERS: [&str; 4] = ["quantile", "of", "floor", "ceiling"];

/// A parameter's name, its value, and its JSON, which marks its place in the document.
pub(super) type PlacedParam<'a> = (String, Param, &'a RawValue);

impl<'a> Loader<'_, 'a> {
    /// Reads the parameters of a rule about one side.
    pub(super) fn params(
        &mut self,
        members: &[(String, &'a RawValue)],
        account: Side,
    ) -> Vec<PlacedParam<'a>> {
        let Some(raw) = member(members, "params") else { return Vec::new() };
        let Ok(Members(given)) = json::read::<Members<'a>>(raw.get()) else {
            let at = self.reader.document.offset(raw);
            self.reader.note(at, "params must be an object of numbers and quantiles".to_owned());
            return Vec::new();
        };
        let mut params: Vec<PlacedParam<'a>> = Vec::with_capacity(given.len());
        for (name, raw) in given {
            let at = self.reader.document.name_offset(&name, raw);
            if known_names().any(|known| known == name) {
                self.reader.note(at, format!("the parameter {name} has the name of a value"));
            } else if params.iter().any(|(other, ..)| *other == name) {
                self.reader.note(at, format!("the parameter {name} is given twice"));
            }
            if let Ok(Members(quantile)) = json::read::<Members<'a>>(raw.get()) {
                let param = self.quantile(&quantile, raw, account).map(Param::Quantile);
                // A faulty quantile keeps its name, so that its uses are not reported as unknown.
                params.push((name, param.unwrap_or(Param::Number(1.0)), raw));
                continue;
            }
            match json::read::<f64>(raw.get()) {
                Ok(number) if number.is_finite() => params.push((name, Param::Number(number), raw)),
                _ => {
                    let at = self.reader.document.offset(raw);
                    let message =
                        format!("the parameter {name} must be a finite number, or a quantile");
                    self.reader.note(at, message);
                }
            }
        }
        params
    }

    fn quantile(
        &mut self,
        members: &[(String, &'a RawValue)],
        raw: &'a RawValue,
        account: Side,
    ) -> Option<Quantile> {
        let at = self.reader.document.offset(raw);
        self.reader.check_members(members, &QUANTILE_MEMBERS, "a quantile");
        let percentile = self.reader.text(members, "quantile", at).and_then(|placed| {
            let parsed = Percentile::parse(&placed.text);
            parsed.map_err(|error| self.reader.note_inside(&placed, 0, error.to_string())).ok()
        });
        let of =
            self.reader.text(members, "of", at).and_then(|placed| self.measure(&placed, account));
        let floor = self.reader.number(members, "floor", at);
        let ceiling = self.reader.number(members, "ceiling", at);
        let (floor, ceiling) = (floor?, ceiling?);
        if floor > ceiling {
            self.reader.note(at, "a quantile's floor must not be above its ceiling".to_owned());
            return None;
        }
        Some(Quantile { percentile: percentile?, of: of?, floor, ceiling })
    }

    fn measure(&mut self, placed: &PlacedText<'a>, account: Side) -> Option<&'static Measure> {
        let found = Measure::find(&placed.text);
        match found {
            None => {
                let known: Vec<String> = MEASURES.map(|measure| measure.name.to_owned()).into();
                let hint = did_you_mean(&placed.text, &known);
                let message = format!("{} is not counted among peers{hint}", placed.text);
                self.reader.note_inside(placed, 0, message);
            }
            Some(measure) if measure.account != account => {
                let message = format!(
                    "the rule is about the {}, whose peers are no measure for {}",
                    account.code(),
                    placed.text
                );
                self.reader.note_inside(placed, 0, message);
            }
            Some(_) => {}
        }
        found
    }

    /// Returns the parameters as numbers: for accounts without a segment, followed by each segment
    /// of the peers if a parameter is a quantile.
    pub(super) fn numbers(&self, params: &[PlacedParam<'a>]) -> Vec<BTreeMap<String, f64>> {
        let peers = self.peers.as_ref();
        let of = |segment: Option<Segment>| {
            let number =
                |(name, param, _): &PlacedParam<'a>| (name.clone(), param.value(peers, segment));
            params.iter().map(number).collect()
        };
        let mut numbers = vec![of(None)];
        if params.iter().any(|(_, param, _)| param.quantile().is_some()) {
            let segments = peers.into_iter().flat_map(|peers| peers.segments.keys());
            numbers.extend(segments.map(|segment| of(Some(*segment))));
        }
        numbers
    }

    /// Reads the peer figures; `None` if they are faulty.
    pub(super) fn peers(&mut self, raw: &'a RawValue) -> Option<Peers> {
        let at = self.reader.document.offset(raw);
        let peers: Peers = match json::read(raw.get()) {
            Ok(peers) => peers,
            Err(_) => {
                let message = "peers are an object with `from`, `until` and `segments`: by \
                               segment (small letters, digits and _), by measure, how many payments \
                               and their percentiles";
                self.reader.note(at, message.to_owned());
                return None;
            }
        };
        let mut notes = Vec::new();
        if peers.from > peers.until {
            notes.push("peers' days begin with `from`, and end with `until`".to_owned());
        }
        if peers.segments.len() > MOST_GROUPS {
            notes.push(format!("peers have at most {MOST_GROUPS} segments"));
        }
        for figures in peers.segments.values() {
            for (measure, figure) in figures {
                if Measure::find(measure).is_none() {
                    notes.push(format!("{measure} is not counted among peers"));
                }
                if !figure.percentiles.values().all(|value| value.is_finite() && *value >= 0.0) {
                    notes.push(format!("a percentile of {measure} must be a number from 0 on"));
                }
            }
        }
        let sound = notes.is_empty();
        notes.into_iter().for_each(|message| self.reader.note(at, message));
        sound.then_some(peers)
    }
}
