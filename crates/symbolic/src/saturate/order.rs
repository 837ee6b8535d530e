//! In which order a graph is cut into windows: what belongs together stands together, and no path leaves a window and
//! comes back, whatever its form is afterwards.

use std::ops::Range;

use expr::{Function, Graph, Node, NodeId, Op};

use crate::cost::node_cost;

/// The nodes of a function that a window may hold, in order, and segments of them: what one of these nodes needs stands
/// before it or in no segment. Constants belong to every window and stand nowhere.
pub(super) struct Order {
    pub(super) nodes: Vec<NodeId>,
    /// Windows are parts of these.
    pub(super) segments: Vec<Range<usize>>,
    /// Which nodes are computed at every point.
    pub(super) always: Vec<bool>,
    /// Whether what only a branch reads had to be left out.
    pub(super) parted: bool,
}

/// Whether a node is a constant or a quotient of integers, which cost nothing and belong to every window.
pub(super) fn is_free(graph: &Graph, id: NodeId) -> bool {
    match graph.node(id) {
        Node::Const(_) => true,
        node => node.op().is_some() && node_cost(graph, id) == 0,
    }
}

impl Order {
    /// Depth first from the outputs, so that what is read together stands together. Where there are branches, and parts
    /// that an untaken one may leave undefined, only what every point computes is in windows: there facts hold of all of
    /// a window or of nothing.
    pub(super) fn of(f: &Function) -> Order {
        let graph = f.graph();
        // What every point computes: not what only a branch reads.
        let always =
            graph.reached_along(f.outputs(), |id, k| k == 0 || graph.node(id).op() != Some(Op::Select));
        let partial = |id: NodeId| graph.node(id).op().is_some_and(|op| !op.undefined().is_empty());
        let trust_all = always.iter().all(|&always| always) || !graph.ids().any(partial);
        let select = |id: NodeId| graph.node(id).op() == Some(Op::Select);
        let inside = |id: NodeId| {
            graph.node(id).op().is_some()
                && !is_free(graph, id)
                && (trust_all || always[id.index()] && !select(id))
        };
        // What is not in windows parts the others: they stand in stages before and after it.
        let mut stages = vec![0u32; graph.len()];
        for id in graph.ids() {
            let after = |child: &NodeId| {
                let step = u32::from(
                    inside(id)
                        && !inside(*child)
                        && graph.node(*child).op().is_some()
                        && !is_free(graph, *child),
                );
                stages[child.index()] + step
            };
            stages[id.index()] = graph.children(id).iter().map(after).max().unwrap_or(0);
        }
        let mut nodes = Vec::with_capacity(graph.len());
        let mut seen = vec![false; graph.len()];
        let mut todo: Vec<(NodeId, bool)> = Vec::new();
        for &output in f.outputs() {
            todo.push((output, false));
            while let Some((id, below)) = todo.pop() {
                if below {
                    nodes.push(id);
                } else if !is_free(graph, id) && !std::mem::replace(&mut seen[id.index()], true) {
                    todo.push((id, true));
                    let unseen = graph.children(id).iter().rev().filter(|child| !seen[child.index()]);
                    todo.extend(unseen.map(|&child| (child, false)));
                }
            }
        }
        nodes.retain(|&id| inside(id));
        nodes.sort_by_key(|id| stages[id.index()]);
        let mut segments = Vec::new();
        let mut start = 0;
        for end in 1..=nodes.len() {
            if nodes.get(end).is_none_or(|id| stages[id.index()] != stages[nodes[start].index()]) {
                segments.push(start..end);
                start = end;
            }
        }
        Order { nodes, segments, always, parted: !trust_all }
    }

    /// The segments cut into windows of at most `most` nodes, each where the fewest values cross; the latest of such
    /// places, so that what repeats is cut in the same place again.
    pub(super) fn windows(&self, f: &Function, most: usize) -> Vec<Range<usize>> {
        let graph = f.graph();
        let mut last_read = vec![0usize; graph.len()];
        for (at, &id) in self.nodes.iter().enumerate() {
            graph.children(id).iter().for_each(|child| last_read[child.index()] = at);
        }
        let mut position = vec![usize::MAX; graph.len()];
        self.nodes.iter().enumerate().for_each(|(at, id)| position[id.index()] = at);
        let mut elsewhere = vec![false; graph.len()];
        f.outputs().iter().for_each(|output| elsewhere[output.index()] = true);
        for id in graph.ids().filter(|id| position[id.index()] == usize::MAX) {
            graph.children(id).iter().for_each(|child| elsewhere[child.index()] = true);
        }
        let mut windows = Vec::new();
        for segment in &self.segments {
            let mut start = segment.start;
            while start < segment.end {
                let end = segment.end.min(start.saturating_add(most));
                let mut cut = end;
                if end < segment.end {
                    let (mut live, mut fewest) = (0usize, usize::MAX);
                    for at in start..end {
                        let id = self.nodes[at];
                        live += 1;
                        let mut children: Vec<NodeId> = graph.children(id).to_vec();
                        children.sort_unstable();
                        children.dedup();
                        for child in children {
                            let ends = last_read[child.index()] == at && !elsewhere[child.index()];
                            let here = position[child.index()];
                            live -= usize::from(ends && here != usize::MAX && here >= start);
                        }
                        if at + 1 - start >= most / 3 && live <= fewest {
                            (fewest, cut) = (live, at + 1);
                        }
                    }
                }
                windows.push(start..cut);
                start = cut;
            }
        }
        windows
    }
}
