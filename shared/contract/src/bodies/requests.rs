//! The bodies that clients send, as documented. The core parses transactions by hand, so that it
//! can list all faulty fields at once; a test compares these types with the fields that it reads.

use sentinel::payment::transaction::{Kind, PaymentType};
use sentinel::register::SetState;
use serde::Deserialize;
use utoipa::openapi::schema::{ArrayBuilder, OneOfBuilder};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The body of a POST: one transaction, or a batch of them.
pub struct TransactionBody;

/// Maximum number of transactions in one request.
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

/// A transaction as clients send it. This type only documents it: `Transaction::parse` reads the
/// fields by hand, so that all faulty ones are listed at once.
#[derive(ToSchema)]
pub struct TransactionRequest {
    /// 1 to 128 printable characters without a space at either end; an integer is accepted and kept
    /// as text.
    #[schema(example = "INV/2026/000123", min_length = 1, max_length = 128)]
    pub msg_id: String,
    /// What happens to the money; `payment` if absent.
    pub kind: Option<Kind>,
    /// The `msg_id` of the payment that a reversal cancels or a refund returns.
    pub original_msg_id: Option<String>,
    /// RFC 3339 with an offset; not before 1990, at most 24 hours ahead, seconds 00 to 59.
    #[schema(example = "2026-01-01T10:00:00Z", format = "date-time")]
    pub timestamp: String,
    pub sender: PartyRequest,
    pub receiver: PartyRequest,
    /// A decimal string greater than zero, with no more decimals than the currency has.
    #[schema(example = "1000.50", pattern = r"^(0|[1-9][0-9]*)(\.[0-9]+)?$")]
    pub amount: String,
    /// ISO 4217 code, including those of currencies withdrawn since 1990.
    #[schema(example = "GBP")]
    pub currency: String,
    /// ISO 4217 code of what the receiver gets, if it differs.
    pub received_currency: Option<String>,
    /// How much the receiver gets in `received_currency`, as a decimal string.
    #[schema(example = "1162.40")]
    pub counter_amount: Option<String>,
    pub payment_type: PaymentType,
    /// At most 560 characters; flagged if it looks like an attempt to manipulate its reader.
    pub purpose: Option<String>,
}

/// One side of a payment.
#[derive(ToSchema)]
pub struct PartyRequest {
    /// 1 to 128 printable characters. An IBAN may contain spaces and lower-case letters; one with
    /// wrong check digits is accepted and flagged. An IBAN alone identifies an account; any other
    /// number does so together with `bank`, or with `bank_country` if `bank` is absent.
    #[schema(example = "GB29NWBK60161331926819", min_length = 1, max_length = 128)]
    pub account: String,
    /// ISO 3166-1 alpha-2 code, or `XK`.
    #[schema(example = "GB")]
    pub bank_country: String,
    /// A BIC of 8 or 11 characters, an LEI, or a clearing code of at most 35. Send it always or
    /// never: it is part of an account's identity.
    #[schema(example = "NWBKGB2L")]
    pub bank: Option<String>,
    /// Your own id of the party, at most 128 printable characters. It links the party's accounts;
    /// names never do.
    pub party_id: Option<String>,
    /// `person`, `business`, `financial_institution`, `public_body`, `merchant`, `charity`, or a
    /// word of your own of at most 24 characters from `[a-z0-9_-]`.
    #[schema(example = "business")]
    pub segment: Option<String>,
    /// At most 140 characters; never leaves the store.
    pub name: Option<String>,
}

/// A request to move a set to another state.
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

/// A request to roll back the live set.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RollbackRequest {
    /// At most 500 characters, kept in the history.
    #[serde(default)]
    #[schema(required = false)]
    pub note: String,
}
