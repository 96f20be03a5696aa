//! Profiles and pairs as items. A decayed sum has one attribute per epoch, named by its slot and
//! the epoch (`och12`: outgoing, count, hour, epoch 12), and a day's or week's exact sum has one
//! named by its number (`da20500`), so that `ADD` alone updates them. No name is one of DynamoDB's
//! reserved words, so expressions need no placeholders.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};

use super::item::{self, Item, float};
use super::named_payments::NamedPayments;
use super::{Store, StoreError};
use sentinel::payment::account_id::AccountId;
use sentinel::payment::transaction::AccountIdentity;
use sentinel::state::profile::{
    Bucket, Contact, Direction, FixedPoint, Pair, PairChange, Profile, ProfileChange, REGISTERS,
    Slot, SlotAdd, Sum, register_of,
};

/// A profile as stored, with what an update has to clean up.
#[derive(Debug, Clone, Default)]
pub(super) struct StoredProfile {
    pub profile: Profile,
    /// Attributes of epochs that have decayed to nothing.
    stale: BTreeSet<String>,
    /// The accounts in the registers, of which the profile holds only the ids.
    accounts: Vec<(AccountId, AccountIdentity)>,
}

impl StoredProfile {
    /// Returns the account with an id if a register holds it.
    pub(super) fn account(&self, id: AccountId) -> Option<&AccountIdentity> {
        let found = self.accounts.iter().find(|(known, _)| *known == id);
        found.map(|(_, account)| account)
    }

    /// Returns the accounts of the newest known payments in a direction, newest first, except one.
    pub(super) fn newest(
        &self,
        direction: Direction,
        except: &AccountIdentity,
        most: usize,
    ) -> Vec<AccountIdentity> {
        let mut contacts: Vec<&Contact> = self.profile.contacts(direction).iter().collect();
        contacts.sort_by(|a, b| b.at.total_cmp(&a.at));
        let accounts = contacts.into_iter().filter_map(|contact| self.account(contact.account));
        accounts.filter(|account| *account != except).take(most).cloned().collect()
    }
}

pub(super) fn read_profile(item: &Item) -> StoredProfile {
    let mut stored = StoredProfile::default();
    let mut sums = Vec::with_capacity(item.len());
    for (slot, half_life, letters) in Slot::all() {
        let prefix: String = letters.iter().collect();
        sums.extend(item.iter().filter_map(|(name, value)| {
            let epoch = name.strip_prefix(&prefix)?.parse().ok()?;
            let weighted = FixedPoint::parse(value.as_n().ok()?)?;
            Some((name, SlotAdd { slot, half_life, epoch, weighted }))
        }));
    }
    for (_, add) in &sums {
        stored.profile.add(add);
    }
    // What no longer counts will not count later either.
    let stale = |(_, add): &&(&String, SlotAdd)| !stored.profile.counts(add.half_life, add.epoch);
    stored.stale = sums.iter().filter(stale).map(|(name, _)| (*name).clone()).collect();
    let buckets: Vec<(&String, Bucket, Sum)> = item.iter().filter_map(read_bucket).collect();
    for (_, bucket, sum) in &buckets {
        stored.profile.add_window(*bucket, *sum);
    }
    let passed = buckets.iter().filter(|(_, bucket, _)| !stored.profile.counts_window(*bucket));
    stored.stale.extend(passed.map(|(name, ..)| (*name).clone()));
    stored.profile.first_seen = item::number(item, "first_at");
    for direction in [Direction::Out, Direction::In] {
        for register in 0..REGISTERS {
            let Some((contact, account)) = read_contact(item, &register_name(direction, register))
            else {
                continue;
            };
            match direction {
                Direction::Out => stored.profile.payees.note(contact),
                Direction::In => stored.profile.payers.note(contact),
            }
            stored.accounts.push((contact.account, account));
        }
    }
    stored
}

fn read_bucket<'a>(
    (name, value): (&'a String, &AttributeValue),
) -> Option<(&'a String, Bucket, Sum)> {
    let bucket = Bucket::parse(name)?;
    Some((name, bucket, Sum::unpacked(FixedPoint::parse(value.as_n().ok()?)?.whole())))
}

