//! Finds a text table's header: the delimiter of its cells, the number of title lines above it, and
//! the map that fits its columns.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;

use csv::{ReaderBuilder, Terminator};

use super::column_map::ColumnMap;
use super::{DatasetError, open_text};

/// Possible delimiters, in order of preference.
const DELIMITERS: [u8; 4] = *b",;\t|";
/// Most title lines above a header.
const MOST_TITLES: usize = 10;
/// A header and the lines above it must fit into this.
const HEAD_BYTES: u64 = 1 << 16;

/// The names of a table's columns as used in its map: a repeated one is `Account.1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    names: Vec<String>,
}

impl Header {
    pub(super) fn new(cells: impl Iterator<Item = impl AsRef<str>>) -> Self {
        let mut counts: HashMap<String, u32> = HashMap::new();
        let mut names = Vec::new();
        for cell in cells {
            let name = words(cell.as_ref());
            let count = counts.entry(name.to_lowercase()).or_default();
            names.push(match *count {
                0 => name,
                _ if name.is_empty() => name,
                more => format!("{name}.{more}"),
            });
            *count += 1;
        }
        Self { names }
    }

    /// The position of a column, ignoring case and extra spaces.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let name = words(name);
        let same = |known: &String| {
            known.eq_ignore_ascii_case(&name) || known.to_lowercase() == name.to_lowercase()
        };
        self.names.iter().position(|known| !known.is_empty() && same(known))
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of columns without unnamed ones at the end, which spreadsheets leave.
    pub(super) fn width(&self) -> usize {
        self.names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1)
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where a text table's rows begin, and its delimiter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) delimiter: u8,
    /// Records above the header.
    pub(super) titles: usize,
    pub(super) header: Header,
}

/// The possible layouts: every delimiter with every one of the first lines as header.
pub(super) fn layouts(path: &Path, gzip: bool) -> Result<Vec<Layout>, DatasetError> {
    let mut head = Vec::new();
    let read = open_text(path, gzip)?.take(HEAD_BYTES).read_to_end(&mut head);
    // A file that breaks off after its header is read up to there.
    if let Err(source) = read
        && head.is_empty()
    {
        return Err(DatasetError::Io { path: path.to_owned(), source });
    }
    // Spreadsheets may name their delimiter in a first line, as in `sep=;`.
    let declared = match head.get(..5) {
        Some([s, e, p, b'=', delimiter]) if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => {
            Some(*delimiter)
        }
        _ => None,
    };
    let delimiters = declared.map_or_else(|| DELIMITERS.to_vec(), |delimiter| vec![delimiter]);
    let mut found = Vec::new();
    for delimiter in delimiters {
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .terminator(Terminator::Any(b'\n'))
            .has_headers(false)
            .flexible(true)
            .from_reader(&*head);
        for (titles, record) in reader.byte_records().take(MOST_TITLES + 1).enumerate() {
            let Ok(record) = record else { break };
            let header = Header::new(record.iter().map(String::from_utf8_lossy));
            found.push(Layout { delimiter, titles, header });
        }
    }
    Ok(found)
}

/// The first layout that has all columns of one of the maps, and that map; otherwise the error names
/// what is missing from the closest one.
pub(super) fn choose<'a>(
    path: &Path,
    layouts: Vec<Layout>,
    maps: Vec<Cow<'a, ColumnMap>>,
) -> Result<(Layout, Cow<'a, ColumnMap>), DatasetError> {
    let mut best: Option<(usize, Layout, usize)> = None;
    for layout in layouts {
        for (which, map) in maps.iter().enumerate() {
            let missing = missing(map, &layout.header).count();
            if best.as_ref().is_none_or(|(least, ..)| missing < *least) {
                best = Some((missing, layout.clone(), which));
            }
        }
    }
    let found = best.and_then(|(_, layout, which)| Some((layout, maps.into_iter().nth(which)?)));
    let (layout, map) = found.ok_or_else(|| super::unreadable(path, "it is empty"))?;
    let column = missing(&map, &layout.header).next().map(str::to_owned);
    match column {
        Some(column) => Err(DatasetError::MissingColumn { path: path.to_owned(), column }),
        None => Ok((layout, map)),
    }
}

fn missing<'a>(map: &'a ColumnMap, header: &Header) -> impl Iterator<Item = &'a str> {
    let names = map.required().map(|column| column.name.as_str());
    names.filter(move |name| header.find(name).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_name_is_numbered() {
        let header = Header::new(["From  Bank", "Account", "To Bank", "account", "", ""].iter());
        assert_eq!(header.names(), ["From Bank", "Account", "To Bank", "account.1", "", ""]);
        assert_eq!((header.find("ACCOUNT.1"), header.find("from bank")), (Some(3), Some(0)));
        assert_eq!((header.find(""), header.width()), (None, 4));
    }

    #[test]
    fn names_beyond_ascii_are_found_in_either_case() {
        let header = Header::new(["EMPFÄNGER"].iter());
        assert_eq!(header.find("Empfänger"), Some(0));
    }
}
