//! A separate world for each test: a DynamoDB endpoint on a free port with an empty table.

#![allow(dead_code, reason = "each test binary takes what it needs")]

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use aws_sdk_dynamodb::{Client, Config};
use sentinel::payment::tenant::Tenant;
use store::Store;

pub const TABLE: &str = "sentinel";

/// The store, and a client for inspecting the table behind it.
pub struct World {
    pub store: Store,
    pub client: Client,
}

pub fn tenant() -> Tenant {
    Tenant::parse("main").unwrap()
}

/// Starts a DynamoDB endpoint and returns its address.
pub async fn dynamodb() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let database = dynoxide::Database::memory().unwrap();
    tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database, std::future::pending()));
    endpoint
}

impl World {
    pub async fn start() -> Self {
        Self::at(dynamodb().await).await
    }

    /// Creates a world whose table is reached at this address.
    pub async fn at(endpoint: String) -> Self {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(endpoint)
            .build();
        let client = Client::from_conf(config);
        create_table(&client).await;
        Self { store: Store::new(client.clone(), TABLE), client }
    }

    /// Returns the keys of everything in the table as `pk/sk`, sorted.
    pub async fn keys(&self) -> Vec<String> {
        let items = self.client.scan().table_name(TABLE).send().await.unwrap();
        let word = |value: &aws_sdk_dynamodb::types::AttributeValue| value.as_s().unwrap().clone();
        let keys = items.items().iter();
        let mut keys: Vec<String> =
            keys.map(|item| format!("{}/{}", word(&item["pk"]), word(&item["sk"]))).collect();
        keys.sort();
        keys
    }
}

async fn create_table(client: &Client) {
    let mut table =
        client.create_table().table_name(TABLE).billing_mode(BillingMode::PayPerRequest);
    for (name, kind) in [("pk", KeyType::Hash), ("sk", KeyType::Range)] {
        table = table
            .attribute_definitions(
                AttributeDefinition::builder()
                    .attribute_name(name)
                    .attribute_type(ScalarAttributeType::S)
                    .build()
                    .unwrap(),
            )
            .key_schema(
                KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap(),
            );
    }
    table.send().await.unwrap();
}
