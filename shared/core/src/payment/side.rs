//! The two sides of a payment.

use serde::{Deserialize, Serialize};

/// A side of a payment. For a rule, the side whose behaviour it observes and whose account its
/// alert is about.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    #[default]
    Sender,
    Receiver,
}

impl Side {
    pub const ALL: [Self; 2] = [Self::Sender, Self::Receiver];

    pub fn code(self) -> &'static str {
        match self {
            Self::Sender => "sender",
            Self::Receiver => "receiver",
        }
    }
}
