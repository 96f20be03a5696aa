//! An escalation whose LLM, secret and table are servers on loopback.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use chat::AuthHeader;
use escalation::{Escalation, LlmConfig, SecretCache, Subject};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sentinel::case::evidence::{Evidence, LlmEvidence};
use sentinel::case::risk::Lines;
use sentinel::case::verdict::Versions;
use sentinel::llm::breaker;
use sentinel::llm::prompt::PurposeHistory;
use sentinel::payment::transaction::{ContentHash, MsgId, Transaction};
use sentinel::spend::budget::{BudgetDay, MicroUsd, PriceTable};
use serde_json::json;
use tokio::net::TcpListener;

use crate::world::{self, World, tenant};

pub const NOW: i64 = 1_795_000_000;
pub const FINGERPRINT_KEY: &str = "0123456789abcdef";
pub const SENDER: &str = "DE89370400440532013000";

/// How the fake LLM answers the request of an index (from 0) by its headers and body.
pub type Behaviour = dyn Fn(usize, &HeaderMap, &str) -> Response + Send + Sync;

pub struct FakeLlm {
    pub calls: AtomicUsize,
    pub behave: Box<Behaviour>,
}

pub struct LlmWorld {
    pub world: World,
    pub escalation: Escalation,
    pub fake: Arc<FakeLlm>,
    pub secrets_fetched: Arc<AtomicUsize>,
}

pub fn config(endpoint: &str) -> LlmConfig {
    let usd = |text| MicroUsd::parse_usd(text).unwrap();
    LlmConfig {
        endpoint: endpoint.parse().unwrap(),
        auth: AuthHeader::Authorization,
        model: "mini".to_owned(),
        prices: PriceTable { input_per_million: usd("0.15"), output_per_million: usd("0.60") },
        max_tokens: 400,
        deadline: Duration::from_secs(3),
        budget: usd("1"),
        tenant_budgets: Default::default(),
        tenants: [tenant()].into(),
        zone: TimeZone::UTC,
        attempts: 3,
        response_bytes: 64 * 1_024,
        breaker: breaker::Limits { failures: 4, rest_ms: 30_000 },
        cache_for: Duration::from_secs(3_600),
        shows_purposes: true,
    }
}

pub async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// A client of a minimal Secrets Manager in which each fetch finds the next version of the key.
pub async fn secrets_manager(fetched: Arc<AtomicUsize>) -> aws_sdk_secretsmanager::Client {
    use aws_sdk_secretsmanager::config::{BehaviorVersion, Config, Credentials, Region};
    let answer = |State(fetched): State<Arc<AtomicUsize>>| async move {
        let version = fetched.fetch_add(1, Ordering::SeqCst);
        let secret = json!({
            "llm_api_key": format!("key-{version}"),
            "fingerprint_key": FINGERPRINT_KEY,
        });
        axum::Json(json!({
            "ARN": "arn:aws:secretsmanager:us-east-1:000000000000:secret:s",
            "Name": "s",
            "SecretString": secret.to_string(),
        }))
    };
    let endpoint = serve(Router::new().route("/", post(answer)).with_state(fetched)).await;
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(endpoint)
        .build();
    aws_sdk_secretsmanager::Client::from_conf(config)
}

impl LlmWorld {
    pub async fn start(
        change: impl FnOnce(&mut LlmConfig),
        behave: impl Fn(usize, &HeaderMap, &str) -> Response + Send + Sync + 'static,
    ) -> Self {
        let fake = Arc::new(FakeLlm { calls: AtomicUsize::new(0), behave: Box::new(behave) });
        let answer = |State(fake): State<Arc<FakeLlm>>, headers: HeaderMap, body: String| async move {
            (fake.behave)(fake.calls.fetch_add(1, Ordering::SeqCst), &headers, &body)
        };
        let app = Router::new().route("/v1/chat/completions", post(answer));
        let base = serve(app.with_state(fake.clone())).await;
        Self::against(&format!("{base}/v1/chat/completions"), fake, change).await
    }

    pub async fn against(
        endpoint: &str,
        fake: Arc<FakeLlm>,
        change: impl FnOnce(&mut LlmConfig),
    ) -> Self {
        let mut config = config(endpoint);
        change(&mut config);
        let secrets_fetched = Arc::new(AtomicUsize::new(0));
        let client = secrets_manager(secrets_fetched.clone()).await;
        let secrets = Arc::new(SecretCache::new(client, "s"));
        let world = World::start().await;
        let escalation = Escalation::new(Some(config), world.store.clone(), secrets).unwrap();
        Self { world, escalation, fake, secrets_fetched }
    }

