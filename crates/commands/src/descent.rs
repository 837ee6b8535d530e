//! Where a descent goes, over one input or two: as a curve, or on contours.

use std::fmt::Write;

use chainrule::{Budget, CompiledFunction, StrategyName, StrategySpec};
use experiments::descend::{End, Loss, Method, Options, path};
use serde::{Deserialize, Serialize};
use syntax::Setting;

use crate::contours::Grid;
use crate::output::json::Number;
use crate::{Failure, ParsedFunction, points};

/// More steps than this are no picture.
pub const MOST_STEPS: usize = 2_000;
/// Cells along each side of the plane.
const CELLS: usize = 64;
/// Places of a curve.
const PLACES: usize = 200;
/// Contours are drawn in a square with sides of this length, its corner of zeros above on the left.
const SIDE: f64 = 1_000.0;

/// How a descent is made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DescentRequest {
    /// The input or the two that are moved; the others stay where they are.
    pub along: Vec<String>,
    /// `plain`, `momentum` or `adam`.
    pub method: String,
    /// The learning rate.
    pub rate: f64,
    /// How many steps at most.
    pub steps: usize,
    /// What is looked at, from and to per input; chosen by the path where it is not said.
    #[serde(default)]
    pub window: Option<Vec<[f64; 2]>>,
}

/// A descent by backpropagation, to be serialised as `chainrule/descent/1`.
#[derive(Serialize)]
pub struct Document {
    schema: &'static str,
    along: Vec<String>,
    /// Per step, from the start on, a number per input that is moved.
    path: Vec<Vec<Number>>,
    losses: Vec<Number>,
    /// `finished`, `converged`, `diverged` or `refused`.
    ended: &'static str,
    /// Per input that is moved from where to where one sees.
    window: Vec<[Number; 2]>,
    /// Of one input: places and values.
    curve: Vec<[Number; 2]>,
    /// Of two inputs.
    contours: Vec<Contour>,
}

/// The lines on which the function has one value.
#[derive(Serialize)]
struct Contour {
    level: Number,
    /// In the words of SVG, in a square of 1000 by 1000.
    lines: String,
}

/// Descends from a point.
///
/// # Errors
/// When there is no such input or method, or a number is out of range.
pub fn descent(request: &DescentRequest, given: &ParsedFunction, at: &[f64]) -> Result<Document, Failure> {
    let flat = given.flat()?;
    if flat.outputs().len() != 1 {
        return Err(Failure::text("a descent goes down one output; give it a function with one"));
    }
    let method = [Method::Plain, Method::Momentum, Method::Adam];
    let method = method
        .into_iter()
        .find(|method| method.name() == request.method)
        .ok_or_else(|| Failure::text(format!("{} is none of plain, momentum, adam", request.method)))?;
    if !(request.rate > 0.0 && request.rate.is_finite()) {
        return Err(Failure::text("a learning rate is a positive number"));
    }
    if request.steps > MOST_STEPS {
        return Err(Failure::text(format!("{} steps are more than {MOST_STEPS}", request.steps)));
    }
    let names = given.subject.names().all();
    let moved = request.along.iter().map(|name| points::input(&names, name, Setting::By));
    let moved: Vec<usize> = moved.collect::<Result<_, _>>()?;
    if !(1..=2).contains(&moved.len()) || moved.first() == moved.get(1) {
        return Err(Failure::text("a descent is drawn along one input, or two different ones"));
    }
    if let Some(window) = &request.window
        && (window.len() != moved.len()
            || !window.iter().all(|[low, high]| low < high && (high - low).is_finite()))
    {
        return Err(Failure::text("a window has two numbers per input, the smaller one first"));
    }
    // The loss takes its weights in the order of the inputs; we were given them in any.
    let mut sorted = moved.clone();
    sorted.sort_unstable();
    let columns: Vec<Option<Vec<f64>>> =
        (0..at.len()).map(|k| (!moved.contains(&k)).then(|| vec![at[k]])).collect();
    let rows = usize::from(columns.iter().any(Option::is_some));
    let loss = Loss { written: &given.function, flat, columns: &columns, rows };
    let start: Vec<f64> = sorted.iter().map(|&k| at[k]).collect();
    let options = Options {
        method,
        rate: request.rate,
        iterations: request.steps,
        tolerance: 1e-10,
        budget: Budget::default(),
        evaluations: u64::MAX,
        reference_nodes: 0,
    };
    let backprop = StrategySpec::from(StrategyName::Backprop);
    let (run, found) = path(&loss, &start, &backprop, &options);
    let order: Vec<usize> =
        moved.iter().map(|k| sorted.binary_search(k).expect("it is one of them")).collect();
    let found: Vec<Vec<f64>> = found.iter().map(|place| order.iter().map(|&k| place[k]).collect()).collect();
    let window = request.window.clone().unwrap_or_else(|| {
        let seen = |k: usize| {
            window(
                moved.iter().map(|&k| at[k]).nth(k).unwrap_or(0.0),
                found.iter().map(move |place| place[k]),
            )
        };
        (0..moved.len()).map(seen).collect()
    });
    let mut compiled = CompiledFunction::new(flat);
    let mut x = at.to_vec();
    let mut value = |place: &[f64]| {
        moved.iter().zip(place).for_each(|(&k, &to)| x[k] = to);
        let mut out = [0.0];
        compiled.run(&x, &mut out);
        out[0]
    };
    let (mut curve, mut contours) = (Vec::new(), Vec::new());
    match window.as_slice() {
        [[low, high]] => {
            let place = |k: usize| low + (high - low) * k as f64 / PLACES as f64;
            curve = (0..=PLACES).map(place).map(|x| [Number(x), Number(value(&[x]))]).collect();
        }
        [[left, right], [low, high]] => {
            let grid = Grid::of((*left, *right), (*low, *high), CELLS, |place| value(place));
            for level in grid.levels() {
                let mut lines = String::new();
                for [from, to] in grid.contour(level) {
                    let [(a, b), (c, d)] = [from, to]
                        .map(|(x, y)| ((x - left) / (right - left) * SIDE, (high - y) / (high - low) * SIDE));
                    let _ = write!(lines, "M{a:.1} {b:.1}L{c:.1} {d:.1}");
                }
                contours.push(Contour { level: Number(level), lines });
            }
        }
        _ => unreachable!("one input or two"),
    }
    Ok(Document {
        schema: "chainrule/descent/1",
        along: request.along.clone(),
        path: found.into_iter().map(|place| place.into_iter().map(Number).collect()).collect(),
        losses: run.losses.iter().copied().map(Number).collect(),
        ended: match run.end {
            End::Finished | End::Measured => "finished",
            End::Converged => "converged",
            End::Diverged => "diverged",
            End::Refused(_) => "refused",
        },
        window: window.into_iter().map(|ends| ends.map(Number)).collect(),
        curve,
        contours,
    })
}

