//! The lifecycle of a rule set or reference set: draft, shadow, live, retired. This module decides
//! which moves are allowed and to whom; the table then makes the move, unless somebody else moved a
//! set of the register first.
//!
//! Four eyes: nobody may put live a set that they wrote. A rollback needs only one person, because
//! the set that returns was approved before and an incident cannot wait.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::SetSummary;
use crate::payment::utc_time::UtcTime;
use crate::register::parts::Part;

/// Stands for the set that comes with the deployment, whatever its version.
pub const EMBEDDED: &str = "embedded";

/// The state of a set in its lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SetState {
    Draft,
    /// Came with a deployment; kept so that its decisions can still be explained after later
    /// deployments.
    Embedded,
    /// Judges every payment alongside the live set without affecting any decision.
    Shadow,
    Live,
    Retired,
}

impl SetState {
    pub const ALL: [Self; 5] =
        [Self::Draft, Self::Embedded, Self::Shadow, Self::Live, Self::Retired];

    pub fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Embedded => EMBEDDED,
            Self::Shadow => "shadow",
            Self::Live => "live",
            Self::Retired => "retired",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// The sets of a register that are in force. `revision` counts moves, so that only one of two
/// concurrent moves succeeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Head {
    /// Version of the live set, or `embedded` for the one that comes with the deployment.
    #[schema(example = "2026-11-23@0a1b2c3d4e5f6071")]
    pub live: String,
    /// Version of the set in the shadow.
    pub shadow: Option<String>,
    /// Version that a rollback returns to; unset after a rollback.
    #[schema(example = "embedded")]
    pub previous: Option<String>,
    pub revision: u64,
}

impl Default for Head {
    fn default() -> Self {
        Self { live: EMBEDDED.to_owned(), shadow: None, previous: None, revision: 0 }
    }
}

/// A registered set, without its document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RegisteredSet {
    /// The document's version and hash.
    #[schema(example = "2026-11-23@0a1b2c3d4e5f6071")]
    pub version: String,
    pub state: SetState,
    pub description: String,
    /// Number of rules in a rule set; number of rates, listed countries and thresholds in a
    /// reference set.
    pub entries: u64,
    /// Subject of the token that drafted it; `deployment` if it came with one.
    pub author: String,
    /// Subject of the token that put it live.
    pub approver: Option<String>,
    pub created_at: UtcTime,
    pub changed_at: UtcTime,
    /// The note given with the last change.
    pub note: String,
    /// The date of each part of a reference set. The API returns the ages derived from it.
    #[serde(skip)]
    pub dates: BTreeMap<Part, Date>,
}

impl RegisteredSet {
    /// Creates the entry for a new set.
    pub fn new(set: SetSummary, state: SetState, author: &str, at: UtcTime) -> Self {
        Self {
            version: set.version,
            state,
            description: set.description,
            entries: set.entries,
            author: author.to_owned(),
            approver: None,
            created_at: at,
            changed_at: at,
            note: String::new(),
            dates: set.dates,
        }
    }
}

/// An entry of a register's history, which is append-only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SetChange {
    pub at: UtcTime,
    /// Subject of the token that made the change.
    pub by: String,
    /// The set that changed.
    pub version: String,
    /// The state before; unset for a new set.
    pub from: Option<SetState>,
    pub to: SetState,
    /// Version of the set that it replaced.
    pub displaced: Option<String>,
    pub rollback: bool,
    pub note: String,
}

/// A move to be made: the head afterwards, and the new state of every set involved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    pub head: Head,
    /// Version and current state of the set that is moved. `None` if a rollback returns to the
    /// embedded set.
    pub moved: Option<(String, SetState)>,
    /// The new state of the moved set.
    pub to: SetState,
    /// Version and new state of the set that it replaces.
    pub displaced: Option<(String, SetState)>,
}

/// Why a move is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoveRefusal {
    #[error("You wrote this set; another person has to put it live.")]
    FourEyes,
    #[error("A set in the state {} cannot become {}.", from.code(), to.code())]
    NoWay { from: SetState, to: SetState },
    #[error(
        "The live set is not taken away: put another one live, or roll back to the one before."
    )]
    LiveStays,
    #[error("There is nothing to roll back to: no set was live before, or it was just left.")]
    NothingBefore,
}

