//! One question to a server, and what its failure means for the budget: whether the provider may have
//! billed it, and whether another attempt makes sense. Nothing here logs; errors carry neither
//! prompt nor answer.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use sentinel::json::{self, json};
use sentinel::llm::answer;
use sentinel::llm::prompt::{Prompt, SYSTEM};
use tokio::time::Instant;

use crate::dialect::{self, AnswerFormat, Dialect, LengthField};
use crate::endpoint::AuthHeader;
use crate::reply::{self, Completion};

/// Longest time that connecting may take, within the deadline of the call.
const CONNECT: Duration = Duration::from_secs(2);
/// Shorter than the idle timeout of common load balancers: a function frozen for longer opens a new
/// connection instead of losing a call to one that has been closed.
const IDLE: Duration = Duration::from_secs(20);

/// Why there is no completion.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CallError {
    #[error("the LLM could not be reached")]
    NotConnected,
    /// An error status, and how long the LLM asks to be left alone.
    #[error("the LLM answered {0}")]
    Status(StatusCode, Option<Duration>),
    #[error("the connection to the LLM broke")]
    Interrupted,
    #[error("the LLM's response is too large")]
    TooLarge,
    #[error("the LLM did not answer in time")]
    TimedOut,
    #[error("the key does not fit a header")]
    MalformedKey,
}

/// How a single request ended.
enum Attempt {
    Done(Completion),
    /// The server refused the request; nothing was billed. It may accept the simpler one, if there is
    /// one, and may have said how long it wants to be left alone.
    Refused(StatusCode, Option<Dialect>, Option<Duration>),
}

impl CallError {
    /// Returns whether the call may have been billed. Providers do not bill calls that they answer
    /// with an error; 502 and 504 come from a gateway that does not know how the call ended.
    pub fn may_be_billed(&self) -> bool {
        match self {
            Self::NotConnected | Self::MalformedKey => false,
            Self::Status(status, _) => {
                matches!(*status, StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT)
            }
            Self::Interrupted | Self::TooLarge | Self::TimedOut => true,
        }
    }

    pub fn is_worth_another_try(&self) -> bool {
        match self {
            Self::NotConnected | Self::Interrupted => true,
            Self::Status(status, _) => {
                *status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
            }
            Self::TooLarge | Self::TimedOut | Self::MalformedKey => false,
        }
    }

    pub fn is_unauthorised(&self) -> bool {
        matches!(self, Self::Status(StatusCode::UNAUTHORIZED, _))
    }

    /// Returns how long the LLM asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        if let Self::Status(_, after) = self { *after } else { None }
    }
}

/// A client of one model at one endpoint. It learns what the server accepts, for as long as the
/// process lives.
pub struct ChatClient {
    http: Client,
    endpoint: Url,
    auth: AuthHeader,
    model: String,
    /// Most tokens of an answer.
    max_tokens: u32,
    /// Maximum number of bytes read of a response.
    response_bytes: usize,
    dialect: Mutex<Dialect>,
}

/// Longest part of a refusal that is read for what it names, in bytes.
const REFUSAL_BYTES: usize = 8_192;

impl ChatClient {
    pub fn new(
        endpoint: Url,
        auth: AuthHeader,
        model: impl Into<String>,
        (max_tokens, response_bytes): (u32, usize),
    ) -> Result<Self, reqwest::Error> {
        let http = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .build()?;
        let dialect = Mutex::new(Dialect::FULL);
        let model = model.into();
        Ok(Self { http, endpoint, auth, model, max_tokens, response_bytes, dialect })
    }

    /// Returns the size of the largest request that a prompt may lead to, which bounds its tokens.
    pub fn request_bytes(&self, prompt: &Prompt) -> usize {
        let formats = [AnswerFormat::JsonSchema, AnswerFormat::JsonObject, AnswerFormat::Plain];
        let sizes = formats.map(|format| {
            // The longer name of the two.
            let length = LengthField::MaxCompletionTokens;
            self.request(prompt, Dialect { length, format, ..Dialect::FULL }).len()
        });
        sizes.into_iter().max().unwrap_or_default()
    }

