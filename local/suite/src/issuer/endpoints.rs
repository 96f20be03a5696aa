//! The provider's endpoints (OpenID Connect Core and Discovery, RFC 6749 with PKCE, RP-initiated
//! logout), and `/desk.json`, which tells the page where to sign people in. Each speaks as the host that
//! the request named, if that is this machine. Codes are sent to this origin only.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::grants::{Asked, Fresh, Granted};
use super::{CLIENT, Issuer, Person, is_this_machine, now, page, random};
use crate::gateway::{form_pairs, on_this_machine};

type Parameters = BTreeMap<String, String>;

/// Not `no-referrer`, with which a browser would hide the page's origin from its own form's target.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-store"),
];

pub fn router(issuer: Arc<Issuer>) -> Router {
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/oauth2/jwks.json", get(keys))
        .route("/oauth2/authorize", get(ask).post(sign_in))
        .route("/oauth2/token", axum::routing::post(token))
        .route("/oauth2/logout", get(logout))
        .route("/oauth2/page.css", get(|| async { ([("content-type", "text/css")], page::STYLE) }))
        .route("/desk.json", get(desk))
        .layer(axum::middleware::from_fn(guard))
        .with_state(issuer);
    HEADERS.into_iter().fold(router, |router, (name, value)| {
        let value = HeaderValue::from_static(value);
        router.layer(tower_http::set_header::SetResponseHeaderLayer::overriding(name, value))
    })
}

/// Refuses requests to another host (DNS rebinding) and from another site's page.
async fn guard(request: axum::extract::Request, next: axum::middleware::Next) -> Response {
    let headers = request.headers();
    let origin = headers.get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    let foreign = origin.is_some_and(|origin| !is_this_machine(origin));
    if foreign || !on_this_machine(headers) {
        let told = page::told("Not here", "The development issuer serves this machine only.");
        return (StatusCode::FORBIDDEN, Html(told)).into_response();
    }
    next.run(request).await
}

impl Issuer {
    /// The issuer's URL as the request knows it.
    fn url(&self, headers: &HeaderMap) -> String {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        host.map_or_else(|| self.base_url.clone(), |host| format!("http://{host}"))
    }
}

async fn discovery(State(issuer): State<Arc<Issuer>>, headers: HeaderMap) -> Response {
    let url = issuer.url(&headers);
    axum::Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/oauth2/authorize"),
        "token_endpoint": format!("{url}/oauth2/token"),
        "end_session_endpoint": format!("{url}/oauth2/logout"),
        "jwks_uri": format!("{url}/oauth2/jwks.json"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "scopes_supported": ["openid", "profile", "email"],
        "claims_supported": ["sub", "name", "email", "roles"],
        "authorization_response_iss_parameter_supported": true,
    }))
    .into_response()
}

async fn keys(State(issuer): State<Arc<Issuer>>) -> Response {
    axum::Json(issuer.key.public_keys()).into_response()
}

async fn desk(State(issuer): State<Arc<Issuer>>, headers: HeaderMap) -> Response {
    let url = issuer.url(&headers);
    axum::Json(json!({
        "issuer": url,
        "client_id": CLIENT,
        "scope": "openid profile email",
        "audience": issuer.shape.audience,
        "sign_in": if issuer.required { "required" } else { "optional" },
        "websocket": format!("{}/ws", url.replacen("http", "ws", 1)),
    }))
    .into_response()
}

/// Why a request to sign in is refused.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    /// Nobody can be told but the person, because the client or its address is unknown.
    Told(&'static str),
    /// The client is told, with one of RFC 6749's codes.
    SentBack { code: &'static str, description: &'static str },
}

/// Reads what a client asks for. `url` is the issuer's.
fn asked(parameters: &Parameters, url: &str) -> Result<Asked, Refusal> {
    let given = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    if given("client_id") != CLIENT {
        return Err(Refusal::Told("The issuer does not know this client (client_id)."));
    }
    if !is_ours(given("redirect_uri"), url) {
        return Err(Refusal::Told("People are sent back to this origin only (redirect_uri)."));
    }
    let refused = |code, description| Err(Refusal::SentBack { code, description });
    if given("response_type") != "code" {
        return refused("unsupported_response_type", "Only the code flow is supported.");
    }
    let challenge = given("code_challenge");
    if given("code_challenge_method") != "S256" || challenge.len() != 43 {
        return refused("invalid_request", "PKCE with S256 is needed (code_challenge).");
    }
    if given("prompt") == "none" {
        return refused("login_required", "Somebody has to choose who they are.");
    }
    Ok(Asked {
        redirect_uri: given("redirect_uri").to_owned(),
        challenge: challenge.to_owned(),
        nonce: parameters.get("nonce").cloned(),
        scope: given("scope").to_owned(),
    })
}

