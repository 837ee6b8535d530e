//! Why a command has no answer.

use std::fmt;

use syntax::Diagnostic;

/// Bad input, usage or a refusal.
#[derive(Debug)]
pub enum Failure {
    /// With nothing to point at.
    Text(String),
    /// With a place in some text.
    Place(Box<Place>),
}

/// What is wrong in a text, and where the text is from.
#[derive(Debug)]
pub struct Place {
    diagnostic: Diagnostic,
    text: String,
    origin: String,
}

impl Failure {
    /// A problem with nothing to point at.
    pub fn text(message: impl fmt::Display) -> Failure {
        Failure::Text(message.to_string())
    }

    /// A problem with a place in some text, which came from `origin`.
    pub fn place(diagnostic: &Diagnostic, text: &str, origin: &str) -> Failure {
        let (diagnostic, text, origin) = (diagnostic.clone(), text.to_owned(), origin.to_owned());
        Failure::Place(Box::new(Place { diagnostic, text, origin }))
    }

    /// As it is shown, in a terminal that may have colours.
    pub fn shown(&self, colour: bool) -> String {
        match self {
            Failure::Text(message) => format!("error: {message}"),
            Failure::Place(place) => place.diagnostic.render(&place.text, &place.origin, colour),
        }
    }

    /// The sentence, and where something can be pointed at: the text, where that is from, and what is wrong there.
    pub fn parts(&self) -> (&str, Option<(&str, &str, &Diagnostic)>) {
        match self {
            Failure::Text(message) => (message, None),
            Failure::Place(place) => {
                (&place.diagnostic.message, Some((&place.text, &place.origin, &place.diagnostic)))
            }
        }
    }

    /// Without the word that says that it is one.
    pub fn message(&self) -> String {
        let shown = self.shown(false);
        shown.trim_start_matches("error: ").to_owned()
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown(false))
    }
}
