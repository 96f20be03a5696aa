//! The core of FinCrime Sentinel. Pure modules come first: they take values and return values, know
//! no clock, no environment and no network, and are the same code in Lambda, in the backtester and
//! in the feature builder. The AWS edge (`store`, `queue`, `llm`, `secret`) comes last, each behind
//! a cargo feature, so that a function links only what it uses.

pub mod account_token;
pub mod alerting;
pub mod budget;
pub mod cascade;
pub mod document;
pub mod evidence;
pub mod facts;
pub mod features;
pub mod graph;
pub mod late;
pub mod llm;
pub mod members;
pub mod memory;
pub mod money;
pub mod narrative;
pub mod notes;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod peers;
pub mod problem;
pub mod profile;
pub mod reasons;
pub mod reference;
pub mod register;
pub mod reversal;
pub mod risk;
pub mod rules;
pub mod tenant;
pub mod transaction;
pub mod verdict;

#[cfg(feature = "store")]
pub mod jitter;
#[cfg(feature = "model")]
pub mod model;
#[cfg(feature = "queue")]
pub mod queue;
#[cfg(feature = "secrets")]
pub mod secret;
#[cfg(feature = "store")]
pub mod store;
