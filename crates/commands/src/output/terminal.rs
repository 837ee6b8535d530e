//! What is known of the terminal.

use comfy_table::Cell;

/// Columns where nothing is known.
const UNKNOWN: usize = 80;
/// Narrower than this nothing is laid out.
const LEAST: usize = 40;

/// How many columns lines may have: what COLUMNS says, else what the terminal says, else 80.
pub fn width() -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|text| text.trim().parse().ok());
    let found = said.or_else(terminal);
    found.filter(|&columns| columns > 0).unwrap_or(UNKNOWN).max(LEAST)
}

#[cfg(feature = "terminal")]
fn terminal() -> Option<usize> {
    comfy_table::Table::new().width().map(usize::from)
}

#[cfg(not(feature = "terminal"))]
fn terminal() -> Option<usize> {
    None
}

/// A cell in red, where there are colours.
pub fn red(text: String) -> Cell {
    let cell = Cell::new(text);
    #[cfg(feature = "terminal")]
    let cell = cell.fg(comfy_table::Color::Red);
    cell
}

/// A cell in yellow, where there are colours.
pub fn yellow(text: String) -> Cell {
    let cell = Cell::new(text);
    #[cfg(feature = "terminal")]
    let cell = cell.fg(comfy_table::Color::Yellow);
    cell
}

/// A cell in bold, where a terminal has that.
pub fn bold(text: String) -> Cell {
    let cell = Cell::new(text);
    #[cfg(feature = "terminal")]
    let cell = cell.add_attribute(comfy_table::Attribute::Bold);
    cell
}
