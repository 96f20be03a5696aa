//! How figures are written for a person: amounts with their currency, times, counts and shares. Rules,
//! reasons and narratives all write them this way.

pub mod money;
pub mod numbers;
