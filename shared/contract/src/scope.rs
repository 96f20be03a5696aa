//! What a token may do, and which operations that opens. The document's `security` is made of it, and
//! tests hold it against the template's routes and against what the functions let in.

use sentinel::register::Register;

/// A scope, as tokens name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    TransactionsWrite,
    HistoryWrite,
    AlertsRead,
    RulesWrite,
    RulesApprove,
    ReferenceWrite,
    ReferenceApprove,
}

impl Scope {
    pub const ALL: [Self; 7] = [
        Self::TransactionsWrite,
        Self::HistoryWrite,
        Self::AlertsRead,
        Self::RulesWrite,
        Self::RulesApprove,
        Self::ReferenceWrite,
        Self::ReferenceApprove,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::TransactionsWrite => "transactions:write",
            Self::HistoryWrite => "history:write",
            Self::AlertsRead => "alerts:read",
            Self::RulesWrite => "rules:write",
            Self::RulesApprove => "rules:approve",
            Self::ReferenceWrite => "reference:write",
            Self::ReferenceApprove => "reference:approve",
        }
    }

    /// What drafts sets of a register and moves them, short of putting one live.
    pub fn writes(register: Register) -> Self {
        match register {
            Register::Rules => Self::RulesWrite,
            Register::Reference => Self::ReferenceWrite,
        }
    }

    /// What puts sets of a register live, and rolls back.
    pub fn approves(register: Register) -> Self {
        match register {
            Register::Rules => Self::RulesApprove,
            Register::Reference => Self::ReferenceApprove,
        }
    }

    /// Any of these shows a register.
    pub fn reads(register: Register) -> [Self; 3] {
        [Self::AlertsRead, Self::writes(register), Self::approves(register)]
    }
}

/// The scopes any of which opens an operation, named as the document names it; none where no token is
/// needed.
pub fn opening(method: &str, path: &str) -> Vec<Scope> {
    for register in Register::ALL {
        let Some(rest) = path.strip_prefix(register.path()) else { continue };
        return match (method, rest) {
            ("GET", _) => Scope::reads(register).to_vec(),
            (_, "") => vec![Scope::writes(register)],
            (_, "/rollback") => vec![Scope::approves(register)],
            _ => vec![Scope::writes(register), Scope::approves(register)],
        };
    }
    match (method, path) {
        (_, "/api/v1/health") => Vec::new(),
        (_, "/api/v1/history") => vec![Scope::HistoryWrite],
        ("POST", "/api/v1/transactions") => vec![Scope::TransactionsWrite],
        (_, "/api/v1/transactions" | "/api/v1/transactions/{msg_id}") => {
            vec![Scope::TransactionsWrite, Scope::AlertsRead]
        }
        (_, "/api/v1/peers") => vec![Scope::AlertsRead, Scope::RulesWrite],
        _ => vec![Scope::AlertsRead],
    }
}
