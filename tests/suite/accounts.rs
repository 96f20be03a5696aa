//! Accounts: what they are, what they have done, their payments, and what an id stands for.

use journeys::{World, eventually, risky, transaction};
use serde_json::{Value, json};
use suite::SuiteConfig;

async fn payments(world: &World, query: &str) -> Value {
    world.get(&format!("/api/v1/payments?account_id=GB%20mule{query}")).await.body
}

fn ids(page: &Value) -> Vec<&str> {
    page["payments"].as_array().unwrap().iter().map(|p| p["msg_id"].as_str().unwrap()).collect()
}

fn of_mule(id: &str, side: &str, day: u8) -> Value {
    let mut payment = transaction(id);
    payment[side]["account"] = "mule".into();
    payment[side]["name"] = "Ann <script>alert(1)</script>".into();
    payment["timestamp"] = format!("2026-01-{day:02}T10:00:00Z").into();
    payment
}

#[tokio::test]
async fn an_accounts_payments_are_listed_by_their_own_time() {
    let world = World::new().await;
    world.decide(&of_mule("p-2", "receiver", 7)).await;
    world.decide(&of_mule("p-1", "sender", 5)).await;
    let mut rent = of_mule("p-3", "sender", 9);
    rent["purpose"] = "rent & more".into();
    world.decide(&rent).await;
    let old = of_mule("p-0", "receiver", 1).to_string();
    let request = world.http.post(world.url("/api/v1/history"));
    world.send(request.header("content-type", "application/x-ndjson").body(old)).await;
    let page = eventually(|| async {
        let page = payments(&world, "").await;
        (ids(&page).len() == 4).then_some(page)
    })
    .await;
    assert_eq!(ids(&page), ["p-3", "p-2", "p-1", "p-0"]);
    let of = |n: usize| &page["payments"][n];
    assert_eq!((&of(0)["side"], &of(1)["side"]), (&json!("sender"), &json!("receiver")));
    assert_eq!((&of(0)["purpose"], &of(3)["risk"]), (&json!("rent & more"), &Value::Null));
    assert!(of(1)["risk"].as_f64().is_some());
    assert_eq!(of(1)["counterparty"]["account_id"], "GB p-2-from");
    // Page by page, and before a moment.
    let first = payments(&world, "&limit=2").await;
    let rest = first["cursor"].as_str().unwrap().replace('#', "%23");
    let second = payments(&world, &format!("&limit=2&cursor={rest}")).await;
    assert_eq!((ids(&first), ids(&second)), (vec!["p-3", "p-2"], vec!["p-1", "p-0"]));
    assert!(second["cursor"].is_null());
    let before = payments(&world, "&before=2026-01-06T00:00:00Z").await;
    assert_eq!(ids(&before), ["p-1", "p-0"]);
    for query in ["&limit=0", "&limit=501", "&before=yesterday"] {
        assert_eq!(payments(&world, query).await["status"], 400, "{query}");
    }
    world.end().await;
}

#[tokio::test]
async fn an_account_tells_what_it_is_and_has_done() {
    let world = World::new().await;
    world.decide(&of_mule("d-1", "sender", 5)).await;
    world.decide(&of_mule("d-2", "sender", 6)).await;
    let account = world.get("/api/v1/accounts?account_id=GB%20mule").await.body;
    assert_eq!((&account["account"], &account["country"]), (&json!("mule"), &json!("GB")));
    let sent = &account["activity"]["sent"];
    let days: Vec<_> = sent["days"].as_array().unwrap().iter().map(|d| &d["count"]).collect();
    assert_eq!(days[6..], [&json!(1), &json!(1)]);
    assert_eq!(sent["weeks"][5]["count"], 2);
    assert_eq!(account["base_currency"], "USD");
    assert_eq!(world.get("/api/v1/accounts?account_id=GB%20nobody").await.status, 404);
    assert_eq!(world.get("/api/v1/accounts").await.status, 400);
    world.end().await;
}

#[tokio::test]
async fn a_search_finds_payments_alerts_and_accounts() {
    let world = World::new().await;
    let mut payment = risky("INV/1");
    payment["sender"]["account"] = "GB29 NWBK 6016 1331 9268 19".into();
    let alert = world.decide(&payment).await["alert_id"].clone();
    let find = |q: &str| {
        let path = format!("/api/v1/search?q={}", q.replace(' ', "%20"));
        let world = &world;
        async move { world.get(&path).await.body["hits"].clone() }
    };
    let transaction = json!([{"kind": "transaction", "msg_id": "INV/1", "alert_id": alert}]);
    assert_eq!(find("INV/1").await, transaction);
    assert_eq!(find(alert.as_str().unwrap()).await, json!([{"kind": "alert", "alert_id": alert}]));
    let account = json!([{"kind": "account", "account_id": "GB29NWBK60161331926819"}]);
    assert_eq!(find("gb29 nwbk 6016 1331 9268 19").await, account);
    assert_eq!(find("GB INV/1-to").await, json!([]));
    assert_eq!(find("IR INV/1-to").await[0]["account_id"], "IR INV/1-to");
    assert_eq!(find("nothing at all").await, json!([]));
    assert_eq!(world.get("/api/v1/search?q=%20").await.status, 400);
    world.end().await;
}

#[tokio::test]
async fn a_token_tells_whose_it_is() {
    let world = World::new().await;
    let me = world.get("/api/v1/me").await.body;
    assert_eq!((&me["subject"], &me["tenant"]), (&json!("developer"), &json!("main")));
    assert!(me["scopes"].as_array().unwrap().contains(&json!("alerts:work")));
    world.end().await;
}

#[tokio::test]
async fn people_who_have_signed_in_are_known_by_name() {
    let world = World::with(SuiteConfig { auth: true, ..SuiteConfig::default() }).await;
    let token = |subject: &str, tenant: &str, name: &str| {
        let claims =
            json!({"sub": subject, "tenant": tenant, "name": name, "scope": "alerts:read"});
        world.suite.token_with(claims, 600)
    };
    let ann = token("0f-1", "main", "Ann Lee");
    let stranger = token("0f-2", "other", "Sue Ng");
    for token in [&ann, &stranger, &token("0f-1", "main", "Ann Lee-Ray")] {
        let me = world.send_as(token, world.http.get(world.url("/api/v1/me"))).await;
        assert_eq!(me.status, 200, "{}", me.body);
    }
    let people = world.send_as(&ann, world.http.get(world.url("/api/v1/people"))).await.body;
    assert_eq!(people, json!({"people": [{"subject": "0f-1", "name": "Ann Lee-Ray"}]}));
    world.end().await;
}
