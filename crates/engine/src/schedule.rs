//! Which nodes are computed at run time, in what order, and whose derivative is requested.

use expr::{Activity, Function, Node, NodeId};

use crate::action::Action;

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
    let activity = Activity::of(graph, |id| f.input_at(id).is_some_and(&wanted_input));
    // Whose slope an output depends on.
    let wanted = graph.reached_along(f.outputs(), |id, k| activity.flows(graph, id, k));
    let mut level = vec![0u32; graph.len()];
    let mut order = Vec::with_capacity(graph.len());
    for id in graph.ids().filter(|&id| computed(id)) {
        let below = graph.children(id).iter().map(|child| level[child.index()] + 1);
        level[id.index()] = below.max().unwrap_or(0);
        let action = match graph.node(id) {
            Node::Input(..) => continue,
            Node::Fold(fold, _) => Action::Fold(fold),
            node => Action::Apply(node.op().expect("flat functions have no other kinds of nodes")),
        };
        let active = if wanted[id.index()] { activity.arguments(id) } else { 0 };
        order.push(Scheduled { level: level[id.index()], action, active, id });
    }
    order.sort_unstable();
    order
}

/// The value of a node that depends on no input.
pub(crate) fn fixed_value(f: &Function, id: NodeId, fixed: &[Option<f64>]) -> Option<f64> {
    let graph = f.graph();
    let is_fixed = !matches!(graph.node(id), Node::Input(..))
        && graph.children(id).iter().all(|child| fixed[child.index()].is_some());
    is_fixed.then(|| graph.value(id, (), |child| fixed[child.index()].expect("all are fixed")))
}
