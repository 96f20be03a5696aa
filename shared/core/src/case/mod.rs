//! The case of a payment: what was observed, the answer of each level, and the decision.

pub mod alert_id;
pub mod evidence;
pub mod notes;
pub mod payment_details;
pub mod reversal;
pub mod risk;
pub mod rules_verdict;
pub mod shadow;
pub mod verdict;
