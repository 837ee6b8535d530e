//! One e-graph: a function put in, all rules applied within a budget, and the cheapest function taken out.

use std::time::Duration;

use egg::{BackoffScheduler, EGraph, Id, Runner};
use expr::interrupt::checkpoint;
use expr::{Function, Node, Op};

use super::analysis::{Facts, Signs};
use super::enode::{self, ENode};
use super::extract::extract;
use super::rules;
use crate::simplified::StopReason;

/// What saturation found.
pub(super) struct Saturated {
    /// A function with the same outputs on D; nothing when D is empty.
    pub(super) function: Option<Function>,
    pub(super) e_nodes: usize,
    pub(super) iterations: usize,
    pub(super) stop: StopReason,
}

/// How far one e-graph may go.
pub(super) struct Budget {
    pub(super) e_nodes: usize,
    pub(super) iterations: usize,
    /// How many matches of a rule are taken in one iteration before the rule is left out for some: sums and products of
    /// many terms have so many orders that they keep all other rules from being applied.
    pub(super) matches: usize,
}

/// Saturates all outputs of a flat function together, given the signs of its inputs, and extracts the cheapest graph.
pub(super) fn saturate(f: &Function, inputs: &[Signs], budget: &Budget) -> Saturated {
    let (runner, classes, written) = saturated(f, inputs, budget);
    let stop = match runner.stop_reason {
        _ if runner.egraph.analysis.contradiction => StopReason::DefinedNowhere,
        Some(egg::StopReason::Saturated) => StopReason::Saturated,
        Some(egg::StopReason::NodeLimit(_)) => StopReason::Nodes,
        _ => StopReason::Iterations,
    };
    let (e_nodes, iterations) = (runner.egraph.total_size(), runner.iterations.len());
    let function = (stop != StopReason::DefinedNowhere)
        .then(|| extract(f, &runner.egraph, &classes, &written))
        .flatten();
    Saturated { function, e_nodes, iterations, stop }
}

/// The e-graph of a function after all rules were applied within the budget; the class of every node, and the e-node as
/// which it went in.
pub(super) fn saturated(
    f: &Function,
    inputs: &[Signs],
    budget: &Budget,
) -> (Runner<ENode, Facts>, Vec<Id>, Vec<ENode>) {
    let graph = f.graph();
    // With branches a window holds only what is always defined, and nothing can be learnt from its being there.
    let branches = graph.nodes().iter().any(|node| node.op() == Some(Op::Select));
    let mut e_graph = EGraph::new(Facts::new(graph.constants().to_vec(), inputs.to_vec(), !branches));
    let mut classes: Vec<Id> = Vec::with_capacity(graph.len());
    for id in graph.ids() {
        let node = match graph.node(id) {
            Node::Const(constant) => enode::constant(constant, graph.constant(constant)),
            node => ENode::Node(node.map(|child| classes[child.index()])),
        };
        classes.push(e_graph.add(node));
    }
    let written = graph.ids().map(|id| e_graph[classes[id.index()]].nodes[0].clone()).collect::<Vec<_>>();
    let runner = Runner::<_, _, ()>::new(Facts::default())
        .with_egraph(e_graph)
        .with_node_limit(budget.e_nodes)
        .with_iter_limit(budget.iterations)
        // Budgets are counts: the clock never decides.
        .with_time_limit(Duration::from_secs(1 << 30))
        .with_scheduler(
            BackoffScheduler::default().with_initial_match_limit(budget.matches).with_ban_length(2),
        )
        .with_hook(|runner| {
            checkpoint();
            if runner.egraph.analysis.contradiction { Err("defined nowhere".into()) } else { Ok(()) }
        })
        .run(rules::rewrites());
    (runner, classes, written)
}
