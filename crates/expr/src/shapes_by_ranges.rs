//! The shapes of inputs from the ranges of loops alone, without a visit of every iteration: where every loop has an iteration, and what
//! is read lies between bounds that are certain, and reached.

use crate::block::Role;
use crate::bounds::IndexBounds;
use crate::function::Function;
use crate::graph::{AxisRange, Graph};
use crate::ids::{Axis, BlockId, NodeId};
use crate::index::{Index, Symbol};
use crate::index_branches::IndexBranches;
use crate::node::Node;
use crate::scatter::Shape;
use crate::scope::Axes;
use crate::shapes::Shapes;

/// Between which values axes are, under some conditions, and whether all of these values are possible.
struct Case {
    axes: Vec<(i64, i64)>,
    exact: bool,
}

struct Ranges {
    bounds: IndexBounds,
    ranges: Vec<Option<AxisRange>>,
    /// Between which values each axis is.
    axes: Vec<(i64, i64)>,
    /// Whether the range of an axis is always the same.
    fixed: Vec<bool>,
    /// Whether its least and largest values are reached.
    reached: Vec<bool>,
    /// Whether there may be iterations around it in which it has no value: not in all.
    maybe_empty: Vec<bool>,
}

impl Ranges {
    /// Nothing where a loop may be without iteration altogether.
    fn of(f: &Function) -> Option<Ranges> {
        let graph = f.graph();
        let ranges = graph.axis_ranges()?;
        let count = graph.axis_count();
        let mut all = Ranges {
            bounds: IndexBounds::of(f),
            axes: vec![(0, 0); count],
            fixed: vec![false; count],
            reached: vec![false; count],
            maybe_empty: vec![false; count],
            ranges: ranges.clone(),
        };
        let mut done = vec![false; count];
        // Ranges depend on axes around them.
        for _ in 0..=count {
            for range in ranges.iter().flatten() {
                let number = range.axis.index();
                let mut around = range.low.axes().chain(range.high.axes());
                if done[number] || around.any(|axis| !done[axis.index()]) {
                    continue;
                }
                let interval = |form| all.bounds.interval(form, &all.axes);
                let (low, high) = (interval(&range.low)?, interval(&range.high)?);
                let empty = high.0 < low.1;
                if empty {
                    // Where its first value is least, or its last is largest, it has one if that is no less than the other; and the
                    // loops around it have iterations there.
                    let mut around = range.low.axes().chain(range.high.axes());
                    let linear = all.reaches(&range.low) && all.reaches(&range.high);
                    let is_reached = match (low.0 == low.1, high.0 == high.1) {
                        (_, true) | (true, _) => low.0 <= high.1,
                        (false, false) => low.0 <= high.0 && low.1 <= high.1,
                    };
                    if !is_reached || !linear || around.any(|axis| all.maybe_empty[axis.index()]) {
                        return None;
                    }
                }
                all.maybe_empty[number] = empty;
                if !all.data_inside(&range.low) || !all.data_inside(&range.high) {
                    return None;
                }
                all.axes[number] = (low.0, high.1);
                all.fixed[number] = [&range.low, &range.high]
                    .iter()
                    .all(|form| form.symbols().all(|symbol| !matches!(symbol, Symbol::Axis(_))));
                all.reached[number] = all.reaches(&range.low) && all.reaches(&range.high);
                done[number] = true;
            }
        }
        ranges.iter().flatten().all(|range| done[range.axis.index()]).then_some(all)
    }

    fn data_inside(&self, form: &Index) -> bool {
        let mut inside = true;
        form.each_datum(&mut |datum| inside &= self.bounds.is_index(datum, &self.axes));
        inside
    }

