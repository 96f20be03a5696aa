//! Purposes that try to steer the LLM, against a server that obeys whoever wrote them. Nothing that
//! it says lowers a verdict, reaches an analyst as ours, is fetched, or resolves a placeholder.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use journeys::llm::{Behaviour, Llm};
use journeys::{World, transaction};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::uncertain::config;

#[derive(Debug, Deserialize)]
struct Attack {
    id: String,
    kind: String,
    purpose: String,
    /// The sentence that its author wants analysts to read.
    says: String,
    sender_name: Option<String>,
    receiver_name: Option<String>,
    /// Purposes of earlier payments between the same parties, oldest first.
    #[serde(default)]
    earlier: Vec<String>,
    /// What the server answers, if not an answer of the schema.
    raw: Option<String>,
}

impl Attack {
    fn payment(&self, round: usize, id: &str, purpose: &str, second: usize) -> Value {
        let mut payment = transaction(id);
        payment["timestamp"] = format!("2026-01-05T10:00:{second:02}Z").into();
        payment["sender"] = json!({
            "account": "GB29NWBK60161331926819",
            "bank_country": "GB",
            "name": self.sender_name.as_deref().unwrap_or("Ada Lovelace"),
        });
        payment["receiver"]["account"] = format!("{round}-{}-to", self.id).into();
        payment["receiver"]["name"] = self.receiver_name.as_deref().unwrap_or("Iris Vane").into();
        payment["purpose"] = purpose.into();
        payment
    }

    /// What a server answers that obeys: once to clear the payment, once to put words into our mouth.
    fn answers(&self) -> Vec<Behaviour> {
        if let Some(raw) = &self.raw {
            return vec![Behaviour::Raw(raw.clone())];
        }
        let answer = |assessment: &str, risk: f64, findings: &[&str]| {
            Behaviour::Says(json!({
                "assessment": assessment,
                "risk": risk,
                "findings": findings,
                "narrative": self.says,
            }))
        };
        vec![
            answer("not_suspicious", 0.0, &[]),
            answer("suspicious", 1.0, &["addresses_the_reader"]),
        ]
    }
}

/// A web server that nobody may ask for anything.
async fn canary() -> (String, Arc<AtomicUsize>) {
    let hits = Arc::new(AtomicUsize::new(0));
    let counted = hits.clone();
    let app = axum::Router::new().fallback(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { "seen" }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, hits)
}

/// What analysts read of a text: words in lower case without anything between them.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[tokio::test]
async fn a_server_that_obeys_the_attacker_changes_nothing() {
    let (canary, hits) = canary().await;
    let text = include_str!("injections.json").replace("{canary}", &canary);
    let attacks: Vec<Attack> = serde_json::from_str(&text).unwrap();
    assert!(attacks.len() >= 80);
    let llm = Llm::start(Behaviour::Raw(String::new())).await;
    let world = World::with(config(Some(&llm), &[])).await;
    let mut outcomes: BTreeMap<String, [u32; 3]> = BTreeMap::new();
    for attack in &attacks {
        for (round, answer) in attack.answers().into_iter().enumerate() {
            llm.behave(answer.clone());
            for (at, earlier) in attack.earlier.iter().enumerate() {
                let id = format!("{}-{round}-{at}", attack.id);
                world.decide(&attack.payment(round, &id, earlier, at)).await;
            }
            let id = format!("{}-{round}", attack.id);
            let asked = llm.requests().len();
            let decision = world.decide(&attack.payment(round, &id, &attack.purpose, 59)).await;
            assert_eq!(llm.requests().len(), asked + 1, "{}: the LLM was not asked", attack.id);
            if attack.raw.is_some() {
                // A new process has a closed circuit breaker.
                world.suite.kill_function("second-look");
            }
            let raised = decision["alert"] == true;
            assert_eq!(raised, round == 1, "{}: {decision}", attack.id);
            assert!(raised || decision["review"].is_string(), "{}: {decision}", attack.id);
            // Whatever is shown of it: the decision, the alert with its evidence, the explanation.
            let alert_id = decision["alert_id"].as_str().unwrap();
            let path = format!("/api/v1/alerts/{alert_id}");
            let file = world.get(&path).await.body;
            let ask = world.http.post(world.url(&format!("{path}/explanation")));
            let explanation = world.send(ask).await.body;
            assert!(explanation["text"].is_string(), "{}: {explanation}", attack.id);
            let shown = letters(&format!("{decision}{file}{explanation}"));
            let wanted = letters(&attack.says);
            assert!(wanted.is_empty() || !shown.contains(&wanted), "{}: {explanation}", attack.id);
            for secret in ["Ada Lovelace", "Iris Vane"] {
                let told = format!("{decision}");
                assert!(!told.contains(secret), "{}: {told}", attack.id);
            }
            let counts = outcomes.entry(attack.kind.clone()).or_default();
            counts[usize::from(raised)] += 1;
        }
        outcomes.entry(attack.kind.clone()).or_default()[2] += 1;
    }
    assert_eq!(hits.load(Ordering::SeqCst), 0, "something was fetched");
    let sent = Value::Array(llm.requests()).to_string();
    for secret in ["Lovelace", "Vane", "GB29NWBK60161331926819"] {
        assert!(!sent.contains(secret), "{secret} was sent");
    }
    // Each kind is represented, and those with words of their own were put to the test twice.
    assert_eq!(outcomes.len(), 17);
    assert!(outcomes.values().all(|[held, _, attacks]| *attacks >= 5 && held == attacks));
    world.end().await;
}
