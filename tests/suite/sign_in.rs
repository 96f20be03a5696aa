//! Signing in at the development issuer as a browser does, and tokens in the shapes of other issuers.

use std::collections::BTreeMap;
use std::time::Duration;

use contract::role::Role;
use contract::scope::scopes_for;
use journeys::{Reply, World};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use suite::{Suite, SuiteConfig};

/// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn with_auth() -> SuiteConfig {
    SuiteConfig { auth: true, ..SuiteConfig::default() }
}

/// A browser that does not follow redirects, and so shows where it is sent.
struct Browser {
    http: reqwest::Client,
    url: String,
}

impl Browser {
    fn of(suite: &Suite) -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(Policy::none());
        Self { http: http.build().unwrap(), url: suite.base_url() }
    }

    /// What the page asks the issuer for, with changes.
    fn request(&self, changes: &[(&str, &str)]) -> BTreeMap<String, String> {
        let back = format!("{}/signed-in", self.url);
        let usual = [
            ("response_type", "code"),
            ("client_id", "desk"),
            ("redirect_uri", &back),
            ("scope", "openid profile email"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("state", "a state & more"),
            ("nonce", "a-nonce"),
        ];
        parameters(&[&usual, changes].concat())
    }

    /// The sign-in page.
    fn ask(&self, changes: &[(&str, &str)]) -> reqwest::RequestBuilder {
        self.http.get(self.address("/oauth2/authorize", &self.request(changes)))
    }

    fn address(&self, path: &str, query: &BTreeMap<String, String>) -> reqwest::Url {
        let mut url = reqwest::Url::parse(&self.url).unwrap().join(path).unwrap();
        url.query_pairs_mut().extend_pairs(query);
        url
    }

    fn form(&self, path: &str, fields: &BTreeMap<String, String>) -> reqwest::RequestBuilder {
        let fields = self.address(path, fields).query().unwrap_or_default().to_owned();
        let request = self.http.post(format!("{}{path}", self.url)).body(fields);
        request.header("content-type", "application/x-www-form-urlencoded")
    }

    /// Where the issuer sends the browser, with the parameters.
    async fn sent_back(request: reqwest::RequestBuilder) -> BTreeMap<String, String> {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 303);
        let to = response.headers()["location"].to_str().unwrap().parse::<reqwest::Url>().unwrap();
        to.query_pairs().into_owned().collect()
    }

    /// Chooses somebody on the sign-in page; returns the code.
    async fn choose(&self, person: &str) -> String {
        let request = self.form("/oauth2/authorize", &self.request(&[("person", person)]));
        let sent = Self::sent_back(request).await;
        assert_eq!((sent["state"].as_str(), &sent["iss"]), ("a state & more", &self.url));
        sent["code"].clone()
    }

    async fn token(&self, fields: &[(&str, &str)]) -> (u16, Value) {
        let fields = parameters(&[&[("client_id", "desk")], fields].concat());
        let response = self.form("/oauth2/token", &fields).send().await.unwrap();
        assert_eq!(response.headers()["cache-control"], "no-store");
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn redeem(&self, code: &str, verifier: &str) -> (u16, Value) {
        let back = format!("{}/signed-in", self.url);
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &back),
            ("code_verifier", verifier),
        ];
        self.token(&fields).await
    }

    async fn renew(&self, token: &Value) -> (u16, Value) {
        let token = token.as_str().unwrap();
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    async fn sign_out(&self, query: &[(&str, &str)]) -> reqwest::Response {
        let url = self.address("/oauth2/logout", &parameters(query));
        self.http.get(url).send().await.unwrap()
    }

    /// Signs somebody in; returns the token endpoint's answer.
    async fn sign_in(&self, person: &str) -> Value {
        let (status, tokens) = self.redeem(&self.choose(person).await, VERIFIER).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }
}

fn refused(answer: &(u16, Value)) -> &str {
    assert_eq!(answer.0, 400, "{}", answer.1);
    answer.1["error"].as_str().unwrap()
}

