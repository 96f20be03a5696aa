//! The accounts of a town and their numbers: IBANs with valid check digits (ISO 13616) if the country
//! uses them, plain numbers elsewhere and for one account in eight. Only an IBAN's own two check
//! digits are computed, not those that some countries have in the national part.

use super::super::draw::Draw;

/// An account by its index in the town's list.
pub(super) type Id = usize;

/// One account.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) number: String,
    pub(super) country: &'static str,
    pub(super) name: Option<String>,
    /// What kind of customer holds it.
    pub(super) segment: Segment,
    /// Whether it is at the monitoring bank, which sees no payments between two other accounts.
    pub(super) observed: bool,
}

/// Kinds of customers, as a bank would group them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Segment {
    Private,
    Student,
    Pensioner,
    Landlord,
    SoleTrader,
    Retailer,
    Company,
    Marketplace,
    PaymentProvider,
    CashPoint,
    Utility,
    Insurer,
    PublicBody,
    Charity,
    Association,
    ExchangeOffice,
    Financial,
    Notary,
}

impl Segment {
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Student => "student",
            Self::Pensioner => "pensioner",
            Self::Landlord => "landlord",
            Self::SoleTrader => "sole_trader",
            Self::Retailer => "retailer",
            Self::Company => "company",
            Self::Marketplace => "marketplace",
            Self::PaymentProvider => "payment_provider",
            Self::CashPoint => "cash_point",
            Self::Utility => "utility",
            Self::Insurer => "insurer",
            Self::PublicBody => "public_body",
            Self::Charity => "charity",
            Self::Association => "association",
            Self::ExchangeOffice => "exchange_office",
            Self::Financial => "financial",
            Self::Notary => "notary",
        }
    }
}

/// The national part of IBANs: `a` is a letter, `n` a digit (SWIFT's IBAN registry).
const NATIONAL: [(&str, &str); 26] = [
    ("GB", "aaaannnnnnnnnnnnnn"),
    ("DE", "nnnnnnnnnnnnnnnnnn"),
    ("FR", "nnnnnnnnnnnnnnnnnnnnnnn"),
    ("NL", "aaaannnnnnnnnn"),
    ("ES", "nnnnnnnnnnnnnnnnnnnn"),
    ("IT", "annnnnnnnnnnnnnnnnnnnnn"),
    ("BE", "nnnnnnnnnnnn"),
    ("IE", "aaaannnnnnnnnnnnnn"),
    ("AT", "nnnnnnnnnnnnnnnn"),
    ("PT", "nnnnnnnnnnnnnnnnnnnnn"),
    ("CH", "nnnnnnnnnnnnnnnnn"),
    ("PL", "nnnnnnnnnnnnnnnnnnnnnnnn"),
    ("SE", "nnnnnnnnnnnnnnnnnnnn"),
    ("BR", "nnnnnnnnnnnnnnnnnnnnnnnan"),
    ("TR", "nnnnnnnnnnnnnnnnnnnnnn"),
    ("AE", "nnnnnnnnnnnnnnnnnnn"),
    ("KW", "aaaannnnnnnnnnnnnnnnnnnnnn"),
    ("PK", "aaaannnnnnnnnnnnnnnn"),
    ("RO", "aaaannnnnnnnnnnnnnnn"),
    ("BG", "aaaannnnnnnnnnnnnn"),
    ("VG", "aaaannnnnnnnnnnnnnnn"),
    ("LI", "nnnnnnnnnnnnnnnnn"),
    ("MC", "nnnnnnnnnnnnnnnnnnnnnnn"),
    ("SC", "aaaannnnnnnnnnnnnnnnnnnnaaa"),
    ("LB", "nnnnnnnnnnnnnnnnnnnnnnnn"),
    ("CY", "nnnnnnnnnnnnnnnnnnnnnnnn"),
];

/// The first letters and digits of the account numbers of a country's banks: only a few, so that
/// accounts at one bank look alike.
const BANKS: [(&str, &str); 5] = [
    ("NWBK", "60161331"),
    ("BARC", "20325341"),
    ("LOYD", "30964210"),
    ("MIDL", "40051500"),
    ("SOGE", "37040044"),
];

/// A number for an account in a country.
pub(super) fn number(draw: &mut Draw, country: &str) -> String {
    let pattern = NATIONAL.iter().find(|(code, _)| *code == country);
    match pattern {
        Some((_, pattern)) if draw.chance(0.88) => iban(country, &national(draw, pattern)),
        _ => {
            let length = draw.whole(9, 12);
            let first = draw.whole(1, 9).to_string();
            (1..length).fold(first, |text, _| text + &draw.whole(0, 9).to_string())
        }
    }
}

fn national(draw: &mut Draw, pattern: &str) -> String {
    let (letters, digits) = BANKS[draw.index(BANKS.len())];
    let (mut letters, mut digits) = (letters.chars(), digits.chars());
    let mut text = String::new();
    for class in pattern.chars() {
        match class {
            'a' => text.push(letters.next().unwrap_or('A')),
            'n' => match digits.next() {
                Some(digit) => text.push(digit),
                None => text.push_str(&draw.whole(0, 9).to_string()),
            },
            _ => {}
        }
    }
    text
}

/// Puts the check digits in front of the national part: 98 minus the remainder modulo 97.
fn iban(country: &str, national: &str) -> String {
    format!("{country}{:02}{national}", 98 - remainder(&format!("{national}{country}00")))
}

/// The remainder modulo 97, with letters as numbers from 10.
fn remainder(text: &str) -> u32 {
    text.chars().filter_map(|c| c.to_digit(36)).fold(0, |rest, value| {
        let shift = if value < 10 { 10 } else { 100 };
        (rest * shift + value) % 97
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_known_ibans() {
        assert_eq!(iban("DE", "370400440532013000"), "DE89370400440532013000");
        assert_eq!(iban("GB", "NWBK60161331926819"), "GB29NWBK60161331926819");
        assert_eq!(iban("FR", "20041010050500013M02606"), "FR1420041010050500013M02606");
    }
}
