//! `functions/ROLES.md` is written from the roles, the scopes and the operations of the OpenAPI
//! document. `INSTA_UPDATE=always cargo test -p contract` writes it anew.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::fmt::Write as _;

use contract::role::Role;
use contract::scope::{Scope, scopes_for};
use serde_json::Value;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/ROLES.md");

/// Operations for which the step decides which of the scopes is needed.
const STEPS: [(&str, &str); 4] = [
    (
        "/alerts/{id}/disposition",
        "to conclude or reopen: `alerts:work`; to approve or reject: `alerts:approve`",
    ),
    (
        "/cases/{id}/steps",
        "`alerts:work`; to close or hand back an escalated case: `alerts:approve`",
    ),
    ("/rule-sets/{version}/transitions", "to `live`: `rules:approve`; elsewhere: `rules:write`"),
    (
        "/reference-sets/{version}/transitions",
        "to `live`: `reference:approve`; elsewhere: `reference:write`",
    ),
];

/// A row of a Markdown table.
fn row(cells: impl IntoIterator<Item = String>) -> String {
    cells.into_iter().fold("|".to_owned(), |row, cell| format!("{row} {cell} |")) + "\n"
}

/// A table with a column for each role.
fn header(first: &str, second: Option<&str>) -> String {
    let titles = Role::ALL.map(|role| role.title().to_owned());
    let names: Vec<String> =
        [Some(first), second].into_iter().flatten().map(str::to_owned).chain(titles).collect();
    let line = names.iter().map(|_| "---".to_owned()).collect::<Vec<_>>();
    row(names) + &row(line)
}

fn marks(holds: impl Fn(Role) -> bool) -> impl Iterator<Item = String> {
    Role::ALL.into_iter().map(move |role| if holds(role) { "✓" } else { "" }.to_owned())
}

/// Method and path of every operation, in the document's order.
fn operations() -> Vec<(String, String)> {
    let document: Value = serde_json::from_str(&contract::openapi::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let pairs = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(|method| (method.to_uppercase(), path.clone()))
    });
    pairs.collect()
}

fn written() -> String {
    let mut text = "# Roles\n\n\
        <!-- Written by shared/contract/tests/roles.rs; see there. -->\n\n\
        A claim of a token that names a role gives the role's scopes (the parameter `ScopeClaims` says in\n\
        which claims roles and scopes are looked for). A person may have several roles. No role sends\n\
        payments: `transactions:write` and `history:write` are for the institution's systems.\n\n\
        ## The scopes of each role\n\n"
        .to_owned();
    let codes = Role::ALL.map(|role| format!("`{}`", role.code()));
    text += &header("scope", None);
    text += &row(["*in the token*".to_owned()].into_iter().chain(codes));
    for scope in Scope::ALL {
        let held = marks(|role| role.scopes().contains(&scope));
        text += &row([format!("`{}`", scope.code())].into_iter().chain(held));
    }
    text += "\n## The calls that each role may make\n\n\
        Any of the scopes opens a call, and its answer is about the caller's own tenant. A call without\n\
        scopes needs no token.\n\n";
    text += &header("call", Some("scopes"));
    let mut notes = String::new();
    for (method, path) in operations() {
        let scopes = scopes_for(&method, &path).unwrap();
        let may = |role: Role| {
            scopes.is_empty() || role.scopes().iter().any(|scope| scopes.contains(scope))
        };
        let names = match scopes.len() {
            0 => "none".to_owned(),
            all if all == Scope::ALL.len() => "any".to_owned(),
            _ => scopes.iter().map(|s| format!("`{}`", s.code())).collect::<Vec<_>>().join(", "),
        };
        text += &row([format!("`{method} {path}`"), names].into_iter().chain(marks(may)));
        if let Some((_, steps)) = STEPS.iter().find(|(end, _)| path.ends_with(end)) {
            writeln!(notes, "- `{method} {path}`: {steps}.").unwrap();
        }
    }
    text + "\nWhich scope is needed may depend on the step:\n\n" + &notes
}

#[test]
fn the_page_of_roles_is_up_to_date() {
    let written = written();
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(PATH, &written).unwrap();
    }
    let kept = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(
        kept == written,
        "functions/ROLES.md is out of date; `INSTA_UPDATE=always cargo test -p contract` writes it"
    );
}

#[test]
fn every_step_that_decides_is_an_operation() {
    for (end, _) in STEPS {
        assert!(operations().iter().any(|(_, path)| path.ends_with(end)), "{end}");
    }
}
