//! Text to tokens.

use std::ops::Range;

use super::diagnostic::Diagnostic;
use super::foreign::{foreign, foreign_sign};
use super::keywords::{begins_name, continues_name};

/// The kind of a token; its text is its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Name,
    /// An operator or bracket, by its plain spelling.
    Sign(&'static str),
    /// `;`, or a new line outside brackets.
    Break,
    End,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) place: Range<usize>,
}

/// Longer spellings first. Those from `!` on are no operators: the parser says what to write instead.
const SIGNS: [&str; 28] = [
    "**", "<=", ">=", "==", "!=", "..", "+", "-", "*", "/", "^", "<", ">", "=", "(", ")", "[", "]", ",", ";",
    "|", "√", "²", "³", "!", "%", "?", ":",
];

/// Operators that are accepted in another spelling.
const SPELLINGS: [(&str, &str); 5] = [("**", "^"), ("·", "*"), ("×", "*"), ("÷", "/"), ("−", "-")];

/// Operators that are words.
const WORDS: [&str; 3] = ["and", "or", "not"];

/// All tokens of a text, [`Kind::End`] last.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Diagnostic> {
    let mut tokens = Vec::new();
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, length) = if c == '#' {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        } else if c == '\n' {
            (Kind::Break, 1)
        } else if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        } else if c.is_ascii_digit() || (c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) {
            (Kind::Number, number_length(rest))
        } else if begins_name(c) {
            let length = rest.find(|c| !continues_name(c)).unwrap_or(rest.len());
            match WORDS.iter().find(|word| **word == &rest[..length]) {
                Some(word) => (Kind::Sign(word), length),
                None => (Kind::Name, length),
            }
        } else if let Some(error) = foreign_sign(text, at) {
            return Err(error);
        } else if let Some((sign, plain)) = SPELLINGS.iter().find(|(sign, _)| rest.starts_with(sign)) {
            (Kind::Sign(plain), sign.len())
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            match *sign {
                "(" | "[" => depth += 1,
                ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
            (if *sign == ";" { Kind::Break } else { Kind::Sign(sign) }, sign.len())
        } else {
            return Err(foreign(text, at));
        };
        // Inside brackets a new line is a space.
        if !(kind == Kind::Break && c == '\n' && depth > 0) {
            tokens.push(Token { kind, place: at..at + length });
        }
        at += length;
    }
    tokens.push(Token { kind: Kind::End, place: text.len()..text.len() });
    Ok(tokens)
}

/// `12`, `1.5`, `.5`, `2e-3`; an `e` that no digit follows is a name of its own.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes.get(from..).map_or(0, |rest| rest.iter().take_while(|byte| byte.is_ascii_digit()).count())
    };
    let mut length = digits(0);
    // `1..2` is a range, not a fraction.
    if bytes.get(length) == Some(&b'.') && bytes.get(length + 1) != Some(&b'.') {
        length += 1;
        length += digits(length);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}
