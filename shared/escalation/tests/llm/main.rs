//! Assessments by HTTP servers on loopback: good, bad, missing or too large, and what each costs.

#![allow(clippy::unwrap_used, reason = "a test's panic is its report")]

mod llm_world;
mod purse;
#[path = "../../../store/tests/world/mod.rs"]
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use escalation::LlmConfig;
use llm_world::*;
use sentinel::case::evidence::LlmEvidence;
use sentinel::case::verdict::ReviewReason;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[tokio::test]
async fn a_good_answer_raises_costs_what_it_costs_and_is_free_the_second_time() {
    let world = LlmWorld::start(|_| (), |_, _, _| good()).await;
    let told = world.assess(&case("9500.00")).await;
    let assessment = told.assessment.clone().unwrap();
    assert!(assessment.suspicious && told.unavailable.is_none() && !told.cached);
    assert_eq!(assessment.narrative, "The sender paid 9500 EUR.");
    assert_eq!(assessment.dropped_sentences, 1);
    assert_eq!((told.input_tokens, told.output_tokens), (800, 200));
    assert_eq!(told.cost_micro_usd, GOOD_COST);
    assert_eq!(world.ledger().await, (GOOD_COST, GOOD_COST));

    let again = world.assess(&case("9500.00")).await;
    assert_eq!(again.assessment, told.assessment);
    assert!(again.cached && again.cost_micro_usd == 0 && again.prompt_hash == told.prompt_hash);
    assert_eq!((world.calls(), world.ledger().await), (1, (GOOD_COST, GOOD_COST)));

    world.assess_at(&case("9500.00"), NOW + 3_601).await;
    assert_eq!(world.calls(), 2, "an expired answer is asked for again");
}

#[tokio::test]
async fn the_request_is_strict_and_holds_no_account() {
    let world = LlmWorld::start(
        |_| (),
        |_, headers, body| {
            let request: serde_json::Value = serde_json::from_str(body).unwrap();
            let strict = request["temperature"] == 0
                && request["max_tokens"] == 400
                && request["response_format"]["json_schema"]["strict"] == true
                && headers["authorization"] == "Bearer key-0";
            let account = body.contains(SENDER) || body.contains("8724731955");
            if strict && !account { good() } else { StatusCode::BAD_REQUEST.into_response() }
        },
    )
    .await;
    assert!(world.assess(&case("9500.00")).await.assessment.is_some());
}

#[tokio::test]
async fn garbage_a_wrong_enum_and_a_nan_are_refused_and_paid() {
    for content in [
        "I think it is fine.",
        r#"{"assessment":"clear","risk":0.1,"findings":[],"narrative":"The sender paid 9500 EUR."}"#,
        r#"{"assessment":"not_suspicious","risk":NaN,"findings":[],"narrative":"The sender paid 9500 EUR."}"#,
        r#"{"assessment":"not_suspicious","risk":7,"findings":[],"narrative":"The sender paid 9500 EUR."}"#,
    ] {
        let world = LlmWorld::start(|_| (), move |_, _, _| completion(content)).await;
        let told = world.assess(&case("9500.00")).await;
        assert_eq!(told.unavailable, Some(ReviewReason::LlmFailed), "{content}");
        assert_eq!((told.assessment, told.cost_micro_usd), (None, GOOD_COST));
        assert_eq!((world.calls(), world.ledger().await), (1, (GOOD_COST, GOOD_COST)));
    }
}

#[tokio::test]
async fn a_response_that_is_no_completion_is_charged_in_full() {
    for body in ["<html>", "{}", r#"{"choices":[{"message":{"content":null}}]}"#, "[[[["] {
        let world = LlmWorld::start(|_| (), move |_, _, _| body.into_response()).await;
        let told = world.assess(&case("9500.00")).await;
        assert_eq!(told.unavailable, Some(ReviewReason::LlmFailed), "{body}");
        let (committed, spent) = world.ledger().await;
        assert!(spent > GOOD_COST && spent == committed && spent == told.cost_micro_usd);
    }
}

