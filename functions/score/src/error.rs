//! Why a message has to be delivered again.

use model::ModelError;
use sentinel::payment::queue_message::QueueMessageError;
use store::StoreError;

use crate::second_look::SecondLookError;

/// Why a message could not be settled.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    #[error("its body cannot be read: {0}")]
    Unread(#[from] QueueMessageError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("its second look could not be asked for: {0}")]
    SecondLook(#[from] SecondLookError),
}