/// Names a register: `po0` to `po15` hold the newest payees, `pi0` to `pi15` the newest payers.
fn register_name(direction: Direction, register: usize) -> String {
    let letter = match direction {
        Direction::Out => 'o',
        Direction::In => 'i',
    };
    format!("p{letter}{register}")
}

/// Encodes a register as binary that begins with its time, so that DynamoDB orders it as
/// [`Contact`] is ordered: time, account's id, amount, purpose, country. The account itself
/// follows.
fn register_value(contact: &Contact, account: &AccountIdentity) -> AttributeValue {
    let mut bytes = Vec::with_capacity(24 + account.as_str().len());
    bytes.extend(contact.at.to_bits().to_be_bytes());
    bytes.extend(contact.account.0.to_be_bytes());
    bytes.extend(contact.amount.to_bits().to_be_bytes());
    bytes.extend(contact.purpose.to_be_bytes());
    bytes.extend(contact.country);
    bytes.extend(account.as_str().as_bytes());
    AttributeValue::B(Blob::new(bytes))
}

fn read_contact(item: &Item, name: &str) -> Option<(Contact, AccountIdentity)> {
    let mut bytes: &[u8] = item.get(name)?.as_b().ok()?.as_ref();
    let at = f64::from_bits(u64::from_be_bytes(take(&mut bytes)?));
    let account = AccountId(u64::from_be_bytes(take(&mut bytes)?));
    let amount = f32::from_bits(u32::from_be_bytes(take(&mut bytes)?));
    let purpose = u16::from_be_bytes(take(&mut bytes)?);
    let country = take(&mut bytes)?;
    let contact = Contact { at, account, amount, purpose, country };
    Some((contact, AccountIdentity::stored(String::from_utf8(bytes.to_vec()).ok()?)))
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

pub(super) fn read_pair(item: &Item) -> Option<Pair> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_n().ok());
    Some(Pair {
        count: text("payments")?.parse().ok()?,
        amount: FixedPoint::parse(text("amount")?)?,
        log_amount: FixedPoint::parse(text("logs")?)?,
        log_amount_squared: FixedPoint::parse(text("log_squares")?)?,
        first_seen: item::number(item, "first_at")?,
        first_amount: FixedPoint::parse(text("first_amount")?)?,
        last_seen: item::number(item, "last_at")?,
    })
}

/// An update expression under construction.
#[derive(Default)]
struct Expression {
    set: Vec<String>,
    add: Vec<String>,
    remove: Vec<String>,
    condition: Vec<String>,
    values: Item,
}

impl Expression {
    fn value(&mut self, number: f64) -> String {
        self.named(float(number))
    }

    fn named(&mut self, value: AttributeValue) -> String {
        let name = format!(":v{}", self.values.len());
        self.values.insert(name.clone(), value);
        name
    }

    fn set(&mut self, name: &str, number: f64) {
        let value = self.value(number);
        self.set.push(format!("{name} = {value}"));
    }

    fn add(&mut self, name: &str, number: impl std::fmt::Display) {
        let value = self.named(item::n(number));
        self.add.push(format!("{name} {value}"));
    }

    fn into_update(self, store: &Store, key: Item) -> Result<TransactWriteItem, StoreError> {
        let mut text = String::new();
        let clauses = [("SET", self.set), ("ADD", self.add), ("REMOVE", self.remove)];
        for (word, parts) in clauses.iter().filter(|(_, parts)| !parts.is_empty()) {
            // Writing to a String cannot fail.
            let _ = write!(text, "{word} {} ", parts.join(", "));
        }
        let condition = self.condition.join(" AND ");
        let update = Update::builder()
            .table_name(&store.table)
            .set_key(Some(key))
            .update_expression(text.trim_end())
            .set_expression_attribute_values(Some(self.values))
            .set_condition_expression((!condition.is_empty()).then_some(condition));
        item::update(update)
    }
}