    /// Whether a form has its largest and its least value by bounds of its axes.
    fn reaches(&self, form: &Index) -> bool {
        let mut axes: Vec<Axis> = Vec::new();
        for (symbols, _) in form.terms() {
            let of_axes = symbols.iter().filter_map(|symbol| match symbol {
                Symbol::Axis(axis) => Some(*axis),
                Symbol::Size(_) | Symbol::Datum(_) => None,
            });
            let before = axes.len();
            axes.extend(of_axes);
            if axes.len() > before + 1 {
                return false;
            }
        }
        let mut distinct = axes.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let alone = distinct.len() == axes.len() && form.data().is_empty();
        let fixed = |axis: &Axis| self.fixed[axis.index()] && self.reached[axis.index()];
        alone && (axes.iter().all(fixed) || matches!(axes[..], [axis] if self.reached[axis.index()]))
    }

    /// The cases in which a node is needed.
    fn cases(&self, graph: &Graph, branches: &IndexBranches, id: NodeId) -> Vec<Case> {
        let Some(clauses) = branches.clauses_of(id) else {
            return vec![Case { axes: self.axes.clone(), exact: true }];
        };
        let case = |clause: &Vec<(NodeId, bool)>| {
            let mut case = Case { axes: self.axes.clone(), exact: true };
            for &(condition, wanted) in clause {
                match graph.bounds_under(condition, wanted, &self.bounds) {
                    Some((axis, low, high)) if self.fixed[axis.index()] => {
                        let own = &mut case.axes[axis.index()];
                        *own = (own.0.max(low), own.1.min(high));
                    }
                    _ => case.exact = false,
                }
            }
            // Two conditions on one axis are one range, and nothing where that is empty.
            case.axes.iter().zip(&self.axes).all(|(own, all)| own == all || own.0 <= own.1).then_some(case)
        };
        clauses.iter().filter_map(case).collect()
    }

    /// A form that is at least, or at most, as large, without axes whose ranges differ.
    fn end(&self, form: &Index, upper: bool) -> Option<Index> {
        let mut form = form.clone();
        for _ in 0..self.axes.len() {
            let Some(axis) = form.axes().find(|axis| !self.fixed[axis.index()]) else { break };
            let symbol = Symbol::Axis(axis);
            let factor = form.factor(symbol)?;
            let range = self.ranges[axis.index()].as_ref()?;
            let end = if (factor > 0) == upper { &range.high } else { &range.low };
            form = form.substituted(&|own: Symbol| if own == symbol { end.clone() } else { own.into() })?;
        }
        Some(form)
    }

    /// Whether an index is certain to be one of a range, whose outer indices are these.
    fn is_inside(&self, form: &Index, range: &AxisRange, outer: &[(Axis, Index)], case: &Case) -> bool {
        let image = |symbol: Symbol| match symbol {
            Symbol::Axis(axis) => match outer.iter().rev().find(|(own, _)| *own == axis) {
                Some((_, form)) => form.clone(),
                None => symbol.into(),
            },
            symbol => symbol.into(),
        };
        let not_negative = |from: Option<Index>, less: Option<Index>| {
            let difference = from.zip(less).and_then(|(from, less)| from.minus(&less));
            difference
                .and_then(|form| self.bounds.interval(&form, &case.axes))
                .is_some_and(|(low, _)| low >= 0)
        };
        let high = || not_negative(range.high.substituted(&image), self.end(form, true));
        let low = || not_negative(self.end(form, false), range.low.substituted(&image));
        high() && low()
    }
}

