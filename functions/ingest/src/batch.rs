//! Batches: NDJSON or a JSON array, at most 500 transactions, an answer for each. Each line is read
//! on its own, so that one faulty item never takes its neighbours with it.

use contract::problem::Problem;
use edge::{Answer, json};
use sentinel::payment::transaction::{Rejection, Transaction};
use serde_json::value::RawValue;
use serde_json::{Value, json as value};

use crate::App;
use crate::accept::{Arrival, accept_all};
use crate::handler::known;

/// Transactions of a batch.
pub const MAX_ITEMS: usize = 500;

/// Answers 207 with the status of each item, in the items' order.
pub async fn handle(app: &App, arrival: Arrival<'_>, body: &[u8], lines: bool) -> Answer {
    let items = if lines { split_lines(body) } else { split_array(body)? };
    if items.len() > MAX_ITEMS {
        let detail = format!(
            "A batch may have at most {MAX_ITEMS} transactions; this one has {}. Send it in parts.",
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
    let answers: Vec<Value> = parsed
        .into_iter()
        .enumerate()
        .map(|(index, item)| match item {
            Err(rejection) => {
                metrics::counter!("rejected_total").increment(1);
                refused(index, None, Problem::from(rejection))
            }
            Ok(transaction) => match accepted.next() {
                Some(Ok(accepted)) => {
                    let (status_code, mut answer) = known(&accepted.receipt);
                    answer["index"] = index.into();
                    answer["status_code"] = status_code.into();
                    answer["replayed"] = accepted.replayed.into();
                    answer
                }
                Some(Err(problem)) => refused(index, Some(&transaction), problem),
                None => refused(index, Some(&transaction), Problem::internal()),
            },
        })
        .collect();
    Ok(json(207, &value!({ "items": answers })))
}

fn refused(index: usize, transaction: Option<&Transaction>, problem: Problem) -> Value {
    let mut answer = value!({
        "index": index,
        "status": "refused",
        "status_code": problem.status,
        "problem": problem,
    });
    if let Some(transaction) = transaction {
        answer["msg_id"] = transaction.msg_id.as_str().into();
    }
    answer
}

fn split_lines(body: &[u8]) -> Vec<Vec<u8>> {
    let lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines.filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
}

/// The array's elements as they stand in the body.
fn split_array(body: &[u8]) -> Result<Vec<Vec<u8>>, Problem> {
    let items: Vec<Box<RawValue>> = serde_json::from_slice(body).map_err(|err| {
        let detail = format!(
            "The body is not a valid JSON array at line {}, column {}.",
            err.line(),
            err.column()
        );
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
