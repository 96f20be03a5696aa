//! Every operation of the OpenAPI document is called, and its answers match the document.

use std::collections::BTreeSet;

use journeys::{Reply, World, eventually, risky, transaction};
use reqwest::Method;
use serde_json::{Value, json};
use suite::SuiteConfig;

use crate::rules::eager;

/// Not valid JSON, and an account number, which must not get into a log.
const SPOILT: &str = "DE89370400440532013000";

/// A client that checks every answer against the document.
struct Client {
    world: World,
    document: Value,
    /// The token of a second person, who approves.
    approver: String,
    called: BTreeSet<String>,
}

impl Client {
    async fn new() -> Self {
        let mut world = World::with(SuiteConfig { auth: true, ..SuiteConfig::default() }).await;
        let scopes = world.suite.scopes();
        world.use_token(world.suite.token("main", &scopes, 600));
        let approver = world.suite.token_of("approver", "main", &scopes, 600);
        let mut document = world.get("/openapi.json").await.body;
        for schema in document["components"]["schemas"].as_object_mut().unwrap().values_mut() {
            close_parts(schema);
        }
        Self { world, document, approver, called: BTreeSet::new() }
    }

    /// Calls an operation, named as in the document, and checks the status and schema of the
    /// answer.
    async fn call(
        &mut self,
        operation: &str,
        path: &str,
        body: Option<&str>,
        status: u16,
    ) -> Value {
        let reply = self.world.send(self.request(operation, path, body)).await;
        self.hold(operation, status, reply)
    }

    /// The same as the approver.
    async fn approve(&mut self, operation: &str, path: &str, body: &str, status: u16) -> Value {
        let request = self.request(operation, path, Some(body));
        let reply = self.world.send_as(&self.approver, request).await;
        self.hold(operation, status, reply)
    }

    fn request(&self, operation: &str, path: &str, body: Option<&str>) -> reqwest::RequestBuilder {
        let method: Method = operation.split(' ').next().unwrap().parse().unwrap();
        let request = self.world.http.request(method, self.world.url(path));
        let form = if operation.ends_with("/history") { "x-ndjson" } else { "json" };
        match body {
            None => request,
            Some(body) => {
                request.header("content-type", format!("application/{form}")).body(body.to_owned())
            }
        }
    }

    fn hold(&mut self, operation: &str, status: u16, reply: Reply) -> Value {
        let (method, path) = operation.split_once(' ').unwrap();
        let Reply { status: answered, headers, body } = reply;
        assert_eq!(answered, status, "{operation}: {body}");
        self.called.insert(operation.to_owned());
        let responses = &self.document["paths"][path][method.to_lowercase()]["responses"];
        let content = &responses[status.to_string()]["content"];
        let form = headers["content-type"].to_str().unwrap();
        let schema = &content[form]["schema"];
        assert!(schema.is_object(), "{operation} does not document {status} as {form}");
        let mut whole = schema.clone();
        close(&mut whole);
        whole["components"] = self.document["components"].clone();
        let validator = jsonschema::draft202012::new(&whole).unwrap();
        let faults: Vec<String> = validator
            .iter_errors(&body)
            .map(|fault| format!("{} at {}", fault, fault.instance_path()))
            .collect();
        assert!(faults.is_empty(), "{operation} {status}: {faults:#?}\n{body:#}");
        body
    }

    /// Corrupts an attribute of an item in the table.
    async fn spoil(&self, pk: &str, sk: &str, attribute: &str) {
        let spoil = json!({
            "TableName": "SentinelTable",
            "Key": { "pk": { "S": pk }, "sk": { "S": sk } },
            "UpdateExpression": "SET #spoilt = :spoilt",
            "ExpressionAttributeNames": { "#spoilt": attribute },
            "ExpressionAttributeValues": { ":spoilt": { "S": SPOILT } }
        });
        self.world.suite.dynamodb("UpdateItem", spoil).await.unwrap();
    }

    /// Waits for the decision on a transaction.
    async fn decided(&self, msg_id: &str) {
        self.world.decision(msg_id).await;
    }
}

/// Closes a schema, so that an object with an undocumented field does not match it. This is done
/// where the schema is used, not where it is defined, because a type that is flattened into another
/// describes only some of the fields of that one's objects.
fn close(schema: &mut Value) {
    close_parts(schema);
    // An object without named fields may have any.
    if ["$ref", "properties", "allOf", "oneOf"].iter().any(|key| schema.get(key).is_some()) {
        schema["unevaluatedProperties"] = false.into();
    }
}

