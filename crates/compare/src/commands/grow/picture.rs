//! What grew, as a picture.

use commands::output::number::count;
use experiments::grow::{Figure, Growth, Law};

use super::law;
use commands::chart::{Chart, Line};

/// Times against sizes, with the laws that were fitted.
pub(crate) fn picture(growth: &Growth, grows: &str, title: &str) -> String {
    let sizes = growth.sizes();
    let line = |variant: usize| {
        let points: Vec<(f64, f64)> =
            growth.variant(variant).filter_map(|row| Some((row.size as f64, row.gradient?.min))).collect();
        let fit = growth.fit(variant, Figure::Time).filter(|fit| fit.law == Law::Power);
        let name = growth.variants[variant].label();
        (!points.is_empty()).then(|| Line {
            name: fit.map_or(name.clone(), |fit| format!("{name}: {}", law(fit))),
            fit: fit
                .zip(points.first().zip(points.last()))
                .map(|(fit, (from, to))| [from.0, to.0].map(|n| (n, fit.ln_at(n).exp()))),
            points,
        })
    };
    let about = format!(
        "{}; sizes {}",
        title.lines().next().unwrap_or_default(),
        sizes.iter().map(|n| count(*n as u64)).collect::<Vec<_>>().join(", ")
    );
    Chart {
        title: format!("Time per gradient against {grows}"),
        about,
        x: grows.to_owned(),
        y: "nanoseconds per gradient".to_owned(),
        lines: (0..growth.variants.len()).filter_map(line).collect(),
        level: None,
        joined: true,
        is_error: false,
    }
    .svg()
}
