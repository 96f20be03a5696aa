//! The parties of a payment: account, bank, country, and what the client knows about each of them.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use super::iban::{self, Iban};
use super::id::{MAX_ID_CHARS, PartyId};
use super::unicode::is_printable;

/// One side of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub account: Account,
    pub bank_country: Country,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank: Option<Bank>,
    /// The only field that links the accounts of one party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_id: Option<PartyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<Segment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Party {
    /// Creates a party of which only the account and the bank's country are known.
    pub fn new(account: Account, bank_country: Country) -> Self {
        Self { account, bank_country, bank: None, party_id: None, segment: None, name: None }
    }

    /// Returns what distinguishes this account from every other account of the tenant: a valid IBAN
    /// alone, any other number with its bank, or with the bank's country if the bank is not known.
    /// Neither bank nor country contains a space, so the separator is unambiguous.
    pub fn identity(&self) -> AccountIdentity {
        if self.account.is_iban() {
            return AccountIdentity(self.account.as_str().to_owned());
        }
        let bank = self.bank.as_ref().map_or(self.bank_country.code(), Bank::institution);
        AccountIdentity(format!("{bank} {}", self.account.as_str()))
    }
}

/// The identity of an account within its tenant, which is also its key in the store.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountIdentity(String);

impl AccountIdentity {
    /// Takes an identity as it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An account number: 1 to 128 printable characters; an IBAN is in its compact form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Account {
    text: String,
    iban: Option<Iban>,
}

/// The text is not a valid account number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 128 printable characters, none of them invisible")]
pub struct InvalidAccount;

impl Account {
    /// Normalises a text: trims it, replaces every kind of space by a plain one, applies NFC and
    /// compacts an IBAN.
    pub fn parse(text: &str) -> Result<Self, InvalidAccount> {
        if text.len() > 8 * MAX_ID_CHARS {
            return Err(InvalidAccount);
        }
        let space = |c: char| if c.is_whitespace() && !c.is_control() { ' ' } else { c };
        let text: String = text.chars().map(space).nfc().collect();
        let text = text.trim_matches(' ');
        if !is_printable(text) || !(1..=MAX_ID_CHARS).contains(&text.chars().count()) {
            return Err(InvalidAccount);
        }
        Ok(match iban::read(text) {
            Some((text, iban)) => Self { text, iban: Some(iban) },
            None => Self { text: text.to_owned(), iban: None },
        })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is an IBAN of the right length with correct check digits.
    pub fn is_iban(&self) -> bool {
        self.iban == Some(Iban::Valid)
    }

    /// Whether it was meant as an IBAN but has a wrong length or wrong check digits.
    pub fn is_invalid_iban(&self) -> bool {
        self.iban == Some(Iban::Invalid)
    }
}

impl TryFrom<String> for Account {
    type Error = InvalidAccount;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Account> for String {
    fn from(account: Account) -> Self {
        account.text
    }
}

/// A bank: its BIC, LEI or clearing code, in capitals without spaces.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bank(String);

/// The text does not identify a bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a BIC of 8 or 11 characters, an LEI of 20, or a clearing code of 3 to 35 letters and digits"
)]
pub struct InvalidBank;

impl Bank {
    /// Parses a bank's code. Spaces and dashes are removed, because clearing codes are written both
    /// with and without them.
    pub fn parse(text: &str) -> Result<Self, InvalidBank> {
        let kept = text.chars().filter(|c| !matches!(c, ' ' | '-'));
        let compact: String = kept.map(|c| c.to_ascii_uppercase()).take(36).collect();
        let fits = (3..=35).contains(&compact.len())
            && compact.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.'));
        if fits { Ok(Self(compact)) } else { Err(InvalidBank) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the code without the branch of a BIC: account numbers are unique within the whole
    /// bank.
    fn institution(&self) -> &str {
        let bic = matches!(self.0.len(), 8 | 11)
            && self.0.bytes().all(|b| b.is_ascii_alphanumeric())
            && self.0[..6].bytes().all(|b| b.is_ascii_uppercase());
        if bic { &self.0[..8] } else { &self.0 }
    }
}

impl TryFrom<String> for Bank {
    type Error = InvalidBank;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Bank> for String {
    fn from(bank: Bank) -> Self {
        bank.0
    }
}

/// The kind of customer that a party is: one of [`Segment::USUAL`], or a term of the bank's own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Segment([u8; MAX_SEGMENT]);

/// Maximum length of a segment, in characters.
const MAX_SEGMENT: usize = 24;

/// The text is not a valid segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 24 characters of a-z, 0-9, '_' and '-', such as person or business")]
pub struct InvalidSegment;

impl Segment {
    /// The segments that the product knows.
    pub const USUAL: [&str; 6] =
        ["person", "business", "financial_institution", "public_body", "merchant", "charity"];

    pub fn parse(text: &str) -> Result<Self, InvalidSegment> {
        let slug = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
        if text.is_empty() || text.len() > MAX_SEGMENT || !text.bytes().all(slug) {
            return Err(InvalidSegment);
        }
        let mut bytes = [0; MAX_SEGMENT];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self(bytes))
    }

    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|b| *b == 0).unwrap_or(MAX_SEGMENT);
        std::str::from_utf8(&self.0[..end]).expect("ASCII, checked in parse")
    }
}

