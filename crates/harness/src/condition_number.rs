//! How ill-conditioned a gradient is: how much more its components move than the inputs, each by its own size.
//!
//! That is the problem's own doing, whatever computes it; an error far above it is the formula's. The condition number of
//! g = ∂f/∂x_k is Σ_j |x_j·∂g/∂x_j| / |g| (Higham 2002, §1.6 for the norm of largest components). The second derivatives
//! in it are products of the Hessian with a direction, forward over reverse (Pearlmutter 1994): the backward pass over
//! numbers that carry their rate of change, in double-double, for formulas that lose digits of their own.

use expr::reverse_sweep::{at_inputs, nan_without_value, reverse_sweep};
use expr::{
    Analysis, Builder, Constant, DoubleDouble, Expr, Function, Node, NodeId, Op, Rebuild, Scalar, Style,
};

use crate::Random;

/// With more inputs than this all are moved together, in so many random directions, and the most that is seen counts.
const DIRECTIONS: usize = 8;

/// A number, and how fast it changes as the inputs move.
#[derive(Clone, Copy)]
struct Dual {
    value: DoubleDouble,
    rate: DoubleDouble,
}

expr::arithmetic!(Dual);

impl Scalar for Dual {
    type Context = ();

    fn context(&self) {}

    fn lift((): (), constant: &Constant) -> Self {
        Dual { value: DoubleDouble::lift((), constant), rate: DoubleDouble::from(0.0) }
    }

    fn apply(op: Op, arguments: &[Self]) -> Self {
        let mut values = [DoubleDouble::from(0.0); 3];
        let mut moving = 0;
        for (k, argument) in arguments.iter().enumerate() {
            values[k] = argument.value;
            // What stands still adds nothing, however steep the operator is there.
            moving |= u8::from(argument.rate.hi != 0.0) << k;
        }
        let value = DoubleDouble::apply(op, &values[..op.arity()]);
        let mut rate = DoubleDouble::from(0.0);
        let one = DoubleDouble::from(1.0);
        op.pull_back(moving, &values, &value, &one, |k: usize, slope| {
            rate = rate + slope * arguments[k].rate;
        });
        Dual { value, rate }
    }
}

/// The condition number of every component of the gradients of a flat function, row after row; infinite for a component
/// that is 0 and does not stay so, NaN where it is not a number.
pub fn condition_numbers(f: &Function, x: &[f64]) -> Vec<f64> {
    let analysis = Analysis::of(f);
    let mut found = vec![0.0f64; x.len() * f.outputs().len()];
    if x.len() <= DIRECTIONS {
        for j in 0..x.len() {
            let moved = relative_rates(f, &analysis, x, |k| f64::from(u8::from(j == k)));
            found.iter_mut().zip(moved).for_each(|(sum, moved)| *sum += moved);
        }
    } else {
        let mut random = Random::new(0, &["directions"], x.len());
        for _ in 0..DIRECTIONS {
            let signs: Vec<f64> = x.iter().map(|_| if random.below(2) == 0 { 1.0 } else { -1.0 }).collect();
            let moved = relative_rates(f, &analysis, x, |k| signs[k]);
            // Not `max`, which would forget what is not a number.
            found.iter_mut().zip(moved).for_each(|(most, moved)| {
                if moved > *most || moved.is_nan() {
                    *most = moved
                }
            });
        }
    }
    found
}

/// The same with every literal counted as an input that may move as well: what the text leaves open in its last place is
/// as open as the point.
pub fn with_literals(f: &Function, x: &[f64]) -> Vec<f64> {
    let (opened, literals) = opened(f);
    let at: Vec<f64> = x.iter().copied().chain(literals).collect();
    let rows = condition_numbers(&opened, &at);
    rows.chunks(at.len().max(1)).flat_map(|row| row[..x.len()].iter().copied()).collect()
}

/// Whether a decimal is only near its double: integers that a double holds, and short binary fractions, are exact.
fn is_rounded(value: f64) -> bool {
    let scaled = value * f64::from(1u32 << 20);
    scaled.fract() != 0.0 || scaled.abs() >= (1u64 << 53) as f64
}

/// The function with its literals as further inputs, and their values: those that are rounded, for what is exact has no last
/// place to move. Exponents of integer powers stay what they are, and so do pi and e.
fn opened(f: &Function) -> (Function, Vec<f64>) {
    let graph = f.graph();
    let mut exponent = vec![false; graph.len()];
    for id in graph.ids().filter(|&id| graph.node(id).op() == Some(Op::Powi)) {
        exponent[graph.children(id)[1].index()] = true;
    }
    let builder = Builder::new(Style::Written);
    let inputs: Vec<Expr<'_>> = (0..f.input_count()).map(|k| builder.input(&format!("x{k}"))).collect();
    let mut literals = Vec::new();
    let mut made = Rebuild::new(graph, &builder);
    made.run(graph.ids(), |_, id| match graph.node(id) {
        Node::Input(block, offset) => Some(inputs[f.position(block, offset)]),
        Node::Const(constant) => match graph.constant(constant) {
            literal @ Constant::Decimal(_) if !exponent[id.index()] && is_rounded(literal.to_f64()) => {
                literals.push(literal.to_f64());
                Some(builder.input(&format!("c{}", literals.len())))
            }
            _ => None,
        },
        _ => None,
    });
    let outputs = made.ids(f.outputs());
    drop(made);
    (builder.finish(outputs), literals)
}

