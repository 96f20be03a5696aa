//! The documentation matches what is served: OpenAPI, docs, health, headers.

use std::collections::BTreeSet;

use journeys::World;

#[tokio::test]
async fn openapi_documents_exactly_the_routes_of_the_template() {
    let world = World::new().await;
    let document = world.get("/openapi.json").await.body;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut documented = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            documented.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    // A route's `+` lets a parameter hold slashes, which OpenAPI paths cannot express.
    let routes = world.suite.routes().into_iter().filter(|route| route.contains("/api/v1/"));
    let routes: BTreeSet<String> = routes.map(|route| route.replace("+}", "}")).collect();
    assert_eq!(documented, routes);
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
