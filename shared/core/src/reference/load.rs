//! Loads a reference set from a document, or lists everything that is wrong with it. A mistake that
//! slipped through would falsify every decision: an inverted rate yields wrong amounts, and an
//! unknown country never matches. A figure without a source is refused too.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::rates::{BASE_CURRENCY, Rates};
use super::{CountryList, Reference, Threshold, Thresholds};
use crate::json::{self, RawValue};
use crate::payment::money::Currency;
use crate::payment::transaction::Country;
use crate::register::document::{Document, DocumentError, Reader, member};
use crate::register::members::{Member, Members};
use crate::register::parts::Part;
use crate::register::{Register, SetSummary, VersionedSet};

const MEMBERS: [&str; 7] = [
    "version",
    "description",
    "rates",
    "high_risk_countries",
    "monitored_countries",
    "offshore_countries",
    "reporting_threshold",
];
/// More than one unit of any currency, past or present, has been worth in US dollars.
const MAX_RATE: f64 = 10.0;
/// Far less than one unit of any currency: one that lost this much would have been replaced before.
const MIN_RATE: f64 = 1e-18;

impl VersionedSet for Reference {
    const REGISTER: Register = Register::Reference;
    const EMBEDDED_DOCUMENT: &'static str = include_str!("../../../reference/core.json");

    fn load(json: &str) -> Result<Self, DocumentError> {
        read(json, None)
    }

    /// Refuses dates in the future, because such a part would not be reported as too old when it
    /// is. One day ahead is allowed for time zones ahead of UTC.
    fn draft(json: &str, today: Date) -> Result<Self, DocumentError> {
        read(json, Some(today.tomorrow().unwrap_or(today)))
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn summary(&self) -> SetSummary {
        SetSummary {
            version: self.version.clone(),
            description: self.description.clone(),
            entries: self.entries() as u64,
            dates: self.dates(),
        }
    }
}

fn read(json: &str, latest: Option<Date>) -> Result<Reference, DocumentError> {
    let mut document = Document::new(json, "a reference set");
    let reader = Reader { document: &mut document, rule: None };
    let set = Loader { reader, latest }.set();
    document.finish(set)
}

struct Loader<'d, 'a> {
    reader: Reader<'d, 'a>,
    /// The latest date that a part may have.
    latest: Option<Date>,
}

/// The members of an object and the byte offset at which it begins.
struct Object<'a> {
    members: Vec<Member<'a>>,
    at: usize,
}

