//! A figure as files: its picture and its numbers.

use experiments::report::{Figure, Picture};

use super::{chart, shades};
use crate::output::sheet::Sheet;
use crate::pictures::curves::{self, Curve};

/// The name of its files, without what follows the dot.
pub(super) fn stem(id: &str, figure: &Figure) -> String {
    format!("{id}-{}", figure.name)
}

/// Its numbers.
pub(super) fn sheet(figure: &Figure) -> Sheet {
    let mut sheet = Sheet::new(&figure.table.columns);
    figure.table.rows.iter().for_each(|row| sheet.push(row.clone()));
    sheet
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
        Picture::Shares { bins, rows } => shades::shares(title, bins, rows),
        Picture::Grid { columns, rows } => shades::grid(title, columns, rows),
        Picture::None => return None,
    })
}
