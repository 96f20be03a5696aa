//! What one account has sent to another: the edge of the graph, bounded to one small item.

/// The payments from one account to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    pub count: f64,
    /// In the base currency.
    pub amount: f64,
    /// Seconds since the Unix epoch.
    pub first_seen: f64,
    pub last_seen: f64,
}
