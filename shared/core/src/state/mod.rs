//! What is known of accounts when a payment comes, and what that says of it.

pub mod facts;
pub mod features;
pub mod graph;
pub mod late;
pub mod memory;
pub mod neighbourhood;
pub mod order;
pub mod peers;
pub mod profile;
pub mod unit;