/// How fast each component of all gradients changes, by its own size, where every input moves by so many times its own.
fn relative_rates(f: &Function, analysis: &Analysis, x: &[f64], moves: impl Fn(usize) -> f64) -> Vec<f64> {
    let moving = |(k, &x): (usize, &f64)| Dual { value: x.into(), rate: DoubleDouble::from(x * moves(k)) };
    let point: Vec<Dual> = x.iter().enumerate().map(moving).collect();
    let values = f.values((), &point);
    let one = Dual::lift((), &Constant::Integer(1));
    let relative = |g: Option<Dual>| match g {
        None => 0.0,
        Some(g) if g.rate.hi == 0.0 && !g.value.hi.is_nan() => 0.0,
        Some(g) => (g.rate / g.value).hi.abs(),
    };
    let row = |&output: &NodeId| {
        let received = reverse_sweep(f, analysis, &values, (output, one), |local, upstream, propagate| {
            local.downstream(upstream, |k, gradient| {
                let op = local.node().op();
                propagate(k, op.map_or(gradient, |op| nan_without_value(op, local.result, gradient)));
            });
        });
        at_inputs(f, received)
    };
    f.outputs().iter().flat_map(row).map(relative).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, x: &[f64]) -> Vec<f64> {
        condition_numbers(&syntax::parse(text).unwrap(), x)
    }

    #[test]
    fn the_problem_is_told_from_the_formula() {
        let near =
            |found: f64, expected: f64| assert!((found - expected).abs() <= 1e-2 * expected, "{found}");
        // g = 3x²: twice as sensitive as x.
        near(at("x^3", &[5.0])[0], 2.0);
        // A formula that loses every digit of a problem that is as tame as can be.
        near(at("(1 - cos(x))/x^2", &[1e-6])[0], 1.0);
        // A problem that is bad however it is computed: g = cos x near its zero.
        near(at("sin(x)", &[1.57])[0], 1.57 * 1.57f64.tan());
        // g = y by x, and x by y; and a straight line does not move.
        assert_eq!(at("x*y", &[2.0, 3.0]).iter().map(|n| n.round()).collect::<Vec<_>>(), [1.0, 1.0]);
        assert_eq!(at("3*x + y", &[2.0, 3.0]), [0.0, 0.0]);
    }

    #[test]
    fn literals_move_as_well() {
        let at = |text: &str, x: &[f64]| with_literals(&syntax::parse(text).unwrap(), x);
        // As sensitive to each of its literals as a product is; integers are exact.
        assert_eq!(
            at("0.1*x*0.3 + 2*y", &[5.0, 1.0]).iter().map(|n| n.round()).collect::<Vec<_>>(),
            [2.0, 0.0]
        );
        // The same literal twice moves together; an exponent does not.
        assert_eq!(at("((7 + x) - 7)^2", &[3.0])[0].round(), 1.0);
        assert!(at("sin(1e10*x)", &[1.0])[0] > 1e9);
    }

    #[test]
    fn the_worst_problems_have_a_number_too() {
        let near =
            |found: f64, expected: f64| assert!((found - expected).abs() <= 1e-2 * expected, "{found}");
        // The cosine of a large number, and the slope of a logarithm by the edge of its domain.
        near(at("sin(x)", &[1e12])[0], 1e12 * 1e12f64.tan().abs());
        near(at("ln(x - 1)", &[1.0 + 1e-12])[0], 1.0 / ((1.0 + 1e-12) - 1.0));
        // A kink a little off is not felt.
        near(at("x*abs(x - 1)", &[1.0 + 1e-9])[0], 2.0);
        // Nor is the end of the doubles; beyond the edge there is no number.
        near(at("x^2/1e200", &[1e250])[0], 1.0);
        assert!(at("sqrt(x)", &[-1.0])[0].is_nan());
        assert_eq!(at("x^2", &[0.0])[0], 0.0);
        assert_eq!(at("x^2 - 2*x", &[1.0])[0], f64::INFINITY);
    }

    #[test]
    fn many_inputs_are_moved_together() {
        let f = syntax::parse("sum(i, 1, 100, x[i]^3)").unwrap().unroll(10_000).unwrap();
        let found = condition_numbers(&f, &[0.7; 100]);
        assert!(found.iter().all(|number| (number - 2.0).abs() < 1e-3), "{found:?}");
    }
}
