//! The registrar checks a document before it is registered, whichever register it is for. It sits
//! above rules and reference data, so that neither depends on the other.

use jiff::civil::Date;

use crate::reference::Reference;
use crate::register::document::DocumentError;
use crate::register::{Register, SetSummary, VersionedSet as _};
use crate::rules::RuleSet;

/// Checks a document of a register and returns what is stored about it.
pub fn summarise(register: Register, document: &str) -> Result<SetSummary, DocumentError> {
    match register {
        Register::Rules => RuleSet::load(document).map(|set| set.summary()),
        Register::Reference => Reference::load(document).map(|set| set.summary()),
    }
}

/// [`summarise`] for a new document, whose parts must not be dated in the future
/// ([`VersionedSet::draft`](crate::register::VersionedSet::draft)).
pub fn draft(register: Register, document: &str, today: Date) -> Result<SetSummary, DocumentError> {
    match register {
        Register::Rules => RuleSet::draft(document, today).map(|set| set.summary()),
        Register::Reference => Reference::draft(document, today).map(|set| set.summary()),
    }
}