#[tokio::test]
async fn a_busy_llm_is_tried_again_on_the_same_reservation() {
    let world = LlmWorld::start(
        |_| (),
        |n, _, _| match n {
            0 => StatusCode::TOO_MANY_REQUESTS.into_response(),
            1 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            _ => good(),
        },
    )
    .await;
    assert!(world.assess(&case("9500.00")).await.assessment.is_some());
    assert_eq!((world.calls(), world.ledger().await), (3, (GOOD_COST, GOOD_COST)));
}

#[tokio::test]
async fn a_gateway_that_lost_track_of_the_call_is_paid_in_full_and_tried_again() {
    let world = LlmWorld::start(
        |_| (),
        |n, _, _| if n == 0 { StatusCode::GATEWAY_TIMEOUT.into_response() } else { good() },
    )
    .await;
    let told = world.assess(&case("9500.00")).await;
    let (committed, spent) = world.ledger().await;
    assert!(told.assessment.is_some() && spent > 2 * GOOD_COST && committed == spent);
    assert_eq!(told.cost_micro_usd, spent);
}

#[tokio::test]
async fn an_llm_that_asks_for_an_hours_patience_is_not_waited_for() {
    let world = LlmWorld::start(
        |_| (),
        |_, _, _| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "3600")]).into_response(),
    )
    .await;
    let started = Instant::now();
    let told = world.assess(&case("9500.00")).await;
    assert_eq!(told.unavailable, Some(ReviewReason::LlmFailed));
    assert!(started.elapsed() < Duration::from_secs(2));
    assert_eq!((world.calls(), world.ledger().await), (1, (0, 0)));
}

#[tokio::test]
async fn a_retry_after_of_aeons_does_no_harm() {
    let world = LlmWorld::start(
        |_| (),
        |_, _, _| {
            let after = [("retry-after", "18446744073709551615")];
            (StatusCode::TOO_MANY_REQUESTS, after).into_response()
        },
    )
    .await;
    let told = world.assess(&case("9500.00")).await;
    assert_eq!((told.unavailable, world.calls()), (Some(ReviewReason::LlmFailed), 1));
}

#[tokio::test]
async fn minutes_of_errors_open_the_breaker_which_half_opens_later() {
    let world = LlmWorld::start(
        |config| config.attempts = 2,
        |n, _, _| {
            if n < 4 {
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            } else {
                saying("ACCOUNT_2 is in Lithuania.")
            }
        },
    )
    .await;
    for (n, expected, calls) in [
        (0, Some(ReviewReason::LlmFailed), 2),
        (1, Some(ReviewReason::LlmFailed), 4),
        (2, Some(ReviewReason::BreakerOpen), 4),
        (20, Some(ReviewReason::BreakerOpen), 4),
        (40, None, 5),
        (41, None, 6),
    ] {
        let told = world.assess_at(&case(&format!("{}.00", 9_500 + n)), NOW + n).await;
        assert_eq!((told.unavailable, world.calls()), (expected, calls), "after {n} s");
    }
}

#[tokio::test]
async fn a_rotated_key_is_fetched_once_and_tried_once() {
    let world = LlmWorld::start(
        |_| (),
        |_, headers, _| {
            let fresh = headers["authorization"] == "Bearer key-1";
            if fresh { good() } else { StatusCode::UNAUTHORIZED.into_response() }
        },
    )
    .await;
    assert!(world.assess(&case("9500.00")).await.assessment.is_some());
    assert_eq!((world.calls(), world.secrets_fetched.load(Ordering::SeqCst)), (2, 2));
    assert_eq!(world.ledger().await, (GOOD_COST, GOOD_COST));
}

#[tokio::test]
async fn a_key_that_stays_wrong_is_not_tried_for_ever_and_costs_nothing() {
    let world = LlmWorld::start(|_| (), |_, _, _| StatusCode::UNAUTHORIZED.into_response()).await;
    let told = world.assess(&case("9500.00")).await;
    assert_eq!(told.unavailable, Some(ReviewReason::LlmFailed));
    assert_eq!((world.calls(), world.secrets_fetched.load(Ordering::SeqCst)), (2, 2));
    assert_eq!(world.ledger().await, (0, 0));
}

