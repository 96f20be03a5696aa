//! The table, over the AWS SDK: one concrete type, no trait. Tests redirect it with
//! `AWS_ENDPOINT_URL`, so that conditions, pagination and retries are really exercised.

pub mod gate;
pub mod ledger;

/// The single table of the system.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) client: aws_sdk_dynamodb::Client,
    pub(crate) table: String,
}

impl Store {
    pub fn new(client: aws_sdk_dynamodb::Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }
}
