//! Tables and sentences in the terminal.

use comfy_table::{Table, TableComponent, presets};

/// A table with a rule above and below it and below its header, as all are here.
pub(crate) fn ruled() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    for rule in [
        TableComponent::TopBorder,
        TableComponent::TopBorderIntersections,
        TableComponent::HeaderLines,
        TableComponent::MiddleHeaderIntersections,
        TableComponent::BottomBorder,
        TableComponent::BottomBorderIntersections,
    ] {
        table.set_style(rule, '─');
    }
    table
}

/// Breaks a sentence into lines of at most 100 characters.
pub(crate) fn wrap(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is a line");
        if !line.is_empty() && line.chars().count() + word.chars().count() >= 100 {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}
