//! The backward pass: what every node passes on, from the last to the first.

use rustc_hash::{FxHashMap, FxHashSet};

use super::kept_states::Kept;
use super::pending::Pending;
use super::scopes::Scopes;
use super::shares::{Live, Share, What, Whole, nest, sum, summed};
use super::{NoDerivative, index};
use crate::array_builder::Contribution;
use crate::builder::{Builder, Expr};
use crate::graph::Role;
use crate::index::Index;
use crate::index_branches::OfIndices;
use crate::node::{Axis, BlockId, Node, NodeId};
use crate::scatter::Shape;
use crate::scope::Axes;
use crate::{Activity, Graph};

/// The body of an iteration that is gone through backward.
pub(super) struct Region {
    /// Its nodes that depend on states.
    pub(super) nodes: FxHashSet<NodeId>,
    /// Which state a node stands for.
    pub(super) states: FxHashMap<NodeId, usize>,
    /// Axes that have one value in it, its own among them.
    pub(super) keep: Axes,
}

/// What leaves the body of an iteration.
#[derive(Default)]
pub(super) struct Outgoing<'g> {
    /// Per state.
    pub(super) states: FxHashMap<usize, Vec<Share<'g>>>,
    /// To nodes outside, the last first.
    pub(super) nodes: Vec<(NodeId, Vec<Share<'g>>)>,
}

pub(super) struct Pass<'g> {
    pub(super) builder: &'g Builder,
    pub(super) scopes: Scopes,
    of_indices: OfIndices,
    /// Which nodes depend on variables by slopes.
    active: Vec<bool>,
    /// The same of states.
    pub(super) active_states: FxHashSet<(Axis, u32)>,
    pub(super) state_shapes: FxHashMap<(Axis, u32), Shape>,
    /// Where the states before each step are kept among the results of an iteration.
    pub(super) kept: Kept,
    /// The bodies that are gone through, the innermost last.
    pub(super) regions: Vec<Region>,
    /// What reads of variables receive.
    pub(super) received: Vec<Received<'g>>,
}

/// A read of an input, where it counts, and what it receives.
pub(super) type Received<'g> = (NodeId, Live<'g>, Expr<'g>);

impl<'g> Pass<'g> {
    pub(super) fn new(builder: &'g Builder, graph: &Graph, kept: Kept) -> Pass<'g> {
        let mut scopes = Scopes::default();
        scopes.extend(graph);
        let variable = |block: BlockId| graph.block(block).role == Role::Variable;
        let mut active_states = FxHashSet::default();
        let activity = loop {
            let activity = Activity::of(graph, |id| match graph.node(id) {
                Node::Read(block, _) | Node::Input(block, _) => variable(block),
                Node::State(axis, k) => active_states.contains(&(axis, k)),
                _ => false,
            });
            let before = active_states.len();
            for id in graph.ids() {
                let Node::Iterate(iteration) = graph.node(id) else { continue };
                let axis = graph.iteration_range(iteration).axis;
                let states = graph.state_count(iteration);
                let children = graph.children(id);
                let is_active =
                    |k: &usize| activity.is_active(children[*k]) || activity.is_active(children[states + *k]);
                active_states.extend((0..states).filter(is_active).map(|k| (axis, k as u32)));
            }
            if active_states.len() == before {
                break activity;
            }
        };
        let mut pass = Pass {
            builder,
            scopes,
            of_indices: OfIndices::default(),
            active: graph.ids().map(|id| activity.is_active(id)).collect(),
            active_states,
            state_shapes: FxHashMap::default(),
            kept,
            regions: Vec::new(),
            received: Vec::new(),
        };
        // A state may start as one of an iteration around it, whose states come later.
        loop {
            let before = pass.state_shapes.clone();
            for id in graph.ids() {
                let Node::Iterate(iteration) = graph.node(id) else { continue };
                let axis = graph.iteration_range(iteration).axis;
                for k in 0..graph.state_count(iteration) {
                    let shape = pass.shape(graph.children(id)[k]);
                    pass.state_shapes.insert((axis, k as u32), shape);
                }
            }
            if pass.state_shapes == before {
                break;
            }
        }
        pass
    }

    pub(super) fn integer(&self, value: i64) -> Expr<'g> {
        self.builder.lift(&crate::Constant::Integer(value))
    }

    pub(super) fn is_active(&self, id: NodeId) -> bool {
        self.active.get(id.index()).copied().unwrap_or(false)
    }

    pub(super) fn activate(&mut self, id: NodeId) {
        if self.active.len() <= id.index() {
            self.active.resize(id.index() + 1, false);
        }
        self.active[id.index()] = true;
    }

    pub(super) fn is_of_indices(&mut self, id: NodeId) -> bool {
        self.of_indices.extend(&self.builder.graph());
        self.of_indices.holds(id)
    }

    /// The axes that a node is free in.
    pub(super) fn free(&mut self, id: NodeId) -> Axes {
        self.scopes.extend(&self.builder.graph());
        self.scopes.of(id)
    }

