//! Strategies side by side on derivatives of other kinds: matrices, entry by entry.
//!
//! A matrix of derivatives is the Jacobian of another function (`derived.rs`). Of that function the reference certifies every entry,
//! with the statuses and the verdicts that components of gradients have.

mod derived;
mod majority;
#[cfg(test)]
mod tests;

use chainrule::{Numerical, Seeds, Strategy, StrategySpec, Want};
use numerical::Scheme;

use crate::comparison::{Contender, Options, enter};
use crate::examine::{GroundTruth, examine};
use crate::measure::{Times, time};
use crate::outcome::Outcome;
use crate::point::{Entry, Point};
use crate::subject::{Names, Subject};
use derived::{certified, derived};

/// What is compared: a kind of derivative, with what it is asked with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kind<'a> {
    /// Which.
    pub want: Want,
    /// Directions and weights.
    pub seeds: Seeds<'a>,
}

/// A kind of derivative compared at some points.
#[derive(Clone, Debug)]
pub struct MatrixComparison {
    /// Which kind.
    pub want: Want,
    /// How many rows and columns it has.
    pub shape: [usize; 2],
    /// Names of the scalar inputs.
    pub inputs: Names,
    /// How many outputs the function has.
    pub outputs: usize,
    /// Nanoseconds for one evaluation of the function.
    pub function_times: Option<Times>,
    /// One per point given: components are entries, row after row, and answers have theirs in `entries`.
    pub points: Vec<Point>,
}

impl MatrixComparison {
    /// The worst of all points; nothing is checked at none.
    pub fn verdict(&self) -> Outcome {
        Outcome::worst(self.points.iter().map(|point| point.verdict)).unwrap_or(Outcome::Unchecked)
    }

    /// The same with every contradiction counted as disagreeing.
    #[must_use]
    pub fn strictly(mut self) -> MatrixComparison {
        self.points.iter_mut().for_each(Point::count_contradictions);
        self
    }
}

/// Functions of more nodes are not asked where they are singular.
const MOST_NODES: usize = 2_000_000;

/// Compares strategies on a kind of derivative.
///
/// ```
/// use chainrule::{Seeds, Want, strategies};
/// use harness::{MatrixKind, Options, Outcome, Subject, compare_matrix};
/// let f = syntax::parse("x^2*sin(y)").unwrap();
/// let kind = MatrixKind { want: Want::Hessian, seeds: Seeds::NONE };
/// let subject = Subject::new(f, 1_000).unwrap();
/// let found = compare_matrix(&subject, kind, &[vec![2.0, 1.0]], &strategies(), &Options::default());
/// assert_eq!((found.shape, found.verdict()), ([2, 2], Outcome::Agree));
/// let reference = found.points[0].reference.as_ref().unwrap();
/// assert_eq!(reference.gradients[0][0].known(), Some(2.0 * 1f64.sin()));
/// ```
///
/// # Panics
/// When a point has another length, or seeds have.
pub fn compare_matrix(
    subject: &Subject,
    kind: Kind<'_>,
    points: &[Vec<f64>],
    strategies: &[Box<dyn Strategy>],
    options: &Options,
) -> MatrixComparison {
    let Kind { want, seeds } = kind;
    let mut contenders: Vec<Contender> =
        strategies.iter().map(|strategy| Contender::new(&**strategy, subject, want, options)).collect();
    let mut value = subject.compiled();
    let outputs = value.outputs();
    let function_times = options.patience.zip(points.first()).map(|(patience, point)| {
        let mut out = vec![0.0; outputs];
        time(patience, || value.run(point, &mut out))
    });
    let inputs = subject.names().clone();
    let products = match want {
        Want::Vjp => seeds.weights.len().checked_div(outputs),
        _ => seeds.along.len().checked_div(inputs.len()),
    };
    let shape = want.shape(inputs.len(), outputs, products.unwrap_or(0));
    let compared = points.iter().enumerate().map(|(k, at)| {
        let patience = options.patience.filter(|_| k == 0);
        let entries: Vec<Entry> = { contenders.iter_mut() }
            .map(|contender| enter(contender, at, seeds, patience, options.formulas))
            .collect();
        let mut values = vec![0.0; outputs];
        value.run(at, &mut values);
        let largest = values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        let (mut entries, borrowed): (Vec<Entry>, Vec<bool>) =
            entries.into_iter().map(|entry| as_gradient(entry, kind, shape, at, largest)).unzip();
        if entries.iter().all(|entry| entry.answer.is_none()) {
            // Nothing of the size of the matrix is made for nobody.
            return Point {
                at: at.clone(),
                values,
                verdict: Outcome::Refused,
                ..Point::of_entries(Vec::new(), entries)
            };
        }
        let flat = subject.unrolled_within(MOST_NODES as u64).filter(|_| at.iter().all(|x| x.is_finite()));
        let own = flat.and_then(|f| Some((f, derived(f, want, at, seeds, MOST_NODES)?)));
        let mut point = match own {
            Some((f, derived)) => {
                let g = &derived.function;
                let small = |f: &expr::Function| f.graph().len() <= options.reference_nodes;
                let known = match small(f) && small(g) && at.len() <= options.reference_nodes {
                    true => GroundTruth::Certified(certified(f, want, at, seeds, &derived)),
                    false => GroundTruth::Nothing,
                };
                let mut compiled = chainrule::CompiledFunction::new(g);
                let subject = Subject::of(g, g);
                examine(&subject, &mut compiled, &derived.at, entries, known).point
            }
            None => {
                let components = majority::verdicts(&mut entries, shape[0] * shape[1]);
                Point::of_entries(components, entries)
            }
        };
        point.at = at.clone();
        point.values = values;
        point.entries.iter_mut().zip(borrowed).for_each(|(entry, borrowed)| as_entries(entry, borrowed));
        point.conclude();
        point
    });
    let points = compared.collect();
    MatrixComparison { want, shape, inputs, outputs, function_times, points }
}