/// Whether an address is on the issuer's origin.
fn is_ours(address: &str, url: &str) -> bool {
    let (Ok(address), Ok(url)) = (reqwest::Url::parse(address), reqwest::Url::parse(url)) else {
        return false;
    };
    let plain = address.fragment().is_none() && address.username().is_empty();
    plain && address.password().is_none() && address.origin() == url.origin()
}

/// `GET /oauth2/authorize`.
async fn ask(
    State(issuer): State<Arc<Issuer>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let pairs = form_pairs(&query.unwrap_or_default());
    let parameters: Parameters = pairs.iter().cloned().collect();
    match asked(&parameters, &issuer.url(&headers)) {
        Ok(_) => Html(page::sign_in(&pairs)).into_response(),
        Err(refusal) => refuse(&refusal, &parameters, &issuer.url(&headers)),
    }
}

/// `POST /oauth2/authorize`: the choice on the page.
async fn sign_in(State(issuer): State<Arc<Issuer>>, headers: HeaderMap, body: String) -> Response {
    let url = issuer.url(&headers);
    let parameters: Parameters = form_pairs(&body).into_iter().collect();
    let asked = match asked(&parameters, &url) {
        Ok(asked) => asked,
        Err(refusal) => return refuse(&refusal, &parameters, &url),
    };
    let person = parameters.get("person").and_then(|subject| Person::find(subject));
    let Some(person) = person else {
        return refuse(&Refusal::Told("Nobody of this name works here."), &parameters, &url);
    };
    let Ok(code) = random() else { return broken() };
    let redirect_uri = asked.redirect_uri.clone();
    issuer.grants().add_code(code.clone(), person.subject, asked, now());
    send_back(&redirect_uri, &[("code", &code)], &parameters, &url)
}

fn refuse(refusal: &Refusal, parameters: &Parameters, url: &str) -> Response {
    match refusal {
        Refusal::Told(sentence) => {
            let told = page::told("That did not work", sentence);
            (StatusCode::BAD_REQUEST, Html(told)).into_response()
        }
        Refusal::SentBack { code, description } => {
            let answer = [("error", *code), ("error_description", *description)];
            let back = parameters.get("redirect_uri").map(String::as_str).unwrap_or_default();
            send_back(back, &answer, parameters, url)
        }
    }
}

/// Redirects to an address of this origin, with the client's state.
fn send_back(to: &str, answer: &[(&str, &str)], parameters: &Parameters, url: &str) -> Response {
    let state = parameters.get("state").map(|state| ("state", state.as_str()));
    let issuer = (!answer.is_empty()).then_some(("iss", url));
    let Ok(mut address) = reqwest::Url::parse(to) else { return broken() };
    let answer = answer.iter().copied().chain(state).chain(issuer);
    let mut answer = answer.peekable();
    if answer.peek().is_some() {
        address.query_pairs_mut().extend_pairs(answer);
    }
    (StatusCode::SEE_OTHER, [(header::LOCATION, address.to_string())]).into_response()
}

fn broken() -> Response {
    let told = page::told("That did not work", "Something of the issuer's is broken.");
    (StatusCode::INTERNAL_SERVER_ERROR, Html(told)).into_response()
}

/// `POST /oauth2/token`.
async fn token(State(issuer): State<Arc<Issuer>>, headers: HeaderMap, body: String) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return token_error("invalid_request", "Send application/x-www-form-urlencoded.");
    }
    let parameters: Parameters = form_pairs(&body).into_iter().collect();
    let given = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    if given("client_id") != CLIENT {
        return token_error("invalid_client", "The issuer does not know this client.");
    }
    let (Ok(session), Ok(secret)) = (random(), random()) else { return broken() };
    let granted = match given("grant_type") {
        "authorization_code" => issuer.change(|grants| {
            let (code, back) = (given("code"), given("redirect_uri"));
            grants.redeem(code, back, given("code_verifier"), Fresh { session, secret }, now())
        }),
        "refresh_token" => {
            issuer.change(|grants| grants.renew(given("refresh_token"), secret, now()))
        }
        _ => {
            let sentence = "Only authorization_code and refresh_token are supported.";
            return token_error("unsupported_grant_type", sentence);
        }
    };
    let Ok(granted) = granted else {
        let sentence = "The code or token is unknown, used, ended, or another client's.";
        return token_error("invalid_grant", sentence);
    };
    match Person::find(&granted.subject) {
        Some(person) => {
            axum::Json(tokens(&issuer, person, granted, &issuer.url(&headers))).into_response()
        }
        None => token_error("invalid_grant", "The person no longer works here."),
    }
}

