//! A file's bytes as UTF-8 text with LF at the end of every line, from UTF-8 with or without a
//! byte order mark, UTF-16 or Windows-1252, and from CR, LF or CRLF. It streams: one piece is in
//! memory at a time.
//!
//! Text without a mark is UTF-8 until its first bytes beyond ASCII show otherwise. A cell of a UTF-8
//! file that is not UTF-8 is left as it is, a fault of its row. CR ends a line only in a file
//! whose first lines know no LF; elsewhere a lone CR is part of a cell.

use std::io::{self, Read};

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::bytes::Bytes;

/// How much is examined before anything is decided, and how much is read at a time after that.
const PIECE_BYTES: usize = 1 << 17;

/// How to read text that is not UTF-8 and has no byte order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FallbackEncoding {
    /// What spreadsheets of Western Europe and America write.
    Windows1252,
    /// Nothing: JSON is UTF-8.
    None,
}

enum Encoding {
    /// Only ASCII so far.
    Ascii,
    Utf8,
    Other(Box<Decoder>),
}

pub(super) struct Text {
    bytes: Bytes,
    fallback: FallbackEncoding,
    encoding: Encoding,
    /// Whether a lone CR ends a line; `None` until the first piece is read.
    cr_ends_lines: Option<bool>,
    /// The last byte was a CR, whose meaning depends on the next byte.
    pending_cr: bool,
    raw: Vec<u8>,
    ready: Vec<u8>,
    at: usize,
    last: u8,
    ended: bool,
    /// Reported once everything read before it has been returned.
    broken: Option<io::Error>,
}

impl Text {
    pub(super) fn new(bytes: Bytes, fallback: FallbackEncoding) -> Self {
        Self {
            bytes,
            fallback,
            encoding: Encoding::Ascii,
            cr_ends_lines: None,
            pending_cr: false,
            raw: Vec::new(),
            ready: Vec::new(),
            at: 0,
            last: b'\n',
            ended: false,
            broken: None,
        }
    }

    /// Reads the next piece. The first is as long as the file allows, because much depends on it.
    fn advance(&mut self) {
        self.raw.clear();
        let wanted = PIECE_BYTES as u64;
        // Reads until the piece is full; an error is kept until the data before it is used.
        match self.bytes.by_ref().take(wanted).read_to_end(&mut self.raw) {
            Ok(_) => self.ended = (self.raw.len() as u64) < wanted,
            Err(err) => {
                self.broken = Some(err);
                self.ended = true;
            }
        }
        let first = self.cr_ends_lines.is_none();
        let mut raw = std::mem::take(&mut self.raw);
        if first {
            let mark = self.begin(&raw);
            raw.drain(..mark);
        }
        let decoded = self.decode(&raw);
        let text: &[u8] = decoded.as_deref().unwrap_or(&raw);
        if first {
            self.cr_ends_lines = Some(text.contains(&b'\r') && !text.contains(&b'\n'));
        }
        self.ready.clear();
        self.at = 0;
        self.end_lines(text);
        if let Some(last) = self.ready.last() {
            self.last = *last;
        }
        // The last line is ended too, so that lines are counted uniformly.
        if self.ended && self.broken.is_none() && self.last != b'\n' {
            self.last = b'\n';
            self.ready.push(b'\n');
        }
        self.raw = raw;
    }

    /// Determines the encoding as far as the first bytes show it; returns the length of the mark.
    fn begin(&mut self, raw: &[u8]) -> usize {
        let decoder = |encoding: &'static encoding_rs::Encoding| {
            Encoding::Other(Box::new(encoding.new_decoder_without_bom_handling()))
        };
        let (encoding, mark) = match raw {
            [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
            [0xff, 0xfe, ..] => (decoder(UTF_16LE), 2),
            [0xfe, 0xff, ..] => (decoder(UTF_16BE), 2),
            _ => match utf_16_without_mark(raw) {
                Some(encoding) => (decoder(encoding), 0),
                None => (Encoding::Ascii, 0),
            },
        };
        self.encoding = encoding;
        mark
    }

    /// The decoded text of a piece; `None` if it is UTF-8 already.
    fn decode(&mut self, raw: &[u8]) -> Option<Vec<u8>> {
        if matches!(self.encoding, Encoding::Ascii)
            && let Some(beyond) = raw.iter().position(|byte| !byte.is_ascii())
        {
            let other = self.fallback == FallbackEncoding::Windows1252
                && !is_utf8(&raw[beyond..], !self.ended);
            self.encoding = if other {
                Encoding::Other(Box::new(WINDOWS_1252.new_decoder_without_bom_handling()))
            } else {
                Encoding::Utf8
            };
        }
        let Encoding::Other(decoder) = &mut self.encoding else { return None };
        let most = decoder.max_utf8_buffer_length(raw.len()).unwrap_or(3 * raw.len() + 16);
        let mut text = vec![0; most];
        let (_, _, written, _) = decoder.decode_to_utf8(raw, &mut text, self.ended);
        text.truncate(written);
        Some(text)
    }

