//! How far inputs go along each of their indices, told from the reads of them, for every size.

use expr::graph::{AxisRange, Graph};
use expr::index::{Index, Symbol};
use expr::{Axis, BlockId, Function, Node, NodeId, Op, PathConditions};

use super::element::linear;
use super::substitute::{Images, axes_of};
use super::{NeedsSizes, index_forms};

/// More conditions than this around one node are not looked at.
const MOST_CONDITIONS: usize = 32;

/// The conditions under which anything needs a node, each with whether it must hold.
pub(super) struct Demands(Vec<Vec<(NodeId, bool)>>);

impl Demands {
    pub(super) fn of_nodes(f: &Function) -> Result<Demands, NeedsSizes> {
        let paths = PathConditions::of(f);
        let demands = paths.demands(MOST_CONDITIONS).ok_or(NeedsSizes::TooDeep)?;
        Ok(Demands(f.graph().ids().map(|id| demands[paths.at(id).index()].clone()).collect()))
    }

    fn of(&self, id: NodeId) -> &[(NodeId, bool)] {
        &self.0[id.index()]
    }

    /// Whether indices alone can decide that a node is not needed, so that what it reads may not be there.
    fn may_be_absent(&self, graph: &Graph, id: NodeId) -> bool {
        self.of(id).iter().any(|(condition, _)| {
            let below = graph.reached_from(&[*condition]);
            { graph.ids().filter(|id| below[id.index()]) }.all(|id| {
                matches!(graph.node(id), Node::Const(_) | Node::Symbol(_)) || graph.node(id).op().is_some()
            })
        })
    }
}

/// How far a block goes along one of its indices, where that can be told from its reads.
#[derive(Default)]
pub(super) struct Extent {
    /// No index is beyond this.
    pub(super) bound: Option<Index>,
    /// Whether the bound is surely read.
    reached: bool,
}

impl Extent {
    /// The largest index, where it is known.
    pub(super) fn reached(&self) -> Option<&Index> {
        self.bound.as_ref().filter(|_| self.reached)
    }
}

/// How far a block goes along each of its indices.
pub(super) fn extents(f: &Function, demands: &Demands, block: BlockId) -> Vec<Extent> {
    let graph = f.graph();
    // Per binder, what is in its body.
    let binders: Vec<(&AxisRange, Vec<bool>)> = { graph.ids() }
        .filter_map(|id| graph.scope(id))
        .map(|scope| (scope.range, graph.reached_from(scope.inside)))
        .collect();
    // The farthest end of the ranges of an axis around a read.
    let end = |axis: Axis, id: NodeId, end: fn(&AxisRange) -> &Index, sign: i64| -> Option<Index> {
        let mut ends = { binders.iter() }
            .filter(|(range, below)| range.axis == axis && below[id.index()])
            .map(|(range, _)| end(range));
        let first = ends.next()?.clone();
        ends.try_fold(first, |most, end| {
            let further = end.minus(&most)?.times(&sign.into())?;
            Some(if surely_at_least_zero(&further) {
                end.clone()
            } else if surely_at_least_zero(&further.times(&(-1).into())?) {
                most
            } else {
                return None;
            })
        })
    };
    let forms = index_forms(graph);
    // Conditions on indices alone say how far an axis goes where they hold.
    let last = |axis: Axis, id: NodeId| -> Option<Index> {
        let high = &end(axis, id, |range| &range.high, 1)?;
        let under = demands.of(id).iter().filter_map(|guard| upper_bound(graph, &forms, *guard, axis));
        let nearer = under
            .filter(|end| high.minus(end).and_then(|more| more.as_constant()).is_some_and(|more| more > 0));
        Some(nearer.fold(None, |_, end| Some(end)).unwrap_or_else(|| high.clone()))
    };
    let highest = |form: &Index, id: NodeId| -> Option<Index> {
        let mut form = form.clone();
        for _ in 0..graph.axis_count() {
            let axis = form.symbols().find_map(|symbol| match symbol {
                Symbol::Axis(axis) => Some(axis),
                Symbol::Size(_) | Symbol::Datum(_) => None,
            });
            if !form.data().is_empty() {
                return None;
            }
            let Some(axis) = axis else { return Some(form) };
            let factor = linear(&form, Symbol::Axis(axis))?;
            let end = if factor > 0 { last(axis, id)? } else { end(axis, id, |range| &range.low, -1)? };
            form = Images::index(axis, end).form(&form).ok()?;
        }
        (axes_of(&form).is_empty() && form.data().is_empty()).then_some(form)
    };
    let extent = |d: usize| -> Option<Extent> {
        let mut most = Extent::default();
        for id in graph.ids() {
            let end = match graph.node(id) {
                Node::Read(of, position) if of == block => highest(&graph.position(position)[d], id)?,
                Node::Input(of, _) if of == block => return None,
                _ => continue,
            };
            let reached = !demands.may_be_absent(graph, id);
            let further = match &most.bound {
                Some(bound) => end.minus(bound)?,
                None => Index::from(1),
            };
            if further == Index::default() {
                most.reached |= reached;
            } else if surely_at_least_zero(&further) {
                most = Extent { bound: Some(end), reached };
            } else if !surely_at_least_zero(&further.times(&(-1).into())?) {
                return None;
            }
        }
        Some(most)
    };
    (0..graph.block(block).rank).map(|d| extent(d).unwrap_or_default()).collect()
}

/// Whether a form is at least 0 for all sizes that are at least 1.
fn surely_at_least_zero(form: &Index) -> bool {
    axes_of(form).is_empty()
        && form.data().is_empty()
        && { form.terms().iter() }.all(|(symbols, factor)| symbols.is_empty() || *factor > 0)
        && form.evaluate(|_| 1).is_some_and(|least| least >= 0)
}

/// The last value of an axis at which a condition holds, or does not: `i < n` holds up to n - 1.
fn upper_bound(
    graph: &Graph,
    forms: &[Option<Index>],
    (condition, holds): (NodeId, bool),
    axis: Axis,
) -> Option<Index> {
    let Node::Binary(op, [a, b]) = graph.node(condition) else { return None };
    let (a, b) = (forms[a.index()].clone()?, forms[b.index()].clone()?);
    // What is at least 0 where the condition holds.
    let room = match (op, holds) {
        (Op::Lt, true) | (Op::Ge, false) => b.minus(&a)?.minus(&1.into())?,
        (Op::Le, true) | (Op::Gt, false) => b.minus(&a)?,
        (Op::Gt, true) | (Op::Le, false) => a.minus(&b)?.minus(&1.into())?,
        (Op::Ge, true) | (Op::Lt, false) => a.minus(&b)?,
        _ => return None,
    };
    let own = Index::from(Symbol::Axis(axis));
    let end = room.plus(&own)?;
    (linear(&room, Symbol::Axis(axis)) == Some(-1) && axes_of(&end).is_empty()).then_some(end)
}

/// How far every block goes along each of its indices: as it is declared, or as its reads say.
pub(super) fn shapes(f: &Function) -> Result<Vec<Vec<Option<Index>>>, NeedsSizes> {
    let demands = Demands::of_nodes(f)?;
    let blocks = f.graph().blocks().iter().map(|block| {
        let id = f.graph().block_named(&block.name).expect("it is a block");
        match (&block.declared, &block.shape) {
            (Some(declared), _) => declared.iter().cloned().map(Some).collect(),
            (None, Some(shape)) => shape.iter().map(|&extent| Some(Index::from(extent as i64))).collect(),
            (None, None) => extents(f, &demands, id).iter().map(|extent| extent.reached().cloned()).collect(),
        }
    });
    Ok(blocks.collect())
}
