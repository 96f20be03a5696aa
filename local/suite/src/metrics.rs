//! Turns the functions' CloudWatch EMF lines into Prometheus text: in the cloud CloudWatch reads them,
//! here the suite does, under the same names.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

/// Upper bounds of latency buckets, in milliseconds.
const BUCKETS: [f64; 12] =
    [0.1, 0.5, 1.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 1_000.0, 5_000.0, 30_000.0];

/// Everything counted so far.
#[derive(Debug, Default)]
pub struct Metrics(Mutex<BTreeMap<String, BTreeMap<String, Series>>>);

#[derive(Debug, Clone)]
enum Series {
    Counter(f64),
    Gauge(f64),
    Histogram { buckets: [u64; BUCKETS.len()], count: u64, sum: f64 },
}

impl Metrics {
    /// Counts a line of metrics; false if it is not one.
    pub fn collect(&self, line: &str) -> bool {
        if !line.contains("\"_aws\"") {
            return false;
        }
        let Ok(document) = serde_json::from_str::<Value>(line) else { return false };
        let directives = document["_aws"]["CloudWatchMetrics"].as_array();
        for directive in directives.into_iter().flatten() {
            let dimensions = directive["Dimensions"][0].as_array().cloned().unwrap_or_default();
            let labels: Vec<(String, String)> = dimensions
                .iter()
                .filter_map(|name| {
                    let name = name.as_str()?;
                    Some((name.to_owned(), document[name].as_str()?.to_owned()))
                })
                .collect();
            for metric in directive["Metrics"].as_array().into_iter().flatten() {
                if let Some(name) = metric["Name"].as_str() {
                    self.add(name, &labels, &document[name]);
                }
            }
        }
        true
    }

    /// Counts an invocation of a function.
    pub fn invoked(&self, function: &str, ok: bool, latency: Duration) {
        let labels = vec![("function".to_owned(), function.to_owned())];
        self.add("invocation_latency_ms", &labels, &(latency.as_secs_f64() * 1_000.0).into());
        if !ok {
            self.add("invocation_errors_total", &labels, &1.into());
        }
    }

    /// Sets how many messages a queue holds now.
    pub fn queue_depth(&self, queue: &str, messages: u64) {
        let labels = vec![("queue".to_owned(), queue.to_owned())];
        self.add("queue_messages", &labels, &messages.into());
    }

    pub fn restarted(&self, function: &str) {
        let labels = vec![("function".to_owned(), function.to_owned())];
        self.add("instance_restarts_total", &labels, &1.into());
    }

    fn add(&self, name: &str, labels: &[(String, String)], value: &Value) {
        let mut all = self.state();
        let series = all.entry(name.to_owned()).or_default().entry(label_text(labels));
        let observations = observations(value);
        if name.ends_with("_total") {
            if let Series::Counter(sum) = series.or_insert(Series::Counter(0.0)) {
                *sum += observations.iter().map(|(value, times)| value * times).sum::<f64>();
            }
        } else if name.contains("latency") {
            let empty = Series::Histogram { buckets: [0; BUCKETS.len()], count: 0, sum: 0.0 };
            if let Series::Histogram { buckets, count, sum } = series.or_insert(empty) {
                for (value, times) in observations {
                    observe(buckets, count, sum, value, times);
                }
            }
        } else if let Some((value, _)) = observations.last() {
            *series.or_insert(Series::Gauge(0.0)) = Series::Gauge(*value);
        }
    }

    fn state(&self) -> MutexGuard<'_, BTreeMap<String, BTreeMap<String, Series>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The text exposition format, version 0.0.4.
    pub fn render(&self) -> String {
        let mut text = String::new();
        for (name, series) in self.state().iter() {
            let kind = match series.values().next() {
                Some(Series::Counter(_)) => "counter",
                Some(Series::Gauge(_)) => "gauge",
                Some(Series::Histogram { .. }) => "histogram",
                None => continue,
            };
            // Writing to a String cannot fail.
            let _ = writeln!(text, "# TYPE {name} {kind}");
            for (labels, series) in series {
                render(&mut text, name, labels, series);
            }
        }
        text
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "EMF counts are whole and small"
)]
fn observe(
    buckets: &mut [u64; BUCKETS.len()],
    count: &mut u64,
    sum: &mut f64,
    value: f64,
    times: f64,
) {
    let times_whole = times as u64;
    for (bucket, bound) in buckets.iter_mut().zip(BUCKETS) {
        if value <= bound {
            *bucket += times_whole;
        }
    }
    *count += times_whole;
    *sum += value * times;
}

/// Values and their counts, from a number, an array of numbers, or `Values` with `Counts`.
fn observations(value: &Value) -> Vec<(f64, f64)> {
    match value {
        Value::Number(number) => number.as_f64().map(|v| (v, 1.0)).into_iter().collect(),
        Value::Array(values) => values.iter().filter_map(Value::as_f64).map(|v| (v, 1.0)).collect(),
        Value::Object(members) => {
            let list = |name: &str| members.get(name).and_then(Value::as_array);
            let (values, counts) = (list("Values"), list("Counts"));
            let numbers = |list: Option<&Vec<Value>>| -> Vec<f64> {
                list.into_iter().flatten().filter_map(Value::as_f64).collect()
            };
            numbers(values).into_iter().zip(numbers(counts)).collect()
        }
        _ => Vec::new(),
    }
}

fn label_text(labels: &[(String, String)]) -> String {
    let pairs = labels.iter().map(|(name, value)| {
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("{name}=\"{value}\"")
    });
    pairs.collect::<Vec<_>>().join(",")
}

fn render(text: &mut String, name: &str, labels: &str, series: &Series) {
    let braced = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
    match series {
        Series::Counter(value) | Series::Gauge(value) => {
            let _ = writeln!(text, "{name}{braced} {value}");
        }
        Series::Histogram { buckets, count, sum } => {
            let comma = if labels.is_empty() { "" } else { "," };
            for (bound, bucket) in BUCKETS.iter().zip(buckets) {
                let _ = writeln!(text, "{name}_bucket{{{labels}{comma}le=\"{bound}\"}} {bucket}");
            }
            let _ = writeln!(text, "{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {count}");
            let _ = writeln!(text, "{name}_sum{braced} {sum}");
            let _ = writeln!(text, "{name}_count{braced} {count}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emf_becomes_prometheus() {
        let metrics = Metrics::default();
        let line = r#"{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"N",
            "Dimensions":[["level"]],"Metrics":[{"Name":"decisions_total"},
            {"Name":"latency_ms"},{"Name":"budget_left"}]}]},"level":"rules",
            "decisions_total":2,"latency_ms":{"Values":[3.0,7.0],"Counts":[2,1]},"budget_left":9}"#;
        assert!(metrics.collect(&line.replace('\n', "")));
        assert!(metrics.collect(&line.replace('\n', "")));
        assert!(!metrics.collect("{\"message\":\"a log line\"}"));
        let text = metrics.render();
        for expected in [
            "# TYPE decisions_total counter",
            "decisions_total{level=\"rules\"} 4",
            "latency_ms_bucket{level=\"rules\",le=\"5\"} 4",
            "latency_ms_count{level=\"rules\"} 6",
            "budget_left{level=\"rules\"} 9",
        ] {
            assert!(text.contains(expected), "{expected} in\n{text}");
        }
    }
}