/// Updates a profile. Sums are added to unconditionally. Registers and the first event are set only
/// if this payment moves them, on the condition that it still does: if another decision was faster,
/// the writer reads again. `counterparty` is the other side's account; a party has none.
pub(super) fn profile_update(
    store: &Store,
    key: Item,
    known: &StoredProfile,
    change: &ProfileChange,
    counterparty: Option<&AccountIdentity>,
) -> Result<TransactWriteItem, StoreError> {
    let mut expression = Expression::default();
    let letters: Vec<_> = Slot::all().map(|(_, _, letters)| letters).collect();
    let mut sums: BTreeMap<String, FixedPoint> = BTreeMap::new();
    for add in &change.adds {
        let name: String = letters[add.slot.index()].iter().collect();
        // A first contact that moves within an epoch changes one sum twice, but an update may name
        // an attribute only once.
        *sums.entry(format!("{name}{}", add.epoch)).or_default() += add.weighted;
    }
    for (name, weighted) in &sums {
        expression.add(name, *weighted);
    }
    let mut windows: BTreeMap<String, i128> = BTreeMap::new();
    for (bucket, sum) in &change.windows {
        *windows.entry(bucket.name()).or_default() += sum.packed();
    }
    for (name, packed) in &windows {
        expression.add(name, packed);
    }
    if let (Some(contact), Some(counterparty)) = (&change.contact, counterparty) {
        let contacts = known.profile.contacts(change.direction);
        if contacts.rival(contact).is_none_or(|rival| rival < *contact) {
            let name = register_name(change.direction, register_of(contact.account));
            let value = expression.named(register_value(contact, counterparty));
            expression.set.push(format!("{name} = {value}"));
            let condition = format!("(attribute_not_exists({name}) OR {name} < {value})");
            expression.condition.push(condition);
        }
        if known.profile.first_seen.is_none_or(|first| contact.at < first) {
            expression.set("first_at", contact.at);
            let at = expression.value(contact.at);
            let condition = format!("(attribute_not_exists(first_at) OR first_at > {at})");
            expression.condition.push(condition);
        }
    }
    let is_stale = |name: &&String| !sums.contains_key(*name) && !windows.contains_key(*name);
    expression.remove = known.stale.iter().filter(is_stale).cloned().collect();
    expression.into_update(store, key)
}

/// Updates a pair. Its first contact determines counts of new counterparties, so the write is
/// conditional on the pair being as it was read. `named` is the payments that it names, as they were
/// read and as they are now, if that changes.
pub(super) fn pair_update(
    store: &Store,
    key: Item,
    change: &PairChange,
    named: Option<(&NamedPayments, NamedPayments)>,
) -> Result<TransactWriteItem, StoreError> {
    let mut expression = Expression::default();
    if let Some((known, now)) = named {
        let value = expression.named(now.value());
        expression.set.push(format!("purposes = {value}"));
        let condition = match known.is_empty() {
            true => "attribute_not_exists(purposes)".to_owned(),
            false => format!("purposes = {}", expression.named(known.value())),
        };
        expression.condition.push(condition);
    }
    expression.values.insert(":payments".to_owned(), item::n(change.payments));
    expression.add.push("payments :payments".to_owned());
    expression.add("amount", change.amount);
    let (log, squared) = change.logs();
    expression.add("logs", log);
    expression.add("log_squares", squared);
    let after = change.applied();
    expression.set("first_at", after.first_seen);
    expression.set("last_at", after.last_seen);
    let first_amount = expression.named(item::n(after.first_amount));
    expression.set.push(format!("first_amount = {first_amount}"));
    let condition = match change.known {
        None => "attribute_not_exists(pk)".to_owned(),
        Some(known) => {
            let first = expression.value(known.first_seen);
            let amount = expression.named(item::n(known.first_amount));
            let last = expression.value(known.last_seen);
            format!("first_at = {first} AND first_amount = {amount} AND last_at = {last}")
        }
    };
    expression.condition.push(condition);
    expression.into_update(store, key)
}
