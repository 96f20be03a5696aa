//! Replays against a fake API over HTTP.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::post;
use serde_json::{Value, json};

use super::*;

/// What the fake API received, and how it behaves.
#[derive(Default)]
struct ApiStub {
    /// Requests to answer with 503 first.
    unavailable: AtomicU32,
    /// Items to answer with 503 first.
    items_unavailable: AtomicU32,
    never_decides: bool,
    received: Mutex<Vec<Value>>,
}

fn countdown(counter: &AtomicU32) -> bool {
    counter.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok()
}

async fn receive(State(api): State<Arc<ApiStub>>, headers: HeaderMap, body: String) -> Response {
    assert_eq!(headers["content-type"], "application/x-ndjson");
    if headers.get("authorization").is_some_and(|token| token != "Bearer good") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if countdown(&api.unavailable) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let mut received = api.received.lock().unwrap();
    let items = body.lines().enumerate().map(|(index, line)| {
        let sent: Value = serde_json::from_str(line).unwrap();
        if countdown(&api.items_unavailable) {
            return json!({"index": index, "status_code": 503, "status": "refused",
                          "problem": {"status": 503, "title": "Unavailable"}});
        }
        if sent["payment_type"] == "transfer" {
            return json!({"index": index, "status_code": 422, "status": "refused", "problem": {
                "status": 422, "title": "Invalid transaction",
                "errors": [{"pointer": "/payment_type", "code": "closed", "message": "…"}]}});
        }
        let replayed = received.contains(&sent);
        received.push(sent);
        json!({"index": index, "status_code": 202, "status": "received", "replayed": replayed})
    });
    let items: Vec<Value> = items.collect();
    (StatusCode::MULTI_STATUS, Json(json!({"items": items}))).into_response()
}

#[derive(serde::Deserialize)]
struct DecisionQuery {
    msg_id: String,
}

async fn decision(State(api): State<Arc<ApiStub>>, Query(query): Query<DecisionQuery>) -> Response {
    let msg_id = query.msg_id;
    if api.never_decides {
        return (StatusCode::ACCEPTED, Json(json!({"status": "received"}))).into_response();
    }
    let alert = msg_id.ends_with('3');
    Json(json!({
        "msg_id": msg_id, "risk_score": 0.5, "alert": alert,
        "level": if alert { "rules" } else { "model" },
        "review": if alert { Some("llm_not_configured") } else { None },
        "explanation": "", "reasons": [], "typologies": [],
        "versions": {"core": "", "rules": "", "reference": "", "model": "", "features": ""},
        "cost": {"llm_micro_usd": 0, "llm_input_tokens": 0, "llm_output_tokens": 0},
        "decided_at": "2026-01-01T00:00:00Z"
    }))
    .into_response()
}

/// Starts the fake API; returns the arguments that replay the fixture against it.
async fn start(api: ApiStub) -> (Args, Arc<ApiStub>) {
    let api = Arc::new(api);
    let app = Router::new()
        .route("/api/v1/transactions", post(receive).get(decision))
        .with_state(Arc::clone(&api));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let file = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/saml-d.csv"));
    let args = Args {
        file,
        reading: FileArgs { allow_faulty: true, ..FileArgs::default() },
        api: Api { url, token: None },
        concurrency: 2,
        batch: 2,
        limit: None,
        wait_seconds: 1,
        in_order: false,
        decisions: None,
        json: false,
    };
    (args, api)
}

