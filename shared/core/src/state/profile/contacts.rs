//! The newest counterparties of an account, in bounded space: sixteen registers per direction, each
//! holding the newest payment of the counterparties whose ids map to it. A register's newest
//! payment is the same in whatever order payments come, so registers commute as sums do. They
//! forget older payments and, among counterparties that share a register, all but the newest. A hub
//! with 100,000 counterparties takes no more space than a household.
//!
//! They show what sums cannot: the same third account on both sides of a payment (a cycle), the same
//! amount or purpose from many payers, the countries that money usually goes to.

use crate::payment::account_id::AccountId;

/// Registers per direction.
pub const REGISTERS: usize = 16;

/// One payment from or to a counterparty. It is ordered by time, with ties broken by the other
/// fields, so that the newest of any set of payments is unique.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Contact {
    /// Seconds since the Unix epoch.
    pub at: f64,
    pub account: AccountId,
    /// Amount in the base currency.
    pub amount: f32,
    /// Fingerprint of the purpose text; 0 without one.
    pub purpose: u16,
    /// Country of the counterparty's bank, ISO 3166-1 alpha-2.
    pub country: [u8; 2],
}

/// Returns the register for payments from or to an account.
pub fn register_of(account: AccountId) -> usize {
    usize::from(account.0.to_be_bytes()[7]) % REGISTERS
}

/// The newest payments in one direction.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contacts {
    registers: [Option<Contact>; REGISTERS],
    newest: Option<Contact>,
}

impl Contacts {
    pub const NONE: Self = Self { registers: [None; REGISTERS], newest: None };

    /// Keeps the payment if it is the newest in its register.
    pub fn note(&mut self, contact: Contact) {
        for kept in [&mut self.registers[register_of(contact.account)], &mut self.newest] {
            if kept.is_none_or(|known| known < contact) {
                *kept = Some(contact);
            }
        }
    }

    /// Returns the payment that now holds the register of a new one.
    pub fn rival(&self, contact: &Contact) -> Option<Contact> {
        self.registers[register_of(contact.account)]
    }

    pub fn newest(&self) -> Option<Contact> {
        self.newest
    }

    /// Returns the newest known payment up to a moment. It may not be the true one, since newer
    /// payments replace older ones in their registers.
    pub fn newest_by(&self, moment: f64) -> Option<Contact> {
        if self.newest.is_none_or(|newest| newest.at <= moment) {
            return self.newest;
        }
        let before = self.iter().filter(|contact| contact.at <= moment).copied();
        before.reduce(|a, b| if a < b { b } else { a })
    }

    pub fn iter(&self) -> impl Iterator<Item = &Contact> {
        self.registers.iter().flatten()
    }

    /// Returns the accounts in both, each with its two payments; equal ids share a register.
    pub fn common<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl Iterator<Item = (&'a Contact, &'a Contact)> {
        let both = self.registers.iter().zip(&other.registers);
        both.filter_map(|(a, b)| Some((a.as_ref()?, b.as_ref()?)))
            .filter(|(a, b)| a.account == b.account)
    }
}
