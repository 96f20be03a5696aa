//! A client of OpenAI-compatible chat completions. Servers differ in what they accept: each refusal
//! that names a part of the request leads to a request without it ([`dialect`]), and what a server
//! refused is not sent to it again. They differ as well in how they deliver an answer ([`reply`]).

mod client;
mod dialect;
mod endpoint;
mod reply;

pub use client::{CallError, ChatClient};
pub use dialect::Dialect;
pub use endpoint::{AuthHeader, InvalidEndpoint, endpoint};
pub use reply::{Completion, Usage};
