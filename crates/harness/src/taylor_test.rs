//! The Taylor remainder of a claimed slope, in more digits than a double has: the independent check that may overrule the
//! operator table.
//!
//! Reference, symbolic and backprop differentiate by one table of rules, and a wrong row makes them wrong together. Values
//! know nothing of those rules. If g is the slope, the remainder f(x + h) - f(x) - h·g falls like h², which is order 2; if
//! not, like h. In doubles rounding hides that on short steps, and on long ones oscillation and kinks do: here values are
//! certified, or double-double numbers for large functions, so that steps may be as short as they must.

use std::cell::Cell;

use expr::{Constant, DoubleDouble, Function, Op, Scalar};
use reference::{Limits, values};

/// What the remainders say of a claimed slope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Remainder {
    /// They vanish at an order of at least 1.9, or the quotients are the slope to twelve digits.
    Confirms,
    /// The quotients of both sides tend to the same other slope.
    Contradicts,
    /// They decide nothing.
    CannotSee(Unseen),
}

/// Why remainders decide nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unseen {
    /// The quotients of the two sides tend to different slopes.
    SidesDiffer,
    /// They do not settle at any step: noise, or oscillation within the step.
    Unsettled,
    /// The function has no value nearby.
    NoValue,
    /// More work than is granted.
    TooMuch,
}

/// Node evaluations that all checks of one comparison may take together.
pub(crate) const MOST_WORK: u64 = 20_000_000;
/// What a certified evaluation of a node counts, in plain ones.
const CERTIFIED: u64 = 200;
/// Above this many nodes values are double-double numbers.
const CERTIFIED_NODES: usize = 2_000;
/// The quotients are the slope when they differ from it by no more than this.
const SAME: f64 = 1e-12;
/// More than this fraction of a slope is not put down to rounding.
const MOST_ROUNDING: f64 = 1e-3;
/// The last remainder, over its step, may be this fraction of the slope.
const SMALL: f64 = 1e-6;
/// An order from which on remainders vanish faster than those of a wrong slope.
const ORDER: f64 = 1.9;
/// Quotients have settled when from step to step they change by less than this fraction of what they miss the slope by.
const SETTLED: f64 = 1e-3;

/// The last place of double-double numbers, with some to spare.
const DOUBLE_DOUBLE_EPSILON: f64 = 1.0 / (1u128 << 98) as f64;
/// A miss counts when it is this many times the noise.
const ABOVE_NOISE: f64 = 1e3;

/// What is left of the work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work(pub(crate) u64);

impl Work {
    /// Takes so much, or nothing where there is less left.
    pub(crate) fn take(&mut self, work: u64) -> bool {
        let enough = work <= self.0;
        self.0 -= if enough { work } else { 0 };
        enough
    }
}

/// A slope to be checked: as the derivative of an output of a function by one input.
#[derive(Clone, Copy)]
pub(crate) struct Claimed<'a> {
    pub(crate) f: &'a Function,
    /// Node evaluations that one evaluation of it takes.
    pub(crate) nodes: u64,
    pub(crate) output: usize,
    pub(crate) at: &'a [f64],
    pub(crate) input: usize,
    pub(crate) slope: f64,
    /// What rounding may have done to it.
    pub(crate) rounding: f64,
}

