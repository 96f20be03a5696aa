//! One call to an OpenAI-compatible chat completions endpoint, and what its failure means for the
//! budget: whether the provider may have billed it, and whether another attempt makes sense.
//! Nothing here logs; errors carry neither prompt nor answer.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use sentinel::json::Value;
use serde::{Deserialize, Serialize};

use sentinel::llm::answer;
use sentinel::llm::prompt::{Prompt, SYSTEM};

/// Longest time that connecting may take, within the deadline of the call.
const CONNECT: Duration = Duration::from_secs(2);
/// Shorter than the idle timeout of common load balancers: a function frozen for longer opens a new
/// connection instead of losing a call to one that has been closed.
const IDLE: Duration = Duration::from_secs(20);

/// A successful response.
#[derive(Debug)]
pub struct Completion {
    /// The answer's text; `None` if the body is not a completion or the LLM declined to answer.
    pub content: Option<String>,
    pub usage: Option<Usage>,
}

/// Token counts reported by the provider.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Usage {
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
}

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

/// An HTTP client of one endpoint.
pub struct ChatClient {
    http: Client,
    endpoint: Url,
    /// Maximum number of bytes read of a response.
    response_bytes: usize,
}

#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    messages: [Message<'a>; 2],
    temperature: u8,
    max_tokens: u32,
    response_format: ResponseFormat,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct ResponseFormat {
    r#type: &'static str,
    json_schema: JsonSchema,
}

#[derive(Serialize)]
struct JsonSchema {
    name: &'static str,
    strict: bool,
    schema: Value,
}

/// Builds the request's body. Built before the reservation, since its length bounds the tokens.
pub fn request_body(prompt: &Prompt, model: &str, max_tokens: u32) -> String {
    let request = Request {
        model,
        messages: [
            Message { role: "system", content: SYSTEM },
            Message { role: "user", content: &prompt.user },
        ],
        temperature: 0,
        max_tokens,
        response_format: ResponseFormat {
            r#type: "json_schema",
            json_schema: JsonSchema { name: "assessment", strict: true, schema: answer::schema() },
        },
    };
    sentinel::json::write(&request)
}

impl ChatClient {
    pub fn new(endpoint: Url, response_bytes: usize) -> Result<Self, reqwest::Error> {
        let http = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .build()?;
        Ok(Self { http, endpoint, response_bytes })
    }

    /// Makes the call and gives up at the deadline.
    pub async fn call(
        &self,
        key: &str,
        body: &str,
        deadline: tokio::time::Instant,
    ) -> Result<Completion, CallError> {
        let call = self.send_and_read(key, body.to_owned());
        tokio::time::timeout_at(deadline, call).await.unwrap_or(Err(CallError::TimedOut))
    }

    async fn send_and_read(&self, key: &str, body: String) -> Result<Completion, CallError> {
        let mut request =
            self.http.post(self.endpoint.clone()).header(CONTENT_TYPE, "application/json");
        if !key.is_empty() {
            let mut header = HeaderValue::from_str(&format!("Bearer {key}"))
                .map_err(|_| CallError::MalformedKey)?;
            header.set_sensitive(true);
            request = request.header(AUTHORIZATION, header);
        }
        let response = request.body(body).send().await.map_err(|err| {
            if err.is_connect() { CallError::NotConnected } else { CallError::Interrupted }
        })?;
        if !response.status().is_success() {
            let after = response.headers().get(RETRY_AFTER).and_then(|text| text.to_str().ok());
            let after = after.and_then(|text| text.parse().ok()).map(Duration::from_secs);
            return Err(CallError::Status(response.status(), after));
        }
        Ok(completion(&self.read(response).await?))
    }

    /// Reads the body chunk by chunk and stops at the cap, whatever length the headers claim.
    async fn read(&self, mut response: Response) -> Result<Vec<u8>, CallError> {
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|_| CallError::Interrupted)? {
            if body.len() + piece.len() > self.response_bytes {
                return Err(CallError::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}

/// Reads what is needed of a completion. Usage counts even if the answer is unusable.
fn completion(body: &[u8]) -> Completion {
    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        choices: Vec<Choice>,
        #[serde(default)]
        usage: Option<Usage>,
    }
    #[derive(Deserialize)]
    struct Choice {
        message: ReplyMessage,
    }
    #[derive(Deserialize)]
    struct ReplyMessage {
        #[serde(default)]
        content: Option<String>,
    }
    match sentinel::json::read::<Body>(body) {
        Ok(body) => Completion {
            content: body.choices.into_iter().next().and_then(|choice| choice.message.content),
            usage: body.usage,
        },
        Err(_) => Completion { content: None, usage: None },
    }
}
