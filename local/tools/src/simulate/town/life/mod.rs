//! The parts of ordinary life. Every kind of innocent payment is named where it is made, and the
//! tests list them all.

mod abroad;
mod agents;
mod beginnings;
mod finance;
mod friends;
mod giving;
mod home;
mod property;
mod public;
mod quiet;
mod spending;
mod trade;
mod work;

use super::ledger::Town;
use super::people::Population;

type Part = fn(&mut Town, &Population);

/// Simulates the honest life of a town.
pub(super) fn live(town: &mut Town, population: &Population) {
    let parts: [(&str, Part); 13] = [
        ("home", home::live),
        ("spending", spending::live),
        ("work", work::live),
        ("trade", trade::live),
        ("public", public::live),
        ("friends", friends::live),
        ("giving", giving::live),
        ("finance", finance::live),
        ("property", property::live),
        ("abroad", abroad::live),
        ("agents", agents::live),
        ("beginnings", beginnings::live),
        ("quiet", quiet::live),
    ];
    for (name, part) in parts {
        town.begin(name);
        part(town, population);
    }
}
