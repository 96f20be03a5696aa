//! A column map, in TOML: which column of a file holds each field of a payment. SAML-D and AMLworld
//! have such maps (`maps/`), and any bank's export can have one.
//!
//! ```toml
//! decimal = "comma"           # or "point"; by default inferred from the file's amounts
//! dates = "dmy"               # or "mdy", "ymd"; by default inferred from the file's dates
//! zone = "Europe/Berlin"      # by default UTC
//! sign = "ignored"            # if the file writes outgoing amounts with a minus
//!
//! [columns]
//! date = "Buchungstag"                                     # a name from the file's header
//! currency = { constant = "EUR" }                          # the same for every row
//! received_currency = { column = "Währung 2", optional = true }
//! payment_type = { column = "Art", values = { "SEPA CT" = "transfer" }, otherwise = "transfer" }
//! ```
//!
//! A payment has either `sender_…` and `receiver_…` or, in a statement, `own_…` and `counterparty_…`.
//! In a statement, who pays follows from the sign of `amount`, from separate columns for `debit` and
//! `credit`, or from a `direction` next to `amount`. The second column named `Account` is called
//! `Account.1`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::calendar::DateOrder;
use super::number::Decimal;

/// The maps that come with the product: a file with these columns is read without naming a map. The
/// first that fits is taken.
pub(super) const SHIPPED: [&str; 2] = [SAML_D, AMLWORLD];
const SAML_D: &str = include_str!("maps/saml-d.toml");
const AMLWORLD: &str = include_str!("maps/amlworld.toml");

/// A field that a column can map to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    MsgId,
    Date,
    Time,
    SenderAccount,
    SenderBank,
    SenderCountry,
    SenderName,
    ReceiverAccount,
    ReceiverBank,
    ReceiverCountry,
    ReceiverName,
    OwnAccount,
    OwnBank,
    OwnCountry,
    OwnName,
    CounterpartyAccount,
    CounterpartyBank,
    CounterpartyCountry,
    CounterpartyName,
    Amount,
    Debit,
    Credit,
    Direction,
    Currency,
    ReceivedCurrency,
    PaymentType,
    Purpose,
    IsLaundering,
    LaunderingType,
}

impl Field {
    pub(super) const COUNT: usize = 29;
    pub(super) const ALL: [Self; Self::COUNT] = [
        Self::MsgId,
        Self::Date,
        Self::Time,
        Self::SenderAccount,
        Self::SenderBank,
        Self::SenderCountry,
        Self::SenderName,
        Self::ReceiverAccount,
        Self::ReceiverBank,
        Self::ReceiverCountry,
        Self::ReceiverName,
        Self::OwnAccount,
        Self::OwnBank,
        Self::OwnCountry,
        Self::OwnName,
        Self::CounterpartyAccount,
        Self::CounterpartyBank,
        Self::CounterpartyCountry,
        Self::CounterpartyName,
        Self::Amount,
        Self::Debit,
        Self::Credit,
        Self::Direction,
        Self::Currency,
        Self::ReceivedCurrency,
        Self::PaymentType,
        Self::Purpose,
        Self::IsLaundering,
        Self::LaunderingType,
    ];

    /// Its name in a map.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::MsgId => "msg_id",
            Self::Date => "date",
            Self::Time => "time",
            Self::SenderAccount => "sender_account",
            Self::SenderBank => "sender_bank",
            Self::SenderCountry => "sender_country",
            Self::SenderName => "sender_name",
            Self::ReceiverAccount => "receiver_account",
            Self::ReceiverBank => "receiver_bank",
            Self::ReceiverCountry => "receiver_country",
            Self::ReceiverName => "receiver_name",
            Self::OwnAccount => "own_account",
            Self::OwnBank => "own_bank",
            Self::OwnCountry => "own_country",
            Self::OwnName => "own_name",
            Self::CounterpartyAccount => "counterparty_account",
            Self::CounterpartyBank => "counterparty_bank",
            Self::CounterpartyCountry => "counterparty_country",
            Self::CounterpartyName => "counterparty_name",
            Self::Amount => "amount",
            Self::Debit => "debit",
            Self::Credit => "credit",
            Self::Direction => "direction",
            Self::Currency => "currency",
            Self::ReceivedCurrency => "received_currency",
            Self::PaymentType => "payment_type",
            Self::Purpose => "purpose",
            Self::IsLaundering => "is_laundering",
            Self::LaunderingType => "laundering_type",
        }
    }
}

