//! The report as one self-contained HTML page with plots as SVG.

use std::fmt::Write as _;

use super::metrics::float;
use super::report::{Report, Sample};
use super::tables::{self, Table, decimal, percent, with_interval};
use crate::progress::thousands;

const STYLE: &str = include_str!("report.css");
/// The inner area of a plot, in pixels; labels are outside it.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 64.0;
const TOP: f64 = 16.0;

/// The whole page.
pub(super) fn page(report: &Report) -> String {
    let title = escaped(&report.title);
    let mut body = format!("<h1>Backtest of {title}</h1>\n");
    overview(&mut body, report);
    section(&mut body, "Alerts a day", &days(report));
    if let Some(quality) = &report.quality {
        if !quality.curve.is_empty() {
            section(&mut body, "Precision and recall", &curve(report));
        }
        table(&mut body, &tables::rates(report));
        table(&mut body, &tables::typologies(report));
    }
    table(&mut body, &tables::stories(report));
    table(&mut body, &tables::missed(report));
    table(&mut body, &tables::kinds(&report.kinds.iter().collect::<Vec<_>>()));
    table(&mut body, &tables::periods("Since the first day", &report.phases));
    table(&mut body, &tables::periods("Week by week", &report.weeks));
    section(&mut body, "Rows by risk score", &scores(report));
    table(&mut body, &tables::levels(report));
    table(&mut body, &tables::rules(report));
    comparison(&mut body, report);
    for near in &report.samples {
        let seed = near.seed;
        let title = |side| format!("Just {side} the line of {} (seed {seed})", near.line);
        samples(&mut body, &title("above"), &near.above);
        samples(&mut body, &title("below"), &near.below);
    }
    table(&mut body, &tables::times(report));
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Backtest of {title}</title>\
         <style>{STYLE}</style></head>\n<body>\n{body}</body></html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn section(body: &mut String, title: &str, content: &str) {
    let _ = writeln!(body, "<h2>{}</h2>\n{content}", escaped(title));
}

fn overview(body: &mut String, report: &Report) {
    let (window, volume, versions) = (&report.window, &report.volume, &report.versions);
    let mut lines = vec![
        ("Rows", thousands(window.rows)),
        ("Rules", versions.rules.clone()),
        ("Reference data", versions.reference.clone()),
        ("Model", versions.model.clone().unwrap_or_else(|| "none".to_owned())),
        ("Alerts", format!("{}, {}", thousands(volume.alerts), percent(volume.alert_rate))),
        ("Opened", format!("{}; the others are hits on them", thousands(volume.opened))),
        ("Reviews", format!("{}, {}", thousands(volume.reviews), percent(volume.review_rate))),
    ];
    if let (Some(first), Some(last)) = (&window.first, &window.last) {
        lines.insert(1, ("From, to", format!("{first}, {last}")));
    }
    if let Some(stories) = &report.stories {
        lines.push(("Stories", tables::stories_line(stories)));
    }
    match &report.quality {
        None => lines.push(("Labels", "none: volumes only".to_owned())),
        Some(quality) => lines.extend([
            ("Laundering", format!("{} rows", thousands(quality.laundering))),
            ("Precision", with_interval(quality.precision, quality.precision_interval)),
            ("Recall", with_interval(quality.recall, quality.recall_interval)),
            ("With the reviews", percent(quality.recall_with_reviews)),
            ("F1", decimal(quality.f1)),
            ("PR-AUC by risk score", decimal(quality.pr_auc)),
            ("PR-AUC of the model", decimal(quality.pr_auc_of_model)),
        ]),
    }
    for file in &report.files {
        let summary = &file.summary;
        let text = format!("{}, SHA-256 {}", summary.name, summary.sha256);
        lines.push(("File", text));
        for fault in &file.faults {
            let left_out = format!("{} rows: {}", thousands(fault.rows), fault.reason);
            lines.push(("Left out", left_out));
        }
    }
    body.push_str("<dl>\n");
    for (name, figure) in lines {
        let _ = writeln!(body, "<dt>{name}</dt><dd>{}</dd>", escaped(&figure));
    }
    body.push_str("</dl>\n");
}

fn table(body: &mut String, table: &Table) {
    if table.rows.is_empty() {
        return;
    }
    let mut content = String::from("<table>");
    let cells = |content: &mut String, row: &[String], tag: &str| {
        content.push_str("<tr>");
        for cell in row {
            let _ = write!(content, "<{tag}>{}</{tag}>", escaped(cell));
        }
        content.push_str("</tr>\n");
    };
    cells(&mut content, &table.header, "th");
    table.rows.iter().for_each(|row| cells(&mut content, row, "td"));
    content.push_str("</table>");
    section(body, &table.title, &content);
}

fn comparison(body: &mut String, report: &Report) {
    let Some(comparison) = &report.comparison else { return };
    table(body, &tables::counts(comparison));
    samples(body, "Lost true positives", &comparison.lost_true_positives);
}

fn samples(body: &mut String, title: &str, samples: &[Sample]) {
    if samples.is_empty() {
        return;
    }
    let mut content = String::from("<table><tr><th>transaction</th><th>points</th>");
    content.push_str("<th>model</th><th>label</th><th>reasons</th></tr>\n");
    for sample in samples {
        let model = sample.probability.map_or_else(String::new, |p| format!("{p:.4}"));
        let label = sample.laundering_type.as_deref().unwrap_or_default();
        let reasons: Vec<String> = sample.reasons.iter().map(|text| escaped(text)).collect();
        let _ = writeln!(
            content,
            "<tr><td>{}<br><small>{}</small></td><td>{}</td><td>{model}</td><td>{}</td>\
             <td class=\"words\">{}</td></tr>",
            escaped(&sample.msg_id),
            sample.at,
            sample.points,
            escaped(label),
            reasons.join("<br>")
        );
    }
    content.push_str("</table>");
    section(body, title, &content);
}

/// An empty plot with its axes; `x` and `y` are labels from low to high.
fn plot(inside: &str, x: &[String], y: &[String], caption: &str) -> String {
    let mut svg = format!(
        "<figure><svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{caption}\">",
        LEFT + WIDTH + 16.0,
        TOP + HEIGHT + 28.0
    );
    let along = |at: usize, of: &[String]| float(at as u64) / float((of.len() - 1).max(1) as u64);
    for (at, label) in y.iter().enumerate() {
        let top = TOP + HEIGHT * (1.0 - along(at, y));
        let _ = write!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{top:.1}\" y2=\"{top:.1}\"/>\
             <text x=\"{}\" y=\"{:.1}\" class=\"y\">{}</text>",
            LEFT + WIDTH,
            LEFT - 6.0,
            top + 4.0,
            escaped(label)
        );
    }
    for (at, label) in x.iter().enumerate() {
        let left = LEFT + WIDTH * along(at, x);
        let below = TOP + HEIGHT + 18.0;
        let _ = write!(
            svg,
            "<text x=\"{left:.1}\" y=\"{below}\" class=\"x\">{}</text>",
            escaped(label)
        );
    }
    let _ = write!(svg, "{inside}</svg><figcaption>{}</figcaption></figure>", escaped(caption));
    svg
}