/// Entries are judged as the gradients of the derived function. Differences without an estimate of their error borrow that of their
/// order: whether they did.
fn as_gradient(
    mut entry: Entry,
    Kind { want, seeds }: Kind<'_>,
    [_, columns]: [usize; 2],
    at: &[f64],
    value: f64,
) -> (Entry, bool) {
    let spec = entry.spec;
    let Some(answer) = &mut entry.answer else { return (entry, false) };
    std::mem::swap(&mut answer.gradient, &mut answer.entries);
    let (StrategySpec::Numerical(Numerical { scheme, .. }), None, true) =
        (spec, &answer.error_estimate, want.is_second())
    else {
        return (entry, false);
    };
    let order = match scheme {
        Scheme::Forward => 1.0,
        Scheme::Central2 => 2.0,
        Scheme::Central4 => 4.0,
        Scheme::Central6 | Scheme::Richardson | Scheme::Adaptive => 6.0,
    };
    // Ten times the error of that order at its best step.
    let best = 10.0 * f64::EPSILON.powf(order / (order + 2.0));
    let size = |x: f64| if x == 0.0 { 1.0 } else { x.abs() };
    let largest = |numbers: &mut dyn Iterator<Item = f64>| numbers.fold(0.0, |all: f64, x| all.max(x.abs()));
    let steps = |entry: usize| match want {
        Want::Hvp => {
            let along = largest(&mut seeds.along.iter().skip(entry % columns).step_by(columns).copied());
            size(at[entry / columns]) * size(largest(&mut at.iter().copied())) / size(along)
        }
        Want::HessianDiagonal => size(at[entry]).powi(2),
        _ => size(at[entry / columns]) * size(at[entry % columns]),
    };
    let radius = |(entry, slope): (usize, &f64)| best * slope.abs().max(value / steps(entry));
    answer.error_estimate = Some(answer.gradient.iter().enumerate().map(radius).collect());
    (entry, true)
}

/// Back again. What was borrowed is no claim, so that it contradicts none.
fn as_entries(entry: &mut Entry, borrowed: bool) {
    if let Some(answer) = &mut entry.answer {
        std::mem::swap(&mut answer.gradient, &mut answer.entries);
        if borrowed {
            answer.error_estimate = None;
            entry.contradictions.clear();
        }
    }
}

/// Whether `u'(Hv)` is `v'(Hu)` for two directions, to so many digits: no truth is needed for that. `products` are H times both, as a
/// matrix of two columns; `along` the directions.
///
/// ```
/// use harness::symmetry_digits;
/// // H = [[2, 1], [1, 0]] times (1, 0) and (0, 1).
/// assert_eq!(symmetry_digits(&[1.0, 0.0, 0.0, 1.0], &[2.0, 1.0, 1.0, 0.0]), 17.0);
/// assert_eq!(symmetry_digits(&[1.0, 0.0, 0.0, 1.0], &[2.0, 1.0, -1.0, 0.0]), 0.0); // not symmetric
/// ```
pub fn symmetry_digits(along: &[f64], products: &[f64]) -> f64 {
    let dot = |a: usize, b: usize| -> (f64, f64) {
        let terms = along.chunks_exact(2).zip(products.chunks_exact(2)).map(|(u, h)| u[a] * h[b]);
        terms.fold((0.0, 0.0), |(sum, size), term| (sum + term, size + term.abs()))
    };
    let ((first, size), (second, other)) = (dot(0, 1), dot(1, 0));
    let apart = (first - second).abs() / size.max(other);
    match apart {
        _ if first == second => 17.0,
        apart if apart < 1.0 => (-apart.log10()).clamp(0.0, 17.0),
        _ => 0.0,
    }
}
