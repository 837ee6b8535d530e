//! Whether a form is as near to the truth as the one that was derived, at points of many sizes.
//!
//! The truth is what double-double numbers say of the derived form, where literals are the decimals that are written: forms that
//! join them (`x^(1.1 - 1)` is `x^0.1`) mean the same. Where the derived form loses its digits it is what they say of the other one, if
//! that loses fewer. Where both keep their digits the two must agree, or the forms are not equal.

use expr::{DoubleDouble, Function};

use super::exact::Exact;

/// Of a value that is off by more, relative to it, too few digits are left to hold another one against it.
const LOST: f64 = 1e-6;
/// Points that are compared.
const POINTS: usize = 40;
/// Points that are looked at to find so many where the derived form has a value.
const MOST_TRIED: u64 = 600;
/// Steps to points next to one, in units of its last place: at one point a form may be right by chance.
const NEIGHBOURS: [f64; 3] = [0.0, -37.0, 23.0];
/// More of them on each side, for points where a form seems to be worse: the largest of many errors is less a matter of chance.
const MORE: [usize; 2] = [8, 32];
/// A form may be off by so many units more.
const FREE: f64 = 2.0;
/// Fewer points than this decide nothing.
const FEWEST: usize = 5;
/// Larger functions are not evaluated so often.
const MOST_NODES: usize = 20_000;

/// One point, next ones included. Errors are relative, in units of 2^-52: between a half of a unit in the last place and a whole one,
/// so that what is just below a power of 2 is judged as what is just above it.
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
    /// At no point further from the truth than the derived form by more than its error again, or two units.
    AsGood,
    /// Further from the truth at some point.
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

/// The value to twice as many digits.
fn exactly(f: &Function, x: &[f64]) -> DoubleDouble {
    let x: Vec<Exact> = x.iter().map(|&x| Exact(x.into())).collect();
    f.evaluate((), &x)[0].0
}

fn difference(value: f64, exact: DoubleDouble) -> f64 {
    ((value - exact.hi) - exact.lo).abs()
}

/// Whether an error is larger than another by more than that again, and by more than two units.
fn is_worse(before: f64, after: f64) -> bool {
    after > before + before.max(FREE)
}

/// So many steps to either side.
fn neighbours(count: usize) -> Vec<f64> {
    (1..=count).flat_map(|k| [1.0, -1.0].map(|sign| sign * (5 * k + 2) as f64)).collect()
}

fn moved(x: &[f64], step: f64) -> Vec<f64> {
    x.iter().map(|x| x * (1.0 + step * f64::EPSILON)).collect()
}

/// All points next to one at which forms are compared where one seems to be worse.
pub fn points_next_to(x: &[f64]) -> Vec<Vec<f64>> {
    let more = MORE.into_iter().flat_map(neighbours);
    NEIGHBOURS.into_iter().chain(more).map(|step| moved(x, step)).collect()
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
            if !in_range(exactly(derived, &x).hi) {
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
        let mut agreed = 0;
        for cluster in &self.clusters {
            let Some(mut errors) = Errors::of(cluster, form, &mut agreed) else { return Verdict::Different };
            for count in MORE {
                if !errors.may_be_worse() {
                    break;
                }
                let more = samples(&self.derived, &cluster[0].x, &neighbours(count));
                let Some(more) = Errors::of(&more, form, &mut agreed) else { return Verdict::Different };
                errors = errors.and(&more);
            }
            if is_worse(errors.before, errors.after) {
                return Verdict::Worse;
            }
        }
        if agreed < FEWEST { Verdict::Unknown } else { Verdict::AsGood }
    }
}

/// The derived form at points next to one.
fn samples(derived: &Function, x: &[f64], steps: &[f64]) -> Vec<Sample> {
    let sample = |step: &f64| {
        let x = moved(x, *step);
        let (derived, exact) = (derived.evaluate((), &x)[0], exactly(derived, &x));
        Sample { x, derived, exact }
    };
    steps.iter().map(sample).collect()
}

/// The largest errors of the derived form and of another one, at a point and points next to it.
#[derive(Clone, Copy, Default)]
struct Errors {
    before: f64,
    after: f64,
    /// Whether the other one is off by more than twice as much at one of the points alone.
    alone: bool,
}

impl Errors {
    /// Nothing where the two differ. Counts the points where they agree.
    fn of(cluster: &[Sample], form: &Function, agreed: &mut usize) -> Option<Errors> {
        let mut all = Errors::default();
        for Sample { x, derived, exact } in cluster {
            let (value, own) = (form.evaluate((), x)[0], exactly(form, x));
            let size = exact.hi.abs().max(own.hi.abs());
            let or_infinite = |error: f64| if error.is_nan() { f64::INFINITY } else { error };
            let loss =
                |value: f64, exact: DoubleDouble| or_infinite(difference(value, exact) / exact.hi.abs());
            let (derived_loss, own_loss) = (loss(*derived, *exact), loss(value, own));
            if derived_loss <= LOST && own_loss <= LOST {
                if (exact.hi - own.hi).abs() > 1e-13 * size {
                    return None;
                }
                *agreed += 1;
            }
            let truth = if derived_loss > LOST && own_loss < derived_loss { own } else { *exact };
            if !truth.hi.is_finite() || truth.hi == 0.0 {
                continue;
            }
            let units = |value: f64| or_infinite(difference(value, truth) / (truth.hi.abs() * f64::EPSILON));
            let (before, after) = (units(*derived), units(value));
            all = all.and(&Errors { before, after, alone: after > FREE.max(2.0 * before) });
        }
        Some(all)
    }

    fn and(&self, other: &Errors) -> Errors {
        Errors {
            before: self.before.max(other.before),
            after: self.after.max(other.after),
            alone: self.alone || other.alone,
        }
    }

    /// Whether more points are worth a look.
    fn may_be_worse(&self) -> bool {
        self.alone || self.after > self.before + self.before.max(FREE) / 2.0
    }
}