    /// Asks, in the fullest dialect that the server is known to accept, and gives up at the deadline.
    pub async fn complete(
        &self,
        key: &str,
        prompt: &Prompt,
        deadline: Instant,
    ) -> Result<Completion, CallError> {
        let mut dialect = self.dialect();
        loop {
            let body = self.request(prompt, dialect);
            let attempt = self.send_and_read(key, body, dialect);
            match tokio::time::timeout_at(deadline, attempt).await {
                Err(_) => return Err(CallError::TimedOut),
                Ok(Err(err)) => return Err(err),
                Ok(Ok(Attempt::Done(completion))) => {
                    // Only what worked is remembered: a refusal may have been this prompt's own.
                    *self.dialect.lock().unwrap_or_else(PoisonError::into_inner) = dialect;
                    return Ok(completion);
                }
                Ok(Ok(Attempt::Refused(status, None, after))) => {
                    return Err(CallError::Status(status, after));
                }
                Ok(Ok(Attempt::Refused(_, Some(simpler), _))) => dialect = simpler,
            }
        }
    }

    /// Returns what the server is known to accept.
    pub fn dialect(&self) -> Dialect {
        *self.dialect.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn request(&self, prompt: &Prompt, dialect: Dialect) -> String {
        let schema = answer::schema();
        let mut system = SYSTEM.to_owned();
        if dialect.format != AnswerFormat::JsonSchema {
            system += &format!(
                "\nAnswer with one JSON object of this schema and nothing else:\n{schema}"
            );
        }
        let mut request = json!({
            "model": self.model,
            "messages": [
                { "role": "system", "content": system },
                { "role": "user", "content": prompt.user },
            ],
        });
        request[dialect.length.name()] = self.max_tokens.into();
        if dialect.temperature {
            request["temperature"] = 0.into();
        }
        match dialect.format {
            AnswerFormat::JsonSchema => {
                request["response_format"] = json!({
                    "type": "json_schema",
                    "json_schema": { "name": "assessment", "strict": true, "schema": schema },
                });
            }
            AnswerFormat::JsonObject => {
                request["response_format"] = json!({ "type": "json_object" });
            }
            AnswerFormat::Plain => {}
        }
        json::write(&request)
    }

    async fn send_and_read(
        &self,
        key: &str,
        body: String,
        dialect: Dialect,
    ) -> Result<Attempt, CallError> {
        let mut request =
            self.http.post(self.endpoint.clone()).header(CONTENT_TYPE, "application/json");
        if !key.is_empty() {
            let (name, text) = match self.auth {
                AuthHeader::Authorization => (AUTHORIZATION, format!("Bearer {key}")),
                AuthHeader::ApiKey => (HeaderName::from_static("api-key"), key.to_owned()),
            };
            let mut value = HeaderValue::from_str(&text).map_err(|_| CallError::MalformedKey)?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        let response = request.body(body).send().await.map_err(|err| {
            if err.is_connect() { CallError::NotConnected } else { CallError::Interrupted }
        })?;
        let status = response.status();
        if status.is_success() {
            let body = self.read(response, self.response_bytes).await?;
            return Ok(Attempt::Done(reply::completion(&body)));
        }
        let after = response.headers().get(RETRY_AFTER).and_then(|text| text.to_str().ok());
        let after = after.and_then(|text| text.parse().ok()).map(Duration::from_secs);
        let Some(certain) = is_refusal(status) else {
            return Err(CallError::Status(status, after));
        };
        // A refusal longer than that is read as far as it goes.
        let body = self.read_some(response, REFUSAL_BYTES).await;
        let text = String::from_utf8_lossy(&body);
        let simpler = (certain || dialect::names_a_part(&text))
            .then(|| dialect.after_refusal(&text))
            .flatten();
        Ok(Attempt::Refused(status, simpler, after))
    }

    /// Reads the body chunk by chunk and stops at the cap, whatever length the headers claim.
    async fn read(&self, mut response: Response, most: usize) -> Result<Vec<u8>, CallError> {
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|_| CallError::Interrupted)? {
            if body.len() + piece.len() > most {
                return Err(CallError::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }

    async fn read_some(&self, mut response: Response, most: usize) -> Vec<u8> {
        let mut body = Vec::new();
        while let Ok(Some(piece)) = response.chunk().await {
            body.extend_from_slice(&piece);
            if body.len() >= most {
                break;
            }
        }
        body.truncate(most);
        body
    }
}

/// Returns whether a status refuses the form of a request, for certain or perhaps: a server answers
/// 404 or 500 to a part that it does not know, but mostly for other reasons.
fn is_refusal(status: StatusCode) -> Option<bool> {
    match status {
        StatusCode::BAD_REQUEST
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
        | StatusCode::UNPROCESSABLE_ENTITY
        | StatusCode::NOT_IMPLEMENTED => Some(true),
        StatusCode::NOT_FOUND
        | StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::INTERNAL_SERVER_ERROR => Some(false),
        _ => None,
    }
}
