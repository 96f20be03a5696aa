//! When payments are in their order: the one tolerance that all state is read with.

/// Payments that overtake each other by no more than this, in seconds, are in order: queues deliver
/// them so, and what happens within an hour belongs together, whichever came first.
pub const TOLERANCE_S: f64 = 3_600.0;

/// Whether a payment at `at` is late where `newest` has been counted.
pub fn is_late(at: f64, newest: f64) -> bool {
    newest - at > TOLERANCE_S
}
