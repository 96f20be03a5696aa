//! How often a transaction is read and written again, and how long to wait in between.

use std::time::Duration;

use store::jitter;

/// Conflicts over a busy account pass in milliseconds; after this many the message comes again.
pub const ATTEMPTS: u32 = 10;

const FIRST_WAIT: Duration = Duration::from_millis(10);
const LONGEST_WAIT: Duration = Duration::from_millis(640);

/// Waits before the attempt after `attempt`.
pub async fn pause(attempt: u32) {
    tokio::time::sleep(jitter::backoff(attempt + 1, FIRST_WAIT, LONGEST_WAIT)).await;
}
