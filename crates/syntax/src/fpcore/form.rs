//! Text to forms: what is between brackets, and what is not.

use std::ops::Range;

use crate::Diagnostic;

/// The position of a form among all forms of a text.
pub(super) type FormId = usize;

/// A piece of a text.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) place: Range<usize>,
    /// What is between its brackets; nothing for a word, number or string.
    pub(super) children: Option<Vec<FormId>>,
}

/// A text with all its forms, children before parents.
pub(super) struct Forms<'t> {
    pub(super) text: &'t str,
    pub(super) all: Vec<Form>,
    /// Those between no brackets.
    pub(super) top: Vec<FormId>,
}

impl<'t> Forms<'t> {
    /// Reads a text; `(` and `[` are the same, but for their other half.
    pub(super) fn read(text: &'t str) -> Result<Forms<'t>, Diagnostic> {
        let mut forms = Forms { text, all: Vec::new(), top: Vec::new() };
        // Brackets that are open: where, and what is in them so far.
        let mut open: Vec<(usize, Vec<FormId>)> = Vec::new();
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let rest = &text[at..];
            let (length, children) = match c {
                c if c.is_whitespace() || c == '\u{feff}' => {
                    at += c.len_utf8();
                    continue;
                }
                ';' => {
                    at += rest.find('\n').unwrap_or(rest.len());
                    continue;
                }
                '(' | '[' => {
                    open.push((at, Vec::new()));
                    at += 1;
                    continue;
                }
                ')' | ']' => {
                    let Some((start, children)) = open.pop() else {
                        return Err(Diagnostic::at(
                            at..at + 1,
                            "a bracket that was never opened",
                            "closes nothing",
                        ));
                    };
                    let expected = if text.as_bytes()[start] == b'(' { ')' } else { ']' };
                    if c != expected {
                        let message = format!("`{c}` where `{expected}` is expected");
                        return Err(Diagnostic::at(at..at + 1, message, "closes another bracket"));
                    }
                    at = start;
                    (text[start..].len() - rest.len() + 1, Some(children))
                }
                '"' => (
                    string_length(rest)
                        .ok_or_else(|| Diagnostic::at(at..at + 1, "a text without its end", "begins here"))?,
                    None,
                ),
                _ => (rest.find(ends_word).unwrap_or(rest.len()), None),
            };
            forms.all.push(Form { place: at..at + length, children });
            let id = forms.all.len() - 1;
            match open.last_mut() {
                Some((_, inside)) => inside.push(id),
                None => forms.top.push(id),
            }
            at += length;
        }
        match open.pop() {
            Some((start, _)) => {
                Err(Diagnostic::at(start..start + 1, "a bracket without its end", "opened here"))
            }
            None => Ok(forms),
        }
    }

    pub(super) fn place(&self, id: FormId) -> Range<usize> {
        self.all[id].place.clone()
    }

    /// The word, number or string that it is.
    pub(super) fn word(&self, id: FormId) -> Option<&'t str> {
        let form = &self.all[id];
        form.children.is_none().then(|| &self.text[form.place.clone()])
    }

    /// What is between its brackets.
    pub(super) fn list(&self, id: FormId) -> Option<&[FormId]> {
        self.all[id].children.as_deref()
    }

    /// Its first word and the rest, where it is between brackets.
    pub(super) fn call(&self, id: FormId) -> Option<(&'t str, &[FormId])> {
        let [head, rest @ ..] = self.list(id)? else { return None };
        Some((self.word(*head)?, rest))
    }
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '"' | ';')
}

/// With its quotes; nothing when the second is missing.
fn string_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}