#[tokio::test]
async fn every_row_is_accounted_for() {
    let (args, api) = start(ApiStub::default()).await;
    let summary = replay(&args).await.unwrap();
    assert_eq!(
        (summary.rows, summary.faulty.values().map(|fault| fault.rows).sum::<u64>()),
        (10, 6)
    );
    assert_eq!((summary.accepted, summary.replayed), (3, 0));
    assert_eq!(summary.rejected, BTreeMap::from([("422 /payment_type closed".to_owned(), 1)]));
    assert_eq!((summary.decided, summary.undecided, summary.alerted), (3, 0, 1));
    assert_eq!((summary.laundering, summary.laundering_alerted), (1, 1));
    assert_eq!(summary.levels, BTreeMap::from([("model".into(), 2), ("rules".into(), 1)]));
    assert_eq!(summary.reviews, BTreeMap::from([("llm_not_configured".into(), 1)]));
    assert_eq!(api.received.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_second_replay_sends_nothing_new() {
    let (args, _api) = start(ApiStub::default()).await;
    replay(&args).await.unwrap();
    let again = replay(&args).await.unwrap();
    assert_eq!((again.accepted, again.replayed, again.decided), (0, 3, 3));
}

#[tokio::test]
async fn temporary_failures_are_sent_again() {
    let api = ApiStub { unavailable: 2.into(), items_unavailable: 3.into(), ..ApiStub::default() };
    let (args, api) = start(api).await;
    let summary = replay(&args).await.unwrap();
    assert_eq!((summary.accepted, summary.decided), (3, 3));
    assert_eq!(api.received.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn undecided_transactions_fail_the_run() {
    let (args, _api) = start(ApiStub { never_decides: true, ..ApiStub::default() }).await;
    let summary = replay(&args).await.unwrap();
    assert_eq!((summary.accepted, summary.decided, summary.undecided), (3, 0, 3));
    assert_eq!(format!("{:?}", run(args.clone()).await.unwrap()), failure());
    // A run that does not wait does not fail.
    let unhurried = Args { wait_seconds: 0, ..args };
    assert_ne!(format!("{:?}", run(unhurried).await.unwrap()), failure());
}

/// An `ExitCode` can be compared only as text.
fn failure() -> String {
    format!("{:?}", ExitCode::FAILURE)
}

#[tokio::test]
async fn a_refused_token_stops_at_once() {
    let (args, api) = start(ApiStub::default()).await;
    let refused = Api { token: Some("bad".to_owned()), ..args.api.clone() };
    let err = replay(&Args { api: refused, ..args }).await.unwrap_err();
    assert!(err.to_string().contains("401: give a token"), "{err}");
    assert_eq!(api.received.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn the_limit_counts_rows() {
    let (args, api) = start(ApiStub::default()).await;
    let summary = replay(&Args { limit: Some(2), ..args }).await.unwrap();
    assert_eq!((summary.rows, summary.accepted), (2, 2));
    assert_eq!(api.received.lock().unwrap().len(), 2);
}

#[test]
fn the_table_shows_counts_and_reasons() {
    let summary = Summary {
        rows: 1010,
        accepted: 1000,
        rejected: BTreeMap::from([("422 /amount amount_not_positive".to_owned(), 10)]),
        decided: 1000,
        alerted: 5,
        levels: BTreeMap::from([("model".to_owned(), 1000)]),
        sent_seconds: 0.5,
        elapsed_seconds: 2.0,
        ..Summary::default()
    };
    let expect = "\
rows read                     1,010
accepted                      1,000
already known                     0
rejected                         10
            10  422 /amount amount_not_positive
decided                       1,000
by level                      1,000
         1,000  model
alerted                           5  0.50 % of 1,000
sent in                      0.50 s  2020 transactions/s
decided in                   2.00 s  500 transactions/s
";
    assert_eq!(summary.table(), expect);
}

#[test]
fn a_payment_with_a_purpose_is_sent_as_a_client_would() {
    let text = r#"{"msg_id":"p-1","timestamp":"2023-05-01T10:00:00Z",
        "sender":{"account":"a","bank_country":"GB"},"receiver":{"account":"b","bank_country":"DE"},
        "amount":"12.50","currency":"GBP","payment_type":"transfer","purpose":"Rent, see https://x"}"#;
    let now = "2023-05-02T00:00:00Z".parse().unwrap();
    let payment = Transaction::parse(text.as_bytes(), now).unwrap();
    assert_eq!(Transaction::parse(body(&payment).as_bytes(), now).unwrap(), payment);
}
