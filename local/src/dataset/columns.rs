//! The columns of the SAML-D schema.

use std::borrow::Cow;
use std::path::Path;

use super::DatasetError;

/// A column, in the order of the published file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Time,
    Date,
    SenderAccount,
    ReceiverAccount,
    Amount,
    PaymentCurrency,
    ReceivedCurrency,
    SenderBankLocation,
    ReceiverBankLocation,
    PaymentType,
    IsLaundering,
    LaunderingType,
}

impl Column {
    pub(super) const COUNT: usize = 12;
    pub(super) const ALL: [Self; Self::COUNT] = [
        Self::Time,
        Self::Date,
        Self::SenderAccount,
        Self::ReceiverAccount,
        Self::Amount,
        Self::PaymentCurrency,
        Self::ReceivedCurrency,
        Self::SenderBankLocation,
        Self::ReceiverBankLocation,
        Self::PaymentType,
        Self::IsLaundering,
        Self::LaunderingType,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Time => "Time",
            Self::Date => "Date",
            Self::SenderAccount => "Sender_account",
            Self::ReceiverAccount => "Receiver_account",
            Self::Amount => "Amount",
            Self::PaymentCurrency => "Payment_currency",
            Self::ReceivedCurrency => "Received_currency",
            Self::SenderBankLocation => "Sender_bank_location",
            Self::ReceiverBankLocation => "Receiver_bank_location",
            Self::PaymentType => "Payment_type",
            Self::IsLaundering => "Is_laundering",
            Self::LaunderingType => "Laundering_type",
        }
    }

    /// Capitals do not matter.
    pub(super) fn named(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('\u{feff}');
        Self::ALL.into_iter().find(|column| column.name().eq_ignore_ascii_case(text))
    }

    /// A file to be scored has no labels, and a file of one currency need not repeat it.
    pub(super) fn is_required(self) -> bool {
        !matches!(self, Self::ReceivedCurrency | Self::IsLaundering | Self::LaunderingType)
    }
}

/// One row's cells as text, by column; None where the cell or the column is missing.
#[derive(Debug, Default)]
pub(super) struct Cells<'a>(pub(super) [Option<Cow<'a, str>>; Column::COUNT]);

impl Cells<'_> {
    /// The cell without surrounding blanks; None where nothing remains.
    pub(super) fn text(&self, column: Column) -> Option<&str> {
        self.0[column as usize].as_deref().map(str::trim).filter(|text| !text.is_empty())
    }
}

/// Where each column of the schema is found, and that none is missing.
pub(super) fn locate(
    path: &Path,
    header: impl Iterator<Item = impl AsRef<str>>,
) -> Result<[Option<usize>; Column::COUNT], DatasetError> {
    let mut at = [None; Column::COUNT];
    for (index, name) in header.enumerate() {
        if let Some(column) = Column::named(name.as_ref()) {
            at[column as usize].get_or_insert(index);
        }
    }
    match Column::ALL.into_iter().find(|c| c.is_required() && at[*c as usize].is_none()) {
        Some(missing) => {
            Err(DatasetError::MissingColumn { path: path.to_owned(), column: missing.name() })
        }
        None => Ok(at),
    }
}
