//! Journeys through the running suite.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod accounts;
mod answers;
mod backtest;
mod bad_inputs;
mod bank;
mod cases;
mod contract;
mod dedupe;
mod delivery;
mod demo;
mod dispositions;
mod history;
mod injections;
mod journeys;
mod model;
mod peers;
mod reference;
mod reversals;
mod rules;
mod second_look;
mod sign_in;
mod uncertain;
