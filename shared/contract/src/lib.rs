//! The HTTP contract: what a request may do ([`scope`]), the bodies that the functions answer with,
//! problems as clients see them, and the OpenAPI document, which is made of these types. The core below
//! knows no HTTP.

pub mod bodies;
pub mod openapi;
pub mod problem;
pub mod scope;
