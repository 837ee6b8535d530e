//! Arrays made of contributions to their elements.

use std::collections::BTreeMap;

use super::value::{Many, Value};
use super::{Evaluator, Visitor};
use crate::fold::Fold;
use crate::node::{Axis, NodeId};
use crate::scatter::{Scatter, Shape};
use crate::{Scalar, UnrollError};

/// What has come to the elements so far: per position and part, the sum of its contributions.
type Received<S> = BTreeMap<Vec<i64>, BTreeMap<usize, S>>;

impl<S: Scalar> Evaluator<'_, S> {
    /// The value of a scatter, whose sources are known.
    pub(super) fn scatter(
        &mut self,
        id: NodeId,
        scatter: &Scatter,
        visitor: &mut impl Visitor<S>,
    ) -> Result<Value<S>, UnrollError> {
        let mut received = Received::new();
        let mut children = self.function.graph().children(id).iter();
        for (k, part) in scatter.parts.iter().enumerate() {
            let source = *children.next().expect("a source for every part");
            let guard = part.guarded.then(|| *children.next().expect("a guard where there is one"));
            let source = self.whole(source);
            // Axes of the part may be bound around it as well.
            let before: Vec<i64> = part.axes.iter().map(|axis| self.axes[axis.index()].0).collect();
            self.contribute(
                id,
                (k, part.position, guard),
                &part.axes,
                &source,
                visitor,
                scatter,
                &mut received,
            )?;
            for (axis, value) in part.axes.iter().zip(before) {
                self.axes[axis.index()].0 = value;
            }
        }
        let mut prefix = Vec::new();
        match &scatter.shape {
            Shape::Block(block) => match visitor.extents(*block) {
                Some(extents) => self.elements_of_block(&extents, &mut prefix, &received),
                None => Ok(Value::Unknown),
            },
            Shape::Ranges(ranges) => {
                let before: Vec<(Axis, i64)> = { ranges.iter() }
                    .map(|range| self.function.graph().range(*range).axis)
                    .map(|axis| (axis, self.axes[axis.index()].0))
                    .collect();
                let value = self.elements(id, ranges, &mut prefix, &mut received);
                for (axis, value) in before {
                    self.axes[axis.index()].0 = value;
                }
                value
            }
        }
    }

    /// Adds what a source contributes, in the order of its axes.
    #[allow(clippy::too_many_arguments)] // one walk over a nest
    fn contribute(
        &mut self,
        id: NodeId,
        part: (usize, crate::node::PositionId, Option<NodeId>),
        axes: &[Axis],
        source: &Value<S>,
        visitor: &mut impl Visitor<S>,
        scatter: &Scatter,
        received: &mut Received<S>,
    ) -> Result<(), UnrollError> {
        if let Some((&axis, inner)) = axes.split_first() {
            let Value::Many(many) = source else { return Ok(()) };
            let Many { low, items } = &**many;
            self.charge(items.len() as u64, 1)?;
            for (index, item) in (*low..).zip(items) {
                self.axes[axis.index()].0 = index;
                self.contribute(id, part, inner, item, visitor, scatter, received)?;
            }
            return Ok(());
        }
        let (k, position, guard) = part;
        if guard.is_some_and(|guard| !self.holds(guard)) {
            return Ok(());
        }
        let graph = self.function.graph();
        let forms = graph.position(position).iter();
        let position = forms.map(|form| self.form(form, id)).collect::<Result<Vec<i64>, _>>()?;
        // Of an input that nothing reads this is all that is known of its extents.
        if let Shape::Block(block) = scatter.shape
            && !self.read_blocks[block.index()]
        {
            visitor.read(block, &position, &[], id)?;
        }
        let mut leaves = Vec::new();
        nested(source, &mut position.clone(), &mut leaves);
        for (position, value) in leaves {
            let of_part = received.entry(position).or_default();
            let sum = match of_part.remove(&k) {
                Some(before) => S::apply(Fold::Sum.op(), &[before, value]),
                None => value,
            };
            of_part.insert(k, sum);
        }
        Ok(())
    }

    fn sum(&self, parts: Option<&BTreeMap<usize, S>>) -> Value<S> {
        let terms: Vec<S> = parts.into_iter().flat_map(|parts| parts.values().cloned()).collect();
        Value::One(S::fold(Fold::Sum, self.context, &terms))
    }

    fn elements_of_block(
        &mut self,
        extents: &[usize],
        prefix: &mut Vec<i64>,
        received: &Received<S>,
    ) -> Result<Value<S>, UnrollError> {
        let Some((&extent, inner)) = extents.split_first() else { return Ok(self.sum(received.get(prefix))) };
        self.charge(extent as u64, 1)?;
        let mut items = Vec::with_capacity(extent);
        for index in 1..=extent as i64 {
            prefix.push(index);
            items.push(self.elements_of_block(inner, prefix, received)?);
            prefix.pop();
        }
        Ok(Value::array(1, items))
    }

    fn elements(
        &mut self,
        id: NodeId,
        ranges: &[crate::node::RangeId],
        prefix: &mut Vec<i64>,
        received: &mut Received<S>,
    ) -> Result<Value<S>, UnrollError> {
        let Some((range, inner)) = ranges.split_first() else {
            return Ok(self.sum(received.remove(prefix).as_ref()));
        };
        let range = self.function.graph().range(*range);
        let (low, high) = (self.form(&range.low, id)?, self.form(&range.high, id)?);
        let axis = range.axis.index();
        let count = if high < low { 0 } else { high.abs_diff(low).saturating_add(1) };
        self.charge(count, 1)?;
        let mut items = Vec::with_capacity(count as usize);
        for index in (low..).take(count as usize) {
            self.axes[axis].0 = index;
            prefix.push(index);
            items.push(self.elements(id, inner, prefix, received)?);
            prefix.pop();
        }
        Ok(Value::array(low, items))
    }
}

/// The numbers of a value with their positions, which begin with these indices.
fn nested<S: Clone>(value: &Value<S>, position: &mut Vec<i64>, out: &mut Vec<(Vec<i64>, S)>) {
    match value {
        Value::One(value) => out.push((position.clone(), value.clone())),
        Value::Many(many) => {
            for (index, item) in (many.low..).zip(&many.items) {
                position.push(index);
                nested(item, position, out);
                position.pop();
            }
        }
        Value::Unknown => {}
    }
}
