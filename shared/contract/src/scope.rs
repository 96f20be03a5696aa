//! What a token may do.

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
}
