//! Which parts of a text are to be replaced, and by what. A part belongs to whoever claims it first.

use std::ops::Range;

use super::Kind;

/// A part of a folded text that is to be replaced. Two parts with the same kind and identity get
/// the same placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    pub range: Range<usize>,
    pub kind: Kind,
    pub identity: String,
}

#[derive(Debug, Default)]
pub(super) struct Claims(Vec<Claim>);

impl Claims {
    /// Claims a part. If some of it is claimed already, the earlier claim takes the rest as well,
    /// because half an address still is somebody's.
    pub fn add(&mut self, range: Range<usize>, kind: Kind, identity: String) {
        let overlap =
            |known: &Claim| known.range.start < range.end && range.start < known.range.end;
        let mut overlapping = self.0.iter().enumerate().filter(|(_, claim)| overlap(claim));
        match (overlapping.next().map(|(at, _)| at), overlapping.next()) {
            (None, _) => self.0.push(Claim { range, kind, identity }),
            (Some(at), None) => {
                let known = &mut self.0[at].range;
                *known = known.start.min(range.start)..known.end.max(range.end);
            }
            // What lies between two claims stays; neither may grow into the other.
            (Some(_), Some(_)) => {}
        }
    }

    pub fn covers(&self, at: usize) -> bool {
        self.0.iter().any(|claim| claim.range.contains(&at))
    }

    /// Returns the claims in the order of the text.
    pub fn into_sorted(mut self) -> Vec<Claim> {
        self.0.sort_by_key(|claim| claim.range.start);
        self.0
    }
}
