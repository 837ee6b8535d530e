//! Simplification: for all outputs at once, by what the whole graph costs, and never for the worse.

use expr::{Function, Node};

/// How far simplification may go. Counts, never seconds, so that results repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Nodes of the e-graph.
    pub e_nodes: usize,
    /// Rounds of applying all rules.
    pub iterations: usize,
    /// Rounds of saturation and extraction, each from the best graph of the one before.
    pub rounds: usize,
    /// Functions with more nodes than this are returned as they are.
    pub function_nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { e_nodes: 8_000, iterations: 10, rounds: 4, function_nodes: 1_000 }
    }
}

/// Why simplification ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// No rule says anything new.
    Saturated,
    /// The e-graph has as many nodes as it may.
    Nodes,
    /// As many rounds were made as may be.
    Iterations,
    /// The function is too large to begin with.
    TooLarge,
    /// The facts contradict each other: the function is defined nowhere.
    DefinedNowhere,
    /// It has branches, and parts that an untaken one may leave undefined: rules could not be trusted there.
    Branches,
    /// This build has no simplifier: the feature `egg` is off.
    Disabled,
}

/// A function with the same outputs, where f is defined, at no greater cost.
#[derive(Clone, Debug)]
pub struct Simplified {
    /// The function.
    pub function: Function,
    /// What the graph cost before.
    pub cost_before: u64,
    /// What it costs now.
    pub cost_after: u64,
    /// Nodes of the e-graph in the end.
    pub e_nodes: usize,
    /// Rounds made.
    pub iterations: usize,
    /// Why it ended.
    pub stop: StopReason,
}

/// How many matches of a rule are taken in one round before the rule is left out for some, in e-graphs of their own:
/// sums and products of many terms have so many orders that they keep all other rules from being applied, and yet it can
/// be just such an order that is wanted.
#[cfg(feature = "egg")]
const MATCHES: [usize; 3] = [1000, 300, 100];

/// What x^2 costs: it is one multiplication, and reads better than x*x.
pub(crate) const SQUARE: u64 = 1;

/// What one evaluation of the graph costs, in additions; every node once, constants and quotients of integers free.
pub fn cost(f: &Function) -> u64 {
    let graph = f.graph();
    let integer = |id| match graph.node(id) {
        Node::Const(constant) => graph.constant(constant).as_integer().is_some(),
        _ => false,
    };
    let is_two = |id| matches!(graph.node(id), Node::Const(c) if graph.constant(c).as_integer() == Some(2));
    let of = |id| match graph.node(id) {
        Node::Binary(expr::Op::Powi, [_, exponent]) if is_two(exponent) => SQUARE,
        Node::Binary(expr::Op::Div, [a, b]) if integer(a) && integer(b) => 0,
        Node::Fold(fold, list) => {
            (graph.list(list).len() as u64).saturating_sub(1) * u64::from(fold.op().cost())
        }
        node => node.op().map_or(0, |op| u64::from(op.cost())),
    };
    graph.ids().map(of).sum()
}

/// Simplifies all outputs of a flat function together.
///
/// The result has the same values wherever the function *and every output* is defined (at kinks conventions may
/// differ: differentiate what the user wrote, and simplify afterwards). It never costs more.
pub fn simplify(f: &Function, limits: &Limits) -> Simplified {
    let before = cost(f);
    let unchanged = |stop| Simplified {
        function: f.clone(),
        cost_before: before,
        cost_after: before,
        e_nodes: 0,
        iterations: 0,
        stop,
    };
    if f.graph().len() > limits.function_nodes {
        return unchanged(StopReason::TooLarge);
    }
    #[cfg(not(feature = "egg"))]
    return unchanged(StopReason::Disabled);
    #[cfg(feature = "egg")]
    {
        let mut best = unchanged(StopReason::Saturated);
        // What was found is a better place to begin: new e-graphs spend their nodes around it.
        for _ in 0..limits.rounds {
            let from = best.function.clone();
            let cost_from = best.cost_after;
            for matches in MATCHES {
                let found = crate::saturate::saturate(&from, limits, matches);
                best.e_nodes = best.e_nodes.max(found.e_nodes);
                best.iterations += found.iterations;
                best.stop = found.stop;
                let Some(function) = found.function else { return best };
                let after = cost(&function);
                if after < best.cost_after {
                    (best.function, best.cost_after) = (function, after);
                }
                // With fewer matches a rule is left out for a while; nothing new comes of that here.
                if found.stop == StopReason::Saturated {
                    break;
                }
            }
            if best.cost_after == cost_from {
                break;
            }
        }
        best
    }
}
