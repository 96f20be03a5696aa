//! Why a message has to be delivered again.

use model::ModelError;
use sentinel::payment::queue_message::QueueMessageError;
use store::StoreError;

/// Why a message could not be settled.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    #[error("its body cannot be read: {0}")]
    Unread(#[from] QueueMessageError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Model(#[from] ModelError),
}
