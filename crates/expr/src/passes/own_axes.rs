//! The indices of an array, as axes, and arrays made over them.

use super::copy::{Images, fresh};
use super::shares::{Live, Received, Source, Whole, nest};
use super::vjp::Pass;
use super::{NoDerivative, index};
use crate::builder::Expr;
use crate::graph::AxisRange;
use crate::index::Index;
use crate::node::{Axis, NodeId};
use crate::scatter::Shape;
use crate::scope::Axes;

impl<'g> Pass<'g> {
    /// The indices of an array; none of a number.
    pub(super) fn shape(&self, id: NodeId) -> Shape {
        self.builder.graph().shape(id, &|axis, k| self.state_shapes.get(&(axis, k)).cloned())
    }

    pub(super) fn is_array(&self, id: NodeId) -> bool {
        self.shape(id) != Shape::number()
    }

    /// Axes for the indices of an array: its own, or new ones where one of its own has another meaning already, being among those to
    /// avoid.
    pub(super) fn own_axes(&mut self, shape: &Shape, avoid: Axes) -> Result<Vec<Axis>, NoDerivative> {
        let Shape::Ranges(ranges) = shape else { return Err(NoDerivative::UnknownIndices) };
        let ranges: Vec<AxisRange> =
            { ranges.iter() }.map(|range| self.builder.graph().range(*range).clone()).collect();
        self.scopes.extend(&self.builder.graph());
        Ok(self.images_of(&ranges, avoid)?.0)
    }

    /// Axes for these ranges: their own, or others where one is among those to avoid, takes other values elsewhere, or is there twice.
    pub(super) fn images_of(
        &mut self,
        ranges: &[AxisRange],
        avoid: Axes,
    ) -> Result<(Vec<Axis>, Images<'g>), NoDerivative> {
        let mut images = Images::default();
        let mut before = avoid;
        let is_free = |range: &AxisRange| {
            let own = !before.contains(range.axis);
            before |= Axes::of(range.axis);
            own && self.scopes.known(range.axis).is_none_or(|own| own == range)
        };
        if ranges.iter().all(is_free) {
            ranges.iter().for_each(|range| self.scopes.set(range));
            return Ok((ranges.iter().map(|range| range.axis).collect(), images));
        }
        let mut axes = Vec::with_capacity(ranges.len());
        for AxisRange { axis, low, high } in ranges.iter().cloned() {
            let names = self.builder.graph().axis_names(axis).clone();
            let image = fresh(self.builder, &names)?;
            // Its bounds are those of the earlier indices.
            self.scopes.set(&AxisRange { axis: image, low: images.form(&low), high: images.form(&high) });
            images.axes.insert(axis, image);
            axes.push(image);
        }
        Ok((axes, images))
    }

    /// The axes that an array is free in that is passed under a condition.
    pub(super) fn meant(&mut self, live: Live<'g>, whole: &Whole<'g>) -> Axes {
        let nodes = [live.indices, live.others, whole.of.node()];
        let free = nodes.into_iter().flatten().map(|expr| self.free(expr.id()));
        free.fold(Axes::of_forms(&whole.prefix), |all, axes| all | axes)
    }

    /// The array that is all that an array receives.
    pub(super) fn array_of(
        &mut self,
        received: &Received<'g>,
        shape: &Shape,
    ) -> Result<Expr<'g>, NoDerivative> {
        match received.wholes.as_slice() {
            [] => Ok(self.builder.scatter(shape.clone(), &[])),
            [(live, Whole { of: Source::Node(node), prefix })] if live.is_always() => {
                Ok(if prefix.is_empty() { *node } else { self.builder.at(*node, prefix) })
            }
            wholes => {
                let avoid =
                    wholes.iter().fold(Axes::NONE, |all, (live, whole)| all | self.meant(*live, whole));
                let axes = self.own_axes(shape, avoid)?;
                let position: Vec<Index> = axes.iter().map(|axis| index(*axis)).collect();
                Ok(nest(self.builder, &self.scopes, &axes, received.element(self.builder, &position)))
            }
        }
    }
}
