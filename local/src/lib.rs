//! The suite on one machine.
