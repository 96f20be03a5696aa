//! Translates the names of currencies, countries and payment types in data sets and exports into the
//! codes of our contract. Codes pass through unchanged.

use sentinel::payment::money::Currency;
use sentinel::payment::transaction::{Country, PaymentType};

/// All currencies of SAML-D and AMLworld, and the symbols that are used for only one currency.
const CURRENCIES: [(&str, &str); 33] = [
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
    ("yuan", "CNY"),
    ("uk pound", "GBP"),
    ("rupee", "INR"),
    ("ruble", "RUB"),
    ("saudi riyal", "SAR"),
    ("canadian dollar", "CAD"),
    ("australian dollar", "AUD"),
    ("brazil real", "BRL"),
    ("shekel", "ILS"),
    ("euros", "EUR"),
    ("pound sterling", "GBP"),
    ("us dollars", "USD"),
    ("us-dollar", "USD"),
    ("schweizer franken", "CHF"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("₹", "INR"),
    ("₺", "TRY"),
    ("us$", "USD"),
    ("zł", "PLN"),
];

/// Cryptocurrencies, which have no ISO 4217 code.
const NON_ISO: [&str; 8] = ["bitcoin", "btc", "xbt", "ethereum", "eth", "tether", "usdt", "usdc"];

/// All bank locations of SAML-D, and the names of the commonest countries in exports. "UK" is looked up
/// here first, because ISO 3166 only reserves it; the country's code is GB.
const COUNTRIES: [(&str, &str); 45] = [
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
    ("united kingdom", "GB"),
    ("great britain", "GB"),
    ("united states", "US"),
    ("united arab emirates", "AE"),
    ("belgium", "BE"),
    ("luxembourg", "LU"),
    ("portugal", "PT"),
    ("poland", "PL"),
    ("ireland", "IE"),
    ("sweden", "SE"),
    ("norway", "NO"),
    ("denmark", "DK"),
    ("china", "CN"),
    ("deutschland", "DE"),
    ("österreich", "AT"),
    ("schweiz", "CH"),
    ("frankreich", "FR"),
    ("italien", "IT"),
    ("spanien", "ES"),
    ("niederlande", "NL"),
    ("nederland", "NL"),
    ("belgien", "BE"),
    ("allemagne", "DE"),
    ("suisse", "CH"),
    ("belgique", "BE"),
    ("españa", "ES"),
    ("alemania", "DE"),
];

/// Three-letter codes, as cards and machine-readable exports write the countries above.
const ALPHA_3: [(&str, &str); 26] = [
    ("gbr", "GB"),
    ("pak", "PK"),
    ("aut", "AT"),
    ("mar", "MA"),
    ("jpn", "JP"),
    ("deu", "DE"),
    ("fra", "FR"),
    ("mex", "MX"),
    ("alb", "AL"),
    ("nga", "NG"),
    ("esp", "ES"),
    ("nld", "NL"),
    ("ind", "IN"),
    ("ita", "IT"),
    ("are", "AE"),
    ("che", "CH"),
    ("tur", "TR"),
    ("bel", "BE"),
    ("lux", "LU"),
    ("prt", "PT"),
    ("pol", "PL"),
    ("irl", "IE"),
    ("swe", "SE"),
    ("nor", "NO"),
    ("dnk", "DK"),
    ("chn", "CN"),
];

/// What banks call payment types, apart from the contract's own words.
const PAYMENT_TYPES: [(&str, PaymentType); 22] = [
    ("überweisung", PaymentType::Transfer),
    ("gutschrift", PaymentType::Transfer),
    ("dauerauftrag", PaymentType::Transfer),
    ("virement", PaymentType::Transfer),
    ("transferencia", PaymentType::Transfer),
    ("overboeking", PaymentType::Transfer),
    ("credit transfer", PaymentType::Transfer),
    ("sepa ct", PaymentType::Transfer),
    ("sepa credit transfer", PaymentType::Transfer),
    ("bank transfer", PaymentType::Transfer),
    ("standing order", PaymentType::Transfer),
    ("echtzeitüberweisung", PaymentType::Instant),
    ("sepa instant", PaymentType::Instant),
    ("faster payment", PaymentType::Instant),
    ("wire transfer", PaymentType::Wire),
    ("check", PaymentType::Cheque),
    ("scheck", PaymentType::Cheque),
    ("chèque", PaymentType::Cheque),
    ("bareinzahlung", PaymentType::CashDeposit),
    ("barauszahlung", PaymentType::CashWithdrawal),
    ("atm", PaymentType::CashWithdrawal),
    ("atm withdrawal", PaymentType::CashWithdrawal),
];

/// A currency, or why the text is not one.
pub(super) fn currency(text: &str) -> Result<Currency, &'static str> {
    if let Ok(currency) = Currency::parse(code(&CURRENCIES, text).unwrap_or(text)) {
        return Ok(currency);
    }
    let other = NON_ISO.iter().any(|name| name.eq_ignore_ascii_case(text));
    let capitals = || Currency::parse(&text.to_ascii_uppercase());
    match (other, capitals()) {
        (true, _) => Err("is a cryptocurrency, which has no ISO 4217 code"),
        (false, Ok(currency)) => Ok(currency),
        (false, Err(_)) => Err("is not a currency we know"),
    }
}

pub(super) fn country(text: &str) -> Option<Country> {
    let known = code(&COUNTRIES, text).or_else(|| code(&ALPHA_3, text));
    let upper = || Country::parse(&text.to_ascii_uppercase());
    Country::parse(known.unwrap_or(text)).or_else(|_| upper()).ok()
}

/// Reads `Cross-border` and `Cash Deposit` as `cross_border` and `cash_deposit`.
pub(super) fn payment_type(text: &str) -> Option<PaymentType> {
    let contract = PaymentType::parse(&text.to_ascii_lowercase().replace([' ', '-'], "_"));
    contract.or_else(|| {
        let name = text.to_lowercase();
        PAYMENT_TYPES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    })
}

/// The code of a name in any case.
fn code(table: &[(&str, &'static str)], text: &str) -> Option<&'static str> {
    let name = |known: &str| {
        known.eq_ignore_ascii_case(text) || !known.is_ascii() && known == text.to_lowercase()
    };
    table.iter().find(|(known, _)| name(known)).map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_real_code() {
        for (name, code) in CURRENCIES {
            assert_eq!(currency(name).map(Currency::code), Ok(code), "{name}");
        }
        for (name, code) in COUNTRIES.iter().chain(&ALPHA_3) {
            assert_eq!(country(name).unwrap().code(), *code, "{name}");
        }
        for (name, kind) in PAYMENT_TYPES {
            assert_eq!(payment_type(&name.to_uppercase()), Some(kind), "{name}");
        }
    }

    #[test]
    fn codes_pass_through_and_nonsense_does_not() {
        assert_eq!(currency("BHD").map(Currency::code), Ok("BHD"));
        assert_eq!(currency("eur").map(Currency::code), Ok("EUR"));
        assert_eq!(country("SE").unwrap().code(), "SE");
        assert_eq!(country("ÖSTERREICH").unwrap().code(), "AT");
        assert_eq!(currency("Monopoly money"), Err("is not a currency we know"));
        for name in ["Bitcoin", "BTC"] {
            let reason = "is a cryptocurrency, which has no ISO 4217 code";
            assert_eq!(currency(name), Err(reason));
        }
        assert_eq!(country("Atlantis"), None);
    }

    #[test]
    fn names_of_payment_types_become_the_contracts_codes() {
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
