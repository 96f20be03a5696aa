//! What an investigation has to look at, by typology: a short protocol, each item of which is ticked
//! with what was found. The items follow the FATF's and FinCEN's red flags of each typology.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// An item of a checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChecklistItem {
    #[schema(example = "customer_profile")]
    pub code: String,
    pub text: String,
}

/// What every investigation looks at.
const ALWAYS: [(&str, &str); 4] = [
    (
        "customer_profile",
        "Compare the activity with what is known of the customer: occupation, income, business.",
    ),
    ("counterparties", "Identify the main counterparties and how the customer is related to them."),
    ("source_and_use", "Establish where the money came from and what it was used for."),
    ("earlier_alerts", "Read earlier alerts and cases of the same customer and counterparties."),
];

/// What investigations of some typologies look at in addition.
const BY_TYPOLOGY: [(&[&str], &str, &str); 9] = [
    (
        &["structuring", "smurfing", "deposit_send", "cash_withdrawal"],
        "cash_and_threshold",
        "List cash and transfers just below the reporting threshold, with branches and days.",
    ),
    (
        &[
            "fan_in",
            "layered_fan_in",
            "gather_scatter",
            "stacked_bipartite",
            "bipartite",
            "similar_amounts",
            "similar_purposes",
            "upstream_divergence",
        ],
        "payers",
        "Find out what the payers have in common, and whether they know the receiver.",
    ),
    (
        &["fan_out", "layered_fan_out", "scatter_gather"],
        "payees",
        "Find out what the payees have in common, and where the money went from them.",
    ),
    (
        &["pass_through", "gather_scatter", "volume_jump", "burst", "exceptional_outflow"],
        "pass_through",
        "Compare what came in with what left, and how long it stayed.",
    ),
    (&["cycle"], "circle", "Trace the circle, and look for a reason why the money returns."),
    (
        &["offshore", "high_risk_jurisdiction", "unusual_place", "currency_change"],
        "jurisdiction",
        "Find the reason for dealing with this jurisdiction, and the owners of the account there.",
    ),
    (
        &["over_invoicing"],
        "trade_documents",
        "Compare invoices and transport documents with the payments: goods, quantities, prices.",
    ),
    (
        &["new_account", "dormant_account", "multiple_accounts", "behavioural_change"],
        "account_access",
        "Read the account's opening documents, and find out who has had access to it since.",
    ),
    (
        &["layering_language", "injection", "type_mismatch"],
        "purpose",
        "Ask for documents that support the stated purpose.",
    ),
];

/// Returns the checklist of a case with these typologies.
pub fn checklist<'a>(typologies: impl IntoIterator<Item = &'a str>) -> Vec<ChecklistItem> {
    let typologies: BTreeSet<&str> = typologies.into_iter().collect();
    let special = BY_TYPOLOGY
        .iter()
        .filter(|(of, ..)| of.iter().any(|typology| typologies.contains(typology)))
        .map(|(_, code, text)| (*code, *text));
    ALWAYS
        .into_iter()
        .chain(special)
        .map(|(code, text)| ChecklistItem { code: code.to_owned(), text: text.to_owned() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::VersionedSet as _;
    use crate::rules::RuleSet;

    #[test]
    fn the_special_items_are_about_typologies_of_the_shipped_rules() {
        let rules = RuleSet::embedded().unwrap();
        let known: BTreeSet<&str> =
            rules.rules().iter().map(|rule| rule.typology.as_str()).collect();
        for (typologies, code, _) in BY_TYPOLOGY {
            for typology in typologies {
                assert!(known.contains(typology), "{code}: {typology}");
            }
        }
    }

    #[test]
    fn an_item_is_listed_once() {
        let codes: Vec<_> =
            checklist(["fan_in", "gather_scatter"]).into_iter().map(|item| item.code).collect();
        let unique: BTreeSet<_> = codes.iter().cloned().collect();
        assert_eq!(unique.len(), codes.len());
        assert_eq!(codes[4..], ["payers", "pass_through"]);
        assert_eq!(checklist([]).len(), 4);
    }
}
