//! All account state in memory: what the table is to production, this is to the backtester, the
//! feature builder and the tests. It applies the very increments the store writes.

use std::collections::{HashMap, HashSet};

use crate::facts::Facts;
use crate::features::Neighbourhood;
use crate::profile::{Increments, Pair, Profile};

/// Profiles, pairs, and the ids already decided.
#[derive(Debug, Default)]
pub struct Memory {
    numbers: HashMap<Box<str>, u32>,
    profiles: Vec<Profile>,
    pairs: HashMap<(u32, u32), Pair>,
    decided: HashSet<Box<str>>,
}

impl Memory {
    /// What a transaction between these accounts sees, before it is recorded itself.
    pub fn neighbourhood(&self, sender: &str, receiver: &str) -> Neighbourhood {
        Neighbourhood {
            sender: self.profile(sender),
            receiver: self.profile(receiver),
            pair: self.pair(sender, receiver),
            reverse: self.pair(receiver, sender),
        }
    }

    /// Adds a transaction once; an id that was recorded before changes nothing.
    pub fn record(&mut self, msg_id: &str, sender: &str, receiver: &str, facts: &Facts) {
        if !self.decided.insert(msg_id.into()) {
            return;
        }
        let key = (self.number(sender), self.number(receiver));
        let increments = Increments::of(facts, self.pairs.get(&key).copied());
        self.profiles[key.0 as usize].apply(&increments.sender);
        self.profiles[key.1 as usize].apply(&increments.receiver);
        self.pairs.insert(key, increments.pair.applied());
    }

    pub fn profile(&self, account: &str) -> Profile {
        let number = self.numbers.get(account);
        number.map_or_else(Profile::default, |n| self.profiles[*n as usize].clone())
    }

    pub fn pair(&self, sender: &str, receiver: &str) -> Option<Pair> {
        let key = (*self.numbers.get(sender)?, *self.numbers.get(receiver)?);
        self.pairs.get(&key).copied()
    }

    fn number(&mut self, account: &str) -> u32 {
        if let Some(number) = self.numbers.get(account) {
            return *number;
        }
        let number = u32::try_from(self.profiles.len()).expect("fewer than 2^32 accounts fit");
        self.numbers.insert(account.into(), number);
        self.profiles.push(Profile::default());
        number
    }
}
