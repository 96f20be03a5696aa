//! Answers of the LLM, stored by the fingerprint of the case's shape, so that cases alike, a
//! redelivered message and an analyst's request for an explanation cost nothing the second time. It
//! is only a cache: after any failure here the LLM is asked again.

use std::time::Duration;

use jiff::Timestamp;

use super::Store;
use super::ledger::{LedgerError, count, number, store_error, text};
use sentinel::payment::tenant::Tenant;

impl Store {
    /// Returns the text of an answer that has not expired. The expiry is checked here because
    /// DynamoDB may delete expired items days late.
    pub async fn cached_answer(
        &self,
        tenant: &Tenant,
        fingerprint: &str,
        now: Timestamp,
    ) -> Result<Option<String>, LedgerError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", text(&format!("{tenant}#llm#{fingerprint}")))
            .key("sk", text("response"))
            .send()
            .await
            .map_err(|err| store_error(&err))?;
        let Some(item) = answer.item() else { return Ok(None) };
        let fresh = count::<i64>(item, "expires_at")? > now.as_second();
        let body = item.get("body").and_then(|body| body.as_s().ok()).cloned();
        Ok(body.filter(|_| fresh))
    }

    /// Stores an answer for a time that begins now.
    pub async fn keep_answer(
        &self,
        tenant: &Tenant,
        fingerprint: &str,
        answer: &str,
        (now, keep_for): (Timestamp, Duration),
    ) -> Result<(), LedgerError> {
        let keep_for = i64::try_from(keep_for.as_secs()).unwrap_or(i64::MAX);
        self.client
            .put_item()
            .table_name(&self.table)
            .item("pk", text(&format!("{tenant}#llm#{fingerprint}")))
            .item("sk", text("response"))
            .item("body", text(answer))
            .item("expires_at", number(now.as_second().saturating_add(keep_for)))
            .send()
            .await
            .map(|_| ())
            .map_err(|err| store_error(&err))
    }
}
