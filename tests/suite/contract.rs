//! What is documented is what is served: OpenAPI, scopes, docs, health, headers.

use std::collections::{BTreeMap, BTreeSet};

use contract::scope::{Scope, scopes_for};
use journeys::World;
use serde_json::{Value, json};
use suite::SuiteConfig;
use suite::template::{Route, Stack};

fn routes() -> Vec<Route> {
    let template = include_str!("../../template.yaml");
    let routes = Stack::read(template, &BTreeMap::new()).unwrap().http_routes;
    routes.into_iter().filter(|route| route.path.starts_with("/api/v1/")).collect()
}

/// A route's `+` lets a parameter hold slashes, which OpenAPI paths cannot express.
fn documented_path(route: &Route) -> String {
    route.path.replace("+}", "}")
}

#[tokio::test]
async fn the_document_has_the_routes_of_the_template_and_their_scopes() {
    let world = World::new().await;
    let document = world.get("/openapi.json").await.body;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let asked = routes().into_iter().map(|route| {
        let operation = format!("{} {}", route.method, documented_path(&route));
        (operation, route.scopes.into_iter().flatten().collect())
    });
    let asked: BTreeMap<String, BTreeSet<String>> = asked.collect();
    let mut documented = BTreeMap::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let any_of = operation["security"].as_array().into_iter().flatten();
            let scopes = any_of.flat_map(|one| one["bearer"].as_array().unwrap());
            let scopes = scopes.map(|scope| scope.as_str().unwrap().to_owned());
            documented.insert(format!("{} {path}", method.to_uppercase()), scopes.collect());
        }
    }
    assert_eq!(documented, asked);
    // A scope that no route asks for would be granted for nothing.
    let needed: BTreeSet<String> = asked.into_values().flatten().collect();
    assert_eq!(needed, Scope::ALL.map(|scope| scope.code().to_owned()).into());
    world.end().await;
}

/// Bypasses the gateway, which checks the same: a route that is wired wrongly must not be open.
#[tokio::test]
async fn functions_let_in_whom_the_contract_lets_in() {
    let world = World::new().await;
    let event: Value =
        serde_json::from_str(include_str!("../../events/http-get-alerts.json")).unwrap();
    for route in routes().iter().filter(|route| route.scopes.is_some()) {
        let path = route.path.replace("{version}", "none").replace("{id}", "al_none");
        let path = path.replace("{msg_id+}", "none");
        let open = scopes_for(&route.method, &documented_path(route)).unwrap();
        for scope in Scope::ALL {
            let mut event = event.clone();
            event["rawPath"] = path.as_str().into();
            event["rawQueryString"] = "msg_id=none".into();
            event["queryStringParameters"] = json!({ "msg_id": "none" });
            let context = &mut event["requestContext"];
            context["http"]["method"] = route.method.as_str().into();
            context["http"]["path"] = path.as_str().into();
            context["authorizer"]["jwt"]["claims"]["scope"] = scope.code().into();
            context["authorizer"]["jwt"]["scopes"] = Value::Null;
            let answer = world.suite.invoke(&route.function, event).await.unwrap();
            let status = answer["statusCode"].as_u64().unwrap();
            let let_in = ![401, 403].contains(&status);
            assert_eq!(let_in, open.contains(&scope), "{} {path} {scope:?} {status}", route.method);
        }
    }
    world.end().await;
}

#[tokio::test]
async fn docs_work_without_a_network() {
    let world = World::new().await;
    let page = world.get("/docs/").await;
    assert_eq!(page.status, 200);
    let html = page.body.as_str().unwrap().to_owned();
    assert!(!html.contains("https://") && html.contains("swagger-ui"));
    for file in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
        assert_eq!(world.get(&format!("/docs/{file}")).await.status, 200, "{file}");
    }
    world.end().await;
}

#[tokio::test]
async fn health_and_metrics_answer() {
    let world = World::new().await;
    let health = world.get("/api/v1/health").await;
    assert_eq!((health.status, &health.body["status"]), (200, &"ok".into()));
    assert!(health.headers.contains_key("x-request-id"));
    world.decide(&journeys::risky("metric-1")).await;
    let metrics = journeys::eventually(|| async {
        let text = world.get("/metrics").await.body.as_str().unwrap_or_default().to_owned();
        text.contains("decisions_total{level=\"rules\"}").then_some(text)
    })
    .await;
    let names = [
        "requests_total",
        "latency_ms",
        "cascade_latency_ms",
        "alerts_total",
        "reference_age_days",
    ];
    for name in names {
        assert!(metrics.contains(name), "{name} in {metrics}");
    }
    world.end().await;
}

#[tokio::test]
async fn an_unknown_route_is_not_found() {
    let world = World::new().await;
    assert_eq!(world.get("/api/v1/nothing").await.status, 404);
    assert_eq!(world.get("/api/v1/transactions/unknown").await.status, 404);
    assert_eq!(world.get("/api/v1/alerts/al_unknown").await.status, 404);
    assert_eq!(world.get("/api/v1/alerts?min_score=7").await.status, 400);
    world.end().await;
}

#[tokio::test]
async fn the_page_is_told_where_it_runs_if_one_is_deployed() {
    let event: Value =
        serde_json::from_str(include_str!("../../events/http-get-alerts.json")).unwrap();
    let asked = async |parameters: &[(&str, &str)]| {
        let parameters = parameters.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        let parameters = parameters.collect();
        let world = World::with(SuiteConfig { parameters, ..SuiteConfig::default() }).await;
        let mut event = event.clone();
        event["rawPath"] = "/desk.json".into();
        event["requestContext"]["http"]["path"] = "/desk.json".into();
        let answer = world.suite.invoke("case-desk", event).await.unwrap();
        world.end().await;
        answer
    };
    assert_eq!(asked(&[]).await["statusCode"], 404);
    let issuer = ("JwtIssuer", "https://login.example.org/");
    let answer = asked(&[("DeskClientId", "desk-1"), issuer]).await;
    let told: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!((&told["client_id"], &told["issuer"]), (&json!("desk-1"), &json!(issuer.1)));
    assert!(told["websocket"].as_str().unwrap().starts_with("wss://"), "{told}");
}
