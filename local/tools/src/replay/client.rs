//! A client of the API that sends batches and fetches decisions. Temporary failures (429, 5xx, a failed
//! connection) are retried a limited number of times, with growing pauses.

use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use sentinel::case::verdict::Decision;
use serde::Deserialize;

use crate::api::Api;

const TIMEOUT: Duration = Duration::from_secs(30);
const TRIES: u32 = 8;
/// Nobody is waiting for an import, so it may outlast minutes of throttling.
const IMPORT_TRIES: u32 = 60;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    transactions: String,
    /// The URL for batches.
    batches: String,
    tries: u32,
    token: Option<String>,
}

/// The answer for one transaction of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ItemAnswer {
    /// `replayed` if the system knew it already.
    Accepted {
        replayed: bool,
    },
    Rejected {
        reason: String,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Lookup {
    Decided(Box<Decision>),
    /// Imported as history and counted, so there is no decision.
    History,
    Pending,
    Unknown,
}

/// Why the system cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("{0} is not an http:// or https:// address")]
    Address(String),
    #[error("no answer after {tries} attempts; last error: {last}")]
    GaveUp { tries: u32, last: String },
    #[error("the API answered {status}{}", hint(*status))]
    Status { status: u16 },
    #[error("the API's answer is not what its contract says")]
    Contract,
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}

fn hint(status: u16) -> &'static str {
    match status {
        401 | 403 => {
            ": give a token with --token that may write transactions, or history for an import"
        }
        404 => ": is --url the address of the API?",
        413 => ": send smaller batches with --batch",
        _ => "",
    }
}

/// The API's answer for a transaction that was decided, or counted as history.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredOutcome {
    Decided(Box<Decision>),
    History { status: HistoryStatus },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum HistoryStatus {
    History,
}

#[derive(Deserialize)]
struct BatchAnswer {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: usize,
    status_code: u16,
    #[serde(default)]
    replayed: bool,
    problem: Option<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    title: String,
    #[serde(default)]
    errors: Vec<FieldError>,
}

#[derive(Deserialize)]
struct FieldError {
    pointer: String,
    code: String,
}

impl Client {
    pub(crate) fn new(api: &Api) -> Result<Self, ClientError> {
        let url = &api.url;
        if !(url.starts_with("http://") || url.starts_with("https://")) {
            return Err(ClientError::Address(url.clone()));
        }
        let transactions = format!("{}/api/v1/transactions", url.trim_end_matches('/'));
        let http = reqwest::Client::builder().timeout(TIMEOUT).build()?;
        let batches = transactions.clone();
        Ok(Self { http, transactions, batches, tries: TRIES, token: api.token.clone() })
    }

    /// A client that sends batches as history.
    pub(crate) fn of_history(api: &Api) -> Result<Self, ClientError> {
        let client = Self::new(api)?;
        let batches = format!("{}/api/v1/history", api.url.trim_end_matches('/'));
        Ok(Self { batches, tries: IMPORT_TRIES, ..client })
    }

    /// Sends the transactions; returns an answer for each, in order. Items that failed temporarily are
    /// sent again, without the others.
    pub(crate) async fn post(&self, lines: Vec<String>) -> Result<Vec<ItemAnswer>, ClientError> {
        let mut answers = vec![None; lines.len()];
        let mut outstanding: Vec<usize> = (0..lines.len()).collect();
        for attempt in 0..self.tries {
            let chosen = outstanding.iter().map(|at| lines[*at].as_str());
            let items = self.post_once(&chosen.collect::<Vec<_>>().join("\n")).await?;
            let mut retries = Vec::new();
            for item in items {
                let at = *outstanding.get(item.index).ok_or(ClientError::Contract)?;
                match is_retryable(item.status_code) && attempt + 1 < self.tries {
                    true => retries.push(at),
                    false => answers[at] = Some(answer(item)),
                }
            }
            outstanding = retries;
            if outstanding.is_empty() {
                break;
            }
            tokio::time::sleep(pause(attempt)).await;
        }
        answers.into_iter().map(|answer| answer.ok_or(ClientError::Contract)).collect()
    }

    async fn post_once(&self, body: &str) -> Result<Vec<Item>, ClientError> {
        let response = self
            .send_with_retries(|| {
                let request = self.http.post(&self.batches);
                request.header(CONTENT_TYPE, "application/x-ndjson").body(body.to_owned())
            })
            .await?;
        match response.status() {
            StatusCode::MULTI_STATUS => {
                let answer: BatchAnswer =
                    response.json().await.map_err(|_| ClientError::Contract)?;
                Ok(answer.items)
            }
            status => Err(ClientError::Status { status: status.as_u16() }),
        }
    }

    pub(crate) async fn decision(&self, msg_id: &str) -> Result<Lookup, ClientError> {
        let id = utf8_percent_encode(msg_id, NON_ALPHANUMERIC);
        let url = format!("{}?msg_id={id}", self.transactions);
        let response = self.send_with_retries(|| self.http.get(&url)).await?;
        match response.status() {
            StatusCode::OK => {
                let stored: StoredOutcome =
                    response.json().await.map_err(|_| ClientError::Contract)?;
                Ok(match stored {
                    StoredOutcome::Decided(decision) => Lookup::Decided(decision),
                    StoredOutcome::History { status: HistoryStatus::History } => Lookup::History,
                })
            }
            StatusCode::ACCEPTED => Ok(Lookup::Pending),
            StatusCode::NOT_FOUND => Ok(Lookup::Unknown),
            status => Err(ClientError::Status { status: status.as_u16() }),
        }
    }

    /// Sends a request until the answer is not a temporary failure.
    async fn send_with_retries(
        &self,
        request: impl Fn() -> reqwest::RequestBuilder,
    ) -> Result<Response, ClientError> {
        let mut last = String::new();
        for attempt in 0..self.tries {
            let request = match &self.token {
                Some(token) => request().bearer_auth(token),
                None => request(),
            };
            let requested = match request.send().await {
                Ok(response) if is_retryable(response.status().as_u16()) => {
                    last = format!("status {}", response.status().as_u16());
                    retry_after(&response)
                }
                Ok(response) => return Ok(response),
                Err(err) if err.is_builder() => return Err(err.into()),
                Err(err) => {
                    last = root_cause(&err);
                    None
                }
            };
            if attempt + 1 < self.tries {
                tokio::time::sleep(requested.unwrap_or(pause(attempt)).min(LONGEST_PAUSE)).await;
            }
        }
        Err(ClientError::GaveUp { tries: self.tries, last })
    }
}

fn answer(item: Item) -> ItemAnswer {
    if (200..300).contains(&item.status_code) {
        return ItemAnswer::Accepted { replayed: item.replayed };
    }
    let reason = match item.problem {
        None => item.status_code.to_string(),
        Some(problem) => {
            let faults = problem.errors.iter().map(|e| format!("{} {}", e.pointer, e.code));
            match faults.collect::<Vec<_>>().join(", ") {
                faults if faults.is_empty() => format!("{} {}", item.status_code, problem.title),
                faults => format!("{} {faults}", item.status_code),
            }
        }
    };
    ItemAnswer::Rejected { reason }
}

fn is_retryable(status: u16) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
}

fn pause(attempt: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << attempt.min(6)).min(LONGEST_PAUSE)
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The innermost error: "Connection refused" rather than "error sending request for url".
fn root_cause(err: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = err;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
