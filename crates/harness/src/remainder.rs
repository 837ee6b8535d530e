//! The Taylor remainder of a claimed slope, in more digits than a double has: the independent check that may overrule the
//! operator table.
//!
//! Reference, symbolic and backprop differentiate by one table of rules, and a wrong row makes them wrong together. Values
//! know nothing of those rules. If g is the slope, the remainder f(x + h) - f(x) - h·g falls like h², which is order 2; if
//! not, like h. In doubles rounding hides that on short steps, and on long ones oscillation and kinks do: here values are
//! certified, or double-double numbers for large functions, so that steps may be as short as they must.

use chainrule::expr::{DoubleDouble, Function};
use chainrule::reference::{Limits, values};

/// What the remainders say of a claimed slope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Remainder {
    /// They vanish at an order of at least 1.9, or the quotients are the slope to twelve digits.
    Confirms,
    /// The quotients of both sides tend to the same other slope.
    Contradicts,
    /// They decide nothing.
    CannotSee(Blind),
}

/// Why remainders decide nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blind {
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

/// Checks `slope` as the derivative of an output of a flat function by one input.
pub(crate) fn check(
    f: &Function,
    output: usize,
    at: &[f64],
    input: usize,
    slope: f64,
    certified: bool,
    work: &mut Work,
) -> Remainder {
    let x = at[input];
    let scale = if x == 0.0 { 1.0 } else { x.abs().log2().floor().exp2() };
    let nodes = f.graph().len() as u64;
    if certified && f.graph().len() <= CERTIFIED_NODES {
        let steps = [20, 40, 80, 160, 1000].map(|k| scale * 0.5f64.powi(k));
        return decide(slope, &steps, 0.0, |h| {
            work.take(3 * CERTIFIED * nodes).then(|| certified_quotients(f, output, at, input, h))
        });
    }
    let point: Vec<DoubleDouble> = at.iter().map(|&x| x.into()).collect();
    let value = |x: DoubleDouble| {
        let mut moved = point.clone();
        moved[input] = x;
        f.evaluate((), &moved)[output]
    };
    let nodes_here = f.values((), &point);
    let here = nodes_here[f.outputs()[output].index()];
    // What is added to the largest number on the way is lost below its last place.
    let largest = nodes_here.iter().map(|value| value.hi.abs()).filter(|size| size.is_finite());
    let noise = DOUBLE_DOUBLE_EPSILON * largest.fold(0.0, f64::max);
    let steps: Vec<f64> = (3..=16).map(|k| scale * 0.5f64.powi(4 * k)).collect();
    decide(slope, &steps, noise, |h| {
        let quotient = |h: f64| {
            let there = value(DoubleDouble::from(x) + DoubleDouble::from(h));
            let quotient = ((there - here) / DoubleDouble::from(h)).hi;
            quotient.is_finite().then_some(quotient)
        };
        work.take(2 * nodes).then(|| [quotient(h), quotient(-h)])
    })
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
    steps: &[f64],
    noise: f64,
    mut quotients: impl FnMut(f64) -> Option<[Option<f64>; 2]>,
) -> Remainder {
    let mut seen: Vec<(f64, [Option<f64>; 2])> = Vec::new();
    for &h in steps.iter().filter(|h| **h > 0.0) {
        let Some(found) = quotients(h) else { return Remainder::CannotSee(Blind::TooMuch) };
        seen.push((h, found));
        let sides: Vec<usize> = (0..2).filter(|&side| found[side].is_some()).collect();
        let same = |side: &usize| found[*side].is_some_and(|q| (q - slope).abs() <= SAME * slope.abs());
        let resolved = noise <= SAME * slope.abs() * h || noise == 0.0;
        if resolved && !sides.is_empty() && sides.iter().all(same) {
            return Remainder::Confirms;
        }
        let vanishes = |side: &usize| order(&seen, *side, slope, noise).is_some_and(|order| order >= ORDER);
        if !sides.is_empty() && sides.iter().all(vanishes) {
            return Remainder::Confirms;
        }
    }
    // Only the shortest steps speak against a slope: on longer ones a function may turn many times.
    match [0, 1].map(|side| settled(&seen, side, slope, noise)) {
        [Settled::At(right), Settled::At(left)] if (right - left).abs() > SETTLED * (right - slope).abs() => {
            Remainder::CannotSee(Blind::SidesDiffer)
        }
        [Settled::At(_), Settled::At(_) | Settled::NoValue] | [Settled::NoValue, Settled::At(_)] => {
            Remainder::Contradicts
        }
        [Settled::NoValue, Settled::NoValue] => Remainder::CannotSee(Blind::NoValue),
        _ => Remainder::CannotSee(Blind::Unsettled),
    }
}

