//! The registers against a real DynamoDB endpoint: sets have the same life cycle in both, and
//! neither register sees the other's.

#![allow(clippy::unwrap_used, reason = "a test's panic is its report")]

mod world;

use sentinel::payment::utc_time::UtcTime;
use sentinel::reference::Reference;
use sentinel::register::VersionedSet as _;
use sentinel::register::{
    EMBEDDED, Head, Register, RegisteredSet, SetChange, SetState, rollback, transition,
};
use sentinel::rules::RuleSet;
use store::{RegisterOutcome, TenantRegister};
use world::{World, tenant};

fn document(register: Register) -> &'static str {
    match register {
        Register::Rules => RuleSet::EMBEDDED_DOCUMENT,
        Register::Reference => Reference::EMBEDDED_DOCUMENT,
    }
}

/// Drafts two versions of the register's own document.
async fn drafts(of: &TenantRegister<'_>, register: Register) -> [RegisteredSet; 2] {
    let mut drafted = Vec::new();
    for (version, at) in [("\"a-", "2026-11-25T10:00:00.000001Z"), ("\"b-", "2026-11-25T10:00:01Z")]
    {
        let text =
            document(register).replacen("\"version\": \"", &format!("\"version\": {version}"), 1);
        let summary = sentinel::registrar::summarise(register, &text).unwrap();
        let set = RegisteredSet::new(summary, SetState::Draft, "ann", UtcTime::parse(at).unwrap());
        assert_eq!(of.add(&set, &text).await.unwrap(), RegisterOutcome::New);
        assert_eq!(of.add(&set, &text).await.unwrap(), RegisterOutcome::Known);
        assert_eq!(of.document(&set.version).await.unwrap(), Some(text));
        drafted.push(set);
    }
    drafted.try_into().unwrap()
}

/// Moves a set on Bob's behalf; returns whether it was moved.
async fn moved(of: &TenantRegister<'_>, head: &Head, version: &str, to: SetState) -> bool {
    let set = of.set(version).await.unwrap().unwrap();
    let made = transition(head, &set, to, "bob").unwrap();
    let at = format!("2026-11-25T11:00:{:02}Z", made.head.revision);
    let change = SetChange {
        at: UtcTime::parse(&at).unwrap(),
        by: "bob".to_owned(),
        version: version.to_owned(),
        from: Some(set.state),
        to,
        displaced: made.displaced.as_ref().map(|(version, _)| version.clone()),
        rollback: false,
        note: "a test".to_owned(),
    };
    of.make(&made, &change).await.unwrap()
}

#[tokio::test]
async fn every_register_has_the_same_life_apart_from_the_others() {
    let world = World::start().await;
    for register in Register::ALL {
        let of = world.store.register(&tenant(), register);
        assert_eq!(of.head().await.unwrap(), Head::default());
        assert!(of.sets().await.unwrap().is_empty());
        let [first, second] = drafts(&of, register).await;
        assert_eq!(of.set(&first.version).await.unwrap(), Some(first.clone()));
        assert_eq!(first.dates.is_empty(), register == Register::Rules);

        let start = of.head().await.unwrap();
        assert!(moved(&of, &start, &first.version, SetState::Shadow).await);
        // A second move decided by the same head comes too late, and nothing of it is written.
        assert!(!moved(&of, &start, &second.version, SetState::Shadow).await);
        assert_eq!(of.set(&second.version).await.unwrap().unwrap().state, SetState::Draft);
        assert!(moved(&of, &of.head().await.unwrap(), &first.version, SetState::Live).await);
        let live = of.head().await.unwrap();
        assert_eq!(
            (live.live.as_str(), live.previous.as_deref()),
            (&*first.version, Some(EMBEDDED))
        );
        let approved = of.set(&first.version).await.unwrap().unwrap();
        assert_eq!(approved.approver.as_deref(), Some("bob"));
        assert_eq!((approved.entries, approved.dates), (first.entries, first.dates));

        let changes = of.changes(50).await.unwrap();
        let told: Vec<_> = changes.iter().map(|change| change.to.code()).collect();
        assert_eq!(told, ["live", "shadow", "draft", "draft"]);
        assert_eq!(rollback(&live).unwrap().head.live, EMBEDDED);
    }
}
