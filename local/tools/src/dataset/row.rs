//! Reads a transaction from a row's cells, as the plan says.

mod amount;

use std::borrow::Cow;

use sentinel::payment::money::Currency;
use sentinel::payment::transaction::{
    Account, Bank, Country, EventTime, MsgId, Party, PaymentType, Purpose, Record, SameAccount,
    Transaction, parse_name,
};

use super::calendar::InvalidTime;
use super::column_map::Field;
use super::plan::{BoundSource, Plan};
use super::{Fault, Row, account, names};

/// A row's cells by their positions in the file.
pub(super) type CellLookup<'a> = dyn Fn(usize) -> Result<Option<Cow<'a, str>>, Fault> + 'a;

/// Reads one row. `number` counts the file's rows from 1, including faulty ones, and becomes part of
/// the id if the file has no ids.
pub(super) fn read(
    plan: &Plan,
    cell: &CellLookup<'_>,
    number: u64,
    line: u64,
) -> Result<Row, Fault> {
    let cells = Cells { plan, cell };
    let currency = cells.currency(Field::Currency)?;
    let received_currency = match cells.text(Field::ReceivedCurrency)? {
        None => None,
        Some(_) => Some(cells.currency(Field::ReceivedCurrency)?),
    };
    let timestamp = cells.time()?;
    let (amount, is_debit) = cells.amount(currency)?;
    let [sender, receiver] = match (plan.is_statement, is_debit) {
        (false, _) => [&SENDER, &RECEIVER],
        (true, true) => [&OWN, &COUNTERPARTY],
        (true, false) => [&COUNTERPARTY, &OWN],
    };
    let transaction = Transaction::of_record(Record {
        msg_id: cells.msg_id(number)?,
        timestamp,
        sender: cells.party(sender)?,
        receiver: cells.party(receiver)?,
        amount,
        received_currency,
        payment_type: cells.payment_type()?,
        purpose: cells.purpose()?,
    })
    .map_err(|SameAccount| Fault::SameAccount)?;
    let typology = cells.text(Field::LaunderingType)?.map(Cow::into_owned);
    Ok(Row { line, transaction, label: cells.label()?, typology, story: None })
}

/// The fields of one side of a payment.
struct Side {
    account: Field,
    bank: Field,
    country: Field,
    name: Field,
}

const SENDER: Side = Side {
    account: Field::SenderAccount,
    bank: Field::SenderBank,
    country: Field::SenderCountry,
    name: Field::SenderName,
};
const RECEIVER: Side = Side {
    account: Field::ReceiverAccount,
    bank: Field::ReceiverBank,
    country: Field::ReceiverCountry,
    name: Field::ReceiverName,
};
const OWN: Side = Side {
    account: Field::OwnAccount,
    bank: Field::OwnBank,
    country: Field::OwnCountry,
    name: Field::OwnName,
};
const COUNTERPARTY: Side = Side {
    account: Field::CounterpartyAccount,
    bank: Field::CounterpartyBank,
    country: Field::CounterpartyCountry,
    name: Field::CounterpartyName,
};

/// One row's cells, read by the plan.
struct Cells<'r, 'a> {
    plan: &'r Plan,
    cell: &'r CellLookup<'a>,
}

