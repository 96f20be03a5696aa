//! The HTTP contract: the scopes that open each operation ([`scope`]), the roles that give them to
//! people ([`role`]), the bodies that the functions answer with, problems as clients see them, and the
//! OpenAPI document, which is generated from these types. The core below knows no HTTP.

pub mod bodies;
pub mod openapi;
pub mod problem;
pub mod role;
pub mod scope;
