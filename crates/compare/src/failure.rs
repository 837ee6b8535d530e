//! Failures that end the program with exit status 2.

use std::io::IsTerminal;

use syntax::Diagnostic;

/// Bad input, usage or I/O failure: what ends in exit status 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// With nothing to point at.
    #[error("error: {0}")]
    Text(String),
    /// With a place in some text, as it is shown.
    #[error("{0}")]
    Place(String),
}

impl Failure {
    /// A problem with nothing to point at.
    pub(crate) fn text(message: impl std::fmt::Display) -> Failure {
        Failure::Text(message.to_string())
    }

    /// A problem with a place in some text, which came from `origin`.
    pub(crate) fn place(diagnostic: &Diagnostic, text: &str, origin: &str) -> Failure {
        Failure::Place(diagnostic.render(
            text,
            origin,
            crate::output::colour(std::io::stderr().is_terminal()),
        ))
    }

    /// Without the word that says that it is one.
    pub(crate) fn message(&self) -> &str {
        match self {
            Failure::Text(message) => message,
            Failure::Place(shown) => shown.trim_start_matches("error: "),
        }
    }
}
