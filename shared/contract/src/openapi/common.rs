//! What all operations have in common: the scopes that open them, problems as the body of every
//! refusal, and the refusals that any of them may answer with.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response};
use utoipa::{Modify, ToSchema as _};

use crate::problem::Problem;
use crate::scope::{Scope, scopes_for};

const SCHEME: &str = "bearer";

/// Refusals of operations that need a token.
const GUARDED: [(u16, &str); 2] = [(401, "No valid token"), (403, "The token may not do this")];
/// Refusals of every operation.
const OURS: [(u16, &str); 2] = [
    (500, "Something of ours is broken, and trying again does not help"),
    (503, "Something of ours did not answer; try again"),
];

/// Fills in what operations have in common.
pub(super) struct CommonParts;

impl Modify for CommonParts {
    fn modify(&self, document: &mut OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme(SCHEME, scheme);
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in [("GET", &mut item.get), ("POST", &mut item.post)] {
                if let Some(operation) = operation {
                    let scopes = scopes_for(method, path);
                    complete(operation, &scopes.expect("scope.rs knows every operation"));
                }
            }
        }
    }
}

/// Completes an operation that any of these scopes opens; without scopes it needs no token.
fn complete(operation: &mut Operation, scopes: &[Scope]) {
    let guarded = !scopes.is_empty();
    let any_of = scopes.iter().map(|scope| SecurityRequirement::new(SCHEME, [scope.code()]));
    operation.security = guarded.then(|| any_of.collect());
    let responses = &mut operation.responses.responses;
    let refusals = if guarded { GUARDED.as_slice() } else { &[] };
    for (status, description) in refusals.iter().chain(&OURS) {
        // A description that the operation itself gives is more specific and stays.
        let response = responses.entry(status.to_string());
        response.or_insert_with(|| RefOr::T(Response::new(*description)));
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            let problem = Content::new(Some(Ref::from_schema_name(Problem::name())));
            response.content.insert("application/problem+json".to_owned(), problem.into());
        }
    }
}
