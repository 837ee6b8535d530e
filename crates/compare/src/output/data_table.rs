//! Plain tables for other programs and documents: CSV and Markdown.

use std::borrow::Cow;

use comfy_table::ColumnConstraint;
use commands::output::{json, table};
use serde::Serialize;

/// Named columns and rows of text.
pub(crate) struct DataTable {
    columns: Vec<Cow<'static, str>>,
    rows: Vec<Vec<String>>,
}

impl DataTable {
    pub(crate) fn new(columns: &[&'static str]) -> DataTable {
        DataTable { columns: columns.iter().map(|&column| Cow::Borrowed(column)).collect(), rows: Vec::new() }
    }

    /// The same with columns whose names are not known beforehand.
    pub(crate) fn named(columns: Vec<String>) -> DataTable {
        DataTable { columns: columns.into_iter().map(Cow::Owned).collect(), rows: Vec::new() }
    }

    pub(crate) fn push(&mut self, row: Vec<String>) {
        debug_assert_eq!(row.len(), self.columns.len());
        self.rows.push(row);
    }

    /// Sheets of the same columns below each other, each with its own name in a first column.
    pub(crate) fn stacked(
        column: &'static str,
        tables: impl Iterator<Item = (String, DataTable)>,
    ) -> DataTable {
        let mut all = DataTable::new(&[column]);
        for (name, data_table) in tables {
            all.columns.splice(1.., data_table.columns);
            all.rows.extend(data_table.rows.into_iter().map(|mut row| {
                row.insert(0, name.clone());
                row
            }));
        }
        all
    }

    /// For programs, under the name of its schema.
    pub(crate) fn json(&self, schema: &'static str) -> String {
        json::text(&Document { schema, columns: &self.columns, rows: &self.rows })
    }

    /// For the terminal.
    pub(crate) fn table(&self) -> String {
        let mut table = table::ruled();
        table.set_header(&self.columns);
        table.add_rows(&self.rows);
        // Names are to be typed as they stand.
        table.column_mut(0).expect("there are columns").set_constraint(ColumnConstraint::ContentWidth);
        table::narrowed(table).to_string()
    }

    /// RFC 4180.
    pub(crate) fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = self.columns.iter().map(|column| column.as_bytes());
        let rows = self.rows.iter().map(|row| row.iter().map(String::as_bytes));
        writer.write_record(header).expect("memory takes every row");
        rows.for_each(|row| writer.write_record(row).expect("memory takes every row"));
        String::from_utf8(writer.into_inner().expect("memory takes every row")).expect("cells are text")
    }

    /// A pipe table.
    pub(crate) fn markdown(&self) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let escape = |cell: &String| cell.replace('|', "\\|").replace('\n', " ");
        let numeric = |k: usize| {
            self.rows
                .iter()
                .all(|row| row[k].is_empty() || row[k].starts_with(|c: char| c.is_ascii_digit() || c == '-'))
        };
        let rule =
            (0..self.columns.len()).map(|k| if numeric(k) { "--:".to_owned() } else { "---".to_owned() });
        let mut text = line(self.columns.iter().map(|column| column.to_string()).collect());
        text += &line(rule.collect());
        text += &self.rows.iter().map(|row| line(row.iter().map(escape).collect())).collect::<String>();
        text
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    columns: &'a [Cow<'static, str>],
    rows: &'a [Vec<String>],
}
