//! How ill-conditioned a gradient is: how much more its components move than the inputs, each by its own size.
//!
//! That is the problem's own doing, whatever computes it; an error far above it is the formula's. The condition number of
//! g = ∂f/∂x_k is Σ_j |x_j·∂g/∂x_j| / |g| (Higham 2002, §1.6 for the norm of largest components), taken here by moving
//! inputs a little in double-double numbers.

use chainrule::backprop::{Adjoint, Workspace};
use chainrule::expr::{DoubleDouble, Function};

use crate::Random;

/// How far inputs are moved, relative to their sizes: so far that differences stand out even where a formula loses
/// twenty of its thirty digits; two or three digits of a condition number are enough.
const MOVE: f64 = 1.0 / (1u64 << 20) as f64;
/// With more inputs than this all are moved together, in so many random directions, and the most that is seen counts.
const DIRECTIONS: usize = 8;

/// The condition number of every component of the gradients of a flat function, row after row; infinite for a component
/// that is 0 and does not stay so, NaN where it is not a number.
pub fn condition_numbers(f: &Function, x: &[f64]) -> Vec<f64> {
    let adjoint = Adjoint::compile(f);
    let mut sweep = Sweep { workspace: adjoint.workspace_in(f), adjoint, outputs: f.outputs().len() };
    let here = sweep.gradient(x, |_| 0.0);
    let mut moved = vec![0.0f64; here.len()];
    let mut add = |there: &[DoubleDouble], join: fn(f64, f64) -> f64| {
        for ((moved, here), there) in moved.iter_mut().zip(&here).zip(there) {
            *moved = join(*moved, (*there - *here).hi.abs() / MOVE);
        }
    };
    if x.len() <= DIRECTIONS {
        (0..x.len()).for_each(|j| add(&sweep.gradient(x, |k| f64::from(u8::from(j == k))), |a, b| a + b));
    } else {
        let mut random = Random::new(0, &["directions"], x.len());
        for _ in 0..DIRECTIONS {
            let signs: Vec<f64> = x.iter().map(|_| if random.below(2) == 0 { 1.0 } else { -1.0 }).collect();
            add(&sweep.gradient(x, |k| signs[k]), f64::max);
        }
    }
    let relative =
        |(moved, here): (f64, &DoubleDouble)| if moved == 0.0 { 0.0 } else { moved / here.hi.abs() };
    moved.into_iter().zip(&here).map(relative).collect()
}

struct Sweep {
    adjoint: Adjoint,
    workspace: Workspace<DoubleDouble>,
    outputs: usize,
}

impl Sweep {
    /// All gradients where every input is moved by so many [`MOVE`]s of its size.
    fn gradient(&mut self, x: &[f64], moves: impl Fn(usize) -> f64) -> Vec<DoubleDouble> {
        let moved = |(k, &x): (usize, &f64)| DoubleDouble::from(x) + DoubleDouble::from(x * MOVE * moves(k));
        let point: Vec<DoubleDouble> = x.iter().enumerate().map(moved).collect();
        let mut values = vec![DoubleDouble::from(0.0); self.outputs];
        let mut gradient = vec![DoubleDouble::from(0.0); self.outputs * x.len()];
        self.adjoint.run(&mut self.workspace, &point, &mut values, &mut gradient);
        gradient
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, x: &[f64]) -> Vec<f64> {
        condition_numbers(&chainrule::expr::parse(text).unwrap(), x)
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
    fn many_inputs_are_moved_together() {
        let f = chainrule::expr::parse("sum(i, 1, 100, x[i]^3)").unwrap().unroll(10_000).unwrap();
        let found = condition_numbers(&f, &[0.7; 100]);
        assert!(found.iter().all(|number| (number - 2.0).abs() < 1e-3), "{found:?}");
    }
}
