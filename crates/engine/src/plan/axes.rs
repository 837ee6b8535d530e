//! On which axes a value depends, ranges and states included, and which values the axes take.

use expr::graph::AxisRange;
use expr::scope::Axes;
use expr::{Axis, Function, Graph, Node, NodeId};

use super::NotPlanned;
use super::form::Tables;

/// The closed sets of axes of all nodes, and the axes themselves.
pub(super) struct AxisTable {
    /// Per node, the axes that its value depends on: through ranges, and through the iteration whose state it uses.
    pub(super) free: Vec<Axes>,
    /// Per node, the axes of iterations around it whose states it uses.
    pub(super) states: Vec<Axes>,
    /// Per axis, its range, where a loop has it.
    pub(super) ranges: Vec<Option<AxisRange>>,
    /// Per axis, itself and the axes that its range depends on.
    pub(super) closed: Vec<Axes>,
    /// Per axis, the least and the largest value that it takes.
    pub(super) intervals: Vec<(i64, i64)>,
    /// Per axis, how many iterations are around and including its own: the innermost has the most.
    pub(super) depth: Vec<usize>,
    /// Per axis, about how many values it takes.
    pub(super) trips: Vec<f64>,
}

impl AxisTable {
    pub(super) fn of(f: &Function, tables: &Tables) -> Result<AxisTable, NotPlanned> {
        let graph = f.graph();
        let ranges = graph.axis_ranges().ok_or(NotPlanned::Axes)?;
        let mut closed: Vec<Axes> = graph.axes().map(Axes::of).collect();
        loop {
            let before = closed.clone();
            for axis in graph.axes() {
                let Some(range) = &ranges[axis.index()] else { continue };
                let all = Axes::of_forms([&range.low, &range.high]).iter();
                let all: Vec<Axes> = all.map(|outer| before[outer.index()]).collect();
                all.into_iter().for_each(|outer| closed[axis.index()] |= outer);
            }
            if closed == before {
                break;
            }
        }
        let states = graph.free_states();
        let (free, depth) = free(graph, &closed, &states);
        let mut table = AxisTable {
            free,
            states,
            closed,
            intervals: vec![(i64::MIN, i64::MAX); graph.axis_count()],
            depth,
            trips: vec![1.0; graph.axis_count()],
            ranges,
        };
        // From outer axes to those whose ranges depend on them.
        let mut order: Vec<Axis> = graph.axes().filter(|axis| table.ranges[axis.index()].is_some()).collect();
        order.sort_by_key(|axis| table.closed[axis.index()].iter().count());
        let mut middle = vec![0.0; graph.axis_count()];
        for axis in order {
            let range = table.ranges[axis.index()].clone().expect("it has a range");
            let of = |form| tables.bounds.interval(form, &table.intervals);
            let (low, high) = (of(&range.low), of(&range.high));
            let (Some(low), Some(high)) = (low, high) else { return Err(NotPlanned::TooLarge) };
            table.intervals[axis.index()] = (low.0, high.1);
            let of = |(low, high): (i64, i64)| low as f64 / 2.0 + high as f64 / 2.0;
            table.trips[axis.index()] = (of(high) - of(low) + 1.0).max(1.0);
            middle[axis.index()] = of(low) / 2.0 + of(high) / 2.0;
        }
        Ok(table)
    }

    /// For how many values of an axis there must be space.
    pub(super) fn extent(&self, axis: Axis) -> Option<usize> {
        let (low, high) = self.intervals[axis.index()];
        usize::try_from((i128::from(high) - i128::from(low) + 1).max(0)).ok()
    }

    /// The innermost of the iterations whose states a node uses.
    pub(super) fn innermost_state(&self, id: NodeId) -> Option<Axis> {
        self.states[id.index()].iter().max_by_key(|axis| self.depth[axis.index()])
    }

    /// Axes so that each comes after those that its range depends on.
    pub(super) fn in_order(&self, axes: Axes) -> Vec<Axis> {
        let mut order: Vec<Axis> = axes.iter().collect();
        order.sort_by_key(|axis| self.closed[axis.index()].iter().count());
        order
    }
}

/// Per node the closed set of its axes; per axis how deep its iteration is nested in others.
fn free(graph: &Graph, closed: &[Axes], states: &[Axes]) -> (Vec<Axes>, Vec<usize>) {
    let open = graph.free_axes();
    // What an iteration depends on, so do its states: until nothing is new.
    let mut of_states = vec![Axes::NONE; graph.axis_count()];
    let close = |of_states: &[Axes], id: usize| {
        let own = open[id].iter().fold(Axes::NONE, |all, axis| all | closed[axis.index()]);
        states[id].iter().fold(own, |all, axis| all | of_states[axis.index()])
    };
    let iterations = || graph.ids().filter(|id| matches!(graph.node(*id), Node::Iterate(_)));
    loop {
        let before = of_states.clone();
        for id in iterations() {
            let axis = graph.scope(id).expect("it binds an axis").range.axis;
            of_states[axis.index()] |= closed[axis.index()] | close(&before, id.index());
        }
        if of_states == before {
            break;
        }
    }
    let mut depth = vec![0; graph.axis_count()];
    for _ in iterations() {
        for id in iterations() {
            let axis = graph.scope(id).expect("it binds an axis").range.axis;
            let around = states[id.index()].iter().map(|outer| depth[outer.index()]).max().unwrap_or(0);
            depth[axis.index()] = around + 1;
        }
    }
    ((0..graph.len()).map(|id| close(&of_states, id)).collect(), depth)
}
