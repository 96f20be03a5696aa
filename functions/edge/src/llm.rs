//! The LLM as the environment configures it.

use std::sync::Arc;

use aws_config::SdkConfig;
use lambda_runtime::Error;
use sentinel::llm::{Escalation, LlmConfig};
use sentinel::secret::SecretCache;
use sentinel::store::Store;

use crate::settings;

/// The function's secret, from `SECRET_ID`; fetched when first needed.
pub fn secrets(sdk: &SdkConfig) -> Result<Arc<SecretCache>, Error> {
    let client = aws_sdk_secretsmanager::Client::new(sdk);
    Ok(Arc::new(SecretCache::new(client, settings::required("SECRET_ID")?)))
}

/// The way to the LLM; without `LLM_BASE_URL`, the way to a person.
pub fn escalation(sdk: &SdkConfig, store: Store) -> Result<Escalation, Error> {
    escalation_with(secrets(sdk)?, store)
}

/// The same, for a function that needs the secret itself as well.
pub fn escalation_with(secrets: Arc<SecretCache>, store: Store) -> Result<Escalation, Error> {
    match LlmConfig::read(|name| std::env::var(name).ok())? {
        Some(config) => Ok(Escalation::new(config, store, secrets)?),
        None => Ok(Escalation::off()),
    }
}
