//! Why a message has to be delivered again.

use sentinel::payment::queue_message::QueueMessageError;
use store::StoreError;

/// Why a look could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    #[error("its body cannot be read: {0}")]
    Unread(#[from] QueueMessageError),
    #[error(transparent)]
    Store(#[from] StoreError),
}
