//! Products of matrices: sums whose terms are products of two values that depend on different axes.
//!
//! `[i: 1..m, j: 1..n] sum(k, 1, l, a[i,k]*b[k,j])`, and whatever has this form in the graph, by a `let` or by a backward pass. All sums are computed at
//! once from both factors in memory, where those that are computed are kept first: two rows by eight columns at a time, so that a number
//! that was loaded is used several times. Each sum adds its terms in canonical order, as anywhere else.
//!
//! Left to loops are sums over states of a scan, under conditions, and over ranges that depend on other indices.

use expr::scope::Axes;
use expr::{Axis, Clause, Fold, Function, Graph, Node, NodeId, Op};
use rustc_hash::FxHashMap;

use super::axes::AxisTable;
use super::interchange::own_axis;

/// How many multiplications make it worth while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contractions {
    #[cfg(test)]
    None,
    /// Of so many, with some terms, rows and columns at least.
    Worthwhile,
    #[cfg(test)]
    All,
}

/// Fewer multiplications in all are left where they are.
const LEAST_PRODUCTS: usize = 4096;
/// And fewer terms, rows or columns.
const LEAST_EXTENT: usize = 4;

/// The sums of one such node.
#[derive(Clone, Debug)]
pub(super) struct Contraction {
    /// The axis of the terms.
    pub(super) over: Axis,
    /// What depends on rows, and what depends on columns.
    pub(super) factors: [NodeId; 2],
    /// The axes of both factors: for each of their values there is a matrix.
    pub(super) both: Vec<Axis>,
    pub(super) rows: Vec<Axis>,
    pub(super) columns: Vec<Axis>,
}

impl Contraction {
    /// All axes for which there is a sum, in the order in which the sums are kept.
    pub(super) fn axes(&self) -> Vec<Axis> {
        [&self.both[..], &self.rows, &self.columns].concat()
    }

    /// How many multiplications there are.
    pub(super) fn products(&self, axes: &AxisTable) -> f64 {
        let all = self.axes().into_iter().chain([self.over]);
        all.map(|axis| axes.trips[axis.index()]).product()
    }
}

/// Whether a factor is read where it is: an element of an input, or of an array that no loop is around.
pub(super) fn is_in_memory(graph: &Graph, axes: &AxisTable, factor: NodeId) -> bool {
    match graph.node(factor) {
        Node::Read(..) => true,
        Node::Element([array], _) => axes.free[array.index()].is_empty(),
        _ => false,
    }
}

/// Whether more than half of the operators of a function, each as often as it is evaluated, are the products of these.
pub(super) fn are_most(f: &Function, axes: &AxisTable) -> bool {
    let graph = f.graph();
    let found = contractions(graph, axes, &f.conditional_loops(), usize::MAX, Contractions::Worthwhile);
    let evaluated =
        |id: NodeId| axes.free[id.index()].iter().map(|axis| axes.trips[axis.index()]).product::<f64>();
    let all: f64 = graph.ids().filter(|id| graph.node(*id).op().is_some()).map(evaluated).sum();
    let products: f64 = found.values().map(|contraction| contraction.products(axes)).sum();
    products > all / 2.0
}

/// The sums that are computed as products of matrices, of at most so many numbers each.
pub(super) fn contractions(
    graph: &Graph,
    axes: &AxisTable,
    conditional: &FxHashMap<NodeId, Vec<Clause>>,
    most: usize,
    which: Contractions,
) -> FxHashMap<NodeId, Contraction> {
    let of = |id: NodeId| Some((id, contraction(graph, axes, conditional, most, which, id)?));
    graph.ids().filter_map(of).collect()
}

fn contraction(
    graph: &Graph,
    axes: &AxisTable,
    conditional: &FxHashMap<NodeId, Vec<Clause>>,
    most: usize,
    which: Contractions,
    id: NodeId,
) -> Option<Contraction> {
    let Node::Reduce(Fold::Sum, _, [term]) = graph.node(id) else { return None };
    let Node::Binary(Op::Mul, [a, b]) = graph.node(term) else { return None };
    if conditional.contains_key(&id) || axes.innermost_state(term).is_some() {
        return None;
    }
    let over = own_axis(graph, id);
    let [of_a, of_b] = [a, b].map(|factor| axes.free[factor.index()]);
    if !of_a.contains(over) || !of_b.contains(over) {
        return None;
    }
    // Each over the same range wherever the others are.
    let is_apart = |axis: Axis| {
        let range = axes.ranges[axis.index()].as_ref();
        let has_data =
            range.is_none_or(|range| !range.low.data().is_empty() || !range.high.data().is_empty());
        axes.closed[axis.index()] == Axes::of(axis) && !has_data
    };
    if !(of_a | of_b).iter().all(is_apart) {
        return None;
    }
    let own = Axes::of(over);
    let [both, rows, columns] = [of_a & of_b, of_a - of_b, of_b - of_a].map(|all| axes.in_order(all - own));
    let count =
        |all: &[Axis]| all.iter().try_fold(1usize, |count, axis| count.checked_mul(axes.extent(*axis)?));
    let (both_count, terms) = (count(&both)?, axes.extent(over)?);
    let (row_count, column_count) = (count(&rows)?, count(&columns)?);
    let numbers = |of: [usize; 3]| of.iter().try_fold(1usize, |all, count| all.checked_mul(*count));
    let results = numbers([both_count, row_count, column_count])?;
    let sources = [row_count, column_count].map(|count| numbers([both_count, count, terms]));
    if results.max(sources[0]?).max(sources[1]?) > most || results.min(terms) == 0 {
        return None;
    }
    let worthwhile = match which {
        #[cfg(test)]
        Contractions::None => false,
        Contractions::Worthwhile => {
            terms.min(row_count).min(column_count) >= LEAST_EXTENT
                && results.saturating_mul(terms) >= LEAST_PRODUCTS
        }
        #[cfg(test)]
        Contractions::All => !rows.is_empty() && !columns.is_empty(),
    };
    if !worthwhile {
        return None;
    }
    // Eight columns are computed at a time: of which there are as many as fit.
    let used = |count: usize| count as f64 / count.next_multiple_of(8) as f64;
    match used(row_count) > used(column_count) {
        true => Some(Contraction { over, factors: [b, a], both, rows: columns, columns: rows }),
        false => Some(Contraction { over, factors: [a, b], both, rows, columns }),
    }
}
