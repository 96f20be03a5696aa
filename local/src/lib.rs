//! The suite on one machine.

pub mod dataset;
pub mod features;
pub mod progress;
pub mod replay;
