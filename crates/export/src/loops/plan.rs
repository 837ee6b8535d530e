//! What belongs before a loop, and in which order things are computed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use expr::index::Index;
use expr::{Node, NodeId, Op};

use super::{Goal, Planner, Range, Symbols, bit, symbols_of};
use crate::loops::Block;

/// What one block computes.
pub(super) struct Plan {
    /// The nodes that are computed in it, children first.
    pub(super) here: BTreeSet<NodeId>,
    /// How often they are used.
    pub(super) uses: BTreeMap<NodeId, u32>,
    /// When they are computed: after the loops of their own level, which come after everything of a smaller one.
    pub(super) level: BTreeMap<NodeId, u32>,
    /// The level of each goal that has loops around it.
    pub(super) goal_level: Vec<u32>,
}

impl Planner<'_, '_> {
    /// What has been written already, if that is still what the node is: the axes that it depends on are not bound anew since.
    pub(super) fn known<T>(&self, id: NodeId, of: impl Fn(&Block) -> Option<T>) -> Option<T> {
        let mut crossed = Symbols::default();
        for block in self.blocks.iter().rev() {
            if !(self.free[id.index()] & crossed).is_empty() {
                return None;
            }
            if let Some(found) = of(block) {
                return Some(found);
            }
            crossed |= block.bound;
        }
        None
    }

    fn is_known(&self, id: NodeId) -> bool {
        self.known(id, |block| block.pieces.contains_key(&id).then_some(())).is_some()
            || self.known(id, |block| block.results.contains_key(&id).then_some(())).is_some()
            || self.known(id, |block| block.arrays.contains_key(&id).then_some(())).is_some()
    }

    /// Whether a range surely has a value, all sizes being at least 1.
    fn is_surely_run(low: &Index, high: &Index) -> bool {
        let positive = |(symbols, factor): &(Vec<_>, i64)| *factor > 0 || symbols.is_empty();
        low.as_constant().is_some_and(|low| low <= 1)
            && high.terms().iter().all(positive)
            && high.evaluate(|_| 1).is_some_and(|least| low.as_constant().is_some_and(|low| least >= low))
            && symbols_of([high]).axes.is_empty()
    }

    /// Whether a node reads an element that need not be there when it is computed where it need not be: any that is not read in
    /// a loop of its own over the elements.
    fn is_fragile(&self, id: NodeId) -> bool {
        let graph = self.f.graph();
        let mut seen = HashSet::new();
        let mut todo = vec![(id, Symbols::default())];
        while let Some((id, inner)) = todo.pop() {
            if !seen.insert((id, inner)) {
                continue;
            }
            if let Node::Read(_, position) | Node::Element(_, position) = graph.node(id)
                && (symbols_of(graph.position(position)) & inner).is_empty()
            {
                return true;
            }
            let scope = graph.scope(id);
            let inside = scope.map_or(&[][..], |scope| scope.inside);
            let own =
                scope.map_or(Symbols::default(), |scope| bit(expr::index::Symbol::Axis(scope.range.axis)));
            for child in graph.children(id) {
                todo.push((*child, if inside.contains(child) { inner | own } else { inner }));
            }
        }
        false
    }

    /// The largest parts of a body that do not depend on the loops around it, and may be computed before them.
    pub(super) fn before(&self, bodies: &[NodeId], loops: &[Range]) -> Vec<NodeId> {
        let graph = self.f.graph();
        let sure = loops.iter().all(|range| Planner::is_surely_run(&range.low, &range.high));
        let bound = loops.iter().fold(Symbols::default(), |all, range| all | bit(range.symbol));
        let mut found = BTreeSet::new();
        let mut seen = HashSet::new();
        let mut todo: Vec<(NodeId, Symbols, bool)> = bodies.iter().map(|&body| (body, bound, sure)).collect();
        while let Some((id, inside, sure)) = todo.pop() {
            if !seen.insert((id, inside, sure)) || self.is_leaf(id) {
                continue;
            }
            let node = graph.node(id);
            let whole = !matches!(node, Node::Iterate(_)) && !self.literal[id.index()];
            if whole && (self.free[id.index()] & inside).is_empty() && (sure || !self.is_fragile(id)) {
                found.insert(id);
                continue;
            }
            match (node, graph.scope(id)) {
                (Node::Ternary(Op::Select, [condition, a, b]), _) => {
                    todo.push((condition, inside, sure));
                    let sure = sure && !self.is_of_indices(condition);
                    todo.extend([(a, inside, sure), (b, inside, sure)]);
                }
                (_, Some(scope)) => {
                    todo.extend(scope.outside.iter().map(|&child| (child, inside, sure)));
                    let sure = sure && Planner::is_surely_run(&scope.range.low, &scope.range.high);
                    let inside = inside | bit(expr::index::Symbol::Axis(scope.range.axis));
                    todo.extend(scope.inside.iter().map(|&child| (child, inside, sure)));
                }
                _ => todo.extend(graph.children(id).iter().map(|&child| (child, inside, sure))),
            }
        }
        found.into_iter().collect()
    }

