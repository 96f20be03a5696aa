//! The registrar: checks a document that is to be registered, whichever register it is for. It stands
//! above rules and reference data, so that neither has to know the other.

use jiff::civil::Date;

use crate::reference::Reference;
use crate::register::document::DocumentError;
use crate::register::{Register, SetSummary, VersionedSet as _};
use crate::rules::RuleSet;

/// Checks a document of a register and says what is kept of it beside its text.
pub fn summarise(register: Register, document: &str) -> Result<SetSummary, DocumentError> {
    match register {
        Register::Rules => RuleSet::load(document).map(|set| set.summary()),
        Register::Reference => Reference::load(document).map(|set| set.summary()),
    }
}

/// [`summarise`] for a document that is new today: no part of it is of a later day.
pub fn draft(register: Register, document: &str, today: Date) -> Result<SetSummary, DocumentError> {
    match register {
        Register::Rules => RuleSet::draft(document, today).map(|set| set.summary()),
        Register::Reference => Reference::draft(document, today).map(|set| set.summary()),
    }
}