    pub async fn assess(&self, evidence: &Evidence) -> LlmEvidence {
        self.assess_at(evidence, NOW).await
    }

    pub async fn assess_at(&self, evidence: &Evidence, now: i64) -> LlmEvidence {
        let now = Timestamp::from_second(now).unwrap();
        let (tx, history) = (&transaction(evidence), &PurposeHistory::default());
        let subject = Subject { evidence, tx, history };
        self.escalation.assess(&tenant(), subject, now).await
    }

    pub fn calls(&self) -> usize {
        self.fake.calls.load(Ordering::SeqCst)
    }

    /// Sets what the day's item says is committed, behind the ledger's back.
    pub async fn commit(&self, micro_usd: u64) {
        use aws_sdk_dynamodb::types::AttributeValue;
        let key = [("pk", format!("*#budget#{}", day_of(NOW))), ("sk", "day".to_owned())];
        let mut update = self.world.client.update_item().table_name(world::TABLE);
        for (name, value) in key {
            update = update.key(name, AttributeValue::S(value));
        }
        update
            .update_expression("SET committed_micros = :committed")
            .expression_attribute_values(":committed", AttributeValue::N(micro_usd.to_string()))
            .send()
            .await
            .unwrap();
    }

    pub async fn ledger(&self) -> (u64, u64) {
        let day = day_of(NOW);
        let ledger = self.world.store.budget_state(day).await.unwrap();
        (ledger.committed.0, ledger.spent.0)
    }
}

pub fn day_of(seconds: i64) -> BudgetDay {
    BudgetDay::of(Timestamp::from_second(seconds).unwrap(), &TimeZone::UTC)
}

pub fn transaction(evidence: &Evidence) -> Transaction {
    let facts = &evidence.facts;
    let text = json!({
        "msg_id": "m-1",
        "timestamp": "2026-11-18T10:15:00Z",
        "sender": {"account": facts.sender_account.as_str(), "bank_country": "DE"},
        "receiver": {"account": facts.receiver_account.as_str(), "bank_country": "LT"},
        "amount": facts.details.amount.to_string(),
        "currency": "EUR",
        "payment_type": "transfer",
        "purpose": "as agreed",
    });
    Transaction::parse(text.to_string().as_bytes(), Timestamp::from_second(NOW).unwrap()).unwrap()
}

/// A case; cases are distinguished by their amount, and each amount goes to another receiver.
pub fn case(amount: &str) -> Evidence {
    Evidence {
        msg_id: MsgId::parse("m-1").unwrap(),
        transaction_hash: ContentHash::default(),
        facts: serde_json::from_value(json!({
            "timestamp": "2026-11-18T10:15:00Z",
            "sender_account": SENDER, "sender_country": "DE",
            "receiver_account": format!("8724-{amount}"), "receiver_country": "LT",
            "amount": amount, "currency": "EUR", "base_amount": 10_000.0,
            "payment_type": "transfer", "kind": "payment",
        }))
        .unwrap(),
        features: [("sender_age_days".to_owned(), 12.0)].into(),
        rules: vec![],
        points: 0.0,
        graph: None,
        rules_alert: false,
        rules_clear: false,
        lines: Lines { alert: 0.1, review: 0.06 },
        model: None,
        challenger: None,
        llm: None,
        shadows: Vec::new(),
        versions: Versions {
            core: String::new(),
            rules: String::new(),
            reference: String::new(),
            model: String::new(),
            features: String::new(),
        },
    }
}

pub fn completion(content: &str) -> Response {
    axum::Json(json!({
        "id": "chatcmpl-1",
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": content } }],
        "usage": { "prompt_tokens": 800, "completion_tokens": 200, "total_tokens": 1_000 },
    }))
    .into_response()
}

pub fn good() -> Response {
    saying("The sender paid 9500 EUR. It went to John Smith.")
}

pub fn saying(narrative: &str) -> Response {
    completion(
        &json!({ "assessment": "suspicious", "risk": 0.8, "findings": [], "narrative": narrative })
            .to_string(),
    )
}

pub const GOOD_COST: u64 = 240;
