//! The JWT authorizer of the HTTP API, as API Gateway's: it checks a token and the scopes of its claims
//! `scope` and `scp`, and passes the claims on as strings. With `--auth` every request needs a token of
//! the development issuer. Without, a request that sends none is the developer's.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::issuer::{Issuer, Person};

/// Who may do what.
pub struct Authorizer {
    pub issuer: Arc<Issuer>,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// 401
    Unauthorized,
    /// 403
    Forbidden,
}

impl Authorizer {
    /// Returns `requestContext.authorizer` for a request with this header `authorization`, whose route
    /// asks for any one of these scopes, or for a valid token alone.
    pub fn admit(&self, header: Option<&str>, any_of: &[String]) -> Result<Value, Refusal> {
        let token = header.map(|header| header.strip_prefix("Bearer ").unwrap_or(header).trim());
        let token = token.filter(|token| !token.is_empty());
        let claims = match token {
            Some(token) => self.issuer.accepted(token).ok_or(Refusal::Unauthorized)?,
            None if self.issuer.required => return Err(Refusal::Unauthorized),
            // Nothing is refused them, whichever claims the gateway checks.
            None => return Ok(context(&self.issuer.claims_of(Person::developer()), any_of)),
        };
        let scopes = scopes(&claims);
        if !any_of.is_empty() && !scopes.iter().any(|scope| any_of.contains(scope)) {
            return Err(Refusal::Forbidden);
        }
        Ok(context(&claims, any_of))
    }
}

/// The scopes of a token, as words with spaces between them or an array.
fn scopes(claims: &Map<String, Value>) -> Vec<String> {
    let claim = claims.get("scp").or_else(|| claims.get("scope"));
    let words: Vec<&str> = match claim {
        Some(Value::String(words)) => words.split_whitespace().collect(),
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    words.into_iter().map(str::to_owned).collect()
}

/// API Gateway names the scopes only where the route asks for some.
fn context(claims: &Map<String, Value>, any_of: &[String]) -> Value {
    let texts: Map<String, Value> =
        claims.iter().map(|(name, value)| (name.clone(), spelled(value).into())).collect();
    let scopes = (!any_of.is_empty()).then(|| scopes(claims));
    json!({ "jwt": { "claims": texts, "scopes": scopes } })
}

/// A claim as API Gateway passes it on: `[a b]` for an array, `map[a:b]` for an object.
fn spelled(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(spelled).collect::<Vec<_>>().join(" "))
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name}:{}", spelled(value)));
            format!("map[{}]", fields.collect::<Vec<_>>().join(" "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::TokenShape;

    fn authorizer(required: bool) -> Authorizer {
        let shape = TokenShape {
            audience: "api".to_owned(),
            tenant_claim: "tenant".to_owned(),
            scope_claims: vec!["scope".to_owned()],
            scope_prefix: String::new(),
        };
        let url = "http://127.0.0.1:9000".to_owned();
        let issuer = Issuer::start(url, shape, None, required, None).unwrap();
        Authorizer { issuer: Arc::new(issuer) }
    }

    fn token(authorizer: &Authorizer, claims: Value, lifetime: i64) -> String {
        format!("Bearer {}", authorizer.issuer.token(claims, lifetime))
    }

    #[test]
    fn tokens_are_checked_for_signature_time_and_scope() {
        let ours = authorizer(true);
        let read = ["alerts:read".to_owned()];
        let admit = |header: Option<&str>| ours.admit(header, &read);
        assert_eq!(admit(None), Err(Refusal::Unauthorized));
        let reader = json!({ "sub": "ann", "tenant": "bank", "scope": "alerts:read rules:write" });
        let ended = token(&ours, reader.clone(), -5);
        assert_eq!(admit(Some(&ended)), Err(Refusal::Unauthorized));
        let foreign = token(&authorizer(true), reader.clone(), 60);
        assert_eq!(admit(Some(&foreign)), Err(Refusal::Unauthorized));
        let writer = token(&ours, json!({ "scope": "rules:write" }), 60);
        assert_eq!(admit(Some(&writer)), Err(Refusal::Forbidden));
        let admitted = admit(Some(&token(&ours, reader, 60))).unwrap();
        assert_eq!(admitted["jwt"]["claims"]["tenant"], "bank");
        assert_eq!(admitted["jwt"]["scopes"], json!(["alerts:read", "rules:write"]));
    }

    #[test]
    fn without_auth_a_token_is_optional_but_counts() {
        let open = authorizer(false);
        let read = ["alerts:read".to_owned()];
        let developer = open.admit(None, &read).unwrap();
        assert_eq!(developer["jwt"]["claims"]["sub"], "developer");
        assert_eq!(open.admit(Some("Bearer "), &read).unwrap(), developer);
        assert_eq!(open.admit(Some("Bearer x"), &read), Err(Refusal::Unauthorized));
        assert_eq!(open.admit(Some("Basic eA=="), &read), Err(Refusal::Unauthorized));
        let writer = token(&open, json!({ "scope": "rules:write" }), 60);
        assert_eq!(open.admit(Some(&writer), &read), Err(Refusal::Forbidden));
    }

    #[test]
    fn a_route_without_scopes_needs_a_token_all_the_same() {
        let ours = authorizer(true);
        assert_eq!(ours.admit(None, &[]), Err(Refusal::Unauthorized));
        let claims = json!({
            "roles": ["analyst", "engineer"], "realm_access": {"roles": ["a", "b"]}, "verified": true,
            "iat": 1_767_607_500,
        });
        let admitted = ours.admit(Some(&token(&ours, claims, 60)), &[]).unwrap();
        let claims = &admitted["jwt"]["claims"];
        assert_eq!(claims["roles"], "[analyst engineer]");
        assert_eq!(claims["realm_access"], "map[roles:[a b]]");
        assert_eq!((&claims["verified"], &claims["iat"]), (&json!("true"), &json!("1767607500")));
        assert_eq!(admitted["jwt"]["scopes"], Value::Null);
    }

    #[test]
    fn scopes_are_read_from_scope_and_scp_alone() {
        let ours = authorizer(true);
        let read = ["sentinel/alerts:read".to_owned()];
        let check = |claims: Value, expect: bool| {
            let admitted = ours.admit(Some(&token(&ours, claims.clone(), 60)), &read);
            assert_eq!(admitted.is_ok(), expect, "{claims}");
        };
        check(json!({"scope": "openid sentinel/alerts:read"}), true);
        check(json!({"scp": ["sentinel/alerts:read"]}), true);
        check(json!({"scope": "alerts:read"}), false);
        check(json!({"permissions": ["sentinel/alerts:read"]}), false);
    }
}
