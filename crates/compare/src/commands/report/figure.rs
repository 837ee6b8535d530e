//! A figure as files: its picture and its numbers.

use experiments::report::{Figure, Picture};

use super::{chart, heat_map};
use crate::output::data_table::DataTable;
use crate::pictures::curves::{self, Curve};

/// The name of its files, without what follows the dot.
pub(super) fn stem(id: &str, figure: &Figure) -> String {
    format!("{id}-{}", figure.name)
}

/// Its numbers.
pub(super) fn data_table(figure: &Figure) -> DataTable {
    let mut data_table = DataTable::new(&figure.table.columns);
    figure.table.rows.iter().for_each(|row| data_table.push(row.clone()));
    data_table
}

/// Its picture, as SVG that stands by itself; nothing where the table says it.
pub(super) fn picture(figure: &Figure) -> Option<String> {
    let (title, about) = (&figure.title, &figure.about);
    Some(match &figure.picture {
        Picture::Curves { x, y, joined, curves } => chart::svg(title, about, x, y, *joined, curves),
        Picture::Steps { y, curves } => {
            let curves: Vec<Curve> = curves
                .iter()
                .map(|(name, numbers)| Curve { name: name.clone(), numbers: numbers.clone() })
                .collect();
            curves::svg(title, about, y, &curves)
        }
        Picture::Shares { bins, rows } => heat_map::shares(title, bins, rows),
        Picture::Grid { columns, rows } => heat_map::grid(title, columns, rows),
        Picture::None => return None,
    })
}
