//! How answers are written: numbers, tables, JSON, files.

pub(crate) mod data_table;
pub(crate) mod files;
pub(crate) mod progress;

use harness::Outcome;

use crate::args::default_failing;

/// What a command leaves: its text, and the words that occur in it.
pub(crate) struct Output {
    pub(crate) text: String,
    pub(crate) words: Vec<&'static str>,
    /// The words that make the exit status 1.
    pub(crate) failing: Vec<String>,
}

impl Output {
    /// Of a command that judges nothing.
    pub(crate) fn text(text: String) -> Output {
        Output { text, words: Vec::new(), failing: Vec::new() }
    }

    /// Of a command that judges by the default words.
    pub(crate) fn judged(text: String, outcome: Option<Outcome>) -> Output {
        let words = outcome.into_iter().map(Outcome::word).collect();
        Output { text, words, failing: default_failing() }
    }

    pub(crate) fn fails(&self) -> bool {
        self.words.iter().any(|word| self.failing.iter().any(|failing| failing == word))
    }
}

/// Whether to colour what goes to a terminal; <https://no-color.org>.
pub(crate) fn colour(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