impl<'r, 'a: 'r> Cells<'r, 'a> {
    /// A field's value after translation by the map; `None` if it is empty.
    fn text(&self, field: Field) -> Result<Option<Cow<'r, str>>, Fault> {
        let (at, values, otherwise) = match self.plan.source(field) {
            None => return Ok(None),
            Some(BoundSource::Constant(constant)) => return Ok(Some(Cow::Borrowed(constant))),
            Some(BoundSource::Column { at, values, otherwise, .. }) => (*at, values, otherwise),
        };
        let cell = (self.cell)(at)?.map(trimmed).filter(|cell| !is_null(cell));
        Ok(match cell {
            None => otherwise.as_deref().map(Cow::Borrowed),
            Some(cell) => {
                let meant = values.iter().find(|(word, _)| word.eq_ignore_ascii_case(&cell));
                Some(meant.map_or(cell, |(_, meaning)| Cow::Borrowed(meaning)))
            }
        })
    }

    fn required(&self, field: Field) -> Result<Cow<'r, str>, Fault> {
        self.text(field)?.ok_or_else(|| Fault::Empty { column: self.name(field) })
    }

    /// The name of a field's column in the file.
    fn name(&self, field: Field) -> Cow<'static, str> {
        match self.plan.source(field) {
            Some(BoundSource::Column { name, .. }) => Cow::Owned(name.clone()),
            Some(BoundSource::Constant(_)) | None => Cow::Borrowed(field.name()),
        }
    }

    fn invalid(&self, field: Field, problem: impl ToString) -> Fault {
        Fault::Invalid { column: self.name(field), problem: problem.to_string() }
    }

    /// A value from a known list; for an unknown one, the map's `otherwise`.
    fn known<T, E: ToString>(
        &self,
        field: Field,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<T, Fault> {
        let fault = match parse(&self.required(field)?) {
            Ok(value) => return Ok(value),
            Err(problem) => self.invalid(field, problem),
        };
        match self.plan.source(field) {
            Some(BoundSource::Column { otherwise: Some(otherwise), .. }) => {
                parse(otherwise).map_err(|problem| self.invalid(field, problem))
            }
            _ => Err(fault),
        }
    }

    fn msg_id(&self, number: u64) -> Result<MsgId, Fault> {
        let Some(prefix) = self.plan.id_prefix() else {
            let id = MsgId::parse(&self.required(Field::MsgId)?);
            return id.map_err(|problem| self.invalid(Field::MsgId, problem));
        };
        Ok(MsgId::parse(&format!("{prefix}-{number:07}"))
            .expect("a prefix of at most 40 plain characters and a number make an id"))
    }

    fn time(&self) -> Result<EventTime, Fault> {
        let date = self.required(Field::Date)?;
        let time = match self.plan.source(Field::Time) {
            None => None,
            Some(_) => Some(self.required(Field::Time)?),
        };
        self.plan.calendar.read(&date, time.as_deref()).map_err(|problem| {
            let of_time = time.is_some() && problem == InvalidTime::UnreadableClock;
            self.invalid(if of_time { Field::Time } else { Field::Date }, problem)
        })
    }

    fn party(&self, side: &Side) -> Result<Party, Fault> {
        let cell = self.required(side.account)?;
        let number =
            account::normalise(&cell).map_err(|problem| self.invalid(side.account, problem))?;
        let iban = account::iban(&number);
        let bank = self.text(side.bank)?;
        if bank.is_none() && iban.is_none() && self.plan.source(side.bank).is_some() {
            return Err(Fault::Empty { column: self.name(side.bank) });
        }
        let code = bank.as_deref().and_then(|code| Bank::parse(code).ok());
        // An IBAN identifies an account by itself; other numbers repeat at other banks, so a bank that
        // is only a name becomes part of the number.
        let number = match &bank {
            Some(bank) if iban.is_none() && code.is_none() => {
                let bank = account::normalise(bank).map_err(|err| self.invalid(side.bank, err))?;
                Cow::Owned(format!("{bank}-{number}"))
            }
            _ => number,
        };
        let account =
            Account::parse(&number).map_err(|problem| self.invalid(side.account, problem))?;
        let name = match self.text(side.name)? {
            None => None,
            Some(name) => Some(
                parse_name(&one_line(&name)).map_err(|problem| self.invalid(side.name, problem))?,
            ),
        };
        let bank_country = self.country(side, iban.as_deref(), bank.as_deref())?;
        Ok(Party { bank: code, name, ..Party::new(account, bank_country) })
    }

    /// The country of a side's bank: from its column, otherwise from the IBAN or BIC.
    fn country(
        &self,
        side: &Side,
        iban: Option<&str>,
        bank: Option<&str>,
    ) -> Result<Country, Fault> {
        if self.text(side.country)?.is_some() {
            let unknown = "is not a country we know";
            return self.known(side.country, |text| names::country(text).ok_or(unknown));
        }
        let of_bic = |bic: &str| match bic.len() {
            8 | 11 => bic.get(4..6).and_then(|code| Country::parse(code).ok()),
            _ => None,
        };
        let of_iban = iban.and_then(|iban| iban.get(..2));
        let found = of_iban.and_then(|code| Country::parse(code).ok());
        found.or_else(|| bank.and_then(of_bic)).ok_or_else(|| {
            match self.plan.source(side.country) {
                Some(_) => Fault::Empty { column: self.name(side.country) },
                None => self.invalid(side.country, "is not mapped, and no IBAN or BIC shows it"),
            }
        })
    }

    fn currency(&self, field: Field) -> Result<Currency, Fault> {
        self.known(field, names::currency)
    }

    fn payment_type(&self) -> Result<PaymentType, Fault> {
        let unknown = "is not a payment type we know";
        self.known(Field::PaymentType, |text| names::payment_type(text).ok_or(unknown))
    }

    fn purpose(&self) -> Result<Option<Purpose>, Fault> {
        let Some(text) = self.text(Field::Purpose)? else { return Ok(None) };
        let purpose = Purpose::parse(&one_line(&text));
        purpose.map(Some).map_err(|problem| self.invalid(Field::Purpose, problem))
    }

    fn label(&self) -> Result<Option<bool>, Fault> {
        let Some(text) = self.text(Field::IsLaundering)? else { return Ok(None) };
        match &*text {
            "0" | "0.0" | "false" | "False" | "FALSE" => Ok(Some(false)),
            "1" | "1.0" | "true" | "True" | "TRUE" => Ok(Some(true)),
            _ => Err(self.invalid(Field::IsLaundering, "is neither 0 nor 1")),
        }
    }
}

fn trimmed(cell: Cow<'_, str>) -> Cow<'_, str> {
    match cell {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// What databases and spreadsheets write for an empty cell.
fn is_null(cell: &str) -> bool {
    const NULLS: [&str; 9] =
        ["", "(null)", "null", "nan", "n/a", "#n/a", "#ref!", "#value!", "#name?"];
    NULLS.iter().any(|null| null.eq_ignore_ascii_case(cell))
}

/// Joins the lines of a cell.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
