//! The distributions of each segment's payments, by which thresholds are tuned.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contract::bodies::peers::{PeerFigures, PeerReport};
use contract::problem::Problem;
use edge::{Answer, InboundRequest, json, table_failed};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use lambda_http::RequestExt as _;
use sentinel::state::peers::{PeerSketches, Percentile, monday};

use crate::App;

const DEFAULT_WEEKS: i64 = 8;
/// Counts are not kept for longer.
const MAX_WEEKS: i64 = 26;
/// The percentiles reported beside the sketch, for clients without a library to read it.
const PERCENTILES: [&str; 6] = ["p50", "p90", "p95", "p99", "p99.5", "p99.9"];

/// `GET /api/v1/peers`.
pub async fn report(app: &App, inbound: &InboundRequest) -> Answer {
    let caller = inbound.caller()?;
    let parameters = inbound.request.query_string_parameters();
    let weeks = match parameters.first("weeks").filter(|text| !text.is_empty()) {
        None => DEFAULT_WEEKS,
        Some(text) => {
            let weeks: Option<i64> = text.parse().ok().filter(|n| (1..=MAX_WEEKS).contains(n));
            let wrong =
                || Problem::bad_request(format!("weeks is a number from 1 to {MAX_WEEKS}."));
            weeks.ok_or_else(wrong)?
        }
    };
    let until = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let since = until.checked_sub(Span::new().weeks(weeks)).map_err(|_| Problem::internal())?;
    let found = app.store.peers(&caller.tenant, monday(since)).await.map_err(table_failed)?;
    let (counted, first) = found;
    Ok(json(200, &body(&counted, first.unwrap_or(until).to_string(), until.to_string())))
}

fn body(counted: &PeerSketches, from: String, until: String) -> PeerReport {
    let percentiles =
        PERCENTILES.iter().filter_map(|text| Some((*text, Percentile::parse(text).ok()?)));
    let percentiles: Vec<_> = percentiles.collect();
    let groups = counted.groups().map(|group| {
        let measures = counted.to_bytes(group).into_iter().map(|(measure, sketch)| {
            let quantile = |(text, at): &(&str, Percentile)| {
                Some(((*text).to_owned(), counted.quantile(group, &measure, at.share())?))
            };
            let figures = PeerFigures {
                payments: counted.payments(group, &measure),
                percentiles: percentiles.iter().filter_map(quantile).collect(),
                sketch: STANDARD.encode(sketch),
            };
            (measure, figures)
        });
        (group.to_owned(), measures.collect())
    });
    PeerReport { from, until, groups: groups.collect() }
}