/// Checks a slope, by certified values or by double-double ones.
pub(crate) fn check(claimed: Claimed<'_>, certified: bool, work: &mut Work) -> Remainder {
    let Claimed { f, nodes, output, at, input, slope, rounding } = claimed;
    // Rounding is no excuse for a slope without digits.
    let tolerance = (SAME * slope.abs()).max(rounding.min(MOST_ROUNDING * slope.abs()));
    let x = at[input];
    let scale = if x == 0.0 { 1.0 } else { x.abs().log2().floor().exp2() };
    if certified && f.is_flat() && f.graph().len() <= CERTIFIED_NODES {
        let steps = [20, 40, 80, 160, 1000].map(|k| scale * 0.5f64.powi(k));
        return decide(slope, tolerance, &steps, 0.0, |h| {
            work.take(3 * CERTIFIED * nodes).then(|| certified_quotients(f, output, at, input, h))
        });
    }
    let point: Vec<DoubleDouble> = at.iter().map(|&x| x.into()).collect();
    let value = |x: DoubleDouble| {
        let mut moved = point.clone();
        moved[input] = x;
        f.evaluate((), &moved)[output]
    };
    if 2 * nodes > work.0 {
        return Remainder::CannotSee(Unseen::TooMuch);
    }
    // What is added to the largest number on the way is lost below its last place.
    let (here, largest) = match f.is_flat() {
        true => {
            let nodes_here = f.values((), &point);
            let sizes = nodes_here.iter().map(|value| value.hi.abs()).filter(|size| size.is_finite());
            (nodes_here[f.outputs()[output].index()], sizes.fold(0.0, f64::max))
        }
        false => {
            let largest = Cell::new(0.0);
            let point: Vec<Watched<'_>> = point.iter().map(|&value| Watched::seen(value, &largest)).collect();
            (f.evaluate(&largest, &point)[output].value, largest.get())
        }
    };
    let noise = DOUBLE_DOUBLE_EPSILON * largest;
    let steps: Vec<f64> = (3..=16).map(|k| scale * 0.5f64.powi(4 * k)).collect();
    decide(slope, tolerance, &steps, noise, |h| {
        let quotient = |h: f64| {
            let there = value(DoubleDouble::from(x) + DoubleDouble::from(h));
            let quotient = ((there - here) / DoubleDouble::from(h)).hi;
            quotient.is_finite().then_some(quotient)
        };
        work.take(2 * nodes).then(|| [quotient(h), quotient(-h)])
    })
}

/// A double-double number that is told to one who remembers the largest.
#[derive(Clone, Copy)]
struct Watched<'w> {
    value: DoubleDouble,
    largest: &'w Cell<f64>,
}

expr::arithmetic!(Watched<'w>, ['w]);

impl<'w> Watched<'w> {
    fn seen(value: DoubleDouble, largest: &'w Cell<f64>) -> Watched<'w> {
        let size = value.hi.abs();
        if size.is_finite() && size > largest.get() {
            largest.set(size);
        }
        Watched { value, largest }
    }
}

impl<'w> Scalar for Watched<'w> {
    type Context = &'w Cell<f64>;

    fn context(&self) -> Self::Context {
        self.largest
    }

    fn lift(largest: Self::Context, constant: &Constant) -> Self {
        Watched::seen(DoubleDouble::lift((), constant), largest)
    }

