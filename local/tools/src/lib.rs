//! The tools: over recorded payments, with the very core that runs in production, and over a running
//! system, as its API client.

pub mod api;
pub mod backtest;
pub mod columns;
pub mod dataset;
pub mod demo;
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
pub mod simulate;
mod terminal;
pub mod tune;
