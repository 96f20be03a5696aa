//! Configuration from the environment. A missing or unreadable variable ends init with a sentence
//! that names it; its value is never shown, since it may be a secret.

use std::str::FromStr;

use lambda_runtime::Error;
use sentinel::payment::tenant::Tenant;

/// A variable with a default; an empty one counts as unset.
pub fn text(name: &str, default: &str) -> String {
    std::env::var(name).ok().filter(|value| !value.is_empty()).unwrap_or_else(|| default.to_owned())
}

/// A variable that has to be there.
pub fn required(name: &str) -> Result<String, Error> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    value.ok_or_else(|| format!("The environment variable {name} is not set").into())
}

/// A variable of another type, with a default.
pub fn parsed<T: FromStr>(name: &str, default: T) -> Result<T, Error> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => value
            .parse()
            .map_err(|_| format!("The environment variable {name} cannot be read").into()),
        _ => Ok(default),
    }
}

/// The tenants served, from `TENANTS`.
pub fn tenants() -> Result<Vec<Tenant>, Error> {
    let names = text("TENANTS", "main");
    let tenants = names.split(',').map(|name| Tenant::parse(name.trim()));
    tenants.collect::<Result<_, _>>().map_err(|err| format!("TENANTS: {err}").into())
}