/// The shapes as reads tell, if they are certain without a visit.
pub(crate) fn shapes_by_ranges(f: &Function) -> Option<Vec<Vec<usize>>> {
    f.bound_sizes().ok()?;
    let f = f.separated().ok()?;
    let graph = f.graph();
    let mut shapes = Shapes::declared(&f).ok()?;
    let ranges = Ranges::of(&f)?;
    let free = graph.free_axes();
    let branches = IndexBranches::of(&f, &free);
    if graph.ids().any(|id| graph.scope(id).is_some() && branches.clauses_of(id).is_some()) {
        return None;
    }
    let empty: Axes = graph.axes().filter(|axis| ranges.maybe_empty[axis.index()]).collect();
    let extreme = |id: NodeId| matches!(graph.node(id), Node::Reduce(fold, range, _) if fold.is_extreme() && empty.contains(graph.range(range).axis));
    if graph.ids().any(extreme) {
        return None;
    }
    let states = graph.state_shapes();
    let state = |axis, k| states.get(&(axis, k)).cloned();
    let is_data = |block: BlockId| graph.block(block).role == Role::Data;
    let mut read = vec![false; graph.blocks().len()];
    let mut at_most: Vec<(BlockId, usize, i64)> = Vec::new();
    for id in graph.ids() {
        match graph.node(id) {
            Node::Input(block, offset) if !is_data(block) => {
                read[block.index()] = true;
                for (k, index) in graph.block(block).indices(offset).into_iter().enumerate() {
                    shapes.read(block, k, index, id).ok()?;
                }
            }
            Node::Input(..) => return None,
            Node::Read(block, position) => {
                read[block.index()] = true;
                for case in ranges.cases(graph, &branches, id) {
                    for (k, form) in graph.position(position).iter().enumerate() {
                        let (low, high) = ranges.bounds.interval(form, &case.axes)?;
                        if low < 1 || !ranges.data_inside(form) {
                            return None;
                        }
                        let same = case.axes == ranges.axes;
                        let fixed = same || form.axes().all(|axis| ranges.fixed[axis.index()]);
                        // Of indices that vary together some do not meet.
                        let met = (free[id.index()] & empty).iter().all(|axis| form.axes().eq([axis]));
                        match case.exact && fixed && met && ranges.reaches(form) && !is_data(block) {
                            true => shapes.read(block, k, high, id).ok()?,
                            false => at_most.push((block, k, high)),
                        }
                    }
                }
            }
            Node::Element([array], position) => {
                let forms = graph.position(position);
                for case in ranges.cases(graph, &branches, id) {
                    match graph.shape(array, &state) {
                        Shape::Block(block) => {
                            for (k, form) in forms.iter().enumerate() {
                                let (low, high) = ranges.bounds.interval(form, &case.axes)?;
                                if low < 1 || !ranges.data_inside(form) {
                                    return None;
                                }
                                at_most.push((block, k, high));
                            }
                        }
                        Shape::Ranges(all) => {
                            let mut outer = Vec::new();
                            for (form, range) in forms.iter().zip(all.iter().map(|range| graph.range(*range)))
                            {
                                if !ranges.is_inside(form, range, &outer, &case) || !ranges.data_inside(form)
                                {
                                    return None;
                                }
                                outer.push((range.axis, form.clone()));
                            }
                        }
                    }
                }
            }
            Node::Scatter(scatter) => {
                if let Shape::Block(block) = graph.scatter(scatter).shape
                    && !read[block.index()]
                {
                    return None;
                }
            }
            _ => {}
        }
    }
    let known = |&(block, k, high): &(BlockId, usize, i64)| {
        usize::try_from(high).is_ok_and(|high| high <= shapes.extents[block.index()][k])
    };
    at_most.iter().all(known).then_some(shapes.extents)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::Seeds;
    use crate::passes::random_tests::random_function;

    #[test]
    fn ranges_tell_what_a_visit_tells() {
        let mut told = 0;
        for seed in 0..400 {
            let f = random_function(seed, 2 + (seed % 3) as u32);
            for f in std::iter::once(f.clone()).chain(f.vjp(Seeds::One)) {
                if let Some(shapes) = shapes_by_ranges(&f) {
                    told += 1;
                    assert_eq!(Ok(shapes), f.shapes_of_every_iteration(u64::MAX, u64::MAX), "seed {seed}");
                }
            }
        }
        assert!(told > 200, "{told} of 800");
    }
}
