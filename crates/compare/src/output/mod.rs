//! How answers are written: numbers, tables, JSON, files.

pub(crate) mod data_table;
pub(crate) mod files;
pub(crate) mod json;
pub(crate) mod number;
pub(crate) mod progress;
pub(crate) mod remarks;
pub(crate) mod table;
pub(crate) mod terminal;

/// Whether to colour what goes to a terminal; <https://no-color.org>.
pub(crate) fn colour(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