    /// Whether the branches of a node are computed only when they are taken.
    pub(super) fn is_lazy(&self, id: NodeId) -> bool {
        match self.f.graph().node(id) {
            Node::Ternary(Op::Select, [condition, ..]) => self.is_of_indices(condition),
            _ => false,
        }
    }

    /// What a block computes for these goals.
    pub(super) fn plan(&self, goals: &[Goal]) -> Plan {
        let graph = self.f.graph();
        let mut here = BTreeSet::new();
        let mut uses: BTreeMap<NodeId, u32> = BTreeMap::new();
        let mut before: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
        let mut todo: Vec<NodeId> = Vec::new();
        let mut of_goals: Vec<Vec<NodeId>> = Vec::new();
        for goal in goals {
            let needed = match goal.loops.first() {
                None => vec![goal.node],
                Some(_) => {
                    let parts = self.before(&[goal.node], &goal.loops);
                    // Used once for each value of the axis.
                    parts.iter().for_each(|part| *uses.entry(*part).or_default() += 1);
                    parts
                }
            };
            needed.iter().for_each(|part| *uses.entry(*part).or_default() += 1);
            todo.extend(&needed);
            of_goals.push(needed);
        }
        while let Some(id) = todo.pop() {
            if self.is_known(id) || !here.insert(id) {
                continue;
            }
            let children: Vec<NodeId> = match (graph.node(id), graph.scope(id)) {
                (Node::Ternary(Op::Select, [condition, ..]), _) if self.is_lazy(id) => vec![condition],
                (_, Some(scope)) => {
                    let parts = self.before(scope.inside, &[scope.range.into()]);
                    parts.iter().for_each(|part| *uses.entry(*part).or_default() += 2);
                    let all = scope.outside.iter().chain(&parts).copied().collect();
                    before.insert(id, parts);
                    all
                }
                _ => graph.children(id).to_vec(),
            };
            children.iter().for_each(|child| *uses.entry(*child).or_default() += 1);
            todo.extend(children);
        }
        let mut level: BTreeMap<NodeId, u32> = BTreeMap::new();
        for &id in &here {
            let of = |level: &BTreeMap<NodeId, u32>, id: &NodeId| level.get(id).copied().unwrap_or(0);
            let own = match (graph.node(id), graph.scope(id)) {
                (Node::Ternary(Op::Select, [condition, a, b]), _) if self.is_lazy(id) => {
                    let mut most = of(&level, &condition);
                    for part in self.within(&[a, b], &here) {
                        most = most.max(of(&level, &part));
                        *uses.entry(part).or_default() += 2;
                    }
                    most
                }
                (_, Some(scope)) => {
                    1 + { scope.outside.iter().chain(&before[&id]) }
                        .map(|id| of(&level, id))
                        .max()
                        .unwrap_or(0)
                }
                _ => graph.children(id).iter().map(|id| of(&level, id)).max().unwrap_or(0),
            };
            level.insert(id, own);
        }
        let goal_level = of_goals
            .iter()
            .map(|needed| 1 + needed.iter().map(|id| level.get(id).copied().unwrap_or(0)).max().unwrap_or(0))
            .collect();
        Plan { here, uses, level, goal_level }
    }

    /// The parts of branches that are computed in the block around them.
    fn within(&self, branches: &[NodeId], here: &BTreeSet<NodeId>) -> BTreeSet<NodeId> {
        let mut found = BTreeSet::new();
        let mut seen = HashSet::new();
        let mut todo = branches.to_vec();
        while let Some(id) = todo.pop() {
            if !seen.insert(id) || self.is_leaf(id) {
                continue;
            }
            if here.contains(&id) {
                found.insert(id);
            } else {
                todo.extend(self.f.graph().children(id));
            }
        }
        found
    }
}