/// Where a field's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    Constant(String),
    Column(Column),
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// Its name in the header.
    pub(super) name: String,
    /// The file's words and their meanings.
    pub(super) values: Vec<(String, String)>,
    /// The value of an empty or unknown cell.
    pub(super) otherwise: Option<String>,
    /// Whether a file may lack it.
    pub(super) optional: bool,
}

/// What the sign of an amount means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Sign {
    Ignored,
}

/// Which column holds each field, and how the file writes numbers and dates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnMap {
    pub(super) decimal: Option<Decimal>,
    pub(super) dates: Option<DateOrder>,
    pub(super) zone: Option<String>,
    pub(super) sign_is_ignored: bool,
    pub(super) sources: BTreeMap<Field, Source>,
}

/// Why a text is not a column map.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMap {
    #[error("{0}")]
    Toml(String),
    #[error("columns has a field that is not one of {}", Field::ALL.map(Field::name).join(", "))]
    UnknownField,
    #[error("{0} needs either a column or a constant")]
    Source(&'static str),
    #[error("{0} is not mapped")]
    Missing(&'static str),
    #[error("map either senders and receivers, or own accounts and counterparties, not both")]
    BothSides,
    #[error(
        "debit, credit and direction need a statement: map own_account and counterparty_account"
    )]
    NoStatement,
    #[error("map either amount, or debit and credit, not both")]
    BothAmounts,
}

