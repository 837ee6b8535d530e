//! From what arrives at reads to the partial derivative by an element: for which rounds of the loops is this read that element?

use expr::graph::AxisRange;
use expr::index::{Index, Symbol};
use expr::{Calculus, Expr, Fold, Op, Scalar};

use super::parts::Received;
use super::substitute::Images;
use super::{Axes, Draft, NeedsSizes, minus};

/// An index of an element, and how far it goes, where that is known.
#[derive(Clone, Debug)]
pub(super) struct Along {
    pub(super) index: Index,
    pub(super) low: Index,
    pub(super) high: Option<Index>,
}

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

    fn map(&self, images: &Images<'_>) -> Result<Condition, NeedsSizes> {
        let form = images.form(self.form())?;
        Ok(match self {
            Condition::AtLeastZero(_) => Condition::AtLeastZero(form),
            Condition::Zero(_) => Condition::Zero(form),
        })
    }
}

impl Draft {
    /// What the element at these indices receives in all.
    pub(super) fn element<'g>(
        &'g self,
        received: &[Received<'g>],
        along: &[Along],
    ) -> Result<Expr<'g>, NeedsSizes> {
        let place: Vec<Index> = along.iter().map(|along| along.index.clone()).collect();
        // Amounts that count under the same conditions, in the order in which they were found.
        let mut parts: Vec<(Vec<Condition>, Vec<Expr<'g>>)> = Vec::new();
        for part in received {
            let Some((conditions, amount)) = self.solved(part, &place, along)? else { continue };
            match parts.iter_mut().find(|(known, _)| *known == conditions) {
                Some((_, amounts)) => amounts.push(amount),
                None => parts.push((conditions, vec![amount])),
            }
        }
        let part = |(conditions, amounts): &(Vec<Condition>, Vec<Expr<'g>>)| {
            let amount = amounts.iter().copied().reduce(|sum, amount| sum + amount).expect("at least one");
            self.under_conditions(conditions, &place, amount)
        };
        Ok(parts.iter().map(part).reduce(|sum, part| sum + part).unwrap_or_else(|| self.integer(0)))
    }

    fn under_conditions<'g>(
        &'g self,
        conditions: &[Condition],
        place: &[Index],
        amount: Expr<'g>,
    ) -> Expr<'g> {
        let zero = self.integer(0);
        conditions
            .iter()
            .rev()
            .fold(amount, |amount, condition| self.condition(condition, place).select(amount, zero))
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
            condition.form().factor(symbol).filter(|factor| factor.abs() == 1)
        };
        place.iter().find_map(speaks)?;
        Some((self.condition(&condition, place), holds))
    }

    /// A condition as it is read: an index of the element on the left, if there is one.
    fn condition<'g>(&'g self, condition: &Condition, place: &[Index]) -> Expr<'g> {
        let form = condition.form();
        let factor = |index: &Index| {
            let symbol = index.symbols().next()?;
            form.factor(symbol).filter(|factor| factor.unsigned_abs() == 1)
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

    /// What of a part is the element's, and under which conditions; nothing when they never hold.
    fn solved<'g>(
        &'g self,
        part: &Received<'g>,
        place: &[Index],
        along: &[Along],
    ) -> Result<Option<(Vec<Condition>, Expr<'g>)>, NeedsSizes> {
        let Received { position: mut positions, mut ranges, mut amount } = part.clone();
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
            match decided(&condition, along) {
                Some(true) => {}
                Some(false) => return Ok(None),
                None if needed.contains(&condition) => {}
                None => needed.push(condition),
            }
        }
        // A loop of one round.
        let opposite = |a: &Condition, b: &Condition| match (a, b) {
            (Condition::AtLeastZero(a), Condition::AtLeastZero(b)) => {
                a.plus(b).is_some_and(|sum| sum == Index::default())
            }
            _ => false,
        };
        for at in (0..needed.len()).rev() {
            if let Some(first) = (0..at).find(|first| opposite(&needed[*first], &needed[at])) {
                needed[first] = Condition::Zero(needed[first].form().clone());
                needed.remove(at);
            }
        }
        if ranges.is_empty() {
            return Ok(Some((needed, amount)));
        }
        // A condition on the axes that are left belongs inside their sums.
        let bound = ranges.iter().map(|range| range.axis).collect::<Axes>();
        let (inside, outside): (Vec<_>, Vec<_>) = needed
            .into_iter()
            .partition(|condition| !(Axes::of_forms([condition.form()]) & bound).is_empty());
        amount = self.under_conditions(&inside, place, amount);
        for range in ranges {
            amount = self.builder.reduce(Fold::Sum, range, amount);
        }
        Ok(Some((outside, amount)))
    }
}

/// The value of an axis for which a position is a certain place, if that is one in whole numbers; and if nothing that is
/// bound further in, and so could depend on the axis, is needed to say it.
fn solve(position: &Index, ranges: &[AxisRange], at: usize, place: &Index) -> Option<Index> {
    let own = Symbol::Axis(ranges[at].axis);
    let factor = position.factor(own).filter(|factor| factor.unsigned_abs() == 1)?;
    let rest = position.minus(&Index::from(own).times(&factor.into())?)?;
    let image = place.minus(&rest)?.times(&factor.into())?;
    let inner = ranges[..at].iter().map(|range| range.axis).collect::<Axes>();
    (Axes::of_forms([&image]) & inner).is_empty().then_some(image)
}

/// Whether a condition holds for every element there is, or for none; nothing when that depends.
fn decided(condition: &Condition, along: &[Along]) -> Option<bool> {
    let form = condition.form();
    if let Some(constant) = form.as_constant() {
        return Some(match condition {
            Condition::AtLeastZero(_) => constant >= 0,
            Condition::Zero(_) => constant == 0,
        });
    }
    let Condition::AtLeastZero(form) = condition else { return None };
    // Indices are not below the first and not above the last.
    let rooms = along.iter().flat_map(|Along { index, low, high }| {
        let to_end = high.as_ref().and_then(|high| high.minus(index));
        [index.minus(low), to_end].into_iter().flatten()
    });
    let mut beyond = rooms.filter_map(|room| form.minus(&room)?.as_constant());
    beyond.any(|least| least >= 0).then_some(true)
}
