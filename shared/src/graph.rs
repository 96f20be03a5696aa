//! Evidence from two steps away: what the accounts that paid the sender, and those the receiver
//! paid, have been doing. It costs a second, bounded read and is gathered only where the first
//! levels are undecided; a rule that names one of these values waits for it.

/// Every value's name, in order.
pub const NAMES: [&str; VALUE_COUNT] = [
    "upstream_out_new_7d",
    "upstream_in_new_7d",
    "downstream_in_new_7d",
    "downstream_out_new_7d",
    "scatter_gather_paths",
    "cycle_of_four_paths",
];

/// What each value is, in an analyst's words.
pub const WORDS: [&str; VALUE_COUNT] = [
    "new receivers this week of an account that paid the sender",
    "new payers this week of an account that paid the sender",
    "new payers this week of an account the receiver pays",
    "new receivers this week of an account the receiver pays",
    "accounts that carry money from one source to the receiver",
    "ways the money returns to the sender over two more accounts",
];

/// How many values there are.
pub const VALUE_COUNT: usize = 6;

/// The values of one transaction, in the order of [`NAMES`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Graph([f32; VALUE_COUNT]);

impl Graph {
    pub fn values(&self) -> &[f32] {
        &self.0
    }

    pub fn get(&self, name: &str) -> Option<f32> {
        NAMES.iter().position(|known| *known == name).map(|at| self.0[at])
    }
}
