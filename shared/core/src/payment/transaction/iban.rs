//! International bank account numbers (ISO 13616): recognising them in any spelling and verifying
//! their check digits.

/// Whether an account number that was meant as an IBAN is a valid one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Iban {
    Valid,
    /// The length or the check digits are wrong.
    Invalid,
}

/// Returns the compact form in capitals of a text that was meant as an IBAN; `None` for any other
/// account number. A text is meant as an IBAN if it begins with the code of a country that has
/// IBANs and two check digits, and if its length differs from that country's by at most two
/// characters, which typing may have lost or doubled.
pub(super) fn read(text: &str) -> Option<(String, Iban)> {
    let compact: String =
        text.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_uppercase()).collect();
    let bytes = compact.as_bytes();
    if !bytes.iter().all(u8::is_ascii_alphanumeric) || bytes.len() < 8 {
        return None;
    }
    let (country, rest) = compact.split_at(2);
    let expected = usize::from(LENGTHS.iter().find(|(known, _)| *known == country)?.1);
    if !rest.as_bytes()[..2].iter().all(u8::is_ascii_digit) || bytes.len().abs_diff(expected) > 2 {
        return None;
    }
    let valid = bytes.len() == expected && remainder(bytes) == 1;
    Some((compact, if valid { Iban::Valid } else { Iban::Invalid }))
}

/// ISO 7064, MOD 97-10: the first four characters move to the end, and letters count from 10.
fn remainder(bytes: &[u8]) -> u32 {
    let (head, tail) = bytes.split_at(4);
    tail.iter().chain(head).fold(0, |sum, byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        _ => (sum * 100 + u32::from(byte - b'A') + 10) % 97,
    })
}

/// Lengths by country, from SWIFT's IBAN registry and for countries that use the format without
/// being registered.
const LENGTHS: &[(&str, u8)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AO", 25),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BF", 28),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BJ", 28),
    ("BR", 29),
    ("BY", 28),
    ("CF", 27),
    ("CG", 27),
    ("CH", 21),
    ("CI", 28),
    ("CM", 27),
    ("CR", 22),
    ("CV", 25),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("DZ", 26),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GA", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GQ", 27),
    ("GR", 27),
    ("GT", 28),
    ("GW", 25),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IR", 26),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KM", 27),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MA", 28),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MG", 27),
    ("MK", 19),
    ("ML", 28),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("MZ", 25),
    ("NE", 28),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SN", 28),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TD", 27),
    ("TG", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
    ("YE", 30),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Option<(&str, Iban)>) {
        let got = read(text);
        assert_eq!(got.as_ref().map(|(compact, iban)| (compact.as_str(), *iban)), expect, "{text}");
    }

    #[test]
    fn an_iban_is_one_in_every_spelling() {
        for text in
            ["DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "de89-3704-0044-0532-0130-00"]
        {
            check(text, Some(("DE89370400440532013000", Iban::Valid)));
        }
        check("gb33bukb20201555555555", Some(("GB33BUKB20201555555555", Iban::Valid)));
        check("NO93 8601 1117 947", Some(("NO9386011117947", Iban::Valid)));
        check("XK051212012345678906", Some(("XK051212012345678906", Iban::Valid)));
    }

    #[test]
    fn a_wrong_one_is_told_from_a_right_one_and_from_other_accounts() {
        check("DE89370400440532013001", Some(("DE89370400440532013001", Iban::Invalid)));
        check("DE8937040044053201300", Some(("DE8937040044053201300", Iban::Invalid)));
        for text in
            ["ACC-1", "8724731955", "DE12-CUSTOMER-7", "US64SVBKUS6S3300958879", "+27730000000"]
        {
            check(text, None);
        }
    }
}
