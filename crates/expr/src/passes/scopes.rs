//! Which axes a node is free in, and which values an axis takes.

use crate::graph::{AxisRange, Graph, Scope};
use crate::node::{Axis, Node, NodeId};
use crate::scope::Axes;

/// Axes of a graph that grows. Every axis has one range.
#[derive(Default)]
pub(super) struct Scopes {
    free: Vec<Axes>,
    /// Per node, the axes on whose states it depends.
    carried: Vec<Axes>,
    ranges: Vec<Option<AxisRange>>,
}

impl Scopes {
    /// Takes in the nodes that are new. Of a graph without axes there is nothing to know.
    pub(super) fn extend(&mut self, graph: &Graph) {
        if graph.axis_count() == 0 {
            return;
        }
        for id in graph.ids_from(self.free.len()) {
            if let Some(scope) = graph.scope(id) {
                self.set(scope.range);
            }
        }
        for id in graph.ids_from(self.carried.len()) {
            let within = |children: &[NodeId]| {
                children.iter().fold(Axes::NONE, |axes, child| axes | self.carried[child.index()])
            };
            let axes = match (graph.node(id), graph.scope(id)) {
                (Node::State(axis, _), _) => Axes::of(axis),
                (_, Some(Scope { range, outside, inside })) => {
                    within(outside) | (within(inside) - Axes::of(range.axis))
                }
                _ => within(graph.children(id)),
            };
            self.carried.push(axes);
        }
        graph.extend_free_axes(&mut self.free);
    }

    /// Says which values an axis takes.
    pub(super) fn set(&mut self, range: &AxisRange) {
        let k = range.axis.index();
        if self.ranges.len() <= k {
            self.ranges.resize(k + 1, None);
        }
        self.ranges[k].get_or_insert_with(|| range.clone());
    }

    /// Which values an axis takes, if that is known.
    pub(super) fn known(&self, axis: Axis) -> Option<&AxisRange> {
        self.ranges.get(axis.index())?.as_ref()
    }

    pub(super) fn range(&self, axis: Axis) -> &AxisRange {
        self.ranges[axis.index()].as_ref().expect("an axis that is used has a range")
    }

    /// The axes that a node is free in, and those on which their ranges depend.
    pub(super) fn of(&self, id: NodeId) -> Axes {
        self.closed(self.mentioned(id))
    }

    /// Whether a node depends on the states of an axis.
    pub(super) fn carries(&self, id: NodeId, axis: Axis) -> bool {
        self.carried.get(id.index()).is_some_and(|axes| axes.contains(axis))
    }

    /// Whether a node depends on no state.
    pub(super) fn is_outside(&self, id: NodeId) -> bool {
        self.carried.get(id.index()).is_none_or(|axes| axes.is_empty())
    }

    /// The same without those of ranges.
    pub(super) fn mentioned(&self, id: NodeId) -> Axes {
        self.free.get(id.index()).copied().unwrap_or(Axes::NONE)
    }

    pub(super) fn closed(&self, mut axes: Axes) -> Axes {
        loop {
            let more = axes.iter().fold(axes, |all, axis| all | self.bounds(axis));
            if more == axes {
                return axes;
            }
            axes = more;
        }
    }

    fn bounds(&self, axis: Axis) -> Axes {
        match self.ranges.get(axis.index()) {
            Some(Some(range)) => Axes::of_forms([&range.low, &range.high]),
            _ => Axes::NONE,
        }
    }

    /// The axes whose ranges depend on these, and these.
    pub(super) fn dependent(&self, mut axes: Axes) -> Axes {
        loop {
            let depends = |axis: &Axis| !(self.bounds(*axis) & axes).is_empty();
            let more = { (0..self.ranges.len() as u32).map(Axis) }
                .filter(depends)
                .fold(axes, |all, axis| all | Axes::of(axis));
            if more == axes {
                return axes;
            }
            axes = more;
        }
    }

    /// Axes from the outermost to the innermost: after those on which their ranges depend.
    pub(super) fn ordered(&self, axes: Axes) -> Vec<Axis> {
        let mut left = axes;
        let mut order = Vec::new();
        while !left.is_empty() {
            let next = left.iter().find(|axis| ((self.bounds(*axis) & left) - Axes::of(*axis)).is_empty());
            let next = next.expect("ranges do not depend on each other");
            order.push(next);
            left = left - Axes::of(next);
        }
        order
    }
}
