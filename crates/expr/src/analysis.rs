//! What a sweep must know of a function before it starts, found from the graph alone: which nodes gradients flow
//! through, and under which conditions.

use crate::graph::Graph;
use crate::{Function, NodeId, PathConditions};

/// Activity and path conditions of a flat function, with respect to the nodes whose gradients are wanted.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// Which nodes depend on these by slopes.
    pub activity: Activity,
    /// Under which conditions an output depends on each node by slopes.
    pub paths: PathConditions,
}

impl Analysis {
    /// With respect to all inputs.
    ///
    /// # Panics
    /// When the function is not flat.
    pub fn of(f: &Function) -> Analysis {
        Analysis::with_respect_to(f, |id| f.input_at(id).is_some())
    }

    /// With respect to every node: what each of them receives is wanted.
    ///
    /// # Panics
    /// When the function is not flat.
    pub fn of_every_node(f: &Function) -> Analysis {
        Analysis::with_respect_to(f, |_| true)
    }

    /// With respect to nodes of any kind.
    ///
    /// # Panics
    /// When the function is not flat.
    pub fn with_respect_to(f: &Function, wanted: impl Fn(NodeId) -> bool) -> Analysis {
        Analysis { activity: Activity::of(f.graph(), wanted), paths: PathConditions::of(f) }
    }
}

/// Which nodes depend on wanted ones by slopes, and through which of their arguments: `floor(x)*y` depends on `y` and,
/// though its value does, not on `x`. Works for functions with axes too, where the wanted nodes are reads and states.
#[derive(Clone, Debug)]
pub struct Activity {
    /// Bit k: through argument k; for a node of any number of children, bit 0: through any. [`WANTED`]: itself.
    bits: Vec<u8>,
}

/// Operators have at most three arguments, so this bit is free.
const WANTED: u8 = 1 << 7;

impl Activity {
    /// Finds it in one pass from the leaves up.
    pub fn of(graph: &Graph, wanted: impl Fn(NodeId) -> bool) -> Activity {
        let mut bits = vec![0u8; graph.len()];
        for id in graph.ids() {
            let varies = |child: &NodeId| bits[child.index()] != 0;
            let children = graph.children(id);
            let through = match graph.node(id).op() {
                None => u8::from(children.iter().any(varies)),
                Some(op) => {
                    let by_slope = |(k, child): &(usize, &NodeId)| varies(child) && op.has_slope(*k);
                    children.iter().enumerate().filter(by_slope).fold(0, |bits, (k, _)| bits | 1 << k)
                }
            };
            bits[id.index()] = through | if wanted(id) { WANTED } else { 0 };
        }
        Activity { bits }
    }

    /// Whether a node is wanted or depends on one that is.
    #[inline]
    pub fn is_active(&self, id: NodeId) -> bool {
        self.bits[id.index()] != 0
    }

    /// Through which arguments a node depends on wanted ones: bit k for argument k of an operator; of a node of any
    /// number of children 1 for all of them, or 0.
    #[inline]
    pub fn arguments(&self, id: NodeId) -> u8 {
        self.bits[id.index()] & !WANTED
    }

    /// Whether a gradient flows from a node to its child `k`.
    pub fn flows(&self, graph: &Graph, id: NodeId, k: usize) -> bool {
        match graph.node(id).op() {
            Some(_) => self.arguments(id) & 1 << k != 0,
            None => self.is_active(graph.children(id)[k]),
        }
    }
}
