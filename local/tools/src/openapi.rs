//! `sentinel openapi`: prints the OpenAPI document, from which clients are generated.

/// Prints the document.
#[expect(clippy::print_stdout, reason = "the command's own output")]
pub fn run() {
    println!("{}", contract::openapi::document());
}
