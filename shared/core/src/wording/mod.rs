//! Formats figures for people: amounts with their currency, times, counts and shares. Rules,
//! reasons and narratives all use it.

pub mod money;
pub mod numbers;
