//! How much rounding moves each component of a gradient: by letting it.
//!
//! The backward pass is run a few times over numbers whose every operation is off by a random unit in the last place
//! (Monte Carlo arithmetic: Parker 1997, after Vignes's stochastic arithmetic). What then differs between runs is what
//! rounding alone can do to the component: two answers further apart than a few times that do not differ by rounding.
//! A running error bound would be a proof, but on a map iterated twenty times it is already wider than the gradient,
//! because it cannot know that `y` and `1 - y` err together.

use std::cell::RefCell;

use chainrule::Random;
use expr::reverse_sweep::{at_inputs, reverse_sweep};
use expr::{Analysis, Constant, Function, NodeId, Op, Scalar};

/// A number whose operations round at random.
#[derive(Clone, Copy)]
struct RandomRounded<'r> {
    value: f64,
    random: &'r RefCell<Random>,
}

expr::arithmetic!(RandomRounded<'r>, ['r]);

impl RandomRounded<'_> {
    /// The same, off by so many units in the last place.
    fn off_by(self, units: f64) -> Self {
        RandomRounded { value: self.value + self.value * (units * f64::EPSILON), ..self }
    }
}

impl<'r> Scalar for RandomRounded<'r> {
    type Context = &'r RefCell<Random>;

    fn context(&self) -> Self::Context {
        self.random
    }

    fn lift(random: Self::Context, constant: &Constant) -> Self {
        let value = constant.to_f64();
        // Decimals mean the nearest double, and π is not one.
        let off = match constant {
            Constant::Pi | Constant::E => random.borrow_mut().between(-UNITS, UNITS),
            Constant::Integer(_) | Constant::Decimal(_) => 0.0,
        };
        RandomRounded { value, random }.off_by(off)
    }

    fn apply(op: Op, arguments: &[Self]) -> Self {
        let mut at = [0.0; 3];
        for (value, argument) in at.iter_mut().zip(arguments) {
            *value = argument.value;
        }
        let value = op.value(&at);
        let random = arguments[0].random;
        // A step of a staircase was not rounded, nor what only chooses among its arguments.
        let stepped = (0..op.arity()).all(|k| !op.has_slope(k));
        let chooses = matches!(op, Op::Neg | Op::Select) || !op.kinks().is_empty();
        let exact = stepped
            || chooses && at[..op.arity()].iter().any(|argument| argument.abs() == value.abs())
            || op == Op::Add && sum_is_exact(at[0], at[1])
            || op == Op::Sub && sum_is_exact(at[0], -at[1]);
        let off = if exact { 0.0 } else { random.borrow_mut().between(-UNITS, UNITS) };
        // Below the normal numbers the last place is always the same, also of what has been rounded to 0.
        let lost = value == 0.0 && at[..op.arity()].iter().all(|argument| *argument != 0.0);
        let subnormal = if value.is_subnormal() || lost { off * 5e-324 } else { 0.0 };
        let rounded = RandomRounded { value, random }.off_by(off);
        RandomRounded { value: rounded.value + subnormal, random }
    }
}

/// Whether `a + b` needs no rounding (Knuth's TwoSum); so with the integers in exponents.
fn sum_is_exact(a: f64, b: f64) -> bool {
    let sum = a + b;
    let from_b = sum - a;
    (a - (sum - from_b)) + (b - from_b) == 0.0
}

/// Units in the last place: what elementary functions promise.
const UNITS: f64 = 1.5;
/// Runs whose spread is taken.
const RUNS: usize = 8;
/// The spread of a few runs is less than what can happen.
const SAFETY: f64 = 3.0;
/// Above this many nodes no analysis is made.
pub(crate) const MOST_NODES: usize = 2_000_000;

/// For one output of a flat function: what rounding does to each component of its gradient at a point (an absolute
/// error, three times the most seen in eight runs), or nothing for a function too large to look at.
pub fn rounding_error(f: &Function, output: usize, x: &[f64]) -> Option<Vec<f64>> {
    if f.graph().len() > MOST_NODES {
        return None;
    }
    let analysis = Analysis::of_every_node(f);
    let mut arrivals = vec![0u32; f.graph().len()];
    let exact = gradient(f, &analysis, output, (), x, |node, _, downstream| {
        arrivals[node.index()] += 1;
        downstream
    });
    let mut spread = vec![0.0f64; x.len()];
    let random = RefCell::new(Random::new(0, &["rounding"], 0));
    // Where three or more gradients meet, others may add them in another order: u + s - u is s in one of them, and has lost what
    // s has below the last place of u in another.
    let off_at_random = |node: NodeId| match arrivals[node.index()] {
        0..3 => 0.0,
        _ => random.borrow_mut().between(-UNITS, UNITS),
    };
    let rounded_gradient = |point: &[RandomRounded<'_>]| -> Vec<f64> {
        let arrive = |node, upstream: &RandomRounded<'_>, downstream: RandomRounded<'_>| {
            let off = off_at_random(node);
            let value = downstream.value + underflow(upstream.value, downstream.value, &random);
            RandomRounded { value, random: &random }.off_by(off)
        };
        gradient(f, &analysis, output, &random, point, arrive).iter().map(|rounded| rounded.value).collect()
    };
    for _ in 0..RUNS {
        let point: Vec<RandomRounded<'_>> =
            x.iter().map(|&value| RandomRounded { value, random: &random }).collect();
        for (spread, (rounded, &exact)) in spread.iter_mut().zip(rounded_gradient(&point).iter().zip(&exact))
        {
            let off = (rounded - exact).abs();
            // Not a number in one of them: the edge of a domain is nearer than rounding.
            *spread = if off.is_nan() { f64::INFINITY } else { spread.max(SAFETY * off) };
        }
    }
    Some(spread)
}

