//! Holds what a function reads from its environment against what the template gives it, in the tests
//! of every function: neither knows a variable that the other does not, and both have one default.
//! `AWS_ENDPOINT_URL` is the SDKs' own, and given only where a parameter asks for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Display};

use super::{OWN, Stack};

type Variables = BTreeMap<String, String>;

/// `read` makes a function's settings of these variables, and tells the names it asked for. Panics with
/// everything that is wrong.
pub fn hold_settings<T, E>(
    function: &str,
    read: impl Fn(Variables) -> (Result<T, E>, BTreeSet<String>),
) where
    T: PartialEq + Debug,
    E: Display,
{
    let usual = given(function, &[]);
    // Without an LLM nobody asks for its settings.
    let with_llm = given(function, &[("LlmBaseUrl", "https://llm.example.com/v1")]);
    let mut wrong = names(&with_llm, &read(with_llm.clone()).1);
    for variables in [&usual, &with_llm] {
        match read(variables.clone()).0 {
            Err(err) => wrong.push(format!("the template's own are refused: {err}")),
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

fn given(function: &str, parameters: &[(&str, &str)]) -> Variables {
    let parameters =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let stack =
        Stack::read(OWN, &parameters.collect()).expect("the template is read by every start");
    stack.functions[function].env.clone()
}

fn names(given: &Variables, asked: &BTreeSet<String>) -> Vec<String> {
    let unasked = given.keys().filter(|name| !asked.contains(*name));
    let unasked = unasked.map(|name| format!("{name} is given and nobody asks for it"));
    let absent = asked.iter().filter(|name| !given.contains_key(*name));
    let absent = absent.map(|name| format!("{name} is asked for and nobody gives it"));
    unasked.chain(absent).collect()
}

/// Without a variable either its name is missed, or nothing changes.
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
        Err(err) => Some(format!("without {name} the sentence does not name it: {err}")),
        Ok(other) if other == *settings => None,
        Ok(_) => Some(format!("{name} has another default in the code")),
    }
}

/// What cannot be read is named, and not shown.
fn sentence<T, E: Display>(
    name: &str,
    variables: &Variables,
    read: impl Fn(Variables) -> (Result<T, E>, BTreeSet<String>),
) -> Option<String> {
    let unreadable = "~[unreadable";
    let mut spoilt = variables.clone();
    spoilt.insert(name.to_owned(), unreadable.to_owned());
    let err = read(spoilt).0.err()?.to_string();
    let good = err.contains(name) && !err.contains("unreadable");
    (!good).then(|| format!("{name} cannot be read, and the sentence does not say so well: {err}"))
}
