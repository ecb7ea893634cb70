//! Colours of Lua's source on a terminal.

use std::io::IsTerminal;

use super::complete::KEYWORDS;

/// Whether a stream is shown in colours.
pub fn on(stream: &impl IsTerminal) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

const KEYWORD: &str = "35";
const STRING: &str = "32";
const NUMBER: &str = "36";
const COMMENT: &str = "2";

/// Source with colours.
pub fn lua(source: &str) -> String {
    let mut text = String::with_capacity(source.len() * 2);
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (length, colour) = token(rest, first);
        let (token, after) = rest.split_at(length);
        match colour {
            Some(colour) => {
                // Each line for itself, as an editor may break the text there.
                for (index, line) in token.split('\n').enumerate() {
                    if index > 0 {
                        text.push('\n');
                    }
                    text.extend(["\x1b[", colour, "m", line, "\x1b[0m"]);
                }
            }
            None => text.push_str(token),
        }
        rest = after;
    }
    text
}

/// The length and the colour of what a text begins with.
fn token(text: &str, first: char) -> (usize, Option<&'static str>) {
    let while_true = |accept: fn(char) -> bool| text.find(|c| !accept(c)).unwrap_or(text.len());
    match first {
        'a'..='z' | 'A'..='Z' | '_' => {
            let length = while_true(|c| c.is_ascii_alphanumeric() || c == '_');
            (length, KEYWORDS.contains(&&text[..length]).then_some(KEYWORD))
        }
        '0'..='9' => (number(text), Some(NUMBER)),
        '.' if text[1..].starts_with(|c: char| c.is_ascii_digit()) => (number(text), Some(NUMBER)),
        '"' | '\'' => (quoted(text, first), Some(STRING)),
        '-' if text.starts_with("--") => {
            let length = bracketed(&text[2..]).map(|length| length + 2);
            (length.unwrap_or_else(|| text.find('\n').unwrap_or(text.len())), Some(COMMENT))
        }
        '[' => match bracketed(text) {
            Some(length) => (length, Some(STRING)),
            None => (1, None),
        },
        other => (other.len_utf8(), None),
    }
}

/// The length of a number, with the sign of its exponent.
fn number(text: &str) -> usize {
    let exponents: &[char] =
        if text.starts_with("0x") || text.starts_with("0X") { &['p', 'P'] } else { &['e', 'E'] };
    let mut before = ' ';
    let end = text.find(|c: char| {
        let part =
            c.is_ascii_alphanumeric() || c == '.' || matches!(c, '+' | '-') && exponents.contains(&before);
        before = c;
        !part
    });
    end.unwrap_or(text.len())
}

/// The length of a string in quotes, or of what there is of one.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' => return index,
            c if c == quote => return index + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a text in long brackets, or of what there is of one; `None` where there is none.
fn bracketed(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('[')?;
    let level = inner.find(|c| c != '=').unwrap_or(inner.len());
    if !inner[level..].starts_with('[') {
        return None;
    }
    let end = format!("]{}]", "=".repeat(level));
    Some(text.find(&end).map_or(text.len(), |start| start + end.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The source with each token that has a colour in angle brackets.
    fn marked(source: &str) -> String {
        let text = lua(source).replace("\x1b[0m", ">");
        [KEYWORD, STRING, NUMBER, COMMENT]
            .iter()
            .fold(text, |text, colour| text.replace(&format!("\x1b[{colour}m"), "<"))
    }

    #[test]
    fn tokens_have_colours() {
        assert_eq!(marked("local x = 1e+5+y"), "<local> x = <1e+5>+y");
        assert_eq!(marked(r#"f("a\"b") g'c'"#), r#"f(<"a\"b">) g<'c'>"#);
        assert_eq!(marked("a[b] [==[x]]y]==] --[[z]] -- end"), "a[b] <[==[x]]y]==]> <--[[z]]> <-- end>");
        assert_eq!(marked("0xA.8p-1 .5 a.b ending"), "<0xA.8p-1> <.5> a.b ending");
        assert_eq!(marked("[[a\nb"), "<[[a>\n<b>");
        assert_eq!(marked("\"ü"), "<\"ü>");
    }

    #[test]
    fn the_text_stays_the_same() {
        let source = "é = 'x' .. [[ü]] -- ö";
        let plain = lua(source);
        let bare: String = plain.split('\x1b').enumerate().fold(String::new(), |text, (index, part)| {
            text + if index == 0 { part } else { part.split_once('m').unwrap().1 }
        });
        assert_eq!(bare, source);
    }
}
