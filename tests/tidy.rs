//! The house rules that a program can check: which crate may use which, that the core is pure, and
//! that files say what they are for and stay small.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every file with this ending below a folder of the project, with its text.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" && name != "node_modules" {
                    folders.push(path);
                }
            } else if name.ends_with(ending) {
                let relative = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                found.push((relative, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "no {ending} in {folder}");
    found.sort();
    found
}

fn sources() -> Vec<(String, String)> {
    ["shared", "functions", "local", "tests", "benches"]
        .iter()
        .flat_map(|folder| files(folder, ".rs"))
        .collect()
}

/// Reports all violations at once.
#[track_caller]
fn none(violations: Vec<String>) {
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

/// The numbered lines of code, without comments and unit tests.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..end].lines().enumerate();
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The names in a manifest's `[dependencies]`.
fn dependencies(manifest: &str) -> impl Iterator<Item = &str> {
    let lines = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| line.split([' ', '.']).next())
}

/// The standard library has a clock, an environment and files. Everything else that is impure needs
/// a dependency, and the core's manifest has none for it.
#[test]
fn the_core_has_no_clock_no_environment_and_no_files() {
    const FORBIDDEN: [&str; 8] = [
        "std::env::",
        "std::fs",
        "std::net",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "async fn",
        "println!",
    ];
    let mut violations = Vec::new();
    for (path, text) in files("shared/core/src", ".rs") {
        if path.contains("tests") {
            continue;
        }
        for (at, line) in code(&text) {
            for word in FORBIDDEN.iter().filter(|word| line.contains(**word)) {
                violations.push(format!("{path}:{}: {word}", at + 1));
            }
        }
    }
    none(violations);
}

/// serde_json's error texts quote the input, which must never reach a log or a client. So the core's
/// module `json`, whose errors cannot quote it, is the only way to JSON: no other crate that is
/// deployed depends on serde_json, and no other file of the core names it.
#[test]
fn json_is_read_without_quoting_it() {
    let mut violations = Vec::new();
    for (path, text) in files("shared/core/src", ".rs") {
        if path.contains("tests") || path.ends_with("fixtures.rs") || path.ends_with("src/json.rs")
        {
            continue;
        }
        for (at, _) in code(&text).filter(|(_, line)| line.contains("serde_json")) {
            violations.push(format!("{path}:{} reaches JSON past crate::json", at + 1));
        }
    }
    for (path, text) in
        ["shared", "functions"].iter().flat_map(|folder| files(folder, "Cargo.toml"))
    {
        let quotes = dependencies(&text).any(|dependency| dependency == "serde_json");
        if quotes && path != "shared/core/Cargo.toml" {
            violations.push(format!("{path} depends on serde_json"));
        }
    }
    none(violations);
}

/// A function's settings are read once, in `main`, through `edge`, so that tests can compare them
/// with the template.
#[test]
fn only_settings_read_the_environment() {
    let mut violations = Vec::new();
    for (path, text) in files("functions", ".rs") {
        for (at, line) in code(&text) {
            let read = line.contains("env::var") && path != "functions/edge/src/settings.rs";
            let begun = line.contains("Environment::of_process") && !path.ends_with("/main.rs");
            if read || begun {
                violations.push(format!("{path}:{} reads the environment", at + 1));
            }
        }
    }
    none(violations);
}

/// Which of our crates may use which. The compiler enforces the manifests; this checks the
/// manifests.
#[test]
fn the_crates_use_what_the_map_says() {
    const FUNCTIONS: [(&str, &[&str]); 7] = [
        ("ingest", &["contract", "edge", "sentinel", "store"]),
        ("score", &["edge", "model", "sentinel", "store"]),
        ("second-look", &["edge", "escalation", "sentinel", "store"]),
        ("explain-alert", &["contract", "edge", "escalation", "sentinel", "store"]),
        ("budget-guard", &["edge", "sentinel", "store"]),
        ("case-desk", &["contract", "edge", "sentinel", "store"]),
        ("alert-push", &["contract", "edge", "sentinel", "store"]),
    ];
    const SHARED: [(&str, &[&str]); 10] = [
        ("sentinel", &[]),
        ("model", &["sentinel"]),
        ("store", &["sentinel"]),
        ("chat", &["sentinel"]),
        ("escalation", &["chat", "sentinel", "store"]),
        ("contract", &["sentinel"]),
        ("edge", &["contract", "sentinel", "store"]),
        ("suite", &["contract"]),
        ("tools", &["chat", "contract", "model", "sentinel"]),
        ("cli", &["suite", "tools"]),
    ];
    let ours: BTreeMap<&str, &[&str]> = FUNCTIONS.into_iter().chain(SHARED).collect();
    let mut violations = Vec::new();
    for folder in ["shared", "functions", "local"] {
        for (path, text) in files(folder, "Cargo.toml") {
            let name = text.lines().find_map(|line| line.strip_prefix("name = ")).unwrap();
            let name = name.trim_matches('"');
            let used: Vec<&str> =
                dependencies(&text).filter(|dependency| ours.contains_key(dependency)).collect();
            if ours.get(name) != Some(&used.as_slice()) {
                violations.push(format!("{path}: {name} uses {used:?}"));
            }
        }
    }
    none(violations);
}

#[test]
fn every_file_says_what_it_is_for_and_stays_small() {
    let mut violations = Vec::new();
    for (path, text) in sources() {
        if !text.starts_with("//!") {
            violations.push(format!("{path} does not open with //!"));
        }
        let lines = text.lines().count();
        let most = match path.as_str() {
            path if path.starts_with("functions/") && path.ends_with("src/main.rs") => 55,
            path if path.contains("tests/") => 550,
            _ => 450,
        };
        if lines > most {
            violations.push(format!("{path} has {lines} lines, {most} at most"));
        }
        for (at, line) in text.lines().enumerate() {
            // rustfmt leaves attributes as they are, and one answer of the API is one line.
            let attribute = line.trim_start().starts_with("(status");
            if line.chars().count() > 110 && !line.contains("http") && !attribute {
                violations.push(format!("{path}:{} is too wide", at + 1));
            }
        }
    }
    none(violations);
}

#[test]
fn nothing_is_left_unfinished() {
    let unfinished = [concat!("to", "do!("), concat!("unimplemented", "!("), concat!("FIX", "ME")];
    let mut violations = Vec::new();
    for (path, text) in sources() {
        for word in unfinished.iter().filter(|word| text.contains(**word)) {
            violations.push(format!("{path}: {word}"));
        }
    }
    none(violations);
}
