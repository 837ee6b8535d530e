//! The conditions under which parts of scatters count.

use std::collections::HashSet;

use expr::{Axis, Graph, IndexBounds, Node, NodeId, Part};

use super::axes::AxisTable;

/// The values of an axis of a part for which it counts, where its condition says just that.
pub(super) fn guarded_range(
    graph: &Graph,
    guard: NodeId,
    part: &Part,
    bounds: &IndexBounds,
) -> Option<(Axis, i64, i64)> {
    graph.bounds_under(guard, true, bounds).filter(|(axis, ..)| part.axes.contains(axis))
}

/// The other conditions of parts of scatters, one value for each value of their axes.
pub(super) fn guards(graph: &Graph, axes: &AxisTable, bounds: &IndexBounds) -> HashSet<NodeId> {
    let mut all = HashSet::new();
    for id in graph.ids() {
        let Node::Scatter(scatter) = graph.node(id) else { continue };
        let mut children = graph.children(id).iter();
        for part in &graph.scatter(scatter).parts {
            children.next();
            if part.guarded {
                let guard = *children.next().expect("a guard");
                if !axes.free[guard.index()].is_empty() && guarded_range(graph, guard, part, bounds).is_none()
                {
                    all.insert(guard);
                }
            }
        }
    }
    all
}
