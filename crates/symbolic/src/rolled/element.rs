//! From what arrives at reads to the partial derivative by an element: for which rounds of the loops is this read that element?

use expr::graph::{AxisRange, Graph};
use expr::index::{Index, Symbol};
use expr::{Axis, BlockId, Expr, Fold, Function, Node, NodeId, Op, Scalar};

use super::pull::{Arrival, Known};
use super::substitute::{Images, axes_of};
use super::{Axes, NotRolled, Roller, guarded, index_forms, minus};

/// What must hold of index forms.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    /// The form is at least 0.
    AtLeastZero(Index),
    /// The form is 0.
    Zero(Index),
}

impl Condition {
    fn form(&self) -> &Index {
        match self {
            Condition::AtLeastZero(form) | Condition::Zero(form) => form,
        }
    }

    fn map(&self, images: &Images<'_>) -> Result<Condition, NotRolled> {
        let form = images.form(self.form())?;
        Ok(match self {
            Condition::AtLeastZero(_) => Condition::AtLeastZero(form),
            Condition::Zero(_) => Condition::Zero(form),
        })
    }
}

/// How far a block goes along one of its indices, where that can be told from its reads.
#[derive(Default)]
pub(super) struct Extent {
    /// No index is beyond this.
    bound: Option<Index>,
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
pub(super) fn extents(f: &Function, known: &Known, block: BlockId) -> Vec<Extent> {
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
            Some(if surely_positive(&further) {
                end.clone()
            } else if surely_positive(&further.times(&(-1).into())?) {
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
        let under = known.guards(id).iter().filter_map(|guard| upper_bound(graph, &forms, *guard, axis));
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
            let Some(axis) = axis else { return Some(form) };
            let factor = linear(&form, Symbol::Axis(axis))?;
            let end = if factor > 0 { last(axis, id)? } else { end(axis, id, |range| &range.low, -1)? };
            form = Images::index(axis, end).form(&form).ok()?;
        }
        axes_of(&form).is_empty().then_some(form)
    };
    let extent = |d: usize| -> Option<Extent> {
        let mut most = Extent::default();
        for id in graph.ids() {
            let end = match graph.node(id) {
                Node::Read(of, position) if of == block => highest(&graph.position(position)[d], id)?,
                Node::Input(of, _) if of == block => return None,
                _ => continue,
            };
            let reached = !known.may_be_absent(f, id);
            let further = match &most.bound {
                Some(bound) => end.minus(bound)?,
                None => Index::from(1),
            };
            if further == Index::default() {
                most.reached |= reached;
            } else if surely_positive(&further) {
                most = Extent { bound: Some(end), reached };
            } else if !surely_positive(&further.times(&(-1).into())?) {
                return None;
            }
        }
        Some(most)
    };
    (0..graph.block(block).rank).map(|d| extent(d).unwrap_or_default()).collect()
}

/// Whether a form is at least 0 for all sizes that are at least 1.
fn surely_positive(form: &Index) -> bool {
    axes_of(form).is_empty()
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

/// How often a symbol is in a form, where nothing else is multiplied with it.
fn linear(form: &Index, symbol: Symbol) -> Option<i64> {
    let mut with = form.terms().iter().filter(|(symbols, _)| symbols.contains(&symbol));
    match (with.next(), with.next()) {
        (Some((symbols, factor)), None) if symbols.len() == 1 => Some(*factor),
        _ => None,
    }
}

impl Roller {
    /// The partial derivative by the element at these indices.
    pub(super) fn element<'g>(
        &'g self,
        arrivals: &[Arrival<'g>],
        place: &[Index],
        extents: &[Extent],
    ) -> Result<Expr<'g>, NotRolled> {
        // Amounts that count under the same conditions, in the order in which they were found.
        let mut parts: Vec<(Vec<Condition>, Vec<Expr<'g>>)> = Vec::new();
        for arrival in arrivals {
            let Some((conditions, amount)) = self.solved(arrival, place, extents)? else { continue };
            match parts.iter_mut().find(|(known, _)| *known == conditions) {
                Some((_, amounts)) => amounts.push(amount),
                None => parts.push((conditions, vec![amount])),
            }
        }
        let part = |(conditions, amounts): &(Vec<Condition>, Vec<Expr<'g>>)| {
            let amount = amounts.iter().copied().reduce(|sum, amount| sum + amount).expect("at least one");
            self.under_conditions(conditions, place, amount)
        };
        Ok(parts.iter().map(part).reduce(|sum, part| sum + part).unwrap_or_else(|| self.integer(0)))
    }

    fn under_conditions<'g>(
        &'g self,
        conditions: &[Condition],
        place: &[Index],
        amount: Expr<'g>,
    ) -> Expr<'g> {
        conditions
            .iter()
            .rev()
            .fold(amount, |amount, condition| guarded(self.condition(condition, place), true, amount))
    }