/// A map as written in TOML.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MapText {
    decimal: Option<Decimal>,
    dates: Option<DateOrder>,
    zone: Option<String>,
    sign: Option<Sign>,
    columns: BTreeMap<String, SourceText>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum SourceText {
    Name(String),
    Table(SourceTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceTable {
    column: Option<String>,
    constant: Option<String>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    otherwise: Option<String>,
    #[serde(default)]
    optional: bool,
}

impl ColumnMap {
    pub fn parse(text: &str) -> Result<Self, InvalidMap> {
        let read: MapText = toml::from_str(text).map_err(|err| {
            let line = err.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            InvalidMap::Toml(format!("line {line}: {}", err.message()))
        })?;
        let mut sources = BTreeMap::new();
        for (name, source) in read.columns {
            let known = Field::ALL.into_iter().find(|field| field.name() == name);
            let field = known.ok_or(InvalidMap::UnknownField)?;
            sources.insert(field, source_of(source, field)?);
        }
        let map = Self {
            decimal: read.decimal,
            dates: read.dates,
            zone: read.zone,
            sign_is_ignored: read.sign.is_some(),
            sources,
        };
        map.check()?;
        Ok(map)
    }

    /// The shipped maps.
    pub(super) fn shipped() -> impl Iterator<Item = Self> {
        SHIPPED.iter().map(|text| Self::parse(text).expect("a test reads this map"))
    }

    pub(super) fn amlworld() -> Self {
        Self::parse(AMLWORLD).expect("a test reads this map")
    }

    pub(super) fn has(&self, field: Field) -> bool {
        self.sources.contains_key(&field)
    }

    /// Whether a file shows payments from one account's side, with a sign or direction.
    pub(super) fn is_statement(&self) -> bool {
        self.has(Field::OwnAccount)
    }

    /// The columns that a file must have.
    pub(super) fn required(&self) -> impl Iterator<Item = &Column> {
        self.columns().filter(|column| !column.optional)
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.sources.values().filter_map(|source| match source {
            Source::Column(column) => Some(column),
            Source::Constant(_) => None,
        })
    }

    /// Checks that payments can be read with it at all.
    fn check(&self) -> Result<(), InvalidMap> {
        let sides = [Field::SenderAccount, Field::ReceiverAccount];
        let views = [Field::OwnAccount, Field::CounterpartyAccount];
        let accounts =
            match (sides.map(|field| self.has(field)), views.map(|field| self.has(field))) {
                ([true, _] | [_, true], [true, _] | [_, true]) => {
                    return Err(InvalidMap::BothSides);
                }
                (_, [true, _] | [_, true]) => views,
                _ => sides,
            };
        let by_column = [Field::Debit, Field::Credit].into_iter().any(|field| self.has(field));
        if (by_column || self.has(Field::Direction)) && !self.is_statement() {
            return Err(InvalidMap::NoStatement);
        }
        if by_column && self.has(Field::Amount) {
            return Err(InvalidMap::BothAmounts);
        }
        let amount = (!by_column).then_some(Field::Amount);
        let rest = [Field::Date, Field::Currency, Field::PaymentType];
        let mut needed = accounts.into_iter().chain(amount).chain(rest);
        match needed.find(|field| !self.has(*field)) {
            Some(field) => Err(InvalidMap::Missing(field.name())),
            None => Ok(()),
        }
    }
}

fn source_of(text: SourceText, field: Field) -> Result<Source, InvalidMap> {
    let table = match text {
        SourceText::Name(name) => {
            let (values, otherwise) = (Vec::new(), None);
            return Ok(Source::Column(Column { name, values, otherwise, optional: false }));
        }
        SourceText::Table(table) => table,
    };
    match (table.column, table.constant) {
        (Some(name), None) => Ok(Source::Column(Column {
            name,
            values: table.values.into_iter().collect(),
            otherwise: table.otherwise,
            optional: table.optional,
        })),
        (None, Some(constant)) if table.values.is_empty() && table.otherwise.is_none() => {
            Ok(Source::Constant(constant))
        }
        _ => Err(InvalidMap::Source(field.name())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATEMENT: &str = r#"
decimal = "comma"
dates = "dmy"
zone = "Europe/Berlin"

[columns]
date = "Buchungstag"
own_account = { constant = "DE89370400440532013000" }
counterparty_account = "IBAN"
amount = "Betrag"
currency = { column = "Währung", otherwise = "EUR" }
payment_type = { column = "Art", values = { "SEPA CT" = "transfer" }, otherwise = "transfer" }
"#;

    #[test]
    fn the_published_data_sets_have_valid_maps() {
        let required = ColumnMap::shipped().map(|map| map.required().count());
        assert_eq!(required.collect::<Vec<_>>(), [9, 8]);
    }

    #[test]
    fn a_map_translates_a_statements_words() {
        let map = ColumnMap::parse(STATEMENT).unwrap();
        assert!(map.is_statement());
        assert_eq!((map.decimal, map.dates), (Some(Decimal::Comma), Some(DateOrder::Dmy)));
        let Some(Source::Column(art)) = map.sources.get(&Field::PaymentType) else {
            unreachable!()
        };
        assert_eq!(art.values, [("SEPA CT".to_owned(), "transfer".to_owned())]);
        assert_eq!(art.otherwise.as_deref(), Some("transfer"));
    }

    #[test]
    fn an_invalid_map_is_refused_with_the_reason() {
        let check = |from: &str, to: &str, expect: InvalidMap| {
            assert_eq!(ColumnMap::parse(&STATEMENT.replace(from, to)), Err(expect), "{to}");
        };
        check("date = \"Buchungstag\"", "", InvalidMap::Missing("date"));
        check("counterparty_account", "receiver_account", InvalidMap::BothSides);
        check(
            "counterparty_account",
            "counterparty_name",
            InvalidMap::Missing("counterparty_account"),
        );
        check("amount =", "debit = \"Soll\"\namount =", InvalidMap::BothAmounts);
        check("amount =", "betrag =", InvalidMap::UnknownField);
        check("{ constant", "{ column = \"Konto\", constant", InvalidMap::Source("own_account"));
        let sides = STATEMENT.replace("own_account", "sender_account");
        let sides = sides.replace("counterparty_account", "receiver_account");
        let with_debit = sides.replace("amount", "debit");
        assert_eq!(ColumnMap::parse(&with_debit), Err(InvalidMap::NoStatement));
        let Err(InvalidMap::Toml(message)) = ColumnMap::parse("decimal = \"dot\"") else {
            unreachable!()
        };
        assert!(message.starts_with("line 1: "), "{message}");
    }
}
