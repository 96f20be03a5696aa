//! Text in a form in which spellings of the same thing are equal: lower case, without accents and
//! invisible characters, compatibility forms and lookalikes of other scripts replaced by plain
//! letters and digits. Each character knows where it stands in the original.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::payment::transaction::is_invisible;

/// A folded character and its place in the original text.
#[derive(Debug, Clone, Copy)]
pub(super) struct FoldedChar {
    pub c: char,
    /// Whether it was a capital.
    pub capital: bool,
    /// Byte range of the original character.
    from: usize,
    to: usize,
}

/// A folded text and its words, which are maximal runs of letters and digits.
#[derive(Debug)]
pub(super) struct Folded {
    pub chars: Vec<FoldedChar>,
    pub words: Vec<Range<usize>>,
}

impl Folded {
    pub fn of(text: &str) -> Self {
        let mut chars = Vec::with_capacity(text.len());
        for (from, original) in text.char_indices().filter(|(_, c)| !is_invisible(*c)) {
            let to = from + original.len_utf8();
            let capital = original.is_uppercase();
            let plain = std::iter::once(original).nfkd().filter(|c| !is_combining_mark(*c));
            let lower = plain.flat_map(char::to_lowercase).flat_map(alike);
            chars.extend(lower.map(|c| FoldedChar { c, capital, from, to }));
        }
        let mut words = Vec::new();
        let mut at = 0;
        while at < chars.len() {
            let end = at + chars[at..].iter().take_while(|c| c.c.is_alphanumeric()).count();
            if end > at {
                words.push(at..end);
            }
            at = end.max(at + 1);
        }
        Self { chars, words }
    }

    pub fn text(&self, range: Range<usize>) -> String {
        self.chars[range].iter().map(|c| c.c).collect()
    }

    /// Returns the bytes of the original from which a range of characters was folded.
    pub fn original(&self, range: &Range<usize>) -> Range<usize> {
        let chars = &self.chars[range.clone()];
        let end = |c: &FoldedChar| c.to;
        chars.first().map_or(0, |c| c.from)..chars.last().map_or(0, end)
    }

    pub fn at(&self, index: usize) -> Option<char> {
        self.chars.get(index).map(|c| c.c)
    }

    pub fn is_digit(&self, index: usize) -> bool {
        self.at(index).is_some_and(|c| c.is_ascii_digit())
    }
}

/// Folds a text that is not shown and so needs no places.
pub(super) fn fold(text: &str) -> String {
    Folded::of(text).chars.iter().map(|c| c.c).collect()
}

/// Returns a lower-case character's plain form.
fn alike(c: char) -> impl Iterator<Item = char> {
    let two = |a, b| [Some(a), Some(b)];
    let plain = match c {
        'ß' => two('s', 's'),
        'æ' => two('a', 'e'),
        'œ' => two('o', 'e'),
        'þ' => two('t', 'h'),
        'ø' | 'о' | 'ο' => [Some('o'), None],
        'đ' | 'ð' | 'ԁ' => [Some('d'), None],
        'ł' => [Some('l'), None],
        'ı' | 'і' | 'ι' => [Some('i'), None],
        'а' | 'α' => [Some('a'), None],
        'в' | 'β' => [Some('b'), None],
        'е' | 'ε' => [Some('e'), None],
        'к' | 'κ' => [Some('k'), None],
        'м' => [Some('m'), None],
        'н' | 'η' => [Some('h'), None],
        'р' | 'ρ' => [Some('p'), None],
        'с' => [Some('c'), None],
        'σ' | 'ς' | 'ѕ' => [Some('s'), None],
        'т' | 'τ' => [Some('t'), None],
        'у' | 'γ' => [Some('y'), None],
        'х' | 'χ' => [Some('x'), None],
        'ј' => [Some('j'), None],
        'ν' => [Some('v'), None],
        'υ' => [Some('u'), None],
        'ω' | 'ѡ' => [Some('w'), None],
        'ԛ' => [Some('q'), None],
        _ => [Some(digit(c).unwrap_or(c)), None],
    };
    plain.into_iter().flatten()
}

/// Returns the ASCII digit for a decimal digit of another script.
fn digit(c: char) -> Option<char> {
    const ZEROS: [u32; 14] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50,
        0x17e0,
    ];
    let value = ZEROS.iter().filter_map(|zero| (c as u32).checked_sub(*zero)).find(|v| *v < 10)?;
    char::from_digit(value, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_thing_are_equal() {
        for (text, expect) in [
            ("MÜLLER", "muller"),
            ("Stra\u{df}e", "strasse"),
            ("W\u{200b}eber", "weber"),
            ("Ｗｅｂｅｒ", "weber"),
            ("Wеbеr", "weber"),
            ("Łódź", "lodz"),
            ("١٢٣", "123"),
            ("𝐖𝐞𝐛𝐞𝐫", "weber"),
        ] {
            assert_eq!(fold(text), expect, "{text}");
        }
    }

    #[test]
    fn ranges_lead_back_to_the_original() {
        let text = "an Ｗ\u{200b}eber Straße";
        let folded = Folded::of(text);
        let words: Vec<_> = folded.words.iter().map(|word| &text[folded.original(word)]).collect();
        assert_eq!(words, ["an", "Ｗ\u{200b}eber", "Straße"]);
    }
}
