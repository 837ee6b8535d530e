//! The backward pass by the letter, with a rule of the table mutated.

use expr::reverse_sweep::{at_inputs, reverse_sweep};
use expr::{Analysis, Function, Op};

/// The gradient of the first output, where `mutate` is given every downstream gradient of an operator with the argument it
/// goes to, and returns another.
pub fn gradient(f: &Function, x: &[f64], mutate: impl Fn(Op, usize, f64) -> f64) -> Vec<f64> {
    let (values, seed) = (f.values((), x), (f.outputs()[0], 1.0));
    let received =
        reverse_sweep(f, &Analysis::of_every_node(f), &values, seed, |local, upstream, propagate| {
            // Where there is no rule at all the gradient is 0, and can be mutated as well.
            let mut downstream = vec![0.0; local.children.len()];
            local.downstream(upstream, |k, gradient| downstream[k] = gradient);
            let mutated = |k, gradient| local.node().op().map_or(gradient, |op| mutate(op, k, gradient));
            downstream.into_iter().enumerate().for_each(|(k, gradient)| propagate(k, mutated(k, gradient)));
        });
    at_inputs(f, received).into_iter().map(Option::unwrap_or_default).collect()
}
