//! The suite on one machine, and the tools that go with it.

pub mod api;
pub mod backtest;
pub mod columns;
pub mod dataset;
pub mod explain;
pub mod features;
pub mod files;
mod history;
pub mod import;
mod life;
pub mod progress;
pub mod reference;
pub mod replay;
pub mod rules;
pub mod serve;
pub mod simulate;
pub mod suite;
pub mod tune;
