//! Where a server is, and the header in which it expects the key.

use std::net::IpAddr;

use reqwest::Url;

/// The header that carries the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthHeader {
    /// `Authorization: Bearer …`
    Authorization,
    /// `api-key: …`, as Azure's older deployments expect it.
    ApiKey,
}

impl AuthHeader {
    /// Returns the header that the host of an endpoint expects.
    pub fn of(endpoint: &Url) -> Self {
        const AZURE: [&str; 3] =
            [".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com"];
        let host = endpoint.host_str().unwrap_or_default();
        if AZURE.iter().any(|end| host.ends_with(end)) { Self::ApiKey } else { Self::Authorization }
    }

    /// Reads a setting: `authorization` or `api-key`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "authorization" => Some(Self::Authorization),
            "api-key" => Some(Self::ApiKey),
            _ => None,
        }
    }
}

/// The text is not the base URL of a server. Does not quote it.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum InvalidEndpoint {
    #[error("the base URL has to be {}", self.expected())]
    Malformed,
    #[error("the base URL has to be {}", self.expected())]
    Unprotected,
}

impl InvalidEndpoint {
    /// Returns what a base URL has to be.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Malformed => "a URL like https://api.openai.com/v1",
            Self::Unprotected => "https, or http on a private network",
        }
    }
}

/// Returns the chat completions endpoint of a base URL, whose query is kept: Azure's has the version
/// of its API there. The key travels in a header, so plain http is allowed only on this machine and
/// in private networks (vLLM, Ollama).
pub fn endpoint(base: &str) -> Result<Url, InvalidEndpoint> {
    let mut url = Url::parse(base.trim()).map_err(|_| InvalidEndpoint::Malformed)?;
    if url.cannot_be_a_base() {
        return Err(InvalidEndpoint::Malformed);
    }
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/chat/completions").unwrap_or(path);
    url.set_path(&format!("{path}/chat/completions"));
    match url.scheme() {
        "https" => Ok(url),
        "http" if url.host_str().is_some_and(is_private) => Ok(url),
        _ => Err(InvalidEndpoint::Unprotected),
    }
}

/// Returns whether a host is a loopback or private address, or a name that no public DNS knows.
fn is_private(host: &str) -> bool {
    match host.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local(),
        Err(_) => !host.contains('.') || host.ends_with(".internal") || host.ends_with(".local"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base: &str, expect: &str, header: AuthHeader) {
        let url = endpoint(base).unwrap();
        assert_eq!((url.as_str(), AuthHeader::of(&url)), (expect, header));
    }

    #[test]
    fn an_endpoint_is_its_base_with_the_path_of_completions() {
        use AuthHeader::{ApiKey, Authorization};
        let openai = "https://api.openai.com/v1/chat/completions";
        check("https://api.openai.com/v1", openai, Authorization);
        check(" https://api.openai.com/v1/ ", openai, Authorization);
        check(openai, openai, Authorization);
        check(
            "https://bank.openai.azure.com/openai/deployments/mini?api-version=2024-10-21",
            "https://bank.openai.azure.com/openai/deployments/mini/chat/completions\
             ?api-version=2024-10-21",
            ApiKey,
        );
        check(
            "http://127.0.0.1:11434/v1",
            "http://127.0.0.1:11434/v1/chat/completions",
            Authorization,
        );
    }

    #[test]
    fn plain_http_is_for_private_networks() {
        for host in ["localhost:11434", "127.0.0.1:1", "[::1]:1", "10.0.3.4", "vllm.ml.internal"] {
            assert!(endpoint(&format!("http://{host}/v1")).is_ok(), "{host}");
        }
        for host in ["api.openai.com", "8.8.8.8", "[2001:db8::1]"] {
            let refused = endpoint(&format!("http://{host}/v1"));
            assert_eq!(refused, Err(InvalidEndpoint::Unprotected), "{host}");
        }
        for text in ["api.example.com", "", "mailto:a@b.c"] {
            assert_eq!(endpoint(text), Err(InvalidEndpoint::Malformed), "{text}");
        }
    }
}
