//! How the tokens of an issuer say who somebody is and what they may do. Issuers differ in the names
//! of claims and in whether a right is a scope, a permission or a role; API Gateway's authorizer makes
//! every claim a string, so that an array `["a", "b"]` arrives as `[a b]`, and an object as
//! `map[roles:[a b]]`.

use std::collections::HashMap;

use contract::role::Role;
use contract::scope::Scope;

use crate::settings::{Environment, SettingError};

/// The claims that API Gateway has verified, by name.
pub(crate) type Claims = HashMap<String, String>;

/// The claims of the issuer's tokens that are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimNames {
    /// Names the tenant.
    pub tenant: String,
    /// Carry scopes, or codes of roles: words with spaces between them, or an array.
    pub scopes: Vec<String>,
    /// What this API's scopes begin with in a token. A scope that does not is another API's.
    pub scope_prefix: String,
}

impl ClaimNames {
    /// Reads the names.
    pub fn read(environment: &Environment) -> Result<Self, SettingError> {
        let expected = "the name of a claim, without spaces";
        let tenant = environment.text("TENANT_CLAIM").unwrap_or_else(|| "tenant".to_owned());
        let tenant = word(&tenant).ok_or_else(|| SettingError::new("TENANT_CLAIM", expected))?;
        let expected = "names of claims, with commas between them";
        let scopes = environment.text("SCOPE_CLAIMS");
        let scopes = scopes.unwrap_or_else(|| "scope,scp,permissions,roles".to_owned());
        let scopes: Option<Vec<_>> = scopes.split(',').map(word).collect();
        let scopes = scopes.ok_or_else(|| SettingError::new("SCOPE_CLAIMS", expected))?;
        let expected = "what a scope begins with, without spaces";
        let prefix = environment
            .text("SCOPE_PREFIX")
            .as_deref()
            .map(|prefix| word(prefix).ok_or_else(|| SettingError::new("SCOPE_PREFIX", expected)));
        Ok(Self { tenant, scopes, scope_prefix: prefix.transpose()?.unwrap_or_default() })
    }

    /// Returns what the claims give. `listed` are the scopes that API Gateway itself read, from the
    /// claims `scope` and `scp`, for a route that asks for some.
    pub(crate) fn granted(&self, claims: &Claims, listed: &[String]) -> Vec<Scope> {
        let claimed = self.scopes.iter().filter_map(|name| claims.get(name));
        let claimed = claimed.flat_map(|value| words(value));
        let reads_them = self.scopes.iter().any(|name| ["scope", "scp"].contains(&name.as_str()));
        let listed = listed.iter().filter(|_| reads_them).cloned();
        claimed.chain(listed).flat_map(|word| self.scopes_of(&word)).collect()
    }

    /// A scope of another API with the same name has another prefix, or none. A role's code counts
    /// with the prefix and without it, because groups and application roles have none.
    fn scopes_of(&self, word: &str) -> Vec<Scope> {
        let own = word.strip_prefix(&self.scope_prefix);
        let scope = own.and_then(Scope::parse);
        let role = Role::parse(own.unwrap_or(word)).map(Role::scopes).unwrap_or_default();
        scope.iter().chain(role).copied().collect()
    }
}

/// Returns the name to show for a person; `None` if the token has none, as those of programs.
pub(crate) fn display_name(claims: &Claims) -> Option<String> {
    let names = ["name", "preferred_username", "email"].into_iter();
    let names = names.filter_map(|name| claims.get(name)).map(|name| name.trim());
    names.into_iter().find(|name| !name.is_empty()).map(str::to_owned)
}

/// The text without blanks around it; `None` if that is not one word.
fn word(text: &str) -> Option<String> {
    let text = text.trim();
    let one = !text.is_empty() && !text.contains(char::is_whitespace);
    one.then(|| text.to_owned())
}

/// The words of a claim. An object has none: what is in it depends on its names, which are lost.
fn words(claim: &str) -> Vec<String> {
    if claim.starts_with("map[") || claim.starts_with('{') {
        return Vec::new();
    }
    if let Ok(array) = sentinel::json::read(claim.as_bytes()) {
        return array;
    }
    let array = claim.strip_prefix('[').and_then(|claim| claim.strip_suffix(']'));
    array.unwrap_or(claim).split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(variables: &[(&str, &str)]) -> Result<ClaimNames, SettingError> {
        let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        ClaimNames::read(&Environment::of(pairs.collect()))
    }

    #[test]
    fn names_are_words() {
        let read = names(&[("SCOPE_CLAIMS", "scope, cognito:groups"), ("SCOPE_PREFIX", "api/")]);
        let expect = ClaimNames {
            tenant: "tenant".to_owned(),
            scopes: vec!["scope".to_owned(), "cognito:groups".to_owned()],
            scope_prefix: "api/".to_owned(),
        };
        assert_eq!(read, Ok(expect));
        for (name, value) in
            [("TENANT_CLAIM", "a b"), ("SCOPE_CLAIMS", "a,,b"), ("SCOPE_PREFIX", "a b")]
        {
            assert_eq!(names(&[(name, value)]).unwrap_err().name, name);
        }
    }

    #[test]
    fn a_claim_is_words_or_an_array_in_either_spelling() {
        let check = |claim: &str, expect: &[&str]| assert_eq!(words(claim), expect, "{claim}");
        check("alerts:read rules:write", &["alerts:read", "rules:write"]);
        check("[analyst supervisor]", &["analyst", "supervisor"]);
        check("[analyst]", &["analyst"]);
        check(r#"["analyst","alerts:read"]"#, &["analyst", "alerts:read"]);
        for nothing in ["", "[]", "map[roles:[a analyst b]]", r#"{"roles": "a analyst b"}"#] {
            check(nothing, &[]);
        }
    }

    #[test]
    fn with_a_prefix_scopes_without_it_are_anothers() {
        let plain = names(&[]).unwrap();
        let cognito = names(&[("SCOPE_PREFIX", "sentinel/")]).unwrap();
        let check = |names: &ClaimNames, word: &str, expect: &[Scope]| {
            assert_eq!(names.scopes_of(word), expect, "{word}");
        };
        check(&plain, "alerts:read", &[Scope::AlertsRead]);
        check(&plain, "sentinel/alerts:read", &[]);
        check(&plain, "alerts.read", &[]);
        check(&cognito, "sentinel/alerts:read", &[Scope::AlertsRead]);
        check(&cognito, "alerts:read", &[]);
        check(&cognito, "other/alerts:read", &[]);
        check(&cognito, "auditor", &[Scope::AlertsRead]);
        check(&cognito, "sentinel/auditor", &[Scope::AlertsRead]);
        check(&cognito, "other/auditor", &[]);
    }

    #[test]
    fn a_name_to_show_is_the_first_that_is_not_blank() {
        let check = |claims: &[(&str, &str)], expect: Option<&str>| {
            let claims =
                claims.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            assert_eq!(display_name(&claims.collect()).as_deref(), expect);
        };
        check(&[("name", "Ada Lindgren"), ("email", "ada@bank.example")], Some("Ada Lindgren"));
        check(&[("name", " "), ("preferred_username", "ada")], Some("ada"));
        check(&[("email", "ada@bank.example"), ("sub", "7")], Some("ada@bank.example"));
        check(&[("sub", "7")], None);
    }
}