    /// A condition on indices, given what is at least 0 where it holds and where it does not, as it is read; and whether it is
    /// written as it was, or as its opposite.
    pub(super) fn condition_of<'g>(
        &'g self,
        yes: &[Index],
        no: &[Index],
        place: &[Index],
    ) -> Option<(Expr<'g>, bool)> {
        let (condition, holds) = match (yes, no) {
            ([form], _) => (Condition::AtLeastZero(form.clone()), true),
            ([form, _], []) => (Condition::Zero(form.clone()), true),
            ([], [form, _]) => (Condition::Zero(form.clone()), false),
            _ => return None,
        };
        let speaks = |index: &Index| {
            let symbol = index.symbols().next()?;
            linear(condition.form(), symbol).filter(|factor| factor.abs() == 1)
        };
        place.iter().find_map(speaks)?;
        Some((self.condition(&condition, place), holds))
    }

    /// A condition as it is read: an index of the element on the left, if there is one.
    fn condition<'g>(&'g self, condition: &Condition, place: &[Index]) -> Expr<'g> {
        let form = condition.form();
        let factor = |index: &Index| {
            let symbol = index.symbols().next()?;
            linear(form, symbol).filter(|factor| factor.unsigned_abs() == 1)
        };
        let found = place.iter().find_map(|index| Some((index, factor(index)?)));
        let (left, right, rising) = match found {
            // form = index + rest, so that index against -rest; or form = rest - index, so that index against rest.
            Some((index, 1)) => (index.clone(), index.minus(form), true),
            Some((index, _)) => (index.clone(), index.plus(form), false),
            None => (form.clone(), Some(Index::default()), true),
        };
        let right = right.unwrap_or_default();
        let op = match condition {
            Condition::Zero(_) => Op::Eq,
            Condition::AtLeastZero(_) if rising => Op::Ge,
            Condition::AtLeastZero(_) => Op::Le,
        };
        Expr::apply(op, &[self.builder.spelled(&left), self.builder.spelled(&right)])
    }

    /// What of an arrival is the element's, and under which conditions; nothing when they never hold.
    fn solved<'g>(
        &'g self,
        arrival: &Arrival<'g>,
        place: &[Index],
        extents: &[Extent],
    ) -> Result<Option<(Vec<Condition>, Expr<'g>)>, NotRolled> {
        let mut positions = self.position(arrival.to)?;
        let (mut ranges, mut amount) = (arrival.ranges.clone(), arrival.amount);
        let mut conditions: Vec<Condition> = Vec::new();
        for d in 0..place.len() {
            let solution =
                (0..ranges.len()).find_map(|at| Some((at, solve(&positions[d], &ranges, at, &place[d])?)));
            let Some((at, image)) = solution else {
                conditions.push(Condition::Zero(minus(&place[d], &positions[d])?));
                continue;
            };
            let range = ranges.remove(at);
            conditions.push(Condition::AtLeastZero(minus(&image, &range.low)?));
            conditions.push(Condition::AtLeastZero(minus(&range.high, &image)?));
            let images = Images::index(range.axis, image);
            for inner in &mut ranges[..at] {
                *inner = images.range(inner)?;
            }
            for position in &mut positions {
                *position = images.form(position)?;
            }
            for condition in &mut conditions {
                *condition = condition.map(&images)?;
            }
            amount = self.substitute(amount, &images)?;
        }
        let mut needed = Vec::new();
        for condition in conditions {
            match decided(&condition, place, extents) {
                Some(true) => {}
                Some(false) => return Ok(None),
                None if needed.contains(&condition) => {}
                None => needed.push(condition),
            }
        }
        if ranges.is_empty() {
            return Ok(Some((needed, amount)));
        }
        // A condition on the axes that are left belongs inside their sums.
        let bound = ranges.iter().map(|range| range.axis).collect::<Axes>();
        let (inside, outside): (Vec<_>, Vec<_>) =
            needed.into_iter().partition(|condition| !(axes_of(condition.form()) & bound).is_empty());
        amount = self.under_conditions(&inside, place, amount);
        for range in ranges {
            amount = self.builder.reduce(Fold::Sum, range, amount);
        }
        Ok(Some((outside, amount)))
    }

    /// Where a read or an input stands.
    pub(super) fn position(&self, id: NodeId) -> Result<Vec<Index>, NotRolled> {
        let graph = self.builder.graph();
        Ok(match graph.node(id) {
            Node::Read(_, position) => graph.position(position).to_vec(),
            Node::Input(block, offset) => match graph.block(block).rank {
                0 => Vec::new(),
                1 => vec![Index::from(i64::from(offset) + 1)],
                _ => return Err(NotRolled::Overflow),
            },
            _ => unreachable!("what arrives in the end arrives at inputs"),
        })
    }
}

/// The value of an axis for which a position is a certain place, if that is one in whole numbers; and if nothing that is
/// bound further in, and so could depend on the axis, is needed to say it.
fn solve(position: &Index, ranges: &[AxisRange], at: usize, place: &Index) -> Option<Index> {
    let own = Symbol::Axis(ranges[at].axis);
    let factor = linear(position, own).filter(|factor| factor.unsigned_abs() == 1)?;
    let rest = position.minus(&Index::from(own).times(&factor.into())?)?;
    let image = place.minus(&rest)?.times(&factor.into())?;
    let inner = ranges[..at].iter().map(|range| range.axis).collect::<Axes>();
    (axes_of(&image) & inner).is_empty().then_some(image)
}

/// Whether a condition holds for every element there is, or for none; nothing when that depends.
fn decided(condition: &Condition, place: &[Index], extents: &[Extent]) -> Option<bool> {
    let form = condition.form();
    if let Some(constant) = form.as_constant() {
        return Some(match condition {
            Condition::AtLeastZero(_) => constant >= 0,
            Condition::Zero(_) => constant == 0,
        });
    }
    let Condition::AtLeastZero(form) = condition else { return None };
    let at_least_zero =
        |form: Option<Index>| form.and_then(|form| form.as_constant()).is_some_and(|least| least >= 0);
    // Indices begin with 1 and end with the extent.
    let from_one =
        place.iter().any(|index| at_least_zero(form.minus(index).and_then(|rest| rest.plus(&1.into()))));
    let to_end = place.iter().zip(extents).any(|(index, extent)| {
        let bound = extent.bound.as_ref();
        bound.is_some_and(|bound| at_least_zero(bound.minus(index).and_then(|room| form.minus(&room))))
    });
    (from_one || to_end).then_some(true)
}
