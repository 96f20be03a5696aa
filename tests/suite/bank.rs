//! A bank with two people: one writes the sets, the other puts them live.

use std::collections::BTreeMap;
use std::time::Duration;

use journeys::{Reply, World, transaction};
use serde_json::{Value, json};
use suite::SuiteConfig;

/// Two people who may both write and approve. The suite looks up the sets in force at every
/// decision.
pub(crate) struct Bank {
    pub(crate) world: World,
    /// The path of the register under test.
    sets: &'static str,
    pub(crate) ann: String,
    pub(crate) bob: String,
}

impl Bank {
    /// A bank that tests one register, given by its path in the API.
    pub(crate) async fn over(sets: &'static str) -> Self {
        let env = BTreeMap::from([("RULES_REFRESH_SECONDS".to_owned(), "0".to_owned())]);
        let visibility_timeout = Some(Duration::from_secs(2));
        let parameters = BTreeMap::from([("Tenants".to_owned(), "main,other".to_owned())]);
        let config =
            SuiteConfig { auth: true, env, parameters, visibility_timeout, ..Default::default() };
        let world = World::with(config).await;
        let scopes = [
            "transactions:write",
            "alerts:read",
            "rules:write",
            "rules:approve",
            "reference:write",
            "reference:approve",
        ];
        let token = |who| world.suite.token_of(who, "main", &scopes, 600);
        let (ann, bob) = (token("ann"), token("bob"));
        let mut bank = Self { world, sets, ann, bob };
        bank.world.use_token(bank.ann.clone());
        bank
    }

    pub(crate) async fn post(&self, as_whom: &str, path: &str, body: String) -> Reply {
        let request = self.world.http.post(self.world.url(path)).body(body);
        self.world.send_as(as_whom, request.header("content-type", "application/json")).await
    }

    pub(crate) async fn draft(&self, document: &Value) -> Reply {
        self.post(&self.ann, self.sets, document.to_string()).await
    }

    pub(crate) async fn put(&self, as_whom: &str, version: &str, to: &str) -> Reply {
        let path = format!("{}/{version}/transitions", self.sets);
        self.post(as_whom, &path, json!({ "to": to, "note": "a journey" }).to_string()).await
    }

    /// Corrupts the stored document of a set of a register.
    pub(crate) async fn spoil(&self, register: &str, version: &str) {
        let spoil = json!({
            "TableName": "SentinelTable",
            "Key": {
                "pk": { "S": format!("main#{register}") },
                "sk": { "S": format!("document#{version}") }
            },
            "UpdateExpression": "SET document = :broken",
            "ExpressionAttributeValues": { ":broken": { "S": "{" } }
        });
        self.world.suite.dynamodb("UpdateItem", spoil).await.unwrap();
    }

    /// Has Ann draft a set and try it in the shadow, and Bob put it live; returns its version.
    pub(crate) async fn make_live(&self, document: &Value) -> String {
        let drafted = self.draft(document).await;
        assert_eq!(drafted.status, 201, "{}", drafted.body);
        let version = drafted.body["version"].as_str().unwrap().to_owned();
        assert_eq!(self.put(&self.ann, &version, "shadow").await.status, 200);
        let live = self.put(&self.bob, &version, "live").await;
        assert_eq!((live.status, &live.body["live"]), (200, &json!(version)), "{}", live.body);
        version
    }

    /// Judges a payment now; returns one part of its decision's versions.
    pub(crate) async fn judged_by(&self, part: &str, msg_id: &str) -> String {
        let decision = self.world.decide(&transaction(msg_id)).await;
        decision["versions"][part].as_str().unwrap().to_owned()
    }
}