/// A server that reads the head of a request, sends `head`, then `piece` again and again until the
/// client hangs up. Returns its endpoint and the number of bytes it could send.
async fn endless(
    head: &'static str,
    piece: Vec<u8>,
    every: Duration,
) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/v1/chat/completions", listener.local_addr().unwrap());
    let sent = Arc::new(AtomicUsize::new(0));
    let counter = sent.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let (piece, counter) = (piece.clone(), counter.clone());
            tokio::spawn(async move {
                read_head(&mut socket).await;
                if socket.write_all(head.as_bytes()).await.is_err() {
                    return;
                }
                while !piece.is_empty() && socket.write_all(&piece).await.is_ok() {
                    counter.fetch_add(piece.len(), Ordering::SeqCst);
                    tokio::time::sleep(every).await;
                }
                tokio::time::sleep(Duration::from_secs(60)).await;
            });
        }
    });
    (endpoint, sent)
}

async fn read_head(socket: &mut TcpStream) {
    let mut read = Vec::new();
    let mut buffer = [0; 4_096];
    while !read.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        match socket.read(&mut buffer).await {
            Ok(n) if n > 0 => read.extend_from_slice(&buffer[..n]),
            _ => return,
        }
    }
}

async fn against_endless(endpoint: &str, deadline: Duration) -> (LlmEvidence, LlmWorld, Duration) {
    let fake = FakeLlm { calls: AtomicUsize::new(0), behave: Box::new(|_, _, _| good()) };
    let change = |config: &mut LlmConfig| config.deadline = deadline;
    let world = LlmWorld::against(endpoint, Arc::new(fake), change).await;
    let started = Instant::now();
    let told = world.assess(&case("9500.00")).await;
    (told, world, started.elapsed())
}

#[tokio::test]
async fn of_fifty_megabytes_only_the_cap_is_read() {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 52428800\r\n\r\n";
    let (endpoint, sent) = endless(head, vec![b' '; 16_384], Duration::ZERO).await;
    let (told, world, took) = against_endless(&endpoint, Duration::from_secs(3)).await;
    assert_eq!(told.unavailable, Some(ReviewReason::LlmFailed));
    assert!(took < Duration::from_secs(2), "{took:?}");
    // The cap is 64 KiB; the rest went no further than the sockets' buffers.
    let sent = sent.load(Ordering::SeqCst);
    assert!(sent < 8 * 1_024 * 1_024, "{sent} bytes taken");
    let (committed, spent) = world.ledger().await;
    assert!(spent > 0 && committed == spent, "what may have been billed is charged");
}

#[tokio::test]
async fn an_answer_that_never_ends_ends_at_the_deadline() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n";
    let (endpoint, _) = endless(head, vec![b' '], Duration::from_millis(20)).await;
    let (told, world, took) = against_endless(&endpoint, Duration::from_millis(600)).await;
    assert_eq!(told.unavailable, Some(ReviewReason::LlmFailed));
    assert!(took >= Duration::from_millis(600) && took < Duration::from_secs(2), "{took:?}");
    let (committed, spent) = world.ledger().await;
    assert!(spent > 0 && committed == spent);
}

#[tokio::test]
async fn an_llm_that_says_nothing_is_given_up_at_the_deadline() {
    let (endpoint, _) = endless("", vec![], Duration::ZERO).await;
    let (told, _, took) = against_endless(&endpoint, Duration::from_millis(600)).await;
    assert_eq!(told.unavailable, Some(ReviewReason::LlmFailed));
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn an_llm_that_is_not_there_costs_nothing() {
    let (told, world, _) =
        against_endless("http://127.0.0.1:9/v1/chat/completions", Duration::from_secs(2)).await;
    assert_eq!(told.unavailable, Some(ReviewReason::LlmFailed));
    assert_eq!(world.ledger().await, (0, 0));
}
