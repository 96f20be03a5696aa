//! The case of a payment: what was observed, the answer of each level, the decision, and what people
//! make of it.

pub mod alert_id;
pub mod disposition;
pub mod evidence;
pub mod notes;
pub mod payment_details;
pub mod reversal;
pub mod risk;
pub mod rules_verdict;
pub mod shadow;
pub mod verdict;
pub mod work;
