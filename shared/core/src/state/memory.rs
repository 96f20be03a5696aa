//! All account state in memory, which takes the place of the table in the backtester, the feature
//! builder and the tests. It applies the same increments as the store writes.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::payment::account_id::AccountId;
use crate::state::facts::Facts;
use crate::state::graph::{Graph, Steps};
use crate::state::neighbourhood::Neighbourhood;
use crate::state::profile::{Increments, Pair, Profile};

/// Profiles, pairs, and the ids already decided.
#[derive(Debug, Default)]
pub struct Memory {
    numbers: HashMap<AccountId, u32, BuildHasherDefault<KeyHasher>>,
    profiles: Vec<Profile>,
    pairs: HashMap<(u32, u32), Pair, BuildHasherDefault<KeyHasher>>,
    decided: HashSet<Box<str>>,
}

impl Memory {
    /// Returns the state that a transaction meets, before it is recorded.
    pub fn neighbourhood(&self, facts: &Facts) -> Neighbourhood<'_> {
        let number = |account| self.numbers.get(&account).copied();
        let profile = |number: Option<u32>| {
            number.map_or(&Profile::UNKNOWN, |number| &self.profiles[number as usize])
        };
        let (sender, receiver) = (number(facts.sender), number(facts.receiver));
        let pair = |from: Option<u32>, to: Option<u32>| self.pairs.get(&(from?, to?)).copied();
        Neighbourhood {
            sender: profile(sender),
            receiver: profile(receiver),
            pair: pair(sender, receiver),
            reverse: pair(receiver, sender),
            party: facts.party.map(|party| self.profile(party)),
        }
    }

    /// Returns the evidence from two steps away.
    pub fn graph(&self, facts: &Facts, around: &Neighbourhood<'_>) -> Graph {
        let steps = Steps::from(facts, around);
        let profiles =
            |ids: Vec<AccountId>| ids.into_iter().map(|id| self.profile(id)).collect::<Vec<_>>();
        Graph::of(facts, around, &profiles(steps.upstream), &profiles(steps.downstream))
    }

    /// Adds a transaction once; an id that has been recorded before changes nothing.
    pub fn record(&mut self, msg_id: &str, facts: &Facts) {
        if self.decided.insert(msg_id.into()) {
            self.apply(facts);
        }
    }

    /// Adds a transaction without recording its id; the caller knows it to be new.
    pub fn apply(&mut self, facts: &Facts) {
        if !facts.kind.counts() {
            return;
        }
        let key = (self.number(facts.sender), self.number(facts.receiver));
        let pair = self.pairs.entry(key);
        let known = match &pair {
            Entry::Occupied(pair) => Some(*pair.get()),
            Entry::Vacant(_) => None,
        };
        let increments = Increments::of(facts, known);
        if let Some(change) = &increments.pair {
            pair.insert_entry(change.applied());
        }
        self.write(key, &increments);
    }

    /// Takes back what a transaction has added; does nothing if its accounts have never met.
    pub fn take_back(&mut self, facts: &Facts) {
        let key = (self.number(facts.sender), self.number(facts.receiver));
        let Some(pair) = self.pairs.get_mut(&key) else { return };
        let increments = Increments::reversing(facts, *pair);
        if let Some(change) = &increments.pair {
            *pair = change.applied();
        }
        self.write(key, &increments);
    }

    fn write(&mut self, key: (u32, u32), increments: &Increments) {
        self.profiles[key.0 as usize].apply(&increments.sender);
        self.profiles[key.1 as usize].apply(&increments.receiver);
        if let Some((party, change)) = &increments.party {
            let number = self.number(*party);
            self.profiles[number as usize].apply(change);
        }
    }

    /// Returns an account's profile, which is empty if the account has never been seen.
    pub fn profile(&self, account: AccountId) -> &Profile {
        let number = self.numbers.get(&account);
        number.map_or(&Profile::UNKNOWN, |n| &self.profiles[*n as usize])
    }

    pub fn pair(&self, sender: AccountId, receiver: AccountId) -> Option<Pair> {
        let key = (*self.numbers.get(&sender)?, *self.numbers.get(&receiver)?);
        self.pairs.get(&key).copied()
    }

    fn number(&mut self, account: AccountId) -> u32 {
        *self.numbers.entry(account).or_insert_with(|| {
            self.profiles.push(Profile::UNKNOWN);
            u32::try_from(self.profiles.len() - 1).expect("fewer than 2^32 accounts fit")
        })
    }
}

/// A hasher for keys that are hashes already, or small consecutive numbers: one multiplication per
/// key spreads them well enough.
#[derive(Debug, Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        // 2^64 divided by the golden ratio.
        self.0 = (self.0.rotate_left(32) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