    /// Visits nodes from the last to the first, until what is passed has come to reads of variables, or out of the body that is
    /// gone through.
    pub(super) fn pull(&mut self, mut pending: Pending<'g>) -> Result<Outgoing<'g>, NoDerivative> {
        let mut outgoing = Outgoing::default();
        while let Some((id, shares)) = pending.pop_last() {
            if !self.is_active(id) {
                continue;
            }
            let region = self.regions.last();
            if let Some(region) = region {
                if let Some(&state) = region.states.get(&id) {
                    outgoing.states.entry(state).or_default().extend(shares);
                    continue;
                }
                if !region.nodes.contains(&id) {
                    outgoing.nodes.push((id, shares));
                    continue;
                }
            }
            let keep = region.map_or(Axes::NONE, |region| region.keep);
            let live = { shares.iter() }.map(|share| share.live).reduce(Live::either).unwrap_or_default();
            let node = self.builder.graph().node(id);
            match node {
                Node::Iterate(iteration) => {
                    self.iteration(id, iteration, live, shares, &mut pending, keep)?
                }
                Node::Project([all], k) => {
                    let result = |share: Share<'g>| Share {
                        live: share.live,
                        what: What::Result(k, Box::new(share.what)),
                    };
                    pending.to(all).extend(shares.into_iter().map(result));
                }
                _ if self.is_array(id) => self.array(id, node, shares, &mut pending, keep)?,
                _ => {
                    let numbers = shares.iter().map(|share| match &share.what {
                        What::Number(number) => *number,
                        _ => unreachable!("a number receives numbers"),
                    });
                    let upstream = sum(self.builder, numbers);
                    pending.reuse(shares);
                    match node {
                        Node::Read(..) | Node::Input(..) => self.received.push((id, live, upstream)),
                        _ => self.number(id, node, live, live.inside(upstream), &mut pending, keep)?,
                    }
                }
            }
        }
        Ok(outgoing)
    }

    /// Passes something to a node, from a place where axes have the values of `scope`; those of `keep` are left as they are.
    pub(super) fn push(
        &mut self,
        pending: &mut Pending<'g>,
        to: NodeId,
        share: Share<'g>,
        scope: Axes,
        keep: Axes,
    ) -> Result<(), NoDerivative> {
        if !self.is_active(to) {
            return Ok(());
        }
        if scope.is_empty() {
            pending.to(to).push(share);
            return Ok(());
        }
        let own = self.free(to);
        let scope = self.scopes.closed(scope);
        let extra = scope - own - keep;
        let Share { live: within, what } = share;
        let live = self.anywhere(within, extra);
        let what = match what {
            What::Number(number) => {
                let axes = self.scopes.ordered(extra);
                What::Number(summed(self.builder, &self.scopes, &axes, number))
            }
            What::Whole(whole) if extra.is_empty() => What::Whole(whole),
            What::Whole(whole) => {
                let avoid = self.meant(within, &whole) | extra | own;
                let part = self.part_of(to, within, &whole, &[], avoid)?;
                What::Part(Box::new(self.widened(extra, part)))
            }
            What::Part(part) => What::Part(Box::new(self.widened(extra, *part))),
            What::Result(..) => unreachable!("results are passed to iterations as they are"),
        };
        pending.to(to).push(Share { live, what });
        Ok(())
    }

    /// What an array passes under a condition, as a part: its elements go to these positions, followed by their own.
    pub(super) fn part_of(
        &mut self,
        array: NodeId,
        live: Live<'g>,
        whole: &Whole<'g>,
        position: &[Index],
        avoid: Axes,
    ) -> Result<Contribution<'g>, NoDerivative> {
        let axes = self.own_axes(&self.shape(array), avoid)?;
        let own: Vec<Index> = axes.iter().map(|axis| index(*axis)).collect();
        let element = live.of(whole.element(self.builder, &own));
        let source = nest(self.builder, &self.scopes, &axes, element);
        Ok(Contribution { axes, source, position: [position, &own].concat(), guard: live.indices })
    }

    /// Where something counts for any values of these axes.
    fn anywhere(&mut self, live: Live<'g>, extra: Axes) -> Live<'g> {
        let mut free =
            |condition: Option<Expr<'g>>| condition.map_or(Axes::NONE, |condition| self.free(condition.id()));
        let (indices, others) = (free(live.indices), free(live.others));
        if ((indices | others) & extra).is_empty() {
            return live;
        }
        let whole = live.whole().expect("it has a condition");
        let axes = self.scopes.ordered(extra & (indices | others));
        let count = summed(self.builder, &self.scopes, &axes, whole);
        let others = Some(crate::Calculus::gt(count, self.integer(0)));
        Live { indices: live.indices.filter(|_| (indices & extra).is_empty()), others }
    }

    /// A part over more axes: those that its position does not mention are summed over.
    pub(super) fn widened(&mut self, extra: Axes, part: Contribution<'g>) -> Contribution<'g> {
        if extra.is_empty() {
            return part;
        }
        let guard = part.guard.map_or(Axes::NONE, |guard| self.free(guard.id()));
        let own: Axes = part.axes.iter().copied().collect();
        let needed = self.scopes.closed(Axes::of_forms(&part.position) | guard | own) & extra;
        let sums = self.scopes.ordered(extra - needed);
        let loops = self.scopes.ordered(needed);
        // A sum over a nest of arrays is the nest of the sums.
        let source = match (sums.is_empty(), part.axes.is_empty()) {
            (true, _) => part.source,
            (false, true) => summed(self.builder, &self.scopes, &sums, part.source),
            (false, false) => {
                let position: Vec<Index> = part.axes.iter().map(|axis| index(*axis)).collect();
                let element = self.builder.at(part.source, &position);
                let total = summed(self.builder, &self.scopes, &sums, element);
                nest(self.builder, &self.scopes, &part.axes, total)
            }
        };
        let source = nest(self.builder, &self.scopes, &loops, source);
        Contribution { axes: [loops, part.axes].concat(), source, ..part }
    }

    /// Under a condition, and where the condition of a branch says that it is taken.
    pub(super) fn branch(&mut self, live: Live<'g>, condition: NodeId, taken: bool) -> Live<'g> {
        let of_indices = self.is_of_indices(condition);
        live.within(self.builder.handle(condition), taken, of_indices)
    }
}