/// Bar number `at` of `of`, from `low` to `high` as shares of the height.
fn bar(
    svg: &mut String,
    (at, of): (usize, usize),
    (low, high): (f64, f64),
    class: &str,
    tip: &str,
) {
    let step = WIDTH / float(of.max(1) as u64);
    let _ = write!(
        svg,
        "<rect class=\"{class}\" x=\"{:.2}\" width=\"{:.2}\" y=\"{:.2}\" height=\"{:.2}\">\
         <title>{}</title></rect>",
        LEFT + step * float(at as u64),
        (step * 0.9).max(0.4),
        TOP + HEIGHT * (1.0 - high),
        (HEIGHT * (high - low)).max(0.0),
        escaped(tip)
    );
}

fn days(report: &Report) -> String {
    let days = &report.days;
    let most = days.iter().map(|day| day.alerts).max().unwrap_or_default().max(1);
    let mut svg = String::new();
    for (at, day) in days.iter().enumerate() {
        let tip = format!("{}: {} alerts of {} rows", day.date, day.alerts, day.rows);
        let share = |count: u64| float(count) / float(most);
        let place = (at, days.len());
        bar(&mut svg, place, (share(day.true_positives), share(day.alerts)), "alert", &tip);
        bar(&mut svg, place, (0.0, share(day.true_positives)), "true", &tip);
    }
    let ends = [days.first(), days.last()].into_iter().flatten();
    let ends: Vec<String> = ends.map(|day| day.date.clone()).collect();
    let y = ["0".to_owned(), thousands(most)];
    plot(&svg, &ends, &y, "Alerts a day; the darker part met laundering rows")
}

fn curve(report: &Report) -> String {
    let curve = report.quality.iter().flat_map(|quality| &quality.curve);
    let points: Vec<String> = curve
        .map(|point| {
            let (x, y) = (LEFT + WIDTH * point.recall, TOP + HEIGHT * (1.0 - point.precision));
            format!("{x:.1},{y:.1}")
        })
        .collect();
    let svg = format!("<polyline points=\"{}\"/>", points.join(" "));
    let axis: Vec<String> = ["0 %", "25 %", "50 %", "75 %", "100 %"].map(str::to_owned).into();
    plot(
        &svg,
        &axis,
        &axis,
        "Precision (up) at each recall, alerting from the highest risk score on",
    )
}

fn scores(report: &Report) -> String {
    let log = |count: u64| (float(count) + 1.0).log10();
    let most = report.scores.iter().map(|bin| bin.rows).max().unwrap_or_default();
    let mut svg = String::new();
    for (at, bin) in report.scores.iter().enumerate() {
        let share = |count: u64| log(count) / log(most.max(9));
        let tip = format!(
            "{:.2} to {:.2}: {} rows, {} alerts, {} laundering",
            bin.from, bin.to, bin.rows, bin.alerts, bin.laundering
        );
        let place = (at, report.scores.len());
        bar(&mut svg, place, (share(bin.laundering), share(bin.rows)), "rows", &tip);
        bar(&mut svg, place, (0.0, share(bin.laundering)), "true", &tip);
    }
    let x = ["0", "0.25", "0.5", "0.75", "1"].map(str::to_owned);
    let y = ["0".to_owned(), thousands(most)];
    plot(&svg, &x, &y, "Rows by risk score, on a logarithmic scale; the darker part is laundering")
}
