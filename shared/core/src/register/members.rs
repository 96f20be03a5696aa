//! A JSON object split into its members, whose values stay unparsed, for readers that handle the
//! members one by one.

use crate::json::RawValue;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// The members of a JSON object in order, each value still as text. Repeated members are kept.
pub struct Members<'a>(pub Vec<Member<'a>>);

/// A name and its value.
pub type Member<'a> = (String, &'a RawValue);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}
