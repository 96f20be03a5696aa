//! The bodies of requests and answers: the very types that the functions answer with, and of which
//! the OpenAPI document is made.

pub mod alerts;
pub mod operations;
pub mod peers;
pub mod registers;
pub mod requests;
pub mod transactions;