    fn apply(op: Op, arguments: &[Self]) -> Self {
        let mut values = [DoubleDouble::from(0.0); 3];
        for (value, argument) in values.iter_mut().zip(arguments) {
            *value = argument.value;
        }
        Watched::seen(DoubleDouble::apply(op, &values[..op.arity()]), arguments[0].largest)
    }
}

/// The difference quotients forward and backward, certified; nothing where a value is missing. The same graph at three
/// places, in one function, so that what the input does not reach is evaluated once.
fn certified_quotients(f: &Function, output: usize, at: &[f64], input: usize, h: f64) -> [Option<f64>; 2] {
    let names = f.input_names();
    let quotients = Function::build(|g| {
        let inputs: Vec<_> = (0..names.len()).map(|k| g.input(&format!("x{k}"))).collect();
        let value = |inputs: &[_]| f.evaluate(g, inputs)[output];
        let here = value(&inputs);
        let quotient = |h: f64| {
            let mut moved = inputs.clone();
            moved[input] = moved[input] + h;
            (value(&moved) - here) / h
        };
        vec![quotient(h), quotient(-h)]
    });
    let found = values(&quotients, at, &Limits::default());
    [found[0], found[1]]
}

/// From quotients at shorter and shorter steps, forward and backward; nothing where the work is used up.
/// `noise` is how far off values may be.
fn decide(
    slope: f64,
    tolerance: f64,
    steps: &[f64],
    noise: f64,
    mut quotients: impl FnMut(f64) -> Option<[Option<f64>; 2]>,
) -> Remainder {
    let mut seen: Vec<(f64, [Option<f64>; 2])> = Vec::new();
    for &h in steps.iter().filter(|h| **h > 0.0) {
        let Some(found) = quotients(h) else { return Remainder::CannotSee(Unseen::TooMuch) };
        seen.push((h, found));
        let sides: Vec<usize> = (0..2).filter(|&side| found[side].is_some()).collect();
        let same = |side: &usize| found[*side].is_some_and(|q| (q - slope).abs() <= tolerance);
        let resolved = noise <= tolerance * h || noise == 0.0;
        if resolved && !sides.is_empty() && sides.iter().all(same) {
            return Remainder::Confirms;
        }
    }
    // Only the shortest steps decide: on longer ones a function may turn many times, and a slope that is off by little look
    // right.
    let sides: Vec<usize> =
        (0..2).filter(|&side| seen.iter().any(|(_, found)| found[side].is_some())).collect();
    let vanishes = |side: &usize| order(&seen, *side, slope, noise).is_some_and(|order| order >= ORDER);
    if !sides.is_empty() && sides.iter().all(vanishes) {
        return Remainder::Confirms;
    }
    match [0, 1].map(|side| settled(&seen, side, slope, noise)) {
        [Settled::At(right), Settled::At(left)] if (right - left).abs() > SETTLED * (right - slope).abs() => {
            Remainder::CannotSee(Unseen::SidesDiffer)
        }
        [Settled::At(_), Settled::At(_) | Settled::NoValue] | [Settled::NoValue, Settled::At(_)] => {
            Remainder::Contradicts
        }
        [Settled::NoValue, Settled::NoValue] => Remainder::CannotSee(Unseen::NoValue),
        _ => Remainder::CannotSee(Unseen::Unsettled),
    }
}

/// The order of the last three remainders of a side, where they stand out of the noise: a miss is the remainder over its
/// step.
fn order(seen: &[(f64, [Option<f64>; 2])], side: usize, slope: f64, noise: f64) -> Option<f64> {
    let miss = |(h, found): &(f64, [Option<f64>; 2])| Some((*h, (found[side]? - slope).abs()));
    let stands_out = |(h, miss): &(f64, f64)| miss * h > ABOVE_NOISE * noise;
    let last: Vec<(f64, f64)> = seen.iter().rev().filter_map(miss).filter(stands_out).take(3).collect();
    let [(short, third), (_, middle), (long, first)] = last[..] else { return None };
    // While what is left is large beside the slope, another one may hide behind it.
    let falls = middle < first && third < middle && (third <= SMALL * slope.abs() || slope == 0.0);
    falls.then(|| 1.0 + (first / third).log2() / (long / short).log2())
}

/// What the quotients of one side tend to.
enum Settled {
    At(f64),
    Nowhere,
    NoValue,
}

/// By the last three steps that stand out of the noise: from one to the next the quotient changes by little of what it
/// misses the slope by, and does not grow.
fn settled(seen: &[(f64, [Option<f64>; 2])], side: usize, slope: f64, noise: f64) -> Settled {
    if seen.iter().all(|(_, found)| found[side].is_none()) {
        return Settled::NoValue;
    }
    let stands_out = |(h, found): &&(f64, [Option<f64>; 2])| {
        found[side].is_some_and(|quotient| (quotient - slope).abs() * h > ABOVE_NOISE * noise)
    };
    let last: Vec<f64> = seen.iter().rev().filter(stands_out).take(3).filter_map(|(_, q)| q[side]).collect();
    let [third, second, first] = last[..] else { return Settled::Nowhere };
    let near = |then: f64, now: f64| {
        (now - then).abs() <= SETTLED * (now - slope).abs() && now.abs() <= 2.0 * then.abs()
    };
    if near(first, second) && near(second, third) { Settled::At(third) } else { Settled::Nowhere }
}

#[cfg(test)]
mod tests;
