//! LiteLLM's real proxy, with answers of its own (`mock_response`). It is half a gigabyte of Python, so
//! the variable LITELLM has to name the program: `pip install 'litellm[proxy]==1.80.0'`.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chat::{AuthHeader, ChatClient};
use serde_json::json;
use tokio::time::Instant;

use super::{ANSWER, prompt};

/// What the proxy serves: a name, the model that it stands for, its answer as that model would wrap
/// it, and the dialect in which it is asked in the end.
const MODELS: &[(&str, &str, &str, &str)] = &[
    ("plain", "openai/mock", "{}", "max_tokens, temperature, json_schema"),
    (
        "fenced",
        "openai/mock",
        "<think>Hm.</think>```json\n{}\n```",
        "max_tokens, temperature, json_schema",
    ),
    ("other", "anthropic/claude-3-haiku-20240307", "{}", "max_tokens, temperature, json_schema"),
    ("reasoning", "openai/o1", "{}", "max_tokens, no temperature, json_schema"),
];

struct Proxy(Child);

impl Drop for Proxy {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
async fn litellms_own_proxy_is_understood() {
    let Ok(program) = std::env::var("LITELLM") else {
        eprintln!("skipped: LITELLM does not name LiteLLM's program");
        return;
    };
    let models = MODELS.iter().map(|(name, model, answer, _)| {
        let answer = answer.replace("{}", ANSWER);
        let params = json!({ "model": model, "api_key": "none", "mock_response": answer });
        json!({ "model_name": name, "litellm_params": params })
    });
    // YAML includes JSON.
    let config = json!({ "model_list": models.collect::<Vec<_>>() }).to_string();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let file = std::env::temp_dir().join(format!("litellm-{free}.yaml"));
    std::fs::write(&file, config).unwrap();
    let proxy = Command::new(program)
        .args(["--host", "127.0.0.1", "--port", &free.to_string(), "--telemetry", "False"])
        .arg("--config")
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _proxy = Proxy(proxy.unwrap());
    let patience = Instant::now() + Duration::from_secs(120);
    while tokio::net::TcpStream::connect(("127.0.0.1", free)).await.is_err() {
        assert!(Instant::now() < patience, "LiteLLM does not listen");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    for (name, _, _, dialect) in MODELS {
        let endpoint = chat::endpoint(&format!("http://127.0.0.1:{free}/v1")).unwrap();
        let auth = AuthHeader::of(&endpoint);
        let client = ChatClient::new(endpoint, auth, *name, (400, 65_536)).unwrap();
        for _ in 0..2 {
            let deadline = Instant::now() + Duration::from_secs(30);
            let completion = client.complete("none", &prompt(), deadline).await.unwrap();
            let content = completion.content.unwrap();
            assert!(content.contains(ANSWER), "{name}: {content}");
        }
        assert_eq!(client.dialect().to_string(), *dialect, "{name}");
    }
    std::fs::remove_file(&file).unwrap();
}
