//! The WebSocket API: `$connect` is asked before the handshake is answered, messages go to
//! `$default`, and functions send through `/@connections/{id}` on the endpoint.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::response::Response;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use super::http_api::{FrontDoor, form_pairs, problem};

/// What waits for a slow client; one that falls further behind is cut off and fills its gap later.
const OUTBOX: usize = 1_024;

/// The open connections.
#[derive(Debug, Default)]
pub struct Sockets(Mutex<HashMap<String, mpsc::Sender<Message>>>);

impl Sockets {
    /// False where the connection is gone.
    pub fn send(&self, id: &str, text: String) -> bool {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(id).is_some_and(|outbox| outbox.try_send(Message::Text(text.into())).is_ok())
    }

    pub fn close(&self, id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id).is_some()
    }

    pub fn knows(&self, id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(id)
    }

    /// Ends every connection.
    pub fn close_all(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn open(&self, id: &str) -> mpsc::Receiver<Message> {
        let (outbox, messages) = mpsc::channel(OUTBOX);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), outbox);
        messages
    }
}

/// `GET /ws`.
pub async fn upgrade(
    State(door): State<FrontDoor>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
    upgrade: WebSocketUpgrade,
) -> Response {
    let id = format!("local{:011x}=", door.next_id.fetch_add(1, Ordering::Relaxed));
    let pairs = form_pairs(&query.unwrap_or_default());
    let parameters: Map<String, Value> =
        pairs.into_iter().map(|(name, value)| (name, value.into())).collect();
    let mut event = event(&id, "$connect", "CONNECT", peer);
    event["queryStringParameters"] = Value::Object(parameters);
    event["headers"] = json!({});
    // The connection exists before the client hears so: a push may come at once.
    let messages = door.sockets.open(&id);
    let status = match call(&door, "$connect", event).await {
        Some(answer) => answer["statusCode"].as_u64().unwrap_or(500),
        None => 500,
    };
    if (200..300).contains(&status) {
        return upgrade.on_upgrade(move |socket| serve(door, id, socket, messages, peer));
    }
    door.sockets.close(&id);
    let status = u16::try_from(status).unwrap_or(500);
    problem(status, "Refused", "The connection was refused.", &id)
}

async fn serve(
    door: FrontDoor,
    id: String,
    mut socket: WebSocket,
    mut messages: mpsc::Receiver<Message>,
    peer: SocketAddr,
) {
    loop {
        tokio::select! {
            message = messages.recv() => match message {
                Some(message) => {
                    if socket.send(message).await.is_err() {
                        break;
                    }
                }
                None => {
                    let _ = socket.send(Message::Close(None)).await;
                    break;
                }
            },
            received = socket.recv() => match received {
                Some(Ok(Message::Text(text))) => {
                    let mut event = event(&id, "$default", "MESSAGE", peer);
                    event["body"] = text.as_str().into();
                    call(&door, "$default", event).await;
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
    door.sockets.close(&id);
    call(&door, "$disconnect", event(&id, "$disconnect", "DISCONNECT", peer)).await;
}

async fn call(door: &FrontDoor, route: &str, event: Value) -> Option<Value> {
    let function = door.websocket_routes.get(route)?;
    match door.lambda.invoke(function, event).await {
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
