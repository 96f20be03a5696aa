//! Sets of observations. In bodies and in the store an observation is a textual code; in memory a
//! set of them is a few bits, so that judging a payment neither allocates nor compares strings.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An observation that either holds or does not.
pub trait Flag: Copy + PartialEq + 'static {
    /// All observations, at most 16, in the order in which a set lists them.
    const ALL: &'static [Self];

    /// Returns the stable text that stands for it in JSON.
    fn code(self) -> &'static str;
}

/// A set of observations; in JSON, a list of their codes. Reading ignores codes that this release
/// does not know, so that an older release can read what a newer one wrote.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct FlagSet<F> {
    bits: u16,
    flag: PhantomData<F>,
}

impl<F: Flag> FlagSet<F> {
    pub const EMPTY: Self = Self { bits: 0, flag: PhantomData };

    pub fn is_empty(&self) -> bool {
        self.bits == 0
    }

    pub fn contains(self, flag: F) -> bool {
        self.iter().any(|held| held == flag)
    }

    /// Whether the set contains the flag at this index of [`Flag::ALL`].
    pub fn holds_at(self, place: usize) -> bool {
        self.bits & (1 << place) != 0
    }

    pub fn iter(self) -> impl Iterator<Item = F> {
        let places = F::ALL.iter().enumerate();
        places.filter(move |(place, _)| self.holds_at(*place)).map(|(_, flag)| *flag)
    }

    pub fn codes(self) -> impl Iterator<Item = &'static str> {
        self.iter().map(F::code)
    }
}

impl<F> Default for FlagSet<F> {
    fn default() -> Self {
        Self { bits: 0, flag: PhantomData }
    }
}

impl<F: Flag> Extend<F> for FlagSet<F> {
    fn extend<I: IntoIterator<Item = F>>(&mut self, flags: I) {
        for flag in flags {
            let place = F::ALL.iter().position(|known| *known == flag);
            self.bits |= 1 << place.expect("ALL holds every flag");
        }
    }
}

impl<F: Flag> FromIterator<F> for FlagSet<F> {
    fn from_iter<I: IntoIterator<Item = F>>(flags: I) -> Self {
        let mut set = Self::EMPTY;
        set.extend(flags);
        set
    }
}

impl<F: Flag> fmt::Debug for FlagSet<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.codes()).finish()
    }
}

impl<F: Flag> Serialize for FlagSet<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.codes())
    }
}

impl<'de, F: Flag> Deserialize<'de> for FlagSet<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Codes(PhantomData))
    }
}

struct Codes<F>(PhantomData<F>);

impl<'de, F: Flag> Visitor<'de> for Codes<F> {
    type Value = FlagSet<F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of codes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut codes: A) -> Result<Self::Value, A::Error> {
        let mut set = FlagSet::EMPTY;
        while let Some(code) = codes.next_element::<String>()? {
            set.extend(F::ALL.iter().copied().filter(|flag| flag.code() == code));
        }
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::transaction::TextFlag;

    #[test]
    fn a_set_is_a_list_of_codes_in_their_order() {
        let set: FlagSet<TextFlag> = [TextFlag::Url, TextFlag::Instruction].into_iter().collect();
        assert_eq!(serde_json::to_string(&set).unwrap(), r#"["instruction","url"]"#);
        assert!(set.contains(TextFlag::Url) && !set.contains(TextFlag::Markup));
        assert!(!set.is_empty() && FlagSet::<TextFlag>::EMPTY.is_empty());
    }

    #[test]
    fn a_code_of_a_later_release_is_left_out() {
        let read = |text: &str| serde_json::from_str::<FlagSet<TextFlag>>(text);
        let known: FlagSet<TextFlag> = [TextFlag::Url].into_iter().collect();
        assert_eq!(read(r#"["url","of_tomorrow"]"#).unwrap(), known);
        assert!(read(r#""url""#).is_err());
    }
}
