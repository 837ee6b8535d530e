//! The nest of loops that a function is run by: which value is computed in which loop.
//!
//! A node is computed in the innermost loop of those that its value depends on. What takes long and depends on fewer loops than
//! are around it there, or is needed in several loops, is *kept*: computed by loops of its own into an array, from which the
//! others load it. So the nest is built, what should be kept is looked for in it, and it is built again until nothing is found.

use std::collections::{BTreeSet, HashSet};

use expr::scope::Axes;
use expr::{Axis, Clause, Graph, IndexBounds, Node, NodeId};
use rustc_hash::FxHashMap;

use super::NotPlanned;
use super::axes::AxisTable;
use super::contraction::{Contraction, is_in_memory};
use super::guards::guards;
use super::interchange::{Interchange, own_axis, totals};

/// The body of a loop, or what is outside of all loops.
#[derive(Debug)]
pub(super) struct Region {
    pub(super) items: Vec<Item>,
}

/// What is done in a region, in order.
#[derive(Debug)]
pub(super) enum Item {
    /// A node is computed.
    Value(NodeId),
    /// A node is loaded from where it is kept.
    Load(NodeId),
    /// All sums of a product of matrices.
    Contraction(NodeId),
    Loop(Loop),
}

/// A loop that computes several things at once.
#[derive(Debug)]
pub(super) struct Loop {
    pub(super) axis: Axis,
    pub(super) binders: Vec<Binder>,
    /// Where there are any, one of them holds where the loop is needed.
    pub(super) when: Vec<Clause>,
    pub(super) body: Region,
    /// Whether it is run for blocks of its values at a time.
    pub(super) in_blocks: bool,
    /// Whether its body is made for each of its values.
    pub(super) unrolled: bool,
}

/// What a loop is for.
#[derive(Clone, Debug)]
pub(super) enum Binder {
    /// A reduction, array or iteration.
    Node(NodeId),
    /// A node that is kept for each value of these axes, that of the loop and then those of loops further in.
    Keep(NodeId, Vec<Axis>),
    /// A reduction that is kept for each value of these axes: its own loop is around theirs, and adds to all of them.
    Total(NodeId, Vec<Axis>),
}

/// What the nest is made of.
pub(super) struct Nest<'a> {
    pub(super) graph: &'a Graph,
    pub(super) axes: &'a AxisTable,
    pub(super) conditional: &'a FxHashMap<NodeId, Vec<Clause>>,
    /// The sums that are computed as products of matrices.
    pub(super) contractions: FxHashMap<NodeId, Contraction>,
    /// The nodes that are kept.
    pub(super) kept: HashSet<NodeId>,
    /// Those of them that are reductions whose loop is around the loops over what they are kept for.
    totals: HashSet<NodeId>,
    /// The nodes that should be.
    found: BTreeSet<NodeId>,
    /// Nodes that take long, and have been met.
    met: HashSet<NodeId>,
    /// Per kept node, the axes for which it has a value each.
    rests: FxHashMap<NodeId, Vec<Axis>>,
    /// Whether a loop was met inside of another one over its axis.
    shadowed: bool,
}

/// Where a region is.
#[derive(Clone, Copy)]
struct Here {
    axis: Option<Axis>,
    /// Whether its loop is an iteration.
    scan: bool,
    around: Axes,
}

/// An operator that costs as much as this many additions is not computed twice.
const LONG: u32 = 12;
/// After so many attempts the nest is not built.
const MOST_ATTEMPTS: usize = 100;

