//! The generated secret, stored with the data so that accounts keep their tokens across restarts.

use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

use super::template::Secret;

/// Reads the secret of an earlier run, or generates one. `LLM_API_KEY` sets the LLM's key.
pub fn load_or_generate(data_dir: Option<&Path>, secret: &Secret) -> anyhow::Result<String> {
    let path = data_dir.map(|dir| dir.join(format!("{}.json", secret.name)));
    let mut value = match &path {
        Some(path) if path.exists() => {
            let text = std::fs::read_to_string(path).context("cannot read the secret")?;
            serde_json::from_str(&text).context("the secret is not JSON")?
        }
        _ => {
            let mut value = secret.template.clone();
            value[&secret.generate] = random_text()?.into();
            value
        }
    };
    if let Some(path) = &path {
        save(path, &value)?;
    }
    if let Ok(key) = std::env::var("LLM_API_KEY") {
        value["llm_api_key"] = key.into();
    }
    Ok(value.to_string())
}

fn random_text() -> anyhow::Result<String> {
    let mut random = [0_u8; 24];
    getrandom::fill(&mut random).context("no randomness for the secret")?;
    Ok(hex::encode(random))
}

/// Saves a document in a file that only its owner may read, as a whole or not at all.
pub fn save(path: &Path, value: &Value) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let new = path.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(value.to_string().as_bytes()).context("cannot save the secret")?;
    std::fs::rename(&new, path).context("cannot save the secret")
}
