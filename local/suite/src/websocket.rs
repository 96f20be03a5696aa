//! The WebSocket API: `$connect` is called before the handshake is answered, messages go to
//! `$default`, and functions send through `/@connections/{id}` on the endpoint. API Gateway's limits
//! apply here too, so that a client that works with the suite works in the cloud.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use super::gateway::{Gateway, form_pairs, on_this_machine, problem};

/// API Gateway's limit for a client's message.
const MAX_MESSAGE_BYTES: usize = 128 * 1024;
/// API Gateway closes a connection that was idle for this long, …
const IDLE: Duration = Duration::from_secs(10 * 60);
/// … and any connection after this long.
const LIFETIME: Duration = Duration::from_secs(2 * 3_600);

/// `GET /ws`.
pub async fn upgrade(
    State(gateway): State<Gateway>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let id = gateway.ids.connection();
    if !on_this_machine(&headers) {
        return problem(403, "Forbidden", "The suite serves this machine only.", &id);
    }
    let pairs = form_pairs(&query.unwrap_or_default());
    let parameters: Map<String, Value> =
        pairs.into_iter().map(|(name, value)| (name, value.into())).collect();
    let mut event = event(&id, "$connect", "CONNECT", peer);
    event["queryStringParameters"] = Value::Object(parameters);
    event["headers"] = json!({});
    // Opened before the handshake is answered, because a push may follow at once.
    let messages = gateway.sockets.open(&id);
    let status = match call(&gateway, "$connect", event).await {
        Some(answer) => answer["statusCode"].as_u64().unwrap_or(500),
        None => 500,
    };
    if (200..300).contains(&status) {
        let upgrade = upgrade.max_message_size(MAX_MESSAGE_BYTES);
        return upgrade.on_upgrade(move |socket| serve(gateway, id, socket, messages, peer));
    }
    gateway.sockets.close(&id);
    let status = u16::try_from(status).unwrap_or(500);
    problem(status, "Refused", "The connection was refused.", &id)
}

async fn serve(
    gateway: Gateway,
    id: String,
    mut socket: WebSocket,
    mut messages: mpsc::Receiver<Message>,
    peer: SocketAddr,
) {
    let expired = tokio::time::sleep(LIFETIME);
    tokio::pin!(expired);
    let (code, reason) = loop {
        tokio::select! {
            message = messages.recv() => match message {
                Some(message) => {
                    if socket.send(message).await.is_err() {
                        break (1006, "Connection closed abnormally");
                    }
                }
                None => break (1001, "Going away"),
            },
            received = socket.recv() => match received {
                Some(Ok(Message::Text(text))) => {
                    let mut event = event(&id, "$default", "MESSAGE", peer);
                    event["body"] = text.as_str().into();
                    call(&gateway, "$default", event).await;
                }
                Some(Ok(Message::Binary(_))) => break (1003, "Binary is not supported"),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_))) => break (1000, "Closed by the client"),
                None => break (1005, "Client-side close frame status not set"),
                Some(Err(_)) => break (1009, "The message cannot be read"),
            },
            // Traffic in either direction restarts this timer, as each iteration creates a new one.
            () = tokio::time::sleep(IDLE) => break (1001, "Idle for too long"),
            () = &mut expired => break (1001, "Connected for too long"),
        }
    };
    gateway.sockets.close(&id);
    if ![1005, 1006].contains(&code) {
        let farewell = CloseFrame { code, reason: reason.into() };
        // The client may be gone already.
        let _ = socket.send(Message::Close(Some(farewell))).await;
    }
    let mut event = event(&id, "$disconnect", "DISCONNECT", peer);
    event["requestContext"]["disconnectStatusCode"] = code.into();
    event["requestContext"]["disconnectReason"] = reason.into();
    call(&gateway, "$disconnect", event).await;
}

async fn call(gateway: &Gateway, route: &str, event: Value) -> Option<Value> {
    let function = gateway.websocket_routes.get(route)?;
    match gateway.lambda.invoke(function, event).await {
        Ok(answer) => Some(answer),
        Err(err) => {
            eprintln!("{route}: {err}");
            None
        }
    }
}

fn event(id: &str, route: &str, kind: &str, peer: SocketAddr) -> Value {
    let now = jiff::Timestamp::now().as_millisecond();
    json!({
        "requestContext": {
            "routeKey": route,
            "eventType": kind,
            "connectionId": id,
            "connectedAt": now,
            "requestTimeEpoch": now,
            "requestId": format!("{id}{now}"),
            "apiId": "local",
            "domainName": "127.0.0.1",
            "stage": "live",
            "messageDirection": "IN",
            "identity": { "sourceIp": peer.ip().to_string() },
        },
        "isBase64Encoded": false,
    })
}
