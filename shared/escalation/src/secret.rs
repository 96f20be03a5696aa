//! The functions' secret: the API key of the LLM and the key for fingerprints. It comes from
//! Secrets Manager, is kept in memory, and is fetched again when the LLM no longer accepts its key.
//! Nothing here logs or prints.

use std::fmt;
use std::sync::Arc;

use aws_sdk_secretsmanager::Client;
use serde::Deserialize;
use tokio::sync::Mutex;

use sentinel::payment::fingerprint::FingerprintKey;

/// The secret's content.
pub struct Secrets {
    /// Empty if the LLM needs none (vLLM, Ollama).
    llm_api_key: String,
    pub fingerprint_key: FingerprintKey,
}

impl Secrets {
    /// Returns the LLM's key, for the `Authorization` header and nothing else.
    pub fn llm_api_key(&self) -> &str {
        &self.llm_api_key
    }

    /// Parses `{"llm_api_key":"…","fingerprint_key":"…"}`.
    fn parse(text: &str) -> Result<Self, SecretError> {
        #[derive(Deserialize)]
        struct Document {
            #[serde(default)]
            llm_api_key: String,
            fingerprint_key: String,
        }
        let document: Document = sentinel::json::read(text).map_err(|_| SecretError::Malformed)?;
        let fingerprint_key =
            FingerprintKey::new(&document.fingerprint_key).map_err(|_| SecretError::Malformed)?;
        Ok(Self { llm_api_key: document.llm_api_key.trim().to_owned(), fingerprint_key })
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// Why the secret is not available.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum SecretError {
    #[error("Secrets Manager did not answer with the secret")]
    Unavailable,
    #[error("the secret is not of the form {{\"llm_api_key\", \"fingerprint_key\" (16 or more)}}")]
    Malformed,
}

/// The secret with a given id, fetched once and kept.
pub struct SecretCache {
    client: Client,
    id: String,
    kept: Mutex<Option<Arc<Secrets>>>,
}

impl SecretCache {
    /// Creates a cache that uses the function's AWS configuration; fetches nothing yet.
    pub fn dial(sdk: &aws_types::SdkConfig, id: impl Into<String>) -> Self {
        Self::new(Client::new(sdk), id)
    }

    pub fn new(client: Client, id: impl Into<String>) -> Self {
        Self { client, id: id.into(), kept: Mutex::new(None) }
    }

    /// Returns the secret, fetching it if it is not in memory yet.
    pub async fn get(&self) -> Result<Arc<Secrets>, SecretError> {
        let mut kept = self.kept.lock().await;
        if let Some(secrets) = kept.as_ref() {
            return Ok(secrets.clone());
        }
        let secrets = self.fetch().await?;
        *kept = Some(secrets.clone());
        Ok(secrets)
    }

    /// Returns the secret after the LLM refused the key in `refused`. Of many workers refused at
    /// once the first fetches; the others find the new secret already there.
    pub async fn refresh(&self, refused: &Arc<Secrets>) -> Result<Arc<Secrets>, SecretError> {
        let mut kept = self.kept.lock().await;
        if let Some(secrets) = kept.as_ref().filter(|secrets| !Arc::ptr_eq(secrets, refused)) {
            return Ok(secrets.clone());
        }
        let secrets = self.fetch().await?;
        *kept = Some(secrets.clone());
        Ok(secrets)
    }

    async fn fetch(&self) -> Result<Arc<Secrets>, SecretError> {
        let answer = self.client.get_secret_value().secret_id(&self.id).send().await;
        // The SDK's error may carry the response; only the fact is passed on.
        let answer = answer.map_err(|_| SecretError::Unavailable)?;
        let text = answer.secret_string().ok_or(SecretError::Malformed)?;
        Secrets::parse(text).map(Arc::new)
    }
}

impl fmt::Debug for SecretCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretCache(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_without_an_llm_key_is_fine_and_one_without_a_fingerprint_key_is_not() {
        assert!(Secrets::parse(r#"{"fingerprint_key":"0123456789abcdef"}"#).is_ok());
        for text in ["", "sk-live-1234", "{}", r#"{"llm_api_key":"x","fingerprint_key":"short"}"#] {
            assert_eq!(Secrets::parse(text).err(), Some(SecretError::Malformed), "{text}");
        }
    }

    #[test]
    fn neither_the_secret_nor_its_error_is_ever_printed() {
        let text = r#"{"llm_api_key":"sk-live-1234","fingerprint_key":"0123456789abcdef"}"#;
        let secrets = Secrets::parse(text).unwrap();
        assert_eq!(format!("{secrets:?}"), "Secrets(…)");
        let broken = Secrets::parse(r#"{"llm_api_key":"sk-live-1234","fingerprint_key":7}"#);
        assert!(!format!("{broken:?}").contains("sk-live"));
    }
}
