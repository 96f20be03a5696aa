//! Imports into a fake API over HTTP.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Json, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::*;
use crate::files::ROWS_LEFT_OUT;

/// What the fake API received, and how it behaves.
struct ApiStub {
    /// Requests that are admitted before the token expires.
    admits: AtomicU32,
    counts: bool,
    received: Mutex<Vec<String>>,
}

async fn receive(State(api): State<Arc<ApiStub>>, body: String) -> Response {
    let admitted =
        api.admits.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
    if admitted.is_err() {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut received = api.received.lock().unwrap();
    let items = body.lines().enumerate().map(|(index, line)| {
        let sent: Value = serde_json::from_str(line).unwrap();
        let id = sent["msg_id"].as_str().unwrap().to_owned();
        let replayed = received.contains(&id);
        received.push(id);
        json!({"index": index, "status_code": 202, "status": "history", "replayed": replayed})
    });
    let items: Vec<Value> = items.collect();
    (StatusCode::MULTI_STATUS, Json(json!({"items": items}))).into_response()
}

#[derive(serde::Deserialize)]
struct DecisionQuery {
    msg_id: String,
}

async fn known(State(api): State<Arc<ApiStub>>, Query(query): Query<DecisionQuery>) -> Response {
    let status = if api.counts { StatusCode::OK } else { StatusCode::ACCEPTED };
    (status, Json(json!({"msg_id": query.msg_id, "status": "history"}))).into_response()
}

/// Starts the fake API; returns the arguments that import a copy of the fixture into it.
async fn start(admits: u32, counts: bool) -> (Args, Arc<ApiStub>, tempfile::TempDir) {
    let api = Arc::new(ApiStub { admits: admits.into(), counts, received: Mutex::default() });
    let app = Router::new()
        .route("/api/v1/history", post(receive))
        .route("/api/v1/transactions", get(known))
        .with_state(Arc::clone(&api));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("saml-d.csv");
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/saml-d.csv");
    std::fs::copy(fixture, &file).unwrap();
    let args = Args {
        files: vec![file],
        api: Api { url, token: None },
        reading: FileArgs::default(),
        concurrency: 1,
        batch: 2,
        limit: None,
        resume: false,
        wait_seconds: 1,
        json: false,
    };
    (args, api, folder)
}

#[tokio::test]
async fn every_row_is_accounted_for_and_rows_left_out_fail_the_run() {
    let (args, api, folder) = start(u32::MAX, true).await;
    let summary = import(&args).await.unwrap();
    assert_eq!((summary.rows, summary.faulty.values().sum::<u64>()), (10, 6));
    assert_eq!((summary.accepted, summary.known, summary.uncounted), (4, 0, 0));
    assert_eq!(api.received.lock().unwrap().len(), 4);
    let again = import(&args).await.unwrap();
    assert_eq!((again.accepted, again.known), (0, 4));
    let reading = FileArgs { allow_faulty: true, ..FileArgs::default() };
    let allowed = Args { reading, ..args.clone() };
    for (args, expect) in [(args, ExitCode::from(ROWS_LEFT_OUT)), (allowed, ExitCode::SUCCESS)] {
        // An `ExitCode` can be compared only as text.
        assert_eq!(format!("{:?}", run(args).await.unwrap()), format!("{expect:?}"));
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no checkpoint is left behind"
    );
}

#[tokio::test]
async fn an_import_resumes_where_it_stopped() {
    let (args, api, _folder) = start(1, true).await;
    let err = import(&args).await.unwrap_err();
    assert!(format!("{err:#}").contains("--resume"), "{err:#}");
    api.admits.store(u32::MAX, Ordering::SeqCst);
    let summary = import(&Args { resume: true, ..args }).await.unwrap();
    assert_eq!(summary.rows, 10);
    assert_eq!((summary.accepted, summary.known), (2, 0));
    assert!(summary.resumed >= 2);
    let received = api.received.lock().unwrap().clone();
    assert_eq!(received.len(), 4, "{received:?}");
}

#[tokio::test]
async fn payments_not_counted_in_time_are_reported() {
    let (args, _api, _folder) = start(u32::MAX, false).await;
    assert_eq!(import(&args).await.unwrap().uncounted, 2);
}
