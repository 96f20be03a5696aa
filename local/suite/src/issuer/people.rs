//! The people of the development issuer: someone for each role, a second analyst, and a developer who
//! may do everything, as a system of the institution may.

use contract::role::Role;
use contract::scope::Scope;

/// Somebody who can sign in.
#[derive(Debug, PartialEq, Eq)]
pub struct Person {
    pub subject: &'static str,
    pub name: &'static str,
    /// What the sign-in page says about them.
    pub does: &'static str,
    rights: Rights,
}

#[derive(Debug, PartialEq, Eq)]
enum Rights {
    Of(Role),
    Everything,
}

/// Everyone who can sign in. The developer is also whoever sends no token, where none is needed.
pub const PEOPLE: [Person; 9] = [
    person("ada", "Ada Lindgren", Role::Analyst, "works on alerts"),
    person("ben", "Ben Okafor", Role::Analyst, "works on alerts"),
    person("sam", "Sam Whitfield", Role::Supervisor, "works on alerts, approves conclusions"),
    person("ari", "Ari Nakamura", Role::Auditor, "reads everything, changes nothing"),
    person("sofia", "Sofia Marchetti", Role::SarOfficer, "works on alerts, reports suspicions"),
    person("ruth", "Ruth Adeyemi", Role::RuleAuthor, "drafts rules and reference data"),
    person("ralph", "Ralph Jensen", Role::RuleApprover, "puts rules and reference data live"),
    person("eve", "Eve Castellano", Role::Engineer, "watches budget and operations"),
    Person {
        subject: "developer",
        name: "Robin Vale",
        does: "has every role, and sends payments",
        rights: Rights::Everything,
    },
];

const fn person(
    subject: &'static str,
    name: &'static str,
    role: Role,
    does: &'static str,
) -> Person {
    Person { subject, name, does, rights: Rights::Of(role) }
}

impl Person {
    pub fn find(subject: &str) -> Option<&'static Self> {
        PEOPLE.iter().find(|person| person.subject == subject)
    }

    pub fn developer() -> &'static Self {
        &PEOPLE[PEOPLE.len() - 1]
    }

    pub fn title(&self) -> &'static str {
        match self.rights {
            Rights::Of(role) => role.title(),
            Rights::Everything => "Developer",
        }
    }

    pub fn email(&self) -> String {
        format!("{}@bank.example", self.subject)
    }

    pub fn roles(&self) -> Vec<Role> {
        match self.rights {
            Rights::Of(role) => vec![role],
            Rights::Everything => Role::ALL.to_vec(),
        }
    }

    pub fn scopes(&self) -> Vec<Scope> {
        match self.rights {
            Rights::Of(role) => role.scopes().to_vec(),
            Rights::Everything => Scope::ALL.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_somebody_and_subjects_are_unique() {
        for role in Role::ALL {
            assert!(PEOPLE.iter().any(|person| person.rights == Rights::Of(role)), "{role:?}");
        }
        for person in &PEOPLE {
            assert_eq!(Person::find(person.subject), Some(person));
        }
        assert_eq!(Person::developer().title(), "Developer");
        assert_eq!(Person::find("nobody"), None);
    }
}
