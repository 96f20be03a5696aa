//! Tokens of the usual issuers, as API Gateway passes them on: every claim is a string, an array is
//! `[a b]`, an object `map[…]`, and `scopes` is null where the route asks for none.

use contract::role::Role;
use serde_json::{Value, json};

use super::*;
use crate::settings::Environment;

fn names(variables: &[(&str, &str)]) -> ClaimNames {
    let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    ClaimNames::read(&Environment::of(pairs.collect())).unwrap()
}

/// Reads the caller of a request with this `requestContext.authorizer.jwt`.
fn caller(names: &ClaimNames, claims: Value, scopes: Value) -> Result<Caller, Problem> {
    let mut event: Value =
        serde_json::from_str(include_str!("../../../../events/http-get-alerts.json")).unwrap();
    event["requestContext"]["authorizer"]["jwt"] = json!({ "claims": claims, "scopes": scopes });
    Caller::of(&lambda_http::request::from_str(&event.to_string()).unwrap(), names)
}

fn scopes(caller: &Caller) -> Vec<Scope> {
    Scope::ALL.into_iter().filter(|scope| caller.require(&[*scope]).is_ok()).collect()
}

#[test]
fn a_token_of_a_plain_issuer_has_scopes() {
    let claims = json!({
        "aud": "fincrime-sentinel", "exp": "1767611100", "iss": "https://issuer.example.com/",
        "scope": "alerts:read rules:write openid", "sub": "payments-gateway", "tenant": "main",
    });
    let caller = caller(&names(&[]), claims, json!(["alerts:read", "rules:write"])).unwrap();
    assert_eq!((caller.tenant.as_str(), caller.subject().unwrap()), ("main", "payments-gateway"));
    assert_eq!(caller.name(), None);
    assert_eq!(scopes(&caller), [Scope::AlertsRead, Scope::RulesWrite]);
}

#[test]
fn a_token_of_cognito_has_scopes_of_its_resource_server_and_groups() {
    let names = names(&[
        ("TENANT_CLAIM", "custom:tenant"),
        ("SCOPE_CLAIMS", "scope,cognito:groups"),
        ("SCOPE_PREFIX", "sentinel/"),
    ]);
    let claims = json!({
        "auth_time": "1767607500", "client_id": "4k1example", "cognito:groups": "[rule_author eu_west]",
        "custom:tenant": "bank-a", "exp": "1767611100", "token_use": "access", "username": "ada",
        "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_example", "version": "2",
        "scope": "sentinel/alerts:read openid cases/alerts:work", "sub": "b0d3-4f",
    });
    let listed = json!(["sentinel/alerts:read", "openid", "cases/alerts:work"]);
    let caller = caller(&names, claims, listed).unwrap();
    assert_eq!(caller.tenant.as_str(), "bank-a");
    assert_eq!(scopes(&caller), [Scope::AlertsRead, Scope::RulesWrite, Scope::ReferenceWrite]);
}

#[test]
fn a_token_of_entra_has_delegated_scopes_and_application_roles() {
    let names = names(&[("TENANT_CLAIM", "tid")]);
    let claims = json!({
        "aud": "6f1f7e6a-0d5e-4a1c-9a57-0b6d1c7a2f10", "exp": "1767611100", "ver": "2.0",
        "iss": "https://login.microsoftonline.com/5e2f6a9c-3a0e-4f0f-8a43-7c1e9f0d2b11/v2.0",
        "name": "Ada Lindgren", "preferred_username": "ada@bank.example", "oid": "77c0",
        "roles": "[supervisor engineer]", "scp": "access_as_user", "sub": "AAAAexample",
        "tid": "5e2f6a9c-3a0e-4f0f-8a43-7c1e9f0d2b11",
    });
    let caller = caller(&names, claims, Value::Null).unwrap();
    assert_eq!(caller.tenant.as_str(), "5e2f6a9c-3a0e-4f0f-8a43-7c1e9f0d2b11");
    assert_eq!(caller.name(), Some("Ada Lindgren"));
    let expect =
        [Scope::AlertsRead, Scope::AlertsWork, Scope::AlertsApprove, Scope::BudgetDeployment];
    assert_eq!(scopes(&caller), expect);
}

/// The nested roles are unreadable in API Gateway's spelling, so that a mapper has to repeat them in
/// the claim `roles`.
#[test]
fn a_token_of_keycloak_has_roles_from_a_mapper() {
    let claims = |roles: &str| {
        let mut claims = json!({
            "azp": "desk", "email": "ben@bank.example", "email_verified": "true", "exp": "1767611100",
            "iss": "https://keycloak.example.com/realms/bank", "preferred_username": "ben",
            "realm_access": "map[roles:[offline_access analyst uma_authorization]]",
            "resource_access": "map[account:map[roles:[manage-account supervisor view-profile]]]",
            "scope": "openid profile email", "sub": "9a1c", "tenant": "main", "typ": "Bearer",
        });
        claims["roles"] = roles.into();
        claims
    };
    let mapped = caller(&names(&[]), claims("[offline_access analyst]"), Value::Null).unwrap();
    assert_eq!(mapped.name(), Some("ben"));
    assert_eq!(scopes(&mapped), Role::Analyst.scopes());
    let nested = names(&[("SCOPE_CLAIMS", "scope,realm_access,resource_access")]);
    let unmapped = caller(&nested, claims(""), Value::Null).unwrap();
    assert_eq!(scopes(&unmapped), []);
}

#[test]
fn a_token_of_auth0_has_permissions() {
    let names = names(&[("TENANT_CLAIM", "https://bank.example/tenant")]);
    let claims = json!({
        "aud": "[https://sentinel.bank.example https://bank.eu.auth0.com/userinfo]",
        "azp": "d0cexample", "exp": "1767611100", "https://bank.example/tenant": "main",
        "iss": "https://bank.eu.auth0.com/", "permissions": "[alerts:read rules:approve]",
        "scope": "openid profile email", "sub": "auth0|64707e",
    });
    let caller = caller(&names, claims, Value::Null).unwrap();
    assert_eq!(scopes(&caller), [Scope::AlertsRead, Scope::RulesApprove]);
}

#[test]
fn only_the_named_claims_count() {
    let claims = json!({
        "tenant": "main", "custom:tenant": "another", "scope": "alerts:read", "roles": "[analyst]",
        "permissions": "[rules:write]",
    });
    let one = names(&[("SCOPE_CLAIMS", "permissions")]);
    // API Gateway reads `scope` of its own accord, too.
    let caller = caller(&one, claims, json!(["alerts:read"])).unwrap();
    assert_eq!((caller.tenant.as_str(), scopes(&caller)), ("main", vec![Scope::RulesWrite]));
}

#[test]
fn a_token_without_its_tenant_is_nobodys() {
    let claims = json!({ "tenant": "main", "scope": "alerts:read", "sub": "ada" });
    let refused = caller(&names(&[("TENANT_CLAIM", "custom:tenant")]), claims, Value::Null);
    assert_eq!(refused.unwrap_err().status, 401);
}
