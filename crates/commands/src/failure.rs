//! Why a command has no answer.

use std::fmt;

use syntax::{Diagnostic, Setting, Words};

/// Bad input, usage or a refusal.
#[derive(Debug)]
pub enum Failure {
    /// With nothing to point at.
    Text(String),
    /// Likewise, with what can be set about it.
    Set(String, Setting),
    /// With a place in some text.
    Place(Box<Place>),
}

/// What is wrong in a text, and where the text is from.
#[derive(Debug)]
pub struct Place {
    diagnostic: Diagnostic,
    text: String,
    origin: Origin,
}

/// Where a text is from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A file, an argument.
    Named(String),
    /// What was set.
    Setting(Setting),
}

impl From<&str> for Origin {
    fn from(name: &str) -> Origin {
        Origin::Named(name.to_owned())
    }
}

impl From<&String> for Origin {
    fn from(name: &String) -> Origin {
        Origin::Named(name.clone())
    }
}

impl From<Setting> for Origin {
    fn from(setting: Setting) -> Origin {
        Origin::Setting(setting)
    }
}

impl Failure {
    /// A problem with nothing to point at.
    pub fn text(message: impl fmt::Display) -> Failure {
        Failure::Text(message.to_string())
    }

    /// A problem with a place in some text, which came from `origin`.
    pub fn place(diagnostic: &Diagnostic, text: &str, origin: impl Into<Origin>) -> Failure {
        let (diagnostic, text) = (diagnostic.clone(), text.to_owned());
        Failure::Place(Box::new(Place { diagnostic, text, origin: origin.into() }))
    }

    /// As it is shown, in the words of a program, and in a terminal that may have colours.
    pub fn shown(&self, words: Words, colour: bool) -> String {
        match self {
            Failure::Text(message) => format!("error: {message}"),
            Failure::Set(message, setting) => match words(setting) {
                Some(advice) => format!("error: {message}; {advice}"),
                None => format!("error: {message}"),
            },
            Failure::Place(place) => {
                let origin = match &place.origin {
                    Origin::Named(name) => name.clone(),
                    Origin::Setting(setting) => words(setting).unwrap_or_default(),
                };
                place.diagnostic.clone().worded(words).render(&place.text, &origin, colour)
            }
        }
    }

    /// The sentence, and where something can be pointed at: the text, and what is wrong there.
    pub fn parts(&self) -> (&str, Option<(&str, &Diagnostic)>) {
        match self {
            Failure::Text(message) | Failure::Set(message, _) => (message, None),
            Failure::Place(place) => (&place.diagnostic.message, Some((&place.text, &place.diagnostic))),
        }
    }

    /// Without the word that says that it is one.
    pub fn message(&self, words: Words) -> String {
        let shown = self.shown(words, false);
        shown.trim_start_matches("error: ").to_owned()
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown(Setting::neutral, false))
    }
}
