//! Branches that indices alone decide: `if(i > 1, x[i-1], 0)`. The branch that is not taken is not there, so that it may read
//! beyond an end.

use rustc_hash::FxHashMap;

use crate::graph::Graph;
use crate::index::Symbol;
use crate::node::{Node, NodeId};
use crate::scope::Axes;
use crate::{Function, Op};

/// A condition, and whether it must hold.
type Guard = (NodeId, bool);

/// The conditions of a graph that are made of nothing but constants, index variables and sizes.
#[derive(Default)]
pub(crate) struct Guards {
    /// Per condition of a `select`, the nodes that it is made of, in evaluation order.
    cones: FxHashMap<NodeId, Vec<NodeId>>,
    /// Per read that only branches of these need, under which conditions it is needed.
    reads: FxHashMap<NodeId, Vec<Guard>>,
}

impl Guards {
    /// Finds them, given the axes that every node is free in.
    pub(crate) fn of(f: &Function, free: &[Axes]) -> Guards {
        let graph = f.graph();
        let select = |id: NodeId| match graph.node(id) {
            Node::Ternary(Op::Select, [condition, ..]) => Some(condition),
            _ => None,
        };
        if !graph.ids().any(|id| select(id).is_some()) {
            return Guards::default();
        }
        let mut decided = vec![false; graph.len()];
        for id in graph.ids() {
            decided[id.index()] = match graph.node(id) {
                Node::Const(_) | Node::Symbol(_) => true,
                node => node.op().is_some() && node.holes().iter().all(|child| decided[child.index()]),
            };
        }
        let conditions = graph.ids().filter_map(select).filter(|condition| decided[condition.index()]);
        let cone = |condition| {
            let reached = graph.reached_from(&[condition]);
            graph.ids().take(condition.index() + 1).filter(|id| reached[id.index()]).collect()
        };
        let cones: FxHashMap<NodeId, Vec<NodeId>> =
            conditions.map(|condition| (condition, cone(condition))).collect();
        if cones.is_empty() {
            return Guards::default();
        }
        // What every way down to a node has in common; nothing known yet of a node that no parent was seen of.
        let mut guards: Vec<Option<Vec<Guard>>> = vec![None; graph.len()];
        f.outputs().iter().for_each(|output| guards[output.index()] = Some(Vec::new()));
        let mut reads = FxHashMap::default();
        for id in graph.ids().rev() {
            let mut own = guards[id.index()].take().unwrap_or_default();
            for (k, child) in graph.children(id).iter().enumerate() {
                let mut there = own.clone();
                match graph.node(id) {
                    // Inside, the axis is another one.
                    Node::Reduce(_, range, _) => {
                        let axis = 1 << graph.range(range).axis.index();
                        there.retain(|(condition, _)| free[condition.index()] & axis == 0);
                    }
                    Node::Iterate(iteration) => {
                        let axis = 1 << graph.iteration_range(iteration).axis.index();
                        there.retain(|(condition, _)| free[condition.index()] & axis == 0);
                    }
                    Node::Ternary(Op::Select, [condition, ..]) if k > 0 && cones.contains_key(&condition) => {
                        there.push((condition, k == 1));
                    }
                    _ => {}
                }
                let known = &mut guards[child.index()];
                match known {
                    Some(known) => known.retain(|guard| there.contains(guard)),
                    None => *known = Some(there),
                }
            }
            if matches!(graph.node(id), Node::Read(..)) {
                // One read for all values of an axis cannot depend on it.
                own.retain(|(condition, _)| free[condition.index()] & !free[id.index()] == 0);
                if !own.is_empty() {
                    reads.insert(id, own);
                }
            }
        }
        Guards { cones, reads }
    }

    /// Whether a node is a condition that indices decide.
    pub(crate) fn decides(&self, condition: NodeId) -> bool {
        self.cones.contains_key(&condition)
    }

    /// The conditions under which a read is needed.
    pub(crate) fn of_read(&self, read: NodeId) -> &[Guard] {
        self.reads.get(&read).map_or(&[], Vec::as_slice)
    }

    /// Whether a condition holds, given the values of index variables and sizes.
    pub(crate) fn holds(&self, graph: &Graph, condition: NodeId, value: impl Fn(Symbol) -> i64) -> bool {
        let cone = &self.cones[&condition];
        let mut numbers: Vec<f64> = Vec::with_capacity(cone.len());
        for &id in cone {
            let of = |child: &NodeId| numbers[cone.binary_search(child).expect("a cone is closed")];
            numbers.push(match graph.node(id) {
                Node::Const(constant) => graph.constant(constant).to_f64(),
                Node::Symbol(symbol) => value(symbol) as f64,
                node => {
                    let op = node.op().expect("a condition is made of operators");
                    op.value(&node.holes().iter().map(of).collect::<Vec<_>>())
                }
            });
        }
        numbers.last().is_some_and(|holds| Op::Select.value(&[*holds, 1.0, 0.0]) != 0.0)
    }
}
