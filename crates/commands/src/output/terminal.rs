//! What is known of the terminal.

/// Columns where nothing is known.
const UNKNOWN: usize = 80;
/// Narrower than this nothing is laid out.
const LEAST: usize = 40;

/// How many columns lines may have: what COLUMNS says, else what the terminal says, else 80.
pub fn width() -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|text| text.trim().parse().ok());
    let found = said.or_else(|| comfy_table::Table::new().width().map(usize::from));
    found.filter(|&columns| columns > 0).unwrap_or(UNKNOWN).max(LEAST)
}