/// What rounding does to the value of one output of a flat function (an absolute error, as in [`rounding_error`]); 0 for a
/// function too large to look at.
pub fn value_noise(f: &Function, output: usize, x: &[f64]) -> f64 {
    if f.graph().len() > MOST_NODES {
        return 0.0;
    }
    let exact = f.evaluate((), x)[output];
    let random = RefCell::new(Random::new(0, &["noise"], 0));
    let run = |_| {
        let point: Vec<RandomRounded<'_>> =
            x.iter().map(|&value| RandomRounded { value, random: &random }).collect();
        SAFETY * (f.evaluate(&random, &point)[output].value - exact).abs()
    };
    (0..RUNS).map(run).fold(0.0, f64::max)
}

/// Of every component of the gradient of one output: the sum of the absolute terms that it is the sum of, over all ways
/// from the output to the input. What cancels to 0 has an error as small as these are.
pub fn absolute_terms(f: &Function, output: usize, x: &[f64]) -> Vec<f64> {
    gradient(f, &Analysis::of_every_node(f), output, (), x, |_, _, downstream: f64| downstream.abs())
}

/// What becomes of a downstream gradient where others compute the slope before they multiply it by the upstream gradient, and the
/// slope is below the normal numbers: its last place, times the upstream gradient.
fn underflow(upstream: f64, downstream: f64, random: &RefCell<Random>) -> f64 {
    let slope = (downstream / upstream).abs();
    if slope >= f64::MIN_POSITIVE || !slope.is_finite() || upstream.is_infinite() {
        return 0.0;
    }
    upstream * (random.borrow_mut().between(-UNITS, UNITS) * 5e-324)
}

