//! Journeys through the running suite.

mod bad_inputs;
mod contract;
mod delivery;
mod journeys;
mod uncertain;
