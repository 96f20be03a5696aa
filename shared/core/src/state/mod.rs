//! The state of accounts before a payment, and the evidence drawn from it: facts, features, graph.

pub mod activity;
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
