//! Curves over logarithmic axes.

use experiments::report::Curve;

use crate::pictures::chart::{Chart, Line};

pub(super) fn svg(title: &str, about: &str, x: &str, y: &str, joined: bool, curves: &[Curve]) -> String {
    let line =
        |curve: &Curve| Line { name: curve.name.clone(), points: curve.points.clone(), fit: curve.fit };
    Chart {
        title: title.to_owned(),
        about: about.split(". ").next().unwrap_or_default().to_owned(),
        x: x.to_owned(),
        y: y.to_owned(),
        lines: curves.iter().map(line).collect(),
        level: None,
        joined,
    }
    .svg()
}
