//! The bodies of requests and answers: the types that the functions answer with and from which the
//! OpenAPI document is generated.

pub mod accounts;
pub mod alerts;
pub mod cases;
pub mod operations;
pub mod peers;
pub mod registers;
pub mod requests;
pub mod transactions;
