//! A function of two inputs as contours, with the path of a gradient descent.

use std::fmt::Write;

use commands::contours::Grid;
use commands::markup::escape;
use commands::output::number::brief;
use commands::stepper::rounded;
use commands::{Failure, ParsedFunction, Points};

use super::Differentiated;
use crate::pictures::panel::{Panel, head};

const WIDTH: f64 = 760.0;
const SIDE: f64 = 470.0;
const TOP: f64 = 92.0;
/// Cells along each side.
const CELLS: usize = 140;
/// Steps of the descent, and how often one is halved.
const STEPS: usize = 1_000;
const HALVINGS: usize = 60;
/// The descent ends where no component of the gradient is larger than this, times 1 + |f|.
const TOLERANCE: f64 = 1e-8;
/// The share of the decrease that the gradient promises which a step must bring (Armijo 1966).
const SUFFICIENT: f64 = 1e-4;
/// Low to high: dark blue to yellow, which differ in lightness too.
const LOW: [f64; 3] = [48.0, 52.0, 150.0];
const MIDDLE: [f64; 3] = [33.0, 145.0, 140.0];
const HIGH: [f64; 3] = [226.0, 172.0, 30.0];

/// The picture, and what it shows.
pub(super) fn draw(
    given: &ParsedFunction,
    f: &mut Differentiated,
    [x, y]: [(f64, f64); 2],
    points: &Points,
) -> Result<(String, String), Failure> {
    let [start] = points.all.as_slice() else {
        return Err(Failure::text("a descent has one start; several points are given"));
    };
    let name = given.name();
    let names = given.subject.names().all();
    let path = descent(f, start);
    let end = path.last().expect("there is the start");
    let steps = path.len() - 1;
    let told = format!(
        "contours of {name}; gradient descent with line search from {} = {}, {} = {}{}: {steps} step{}, to {}, {}, where {name} = {}",
        names[0],
        brief(start[0]),
        names[1],
        brief(start[1]),
        points.origin(0),
        if steps == 1 { "" } else { "s" },
        brief(end[0]),
        brief(end[1]),
        brief(f.value(end))
    );
    let about = format!(
        "contours of {name}; ○ start and ● end of a gradient descent with line search, {steps} steps"
    );
    let mut out = head(WIDTH, TOP + SIDE + 52.0, &super::title(given), &about);
    let panel = Panel { id: "plane", left: 70.0, top: TOP, width: SIDE + 40.0, height: SIDE, x, y };
    panel.axes(&mut out, &names[0], &names[1]);
    let grid = Grid::of(x, y, CELLS, |point| f.value(point));
    let levels = grid.levels();
    for (k, level) in levels.iter().enumerate() {
        let colour = colour(k as f64 / (levels.len() - 1).max(1) as f64);
        let mut lines = String::new();
        for [from, to] in grid.contour(*level) {
            let ((a, b), (c, d)) = (panel.place(from), panel.place(to));
            let _ = write!(lines, "M{a:.1} {b:.1}L{c:.1} {d:.1}");
        }
        let _ = writeln!(out, r#"<path d="{lines}" fill="none" stroke="{colour}" stroke-width="1.6"/>"#);
        // The key stands beside the plane, the highest on top.
        let (left, middle) =
            (panel.left + panel.width + 18.0, TOP + 28.0 + 22.0 * (levels.len() - 1 - k) as f64);
        let _ = writeln!(
            out,
            r#"<line x1="{left}" y1="{middle}" x2="{}" y2="{middle}" stroke="{colour}" stroke-width="3"/><text class="soft" x="{}" y="{}">{}</text>"#,
            left + 26.0,
            left + 33.0,
            middle + 4.0,
            rounded(*level, 4)
        );
    }
    let _ = writeln!(
        out,
        r#"<text class="ink" x="{}" y="{}">{}</text>"#,
        panel.left + panel.width + 18.0,
        TOP + 8.0,
        escape(&name)
    );
    let line: Vec<(f64, f64)> = path.iter().map(|point| (point[0], point[1])).collect();
    panel.curve(&mut out, &line, r#"class="path" stroke-width="1.8""#);
    panel.mark(&mut out, line[0], "");
    panel.mark(&mut out, (end[0], end[1]), r#"style="fill:currentColor""#);
    Ok((out + "</svg>\n", told))
}

/// Gradient descent; each step begins at twice the last one's length and is halved until f decreases enough.
fn descent(f: &mut Differentiated, start: &[f64]) -> Vec<Vec<f64>> {
    let mut path = vec![start.to_vec()];
    let mut length = 1.0;
    for _ in 0..STEPS {
        let at = path.last().expect("there is the start").clone();
        let (value, gradient) = (f.value(&at), f.gradient(&at));
        let square: f64 = gradient.iter().map(|slope| slope * slope).sum();
        let largest = gradient.iter().fold(0.0, |most: f64, slope| most.max(slope.abs()));
        if !value.is_finite() || !square.is_finite() || largest <= TOLERANCE * (1.0 + value.abs()) {
            break;
        }
        let step = |length: f64| -> Vec<f64> {
            at.iter().zip(&gradient).map(|(x, slope)| x - length * slope).collect()
        };
        let lengths = (0..HALVINGS).map(|k| 2.0 * length * 0.5f64.powi(k as i32));
        let mut found = lengths.map(|length| (length, step(length)));
        match found.find(|(length, next)| f.value(next) <= value - SUFFICIENT * length * square) {
            Some((taken, next)) => {
                length = taken;
                path.push(next);
            }
            None => break,
        }
    }
    path
}

fn colour(share: f64) -> String {
    let (from, to, share) = match share < 0.5 {
        true => (LOW, MIDDLE, 2.0 * share),
        false => (MIDDLE, HIGH, 2.0 * share - 1.0),
    };
    let [r, g, b] = [0, 1, 2].map(|k| (from[k] + share * (to[k] - from[k])).round());
    format!("rgb({r},{g},{b})")
}
