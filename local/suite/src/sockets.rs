//! The open connections of the WebSocket API, and the messages queued for each.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::extract::ws::Message;
use tokio::sync::mpsc;

/// Most messages queued for a slow client; one that falls further behind is disconnected, and fills its
/// gap later.
const OUTBOX: usize = 1_024;

/// The open connections.
#[derive(Debug, Default)]
pub struct Sockets(Mutex<HashMap<String, mpsc::Sender<Message>>>);

impl Sockets {
    /// Queues a message; false if the connection is gone. A connection whose outbox is full is closed:
    /// left open, it would never notice the messages it missed.
    pub fn send(&self, id: &str, text: String) -> bool {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = match open.get(id) {
            Some(outbox) => outbox.try_send(Message::Text(text.into())).is_ok(),
            None => return false,
        };
        if !sent {
            open.remove(id);
        }
        sent
    }

    pub fn close(&self, id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id).is_some()
    }

    pub fn knows(&self, id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(id)
    }

    /// Closes every connection.
    pub fn close_all(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(super) fn open(&self, id: &str) -> mpsc::Receiver<Message> {
        let (outbox, messages) = mpsc::channel(OUTBOX);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), outbox);
        messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_that_falls_too_far_behind_is_disconnected() {
        let sockets = Sockets::default();
        let mut slow = sockets.open("slow");
        for _ in 0..OUTBOX {
            assert!(sockets.send("slow", "alert".to_owned()));
        }
        assert!(!sockets.send("slow", "one too many".to_owned()));
        assert!(!sockets.knows("slow"));
        // It still gets what was queued, and then sees that the connection is closed.
        let mut received = 0;
        while slow.try_recv().is_ok() {
            received += 1;
        }
        assert_eq!(received, OUTBOX);
        assert_eq!(slow.try_recv(), Err(mpsc::error::TryRecvError::Disconnected));
    }
}
