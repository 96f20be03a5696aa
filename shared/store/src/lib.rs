//! The table, over the AWS SDK: one concrete type, no trait. Tests redirect it with
//! `AWS_ENDPOINT_URL`, so that conditions, pagination and retries are really exercised.
//!
//! There is one table, whose keys begin with the tenant ([`key`]). A transaction's item is its
//! receipt, its idempotency record and, once decided, its decision and evidence.

mod alerts;
mod cases;
mod charge;
mod commit;
mod connections;
mod drift;
mod effect;
mod history;
mod item;
pub mod jitter;
pub mod key;
mod named_payments;
mod open_alerts;
mod original;
mod payments;
mod peers;
mod people;
mod placement;
mod profiles;
mod purposes;
mod receipts;
mod record;
mod registers;
mod revised;
mod second_look;
mod shadow;
mod surroundings;
mod work;

pub use alerts::{AlertPage, AlertQuery, AlertWithHits, StoredAlert};
pub use cases::{CasePage, CaseQuery, CaseWrite};
pub use charge::Charge;
pub use effect::TransactionEffect;
pub use open_alerts::{AlertHit, StoredHit, TopicState};
pub use payments::{AccountPayment, PaymentPage};
pub use peers::PEER_SHARDS;
pub use people::Person;
pub use placement::SurfacedDecision;
pub use receipts::{Receipt, ReceiptOutcome};
pub use record::{AlertWrite, NewAlert, NewDecision, RecordOutcome};
pub use registers::{MAX_DOCUMENT_BYTES, RegisterOutcome, TenantRegister};
pub use second_look::{PendingLook, RaisedAlert};
pub use surroundings::Surroundings;
pub use work::{StepOutcome, TakenStep};

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use item::Item;

pub mod gate;
pub mod guard;
pub mod ledger;
pub mod llm_cache;
pub mod usage;

/// The single table of the system.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) client: aws_sdk_dynamodb::Client,
    pub(crate) table: String,
}

impl Store {
    /// Creates a store with the function's AWS configuration.
    pub fn dial(sdk: &aws_types::SdkConfig, table: impl Into<String>) -> Self {
        Self::new(aws_sdk_dynamodb::Client::new(sdk), table)
    }

    pub fn new(client: aws_sdk_dynamodb::Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// Checks that the table answers, by reading a key that no item has.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(item::key("ping".to_owned(), "ping")))
            .send()
            .await
            .map(|_| ())
            .map_err(|err| StoreError::service("GetItem", &err))
    }

    /// Reads an item, strongly consistently.
    async fn item(&self, key: Item) -> Result<Option<Item>, StoreError> {
        let output = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key))
            .consistent_read(true)
            .send()
            .await
            .map_err(|err| StoreError::service("GetItem", &err))?;
        Ok(output.item)
    }
}

/// Why the table did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The service refused or could not be reached. Holds the service's error code, never an item.
    #[error("DynamoDB {operation} failed: {code}")]
    Service { operation: &'static str, code: String },
    /// An item lacks this attribute or holds one that cannot be used.
    #[error("an item of the table has no usable attribute {0}")]
    Item(&'static str),
    /// The document does not fit into an item.
    #[error("the document has {bytes} bytes; {most} can be kept")]
    TooLarge { bytes: usize, most: usize },
    /// Concurrent writers kept changing the same items.
    #[error("the profiles kept changing while the decision was written; {attempts} attempts")]
    Contention { attempts: u32 },
    /// The table repeatedly returned fewer items than requested.
    #[error("DynamoDB kept leaving keys unprocessed")]
    Unprocessed,
}

impl StoreError {
    /// Keeps only the service's code, since messages may quote keys.
    pub(crate) fn service<E, R>(operation: &'static str, err: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata,
    {
        let code = err.code().map_or_else(
            || match err {
                SdkError::TimeoutError(_) => "timeout".to_owned(),
                SdkError::DispatchFailure(_) => "dispatch failure".to_owned(),
                _ => "unreadable response".to_owned(),
            },
            str::to_owned,
        );
        Self::Service { operation, code }
    }
}
