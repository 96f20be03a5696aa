//! The suite on one machine.

pub mod dataset;
