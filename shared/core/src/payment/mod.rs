//! A payment as received: parsed once, typed from then on.

pub mod account_id;
pub mod fingerprint;
pub mod flag_set;
pub mod money;
pub mod queue_message;
pub mod side;
pub mod tenant;
pub mod transaction;
pub mod utc_time;
