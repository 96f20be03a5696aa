//! Payments that moved no money or were taken back leave no trace in the accounts' sums.

use journeys::World;
use serde_json::{Value, json};

use crate::history::{counted, state};

/// A payment from one account to another on 5 January, around noon.
fn payment(id: &str, kind: &str, minute: u32, amount: &str) -> Value {
    json!({
        "msg_id": id, "kind": kind, "timestamp": format!("2026-01-05T12:{minute:02}:00Z"),
        "sender": {"account": "payer", "bank_country": "GB", "party_id": "The Payer"},
        "receiver": {"account": "payee", "bank_country": "FR"},
        "amount": amount, "currency": "EUR", "payment_type": "transfer"
    })
}

fn reversal(id: &str, original: &str, minute: u32, amount: &str) -> Value {
    let mut reversal = payment(id, "reversal", minute, amount);
    reversal["original_msg_id"] = original.into();
    reversal
}

/// The accounts' sums, without zeros and without the attributes that record that the two accounts
/// have met, and when they last did.
pub(crate) async fn sums(world: &World) -> Vec<Value> {
    let mut items = state(world).await;
    for item in &mut items {
        item.as_object_mut().unwrap().retain(|name, value| {
            let met = name.starts_with("po") || name.starts_with("pi") || name == "last_at";
            let number = value["N"].as_str().and_then(|number| number.parse::<f64>().ok());
            !met && number != Some(0.0)
        });
    }
    items
}

#[tokio::test]
async fn a_reversed_payment_leaves_the_sums_as_if_it_had_never_happened() {
    let world = World::new().await;
    world.decide(&payment("first", "payment", 1, "120.00")).await;
    let never = sums(&world).await;

    world.decide(&payment("wrong", "payment", 2, "9500.00")).await;
    assert_ne!(sums(&world).await, never);
    let decision = world.decide(&reversal("back", "wrong", 3, "9500.00")).await;
    assert_eq!(decision["notes"], Value::Null, "{decision}");
    assert_eq!(sums(&world).await, never);

    // Nothing is taken back twice, and nothing without the matching payment.
    for (id, original, amount, note) in [
        ("again", "wrong", "9500.00", "already_reversed"),
        ("nothing", "never-made", "9500.00", "original_unknown"),
        ("part", "first", "20.00", "original_unknown"),
    ] {
        let decision = world.decide(&reversal(id, original, 4, amount)).await;
        assert_eq!(decision["notes"], json!([note]), "{id}: {decision}");
        assert_eq!(sums(&world).await, never, "{id}");
    }

    // A reversal with the parties swapped, sent as history.
    let mut turned = reversal("turned", "second", 6, "77.00");
    let (sender, receiver) = (turned["sender"].take(), turned["receiver"].take());
    (turned["sender"], turned["receiver"]) = (receiver, sender);
    counted(&world, &[payment("second", "fee", 5, "77.00"), turned]).await;
    assert_eq!(sums(&world).await, never);
    world.end().await;
}

#[tokio::test]
async fn a_declined_payment_is_judged_and_counts_nowhere() {
    let world = World::new().await;
    let decision = world.decide(&payment("tried", "declined", 1, "120.00")).await;
    assert_eq!(decision["notes"], json!(["declined"]), "{decision}");
    assert_eq!(state(&world).await, Vec::<Value>::new());
    counted(&world, &[payment("old", "declined", 2, "120.00")]).await;
    assert_eq!(state(&world).await, Vec::<Value>::new());
    world.end().await;
}
