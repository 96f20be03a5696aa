//! `sentinel rules` as a user sees it.

use super::*;

const SET: &str = r#"{
  "version": "1",
  "lines": { "alert": 0.1, "review": 0.05 },
  "rules": [
    {
      "id": "large", "typology": "single_large", "effect": "flag", "points": 10,
      "when": "amount >= limit", "params": { "limit": 5000 },
      "sentence": "A payment of {amount}.", "source": "a test"
    }
  ]
}"#;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

#[test]
fn problems_are_listed_with_line_and_column() {
    let folder = Folder::new();
    let broken = SET.replace("amount >= limit", "amuont >= limit").replace("10,", "-1,");
    let file = folder.file("broken.json", &broken);
    let (text, well) = check(&file, None).unwrap();
    assert!(!well);
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].contains("broken.json:6:78: rule large: points must not be negative"),
        "{text}"
    );
    assert!(
        lines[1].contains("broken.json:7:16: rule large: the expression names amuont"),
        "{text}"
    );
    assert_eq!(lines.len(), 2, "{text}");
}

#[test]
fn fixtures_are_run_with_the_check() {
    let folder = Folder::new();
    let file = folder.file("set.json", SET);
    let fixtures = tempfile::tempdir().unwrap();
    let (text, well) = check(&file, Some(fixtures.path())).unwrap();
    assert!(!well && text.contains("large: no fixtures"), "{text}");
    let story = |amount| format!(r#"{{"because":"b","judged":"2026-03-01 a > b {amount}"}}"#);
    let fixture = format!(r#"{{"fires":[{}],"near_misses":[{}]}}"#, story(6000), story(4000));
    std::fs::write(fixtures.path().join("large.json"), fixture).unwrap();
    let (text, well) = check(&file, Some(fixtures.path())).unwrap();
    assert!(well && text.ends_with("2 stories, 0 faults"), "{text}");
}

#[test]
fn changes_are_listed_by_field() {
    let (old, new) = (SET, SET.replace("5000", "7000"));
    let added = new.replace("\"large\"", "\"larger\"");
    let [old, new, added] = [old, &new, &added].map(|json| RuleSet::load(json).unwrap());
    let text = show::changes(&RuleSetChanges::between(&old, &new));
    assert_eq!(text, "~ large\n    params.limit: 5000 -> 7000");
    let text = show::changes(&RuleSetChanges::between(&old, &added));
    assert_eq!(text, "+ larger\n- large");
}

#[test]
fn the_list_names_every_rule() {
    let set = RuleSet::embedded().unwrap();
    let text = show::list(&set);
    assert!(set.rules().iter().all(|rule| text.contains(&rule.id)));
    assert!(show::list_json(&set).unwrap().contains("\"when\""));
}
