//! What each row is about, for whoever asks what would open at other lines. Few lists of topics differ,
//! so each is kept once and a row keeps its number.

use std::collections::HashMap;

use sentinel::cascade::alerting::{Topic, topics};

/// Lists of topics by their numbers.
pub(crate) struct Abouts {
    lists: Vec<Vec<Topic>>,
    numbers: HashMap<Vec<Topic>, u32>,
}

impl Default for Abouts {
    /// Number 0 is of rows on which no rule fired: most of them.
    fn default() -> Self {
        let mut abouts = Self { lists: Vec::new(), numbers: HashMap::new() };
        abouts.number(topics(&[]));
        abouts
    }
}

impl Abouts {
    pub(crate) fn topics(&self, number: u32) -> &[Topic] {
        &self.lists[number as usize]
    }

    pub(super) fn number(&mut self, topics: Vec<Topic>) -> u32 {
        if let Some(number) = self.numbers.get(&topics) {
            return *number;
        }
        let number = u32::try_from(self.lists.len()).expect("fewer than 2^32 lists fit in memory");
        self.lists.push(topics.clone());
        self.numbers.insert(topics, number);
        number
    }
}
