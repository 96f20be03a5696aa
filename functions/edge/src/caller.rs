//! The caller, taken from the claims that API Gateway's authorizer has verified and never from
//! anything that the client can set.

use contract::problem::Problem;
use contract::scope::Scope;
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt as _};
use sentinel::payment::tenant::Tenant;

use crate::claims::{ClaimNames, display_name};

/// A verified caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub tenant: Tenant,
    subject: Option<String>,
    name: Option<String>,
    scopes: Vec<Scope>,
}

impl Caller {
    /// Reads the caller of a request: 401 without verified claims, 403 if the request names another
    /// tenant than the token.
    pub(crate) fn of(request: &Request, names: &ClaimNames) -> Result<Self, Problem> {
        let RequestContext::ApiGatewayV2(context) =
            request.request_context_ref().ok_or_else(Problem::unauthorized)?
        else {
            return Err(Problem::unauthorized());
        };
        let jwt = context.authorizer.as_ref().and_then(|authorizer| authorizer.jwt.as_ref());
        let jwt = jwt.ok_or_else(Problem::unauthorized)?;
        let tenant = jwt.claims.get(&names.tenant).and_then(|name| Tenant::parse(name).ok());
        let tenant = tenant.ok_or_else(Problem::unauthorized)?;
        if let Some(named) = request.headers().get("x-tenant-id")
            && named.as_bytes() != tenant.as_str().as_bytes()
        {
            return Err(Problem::forbidden("The token belongs to another tenant."));
        }
        let scopes = names.granted(&jwt.claims, jwt.scopes.as_deref().unwrap_or_default());
        let subject = jwt.claims.get("sub").filter(|subject| !subject.is_empty()).cloned();
        Ok(Self { tenant, subject, name: display_name(&jwt.claims), scopes })
    }

    /// Returns the person or program that the token was issued to; 403 if the token does not say.
    pub fn subject(&self) -> Result<&str, Problem> {
        let subject = self.subject.as_deref();
        subject.ok_or_else(|| Problem::forbidden("The token does not say whose it is (sub)."))
    }

    /// Returns the name to show for a person; `None` if the token has none, as those of programs.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Requires one of the scopes, else 403. The gateway checks the same if its issuer's tokens let
    /// it; this keeps a misconfigured route closed.
    pub fn require(&self, any_of: &[Scope]) -> Result<(), Problem> {
        if self.scopes.iter().any(|scope| any_of.contains(scope)) {
            return Ok(());
        }
        let any_of: Vec<_> = any_of.iter().map(|scope| scope.code()).collect();
        Err(Problem::forbidden(format!("The token needs the scope {}.", any_of.join(" or "))))
    }
}

#[cfg(test)]
mod tests;
