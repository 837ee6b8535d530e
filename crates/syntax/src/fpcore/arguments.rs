//! The arguments of a core, and names.

use super::form::{FormId, Forms};
use crate::Diagnostic;
use crate::{is_function, is_reserved};

/// The arguments of a core.
#[derive(Default)]
pub(super) struct Arguments<'t> {
    pub(super) all: Vec<Argument<'t>>,
}

pub(super) struct Argument<'t> {
    pub(super) name: &'t str,
    /// A name of our language.
    pub(super) legal: String,
    /// Whether a loop runs to it.
    pub(super) is_size: bool,
}

impl<'t> Arguments<'t> {
    pub(super) fn read(forms: &Forms<'t>, parameters: FormId) -> Result<Self, Diagnostic> {
        let wrong = |form: FormId, message: &str| Err(Diagnostic::at(forms.place(form), message, "not read"));
        let Some(list) = forms.list(parameters) else {
            return wrong(parameters, "the arguments of a core stand in brackets");
        };
        let mut all: Vec<Argument<'t>> = Vec::new();
        for &parameter in list {
            let name = match (forms.word(parameter), forms.call(parameter)) {
                (Some(name), _) => name,
                (_, Some(("!", [.., name]))) if forms.word(*name).is_some() => {
                    forms.word(*name).expect("just seen")
                }
                _ => return wrong(parameter, "arguments with dimensions (tensors) have no counterpart here"),
            };
            if is_number(name) {
                return wrong(parameter, "a number is no name");
            }
            if all.iter().any(|argument| argument.name == name) {
                return wrong(parameter, "two arguments of one name");
            }
            let mut legal = legal(name);
            while all.iter().any(|argument| argument.legal == legal) {
                legal.push('_');
            }
            all.push(Argument { name, legal, is_size: false });
        }
        Ok(Arguments { all })
    }

    /// From now on the argument is a size.
    pub(super) fn make_size(&mut self, legal: &str) {
        let found = self.all.iter_mut().find(|argument| argument.legal == legal);
        found.expect("an argument").is_size = true;
    }

    fn inputs(&self) -> impl Iterator<Item = &Argument<'t>> {
        self.all.iter().filter(|argument| !argument.is_size)
    }

    /// How many inputs there are.
    pub(super) fn input_count(&self) -> usize {
        self.inputs().count()
    }

    /// The position of the input of that name.
    pub(super) fn input(&self, name: &str) -> Option<usize> {
        self.inputs().position(|argument| argument.name == name)
    }

    /// The size that the argument of that name is.
    pub(super) fn size(&self, name: &str) -> Option<&str> {
        let found = self.all.iter().find(|argument| argument.name == name && argument.is_size)?;
        Some(&found.legal)
    }
}

/// Whether a word begins like a number.
pub(super) fn is_number(word: &str) -> bool {
    word.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit() || c == '.')
}

/// A name of our language for one of theirs.
pub(super) fn legal(name: &str) -> String {
    let letter = |c: char| match c {
        '*' => '\'',
        c if c.is_alphanumeric() && (c.is_alphabetic() || c.is_ascii_digit()) => c,
        '\'' => c,
        _ => '_',
    };
    let mut legal: String = name.chars().map(letter).collect();
    if !legal.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        legal.insert(0, '_');
    }
    if is_reserved(&legal) || is_function(&legal) {
        legal.push('_');
    }
    legal
}
