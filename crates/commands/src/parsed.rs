//! The function that a command is about.

use experiments::{FAMILIES, Family};
use expr::{Function, UnrollError};
use harness::{Region, Subject};
use syntax::{Diagnostic, closest};

use crate::Failure;

/// The function that was given.
pub struct ParsedFunction {
    /// As it was written.
    pub text: String,
    /// Where that is from.
    pub origin: String,
    /// The family it is, with its size.
    pub family: Option<(&'static Family, usize)>,
    /// The core it is, and where its precondition holds.
    pub core: Option<(String, Region)>,
    /// With its axes, sizes bound.
    pub function: Function,
    /// The same, unrolled where something needs that.
    pub subject: Subject,
}

impl ParsedFunction {
    /// A function that is at hand, its sizes and data bound, with the text that it was read from.
    ///
    /// # Errors
    /// When it can be evaluated neither with its loops nor without them, in graphs of at most so many nodes.
    pub fn of(
        text: String,
        origin: String,
        function: Function,
        max_nodes: u64,
    ) -> Result<ParsedFunction, UnrollError> {
        let subject = function.check_data().and_then(|()| Subject::new(function.clone(), max_nodes))?;
        Ok(ParsedFunction { text, origin, family: None, core: None, function, subject })
    }

    /// Without axes: of a function that is large this is made when it is first asked for.
    pub fn flat(&self) -> Result<&Function, Failure> {
        self.subject.unrolled().map_err(|error| self.refused(&error))
    }

    /// Why the function cannot be unrolled, under its text.
    pub fn refused(&self, error: &UnrollError) -> Failure {
        Failure::place(&Diagnostic::unroll(error, &self.function, &self.text), &self.text, &self.origin)
    }

    /// What the function is called: by its definition, if that is the last statement, else f.
    pub fn name(&self) -> String {
        self.family.map_or_else(|| definition_name(&self.text), |_| "f".to_owned())
    }

    /// One line that says which function this is.
    pub fn title(&self) -> String {
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

/// What the function is called: by its definition, or the value that is given a name, if that is the last statement or the last
/// statement is its name; else f.
pub fn definition_name(text: &str) -> String {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let text = lines.collect::<Vec<_>>().join("\n");
    let is_name = |word: &str| {
        word.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && word.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '\'')
    };
    // The last `name(…) =` or `name =` outside brackets that begins a statement.
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
                let left = text[start..at].trim();
                let left = left.strip_prefix("let ").unwrap_or(left).trim_start();
                let word = left.split('(').next().unwrap_or_default().trim();
                if single && (left.ends_with(')') || left == word) && is_name(word) {
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
    let last = text.trim_end().trim_end_matches(';').rsplit([';', '\n']).next().unwrap_or_default().trim();
    let is_called = |(word, from): &(String, usize)| is_last(*from) || word == last;
    found.filter(is_called).map_or("f".to_owned(), |(word, _)| word)
}

/// What to ask where a text is almost the name of a family, and nothing else.
pub fn near_miss_of_a_family(text: &str) -> Option<String> {
    let name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let text = text.trim();
    let known =
        FAMILIES.iter().map(|family| family.name).filter(|_| text.len() > 3 && text.chars().all(name));
    closest(text, known)
        .filter(|family| *family != text)
        .map(|family| format!("did you mean the family {family}?"))
}

#[cfg(test)]
mod tests {
    use super::definition_name;

    #[test]
    fn a_function_has_the_name_that_its_last_statement_gives() {
        for (text, name) in [
            ("L(x, y, z) = (x + y)z", "L"),
            ("q = x + y; L = z*q", "L"),
            ("let q = x + y\nlet L = z*q # the loss\n", "L"),
            ("q = x + y; L = z*q; L", "L"),
            ("let q = x + y; q*z", "f"),
            ("g(t) = t^2; f(x) = g(x) + 1", "f"),
            ("g(t) = t^2; g(x) + 1", "f"),
            ("if(x == y, x, y)", "f"),
            ("x*y", "f"),
            ("b = a + a; b*b;", "f"),
            ("", "f"),
        ] {
            assert_eq!(definition_name(text), name, "{text}");
        }
    }
}
