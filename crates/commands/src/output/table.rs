//! Tables and sentences in the terminal.

use comfy_table::{ContentArrangement, Table, TableComponent, presets};

use super::terminal;

/// A table with a rule above and below it and below its header, as all are here.
pub fn ruled() -> Table {
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

/// The first of several tables that is no wider than the terminal, or the last.
pub fn fitting(tables: impl Iterator<Item = Table>) -> Table {
    let mut last = None;
    for table in tables {
        if fits(&table) {
            return table;
        }
        last = Some(table);
    }
    last.expect("there is a table")
}

/// A table whose longest cells are broken so that it is no wider than the terminal.
pub fn narrowed(mut table: Table) -> Table {
    if !fits(&table) {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(terminal::width() as u16);
    }
    table
}

/// Whether a table is no wider than the terminal.
fn fits(table: &Table) -> bool {
    table.lines().map(|line| line.chars().count()).max().unwrap_or(0) <= terminal::width()
}

/// Breaks a sentence into lines of the terminal's width.
pub fn wrap(text: &str) -> String {
    wrap_behind(text, "")
}

/// Likewise, with something before every line but the first.
pub fn wrap_behind(text: &str, before: &str) -> String {
    wrapped(text, before, terminal::width())
}

/// A text in lines of at most so many characters, where its words allow.
pub fn broken(text: &str, width: usize) -> Vec<String> {
    wrapped(text, "", width).lines().map(str::to_owned).collect()
}

fn wrapped(text: &str, before: &str, width: usize) -> String {
    let mut words = text.split(' ');
    let mut lines = vec![words.next().unwrap_or_default().to_owned()];
    for word in words {
        let line = lines.last_mut().expect("there is a line");
        // White space that begins a text is kept.
        if !line.trim().is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(format!("{before}{word}"));
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_no_longer_than_asked() {
        assert_eq!(wrapped("one two three", "", 7), "one two\nthree");
        assert_eq!(wrapped("one two three", "  ", 8), "one two\n  three");
        assert_eq!(wrapped("incomprehensibilities", "", 5), "incomprehensibilities");
        assert_eq!(wrapped("", "", 5), "");
        assert_eq!(wrapped("  a  b", "", 50), "  a  b");
    }
}
