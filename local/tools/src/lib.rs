//! The tools: some work on recorded payments with the core that runs in production, others are clients
//! of a running system's API.

pub mod api;
pub mod backtest;
pub mod bench_llm;
pub mod columns;
pub mod dataset;
pub mod demo;
pub mod explain;
pub mod features;
pub mod files;
mod history;
pub mod import;
mod lifecycle;
pub mod openapi;
pub mod progress;
pub mod reference;
pub mod replay;
pub mod rules;
pub mod simulate;
mod terminal;
pub mod tune;
