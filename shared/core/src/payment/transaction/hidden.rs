//! Detects characters that hide or reorder text, as opposed to those that its script needs:
//! direction marks in Hebrew and Arabic, joiners in Persian, Indic scripts and emoji, soft hyphens
//! and break opportunities.

use super::unicode::is_invisible;

/// Whether the text contains characters that hide or reorder it.
pub(super) fn hides(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let right_to_left = chars.iter().any(|c| is_right_to_left(*c));
    (0..chars.len()).any(|at| is_invisible(chars[at]) && hides_at(&chars, at, right_to_left))
}

/// Whether removing an invisible character would change what a reader sees: joiners and variation
/// selectors shape their neighbours.
pub(super) fn is_needed(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn hides_at(chars: &[char], at: usize, right_to_left: bool) -> bool {
    match chars[at] {
        // Overrides display letters in a different order; no script needs them.
        '\u{202d}' | '\u{202e}' => true,
        // A right-to-left embedding or isolate in a text without right-to-left letters.
        '\u{202b}' | '\u{2067}' => !right_to_left,
        // Harmless leftovers of copying from other programs.
        '\u{202a}' | '\u{202c}' | '\u{2066}' | '\u{2068}' | '\u{2069}' => false,
        '\u{ad}' => false,
        '\u{e0000}'..='\u{e007f}' => !in_flag(chars, at),
        // One selector shapes the character before it. Western letters need none, and a second one
        // in a row could carry a hidden message.
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => {
            at == 0 || is_invisible(chars[at - 1]) || is_western(chars[at - 1])
        }
        _ => {
            let before = chars[..at].iter().rev().find(|c| !is_invisible(**c));
            let behind = chars[at + 1..].iter().find(|c| !is_invisible(**c));
            let inside = before.is_some_and(|c| is_western(*c) || c.is_ascii_digit())
                && behind.is_some_and(|c| is_western(*c) || c.is_ascii_digit());
            // Three in a row could spell a hidden message.
            let run =
                at >= 2 && chars[at - 2..at].iter().all(|c| is_invisible(*c) && !is_needed(*c));
            inside || run
        }
    }
}

/// Whether a tag belongs to a flag: those of England, Scotland and Wales are a black flag followed
/// by their code in tag characters.
fn in_flag(chars: &[char], at: usize) -> bool {
    let tag = |c: &&char| matches!(**c, '\u{e0020}'..='\u{e007f}');
    let before = chars[..at].iter().rev();
    let count = before.clone().take_while(tag).count();
    count <= 6 && before.clone().nth(count) == Some(&'\u{1f3f4}')
}

/// Whether a character is a Latin, Greek or Cyrillic letter; these scripts need no invisible ones.
fn is_western(c: char) -> bool {
    c.is_alphabetic()
        && matches!(c, 'A'..='z' | '\u{aa}'..='\u{24f}' | '\u{370}'..='\u{52f}'
        | '\u{1e00}'..='\u{1fff}')
}

fn is_right_to_left(c: char) -> bool {
    c.is_alphabetic()
        && matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: bool) {
        assert_eq!(hides(text), expect, "{text:?}");
    }

    #[test]
    fn what_a_script_or_a_copy_needs_hides_nothing() {
        for text in [
            "می\u{200c}روم به خانه",
            "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} cadeau",
            "שכר דירה \u{200f}יוני",
            "كتاب\u{200f} 12",
            "\u{202b}كتاب\u{202c} 12",
            "Avis d’échéance\u{ad} loyer",
            "Miet\u{ad}zahlung",
            "\u{202a}+32 475 12 34 56\u{202c}",
            "ค่า\u{200b}เช่า",
            "क्\u{200d}ष",
            "I \u{2764}\u{fe0f} you",
            "1\u{fe0f}\u{20e3} rent",
            "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} match",
            "\u{feff}rent",
            "rent\u{200b}",
        ] {
            check(text, false);
        }
    }

    #[test]
    fn what_hides_or_reorders_is_seen() {
        for text in [
            "rent\u{202e} may",
            "ta\u{200b}x",
            "lo\u{200d}an",
            "in\u{2060}voice",
            "rent\u{2067} may",
            "rent \u{e0069}\u{e0067}\u{e006e}",
            "rent\u{fe01}\u{fe02}\u{fe03}",
            "rent \u{200b}\u{200b}\u{200b}\u{200b} ",
        ] {
            check(text, true);
        }
    }
}
