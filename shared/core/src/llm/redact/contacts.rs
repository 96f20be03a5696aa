//! Finds how to reach somebody: e-mail addresses, web addresses, handles of messengers.

use super::Kind;
use super::claims::Claims;
use super::folded::Folded;

/// Endings of web addresses that are written without `www`.
const TOP_LEVEL: &str = "com net org info biz io co me app dev shop online site xyz eu uk de fr es \
    it nl be ch at pl pt cz sk hu ro bg gr tr ru ua by kz us ca mx br ar cl au nz jp cn hk sg in id \
    my th vn ph ae sa il eg ng ke za se no dk fi ie lu li is lt lv ee hr rs ba mk al md ge am az";

pub(super) fn claim(folded: &Folded, claims: &mut Claims) {
    claim_at_signs(folded, claims);
    claim_links(folded, claims);
}

/// Claims e-mail addresses, payment addresses such as `name@bank`, and handles such as `@name`.
fn claim_at_signs(folded: &Folded, claims: &mut Claims) {
    let part = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
    for at in 0..folded.chars.len() {
        let (width, sign) = match folded.at(at) {
            Some('@') => (1, true),
            // `name (at) host`, `name [at] host`
            Some('(' | '[') if folded.text(at + 1..(at + 3).min(folded.chars.len())) == "at" => {
                (4, false)
            }
            _ => continue,
        };
        let spaces = |c: Option<char>| usize::from(!sign && c == Some(' '));
        let mut from = at - spaces(at.checked_sub(1).and_then(|at| folded.at(at)));
        let mut to = at + width;
        to += spaces(folded.at(to));
        let name_end = from;
        while from > 0 && folded.at(from - 1).is_some_and(part) {
            from -= 1;
        }
        let host = to;
        while folded.at(to).is_some_and(part) {
            to += 1;
        }
        while to > host && folded.at(to - 1).is_some_and(|c| "._%+-".contains(c)) {
            to -= 1;
        }
        if to == host || (from == name_end && !sign) {
            continue;
        }
        let kind = if from < name_end { Kind::Email } else { Kind::Handle };
        claims.add(from..to, kind, folded.text(from..to));
    }
}

/// Claims web addresses, with or without a scheme.
fn claim_links(folded: &Folded, claims: &mut Claims) {
    let inside = |c: char| !c.is_whitespace() && !"<>\"'()[]{}".contains(c);
    let mut at = 0;
    while at < folded.chars.len() {
        let start = at;
        let starts = start == 0 || !folded.at(start - 1).is_some_and(char::is_alphanumeric);
        if !starts || !folded.at(start).is_some_and(char::is_alphanumeric) {
            at += 1;
            continue;
        }
        let end = start + folded.chars[start..].iter().take_while(|c| inside(c.c)).count();
        let text = folded.text(start..end);
        let text = text.trim_end_matches(['.', ',', ';', ':', '!', '?']);
        let end = start + text.chars().count();
        if is_link(text) {
            claims.add(start..end, Kind::Url, text.to_owned());
            at = end;
        } else {
            at += folded.chars[start..].iter().take_while(|c| c.c.is_alphanumeric()).count();
        }
    }
}

fn is_link(text: &str) -> bool {
    if let Some((scheme, rest)) = text.split_once("://") {
        return scheme.chars().all(|c| c.is_ascii_alphanumeric()) && !rest.is_empty();
    }
    if text.starts_with("www.") && text.len() > 4 {
        return true;
    }
    let host = text.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let [before @ .., last] = &labels[..] else { return false };
    let label = |label: &&str| {
        label.len() >= 2 && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let lettered = before.iter().any(|label| label.chars().any(|c| c.is_ascii_alphabetic()));
    !before.is_empty()
        && lettered
        && before.iter().all(label)
        && TOP_LEVEL.split_whitespace().any(|known| known == *last)
}