impl std::fmt::Debug for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Segment {
    type Error = InvalidSegment;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Segment> for String {
    fn from(segment: Segment) -> Self {
        segment.as_str().to_owned()
    }
}

/// An ISO 3166-1 alpha-2 country, or `XK`, which is commonly used for Kosovo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// Why a text is not a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCountry {
    #[error("must be an ISO 3166-1 alpha-2 country of two capital letters, such as DE")]
    Unknown,
    #[error("is no code of ISO 3166-1; use {0}")]
    Instead(&'static str),
}

impl Country {
    pub fn parse(code: &str) -> Result<Self, InvalidCountry> {
        match code {
            "UK" => return Err(InvalidCountry::Instead("GB")),
            "EL" => return Err(InvalidCountry::Instead("GR")),
            _ => {}
        }
        let bytes: [u8; 2] = code.as_bytes().try_into().map_err(|_| InvalidCountry::Unknown)?;
        let capital = bytes.iter().all(u8::is_ascii_uppercase);
        let known = code == "XK" || rust_iso3166::from_alpha2(code).is_some();
        if capital && known { Ok(Self(bytes)) } else { Err(InvalidCountry::Unknown) }
    }

    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("two capital letters, checked in parse")
    }

    /// Returns the two letters of the code.
    pub fn bytes(self) -> [u8; 2] {
        self.0
    }
}

impl TryFrom<String> for Country {
    type Error = InvalidCountry;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.code().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(account: &str, country: &str, bank: Option<&str>) -> String {
        let country = Country::parse(country).unwrap();
        let bank = bank.map(|bank| Bank::parse(bank).unwrap());
        Party { bank, ..Party::new(Account::parse(account).unwrap(), country) }.identity().0
    }

    #[track_caller]
    fn check(account: &str, country: &str, bank: Option<&str>, expect: &str) {
        assert_eq!(identity(account, country, bank), expect);
    }

    #[test]
    fn an_account_is_its_bank_and_number_and_an_iban_is_itself() {
        check("de89 3704 0044 0532 0130 00", "DE", None, "DE89370400440532013000");
        check("DE89370400440532013000", "US", Some("COBADEFF"), "DE89370400440532013000");
        check("12345678", "GB", None, "GB 12345678");
        check("12345678", "FR", None, "FR 12345678");
        check("12345678", "GB", Some("20-44-11"), "204411 12345678");
        check("12345678", "DE", Some("cobadeffxxx"), "COBADEFF 12345678");
        check("12345678", "DE", Some("COBADEFF"), "COBADEFF 12345678");
        check("DE89370400440532013001", "DE", None, "DE DE89370400440532013001");
    }

    #[test]
    fn accounts_take_what_the_world_uses() {
        for text in [
            "ravi.k@okbank",
            "+27730000000",
            "/12345678",
            "411111******1111",
            "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
            "acct #7",
            "普通 1234567",
        ] {
            assert_eq!(Account::parse(text).map(String::from), Ok(text.to_owned()));
        }
        let spaced = Account::parse(" 20-44-11\u{a0}12345678 ");
        assert_eq!(spaced.map(String::from), Ok("20-44-11 12345678".to_owned()));
        let too_long = "x".repeat(129);
        for text in ["", "  ", "a\0b", "a\tb", "a\u{200b}b", "a\u{202e}b", &too_long] {
            assert_eq!(Account::parse(text), Err(InvalidAccount), "{text:?}");
        }
    }

    #[test]
    fn countries_are_those_of_the_standard_and_kosovo() {
        assert!(Country::parse("XK").is_ok());
        assert_eq!(Country::parse("UK"), Err(InvalidCountry::Instead("GB")));
        assert_eq!(Country::parse("EL"), Err(InvalidCountry::Instead("GR")));
        for code in ["ZZ", "gb", "GBR", ""] {
            assert_eq!(Country::parse(code), Err(InvalidCountry::Unknown), "{code}");
        }
    }

    #[test]
    fn segments_are_short_words() {
        for text in Segment::USUAL {
            assert_eq!(Segment::parse(text).unwrap().as_str(), text);
        }
        for text in ["", "Person", "a b", &"x".repeat(25)] {
            assert_eq!(Segment::parse(text), Err(InvalidSegment), "{text}");
        }
    }
}