/// The order of the last three remainders of a side, where they stand out of the noise: a miss is the remainder over its
/// step.
fn order(seen: &[(f64, [Option<f64>; 2])], side: usize, slope: f64, noise: f64) -> Option<f64> {
    let last = seen.len().checked_sub(3)?;
    let misses: Vec<(f64, f64)> = seen[last..]
        .iter()
        .map(|(h, found)| found[side].map(|quotient| (*h, (quotient - slope).abs())))
        .collect::<Option<_>>()?;
    let [(long, first), (_, middle), (short, third)] = misses[..] else { return None };
    let falls = middle < first && third < middle && third * short > ABOVE_NOISE * noise;
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
mod tests {
    use super::*;

    fn of(text: &str, x: f64, slope: f64, certified: bool) -> Remainder {
        let f = chainrule::expr::parse(text).unwrap();
        check(&f, 0, &[x], 0, slope, certified, &mut Work(MOST_WORK))
    }

    #[test]
    fn the_right_slope_is_confirmed_and_another_contradicted() {
        for certified in [true, false] {
            for (text, x, slope) in [
                ("sin(x)", 1.3, 1.3f64.cos()),
                ("2*x + 1", 3.0, 2.0),
                ("cos(x)", 0.0, 0.0),
                ("x^3", 0.0, 0.0),
                ("sin(1e10*x)", 1.0, 8731196226.76856),
                ("sin(1e15*x)", 1.0, 1e15 * 1e15f64.cos()),
                ("if(x < 1, x, x + 1)", 1.0 - 1e-9, 1.0),
                ("sqrt(1 - x)", 1.0 - 1e-15, -15817710.937375259),
            ] {
                assert_eq!(of(text, x, slope, certified), Remainder::Confirms, "{text} at {x}");
                for wrong in [-slope - 1.0, slope + 1e-5 * slope.abs() + 1e-6, 3.0 * slope + 1e-3] {
                    let found = of(text, x, wrong, certified);
                    assert_eq!(found, Remainder::Contradicts, "{text} at {x}: {wrong}");
                }
            }
        }
        // On steps that are too long for it, quotients are near 0 beside the slope.
        assert_ne!(of("sin(1e30*x)", 1.0, 1e30 * 1e30f64.cos(), false), Remainder::Contradicts);
        assert_eq!(of("((1e100 + x) - 1e100)^2", 1.0, 2.0, true), Remainder::Confirms);
        assert_eq!(of("sin(exp(x))", 700.0, -8.7215659729094062e303, true), Remainder::Confirms);
    }

    #[test]
    fn what_cannot_be_seen_is_said() {
        let blind = |text: &str, x: f64, slope: f64, certified: bool| match of(text, x, slope, certified) {
            Remainder::CannotSee(blind) => blind,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(blind("abs(x)", 0.0, 0.3, true), Blind::SidesDiffer);
        assert_eq!(blind("ln(x)", -1.0, -1.0, true), Blind::NoValue);
        // No digit of this is in double-double numbers.
        assert_ne!(of("((1e100 + x) - 1e100)^2", 1.0, 2.0, false), Remainder::Contradicts);
        let f = chainrule::expr::parse("sin(x)").unwrap();
        let none = check(&f, 0, &[1.0], 0, 0.5, true, &mut Work(10));
        assert_eq!(none, Remainder::CannotSee(Blind::TooMuch));
    }
}
