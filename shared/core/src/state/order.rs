//! Which payments count as late: the one tolerance with which all state is read.

/// Seconds by which payments may overtake each other and still be in order: queues deliver them out
/// of order by this much, and events within an hour belong together whichever came first.
pub const TOLERANCE_S: f64 = 3_600.0;

/// Returns whether a payment at `at` is late once `newest` has been counted; both in seconds.
pub fn is_late(at: f64, newest: f64) -> bool {
    newest - at > TOLERANCE_S
}
