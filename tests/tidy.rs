//! The house rules that a program can check: who may depend on whom, that the core is pure, that
//! files say what they are for and stay small.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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

/// Code without comments and without its tests.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..end].lines().enumerate();
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[test]
fn the_pure_modules_know_no_outside() {
    const EDGE: [&str; 5] = ["store", "queue", "secret", "jitter", "openapi"];
    const FORBIDDEN: [&str; 12] = [
        "aws_",
        "tokio",
        "reqwest",
        "std::env::",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "rand::",
        "getrandom",
        "std::fs",
        "std::net",
        "println!",
    ];
    // The LLM's module has a pure half and an edge, told apart by file.
    const LLM_EDGE: [&str; 4] = ["cache.rs", "client.rs", "config.rs", "escalation.rs"];
    let mut violations = Vec::new();
    for (path, text) in files("shared/src", ".rs") {
        let inner = path.trim_start_matches("shared/src/");
        let module = inner.split(['/', '.']).next().unwrap();
        let at_the_edge = EDGE.contains(&module)
            || module == "llm" && LLM_EDGE.iter().any(|file| inner.ends_with(file))
            || inner.contains("tests");
        if at_the_edge {
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

#[test]
fn the_core_knows_no_lambda() {
    let mut violations = Vec::new();
    for (path, text) in files("shared/src", ".rs") {
        let named = code(&text).filter(|(_, line)| line.contains("lambda_"));
        violations.extend(named.map(|(at, _)| format!("{path}:{}", at + 1)));
    }
    none(violations);
}

#[test]
fn functions_never_import_each_other_and_local_imports_the_core_alone() {
    let manifests = files("functions", "Cargo.toml");
    let name = |path: &str| path.split('/').nth(1).unwrap().to_owned();
    let functions: Vec<String> = manifests.iter().map(|(path, _)| name(path)).collect();
    let local = ("local/Cargo.toml".to_owned(), files("local", "Cargo.toml")[0].1.clone());
    let mut violations = Vec::new();
    for (path, text) in manifests.iter().chain([&local]) {
        for line in text.lines().skip_while(|line| *line != "[dependencies]") {
            let dependency = line.split([' ', '.']).next().unwrap_or_default();
            let is_function = functions.iter().any(|name| name == dependency);
            let allowed = dependency == "edge" && path.starts_with("functions/");
            if is_function && !allowed {
                violations.push(format!("{path}: {dependency}"));
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

#[test]
fn every_figure_of_the_readme_names_its_command() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for command in ["make run", "make test", "sam deploy", "replay"] {
        assert!(readme.contains(command), "{command}");
    }
}

/// With fewer features than the whole workspace, `cargo run -p local` after `make run` would build
/// half of the dependencies once more.
#[test]
fn the_command_line_alone_is_built_with_the_features_of_the_whole() {
    let tree = |package: &[&str]| -> BTreeSet<String> {
        let output = Command::new(env!("CARGO"))
            .args(["tree", "--edges=normal,build", "--prefix=none", "--format={p} {f}"])
            .args(package)
            .current_dir(root())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
    };
    let (alone, whole) = (tree(&["--package=local"]), tree(&["--workspace"]));
    assert!(!alone.is_empty());
    none(alone.difference(&whole).cloned().collect());
}
