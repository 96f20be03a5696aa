//! Errors as clients see them: RFC 9457 problem details. An expected error says exactly what is
//! wrong; an unexpected one says only that it happened, and the log has the details.

use serde::Serialize;

use sentinel::payment::transaction::{FieldError, Rejection};
use sentinel::register::Register;
use sentinel::register::document::{DocumentError, DocumentProblem};

/// A problem document (`application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The kind of problem, in a few words.
    pub title: &'static str,
    /// What is wrong with this request or what to do about it; never quotes the input.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Every faulty field of a transaction, for a 422.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Every fault of a rule set's or a reference set's document, for a 422.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<DocumentProblem>,
    /// The id to quote when asking about this answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Problem {
    pub fn new(status: u16, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            title,
            detail: detail.into(),
            errors: Vec::new(),
            problems: Vec::new(),
            request_id: None,
        }
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(404, "Not found", format!("There is no such {what}."))
    }

    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "The request carries no valid token.")
    }

    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(403, "Forbidden", detail)
    }

    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(400, "Bad request", detail)
    }

    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(409, "Conflict", detail)
    }

    /// Returns the problem of a document that its register refuses, with every fault.
    pub fn of_document(register: Register, DocumentError { problems }: DocumentError) -> Self {
        let noun = register.noun();
        let detail = match problems.len() {
            1 => format!("The {noun} has a fault."),
            n => format!("The {noun} has {n} faults."),
        };
        let title = match register {
            Register::Rules => "Invalid rule set",
            Register::Reference => "Invalid reference set",
        };
        Self { problems, ..Self::new(422, title, detail) }
    }

    /// Returns the problem of a temporary failure on our side; the caller may try again.
    pub fn unavailable() -> Self {
        Self::new(503, "Unavailable", "Nothing was changed. Try again in a moment.")
    }

    pub fn internal() -> Self {
        Self::new(500, "Internal error", "The request could not be handled.")
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Malformed(malformed) => {
                Self::new(400, "Malformed JSON", malformed.to_string())
            }
            Rejection::Invalid(errors) => {
                let detail = match errors.len() {
                    1 => "One field is faulty.".to_owned(),
                    n => format!("{n} fields are faulty."),
                };
                Self { errors, ..Self::new(422, "Invalid transaction", detail) }
            }
        }
    }
}
