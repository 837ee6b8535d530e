//! A function of one input above its derivative.

use chainrule::{Budget, Strategy, Symbolic, Want};
use commands::ParsedFunction;
use commands::compare::formulas::with_where;
use commands::output::number::{brief, number};
use expr::Function;

use super::Differentiated;
use crate::pictures::panel::{Panel, head, range};

const WIDTH: f64 = 760.0;
const LEFT: f64 = 70.0;
const PANEL: f64 = 214.0;
/// Points at which a curve is looked at first.
const POINTS: usize = 500;
/// Intervals in which it changes by more than this share of the picture are halved…
const STEEP: f64 = 0.02;
/// … so often at most; what still changes then is a jump or a pole, and the curve is broken there…
const HALVINGS: usize = 14;
/// … as long as there are not more points than this.
const MOST: usize = 8_000;
/// Longer formulas are not written beside their curve.
const FORMULA: usize = 76;
const CURVE: &str = r##"fill="none" stroke="#0072b2" stroke-width="2.5""##;
const SLOPE: &str = r##"fill="none" stroke="#d55e00" stroke-width="2.5""##;
const TANGENT: &str = r#"class="path" stroke-width="1.3" stroke-dasharray="5 4""#;

/// The picture, with tangents at these points; and what it shows.
pub(super) fn draw(
    given: &ParsedFunction,
    f: &mut Differentiated,
    x: (f64, f64),
    at: &[f64],
) -> (String, String) {
    let name = given.name();
    let input = given.subject.names().name(0);
    let values = Pieces::of(x, &mut |x| f.value(&[x]));
    let slopes = Pieces::of(x, &mut |x| f.gradient(&[x])[0]);
    let about = format!("{name} and its derivative, {input} from {} to {}", number(x.0), number(x.1));
    let height = 92.0 + 2.0 * PANEL + 56.0 + 44.0;
    let mut out = head(WIDTH, height, &super::title(given), &about);
    let panel =
        |id, top: f64, y| Panel { id, left: LEFT, top, width: WIDTH - LEFT - 24.0, height: PANEL, x, y };
    let above = panel("f", 92.0, values.range);
    let below = panel("slope", 92.0 + PANEL + 56.0, slopes.range);
    above.axes(&mut out, "", &format!("{name}({input})"));
    let derivative = format!("{name}'({input})");
    let formula = formula(&given.function).filter(|text| text.chars().count() <= FORMULA);
    below.axes(
        &mut out,
        &input,
        &formula.map_or(derivative.clone(), |text| format!("{derivative} = {text}")),
    );
    for piece in &values.pieces {
        above.curve(&mut out, piece, CURVE);
    }
    for piece in &slopes.pieces {
        below.curve(&mut out, piece, SLOPE);
    }
    let mut tangents = Vec::new();
    for &point in at {
        let (value, slope) = (f.value(&[point]), f.gradient(&[point])[0]);
        if value.is_finite() && slope.is_finite() {
            let ends = [x.0, x.1].map(|end| (end, value + slope * (end - point)));
            above.curve(&mut out, &ends, TANGENT);
            above.mark(&mut out, (point, value), "");
            below.mark(&mut out, (point, slope), "");
            tangents.push(format!("{} with slope {}", brief(point), brief(slope)));
        }
    }
    out += "</svg>\n";
    let told =
        if tangents.is_empty() { String::new() } else { format!("; tangent at {}", tangents.join(", ")) };
    (out, about + &told)
}

/// The derivative as `compare` writes it.
fn formula(f: &Function) -> Option<String> {
    let prepared = Symbolic::default().prepare(f, Want::Gradient, &Budget::default()).ok()?;
    Some(with_where(prepared.formulas()?.text().first()?))
}

/// A curve, broken where it has no value or jumps.
struct Pieces {
    pieces: Vec<Vec<(f64, f64)>>,
    range: (f64, f64),
    /// Points that were looked at.
    seen: usize,
}

impl Pieces {
    fn of((low, high): (f64, f64), f: &mut dyn FnMut(f64) -> f64) -> Pieces {
        let place = |k: usize| low + (high - low) * k as f64 / POINTS as f64;
        let points: Vec<(f64, f64)> = (0..=POINTS).map(|k| (place(k), f(place(k)))).collect();
        let range = range(points.iter().map(|point| point.1));
        let mut all = Pieces { pieces: vec![Vec::new()], range, seen: points.len() };
        all.push(points[0]);
        for pair in points.windows(2) {
            all.join(pair[0], pair[1], HALVINGS, f);
        }
        all.pieces.retain(|piece| piece.len() > 1);
        all
    }

    fn push(&mut self, point: (f64, f64)) {
        match point.1.is_finite() {
            true => self.pieces.last_mut().expect("there is a piece").push(point),
            false => self.pieces.push(Vec::new()),
        }
    }

    /// Goes on from one point to another.
    fn join(&mut self, from: (f64, f64), to: (f64, f64), halvings: usize, f: &mut dyn FnMut(f64) -> f64) {
        let steep = STEEP * (self.range.1 - self.range.0);
        // What is outside of the picture need not be followed.
        let cut = |y: f64| y.clamp(self.range.0 - steep, self.range.1 + steep);
        let near = (cut(from.1) - cut(to.1)).abs() <= steep;
        let values = (from.1.is_finite(), to.1.is_finite());
        match values {
            (false, false) => {}
            (true, true) if near => self.push(to),
            _ if halvings == 0 => {
                self.pieces.push(Vec::new());
                self.push(to);
            }
            (true, true) if self.seen >= MOST => self.push(to),
            _ => {
                let x = from.0 + (to.0 - from.0) / 2.0;
                let middle = (x, f(x));
                self.seen += 1;
                self.join(from, middle, halvings - 1, f);
                self.join(middle, to, halvings - 1, f);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_broken_at_poles_and_jumps_and_where_they_end() {
        let pieces = |f: fn(f64) -> f64| Pieces::of((-1.0, 1.001), &mut |x| f(x)).pieces.len();
        assert_eq!(pieces(|x| x * x), 1);
        assert_eq!(pieces(|x| (20.0 * x).sin()), 1);
        assert_eq!(pieces(|x| x.cbrt()), 1);
        assert_eq!(pieces(|x| 1.0 / x), 2);
        assert_eq!(pieces(|x| (4.0 * x).tan()), 3);
        assert_eq!(pieces(|x| (x - 0.3).signum()), 2);
        assert_eq!(pieces(f64::sqrt), 1);
        assert_eq!(pieces(|_| f64::NAN), 0);
    }
}
