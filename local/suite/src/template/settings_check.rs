//! Compares the environment variables a function reads with those the template sets, in the tests of
//! every function: both must have the same variables with the same defaults. `AWS_ENDPOINT_URL` is for
//! the SDKs, and is set only if a parameter asks for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Display};

use super::{OWN, Stack};

type Variables = BTreeMap<String, String>;

/// Checks a function's settings against the template. `read` builds the settings from these
/// variables and returns the names that it asked for.
///
/// # Panics
///
/// With every difference at once.
pub fn check_settings<T, E>(
    function: &str,
    read: impl Fn(Variables) -> (Result<T, E>, BTreeSet<String>),
) where
    T: PartialEq + Debug,
    E: Display,
{
    let usual = variables(function, &[]);
    // A function reads the LLM's settings only if there is an LLM.
    let with_llm = variables(function, &[("LlmBaseUrl", "https://llm.example.com/v1")]);
    let mut wrong = names(&with_llm, &read(with_llm.clone()).1);
    for variables in [&usual, &with_llm] {
        match read(variables.clone()).0 {
            Err(err) => wrong.push(format!("the template's values are refused: {err}")),
            Ok(settings) => {
                let defaults =
                    variables.iter().filter(|(name, value)| usual.get(*name) == Some(*value));
                for (name, _) in defaults {
                    wrong.extend(default(name, variables, &settings, &read));
                    wrong.extend(sentence(name, variables, &read));
                }
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{function} and template.yaml differ:\n{}", wrong.join("\n"));
}

fn variables(function: &str, parameters: &[(&str, &str)]) -> Variables {
    let parameters =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let stack =
        Stack::read(OWN, &parameters.collect()).expect("the template is read by every start");
    stack.functions[function].env.clone()
}

fn names(given: &Variables, asked: &BTreeSet<String>) -> Vec<String> {
    let unasked = given.keys().filter(|name| !asked.contains(*name));
    let unasked = unasked.map(|name| format!("the template sets {name}, which is not read"));
    let absent = asked.iter().filter(|name| !given.contains_key(*name));
    let absent = absent.map(|name| format!("{name} is read, but the template does not set it"));
    unasked.chain(absent).collect()
}

/// If a variable is missing, either the error names it, or the code's default equals the
/// template's.
fn default<T: PartialEq + Debug, E: Display>(
    name: &str,
    variables: &Variables,
    settings: &T,
    read: impl Fn(Variables) -> (Result<T, E>, BTreeSet<String>),
) -> Option<String> {
    let mut without = variables.clone();
    without.remove(name);
    match read(without).0 {
        Err(err) if err.to_string().contains(name) => None,
        Err(err) => Some(format!("without {name}, the error does not name it: {err}")),
        Ok(other) if other == *settings => None,
        Ok(_) => Some(format!("{name} has another default in the code")),
    }
}

/// An error about an unreadable value names the variable, and does not quote the value.
fn sentence<T, E: Display>(
    name: &str,
    variables: &Variables,
    read: impl Fn(Variables) -> (Result<T, E>, BTreeSet<String>),
) -> Option<String> {
    let unreadable = "~[unreadable";
    let mut corrupted = variables.clone();
    corrupted.insert(name.to_owned(), unreadable.to_owned());
    let err = read(corrupted).0.err()?.to_string();
    let good = err.contains(name) && !err.contains("unreadable");
    (!good).then(|| format!("the error about an unreadable {name} omits it or quotes it: {err}"))
}
