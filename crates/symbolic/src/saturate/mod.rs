//! Equality saturation with egg: an e-graph of everything the rules can show equal, and the cheapest graph in it.
//!
//! Sound in this sense: let D be the points where f and all its outputs are defined. Every e-node is total on D, a
//! rule fires only if its right-hand side is too, and so equality is that of functions on D. Branches would break
//! that (an untaken one may be undefined on D), so a function with `select` is only saturated when nothing in it can be
//! undefined at all.

mod analysis;
mod dag;
mod e_graph;
mod enode;
mod extract;
#[cfg(test)]
mod oracle;
mod order;
mod pass;
pub(crate) mod rules;
mod signs;
mod windows;

use expr::{Expr, Function, Node, NodeId, Op, Style, fold};

use crate::cost::cost;
use crate::simplified::{Limits, Simplified, StopReason};
use e_graph::Budget;
pub(crate) use windows::FaultInjection;

/// The numbers of matches with which a whole function is saturated, in e-graphs of their own: it can be just an order of
/// a sum that is wanted, or just what all those orders keep from being found.
const MATCHES: [usize; 3] = [1000, 300, 100];

/// Improves what is unchanged as yet: one pass, then the whole of a small function, or a large one window by window.
pub(crate) fn simplify(mut best: Simplified, limits: &Limits, faults: &FaultInjection) -> Simplified {
    let written = best.clone();
    let keep = |best: &mut Simplified, function: Function| {
        let after = cost(&function);
        let better = after < best.cost_after;
        if better {
            (best.function, best.cost_after) = (function, after);
        }
        better
    };
    let lowered = lower(&best.function);
    let (passed, applied) = pass::pass(&lowered);
    // With nothing to say for it the function stays as it was written, sums of many terms and all.
    let mut from = if applied > 0 && keep(&mut best, passed) { best.function.clone() } else { lowered };
    best.cost_after_pass = best.cost_after;
    let whole = from.graph().len() <= limits.whole_nodes;
    let (most, e_nodes, iterations) = match whole {
        true => (usize::MAX, limits.e_nodes, limits.iterations),
        false => (limits.window_nodes, limits.window_e_nodes, limits.window_iterations),
    };
    for _ in 0..limits.rounds {
        let mut improved = false;
        for matches in if whole { &MATCHES[..] } else { &MATCHES[1..2] } {
            let budget = Budget { e_nodes, iterations, matches: *matches };
            let untried = limits.windows - best.windows.tried;
            let found = windows::sweep(&from, most, untried, &budget, faults);
            best.windows += found.windows;
            best.e_nodes += found.e_nodes;
            best.iterations += found.iterations;
            best.stop = found.stop;
            if found.stop == StopReason::DefinedNowhere {
                let Simplified { function, cost_after_pass, cost_after, .. } = written;
                return Simplified { function, cost_after_pass, cost_after, ..best };
            }
            improved |= found.function.is_some_and(|function| keep(&mut best, function));
            // With fewer matches a rule is left out for a while; nothing new comes of that here.
            if whole && found.stop == StopReason::Saturated || best.windows.tried == limits.windows {
                break;
            }
        }
        if !improved || best.windows.tried == limits.windows {
            break;
        }
        from = best.function.clone();
    }
    best
}

/// The function as the e-graph wants it: sums and products of many terms as operators of two, in the documented
/// order; and without the branch that keeps the slope of x^y right at (0, 0), which is not in D.
pub(crate) fn lower(f: &Function) -> Function {
    let graph = f.graph();
    f.rebuilt(Style::Derived, |made, id| match graph.node(id) {
        Node::Fold(kind, list) => {
            let terms: Vec<Expr<'_>> = graph.list(list).iter().map(|&term| made.of(term)).collect();
            Some(fold::value(kind, made.builder(), &terms))
        }
        Node::Ternary(Op::Select, [condition, a, b]) => power_slope(f, condition, a, b).then(|| made.of(b)),
        _ => None,
    })
}

/// Whether this is `select(b == 0, 0, …)` around `b·a^(b-1)`: on D the other branch is right at b = 0 as well, because
/// a is not 0 there.
fn power_slope(f: &Function, condition: NodeId, a: NodeId, b: NodeId) -> bool {
    let graph = f.graph();
    let is_zero = |id| matches!(graph.node(id), Node::Const(c) if graph.constant(c).as_integer() == Some(0));
    let Node::Binary(Op::Eq, [exponent, zero]) = graph.node(condition) else { return false };
    if !is_zero(a) || !is_zero(zero) {
        return false;
    }
    // Somewhere among the factors: exponent · base^(exponent - 1).
    let mut factors = vec![b];
    while let Some(id) = factors.pop() {
        match graph.node(id) {
            Node::Binary(Op::Mul, [l, r]) => {
                let is_power = |id| match graph.node(id) {
                    Node::Binary(Op::Pow, [_, lower]) => {
                        matches!(graph.node(lower), Node::Binary(Op::Sub, [e, _]) if e == exponent)
                    }
                    _ => false,
                };
                if (l == exponent && is_power(r)) || (r == exponent && is_power(l)) {
                    return true;
                }
                factors.extend([l, r]);
            }
            Node::Unary(Op::Neg, [inner]) => factors.push(inner),
            _ => {}
        }
    }
    false
}