async fn me(world: &World, tokens: &Value) -> Reply {
    let token = tokens["access_token"].as_str().unwrap();
    world.send_as(token, world.http.get(world.url("/api/v1/me"))).await
}

#[tokio::test]
async fn somebody_signs_in_and_the_api_knows_them() {
    let world = World::with(with_auth()).await;
    let browser = Browser::of(&world.suite);
    let discovered = world.get("/.well-known/openid-configuration").await.body;
    assert_eq!(discovered["issuer"], browser.url);
    assert_eq!(discovered["token_endpoint"], format!("{}/oauth2/token", browser.url));
    let page = browser.ask(&[]).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let html = page.text().await.unwrap();
    assert!(html.contains("Sofia Marchetti") && html.contains("value=\"a state &amp; more\""));
    let tokens = browser.sign_in("ada").await;
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
    let me = me(&world, &tokens).await;
    assert_eq!((&me.body["subject"], &me.body["name"]), (&json!("ada"), &json!("Ada Lindgren")));
    assert_eq!(me.body["scopes"], json!(["alerts:read", "alerts:work"]));
    let id = tokens["id_token"].as_str().unwrap();
    let refused = world.send_as(id, world.http.get(world.url("/api/v1/me"))).await;
    assert_eq!(refused.status, 401, "an ID token is for the page, not for the API");
    let desk = world.get("/desk.json").await.body;
    assert_eq!((&desk["client_id"], &desk["sign_in"]), (&json!("desk"), &json!("required")));
    assert_eq!(desk["websocket"], world.suite.ws_url());
    world.end().await;
}

#[tokio::test]
async fn a_code_is_good_once_and_with_the_verifier_of_its_challenge() {
    let world = World::with(with_auth()).await;
    let browser = Browser::of(&world.suite);
    let code = browser.choose("ada").await;
    assert_eq!(refused(&browser.redeem(&code, "guessed").await), "invalid_grant");
    assert_eq!(refused(&browser.redeem(&code, VERIFIER).await), "invalid_grant");
    let code = browser.choose("ada").await;
    let (_, tokens) = browser.redeem(&code, VERIFIER).await;
    assert_eq!(refused(&browser.redeem(&code, VERIFIER).await), "invalid_grant");
    let renewed = browser.renew(&tokens["refresh_token"]).await;
    assert_eq!(refused(&renewed), "invalid_grant", "whoever had the code may have the session");
    let other = browser.token(&[("grant_type", "password")]).await;
    assert_eq!(refused(&other), "unsupported_grant_type");
    world.end().await;
}

#[tokio::test]
async fn nobody_is_sent_elsewhere_or_without_pkce() {
    let world = World::with(with_auth()).await;
    let browser = Browser::of(&world.suite);
    for changes in [
        [("redirect_uri", "https://evil.example/signed-in")],
        [("redirect_uri", "http://127.0.0.1:1/signed-in")],
        [("client_id", "another")],
    ] {
        let response = browser.ask(&changes).send().await.unwrap();
        assert_eq!(response.status(), 400, "{changes:?}");
        assert!(!response.headers().contains_key("location"), "{changes:?}");
    }
    for (change, error) in [
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge", ""), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
    ] {
        let sent = Browser::sent_back(browser.ask(&[change])).await;
        assert_eq!((sent["error"].as_str(), sent["state"].as_str()), (error, "a state & more"));
    }
    let form = browser.form("/oauth2/authorize", &browser.request(&[("person", "ada")]));
    let foreign = form.header("origin", "https://evil.example").send().await.unwrap();
    assert_eq!(foreign.status(), 403, "another site's form");
    let rebound = browser.ask(&[]).header("host", "evil.example");
    assert_eq!(rebound.send().await.unwrap().status(), 403);
    world.end().await;
}