/// The gradient of an output, over any kind of number. `arrive` sees each downstream gradient with the node that it goes to and
/// the upstream gradient that it was made of, and says what of it arrives.
fn gradient<S: Scalar>(
    f: &Function,
    analysis: &Analysis,
    output: usize,
    context: S::Context,
    x: &[S],
    mut arrive: impl FnMut(NodeId, &S, S) -> S,
) -> Vec<S> {
    let values = f.values(context, x);
    let zero = || S::lift(context, &Constant::Integer(0));
    let seed = (f.outputs()[output], S::lift(context, &Constant::Integer(1)));
    let received = reverse_sweep(f, analysis, &values, seed, |local, upstream, propagate| {
        local.downstream(upstream, |k, downstream| {
            propagate(k, arrive(local.children[k], upstream, downstream));
        });
    });
    at_inputs(f, received).into_iter().map(|received| received.unwrap_or_else(zero)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expr::Calculus;

    #[test]
    fn cancellation_is_seen() {
        let harmless = Function::build(|g| vec![g.input("x").sin()]);
        let cancelling = Function::build(|g| {
            let x = g.input("x");
            vec![((x + 1e10) - 1e10).square()]
        });
        let relative = rounding_error(&harmless, 0, &[1.0]).unwrap()[0];
        assert!(relative < 1e-14, "{relative}");
        let bound = rounding_error(&cancelling, 0, &[0.1]).unwrap()[0];
        assert!(bound > 1e-7, "{bound}");
    }

    #[test]
    fn terms_that_cancel_keep_their_size() {
        let f = syntax::parse("3*x - x*3 + y^2*sin(x)").unwrap();
        assert_eq!(absolute_terms(&f, 0, &[0.0, 2.0]), [10.0, 0.0]);
    }

    #[test]
    fn numbers_with_common_errors_are_stable() {
        let f = syntax::parse("iterate(k, 1, 20, y, x, 3.2*y*(1 - y))").unwrap().unroll(1000).unwrap();
        let bound = rounding_error(&f, 0, &[0.42]).unwrap()[0];
        let slope =
            gradient(&f, &Analysis::of_every_node(&f), 0, (), &[0.42], |_, _, downstream| downstream)[0];
        assert!(bound < 1e-12 * slope.abs() && bound > 1e-17 * slope.abs(), "{bound} of {slope}");
    }

    #[test]
    fn the_last_place_of_subnormal_numbers_counts() {
        let f = syntax::parse("erfc(x)").unwrap();
        let bound = rounding_error(&f, 0, &[27.0]).unwrap()[0];
        assert!((1e-323..1e-321).contains(&bound), "{bound:e}");
        // Nothing is left of it, and in another order something would be.
        let f = syntax::parse("x*y*1e-170").unwrap();
        let bound = rounding_error(&f, 0, &[1.0, 1e-160]).unwrap()[0];
        assert!((4e-324..1e-321).contains(&bound), "{bound:e}");
    }

    #[test]
    fn another_order_of_sums_counts() {
        // To x arrive -0.75, 0.75 and something near 3e-5; backpropagation with loops kept adds them in another order.
        let f = syntax::parse("0.75*x - x*0.75 + sin(x)*3e-5").unwrap();
        let bound = rounding_error(&f, 0, &[0.3]).unwrap()[0];
        assert!((1e-17..1e-14).contains(&bound), "{bound:e}");
        // Two can be added in one order only.
        let f = syntax::parse("3*x - x*3 + y").unwrap();
        assert_eq!(rounding_error(&f, 0, &[0.3, 0.5]).unwrap()[1], 0.0);
    }

    #[test]
    fn slopes_that_underflow_before_they_are_multiplied_count() {
        // The slope of tanh is 1e-391 there: 0 to those who compute it first.
        let f = syntax::parse("exp(650)*tanh(x)").unwrap();
        let bound = rounding_error(&f, 0, &[450.0]).unwrap()[0];
        assert!((1e-44..1e-40).contains(&bound), "{bound:e}");
    }

    #[test]
    fn constants_that_no_double_is_count() {
        let f = syntax::parse("(sin(pi) + x)^2").unwrap();
        let bound = rounding_error(&f, 0, &[1e-3]).unwrap()[0];
        assert!((1e-16..1e-14).contains(&bound), "{bound:e}");
    }

    #[test]
    fn untaken_branches_do_not_count() {
        let f = Function::build(|g| {
            let x = g.input("x");
            let zero = g.constant(0.0);
            vec![x.le(zero).select(x * 3.0, x.ln())]
        });
        assert!(rounding_error(&f, 0, &[0.0]).unwrap()[0].is_finite());
    }

    #[test]
    fn operations_without_rounding_are_not_shaken() {
        let random = RefCell::new(Random::new(0, &["exact"], 0));
        let rounded = |op: Op, at: &[f64]| -> Vec<f64> {
            let arguments: Vec<_> =
                at.iter().map(|&value| RandomRounded { value, random: &random }).collect();
            (0..40).map(|_| RandomRounded::apply(op, &arguments).value).collect()
        };
        for (op, at, exact) in [
            (Op::Add, &[2.0, 3.0][..], true),
            (Op::Add, &[1e16, 1.0], false),
            (Op::Add, &[1.0, 1e-20], false),
            (Op::Sub, &[3.0, 1.5], true),
            (Op::Sub, &[1.0, 1e-20], false),
            (Op::Sub, &[1e-20, 1.0], false),
            (Op::Mul, &[2.0, 3.0], false),
            (Op::Neg, &[0.1], true),
            (Op::Abs, &[-0.1], true),
            (Op::Max, &[0.1, 0.7], true),
            (Op::Clamp, &[0.9, 0.1, 0.7], true),
            (Op::Floor, &[3.7], true),
            (Op::Round, &[3.7], true),
            (Op::Lt, &[0.1, 0.2], true),
            (Op::Sin, &[1.0], false),
            (Op::Hypot, &[3.0, 4.0], false),
        ] {
            let (value, found) = (op.value(at), rounded(op, at));
            let off: Vec<f64> = found.iter().map(|found| (found - value) / value / f64::EPSILON).collect();
            let (least, most) = off.iter().fold((0.0_f64, 0.0_f64), |(a, b), &x| (a.min(x), b.max(x)));
            let by_units = least < -0.4 && most > 0.4 && least >= -2.0 && most <= 2.0;
            assert!(if exact { least == 0.0 && most == 0.0 } else { by_units }, "{op:?} {at:?}: {off:?}");
        }
        assert_eq!(RandomRounded { value: 2.0, random: &random }.off_by(3.0).value, 2.0 + 6.0 * f64::EPSILON);
        let draws: Vec<f64> = (0..40).map(|_| RandomRounded::lift(&random, &Constant::Pi).value).collect();
        assert!(
            draws.iter().any(|&x| x < std::f64::consts::PI)
                && draws.iter().any(|&x| x > std::f64::consts::PI)
        );
    }

    #[test]
    fn sums_are_known_to_be_exact() {
        for (a, b, exact) in [
            (1.0, 2.0, true),
            (0.1, 0.2, false),
            (1e16, 2.0, true),
            (1e16, 1.0, false),
            (-1.0, 1e-17, false),
            (1e-17, -1.0, false),
            (0.5, -0.25, true),
        ] {
            assert_eq!(sum_is_exact(a, b), exact, "{a} + {b}");
        }
    }
}
