//! How often a conditional write is tried again while others change the same items, and how long to
//! wait in between.

use std::time::Duration;

use store::jitter;

/// Attempts per delivery. Conflicts over a busy account pass in milliseconds; after this many
/// attempts SQS has to deliver the message again.
pub const ATTEMPTS: u32 = 10;

const FIRST_WAIT: Duration = Duration::from_millis(10);
const LONGEST_WAIT: Duration = Duration::from_millis(640);

/// Waits for a random time after an attempt, counted from 0.
pub async fn pause(attempt: u32) {
    tokio::time::sleep(jitter::backoff(attempt + 1, FIRST_WAIT, LONGEST_WAIT)).await;
}
