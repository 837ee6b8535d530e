//! The function that a command is about.

use experiments::Family;
use expr::{Function, UnrollError};
use harness::{Region, Subject};
use syntax::Diagnostic;

use crate::failure::Failure;

/// The function that was given.
pub(crate) struct ParsedFunction {
    /// As it was written.
    pub(crate) text: String,
    /// Where that is from.
    pub(crate) origin: String,
    /// The family it is, with its size.
    pub(crate) family: Option<(&'static Family, usize)>,
    /// The core it is, and where its precondition holds.
    pub(crate) core: Option<(String, Region)>,
    /// With its axes, sizes bound.
    pub(crate) function: Function,
    /// The same, unrolled where something needs that.
    pub(crate) subject: Subject,
}

impl ParsedFunction {
    /// Without axes: of a function that is large this is made when it is first asked for.
    pub(crate) fn flat(&self) -> Result<&Function, Failure> {
        self.subject.unrolled().map_err(|error| self.refused(&error))
    }

    /// Why the function cannot be unrolled, under its text.
    pub(crate) fn refused(&self, error: &UnrollError) -> Failure {
        Failure::place(&Diagnostic::unroll(error, &self.function, &self.text), &self.text, &self.origin)
    }

    /// What the function is called: by its definition, if that is the last statement, else f.
    pub(crate) fn name(&self) -> String {
        self.family.map_or_else(|| definition_name(&self.text), |_| "f".to_owned())
    }

    /// One line that says which function this is.
    pub(crate) fn title(&self) -> String {
        if let Some((family, size)) = self.family {
            return format!("{}, n = {size}: {}", family.name, family.about);
        }
        let lines: Vec<&str> = self.text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let text = match lines.as_slice() {
            [line] if line.chars().count() <= 200 => (*line).to_owned(),
            [line, ..] => format!("{}…", line.chars().take(200).collect::<String>()),
            [] => String::new(),
        };
        match &self.core {
            Some((name, _)) => format!("{name}: {text}"),
            None => text,
        }
    }
}

/// What was given: one function, or a file of cores, some of which we may not be able to say.
pub(crate) enum Input {
    One(Box<ParsedFunction>),
    Cores(Vec<(String, Result<ParsedFunction, Diagnostic>)>),
}

/// What the function is called: by its definition, if that is the last statement, else f.
pub(crate) fn definition_name(text: &str) -> String {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let text = lines.collect::<Vec<_>>().join("\n");
    let is_name = |word: &str| {
        word.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && word.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '\'')
    };
    // The last `name(…) =` outside brackets that begins a statement.
    let mut found = None;
    let mut depth = 0;
    let mut start = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ';' | '\n' if depth == 0 => start = at + 1,
            '=' if depth == 0 => {
                let single = !text[at + 1..].starts_with('=') && !text[..at].ends_with(['=', '<', '>', '!']);
                let word = text[start..at].split('(').next().unwrap_or_default().trim();
                if single && text[start..at].trim_end().ends_with(')') && is_name(word) {
                    found = Some((word.to_owned(), start));
                }
            }
            _ => {}
        }
    }
    let is_last = |from: usize| {
        let mut depth = 0;
        let rest = text[from..].trim_end().trim_end_matches(';');
        !rest.chars().any(|c| {
            depth += i32::from(matches!(c, '(' | '[')) - i32::from(matches!(c, ')' | ']'));
            depth == 0 && matches!(c, ';' | '\n')
        })
    };
    found.filter(|(_, from)| is_last(*from)).map_or("f".to_owned(), |(word, _)| word)
}
