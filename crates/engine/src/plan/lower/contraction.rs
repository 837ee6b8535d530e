//! Products of matrices.

use std::rc::Rc;

use expr::{Axis, Node, NodeId};

use super::{Lowering, Val};
use crate::plan::NotPlanned;
use crate::plan::matrix::{MatrixStep, Run, Side};
use crate::plan::place::Place;
use crate::plan::step::Step;

impl Lowering<'_> {
    /// All sums of a node, kept for each value of their axes.
    pub(super) fn contraction(&mut self, id: NodeId) -> Result<(), NotPlanned> {
        let contraction = &self.nest.contractions[&id];
        let mut dims = Vec::new();
        for &axis in self.nest.kept_axes(id) {
            dims.push(self.dim_of_axis(axis)?);
        }
        let sums = self.array(dims, false)?;
        let [of_rows, of_columns] = contraction.factors;
        let step = MatrixStep {
            both: self.runs(&contraction.both)?,
            over: self.run(contraction.over)?,
            rows: self.side(of_rows, &contraction.rows)?,
            columns: self.side(of_columns, &contraction.columns)?,
            into: sums.base.form.constant as usize,
        };
        step.reserve(&mut self.panels);
        let top = self.top();
        self.emit(top, Step::Matrix(Box::new(step)));
        self.keeps.insert(id, (Rc::new(sums), top));
        Ok(())
    }

    fn run(&self, axis: Axis) -> Result<Run, NotPlanned> {
        let dim = self.dim_of_axis(axis)?;
        Ok(Run { axis: axis.index() as u32, low: dim.low, count: dim.len })
    }

    fn runs(&self, axes: &[Axis]) -> Result<Vec<Run>, NotPlanned> {
        axes.iter().map(|axis| self.run(*axis)).collect()
    }

    fn side(&self, factor: NodeId, axes: &[Axis]) -> Result<Side, NotPlanned> {
        let at = |place: Rc<Place>, position| {
            let forms = self.graph.position(position).iter();
            forms.fold((*place).clone(), |place, form| self.at_index(&place, form))
        };
        let place = match self.graph.node(factor) {
            _ if self.nest.kept.contains(&factor) => {
                self.at_axes(&self.keeps[&factor].0, self.nest.kept_axes(factor))
            }
            Node::Read(block, position) => at(self.blocks[block.index()].clone(), position),
            Node::Element([array], position) => match &self.vals[array.index()] {
                Val::Array(place) => at(place.clone(), position),
                _ => unreachable!("an array"),
            },
            _ => unreachable!("a factor in memory"),
        };
        Ok(Side { from: place.base, runs: self.runs(axes)? })
    }
}
