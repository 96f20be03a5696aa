//! The topics of each row's alert, needed to tell which alerts would open at other alert lines. Few of
//! these lists differ, so each is stored once and a row keeps its number.

use std::collections::HashMap;

use sentinel::cascade::alerting::{Topic, topics};

/// Distinct lists of topics, by number.
pub(crate) struct TopicLists {
    lists: Vec<Vec<Topic>>,
    numbers: HashMap<Vec<Topic>, u32>,
}

impl Default for TopicLists {
    /// Number 0 is for rows on which no rule fired, which are most of them.
    fn default() -> Self {
        let mut lists = Self { lists: Vec::new(), numbers: HashMap::new() };
        lists.number(topics(&[]));
        lists
    }
}

impl TopicLists {
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
