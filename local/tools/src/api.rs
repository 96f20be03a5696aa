//! A client for single requests to the HTTP API.

use std::time::Duration;

use anyhow::{Context as _, bail};
use reqwest::{Method, StatusCode};
use sentinel::register::document::DocumentProblem;
use serde::Deserialize;
use serde::de::DeserializeOwned;

const UNEXPECTED: &str = "the API's answer is not what its contract says";
const TIMEOUT: Duration = Duration::from_secs(30);

/// Where the API is, and the token to use.
#[derive(Debug, Clone, clap::Args)]
pub struct Api {
    /// Base URL of the API.
    #[arg(long, default_value = "http://127.0.0.1:9000")]
    pub url: String,
    /// A bearer token; a local suite without --auth needs none.
    #[arg(long, env = "SENTINEL_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
}

/// An error as the API reports it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Refusal {
    title: String,
    detail: String,
    problems: Vec<DocumentProblem>,
}

impl Api {
    /// The answer's text; `None` for a 202, which means that the answer is not ready.
    pub async fn get(&self, path: &str) -> anyhow::Result<Option<String>> {
        self.ask(Method::GET, path, None).await
    }

    /// The answer, parsed as its contract says.
    pub async fn get_as<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        read_as(&self.get(path).await?.context(UNEXPECTED)?)
    }

    /// Posts JSON and returns the answer's text.
    pub async fn post(&self, path: &str, body: String) -> anyhow::Result<String> {
        let answer = self.ask(Method::POST, path, Some(body)).await?;
        answer.context(UNEXPECTED)
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> anyhow::Result<Option<String>> {
        let http = reqwest::Client::builder().timeout(TIMEOUT).build()?;
        let mut request = http.request(method, format!("{}{path}", self.url.trim_end_matches('/')));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.context("the API does not answer")?;
        let status = response.status();
        let text = response.text().await?;
        if status == StatusCode::ACCEPTED {
            return Ok(None);
        }
        if status.is_success() {
            return Ok(Some(text));
        }
        let refusal: Refusal = serde_json::from_str(&text).unwrap_or_default();
        let mut words = vec![format!("the API answered {status}")];
        words.extend([refusal.title, refusal.detail].into_iter().filter(|text| !text.is_empty()));
        if status == StatusCode::UNAUTHORIZED {
            words.push("give a --token".to_owned());
        }
        let mut message = words.join(": ");
        for problem in refusal.problems {
            message += &format!("\n  {problem}");
        }
        bail!(message)
    }
}

/// Parses an answer as its contract says.
pub fn read_as<T: DeserializeOwned>(text: &str) -> anyhow::Result<T> {
    serde_json::from_str(text).context(UNEXPECTED)
}
