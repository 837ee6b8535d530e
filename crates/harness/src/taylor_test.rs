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
mod tests {
    use super::*;

    fn of(text: &str, x: f64, slope: f64, certified: bool) -> Remainder {
        let f = syntax::parse(text).unwrap();
        let claimed = Claimed {
            f: &f,
            nodes: f.graph().len() as u64,
            output: 0,
            at: &[x],
            input: 0,
            slope,
            rounding: 0.0,
        };
        check(claimed, certified, &mut Work(MOST_WORK))
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
                ("if(x < 1, x, x + 1)", 1.0 - 1e-9, 1.0),
                ("sqrt(1 - x)", 1.0 - 1e-15, -15817710.937375259),
            ] {
                // In double-double numbers steps that are short enough may be beyond their noise.
                match certified {
                    true => assert_eq!(of(text, x, slope, true), Remainder::Confirms, "{text} at {x}"),
                    false => assert_ne!(of(text, x, slope, false), Remainder::Contradicts, "{text} at {x}"),
                }
                for wrong in [-slope - 1.0, slope + 1e-5 * slope.abs() + 1e-6, 3.0 * slope + 1e-3] {
                    let found = of(text, x, wrong, certified);
                    // In double-double numbers what is off by little may be beyond their noise.
                    match certified {
                        true => assert_eq!(found, Remainder::Contradicts, "{text} at {x}: {wrong}"),
                        false => assert_ne!(found, Remainder::Confirms, "{text} at {x}: {wrong}"),
                    }
                }
            }
        }
        assert_eq!(of("sin(1e15*x)", 1.0, 1e15 * 1e15f64.cos(), true), Remainder::Confirms);
        assert_ne!(of("sin(1e30*x)", 1.0, 1e30 * 1e30f64.cos(), false), Remainder::Contradicts);
        assert_eq!(of("((1e100 + x) - 1e100)^2", 1.0, 2.0, true), Remainder::Confirms);
        // On steps that are too long for it, quotients are near 0 beside the slope.
        assert_ne!(of("sin(exp(x))", 700.0, -8.721565972909406e303, true), Remainder::Contradicts);
    }

    #[test]
    fn what_cannot_be_seen_is_said() {
        let unseen = |text: &str, x: f64, slope: f64, certified: bool| match of(text, x, slope, certified) {
            Remainder::CannotSee(unseen) => unseen,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(unseen("abs(x)", 0.0, 0.3, true), Unseen::SidesDiffer);
        assert_eq!(unseen("ln(x)", -1.0, -1.0, true), Unseen::NoValue);
        // No digit of this is in double-double numbers.
        assert_ne!(of("((1e100 + x) - 1e100)^2", 1.0, 2.0, false), Remainder::Contradicts);
        let f = syntax::parse("sin(x)").unwrap();
        let claimed = Claimed {
            f: &f,
            nodes: f.graph().len() as u64,
            output: 0,
            at: &[1.0],
            input: 0,
            slope: 0.5,
            rounding: 0.0,
        };
        let none = check(claimed, true, &mut Work(10));
        assert_eq!(none, Remainder::CannotSee(Unseen::TooMuch));
    }

    #[test]
    fn quotients_decide_by_their_order_and_only_beyond_the_noise() {
        let decided = |slope: f64, tolerance: f64, noise: f64, quotient: &dyn Fn(f64) -> f64| {
            let steps: Vec<f64> = (3..=12).map(|k| 0.5f64.powi(4 * k)).collect();
            decide(slope, tolerance, &steps, noise, |h| Some([Some(quotient(h)), Some(quotient(-h))]))
        };
        let unsettled = Remainder::CannotSee(Unseen::Unsettled);
        for slope in [1.0, -1.0, 1e6, 0.0] {
            assert_eq!(decided(slope, 0.0, 0.0, &|h| slope + h), Remainder::Confirms, "{slope}");
            assert_eq!(decided(slope, 1e-9, 1e-20, &|_| slope), Remainder::Confirms, "{slope}");
            assert_eq!(decided(slope + 1.0, 0.0, 0.0, &|h| slope + h * h), Remainder::Contradicts, "{slope}");
            // A remainder of order 1.5 is none of order 2.
            assert_eq!(decided(slope, 0.0, 0.0, &|h| slope + h.abs().sqrt()), unsettled, "{slope}");
            // What noise may be decides nothing.
            assert_ne!(decided(slope, 1e-12, 1e-3, &|_| slope), Remainder::Confirms, "{slope}");
            assert_ne!(decided(slope, 1e-12, 1.0, &|h| slope + h), Remainder::Confirms, "{slope}");
            assert_ne!(
                decided(slope + 1.0, 1e-12, 1.0, &|h| slope + h * h),
                Remainder::Contradicts,
                "{slope}"
            );
        }
        // Beside a slope of 1e-30 another one may hide in a remainder of 1e-15.
        assert_eq!(decided(1e-30, 0.0, 0.0, &|h| 1e-30 + h), unsettled);
        let mut work = Work(10);
        assert_eq!([7, 7, 3, 1].map(|part| work.take(part)), [true, false, true, false]);
    }

    #[test]
    fn both_sides_are_heard() {
        // What the quotients forward and backward are at a step, beside a claimed slope of 3.
        type Side<'a> = &'a dyn Fn(f64) -> Option<f64>;
        let decided = |right: Side<'_>, left: Side<'_>| {
            let steps = [20, 40, 80, 160].map(|k| 0.5f64.powi(k));
            decide(3.0, 3e-12, &steps, 0.0, |h| Some([right(h), left(h)]))
        };
        let (falls, is, none): (Side<'_>, Side<'_>, Side<'_>) =
            (&|h| Some(3.0 + h), &|_| Some(3.0), &|_| None);
        let (other, third): (Side<'_>, Side<'_>) = (&|h| Some(4.0 + h), &|_| Some(5.0));
        // Beside 3 it is 4 that is missed, and not a change of 1e-3 of that.
        let near_other: Side<'_> = &|h| Some(4.0005 + h);
        let jumps: Side<'_> = &|h| Some(1.0 / h);
        let turns: Side<'_> = &|h| Some(if h < 0.5f64.powi(100) { 4.0 } else { 5.0 });
        let (unsettled, differ) = (Unseen::Unsettled, Unseen::SidesDiffer);
        for (right, left, expected) in [
            (falls, falls, Remainder::Confirms),
            (falls, is, Remainder::Confirms),
            // The end of a domain has one side.
            (falls, none, Remainder::Confirms),
            (is, none, Remainder::Confirms),
            (other, none, Remainder::Contradicts),
            (none, none, Remainder::CannotSee(Unseen::NoValue)),
            // One side alone neither confirms nor contradicts.
            (falls, other, Remainder::CannotSee(unsettled)),
            (is, other, Remainder::CannotSee(unsettled)),
            (jumps, other, Remainder::CannotSee(unsettled)),
            (turns, other, Remainder::CannotSee(unsettled)),
            (jumps, none, Remainder::CannotSee(unsettled)),
            (other, third, Remainder::CannotSee(differ)),
            (other, other, Remainder::Contradicts),
            (other, near_other, Remainder::Contradicts),
        ] {
            assert_eq!(decided(right, left), expected, "{:?} {:?}", right(1.0), left(1.0));
            assert_eq!(decided(left, right), expected, "{:?} {:?}", left(1.0), right(1.0));
        }
        // Quotients that are nothing beside the claim, and grow all the same.
        let grows = |h: f64| Some([Some(h.powf(-0.5)); 2]);
        assert_eq!(
            decide(1e30, 0.0, &[1e-4, 1e-6, 1e-8, 1e-10], 0.0, grows),
            Remainder::CannotSee(unsettled)
        );
        // The last three steps decide, and work that is used up before them decides nothing.
        let mut left = 2;
        let runs_out = |_| {
            left -= 1;
            (left >= 0).then_some([Some(4.0); 2])
        };
        let found = decide(3.0, 0.0, &[1e-4, 1e-6, 1e-8], 0.0, runs_out);
        assert_eq!(found, Remainder::CannotSee(Unseen::TooMuch));
        let late = |h: f64| Some([Some(if h > 1e-5 { 40.0 } else { 4.0 }); 2]);
        assert_eq!(decide(3.0, 0.0, &[1e-4, 1e-6, 1e-8, 1e-10], 0.0, late), Remainder::Contradicts);
        assert_eq!(decide(3.0, 0.0, &[1e-4, 1e-6, 1e-8], 0.0, late), Remainder::CannotSee(unsettled));
    }
}