#[tokio::test]
async fn a_session_is_renewed_until_somebody_reuses_its_token_or_signs_out() {
    let config = SuiteConfig { access_token_lifetime: Some(Duration::from_secs(1)), ..with_auth() };
    let world = World::with(config).await;
    let browser = Browser::of(&world.suite);
    let tokens = browser.sign_in("ben").await;
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(me(&world, &tokens).await.status, 401, "the access token has ended");
    let (_, renewed) = browser.renew(&tokens["refresh_token"]).await;
    assert_eq!(me(&world, &renewed).await.body["subject"], "ben");
    assert_eq!(refused(&browser.renew(&tokens["refresh_token"]).await), "invalid_grant");
    let next = browser.renew(&renewed["refresh_token"]).await;
    assert_eq!(refused(&next), "invalid_grant", "the reuse has ended the session");
    let tokens = browser.sign_in("ben").await;
    let back = format!("{}/", browser.url);
    let hint = tokens["id_token"].as_str().unwrap();
    let out =
        browser.sign_out(&[("post_logout_redirect_uri", &back), ("id_token_hint", hint)]).await;
    assert_eq!((out.status().as_u16(), &out.headers()["location"]), (303, &back.parse().unwrap()));
    assert_eq!(refused(&browser.renew(&tokens["refresh_token"]).await), "invalid_grant");
    let foreign = [("post_logout_redirect_uri", "https://evil.example/")];
    assert_eq!(browser.sign_out(&foreign).await.status(), 400);
    world.end().await;
}

/// A call of every scope, which does nothing to the table.
const CALLS: [(&str, &str); 9] = [
    ("POST", "/api/v1/transactions"),
    ("POST", "/api/v1/history"),
    ("GET", "/api/v1/alerts"),
    ("POST", "/api/v1/alerts/al_none/assignment"),
    ("POST", "/api/v1/rule-sets"),
    ("POST", "/api/v1/rule-sets/rollback"),
    ("POST", "/api/v1/reference-sets"),
    ("POST", "/api/v1/reference-sets/rollback"),
    ("GET", "/api/v1/peers"),
];

#[tokio::test]
async fn each_role_opens_what_it_should_and_nothing_else() {
    let world = World::with(with_auth()).await;
    let browser = Browser::of(&world.suite);
    let people = ["ada", "ben", "sam", "ari", "sofia", "ruth", "ralph", "eve"];
    let roles = [
        Role::Analyst,
        Role::Analyst,
        Role::Supervisor,
        Role::Auditor,
        Role::SarOfficer,
        Role::RuleAuthor,
        Role::RuleApprover,
        Role::Engineer,
    ];
    for (person, role) in people.into_iter().zip(roles) {
        let tokens = browser.sign_in(person).await;
        let token = tokens["access_token"].as_str().unwrap();
        for (method, path) in CALLS {
            let request = world.http.request(method.parse().unwrap(), world.url(path));
            let request = request.header("content-type", "application/json");
            let reply = world.send_as(token, request.body("not JSON")).await;
            let open = scopes_for(method, path).unwrap();
            let expect = role.scopes().iter().any(|scope| open.contains(scope));
            assert_eq!(reply.status != 403, expect, "{person} {method} {path} {}", reply.body);
            assert_ne!(reply.status, 401, "{person} {method} {path}");
        }
        let approval = world.http.post(world.url("/api/v1/alerts/al_none/disposition"));
        let approval = approval.json(&json!({"version": 0, "step": "approve"}));
        let reply = world.send_as(token, approval).await;
        assert_eq!(reply.status == 404, role == Role::Supervisor, "{person} {}", reply.body);
    }
    let developer = me(&world, &browser.sign_in("developer").await).await;
    assert_eq!(developer.body["scopes"], json!(world.suite.scopes()));
    world.end().await;
}

#[tokio::test]
async fn a_session_survives_a_restart_with_its_data() {
    let dir = tempfile::tempdir().unwrap();
    let config = || SuiteConfig { data_dir: Some(dir.path().to_owned()), ..with_auth() };
    let world = World::with(config()).await;
    let tokens = Browser::of(&world.suite).sign_in("ruth").await;
    world.end().await;
    let world = World::with(config()).await;
    assert_eq!(me(&world, &tokens).await.body["subject"], "ruth");
    let (status, renewed) = Browser::of(&world.suite).renew(&tokens["refresh_token"]).await;
    assert_eq!(status, 200, "{renewed}");
    world.end().await;
}

