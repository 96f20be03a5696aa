//! Ids for requests and connections, unique even across restarts: the table outlives the process, and
//! a connection of an earlier run must not be mistaken for one of this run.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;

/// A counter with a random prefix for each run.
#[derive(Debug)]
pub struct Ids {
    run: [u8; 6],
    next: AtomicU64,
}

impl Ids {
    pub fn new() -> anyhow::Result<Self> {
        let mut run = [0; 6];
        getrandom::fill(&mut run).context("no randomness for ids")?;
        Ok(Self { run, next: AtomicU64::new(1) })
    }

    /// For a request: `9f86d081884c-0000002a`.
    pub fn request(&self) -> String {
        format!("{}-{:08x}", hex::encode(self.run), self.next())
    }

    /// For a WebSocket connection, in API Gateway's form: 16 characters, the last of which is an `=`
    /// that has to be escaped in a path.
    pub fn connection(&self) -> String {
        let mut bytes = [0; 11];
        bytes[..6].copy_from_slice(&self.run);
        bytes[6..].copy_from_slice(&self.next().to_be_bytes()[3..]);
        URL_SAFE.encode(bytes)
    }

    fn next(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_within_and_across_runs() {
        let (one, other) = (Ids::new().unwrap(), Ids::new().unwrap());
        let ids = [one.request(), one.request(), other.request(), other.request()];
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len(), "{ids:?}");
        assert_ne!(one.connection(), one.connection());
        assert_ne!(one.connection(), other.connection());
    }

    #[test]
    fn a_connection_id_looks_like_api_gateways() {
        let id = Ids::new().unwrap().connection();
        assert_eq!((id.len(), id.ends_with('=')), (16, true), "{id}");
    }
}
