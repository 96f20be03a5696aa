//! The answers to transactions.

use contract::bodies::transactions::{
    BatchItem, HistoryAnswer, ItemStatus, Progress, ReceivedAnswer, StoredDecision,
    TransactionAnswer,
};
use contract::problem::Problem;
use edge::json;
use lambda_http::http::header::{HeaderValue, LOCATION};
use lambda_http::{Body, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sentinel::payment::transaction::MsgId;
use sentinel::payment::utc_time::UtcTime;
use store::Receipt;

use crate::accept::Acceptance;

/// Characters that are escaped in a URI: all but RFC 3986's unreserved ones.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Answers a single POST: 200 with the decision if one was waited for and made in time, 200 for
/// history that has been counted, since no decision will follow, else 202. Repeats get the same.
pub fn single(
    accepted: &Acceptance,
    decision: Option<StoredDecision>,
    waited: bool,
) -> Response<Body> {
    let receipt = &accepted.receipt;
    let (msg_id, received_at) = (receipt.msg_id.clone(), receipt.received_at);
    let status = progress(receipt);
    let mut response = match (decision, counted_at(receipt)) {
        (Some(decision), _) => json(200, &TransactionAnswer::Decided(decision)),
        (None, Some(counted_at)) => {
            let answer = HistoryAnswer { msg_id, status, received_at, counted_at };
            json(200, &TransactionAnswer::History(answer))
        }
        (None, None) => json(202, &ReceivedAnswer { msg_id, status, received_at }),
    };
    let headers = response.headers_mut();
    if let Ok(location) = location(receipt.msg_id.as_str()).parse() {
        headers.insert(LOCATION, location);
    }
    if accepted.replayed {
        headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    if waited {
        headers.insert("preference-applied", HeaderValue::from_static("wait"));
    }
    response
}

/// Returns the answer to an item of a batch that is accepted.
pub fn item(index: usize, accepted: Acceptance) -> BatchItem {
    let Acceptance { receipt, replayed } = accepted;
    let counted_at = counted_at(&receipt);
    BatchItem {
        index,
        status: progress(&receipt).into(),
        status_code: if counted_at.is_some() { 200 } else { 202 },
        msg_id: Some(receipt.msg_id),
        received_at: Some(receipt.received_at),
        counted_at,
        replayed: Some(replayed),
        problem: None,
    }
}

/// Returns the answer to an item of a batch that is not accepted.
pub fn refused(index: usize, msg_id: Option<MsgId>, problem: Problem) -> BatchItem {
    BatchItem {
        index,
        status: ItemStatus::Refused,
        status_code: problem.status,
        msg_id,
        received_at: None,
        counted_at: None,
        replayed: None,
        problem: Some(problem),
    }
}

fn progress(receipt: &Receipt) -> Progress {
    if receipt.history { Progress::History } else { Progress::Received }
}

fn counted_at(receipt: &Receipt) -> Option<UtcTime> {
    receipt.settled_at.filter(|_| receipt.history)
}

/// Returns where the decision will be found. An id that needs escaping goes into the query, since
/// not every gateway passes an escaped path on unchanged.
fn location(msg_id: &str) -> String {
    let id = utf8_percent_encode(msg_id, ESCAPED).to_string();
    let way = if id == msg_id { "/" } else { "?msg_id=" };
    format!("/api/v1/transactions{way}{id}")
}
