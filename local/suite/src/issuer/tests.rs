//! Tokens and their lifetimes, codes and sessions of the development issuer.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn shape() -> TokenShape {
    TokenShape {
        audience: "api".to_owned(),
        tenant_claim: "tenant".to_owned(),
        scope_claims: vec!["scope".to_owned()],
        scope_prefix: String::new(),
    }
}

fn issuer(shape: TokenShape, data_dir: Option<&Path>) -> Issuer {
    Issuer::start("http://127.0.0.1:9000".to_owned(), shape, None, true, data_dir).unwrap()
}

#[test]
fn a_token_is_accepted_from_this_issuer_for_this_audience() {
    let issuer = issuer(shape(), None);
    let check = |claims: Value, expect: bool| {
        let token = issuer.token(claims.clone(), 60);
        assert_eq!(issuer.accepted(&token).is_some(), expect, "{claims}");
    };
    check(json!({}), true);
    check(json!({"iss": "http://localhost:9000"}), true);
    check(json!({"iss": "https://issuer.example.com/"}), false);
    check(json!({"iss": "http://127.0.0.1.example:9000"}), false);
    check(json!({"aud": ["other", "api"]}), true);
    check(json!({"aud": CLIENT}), false);
    check(json!({"aud": null}), false);
    check(json!({"aud": null, "client_id": "api"}), true);
    check(json!({"client_id": "other"}), true);
    check(json!({"nbf": now() + 60}), false);
    assert_eq!(issuer.accepted(&issuer.token(json!({}), -1)), None);
    assert_eq!(issuer.accepted("x.y.z"), None);
}

#[test]
fn claims_are_named_as_the_template_names_them() {
    let named = TokenShape {
        tenant_claim: "custom:tenant".to_owned(),
        scope_claims: vec!["permissions".to_owned(), "roles".to_owned()],
        scope_prefix: "sentinel/".to_owned(),
        ..shape()
    };
    let claims = issuer(named, None).claims_of(Person::find("ari").unwrap());
    assert_eq!(claims["custom:tenant"], "main");
    assert_eq!(claims["permissions"], "sentinel/alerts:read");
    assert_eq!(claims["roles"], json!(["auditor"]));
    assert_eq!((&claims["sub"], &claims["name"]), (&json!("ari"), &json!("Ari Nakamura")));
    let claims = issuer(shape(), None).claims_of(Person::developer());
    assert!(claims["scope"].as_str().unwrap().contains("transactions:write"));
}

#[test]
fn the_key_survives_a_restart_in_a_file_of_its_owner() {
    let dir = std::env::temp_dir().join(format!("issuer-{}", random().unwrap()));
    std::fs::create_dir(&dir).unwrap();
    let token = issuer(shape(), Some(&dir)).token(json!({}), 60);
    assert!(issuer(shape(), Some(&dir)).accepted(&token).is_some());
    assert!(issuer(shape(), None).accepted(&token).is_none());
    let mode = std::fs::metadata(dir.join("issuer.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    std::fs::remove_dir_all(&dir).unwrap();
}