    /// Adds text with its line ends converted to LF.
    fn end_lines(&mut self, text: &[u8]) {
        let lone = if self.cr_ends_lines == Some(true) { b'\n' } else { b'\r' };
        let mut rest = text;
        if self.pending_cr && !rest.is_empty() {
            self.pending_cr = false;
            if rest[0] != b'\n' {
                self.ready.push(lone);
            }
        }
        while let Some(at) = rest.iter().position(|byte| *byte == b'\r') {
            self.ready.extend_from_slice(&rest[..at]);
            rest = &rest[at + 1..];
            match rest.first() {
                Some(b'\n') => {}
                Some(_) => self.ready.push(lone),
                None => self.pending_cr = true,
            }
        }
        self.ready.extend_from_slice(rest);
        if self.pending_cr && self.ended {
            self.pending_cr = false;
            self.ready.push(lone);
        }
    }
}

impl Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready.len() {
            if let Some(err) = self.broken.take() {
                return Err(err);
            }
            if self.ended {
                return Ok(0);
            }
            self.advance();
        }
        let length = buffer.len().min(self.ready.len() - self.at);
        buffer[..length].copy_from_slice(&self.ready[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

/// Whether most non-ASCII bytes are UTF-8. In Windows-1252 such letters are mostly surrounded by
/// ASCII, which is never valid UTF-8. If more text follows, the piece may end inside a letter.
fn is_utf8(bytes: &[u8], more: bool) -> bool {
    let (mut valid, mut invalid) = (0_usize, 0_usize);
    let mut chunks = bytes.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        valid += chunk.valid().chars().filter(|letter| !letter.is_ascii()).count();
        let cut = more && chunks.peek().is_none();
        invalid += usize::from(!chunk.invalid().is_empty() && !cut);
    }
    valid > invalid || invalid == 0
}

/// Recognises UTF-16 without a mark: nearly every second byte of a table is zero, and hardly any
/// other.
fn utf_16_without_mark(raw: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head = &raw[..raw.len().min(4_096) & !1];
    if head.len() < 8 {
        return None;
    }
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second, pairs) = (zeros(0), zeros(1), head.len() / 2);
    let mostly = |these: usize, others: usize| these * 10 >= pairs * 8 && others * 20 <= pairs;
    if mostly(second, first) {
        Some(UTF_16LE)
    } else if mostly(first, second) {
        Some(UTF_16BE)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], fallback: FallbackEncoding) -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, bytes).unwrap();
        let mut read = Vec::new();
        Text::new(Bytes::open(&path, false).unwrap(), fallback).read_to_end(&mut read).unwrap();
        read
    }

    #[track_caller]
    fn check(bytes: &[u8], expect: &str) {
        assert_eq!(String::from_utf8_lossy(&text(bytes, FallbackEncoding::Windows1252)), expect);
    }

    fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn every_encoding_becomes_utf8() {
        let cell = "Betrag;Empfänger €\nZoë 💶\n";
        check(cell.as_bytes(), cell);
        check(&[b"\xef\xbb\xbf", cell.as_bytes()].concat(), cell);
        for bytes in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
            check(&utf_16(&format!("\u{feff}{cell}"), bytes), cell);
            check(&utf_16("Betrag;Empf\u{e4}nger;Konto\n", bytes), "Betrag;Empfänger;Konto\n");
        }
        check(b"Empf\xe4nger;M\xfcller;\x80 5\n", "Empfänger;Müller;€ 5\n");
        check(b"Caf\xe9", "Café\n");
        check("é\n".as_bytes(), "é\n");
        check(b"", "");
    }

    #[test]
    fn a_late_letter_determines_the_encoding_too() {
        let ascii = "abcdefg\n".repeat(PIECE_BYTES / 4);
        check(&[ascii.as_bytes(), b"M\xfcller\n"].concat(), &format!("{ascii}Müller\n"));
        // The piece ends inside a letter.
        let ascii = "a".repeat(PIECE_BYTES - 1);
        check(format!("{ascii}é\n").as_bytes(), &format!("{ascii}é\n"));
    }

    #[test]
    fn one_broken_cell_of_a_utf8_file_stays_broken() {
        let bytes = b"M\xc3\xbcller\nZo\xc3\xab\nM\xfcller\n";
        assert_eq!(text(bytes, FallbackEncoding::Windows1252), bytes);
        assert_eq!(text(b"M\xfcller\n", FallbackEncoding::None), b"M\xfcller\n");
    }

    #[test]
    fn every_line_end_becomes_lf() {
        check(b"a\r\nb\r\n\r\nc", "a\nb\n\nc\n");
        check(b"a\rb\r\rc\r", "a\nb\n\nc\n");
        check(b"a\nb\rc\n", "a\nb\rc\n");
        // The piece ends between CR and LF.
        let line = "a".repeat(PIECE_BYTES - 1);
        check(format!("{line}\r\nb\r\n").as_bytes(), &format!("{line}\nb\n"));
    }
}
