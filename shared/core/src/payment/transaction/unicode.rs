//! Invisible characters. In free text, whether one is harmless depends on the script around it; an
//! id must not contain any.

/// Whether a character has no visible form: zero-width characters, bidirectional controls, soft
/// hyphens, variation selectors, tags and fillers (Unicode's Default_Ignorable_Code_Point), and the
/// line and paragraph separators.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether every character is visible and has a meaning: no controls, no invisible, private-use or
/// noncharacter code points, and no white space except the plain space.
pub(super) fn is_printable(text: &str) -> bool {
    let unassigned = |c: char| {
        matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..) || (c as u32) & 0xfffe == 0xfffe
    };
    text.chars().all(|c| {
        c == ' ' || !(c.is_control() || c.is_whitespace() || is_invisible(c) || unassigned(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_not_printable() {
        for text in [
            "a\0b",
            "a\u{202e}b",
            "a\u{200b}b",
            "a\nb",
            "a\u{a0}b",
            "a\u{2028}b",
            "\u{e0041}",
            "\u{e000}",
        ] {
            assert!(!is_printable(text), "{text:?}");
        }
        for text in ["INV/2026/000123", "E2E 0001", "ravi.k@okbank", "#7", "Zoë", "振込 1", "🏠"]
        {
            assert!(is_printable(text), "{text:?}");
        }
    }
}