/// Closes the schemas nested in a schema, but not the schema itself.
fn close_parts(schema: &mut Value) {
    for (key, part) in schema.as_object_mut().into_iter().flatten() {
        match (key.as_str(), part) {
            ("properties", Value::Object(fields)) => fields.values_mut().for_each(close),
            ("items" | "additionalProperties", part @ Value::Object(_)) => close(part),
            ("allOf" | "oneOf", Value::Array(parts)) => parts.iter_mut().for_each(close_parts),
            _ => {}
        }
    }
}

async fn transactions(client: &mut Client) {
    const POST: &str = "POST /api/v1/transactions";
    const GET: &str = "GET /api/v1/transactions/{msg_id}";
    let path = "/api/v1/transactions";
    let payment = transaction("answer-1").to_string();
    client.call(POST, path, Some(&payment), 202).await;
    client.decided("answer-1").await;
    client.call(POST, path, Some(&risky("answer-2").to_string()), 202).await;
    client.decided("answer-2").await;
    let batch = json!([transaction("answer-1"), {"msg_id": 1}, transaction("answer-3")]);
    client.call(POST, path, Some(&batch.to_string()), 207).await;
    client.call(POST, path, Some("{"), 400).await;
    client.call(POST, path, Some("{}"), 422).await;
    let other = payment.replace("120.50", "120.51");
    client.call(POST, path, Some(&other), 409).await;
    let one = "/api/v1/transactions/answer-1";
    client.call(GET, one, None, 200).await;
    client.call(GET, &format!("{one}?rules=all"), None, 200).await;
    client.call(GET, "/api/v1/transactions/unknown", None, 404).await;
    const QUERY: &str = "GET /api/v1/transactions";
    client.call(QUERY, "/api/v1/transactions?msg_id=answer-2", None, 200).await;
    client.call(QUERY, "/api/v1/transactions", None, 400).await;
    // History is reported as history, whichever operation is called.
    const HISTORY: &str = "POST /api/v1/history";
    let old = transaction("answer-old").to_string();
    client.call(HISTORY, "/api/v1/history", Some(&old), 207).await;
    eventually(|| async {
        let reply = client.world.get("/api/v1/transactions/answer-old").await;
        reply.body["counted_at"].is_string().then_some(())
    })
    .await;
    client.call(GET, "/api/v1/transactions/answer-old", None, 200).await;
    client.call(POST, path, Some(&old), 200).await;
    client.call(HISTORY, "/api/v1/history", Some(&old), 207).await;
}

async fn alerts(client: &mut Client) {
    let list = "/api/v1/alerts";
    let listed = client.call("GET /api/v1/alerts", list, None, 200).await;
    assert_eq!(listed["alerts"].as_array().unwrap().len(), 1);
    client.call("GET /api/v1/alerts", "/api/v1/alerts?min_score=7", None, 400).await;
    client.call("GET /api/v1/alerts", "/api/v1/alerts?queue=reviews", None, 200).await;
    let id = listed["alerts"][0]["alert_id"].as_str().unwrap();
    let one = format!("/api/v1/alerts/{id}");
    client.call("GET /api/v1/alerts/{id}", &one, None, 200).await;
    client.call("GET /api/v1/alerts/{id}", "/api/v1/alerts/al_no", None, 404).await;
    const EXPLAIN: &str = "POST /api/v1/alerts/{id}/explanation";
    client.call(EXPLAIN, &format!("{one}/explanation"), Some(""), 200).await;
    client.call(EXPLAIN, "/api/v1/alerts/al_no/explanation", Some(""), 404).await;
    // The alert, now with its explanation.
    client.call("GET /api/v1/alerts/{id}", &one, None, 200).await;
    work(client, &one).await;
    cases(client).await;
    accounts(client).await;
}

