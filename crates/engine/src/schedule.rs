//! Which nodes are computed at run time, in what order, and whose derivative is requested.

use expr::{Function, Node, NodeId};

use crate::program::Action;

/// A node in its place.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scheduled {
    level: u32,
    pub(crate) action: Action,
    pub(crate) active: u8,
    pub(crate) id: NodeId,
}

impl Scheduled {
    /// Whether both belong to one run.
    pub(crate) fn runs_with(&self, other: &Scheduled) -> bool {
        (self.level, self.action, self.active) == (other.level, other.action, other.active)
    }
}

/// The nodes to be computed at run time, in the order of execution.
pub(crate) fn schedule(
    f: &Function,
    fixed: &[Option<f64>],
    wanted_input: impl Fn(usize) -> bool,
) -> Vec<Scheduled> {
    let graph = f.graph();
    let computed = |id: NodeId| fixed[id.index()].is_none();
    // Which arguments vary with an input, by slopes, from the leaves up.
    let mut active = vec![0u8; graph.len()];
    let mut level = vec![0u32; graph.len()];
    for id in graph.ids().filter(|&id| computed(id)) {
        let node = graph.node(id);
        let varies = |child: &NodeId| active[child.index()] != 0;
        let children = graph.children(id);
        active[id.index()] = match node {
            Node::Input(block, offset) => u8::from(wanted_input(f.position(block, offset))),
            Node::Fold(..) => u8::from(children.iter().any(varies)),
            node => {
                let has_slope = |k: usize| node.op().is_some_and(|op| op.has_slope(k));
                let arguments = children.iter().enumerate();
                arguments
                    .filter(|(k, child)| has_slope(*k) && varies(child))
                    .fold(0, |bits, (k, _)| bits | 1 << k)
            }
        };
        level[id.index()] = children.iter().map(|child| level[child.index()] + 1).max().unwrap_or(0);
    }
    // Whose slope an output depends on, from the outputs down.
    let mut wanted = vec![false; graph.len()];
    f.outputs().iter().for_each(|output| wanted[output.index()] = true);
    let mut order = Vec::with_capacity(graph.len());
    for id in graph.ids().rev().filter(|&id| computed(id)) {
        let node = graph.node(id);
        if !wanted[id.index()] {
            active[id.index()] = 0;
        }
        let bits = active[id.index()];
        let action = match node {
            Node::Input(..) => continue,
            Node::Fold(fold, _) => Action::Fold(fold),
            node => Action::Apply(node.op().expect("flat functions have no other kinds of nodes")),
        };
        for (k, child) in graph.children(id).iter().enumerate() {
            wanted[child.index()] |= match action {
                Action::Fold(_) => bits != 0,
                Action::Apply(_) => bits & (1 << k) != 0,
            };
        }
        order.push(Scheduled { level: level[id.index()], action, active: bits, id });
    }
    order.sort_unstable();
    order
}

/// The value of a node that depends on no input.
pub(crate) fn fixed_value(f: &Function, id: NodeId, fixed: &[Option<f64>]) -> Option<f64> {
    let graph = f.graph();
    match graph.node(id) {
        Node::Const(constant) => Some(graph.constant(constant).to_f64()),
        Node::Input(..) => None,
        Node::Fold(fold, list) => {
            let terms: Option<Vec<f64>> = graph.list(list).iter().map(|child| fixed[child.index()]).collect();
            terms.map(|terms| expr::fold::value(fold, (), &terms))
        }
        node => {
            let mut arguments = [0.0; 3];
            for (argument, child) in arguments.iter_mut().zip(node.holes()) {
                *argument = fixed[child.index()]?;
            }
            node.op().map(|op| op.value(&arguments))
        }
    }
}