/// Decides on a request, made by the token subject `by`, to move a set to another state.
pub fn transition(
    head: &Head,
    set: &RegisteredSet,
    to: SetState,
    by: &str,
) -> Result<Move, MoveRefusal> {
    use SetState::{Draft, Embedded, Live, Retired, Shadow};
    let mut after = Head { revision: head.revision + 1, ..head.clone() };
    let mut displaced = None;
    match (set.state, to) {
        (Draft | Embedded | Retired, Shadow) => {
            // One shadow at a time, because it doubles the judging of every decision.
            displaced = head.shadow.clone().map(|version| (version, Draft));
            after.shadow = Some(set.version.clone());
        }
        (Shadow, Live) if set.author == by => return Err(MoveRefusal::FourEyes),
        (Shadow, Live) => {
            displaced = (head.live != EMBEDDED).then(|| (head.live.clone(), Retired));
            after.previous = Some(std::mem::replace(&mut after.live, set.version.clone()));
            after.shadow = None;
        }
        (Shadow, Retired) => after.shadow = None,
        (Draft | Embedded, Retired) => {}
        (Live, Retired) => return Err(MoveRefusal::LiveStays),
        (from, to) => return Err(MoveRefusal::NoWay { from, to }),
    }
    let moved = Some((set.version.clone(), set.state));
    Ok(Move { head: after, moved, to, displaced })
}

/// Decides on returning to the set that was live before, which is possible only once.
pub fn rollback(head: &Head) -> Result<Move, MoveRefusal> {
    let previous = head.previous.clone().ok_or(MoveRefusal::NothingBefore)?;
    let displaced = (head.live != EMBEDDED).then(|| (head.live.clone(), SetState::Retired));
    let moved = (previous != EMBEDDED).then(|| (previous.clone(), SetState::Retired));
    let head = Head {
        live: previous,
        previous: None,
        // If the set that returns is running in the shadow, it leaves the shadow.
        shadow: head.shadow.clone().filter(|shadow| Some(shadow) != head.previous.as_ref()),
        revision: head.revision + 1,
    };
    Ok(Move { head, moved, to: SetState::Live, displaced })
}

#[cfg(test)]
mod tests {
    use super::SetState::{Draft, Embedded, Live, Retired, Shadow};
    use super::*;

    fn set(version: &str, state: SetState) -> RegisteredSet {
        RegisteredSet {
            version: version.to_owned(),
            state,
            description: String::new(),
            entries: 1,
            author: "ann".to_owned(),
            approver: None,
            created_at: UtcTime::parse("2026-01-01T00:00:00Z").unwrap(),
            changed_at: UtcTime::parse("2026-01-01T00:00:00Z").unwrap(),
            note: String::new(),
            dates: BTreeMap::new(),
        }
    }

    fn head(live: &str, shadow: Option<&str>, previous: Option<&str>) -> Head {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Head { live: live.to_owned(), shadow: own(shadow), previous: own(previous), revision: 7 }
    }

    #[test]
    fn the_way_to_live_leads_through_the_shadow_and_a_second_person() {
        let start = Head::default();
        let to_live = |state, by| transition(&start, &set("b@1", state), Live, by);
        for state in [Draft, Embedded, Retired, Live] {
            let refused = MoveRefusal::NoWay { from: state, to: Live };
            assert_eq!(to_live(state, "bob"), Err(refused));
        }
        assert_eq!(to_live(Shadow, "ann"), Err(MoveRefusal::FourEyes));
        let made = to_live(Shadow, "bob").unwrap();
        assert_eq!(
            (made.head.live.as_str(), made.head.previous.as_deref()),
            ("b@1", Some(EMBEDDED))
        );
        assert_eq!((made.head.revision, made.displaced), (1, None));
    }

    #[test]
    fn a_new_set_in_the_shadow_or_live_displaces_the_old_one() {
        let now = head("a@1", Some("b@1"), Some(EMBEDDED));
        let shadow = transition(&now, &set("c@1", Draft), Shadow, "ann").unwrap();
        assert_eq!(shadow.displaced, Some(("b@1".to_owned(), Draft)));
        assert_eq!(shadow.head.shadow.as_deref(), Some("c@1"));
        let live = transition(&now, &set("b@1", Shadow), Live, "bob").unwrap();
        assert_eq!(live.displaced, Some(("a@1".to_owned(), Retired)));
        let after = Head { revision: 8, ..head("b@1", None, Some("a@1")) };
        assert_eq!(live.head, after);
    }

    #[test]
    fn a_rollback_returns_once_and_does_not_swing_back() {
        let now = head("b@1", Some("c@1"), Some("a@1"));
        let back = rollback(&now).unwrap();
        assert_eq!(back.head, Head { revision: 8, ..head("a@1", Some("c@1"), None) });
        assert_eq!(back.moved, Some(("a@1".to_owned(), Retired)));
        assert_eq!(back.displaced, Some(("b@1".to_owned(), Retired)));
        assert_eq!(rollback(&back.head), Err(MoveRefusal::NothingBefore));
        let first = rollback(&head("b@1", None, Some(EMBEDDED))).unwrap();
        assert_eq!((first.head.live.as_str(), first.moved), (EMBEDDED, None));
        let shadowed = rollback(&head("b@1", Some("a@1"), Some("a@1"))).unwrap();
        assert_eq!(shadowed.head.shadow, None);
    }

    #[test]
    fn the_live_set_is_not_taken_away() {
        let refused = transition(&head("a@1", None, None), &set("a@1", Live), Retired, "bob");
        assert_eq!(refused, Err(MoveRefusal::LiveStays));
    }
}