/// What is to be seen of one input: some room around the start, and where the path goes unless that is far away.
fn window(start: f64, path: impl Iterator<Item = f64>) -> [f64; 2] {
    let reach = 1.25 * start.abs().max(1.0);
    let far = 4.0 * reach;
    let near = path.filter(|x| (x - start).abs() <= far);
    let (low, high) = near.fold((start - reach, start + reach), |(low, high), x| (low.min(x), high.max(x)));
    let room = 0.08 * (high - low);
    [low - room, high + room]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FunctionRequest, PointRequest};

    fn found(text: &str, at: &str, request: &DescentRequest) -> Result<serde_json::Value, Failure> {
        let function = FunctionRequest { expression: text.to_owned(), size: Vec::new(), max_nodes: 1_000 };
        let at = PointRequest { at: vec![at.to_owned()], ..PointRequest::default() };
        let given = function.read(Some(&at), &mut |_, _| {})?;
        let at = points::points(&given, &at)?;
        Ok(serde_json::to_value(descent(request, &given, &at.all[0])?).expect("a document"))
    }

    fn request(along: &[&str], method: &str, rate: f64, steps: usize) -> DescentRequest {
        let along = along.iter().map(|&name| name.to_owned()).collect();
        DescentRequest { along, method: method.to_owned(), rate, steps, window: None }
    }

    #[test]
    fn a_path_is_that_of_the_formula_whatever_the_order_of_inputs() {
        // x <- x - 0.1 * 2x, y <- y - 0.1 * 20y; z only shifts the loss.
        let text = "x^2 + 10*y^2 + z";
        let both = found(text, "x=1,y=2,z=7", &request(&["y", "x"], "plain", 0.1, 2)).unwrap();
        let numbers = |value: &serde_json::Value| -> Vec<f64> {
            value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
        };
        let path: Vec<Vec<f64>> = both["path"].as_array().unwrap().iter().map(numbers).collect();
        assert_eq!(path.len(), 3);
        for (place, [y, x]) in path.iter().zip([[2.0, 1.0], [-2.0, 0.8], [2.0, 0.64]]) {
            assert!((place[0] - y).abs() < 1e-14 && (place[1] - x).abs() < 1e-14, "{path:?}");
        }
        assert_eq!(numbers(&both["losses"])[0], 48.0);
        assert_eq!(both["ended"], "finished");
        assert!(both["contours"].as_array().unwrap().len() > 10 && both["curve"] == serde_json::json!([]));
        let one = found(text, "x=1,y=2,z=7", &request(&["x"], "adam", 0.1, 50)).unwrap();
        assert_eq!(one["curve"].as_array().unwrap().len(), PLACES + 1);
        let losses = numbers(&one["losses"]);
        assert!(losses[losses.len() - 1] < 47.1 && losses[0] == 48.0, "{losses:?}");
    }

    #[test]
    fn what_diverges_is_seen_to_and_what_is_wrong_is_told() {
        let found =
            |along: &[&str], method, rate| found("x^2 + y", "x=1,y=0", &request(along, method, rate, 400));
        let away = found(&["x"], "plain", 2.0).unwrap();
        assert_eq!(away["ended"], "diverged");
        let width = away["window"][0][1].as_f64().unwrap() - away["window"][0][0].as_f64().unwrap();
        assert!(width < 20.0, "{width}");
        for (along, method, rate, words) in [
            (&["x", "x"][..], "plain", 0.1, "two different ones"),
            (&["x", "w"], "plain", 0.1, "no input w"),
            (&[], "plain", 0.1, "along one input"),
            (&["x"], "newton", 0.1, "none of plain, momentum, adam"),
            (&["x"], "plain", -1.0, "positive"),
            (&["x"], "plain", f64::NAN, "positive"),
        ] {
            let Err(error) = found(along, method, rate) else { panic!("{along:?} {method} {rate}") };
            let shown = error.shown(Setting::neutral, false);
            assert!(shown.contains(words), "{shown}");
        }
    }
}
