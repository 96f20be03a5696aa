//! Reversals. A reversal adds nothing to the accounts: it removes what its original added, once,
//! and only if the original is known and matches.

use crate::case::notes::Note;
use crate::payment::money::Money;
use crate::payment::transaction::Transaction;
use crate::state::facts::Facts;

/// The data of a payment that are compared and undone when it is reversed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReversiblePayment {
    pub facts: Facts,
    pub money: Money,
}

impl ReversiblePayment {
    pub fn of(tx: &Transaction, facts: Facts) -> Self {
        Self { facts, money: tx.amount }
    }

    /// Whether this reversal swaps the original's sender and receiver. Some clients state a
    /// reversal as a payment back, others repeat the original's direction.
    pub fn is_turned_from(&self, original: &Self) -> bool {
        (self.facts.sender, self.facts.receiver) == (original.facts.receiver, original.facts.sender)
    }

    /// Returns why a reversal cannot take back its original, or `None` if it can.
    pub fn obstacle(&self, original: Option<&Self>, reversed_before: bool) -> Option<Note> {
        match original {
            Some(original) if !self.fits(original) => Some(Note::OriginalUnknown),
            Some(_) if reversed_before => Some(Note::AlreadyReversed),
            Some(_) => None,
            None => Some(Note::OriginalUnknown),
        }
    }

    fn fits(&self, original: &Self) -> bool {
        let sides = |facts: &Facts| (facts.sender, facts.receiver);
        let same = sides(&self.facts) == sides(&original.facts) || self.is_turned_from(original);
        original.facts.kind.counts() && same && self.money == original.money
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::money::Currency;
    use crate::payment::transaction::Kind;

    fn paid(sender: &str, receiver: &str, minor: &str, kind: Kind) -> ReversiblePayment {
        let money = Money::parse(minor, Currency::parse("EUR").unwrap()).unwrap();
        ReversiblePayment {
            facts: Facts { kind, ..Facts::between(sender, receiver, 1.7e9, 90.0) },
            money,
        }
    }

    #[track_caller]
    fn check(original: Option<ReversiblePayment>, reversed_before: bool, expect: Option<Note>) {
        let reversal = paid("a", "b", "90", Kind::Reversal);
        assert_eq!(reversal.obstacle(original.as_ref(), reversed_before), expect);
    }

    #[test]
    fn only_the_payment_itself_is_taken_back_and_once() {
        let (unknown, before) = (Some(Note::OriginalUnknown), Some(Note::AlreadyReversed));
        check(None, false, unknown);
        check(Some(paid("a", "b", "90", Kind::Payment)), false, None);
        check(Some(paid("b", "a", "90", Kind::Fee)), false, None);
        check(Some(paid("a", "b", "90", Kind::Payment)), true, before);
        check(Some(paid("a", "b", "91", Kind::Payment)), false, unknown);
        check(Some(paid("a", "c", "90", Kind::Payment)), false, unknown);
        for nothing in [Kind::Declined, Kind::Reversal] {
            check(Some(paid("a", "b", "90", nothing)), false, unknown);
        }
    }
}
