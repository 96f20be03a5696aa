//! Batches: NDJSON or a JSON array of at most 500 transactions, with an answer for each. Every item
//! is parsed separately, so that a faulty one does not affect the others.

use contract::bodies::requests::MAX_BATCH;
use contract::bodies::transactions::{BatchAnswer, BatchItem};
use contract::problem::Problem;
use edge::{Answer, json};
use sentinel::json::{RawValue, Unreadable};
use sentinel::payment::transaction::{Rejection, Transaction};

use crate::App;
use crate::accept::{Arrival, accept_all};
use crate::answer::{item, refused};

/// Answers 207 with the status of each item, in the items' order.
pub async fn handle(app: &App, arrival: Arrival<'_>, body: &[u8], lines: bool) -> Answer {
    let items = if lines { split_lines(body) } else { split_array(body)? };
    if items.len() > MAX_BATCH {
        let detail = format!(
            "A batch may have at most {MAX_BATCH} transactions; this one has {}. Send it in parts.",
            items.len()
        );
        return Err(Problem::new(413, "Content too large", detail));
    }
    if items.is_empty() {
        return Err(Problem::bad_request("The batch is empty."));
    }
    let parsed: Vec<Result<Transaction, Rejection>> =
        items.iter().map(|item| Transaction::parse(item, arrival.now)).collect();
    let valid = parsed.iter().filter_map(|item| item.as_ref().ok().cloned()).collect();
    let mut accepted = accept_all(app, arrival, valid).await.into_iter();
    let items: Vec<BatchItem> = parsed
        .into_iter()
        .enumerate()
        .map(|(index, parsed)| match parsed {
            Err(rejection) => {
                metrics::counter!("rejected_total").increment(1);
                refused(index, None, Problem::from(rejection))
            }
            Ok(transaction) => match accepted.next() {
                Some(Ok(accepted)) => item(index, accepted),
                Some(Err(problem)) => refused(index, Some(transaction.msg_id), problem),
                None => refused(index, Some(transaction.msg_id), Problem::internal()),
            },
        })
        .collect();
    Ok(json(207, &BatchAnswer { items }))
}

fn split_lines(body: &[u8]) -> Vec<Vec<u8>> {
    let lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines.filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
}

/// Returns the array's elements as they are written in the body.
fn split_array(body: &[u8]) -> Result<Vec<Vec<u8>>, Problem> {
    let items: Vec<Box<RawValue>> = sentinel::json::read(body).map_err(|err| {
        let Unreadable { line, column, .. } = err;
        let detail = format!("The body is not a valid JSON array at line {line}, column {column}.");
        Problem::new(400, "Malformed JSON", detail)
    })?;
    Ok(items.into_iter().map(|item| item.get().as_bytes().to_vec()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_arrays_split_into_items() {
        assert_eq!(split_lines(b"{\"a\":1}\r\n\n {\"b\":2}"), [b"{\"a\":1}", b"{\"b\":2}"]);
        assert_eq!(split_array(b"[{\"a\":1}, 2]").unwrap(), [b"{\"a\":1}".to_vec(), b"2".to_vec()]);
        assert_eq!(split_array(b"[1,").unwrap_err().status, 400);
    }
}
