//! Listeners: WebSocket connections, and the single-use tickets that open them, since a browser
//! cannot send a token with a WebSocket handshake.

use sha2::{Digest as _, Sha256};

use super::item::{self, key, n, s};
use super::key::{TICKET_SORT, connections, ticket};
use super::{Store, StoreError};
use sentinel::payment::tenant::Tenant;

/// API Gateway ends a connection after two hours.
const CONNECTION_SECONDS: i64 = 7_200;

impl Store {
    /// Stores a ticket, which is valid until it is used or `expires_at` (epoch seconds) passes.
    pub async fn keep_ticket(
        &self,
        tenant: &Tenant,
        secret: &str,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(key(ticket(tenant, &hash(secret)), TICKET_SORT)))
            .item("expires_at", n(expires_at))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await
            .map(|_| ())
            .map_err(|err| StoreError::service("PutItem", &err))
    }

    /// Uses up a ticket. `false` if it is unknown, used or expired. The expiry is checked here
    /// because DynamoDB may delete expired items days late. `now` is in epoch seconds.
    pub async fn redeem_ticket(
        &self,
        tenant: &Tenant,
        secret: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key(ticket(tenant, &hash(secret)), TICKET_SORT)))
            .condition_expression("attribute_exists(pk) AND expires_at > :now")
            .expression_attribute_values(":now", n(now));
        match delete.send().await {
            Ok(_) => Ok(true),
            Err(err)
                if err
                    .as_service_error()
                    .is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                Ok(false)
            }
            Err(err) => Err(StoreError::service("DeleteItem", &err)),
        }
    }

    /// Stores a connection that was opened `now` (epoch seconds).
    pub async fn keep_connection(
        &self,
        tenant: &Tenant,
        connection_id: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(key(connections(tenant), connection_id)))
            .item("connected_at", n(now))
            .item("expires_at", n(now + CONNECTION_SECONDS))
            .send()
            .await
            .map(|_| ())
            .map_err(|err| StoreError::service("PutItem", &err))
    }

    /// Deletes a connection; an unknown one is no error.
    pub async fn forget_connection(
        &self,
        tenant: &Tenant,
        connection_id: &str,
    ) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key(connections(tenant), connection_id)))
            .send()
            .await
            .map(|_| ())
            .map_err(|err| StoreError::service("DeleteItem", &err))
    }

    /// Returns the ids of a tenant's connections that are younger than API Gateway's limit.
    pub async fn connections(&self, tenant: &Tenant, now: i64) -> Result<Vec<String>, StoreError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .filter_expression("expires_at > :now")
            .expression_attribute_values(":pk", s(connections(tenant)))
            .expression_attribute_values(":now", n(now))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut ids = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|err| StoreError::service("Query", &err))?;
            ids.push(item::text(&item, "sk")?);
        }
        Ok(ids)
    }
}

/// Hashes a ticket's secret. Only the hash is stored, so that nobody who can read the table can
/// open a connection.
fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}
