//! A figure as files: its picture and its numbers.

use commands::chart::{Chart, Line};
use experiments::report::{self, Figure, Picture};

use super::heat_map;
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

fn line(curve: &report::Curve) -> Line {
    Line { name: curve.name.clone(), points: curve.points.clone(), fit: curve.fit }
}

/// Its picture, as SVG that stands by itself; nothing where the table says it.
pub(super) fn picture(figure: &Figure) -> Option<String> {
    let (title, about) = (&figure.title, &figure.about);
    Some(match &figure.picture {
        Picture::Curves { x, y, joined, is_error, curves } => Chart {
            title: title.clone(),
            about: about.split(". ").next().unwrap_or_default().to_owned(),
            x: x.clone(),
            y: y.clone(),
            lines: curves.iter().map(line).collect(),
            level: None,
            joined: *joined,
            is_error: *is_error,
        }
        .svg(),
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
