//! Output shared by the commands: tables, and text to standard output.

use std::io::Write as _;

/// A table with columns as wide as their widest cell; rows have as many cells as the heading.
pub(crate) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let chars = |text: &str| text.chars().count();
    let widths: Vec<usize> = heading
        .iter()
        .enumerate()
        .map(|(at, name)| rows.iter().map(|row| chars(&row[at])).fold(chars(name), usize::max))
        .collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let heading = line(heading.to_vec());
    let rows = rows.iter().map(|row| line(row.iter().map(String::as_str).collect()));
    [heading].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

/// Prints to standard output; a reader that stops early is not an error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
