//! The structured references of bills, which have check digits: Belgium's structured communication,
//! the Swiss QR reference, Sweden's OCR numbers, and ISO 11649's RF numbers in other European
//! countries.

/// A bill's reference in its country's form, if the country has one.
pub(super) fn of(country: &str, contract: u32) -> Option<String> {
    match country {
        "BE" => Some(belgian(u64::from(contract) * 10 + 7)),
        "CH" => Some(swiss(&format!("21{contract:024}"))),
        "SE" => Some(ocr(contract)),
        "AT" | "NL" => Some(rf(u64::from(contract))),
        _ => None,
    }
}

/// `+++123/4567/89012+++`: ten digits and their remainder modulo 97, with 97 instead of 0.
fn belgian(number: u64) -> String {
    let check = match number % 97 {
        0 => 97,
        rest => rest,
    };
    let digits = format!("{number:010}{check:02}");
    format!("+++{}/{}/{}+++", &digits[..3], &digits[3..7], &digits[7..])
}

/// 27 digits, of which the last is the recursive modulo 10 check digit.
fn swiss(digits: &str) -> String {
    const TABLE: [usize; 10] = [0, 9, 4, 6, 8, 2, 7, 1, 3, 5];
    let step = |carry: usize, digit: u8| TABLE[(carry + usize::from(digit - b'0')) % 10];
    let carry = digits.bytes().fold(0, step);
    format!("{digits}{}", (10 - carry) % 10)
}

/// A number with its Luhn digit.
fn ocr(contract: u32) -> String {
    let doubled = |(at, digit): (usize, u32)| match (at % 2, 2 * digit) {
        (0, twice) if twice > 9 => twice - 9,
        (0, twice) => twice,
        _ => digit,
    };
    let digits = contract.to_string();
    let sum: u32 =
        digits.chars().rev().filter_map(|c| c.to_digit(10)).enumerate().map(doubled).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// `RF`, two check digits (98 minus the remainder modulo 97), and the number.
fn rf(contract: u64) -> String {
    // R is 27 and F is 15.
    let rest = (contract * 1_000_000 + 271_500) % 97;
    format!("RF{:02}{contract}", 98 - rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_known_references() {
        assert_eq!(belgian(909_337_554), "+++090/9337/55493+++");
        assert_eq!(rf(539_007_547_034), "RF18539007547034");
        assert_eq!(ocr(1_234_567), "12345674");
        assert_eq!(swiss("21000000000313947143000901"), "210000000003139471430009017");
    }
}
