//! Why a message has to come again.

use model::ModelError;
use sentinel::payment::queue_message::UnreadMessage;
use store::StoreError;

/// What keeps a message from being settled now.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    #[error("its body cannot be read: {0}")]
    Unread(#[from] UnreadMessage),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Model(#[from] ModelError),
}
