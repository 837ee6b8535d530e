//! What has to be computed anew for every value of an axis.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use crate::graph::{AxisRange, Graph, Scope};
use crate::index::Symbol;
use crate::index_branches::IndexBranches;
use crate::node::{Node, NodeId};
use crate::scope::Axes;

/// A node that binds an axis, and the nodes that must be computed anew for each of its values.
pub(crate) struct Binder {
    pub(crate) node: NodeId,
    pub(crate) range: AxisRange,
    /// In evaluation order: the nodes below the bodies that depend on the axis as it is bound here. Not those whose axes a binder
    /// further in binds, nor any that do not depend on it and are therefore computed outside.
    pub(crate) schedule: Vec<NodeId>,
    /// Whether every round is like the first, but for reads that go on by the same step from round to round.
    pub(crate) regular: bool,
}

impl Binder {
    /// The binder that a node is, if it is one; given the axes that every node is free in, and the branches that indices decide.
    pub(crate) fn of(graph: &Graph, node: NodeId, free: &[Axes], branches: &IndexBranches) -> Option<Binder> {
        let Scope { range, inside, .. } = graph.scope(node)?;
        let axis = Axes::of(range.axis);
        let own = Symbol::Axis(range.axis);
        let mut regular = true;
        let mut scheduled = BTreeSet::new();
        // With the axes that are bound between here and the node: the same node may also be met unbound.
        let mut seen = FxHashSet::default();
        let mut todo: Vec<(NodeId, Axes)> = inside.iter().map(|&id| (id, Axes::NONE)).collect();
        while let Some((id, between)) = todo.pop() {
            if (free[id.index()] & axis).is_empty() || !seen.insert((id, between)) {
                continue;
            }
            if (free[id.index()] & between).is_empty() {
                scheduled.insert(id);
            }
            // What some rounds do without may read beyond an end there.
            regular &= branches.around(id).all(|condition| (free[condition.index()] & axis).is_empty());
            if let Node::Read(_, position) = graph.node(id) {
                regular &= graph.position(position).iter().all(|form| form.degree(own) <= 1);
            }
            let Some(inner) = graph.scope(id) else {
                todo.extend(graph.children(id).iter().map(|&child| (child, between)));
                continue;
            };
            let bound = Axes::of(inner.range.axis);
            regular &= bound != axis && inner.range.low.degree(own) == 0 && inner.range.high.degree(own) == 0;
            todo.extend(inner.outside.iter().map(|&child| (child, between)));
            // A binder of the same axis hides it.
            if bound != axis {
                todo.extend(inner.inside.iter().map(|&child| (child, between | bound)));
            }
        }
        Some(Binder { node, range: range.clone(), schedule: scheduled.into_iter().collect(), regular })
    }
}