fn tokens(issuer: &Issuer, person: &Person, granted: Granted, url: &str) -> Value {
    let lifetime = issuer.access_lifetime.as_secs();
    let seconds = i64::try_from(lifetime).unwrap_or(i64::MAX);
    let mut claims = issuer.claims_of(person);
    let rights = claims.get("scope").cloned();
    claims.insert("iss".to_owned(), url.into());
    let mut answer = json!({
        "access_token": issuer.token(Value::Object(claims), seconds),
        "token_type": "Bearer",
        "expires_in": lifetime,
        "refresh_token": granted.refresh_token,
        "scope": rights.unwrap_or_else(|| granted.scope.clone().into()),
    });
    if granted.scope.split(' ').any(|scope| scope == "openid") {
        let roles: Vec<&str> = person.roles().into_iter().map(|role| role.code()).collect();
        let mut claims = json!({
            "iss": url, "aud": CLIENT, "sub": person.subject, "sid": granted.session,
            "name": person.name, "email": person.email(), "roles": roles,
        });
        if let Some(nonce) = granted.nonce {
            claims["nonce"] = nonce.into();
        }
        answer["id_token"] = issuer.token(claims, seconds).into();
    }
    answer
}

fn token_error(code: &str, description: &str) -> Response {
    let status = match code {
        "invalid_client" => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    };
    let body = json!({ "error": code, "error_description": description });
    (status, axum::Json(body)).into_response()
}

/// `GET /oauth2/logout`: ends the session of the ID token.
async fn logout(
    State(issuer): State<Arc<Issuer>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let parameters: Parameters = form_pairs(&query.unwrap_or_default()).into_iter().collect();
    let claims = parameters.get("id_token_hint").and_then(|token| issuer.key.claims(token, true));
    let session = claims.as_ref().and_then(|claims| claims.get("sid")).and_then(Value::as_str);
    if let Some(session) = session {
        // A session that has ended already is as good.
        let _ = issuer.change(|grants| {
            grants.end(session);
            Ok(())
        });
    }
    let url = issuer.url(&headers);
    match parameters.get("post_logout_redirect_uri") {
        Some(back) if is_ours(back, &url) => send_back(back, &[], &parameters, &url),
        Some(_) => {
            let sentence = "People are sent back to this origin only (post_logout_redirect_uri).";
            refuse(&Refusal::Told(sentence), &parameters, &url)
        }
        None => Html(page::told("Signed out", "You have signed out.")).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "http://127.0.0.1:9000";

    #[test]
    fn people_are_sent_back_to_this_origin_only() {
        let check = |address: &str, expect: bool| {
            assert_eq!(is_ours(address, URL), expect, "{address}");
        };
        check("http://127.0.0.1:9000/signed-in", true);
        check("http://127.0.0.1:9000/?x=1", true);
        check("http://127.0.0.1:9001/signed-in", false);
        check("https://127.0.0.1:9000/signed-in", false);
        check("http://localhost:9000/", false);
        check("http://127.0.0.1:9000@evil.example/", false);
        check("http://evil.example/#http://127.0.0.1:9000/", false);
        check("http://127.0.0.1:9000/#x", false);
        check("/signed-in", false);
        check("javascript:alert(1)", false);
        check("", false);
    }

    #[test]
    fn a_request_names_client_address_flow_and_challenge() {
        let whole: Parameters = [
            ("client_id", CLIENT),
            ("redirect_uri", "http://127.0.0.1:9000/signed-in"),
            ("response_type", "code"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
            ("nonce", "n"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        assert_eq!(asked(&whole, URL).unwrap().nonce.as_deref(), Some("n"));
        let check = |name: &str, value: &str, expect: Option<&str>| {
            let mut changed = whole.clone();
            changed.insert(name.to_owned(), value.to_owned());
            let code = match asked(&changed, URL).unwrap_err() {
                Refusal::Told(_) => None,
                Refusal::SentBack { code, .. } => Some(code),
            };
            assert_eq!(code, expect, "{name}={value}");
        };
        check("client_id", "other", None);
        check("redirect_uri", "http://evil.example/", None);
        check("response_type", "token", Some("unsupported_response_type"));
        check("code_challenge", "", Some("invalid_request"));
        check("code_challenge_method", "plain", Some("invalid_request"));
        check("prompt", "none", Some("login_required"));
    }
}