impl<'a> Nest<'a> {
    pub(super) fn new(
        graph: &'a Graph,
        axes: &'a AxisTable,
        conditional: &'a FxHashMap<NodeId, Vec<Clause>>,
        bounds: &IndexBounds,
        interchange: Interchange,
        contractions: FxHashMap<NodeId, Contraction>,
    ) -> Nest<'a> {
        let mut totals = totals(graph, axes, interchange);
        totals.retain(|id| !contractions.contains_key(id));
        let mut kept = guards(graph, axes, bounds);
        kept.extend(&totals);
        for (id, contraction) in &contractions {
            let factors = contraction.factors.iter().filter(|factor| !is_in_memory(graph, axes, **factor));
            kept.extend(factors.chain([id]));
        }
        Nest {
            graph,
            axes,
            conditional,
            contractions,
            kept,
            totals,
            found: BTreeSet::new(),
            met: HashSet::new(),
            rests: FxHashMap::default(),
            shadowed: false,
        }
    }

    /// The nest for these outputs; `may_keep` says whether there is space for a node.
    pub(super) fn build(
        &mut self,
        outputs: &[NodeId],
        mut may_keep: impl FnMut(NodeId) -> bool,
    ) -> Result<Region, NotPlanned> {
        let mut refused = HashSet::new();
        for _ in 0..MOST_ATTEMPTS {
            self.found.clear();
            self.met.clear();
            self.shadowed = false;
            let root = Here { axis: None, scan: false, around: Axes::NONE };
            let region = self.region(root, outputs, &[]);
            let fresh: Vec<NodeId> = self
                .found
                .iter()
                .copied()
                .filter(|id| !self.kept.contains(id) && !refused.contains(id))
                .collect();
            let mut changed = false;
            for id in fresh {
                if may_keep(id) {
                    changed |= self.kept.insert(id);
                } else {
                    refused.insert(id);
                }
            }
            if !changed {
                return if self.shadowed { Err(NotPlanned::Shadowed) } else { Ok(region) };
            }
        }
        Err(NotPlanned::Nesting)
    }

    fn takes_long(&self, id: NodeId) -> bool {
        match self.graph.node(id) {
            Node::Reduce(..) | Node::Array(..) | Node::Scatter(_) | Node::Project(..) => true,
            Node::Fold(_, list) => self.graph.list(list).len() >= LONG as usize,
            node => node.op().is_some_and(|op| op.cost() >= LONG),
        }
    }

    /// Whether a kept node is computed by loops that begin in a region.
    fn begins(&self, id: NodeId, here: Here) -> bool {
        match self.axes.innermost_state(id) {
            None => here.axis.is_none(),
            Some(axis) => here.scan && here.axis == Some(axis),
        }
    }

    /// Whether a node is kept, and was computed before the region is entered.
    fn is_loaded(&self, id: NodeId, here: Here) -> bool {
        let before = || match self.axes.innermost_state(id) {
            None => here.axis.is_some(),
            Some(axis) => here.around.contains(axis) && !self.begins(id, here),
        };
        self.kept.contains(&id) && before()
    }

    /// The axes for which a kept node has a value each.
    pub(super) fn kept_axes(&self, id: NodeId) -> &[Axis] {
        self.rests.get(&id).map_or(&[], |rest| rest)
    }

    /// What must be known before a node is: its children, and of a loop the conditions under which it is run.
    fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let factors = self.contractions.get(&id).map(|contraction| &contraction.factors[..]);
        let clauses = self.conditional.get(&id).filter(|_| !self.totals.contains(&id));
        let conditions = clauses.into_iter().flatten().flatten().map(|(condition, _)| *condition);
        factors.unwrap_or_else(|| self.graph.children(id)).iter().copied().chain(conditions)
    }

    /// Nodes so that each comes after what must be known before it; a condition may have been written down after what it decides.
    fn in_order(&self, nodes: &BTreeSet<NodeId>) -> Vec<NodeId> {
        let (mut order, mut met) = (Vec::with_capacity(nodes.len()), HashSet::new());
        let mut todo: Vec<(NodeId, bool)> = nodes.iter().rev().map(|id| (*id, false)).collect();
        while let Some((id, over)) = todo.pop() {
            if over {
                order.push(id);
            } else if met.insert(id) {
                todo.push((id, true));
                todo.extend(
                    self.children(id).filter(|child| nodes.contains(child)).map(|child| (child, false)),
                );
            }
        }
        order
    }

    fn region(&mut self, here: Here, wanted: &[NodeId], keeps: &[(NodeId, Vec<Axis>)]) -> Region {
        let graph = self.graph;
        let rest_of = |id: NodeId| keeps.iter().find(|(own, _)| *own == id).map(|(_, rest)| rest);
        let mut nodes = BTreeSet::new();
        let mut todo: Vec<NodeId> = wanted.iter().copied().chain(keeps.iter().map(|(id, _)| *id)).collect();
        while let Some(id) = todo.pop() {
            let changes = here.axis.is_none_or(|axis| self.axes.free[id.index()].contains(axis))
                || rest_of(id).is_some();
            if !changes || !nodes.insert(id) {
                continue;
            }
            if rest_of(id).is_none() && self.is_loaded(id, here) {
                continue;
            }
            todo.extend(self.children(id));
        }
        // How many loops of this region must be over before a node is known.
        let mut depth = vec![0u32; graph.len()];
        let mut values: Vec<(u32, bool, Item)> = Vec::new();
        let mut loops: Vec<(u32, Loop)> = Vec::new();
        let mut shadowed = false;
        for id in self.in_order(&nodes) {
            let children = self.children(id).filter(|child| nodes.contains(child));
            let before = children.map(|child| depth[child.index()]).max().unwrap_or(0);
            let free = self.axes.free[id.index()];
            let inside = (free - here.around).is_empty();
            let mut add = |axis: Axis, binder: Binder, scan: bool| {
                if here.around.contains(axis) {
                    // What is looked for may take it out of there.
                    shadowed = true;
                    return;
                }
                let when = match &binder {
                    Binder::Node(id) => self.conditional.get(id).cloned().unwrap_or_default(),
                    Binder::Keep(..) | Binder::Total(..) => Vec::new(),
                };
                let same = |(depth, other): &&mut (u32, Loop)| {
                    *depth == before + 1
                        && other.axis == axis
                        && other.when == when
                        && !scan
                        && !is_scan(graph, &other.binders)
                };
                match loops.iter_mut().find(same) {
                    Some((_, other)) => other.binders.push(binder),
                    None => loops.push((
                        before + 1,
                        Loop {
                            axis,
                            binders: vec![binder],
                            when,
                            body: Region { items: Vec::new() },
                            in_blocks: false,
                            unrolled: false,
                        },
                    )),
                }
            };
            let total = self.totals.contains(&id);
            let rest = match rest_of(id) {
                Some(rest) if total && rest.is_empty() => {
                    depth[id.index()] = before;
                    continue;
                }
                Some(rest) => rest.clone(),
                None if self.is_loaded(id, here) => {
                    if inside {
                        values.push((0, false, Item::Load(id)));
                    }
                    continue;
                }
                None if self.contractions.contains_key(&id) && self.begins(id, here) => {
                    self.rests.insert(id, self.contractions[&id].axes());
                    depth[id.index()] = before + 1;
                    values.push((before + 1, false, Item::Contraction(id)));
                    continue;
                }
                None if self.kept.contains(&id) && self.begins(id, here) => {
                    let rest = self.axes.in_order(free - here.around);
                    self.rests.insert(id, rest.clone());
                    if total {
                        add(own_axis(graph, id), Binder::Total(id, rest), false);
                        depth[id.index()] = before + 1;
                        continue;
                    }
                    rest
                }
                None => Vec::new(),
            };
            if let Some(&axis) = rest.first() {
                add(axis, if total { Binder::Total(id, rest) } else { Binder::Keep(id, rest) }, false);
                depth[id.index()] = before + 1;
                continue;
            }
            depth[id.index()] = before;
            if !inside {
                continue;
            }
            match graph.scope(id) {
                Some(scope) => {
                    let scan = matches!(graph.node(id), Node::Iterate(_));
                    add(scope.range.axis, Binder::Node(id), scan);
                    depth[id.index()] = before + 1;
                }
                None => {
                    let is_leaf = graph.children(id).is_empty()
                        || matches!(graph.node(id), Node::Element(..) | Node::Project(..));
                    // A scatter is a loop: what reads it comes after it.
                    if let Node::Scatter(_) = graph.node(id) {
                        depth[id.index()] = before + 1;
                    }
                    values.push((depth[id.index()], !is_leaf, Item::Value(id)));
                }
            }
            self.look_at(id, here, &nodes);
        }
        self.shadowed |= shadowed;
        let mut items: Vec<(u32, u32, Item)> = Vec::new();
        for (depth, mut made) in loops {
            let Loop { axis, binders, .. } = &made;
            let scan = is_scan(graph, binders);
            let inner = Here { axis: Some(*axis), scan, around: here.around | Axes::of(*axis) };
            let (mut wanted, mut keeps) = (Vec::new(), Vec::new());
            for binder in binders {
                match binder {
                    Binder::Node(id) => wanted.extend(graph.scope(*id).expect("it binds an axis").inside),
                    Binder::Total(id, rest) if own_axis(graph, *id) == *axis => {
                        keeps.push((*id, rest.clone()));
                    }
                    Binder::Keep(id, rest) | Binder::Total(id, rest) => {
                        keeps.push((*id, rest[1..].to_vec()));
                    }
                }
            }
            made.body = self.region(inner, &wanted, &keeps);
            items.push((depth, 0, Item::Loop(made)));
        }
        // What is loaded first, then what is computed of it, so that these stand together.
        items.extend(values.into_iter().map(|(depth, computed, item)| {
            let is_loop = match &item {
                Item::Value(id) => matches!(graph.node(*id), Node::Scatter(_)),
                item => matches!(item, Item::Contraction(_)),
            };
            (depth, if is_loop { 0 } else { 1 + u32::from(computed) }, item)
        }));
        items.sort_by_key(|(depth, kind, _)| (*depth, *kind));
        Region { items: items.into_iter().map(|(_, _, item)| item).collect() }
    }

    /// Whether a node that is computed here should be kept.
    fn look_at(&mut self, id: NodeId, here: Here, nodes: &BTreeSet<NodeId>) {
        if here.axis.is_none() || !self.takes_long(id) {
            return;
        }
        let free = self.axes.free[id.index()];
        if free == here.around {
            if !self.met.insert(id) {
                self.found.insert(id);
            }
            return;
        }
        // Only the last of what depends on the same axes: the others are computed together with it.
        let again = |other: &&NodeId| {
            self.axes.free[other.index()] == free
                && self.takes_long(**other)
                && self.graph.children(**other).contains(&id)
        };
        if !nodes.range(id..).any(|other| again(&other)) {
            self.found.insert(id);
        }
    }
}

pub(super) fn is_scan(graph: &Graph, binders: &[Binder]) -> bool {
    matches!(binders, [Binder::Node(id)] if matches!(graph.node(*id), Node::Iterate(_)))
}
