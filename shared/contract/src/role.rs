//! The roles of people, so that an issuer needs to know seven names instead of every scope: a claim
//! that names a role gives the role's scopes. `functions/ROLES.md` shows which operations these open.

use crate::scope::Scope;

/// What a person does at the institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Analyst,
    Supervisor,
    Auditor,
    SarOfficer,
    RuleAuthor,
    RuleApprover,
    Engineer,
}

impl Role {
    pub const ALL: [Self; 7] = [
        Self::Analyst,
        Self::Supervisor,
        Self::Auditor,
        Self::SarOfficer,
        Self::RuleAuthor,
        Self::RuleApprover,
        Self::Engineer,
    ];

    /// Returns the scopes that the role gives. `transactions:write` and `history:write` are of no
    /// role: they are for the institution's systems.
    pub fn scopes(self) -> &'static [Scope] {
        use Scope::{AlertsApprove, AlertsRead, AlertsWork, BudgetDeployment};
        use Scope::{ReferenceApprove, ReferenceWrite, RulesApprove, RulesWrite};
        match self {
            Self::Analyst => &[AlertsRead, AlertsWork],
            Self::Supervisor => &[AlertsRead, AlertsWork, AlertsApprove],
            Self::Auditor => &[AlertsRead],
            Self::SarOfficer => &[AlertsRead, AlertsWork],
            Self::RuleAuthor => &[AlertsRead, RulesWrite, ReferenceWrite],
            Self::RuleApprover => &[AlertsRead, RulesApprove, ReferenceApprove],
            Self::Engineer => &[AlertsRead, BudgetDeployment],
        }
    }

    /// Returns the name that a claim has for it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Analyst => "analyst",
            Self::Supervisor => "supervisor",
            Self::Auditor => "auditor",
            Self::SarOfficer => "sar_officer",
            Self::RuleAuthor => "rule_author",
            Self::RuleApprover => "rule_approver",
            Self::Engineer => "engineer",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Analyst => "Analyst",
            Self::Supervisor => "Supervisor",
            Self::Auditor => "Auditor",
            Self::SarOfficer => "SAR officer",
            Self::RuleAuthor => "Rule author",
            Self::RuleApprover => "Rule approver",
            Self::Engineer => "Engineer",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_its_role() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.code()), Some(role));
        }
        for other in ["", "Analyst", "analyst ", "admin", "alerts:read"] {
            assert_eq!(Role::parse(other), None, "{other}");
        }
    }

    #[test]
    fn no_role_sends_payments() {
        for role in Role::ALL {
            for scope in [Scope::TransactionsWrite, Scope::HistoryWrite] {
                assert!(!role.scopes().contains(&scope), "{role:?} {scope:?}");
            }
        }
    }

    /// Whoever has both scopes could put their own set live under two names.
    #[test]
    fn no_role_approves_what_it_writes() {
        let pairs = [
            (Scope::RulesWrite, Scope::RulesApprove),
            (Scope::ReferenceWrite, Scope::ReferenceApprove),
        ];
        for role in Role::ALL {
            for (writes, approves) in pairs {
                let both = [writes, approves].iter().all(|scope| role.scopes().contains(scope));
                assert!(!both, "{role:?} {writes:?}");
            }
        }
    }
}
