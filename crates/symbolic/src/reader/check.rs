//! Whether a form is as near to the truth as the one that was derived, at points of many sizes.
//!
//! The truth is what double-double numbers say of whichever form loses fewer digits there: of that one they are right to far
//! more digits than a double has. Where both keep their digits the two must agree, or the forms are not equal.

use expr::{DoubleDouble, Function};

/// Points that are compared.
const POINTS: usize = 40;
/// Points that are looked at to find so many where the derived form has a value.
const MOST_TRIED: u64 = 600;
/// Steps to points next to one, in units of its last place: at one point a form may be right by chance.
const NEIGHBOURS: [f64; 3] = [0.0, -37.0, 23.0];
/// More of them, for points where a form seems to be worse.
const MORE: [f64; 13] = [-61.0, -53.0, -43.0, -29.0, -17.0, -11.0, -5.0, 7.0, 13.0, 31.0, 41.0, 47.0, 59.0];
/// Errors below this many units in the last place are equal.
const FREE: f64 = 2.0;
/// Fewer points than this decide nothing.
const FEWEST: usize = 5;
/// Larger functions are not evaluated so often.
const MOST_NODES: usize = 20_000;

/// One point, next ones included: the truth and the error of the derived form, in units in the last place.
struct Sample {
    x: Vec<f64>,
    derived: f64,
    exact: DoubleDouble,
}

/// A derived form, with its values at points.
pub(super) struct Check {
    derived: Function,
    clusters: Vec<Vec<Sample>>,
    /// Points where inputs are 0 and the derived form has a value.
    special: Vec<Vec<f64>>,
}

/// What is said of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// At no point further from the truth than twice the error of the derived form, or two units in the last place.
    AsGood,
    /// Equal, but further from the truth at some point.
    Worse,
    /// Not equal, or without a value where the derived form has one.
    Different,
    /// There are too few points with values.
    Unknown,
}

fn random(state: &mut u64) -> f64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    (*state >> 11) as f64 / (1u64 << 53) as f64
}

fn doubles(x: &[f64]) -> Vec<DoubleDouble> {
    x.iter().map(|&x| x.into()).collect()
}

fn difference(value: f64, exact: DoubleDouble) -> f64 {
    ((value - exact.hi) - exact.lo).abs()
}

impl Check {
    /// Evaluates a flat function of one output.
    pub(super) fn new(derived: &Function, collected: Option<&Function>) -> Check {
        let inputs = derived.input_count();
        let mut check = Check { derived: derived.clone(), clusters: Vec::new(), special: Vec::new() };
        if derived.graph().len() > MOST_NODES {
            return check;
        }
        let mut state = 0x2545_f491_4f6c_dd1d;
        let most = MOST_TRIED.min(40_000 / derived.graph().len().max(1) as u64 + 60);
        for k in 0..most {
            if check.clusters.len() == POINTS {
                break;
            }
            // Sizes from a hundred thousandth to a hundred thousand, in every second point nearer to 1.
            let decades = if k % 2 == 0 { 10.0 } else { 2.0 };
            let x: Vec<f64> = (0..inputs)
                .map(|_| {
                    let size = 10f64.powf(decades * (random(&mut state) - 0.5));
                    if k % 4 < 2 || random(&mut state) < 0.5 { size } else { -size }
                })
                .collect();
            let in_range = |value: f64| value.is_finite() && (1e-280..1e280).contains(&value.abs());
            if !in_range(derived.evaluate((), &doubles(&x))[0].hi) {
                continue;
            }
            check.clusters.push(samples(derived, &x, &NEIGHBOURS));
        }
        let zeros = (0..inputs.min(6))
            .map(|k| (0..inputs).map(|j| if j == k { 0.0 } else { 0.7 + j as f64 / 8.0 }).collect());
        // Where the powers of a textbook have no value (`n*x^(n - 1)` at 0, n being 0), no form of it needs one.
        let has_value = |x: &Vec<f64>| {
            [Some(derived), collected].into_iter().flatten().all(|f| f.evaluate((), x)[0].is_finite())
        };
        check.special = zeros.chain([vec![0.0; inputs]]).filter(has_value).collect();
        check
    }

    /// The points at which errors are compared.
    pub(super) fn points(&self) -> Vec<Vec<f64>> {
        self.clusters.iter().map(|cluster| cluster[0].x.clone()).collect()
    }

    /// Whether another function is as good.
    pub(super) fn of(&self, form: &Function) -> Verdict {
        if self.special.iter().any(|x| !form.evaluate((), x)[0].is_finite()) {
            return Verdict::Different;
        }
        if self.clusters.len() < FEWEST {
            return Verdict::Unknown;
        }
        let (mut worse, mut agreed) = (false, 0);
        for cluster in &self.clusters {
            let Some([mut before, mut after]) = errors(cluster, form, &mut agreed) else {
                return Verdict::Different;
            };
            let is_worse = |before: f64, after: f64| after > FREE.max(2.0 * before);
            if is_worse(before, after) {
                let more = samples(&self.derived, &cluster[0].x, &MORE);
                let Some(errors) = errors(&more, form, &mut agreed) else { return Verdict::Different };
                (before, after) = (before.max(errors[0]), after.max(errors[1]));
            }
            worse |= is_worse(before, after);
        }
        match agreed {
            _ if worse => Verdict::Worse,
            agreed if agreed < FEWEST => Verdict::Unknown,
            _ => Verdict::AsGood,
        }
    }
}

/// The derived form at points next to one.
fn samples(derived: &Function, x: &[f64], steps: &[f64]) -> Vec<Sample> {
    let sample = |step: &f64| {
        let x: Vec<f64> = x.iter().map(|x| x * (1.0 + step * f64::EPSILON)).collect();
        let (derived, exact) = (derived.evaluate((), &x)[0], derived.evaluate((), &doubles(&x))[0]);
        Sample { x, derived, exact }
    };
    steps.iter().map(sample).collect()
}

/// The largest errors of the derived form and of another one, in units in the last place; nothing where the two differ. Counts
/// the points where they agree.
fn errors(cluster: &[Sample], form: &Function, agreed: &mut usize) -> Option<[f64; 2]> {
    let (mut before, mut after) = (0f64, 0f64);
    for Sample { x, derived, exact } in cluster {
        let (value, own) = (form.evaluate((), x)[0], form.evaluate((), &doubles(x))[0]);
        let size = exact.hi.abs().max(own.hi.abs());
        let or_infinite = |error: f64| if error.is_nan() { f64::INFINITY } else { error };
        let loss = |value: f64, exact: DoubleDouble| or_infinite(difference(value, exact) / exact.hi.abs());
        let (derived_loss, own_loss) = (loss(*derived, *exact), loss(value, own));
        if derived_loss <= 1e-6 && own_loss <= 1e-6 {
            if (exact.hi - own.hi).abs() > 1e-13 * size {
                return None;
            }
            *agreed += 1;
        }
        let truth = if own_loss < derived_loss { own } else { *exact };
        if !truth.hi.is_finite() || truth.hi == 0.0 {
            continue;
        }
        let units = |value: f64| or_infinite(difference(value, truth) / (truth.hi.abs() * f64::EPSILON));
        before = before.max(units(*derived));
        after = after.max(units(value));
    }
    Some([before, after])
}
