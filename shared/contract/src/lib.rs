//! The HTTP contract: problems as clients see them, and the OpenAPI document of the bodies that the
//! functions answer with. The core below knows no HTTP.

pub mod openapi;
pub mod problem;
