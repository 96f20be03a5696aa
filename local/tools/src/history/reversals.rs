//! Matches each reversal with the row it takes back, once all rows are in order. As in production, the
//! original must have come before, and is taken back only once.

use std::collections::{HashMap, HashSet};

use sentinel::case::notes::Note;
use sentinel::case::reversal::ReversiblePayment;
use sentinel::payment::transaction::Kind;
use sentinel::state::memory::Memory;

use super::{Event, History};

/// By the row of a reversal: the position of its original, or why it takes nothing back.
pub(super) type Reversals = HashMap<u32, Result<usize, Note>>;

impl History {
    /// Looks up ids only of rows that a reversal names, of which there are few or none.
    pub(super) fn find_reversals(&self) -> Reversals {
        let named = self.events.iter().filter_map(|event| event.original);
        let named_ids: HashSet<&str> = named.map(|number| self.texts.text(number)).collect();
        let (mut found, mut reversed) = (Reversals::new(), HashSet::new());
        if named_ids.is_empty() {
            return found;
        }
        let mut positions: HashMap<&str, usize> = HashMap::new();
        for (position, event) in self.events.iter().enumerate() {
            let id = self.id(event);
            if named_ids.contains(id) {
                positions.entry(id).or_insert(position);
            }
            let Some(original) = event.original else { continue };
            let original = positions.get(self.texts.text(original)).copied();
            let paid = original.map(|position| self.events[position].paid());
            let before = original.is_some_and(|position| reversed.contains(&position));
            let obstacle = event.paid().obstacle(paid.as_ref(), before);
            let outcome = match (original, obstacle) {
                (Some(position), None) => {
                    reversed.insert(position);
                    Ok(position)
                }
                (_, note) => Err(note.unwrap_or(Note::OriginalUnknown)),
            };
            found.insert(event.row, outcome);
        }
        found
    }

    /// Why a reversal takes nothing back.
    pub(crate) fn note(&self, event: &Event) -> Option<Note> {
        event.original?;
        self.reversals.get(&event.row)?.err()
    }

    /// Applies a row to the accounts.
    pub(crate) fn apply(&self, memory: &mut Memory, event: &Event) {
        if event.facts.kind != Kind::Reversal {
            memory.apply(&event.facts);
        } else if let Some(Ok(position)) = self.reversals.get(&event.row) {
            memory.take_back(&self.events[*position].facts);
        }
    }
}

impl Event {
    fn paid(&self) -> ReversiblePayment {
        ReversiblePayment { facts: self.facts, money: self.terms.amount }
    }
}

#[cfg(test)]
mod tests {
    use sentinel::reference::Reference;
    use sentinel::register::VersionedSet as _;

    use super::*;
    use crate::dataset::Hints;

    /// The history of one NDJSON file with these payments: id, kind, original, amount.
    fn history(rows: &[(&str, &str, Option<&str>, &str)]) -> History {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.ndjson");
        let line =
            |(at, (id, kind, original, amount)): (usize, &(&str, &str, Option<&str>, &str))| {
                let mut row = serde_json::json!({
                    "msg_id": id, "timestamp": format!("2026-03-02T13:{at:02}:00Z"), "kind": kind,
                    "sender": {"account": "A", "bank_country": "DE"},
                    "receiver": {"account": "B", "bank_country": "DE"},
                    "amount": amount, "currency": "EUR", "payment_type": "transfer",
                });
                if let Some(original) = original {
                    row["original_msg_id"] = (*original).into();
                }
                format!("{row}\n")
            };
        std::fs::write(&path, rows.iter().enumerate().map(line).collect::<String>()).unwrap();
        let mut history = History::default();
        history.read(&path, &Hints::default(), &Reference::embedded().unwrap(), None).unwrap();
        history.sort_by_time();
        assert_eq!(history.len(), rows.len() as u64);
        history
    }

    #[test]
    fn a_reversal_takes_back_an_earlier_payment_once() {
        let history = history(&[
            ("r0", "reversal", Some("p1"), "90"),
            ("p1", "payment", None, "90"),
            ("r1", "reversal", Some("p1"), "91"),
            ("r2", "reversal", Some("p1"), "90"),
            ("r3", "reversal", Some("p1"), "90"),
            ("d1", "declined", None, "90"),
            ("r4", "reversal", Some("d1"), "90"),
        ]);
        let notes: Vec<Option<Note>> =
            history.events().iter().map(|event| history.note(event)).collect();
        let (unknown, before) = (Some(Note::OriginalUnknown), Some(Note::AlreadyReversed));
        assert_eq!(notes, [unknown, None, unknown, None, before, None, unknown]);
        let mut memory = Memory::default();
        history.events().iter().for_each(|event| history.apply(&mut memory, event));
        let facts = &history.events()[0].facts;
        assert_eq!(memory.pair(facts.sender, facts.receiver).unwrap().count, 0);
    }
}
