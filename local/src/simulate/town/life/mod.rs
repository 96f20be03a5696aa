//! Ordinary life, by its parts. Every kind of innocent payment is named where it is made; all the
//! names together are `KINDS`.

mod abroad;
mod finance;
mod giving;
mod home;
mod property;
mod public;
mod quiet;
mod spending;
mod trade;
mod work;

use super::ledger::Town;
use super::people::Folk;

/// A town's honest days.
pub(super) fn live(town: &mut Town, folk: &Folk) {
    let parts: [(&str, fn(&mut Town, &Folk)); 10] = [
        ("home", home::live),
        ("spending", spending::live),
        ("work", work::live),
        ("trade", trade::live),
        ("public", public::live),
        ("giving", giving::live),
        ("finance", finance::live),
        ("property", property::live),
        ("abroad", abroad::live),
        ("quiet", quiet::live),
    ];
    for (name, part) in parts {
        town.begin(name);
        part(town, folk);
    }
}
