//! The scopes of a token, and the operations that they open. The `security` of the OpenAPI document
//! is generated from this table, and tests compare it with the template's routes and with what the
//! functions let in.

use sentinel::register::Register;

/// A scope of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    TransactionsWrite,
    HistoryWrite,
    AlertsRead,
    /// Opens the work on alerts: assigning, concluding, reopening.
    AlertsWork,
    /// Approves what another person concluded.
    AlertsApprove,
    RulesWrite,
    RulesApprove,
    ReferenceWrite,
    ReferenceApprove,
    /// Shows the LLM usage of all tenants, where `alerts:read` shows that of one.
    BudgetDeployment,
}

impl Scope {
    pub const ALL: [Self; 10] = [
        Self::TransactionsWrite,
        Self::HistoryWrite,
        Self::AlertsRead,
        Self::AlertsWork,
        Self::AlertsApprove,
        Self::RulesWrite,
        Self::RulesApprove,
        Self::ReferenceWrite,
        Self::ReferenceApprove,
        Self::BudgetDeployment,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::TransactionsWrite => "transactions:write",
            Self::HistoryWrite => "history:write",
            Self::AlertsRead => "alerts:read",
            Self::AlertsWork => "alerts:work",
            Self::AlertsApprove => "alerts:approve",
            Self::RulesWrite => "rules:write",
            Self::RulesApprove => "rules:approve",
            Self::ReferenceWrite => "reference:write",
            Self::ReferenceApprove => "reference:approve",
            Self::BudgetDeployment => "budget:deployment",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.code() == code)
    }

    /// Returns the scope to draft a register's sets and to move them anywhere but live.
    pub fn writes(register: Register) -> Self {
        match register {
            Register::Rules => Self::RulesWrite,
            Register::Reference => Self::ReferenceWrite,
        }
    }

    /// Returns the scope to put a register's sets live and to roll back.
    pub fn approves(register: Register) -> Self {
        match register {
            Register::Rules => Self::RulesApprove,
            Register::Reference => Self::ReferenceApprove,
        }
    }

    /// Returns the scopes any of which suffices to read a register.
    pub fn reads(register: Register) -> [Self; 3] {
        [Self::AlertsRead, Self::writes(register), Self::approves(register)]
    }
}

/// Returns the scopes any of which opens the operation at a path: the path of a request, or one of
/// the OpenAPI document with its parameters in braces. Empty if no token is needed, `None` if there
/// is no such operation.
pub fn scopes_for(method: &str, path: &str) -> Option<Vec<Scope>> {
    for register in Register::ALL {
        let Some(rest) = path.strip_prefix(register.path()) else { continue };
        return on_register(method, rest, register);
    }
    let segments: Vec<&str> = path.strip_prefix("/api/v1/")?.split('/').collect();
    match (method, segments.as_slice()) {
        ("GET", ["health"]) => Some(Vec::new()),
        ("GET", ["me"]) => Some(Scope::ALL.to_vec()),
        ("POST", ["history"]) => Some(vec![Scope::HistoryWrite]),
        ("POST", ["transactions"]) => Some(vec![Scope::TransactionsWrite]),
        // The id of a payment may contain slashes.
        ("GET", ["transactions", ..]) => Some(vec![Scope::TransactionsWrite, Scope::AlertsRead]),
        ("GET", ["peers"]) => Some(vec![Scope::AlertsRead, Scope::RulesWrite]),
        ("GET", ["budget"]) => Some(vec![Scope::AlertsRead, Scope::BudgetDeployment]),
        (
            "GET",
            ["alerts"] | ["alerts", _] | ["accounts"] | ["payments"] | ["people"] | ["search"],
        )
        | ("POST", ["alerts", _, "explanation"] | ["stream-tickets"]) => {
            Some(vec![Scope::AlertsRead])
        }
        // Which of the two is needed depends on the step.
        ("POST", ["alerts", _, "disposition"]) => {
            Some(vec![Scope::AlertsWork, Scope::AlertsApprove])
        }
        ("GET", ["cases"] | ["cases", _]) => Some(vec![Scope::AlertsRead]),
        ("POST", ["cases"]) => Some(vec![Scope::AlertsWork]),
        ("POST", ["cases", _, "steps"]) => Some(vec![Scope::AlertsWork, Scope::AlertsApprove]),
        ("POST", ["alerts", _, "assignment"]) => Some(vec![Scope::AlertsWork]),
        _ => None,
    }
}

/// [`scopes_for`] for a register's operations; `rest` is what follows the register's own path.
fn on_register(method: &str, rest: &str, register: Register) -> Option<Vec<Scope>> {
    let segments: Vec<&str> = rest.split('/').collect();
    match (method, segments.as_slice()) {
        ("GET", [""] | ["", _] | ["", _, "shadow"]) => Some(Scope::reads(register).to_vec()),
        ("POST", [""]) => Some(vec![Scope::writes(register)]),
        ("POST", ["", "rollback"]) => Some(vec![Scope::approves(register)]),
        // Which of the two is needed depends on the target state.
        ("POST", ["", _, "transitions"]) => {
            Some(vec![Scope::writes(register), Scope::approves(register)])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_no_operation_opens_to_nobody() {
        let none = [
            ("GET", "/api/v1/alert"),
            ("DELETE", "/api/v1/alerts/al_1"),
            ("POST", "/api/v1/health"),
            ("GET", "/api/v1/alerts/al_1/explanation"),
            ("GET", "/api/v1/rule-setsx"),
            ("POST", "/api/v1/rule-sets/1/shadow"),
            ("GET", "/other/v1/alerts"),
        ];
        for (method, path) in none {
            assert_eq!(scopes_for(method, path), None, "{method} {path}");
        }
    }

    #[test]
    fn a_request_is_opened_by_the_scopes_of_its_documented_path() {
        let pairs = [
            ("GET", "/api/v1/transactions/a/b", "/api/v1/transactions/{msg_id}"),
            ("GET", "/api/v1/alerts/al_1", "/api/v1/alerts/{id}"),
            ("POST", "/api/v1/alerts/al_1/explanation", "/api/v1/alerts/{id}/explanation"),
            ("POST", "/api/v1/rule-sets/1/transitions", "/api/v1/rule-sets/{version}/transitions"),
        ];
        for (method, path, documented) in pairs {
            assert!(scopes_for(method, path).is_some(), "{method} {path}");
            assert_eq!(scopes_for(method, path), scopes_for(method, documented), "{method} {path}");
        }
    }
}
