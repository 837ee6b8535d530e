//! Equality saturation with egg: an e-graph of everything the rules can show equal, and the cheapest graph in it.
//!
//! Sound in this sense: let D be the points where f and all its outputs are defined. Every e-node is total on D, a
//! rule fires only if its right-hand side is too, and so equality is that of functions on D. Branches would break
//! that (an untaken one may be undefined on D), so a function with `select` is only saturated when nothing in it can be
//! undefined at all.

mod analysis;
mod dag;
mod enode;
mod extract;
pub(crate) mod rules;

use std::time::Duration;

use egg::{BackoffScheduler, EGraph, Id, Runner};
use expr::{Builder, Calculus, Expr, Function, Node, NodeId, Op, Scalar, Style, fold};

use crate::simplify::{Limits, StopReason};
use analysis::Facts;
use enode::ENode;

/// What saturation found.
pub(crate) struct Saturated {
    /// A function with the same outputs on D; nothing when it was not tried or D is empty.
    pub(crate) function: Option<Function>,
    pub(crate) e_nodes: usize,
    pub(crate) iterations: usize,
    pub(crate) stop: StopReason,
}

/// Saturates all outputs of a flat function together and extracts the cheapest graph found.
pub(crate) fn saturate(f: &Function, limits: &Limits, matches: usize) -> Saturated {
    let f = lower(f);
    let graph = f.graph();
    let branches = graph.nodes().iter().any(|node| node.op() == Some(Op::Select));
    let partial = |node: &Node<NodeId>| node.op().is_some_and(|op| !op.undefined().is_empty());
    if branches && graph.nodes().iter().any(partial) {
        return Saturated { function: None, e_nodes: 0, iterations: 0, stop: StopReason::Branches };
    }
    let mut e_graph = EGraph::new(Facts::new(graph.constants().to_vec(), !branches));
    let mut classes: Vec<Id> = Vec::with_capacity(graph.len());
    for id in graph.ids() {
        let node = match graph.node(id) {
            Node::Const(constant) => enode::constant(constant, graph.constant(constant)),
            node => ENode::Node(node.map(|child| classes[child.index()])),
        };
        classes.push(e_graph.add(node));
    }
    let written = graph.ids().map(|id| e_graph[classes[id.index()]].nodes[0].clone()).collect::<Vec<_>>();
    let runner =
        Runner::<_, _, ()>::new(Facts::default())
            .with_egraph(e_graph)
            .with_node_limit(limits.e_nodes)
            .with_iter_limit(limits.iterations)
            // Budgets are counts: the clock never decides.
            .with_time_limit(Duration::from_secs(1 << 30))
            .with_scheduler(BackoffScheduler::default().with_initial_match_limit(matches).with_ban_length(2))
            .with_hook(|runner| {
                if runner.egraph.analysis.contradiction { Err("defined nowhere".into()) } else { Ok(()) }
            })
            .run(rules::rewrites());
    let stop = match runner.stop_reason {
        _ if runner.egraph.analysis.contradiction => StopReason::DefinedNowhere,
        Some(egg::StopReason::Saturated) => StopReason::Saturated,
        Some(egg::StopReason::NodeLimit(_)) => StopReason::Nodes,
        _ => StopReason::Iterations,
    };
    let (e_nodes, iterations) = (runner.egraph.total_size(), runner.iterations.len());
    let function = (stop != StopReason::DefinedNowhere)
        .then(|| extract::extract(&f, &runner.egraph, &classes, &written))
        .flatten();
    Saturated { function, e_nodes, iterations, stop }
}

/// The function as the e-graph wants it: sums and products of many terms as operators of two, in the documented
/// order; and without the branch that keeps the slope of x^y right at (0, 0), which is not in D.
fn lower(f: &Function) -> Function {
    let graph = f.graph();
    let builder = Builder::new(Style::Derived);
    builder.copy_blocks(graph);
    let outputs = {
        let mut handles: Vec<Expr<'_>> = Vec::with_capacity(graph.len());
        for id in graph.ids() {
            let handle = |id: NodeId| handles[id.index()];
            let lowered = match graph.node(id) {
                Node::Const(constant) => builder.lift(graph.constant(constant)),
                Node::Input(block, offset) => builder.element(block, offset),
                Node::Fold(kind, list) => {
                    let terms: Vec<Expr<'_>> = graph.list(list).iter().map(|&term| handle(term)).collect();
                    fold::value(kind, &builder, &terms)
                }
                Node::Ternary(Op::Select, [condition, a, b]) => match power_slope(f, condition, a, b) {
                    true => handle(b),
                    false => handle(condition).select(handle(a), handle(b)),
                },
                node => {
                    let op = node.op().expect("flat functions have no other kinds of nodes");
                    let arguments: Vec<Expr<'_>> = node.holes().iter().map(|&child| handle(child)).collect();
                    Expr::apply(op, &arguments)
                }
            };
            handles.push(lowered);
        }
        f.outputs().iter().map(|output| handles[output.index()].id()).collect()
    };
    builder.finish(outputs)
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
