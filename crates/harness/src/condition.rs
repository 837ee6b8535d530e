//! How much rounding alone can move each component of a gradient: a running error analysis (Wilkinson 1963).
//!
//! The backward pass is run over numbers that carry a first-order bound of their own absolute error: an operator
//! passes on the errors of its arguments, each times its slope, and adds one unit in the last place of its own. Two
//! computations of the same gradient that differ by more than a few such bounds do not differ by rounding.

use chainrule::expr::{Constant, Fold, Function, MaskId, Node, Op, Scalar, Taken, fold};

/// A number and a first-order bound of its absolute rounding error.
#[derive(Clone, Copy, Debug)]
struct Rounded {
    value: f64,
    error: f64,
}

/// Two units in the last place: what elementary functions promise.
const UNIT: f64 = f64::EPSILON * 2.0;

chainrule::expr::arithmetic!(Rounded);

impl Scalar for Rounded {
    type World = ();

    fn world(&self) {}

    fn lift((): (), constant: &Constant) -> Rounded {
        let value = constant.to_f64();
        Rounded { value, error: if constant.as_integer().is_some() { 0.0 } else { value.abs() * UNIT } }
    }

    fn apply(op: Op, arguments: &[Rounded]) -> Rounded {
        let mut at = [0.0; 3];
        for (value, argument) in at.iter_mut().zip(arguments) {
            *value = argument.value;
        }
        let value = op.value(&at);
        let mut error = if op == Op::Neg { 0.0 } else { value.abs() * UNIT };
        op.pull_back(7, &at, &value, &1.0, |k, slope| {
            let passed = slope.abs() * arguments[k].error;
            // An exact argument passes nothing on, however steep the operator is there.
            error += if arguments[k].error == 0.0 { 0.0 } else { passed };
        });
        Rounded { value, error }
    }
}

/// Above this many nodes no analysis is made.
const MOST_NODES: usize = 2_000_000;

/// For one output of a flat function: a bound of what rounding can do to each component of its gradient at a point,
/// or nothing for a function too large to analyse.
pub fn condition(f: &Function, output: usize, x: &[f64]) -> Option<Vec<f64>> {
    let graph = f.graph();
    if graph.len() > MOST_NODES {
        return None;
    }
    let point: Vec<Rounded> = x.iter().map(|&value| Rounded { value, error: 0.0 }).collect();
    let values = f.values((), &point);
    let zero = Rounded { value: 0.0, error: 0.0 };
    let taken = Taken::mark(f);
    let masks = taken.values((), |id| values[id.index()]);
    let mut upstream: Vec<Option<Rounded>> = vec![None; graph.len()];
    let mut gradient = vec![zero; x.len()];
    upstream[f.outputs()[output].index()] = Some(Rounded { value: 1.0, error: 0.0 });
    for id in graph.ids().rev() {
        let Some(received) = upstream[id.index()].take() else { continue };
        let mask = taken.of(id);
        if mask != MaskId::ALWAYS && masks[mask.index()].value == 0.0 {
            continue;
        }
        let children = graph.children(id);
        let mut pass = |k: usize, downstream: Rounded| {
            let slot = &mut upstream[children[k].index()];
            *slot = Some(match *slot {
                Some(before) => before + downstream,
                None => downstream,
            });
        };
        let arguments: Vec<Rounded> = children.iter().map(|child| values[child.index()]).collect();
        match graph.node(id) {
            Node::Input(block, offset) => {
                let component = &mut gradient[f.position(block, offset)];
                *component = *component + received;
            }
            Node::Fold(kind @ (Fold::Sum | Fold::Product), _) => {
                fold::pull_back(kind, &arguments, &received, &mut pass);
            }
            node => {
                if let Some(op) = node.op() {
                    op.pull_back(7, &arguments, &values[id.index()], &received, &mut pass);
                }
            }
        }
    }
    Some(gradient.iter().map(|component| component.error).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chainrule::expr::Calculus;

    #[test]
    fn cancellation_is_seen() {
        // d/dx of (x + 1e10)² - x² - … loses ten digits where 1 - cos x loses them near 0.
        let harmless = Function::build(|g| vec![g.input("x").sin()]);
        let cancelling = Function::build(|g| {
            let x = g.input("x");
            vec![((x + 1e10) - x).square() * 1e-10]
        });
        let relative = condition(&harmless, 0, &[1.0]).unwrap()[0];
        assert!(relative < 1e-14, "{relative}");
        let bound = condition(&cancelling, 0, &[1.0]).unwrap()[0];
        assert!(bound > 1e-16, "{bound}");
    }

    #[test]
    fn untaken_branches_do_not_count() {
        let f = Function::build(|g| {
            let x = g.input("x");
            let zero = g.constant(0.0);
            vec![x.le(zero).select(x * 3.0, x.ln())]
        });
        assert!(condition(&f, 0, &[0.0]).unwrap()[0].is_finite());
    }
}
