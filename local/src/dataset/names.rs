//! The names of SAML-D, as the codes of our contract. Codes themselves pass through.

use sentinel::money::Currency;
use sentinel::transaction::{Country, PaymentType};

/// All currencies of SAML-D, in lower case.
const CURRENCIES: [(&str, &str); 13] = [
    ("uk pounds", "GBP"),
    ("euro", "EUR"),
    ("turkish lira", "TRY"),
    ("swiss franc", "CHF"),
    ("dirham", "AED"),
    ("pakistani rupee", "PKR"),
    ("naira", "NGN"),
    ("us dollar", "USD"),
    ("yen", "JPY"),
    ("moroccan dirham", "MAD"),
    ("mexican peso", "MXN"),
    ("albanian lek", "ALL"),
    ("indian rupee", "INR"),
];

/// All bank locations of SAML-D, in lower case. "UK" comes before the ISO codes: there it is only
/// an exceptional reservation for what is GB.
const COUNTRIES: [(&str, &str); 18] = [
    ("uk", "GB"),
    ("pakistan", "PK"),
    ("austria", "AT"),
    ("morocco", "MA"),
    ("japan", "JP"),
    ("germany", "DE"),
    ("france", "FR"),
    ("mexico", "MX"),
    ("albania", "AL"),
    ("nigeria", "NG"),
    ("spain", "ES"),
    ("netherlands", "NL"),
    ("india", "IN"),
    ("usa", "US"),
    ("italy", "IT"),
    ("uae", "AE"),
    ("switzerland", "CH"),
    ("turkey", "TR"),
];

pub(super) fn currency(text: &str) -> Option<Currency> {
    Currency::parse(code(&CURRENCIES, text).unwrap_or(text)).ok()
}

pub(super) fn country(text: &str) -> Option<Country> {
    Country::parse(code(&COUNTRIES, text).unwrap_or(text)).ok()
}

/// `Cross-border` and `Cash Deposit` are `cross_border` and `cash_deposit`.
pub(super) fn payment_type(text: &str) -> Option<PaymentType> {
    PaymentType::parse(&text.to_ascii_lowercase().replace([' ', '-'], "_"))
}

/// The code of a name, capitals or not.
pub(super) fn code(table: &[(&str, &'static str)], text: &str) -> Option<&'static str> {
    table.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_saml_d_has_a_real_code() {
        for (name, code) in CURRENCIES {
            assert_eq!(currency(name).map(Currency::code), Some(code), "{name}");
        }
        for (name, code) in COUNTRIES {
            assert_eq!(country(name).unwrap().code(), code, "{name}");
        }
    }

    #[test]
    fn codes_pass_through_and_nonsense_does_not() {
        assert_eq!(currency("BHD").map(Currency::code), Some("BHD"));
        assert_eq!(country("SE").unwrap().code(), "SE");
        assert_eq!(currency("Monopoly money"), None);
        assert_eq!(country("Atlantis"), None);
    }

    #[test]
    fn payment_types_are_the_contracts() {
        for (name, kind) in [
            ("Credit card", PaymentType::CreditCard),
            ("Debit card", PaymentType::DebitCard),
            ("Cheque", PaymentType::Cheque),
            ("ACH", PaymentType::Ach),
            ("Cross-border", PaymentType::CrossBorder),
            ("Cash Withdrawal", PaymentType::CashWithdrawal),
            ("Cash Deposit", PaymentType::CashDeposit),
            ("transfer", PaymentType::Transfer),
        ] {
            assert_eq!(payment_type(name), Some(kind), "{name}");
        }
        assert_eq!(payment_type("barter"), None);
    }
}