impl<'a> Loader<'_, 'a> {
    fn set(&mut self) -> Option<Reference> {
        let Members(members) = self.reader.document.members()?;
        self.reader.check_members(&members, &MEMBERS, "a reference set");
        let version = self.reader.text(&members, "version", 0);
        if let Some(version) = &version {
            self.reader.check_version(version);
        }
        let description = match member(&members, "description") {
            Some(_) => self.reader.text(&members, "description", 0).map(|text| text.text),
            None => Some(String::new()),
        };
        let document = Object { members, at: 0 };
        let rates = self.rates(&document);
        let high_risk = self.countries(&document, Part::HighRiskCountries);
        let monitored = self.countries(&document, Part::MonitoredCountries);
        let offshore = self.countries(&document, Part::OffshoreCountries);
        let thresholds = self.thresholds(&document);
        Some(Reference {
            version: self.reader.document.hashed(&version?.text),
            description: description?,
            rates: rates?,
            high_risk_countries: high_risk?,
            monitored_countries: monitored?,
            offshore_countries: offshore?,
            reporting_threshold: thresholds?,
        })
    }

    fn rates(&mut self, document: &Object<'a>) -> Option<Rates> {
        let part = self.object(document, Part::Rates.code())?;
        self.reader.check_members(&part.members, &["date", "base", "source", "rates"], "rates");
        let date = self.date(&part);
        let source = self.reader.text(&part.members, "source", part.at);
        if let Some(base) = self.reader.text(&part.members, "base", part.at)
            && base.text != BASE_CURRENCY
        {
            self.note(base.raw, format!("base must be {BASE_CURRENCY}: profiles hold sums in it"));
        }
        let by_code = self.object(&part, "rates")?;
        let mut rates = BTreeMap::new();
        for (code, raw) in &by_code.members {
            let Some(code) = self.currency(code, raw) else { continue };
            let rate = json::read::<f64>(raw.get()).unwrap_or(f64::NAN);
            // NaN compares false, so anything that is not a number is caught here, too.
            if !(rate > 0.0 && rate.is_finite()) {
                self.note(raw, format!("the rate of {code} must be a finite number above 0"));
            } else if code == BASE_CURRENCY && (rate - 1.0).abs() > 0.0 {
                self.note(raw, format!("the rate of {code} is 1: it is the base"));
            } else if !(MIN_RATE..=MAX_RATE).contains(&rate) {
                let way = format!("{BASE_CURRENCY} for one unit of it, not the other way round");
                self.note(raw, format!("no unit of {code} is worth that: a rate is in {way}"));
            }
            if rates.insert(code.to_owned(), rate).is_some() {
                self.note_name(code, raw, format!("{code} is given twice"));
            }
        }
        if !rates.contains_key(BASE_CURRENCY) {
            self.reader.note(by_code.at, format!("{BASE_CURRENCY} is missing: it is the base"));
        }
        Some(Rates { date: date?, source: source?.text, rates })
    }

    fn countries(&mut self, document: &Object<'a>, part: Part) -> Option<CountryList> {
        let list = self.object(document, part.code())?;
        self.reader.check_members(&list.members, &["source", "date", "countries"], part.code());
        let date = self.date(&list);
        let source = self.reader.text(&list.members, "source", list.at);
        let raw = self.reader.needed(&list.members, "countries", list.at)?;
        let Ok(raws) = json::read::<Vec<&'a RawValue>>(raw.get()) else {
            self.note(raw, "countries must be a list".to_owned());
            return None;
        };
        let mut countries = BTreeSet::new();
        for raw in raws {
            let code = json::read::<String>(raw.get()).unwrap_or_default();
            match Country::parse(&code) {
                Err(reason) => self.note(raw, format!("a country {reason}")),
                Ok(country) => {
                    if !countries.insert(country) {
                        self.note(raw, format!("{} is listed twice", country.code()));
                    }
                }
            }
        }
        Some(CountryList { source: source?.text, date: date?, countries })
    }

    fn thresholds(&mut self, document: &Object<'a>) -> Option<Thresholds> {
        let name = Part::ReportingThreshold.code();
        let part = self.object(document, name)?;
        let known = ["date", "by_currency", "base", "band_from"];
        self.reader.check_members(&part.members, &known, name);
        let date = self.date(&part);
        let band_from = self.reader.number(&part.members, "band_from", part.at);
        if let Some(share) = band_from
            && !(share > 0.0 && share < 1.0)
            && let Some(raw) = member(&part.members, "band_from")
        {
            self.note(raw, "band_from must be a share, above 0 and below 1".to_owned());
        }
        let base = self.object(&part, "base").and_then(|base| self.threshold(&base));
        let by_code = self.object(&part, "by_currency")?;
        let mut by_currency = BTreeMap::new();
        for (code, raw) in &by_code.members {
            let currency = self.currency(code, raw);
            let Some(own) = self.as_object(raw, "a threshold") else { continue };
            let (Some(code), Some(own)) = (currency, self.threshold(&own)) else { continue };
            if by_currency.insert(code.to_owned(), own).is_some() {
                self.note_name(code, raw, format!("{code} is given twice"));
            }
        }
        Some(Thresholds { date: date?, by_currency, base: base?, band_from: band_from? })
    }

    fn threshold(&mut self, object: &Object<'a>) -> Option<Threshold> {
        self.reader.check_members(&object.members, &["amount", "source"], "a threshold");
        let source = self.reader.text(&object.members, "source", object.at);
        let amount = self.reader.number(&object.members, "amount", object.at)?;
        if amount <= 0.0 {
            let at = member(&object.members, "amount");
            let at = at.map_or(object.at, |raw| self.reader.document.offset(raw));
            self.reader.note(at, "a threshold must be above 0".to_owned());
        }
        Some(Threshold { amount, source: source?.text })
    }

    /// Reads the date of a part.
    fn date(&mut self, part: &Object<'a>) -> Option<Date> {
        let text = self.reader.text(&part.members, "date", part.at)?;
        // jiff parses more than plain dates, such as date-times; only `YYYY-MM-DD` is accepted.
        let date = text.text.parse::<Date>().ok().filter(|date| date.to_string() == text.text);
        match (date, self.latest) {
            (None, _) => {
                self.note(text.raw, "date must be a day of the calendar: 2026-11-25".to_owned());
            }
            (Some(date), Some(latest)) if date > latest => {
                self.note(
                    text.raw,
                    "date lies in the future: nothing is known of that day".to_owned(),
                );
            }
            _ => {}
        }
        date
    }

    fn currency(&mut self, code: &str, raw: &RawValue) -> Option<&'static str> {
        match Currency::parse(code) {
            Ok(currency) => Some(currency.code()),
            Err(reason) => {
                self.note_name(code, raw, format!("a currency {reason}"));
                None
            }
        }
    }

    /// Reads a required member that must be an object.
    fn object(&mut self, of: &Object<'a>, name: &str) -> Option<Object<'a>> {
        let raw = self.reader.needed(&of.members, name, of.at)?;
        self.as_object(raw, name)
    }

    fn as_object(&mut self, raw: &'a RawValue, what: &str) -> Option<Object<'a>> {
        let at = self.reader.document.offset(raw);
        match json::read::<Members<'a>>(raw.get()) {
            Ok(Members(members)) => Some(Object { members, at }),
            Err(_) => {
                self.reader.note(at, format!("{what} must be an object"));
                None
            }
        }
    }

    /// Notes a fault at the position of a value.
    fn note(&mut self, raw: &RawValue, message: String) {
        let at = self.reader.document.offset(raw);
        self.reader.note(at, message);
    }

    /// Notes a fault at the position of a member's name.
    fn note_name(&mut self, name: &str, raw: &RawValue, message: String) {
        let at = self.reader.document.name_offset(name, raw);
        self.reader.note(at, message);
    }
}
