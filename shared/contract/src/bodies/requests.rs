//! What clients send, as it is documented. Transactions are read by hand in the core, so that all
//! faulty fields are listed at once; a test holds these types against the fields that are read.

use sentinel::payment::transaction::{Kind, PaymentType};
use sentinel::register::SetState;
use serde::Deserialize;
use utoipa::openapi::schema::{ArrayBuilder, OneOfBuilder};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// What is POSTed: one transaction, or a batch of them.
pub struct TransactionBody;

/// Transactions in one request, at most.
pub const MAX_BATCH: usize = 500;

impl PartialSchema for TransactionBody {
    fn schema() -> RefOr<Schema> {
        let one = || RefOr::<Schema>::from(Ref::from_schema_name(TransactionRequest::name()));
        let batch = ArrayBuilder::new().items(one()).min_items(Some(1)).max_items(Some(MAX_BATCH));
        OneOfBuilder::new().item(one()).item(batch).into()
    }
}

impl ToSchema for TransactionBody {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((TransactionRequest::name().into_owned(), TransactionRequest::schema()));
        TransactionRequest::schemas(schemas);
    }
}

/// A transaction as clients send it. Read by hand (`transaction::parse`), so that all faulty fields
/// are listed at once; this type only documents it.
#[derive(ToSchema)]
pub struct TransactionRequest {
    /// 1 to 128 printable characters without a space at either end; an integer is accepted and kept
    /// as text.
    #[schema(example = "INV/2026/000123", min_length = 1, max_length = 128)]
    pub msg_id: String,
    /// What becomes of the money; `payment` where it is absent.
    pub kind: Option<Kind>,
    /// The `msg_id` of the payment that a reversal takes back, or a refund pays back.
    pub original_msg_id: Option<String>,
    /// RFC 3339 with offset; not before 1990, at most 24 hours ahead, seconds 00 to 59.
    #[schema(example = "2026-01-01T10:00:00Z", format = "date-time")]
    pub timestamp: String,
    pub sender: PartyRequest,
    pub receiver: PartyRequest,
    /// A decimal string with at most the currency's minor digits, greater than zero.
    #[schema(example = "1000.50", pattern = r"^(0|[1-9][0-9]*)(\.[0-9]+)?$")]
    pub amount: String,
    /// ISO 4217, currencies withdrawn since 1990 too.
    #[schema(example = "GBP")]
    pub currency: String,
    /// ISO 4217; what the receiver gets, where it differs.
    pub received_currency: Option<String>,
    /// How much the receiver gets, a decimal string in `received_currency`.
    #[schema(example = "1162.40")]
    pub counter_amount: Option<String>,
    pub payment_type: PaymentType,
    /// At most 560 characters; flagged where it looks like an attempt on its reader.
    pub purpose: Option<String>,
}

/// One side of a payment.
#[derive(ToSchema)]
pub struct PartyRequest {
    /// 1 to 128 printable characters. An IBAN may be spaced and in small letters; one whose check
    /// digits are wrong is accepted and flagged. An IBAN is an account by itself; any other number
    /// is one together with `bank`, or with `bank_country` where that is absent.
    #[schema(example = "GB29NWBK60161331926819", min_length = 1, max_length = 128)]
    pub account: String,
    /// ISO 3166-1 alpha-2, or `XK`.
    #[schema(example = "GB")]
    pub bank_country: String,
    /// A BIC of 8 or 11 characters, an LEI, or a clearing code of at most 35. Give it always or never:
    /// it is part of who an account is.
    #[schema(example = "NWBKGB2L")]
    pub bank: Option<String>,
    /// Your id of the party, at most 128 printable characters: joins its accounts. Names never do.
    pub party_id: Option<String>,
    /// `person`, `business`, `financial_institution`, `public_body`, `merchant`, `charity`, or a word
    /// of your own: at most 24 of `[a-z0-9_-]`.
    #[schema(example = "business")]
    pub segment: Option<String>,
    /// At most 140 characters; never leaves the store.
    pub name: Option<String>,
}

/// Where a set shall go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitionRequest {
    /// `shadow`, `live` or `retired`.
    pub to: SetState,
    /// At most 500 characters, kept in the history.
    #[serde(default)]
    #[schema(required = false)]
    pub note: String,
}

/// Why the live set is taken back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollbackRequest {
    /// At most 500 characters, kept in the history.
    #[serde(default)]
    #[schema(required = false)]
    pub note: String,
}