#[tokio::test]
async fn without_auth_a_token_is_optional_but_its_rights_apply() {
    let world = World::new().await;
    assert_eq!(world.get("/api/v1/me").await.body["subject"], "developer");
    assert_eq!(world.get("/desk.json").await.body["sign_in"], "optional");
    let tokens = Browser::of(&world.suite).sign_in("ari").await;
    assert_eq!(me(&world, &tokens).await.body["scopes"], json!(["alerts:read"]));
    let work = world.http.post(world.url("/api/v1/alerts/al_none/assignment"));
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.send_as(token, work).await.status, 403);
    let broken = world.send_as("not.a.token", world.http.get(world.url("/api/v1/me"))).await;
    assert_eq!(broken.status, 401);
    world.end().await;
}

fn parameters(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn tokens_of_cognitos_shape_open_what_their_prefixed_scopes_say() {
    let parameters = parameters(&[
        ("TenantClaim", "custom:tenant"),
        ("ScopeClaims", "scope,cognito:groups"),
        ("ScopePrefix", "sentinel/"),
    ]);
    let world = World::with(SuiteConfig { parameters, ..with_auth() }).await;
    let token = |scope: &str| {
        let claims = json!({
            "aud": null, "client_id": "fincrime-sentinel", "custom:tenant": "main", "sub": "b0d3",
            "scope": scope, "cognito:groups": ["rule_author", "eu"], "token_use": "access",
        });
        world.suite.token_with(claims, 600)
    };
    let alerts = || world.http.get(world.url("/api/v1/alerts"));
    let reader = token("openid sentinel/alerts:read");
    assert_eq!(world.send_as(&reader, alerts()).await.status, 200);
    assert_eq!(world.send_as(&token("alerts:read"), alerts()).await.status, 403);
    // A group is not in `scope`, where the gateway looks.
    let draft = world.http.post(world.url("/api/v1/rule-sets")).json(&json!({}));
    assert_eq!(world.send_as(&reader, draft).await.status, 403);
    let me = world.send_as(&reader, world.http.get(world.url("/api/v1/me"))).await.body;
    assert_eq!(me["scopes"], json!(["alerts:read", "rules:write", "reference:write"]));
    // The issuer's own people have tokens of that shape, too.
    let tokens = Browser::of(&world.suite).sign_in("ada").await;
    assert_eq!(tokens["scope"], "sentinel/alerts:read sentinel/alerts:work");
    let ada = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.send_as(ada, alerts()).await.status, 200);
    world.end().await;
}

#[tokio::test]
async fn tokens_of_entras_shape_open_what_their_roles_say() {
    let tenant = "5e2f6a9c-3a0e-4f0f-8a43-7c1e9f0d2b11";
    let parameters = parameters(&[("TenantClaim", "tid"), ("GatewayChecksScopes", "false")]);
    let world = World::with(SuiteConfig { parameters, ..with_auth() }).await;
    let token = |roles: &[&str]| {
        let claims = json!({
            "tid": tenant, "sub": "AAAA", "name": "Ada Lindgren", "scp": "access_as_user",
            "roles": roles, "ver": "2.0",
        });
        world.suite.token_with(claims, 600)
    };
    let analyst = token(&["analyst", "unrelated"]);
    let me = world.send_as(&analyst, world.http.get(world.url("/api/v1/me"))).await.body;
    assert_eq!((&me["tenant"], &me["name"]), (&json!(tenant), &json!("Ada Lindgren")));
    assert_eq!(me["scopes"], json!(["alerts:read", "alerts:work"]));
    // The gateway checks no scopes; the functions do, and a token is needed in any case.
    let draft = || world.http.post(world.url("/api/v1/rule-sets")).json(&json!({}));
    assert_eq!(world.send_as(&analyst, draft()).await.status, 403);
    assert_eq!(world.send_as(&token(&["rule_author"]), draft()).await.status, 422);
    assert_eq!(world.send(draft()).await.status, 401);
    assert_eq!(world.send_as(&token(&[]), draft()).await.status, 403);
    world.end().await;
}
