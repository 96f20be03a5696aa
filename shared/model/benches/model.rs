//! The cost of the model: loading it (cold start), one row, a row in batches of 10, 100 and 1000,
//! and one row's contributions. Medians in microseconds, after warm-up, single-threaded. If there
//! are `model.rows` and `model.answers` next to `model.onnx`, also the largest difference from
//! these answers.
//!
//! ```text
//! cargo bench -p model --bench model -- [model.onnx …]
//! ```
//!
//! Without arguments it measures two models of the unit tests, which are small; models of real
//! sizes come from `training/bench_models.py`, which runs this bench and onnxruntime by turns.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use model::{Model, features_sha256};
use sha2::{Digest, Sha256};

type Failure = Box<dyn std::error::Error>;

/// The least time to measure each figure.
const TIME: Duration = Duration::from_millis(700);

#[expect(clippy::print_stdout, reason = "a bench reports on stdout")]
fn main() -> Result<(), Failure> {
    let mut paths: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    if paths.is_empty() {
        let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/src/fixtures");
        paths = ["lightgbm", "forest"].map(|name| format!("{fixtures}/{name}.onnx")).into();
    }
    println!(
        "model, MB, load µs, row µs, row in 10 µs, row in 100 µs, row in 1000 µs, reasons µs, apart"
    );
    for path in paths {
        let onnx = std::fs::read(&path)?;
        let (card, columns) = card(&onnx)?;
        let names = names(columns);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let load = median(|| Model::load(&onnx, &card, &names).map(|_| ()))?;
        let model = Model::load(&onnx, &card, &names)?;
        let rows = rows(columns);
        let mut next = (0..rows.len()).cycle();
        let mut row = || &rows[next.next().unwrap_or(0)];

        let mut figures = vec![load, median(|| model.risk(row()).map(|_| ()))?];
        for size in [10, 100, 1000] {
            let per_batch = median(|| model.risk_batch(black_box(&rows[..size])).map(|_| ()))?;
            figures.push(per_batch / f64::from(u16::try_from(size)?));
        }
        figures.push(median(|| model.contributions(row()).map(|_| ()))?);
        let mut figures: Vec<String> = figures.iter().map(|f| format!("{f:.1}")).collect();
        figures.extend(apart(&model, Path::new(&path), columns)?.map(|most| format!("{most:.2e}")));
        let name = path.rsplit('/').next().unwrap_or(&path);
        let megabytes = onnx.len() as f64 / 1e6;
        println!("{name}, {megabytes:.2}, {}", figures.join(", "));
    }
    Ok(())
}

/// The largest difference from the answers next to the model's file, if there are any.
fn apart(model: &Model, path: &Path, columns: usize) -> Result<Option<f64>, Failure> {
    let (rows, answers) = (path.with_extension("rows"), path.with_extension("answers"));
    if !rows.exists() {
        return Ok(None);
    }
    let (rows, answers) = (floats(&rows)?, floats(&answers)?);
    let rows: Vec<&[f32]> = rows.chunks_exact(columns).collect();
    if rows.len() != answers.len() {
        return Err("rows and answers differ in number".into());
    }
    let risks = model.risk_batch(&rows)?;
    let differences =
        risks.iter().zip(&answers).map(|(risk, a)| (risk.raw() - f64::from(*a)).abs());
    Ok(Some(differences.fold(0.0, f64::max)))
}

/// Reads a file of 32-bit floats, little-endian.
fn floats(path: &Path) -> Result<Vec<f32>, Failure> {
    let bytes = std::fs::read(path)?;
    Ok(bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect())
}

/// Returns the median microseconds per call.
fn median<E>(mut call: impl FnMut() -> Result<(), E>) -> Result<f64, E> {
    let mut times = Vec::new();
    let end = Instant::now() + TIME;
    while Instant::now() < end || times.len() < 5 {
        let start = Instant::now();
        black_box(call())?;
        times.push(start.elapsed().as_secs_f64() * 1e6);
    }
    // The first fifth warms up.
    let warm = &mut times[..];
    let from = warm.len() / 5;
    let warm = &mut warm[from..];
    warm.sort_by(f64::total_cmp);
    Ok(warm[warm.len() / 2])
}

/// Makes a card that fits the file, and returns it with the number of columns: a model can be
/// measured without a card of its own.
fn card(onnx: &[u8]) -> Result<(String, usize), Failure> {
    let make = |columns: usize| {
        let features = names(columns);
        serde_json::json!({
            "name": "bench", "created": "", "command": "", "data": {"files": []}, "split": null,
            "features": features, "features_sha256": features_sha256(&features),
            "onnx_sha256": hex::encode(Sha256::digest(onnx)),
            "calibration": {"method": "platt", "a": 1.0, "b": 0.0},
            "metrics": null, "covers": "none", "limits": [],
        })
        .to_string()
    };
    // A card with the wrong number of columns is refused, and the error names the file's.
    match Model::load(onnx, &make(0), &[]) {
        Err(model::ModelError::Columns { onnx: columns, .. }) => Ok((make(columns), columns)),
        Err(error) => Err(error.into()),
        Ok(_) => Err("a model without columns".into()),
    }
}

fn names(columns: usize) -> Vec<String> {
    (0..columns).map(|i| format!("f{i}")).collect()
}

/// Makes a thousand rows of spread-out values with a linear congruential generator (Numerical
/// Recipes) of fixed seed.
fn rows(columns: usize) -> Vec<Vec<f32>> {
    let mut state = 20_261_123_u32;
    let mut value = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let uniform = f64::from(state >> 8) / f64::from(1 << 24);
        #[expect(clippy::cast_possible_truncation, reason = "features are 32-bit floats")]
        let lognormal = (2.4 * (uniform - 0.5) / (1.05 - uniform)).exp() as f32;
        lognormal
    };
    (0..1000).map(|_| (0..columns).map(|_| value()).collect()).collect()
}
