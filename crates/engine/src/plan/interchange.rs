//! Reductions that are run around the loops that they stand in.

use std::collections::HashSet;

use expr::scope::Axes;
use expr::{Axis, Graph, Node, NodeId};

use super::axes::AxisTable;

/// The axis of a reduction.
pub(super) fn own_axis(graph: &Graph, id: NodeId) -> Axis {
    graph.scope(id).expect("it binds an axis").range.axis
}

/// Which reductions inside of other loops are run around them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interchange {
    None,
    /// Those over more values than these loops, and than this.
    Longer(usize),
    #[cfg(test)]
    All,
}

/// No reduction is kept for more values of other axes.
const MOST_TOTALS: usize = 1 << 16;

/// Reductions that are run around the loops that they stand in: `[j: 1..m] sum(i, 1, n, …)` goes once through all `i`, and what their terms
/// have in common is computed once.
pub(super) fn totals(graph: &Graph, axes: &AxisTable, interchange: Interchange) -> HashSet<NodeId> {
    let is_total = |id: &NodeId| {
        let Node::Reduce(..) = graph.node(*id) else { return false };
        let (own, rest) = (own_axis(graph, *id), axes.free[id.index()]);
        let extent = |axis: Axis| axes.extent(axis).unwrap_or(usize::MAX);
        let count = rest.iter().map(extent).try_fold(1usize, usize::checked_mul);
        let apart = (axes.closed[own.index()] - Axes::of(own)).is_empty() && !rest.contains(own);
        let longer = match interchange {
            Interchange::None => false,
            Interchange::Longer(least) => {
                extent(own) >= least && rest.iter().all(|axis| extent(axis) < extent(own))
            }
            #[cfg(test)]
            Interchange::All => true,
        };
        let stateless = axes.innermost_state(*id).is_none();
        longer && apart && stateless && !rest.is_empty() && count.is_some_and(|count| count <= MOST_TOTALS)
    };
    graph.ids().filter(is_total).collect()
}