async fn work(client: &mut Client, alert: &str) {
    const ASSIGN: &str = "POST /api/v1/alerts/{id}/assignment";
    let assignment = format!("{alert}/assignment");
    client.call(ASSIGN, &assignment, Some(r#"{"version":0,"to":"ann"}"#), 200).await;
    client.call(ASSIGN, &assignment, Some(r#"{"version":0,"to":"bob"}"#), 409).await;
    client.call(ASSIGN, &assignment, Some(r#"{"version":1,"to":""}"#), 422).await;
    client.call(ASSIGN, &assignment, Some("{}"), 400).await;
    client.call(ASSIGN, "/api/v1/alerts/al_no/assignment", Some(r#"{"version":0}"#), 404).await;
    const DISPOSE: &str = "POST /api/v1/alerts/{id}/disposition";
    let disposition = format!("{alert}/disposition");
    let suspicious = r#"{"version":1,"step":"dispose","conclusion":"suspicious","note":"a shell"}"#;
    client.call(DISPOSE, &disposition, Some(suspicious), 200).await;
    client.call(DISPOSE, &disposition, Some(suspicious), 409).await;
    client.call(DISPOSE, &disposition, Some("{}"), 400).await;
    let silent = r#"{"version":2,"step":"reopen","note":""}"#;
    client.call(DISPOSE, &disposition, Some(silent), 422).await;
    client.call(DISPOSE, "/api/v1/alerts/al_no/disposition", Some(silent), 404).await;
    // The alert, now with a conclusion and its steps.
    client.call("GET /api/v1/alerts/{id}", alert, None, 200).await;
    client.call("GET /api/v1/alerts", "/api/v1/alerts?status=closed", None, 200).await;
    client.call("GET /api/v1/alerts", "/api/v1/alerts?status=awaiting_approval", None, 200).await;
}

async fn cases(client: &mut Client) {
    const OPEN: &str = "POST /api/v1/cases";
    let path = "/api/v1/cases";
    let new = r#"{"title":"A shell company","alerts":["al_answer-2"]}"#;
    let case = client.call(OPEN, path, Some(new), 201).await;
    client.call(OPEN, path, Some(new), 409).await;
    client.call(OPEN, path, Some("{}"), 400).await;
    client.call(OPEN, path, Some(r#"{"title":"","alerts":["al_answer-2"]}"#), 422).await;
    client.call(OPEN, path, Some(r#"{"title":"x","alerts":["al_none"]}"#), 404).await;
    let one = format!("{path}/{}", case["case_id"].as_str().unwrap());
    const STEP: &str = "POST /api/v1/cases/{id}/steps";
    let steps = format!("{one}/steps");
    let note = r#"{"version":1,"step":"note","note":"asked for documents"}"#;
    client.call(STEP, &steps, Some(note), 200).await;
    client.call(STEP, &steps, Some(note), 409).await;
    client.call(STEP, &steps, Some("{}"), 400).await;
    let hasty = r#"{"version":2,"step":"close","outcome":"founded","note":"at once"}"#;
    client.call(STEP, &steps, Some(hasty), 422).await;
    client.call(STEP, &format!("{path}/ca_none/steps"), Some(note), 404).await;
    client.call("GET /api/v1/cases/{id}", &one, None, 200).await;
    client.call("GET /api/v1/cases/{id}", "/api/v1/cases/ca_none", None, 404).await;
    client.call("GET /api/v1/cases", path, None, 200).await;
    client.call("GET /api/v1/cases", "/api/v1/cases?ended=perhaps", None, 400).await;
}

async fn accounts(client: &mut Client) {
    const ACCOUNT: &str = "GET /api/v1/accounts";
    client.call(ACCOUNT, "/api/v1/accounts?account_id=GB%20answer-2-from", None, 200).await;
    client.call(ACCOUNT, "/api/v1/accounts?account_id=nobody", None, 404).await;
    client.call(ACCOUNT, "/api/v1/accounts", None, 400).await;
    const PAYMENTS: &str = "GET /api/v1/payments";
    client.call(PAYMENTS, "/api/v1/payments?account_id=GB%20answer-2-from", None, 200).await;
    client.call(PAYMENTS, "/api/v1/payments?account_id=x&limit=0", None, 400).await;
    const SEARCH: &str = "GET /api/v1/search";
    for q in ["answer-2", "al_answer-2", "GB%20answer-2-from"] {
        client.call(SEARCH, &format!("/api/v1/search?q={q}"), None, 200).await;
    }
    client.call(SEARCH, "/api/v1/search", None, 400).await;
    client.call("GET /api/v1/me", "/api/v1/me", None, 200).await;
    client.call("GET /api/v1/people", "/api/v1/people", None, 200).await;
}

async fn operations(client: &mut Client) {
    client.call("GET /api/v1/budget", "/api/v1/budget", None, 200).await;
    client.call("GET /api/v1/health", "/api/v1/health", None, 200).await;
    client.call("POST /api/v1/stream-tickets", "/api/v1/stream-tickets", Some(""), 201).await;
    client.call("GET /api/v1/peers", "/api/v1/peers?weeks=1", None, 200).await;
}

/// Takes a set through its whole life.
async fn register(client: &mut Client, path: &str, document: &Value) {
    let list = format!("GET {path}");
    client.call(&list, path, None, 200).await;
    let drafted =
        client.call(&format!("POST {path}"), path, Some(&document.to_string()), 201).await;
    client.call(&format!("POST {path}"), path, Some(&document.to_string()), 200).await;
    client.call(&format!("POST {path}"), path, Some("{}"), 422).await;
    let version = drafted["version"].as_str().unwrap();
    let (get, one) = (format!("GET {path}/{{version}}"), format!("{path}/{version}"));
    client.call(&get, &one, None, 200).await;
    client.call(&get, &format!("{path}/none"), None, 404).await;
    let (shift, way) =
        (format!("POST {path}/{{version}}/transitions"), format!("{one}/transitions"));
    client.call(&shift, &way, Some(r#"{"to":"shadow","note":"a trial"}"#), 200).await;
    client.call(&shift, &way, Some(r#"{"to":"live"}"#), 403).await;
    client
        .call(&format!("GET {path}/{{version}}/shadow"), &format!("{one}/shadow"), None, 200)
        .await;
    client.approve(&shift, &way, r#"{"to":"live"}"#, 200).await;
    client.call(&list, path, None, 200).await;
    let back = format!("{path}/rollback");
    client.approve(&format!("POST {back}"), &back, r#"{"note":"back"}"#, 200).await;
    client.approve(&format!("POST {back}"), &back, "", 409).await;
}

#[tokio::test]
async fn every_operation_answers_what_the_document_says() {
    let mut client = Client::new().await;
    transactions(&mut client).await;
    alerts(&mut client).await;
    operations(&mut client).await;
    register(&mut client, "/api/v1/rule-sets", &eager("answers")).await;
    let reference = include_str!("../../shared/reference/core.json");
    let mut reference: Value = serde_json::from_str(reference).unwrap();
    reference["version"] = "answers".into();
    register(&mut client, "/api/v1/reference-sets", &reference).await;

    let mut documented = BTreeSet::new();
    for (path, operations) in client.document["paths"].as_object().unwrap() {
        let methods = operations.as_object().unwrap().keys();
        documented.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
    }
    assert_eq!(client.called, documented);
    client.world.end().await;
}

/// An item in the table may be corrupted, by hand or by a restore. Trying again does not help, so
/// the answer does not suggest it; and the item may hold anything, so neither answers nor logs
/// quote it.
#[tokio::test]
async fn what_the_table_holds_and_nobody_can_read_is_an_internal_error_that_quotes_nothing() {
    let mut client = Client::new().await;
    let path = "/api/v1/transactions";
    client.call(&format!("POST {path}"), path, Some(&risky("broken").to_string()), 202).await;
    client.decided("broken").await;
    let whole = risky("whole");
    client.call(&format!("POST {path}"), path, Some(&whole.to_string()), 202).await;
    client.decided("whole").await;
    const ALERT: &str = "GET /api/v1/alerts/{id}";
    let alert = "/api/v1/alerts/al_broken";
    client.call(ALERT, alert, None, 200).await;

    client.spoil("main#tx#broken", "tx", "decision").await;
    let one = format!("{path}/broken");
    client.call("GET /api/v1/transactions/{msg_id}", &one, None, 500).await;
    client.call(ALERT, alert, None, 500).await;
    let explain = format!("{alert}/explanation");
    client.call("POST /api/v1/alerts/{id}/explanation", &explain, Some(""), 500).await;
    client.spoil("main#alert#al_broken", "alert", "body").await;
    client.call(ALERT, alert, None, 500).await;
    // The other alerts are still listed.
    let listed = client.call("GET /api/v1/alerts", "/api/v1/alerts", None, 200).await;
    let listed = listed["alerts"].as_array().unwrap().iter().map(|alert| &alert["alert_id"]);
    assert_eq!(listed.collect::<Vec<_>>(), ["al_whole"]);

    let logs = client.world.suite.logs();
    let told = |(_, line): &&(String, String)| {
        line.contains("ERROR") && line.contains("The table cannot keep or give")
    };
    assert_eq!(logs.iter().filter(told).count(), 4, "{logs:#?}");
    let left_out = |(_, line): &&(String, String)| line.contains("1 alerts cannot be read");
    assert_eq!(logs.iter().filter(left_out).count(), 1, "{logs:#?}");
    assert!(logs.iter().all(|(_, line)| !line.contains(SPOILT)), "{logs:#?}");
    client.world.end().await;
}
