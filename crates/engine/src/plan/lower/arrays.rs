//! Where arrays are made, and what scatters add up.

use std::rc::Rc;

use expr::fold::PARTIALS;
use expr::graph::AxisRange;
use expr::index::Symbol;
use expr::{Axis, NodeId, Scatter, Shape};

use super::{Lowering, Val};
use crate::plan::NotPlanned;
use crate::plan::form::Form;
use crate::plan::guards::guarded_range;
use crate::plan::place::{Address, Check, Dim, Place, lay_out};
use crate::plan::scatter::{Guard, PartCode, ScatterStep};
use crate::plan::step::{CopyStep, Lanewise, Step};

/// More parts of one scatter than a chunk has terms are not added up here.
const MOST_PARTS: usize = expr::fold::CHUNK;

impl Lowering<'_> {
    /// The index of an array over a range, given between which values axes are.
    fn dim(&self, range: &AxisRange, intervals: &[(i64, i64)]) -> Result<Dim, NotPlanned> {
        let low = self.tables.bounds.interval(&range.low, intervals).ok_or(NotPlanned::TooLarge)?.0;
        let high = self.tables.bounds.interval(&range.high, intervals).ok_or(NotPlanned::TooLarge)?.1;
        let len = (i128::from(high) - i128::from(low) + 1).max(0);
        let len = usize::try_from(len).map_err(|_| NotPlanned::TooLarge)?;
        let (first, last) = (self.form(&range.low), self.form(&range.high));
        Ok(Dim { low, len, stride: 0, range: Some((range.axis.index() as u32, first, last)) })
    }

    pub(super) fn dim_of_axis(&self, axis: Axis) -> Result<Dim, NotPlanned> {
        let range = self.axes.ranges[axis.index()].as_ref().ok_or(NotPlanned::Axes)?;
        self.dim(range, &self.intervals)
    }

    fn dims_of_shape(&mut self, shape: &Shape) -> Result<Vec<Dim>, NotPlanned> {
        match shape {
            Shape::Block(block) => {
                let dim = |&len: &usize| Dim { low: 1, len, stride: 0, range: None };
                Ok(self.extents[block.index()].iter().map(dim).collect())
            }
            Shape::Ranges(ranges) => {
                let ranges: Vec<&AxisRange> = ranges.iter().map(|range| self.graph.range(*range)).collect();
                // Its own indices have all their values, whatever they have around it.
                self.without_values(ranges.iter().map(|range| range.axis), |this| {
                    let mut intervals = this.intervals.clone();
                    let mut dims = Vec::with_capacity(ranges.len());
                    for range in &ranges {
                        let dim = this.dim(range, &intervals)?;
                        intervals[range.axis.index()] = (dim.low, dim.low + dim.len as i64 - 1);
                        dims.push(dim);
                    }
                    Ok(dims)
                })
            }
        }
    }

    /// The indices of what a node is, without strides; none of a number.
    pub(super) fn dims_of(&mut self, id: NodeId) -> Result<Vec<Dim>, NotPlanned> {
        let shape = self.graph.shape(id, &|axis, k| self.state_shapes.get(&(axis, k)).cloned());
        self.dims_of_shape(&shape)
    }

    /// Space for a new array.
    pub(super) fn array(&mut self, mut dims: Vec<Dim>, lanes: bool) -> Result<Place, NotPlanned> {
        let size = lay_out(&mut dims, self.width(lanes)).ok_or(NotPlanned::TooLarge)?;
        let start = self.allocate(size)?;
        let form = Form::constant(start);
        self.is_replaced.push(false);
        let array = self.is_replaced.len() as u32 - 1;
        Ok(Place { base: Address { array, form, checks: Vec::new(), lanes }, dims })
    }

    /// Space for an array that is written again and again.
    pub(super) fn replaced_array(&mut self, dims: Vec<Dim>, lanes: bool) -> Result<Place, NotPlanned> {
        let place = self.array(dims, lanes)?;
        self.is_replaced[place.base.array as usize] = true;
        Ok(place)
    }

    /// The sub-array, or element, at the values that axes have.
    pub(super) fn at_axes(&self, place: &Place, axes: &[Axis]) -> Place {
        axes.iter().fold(place.clone(), |place, &axis| self.at_index(&place, &Symbol::Axis(axis).into()))
    }

    /// Puts a value where it belongs.
    pub(super) fn store(&mut self, value: &Val, to: Place) {
        let top = self.top();
        let lane = self.lane.filter(|&axis| self.differs(&to.base, axis));
        match (value, lane) {
            (Val::Number(from), None) => {
                self.remember(&to.base, value, top);
                self.emit(top, Step::Store { from: *from, to: Box::new(to.base) });
            }
            (Val::Number(_) | Val::Row(_), _) => {
                let axis = self.lane.expect("rows are those of a loop");
                let from = match value {
                    Val::Number(number) => crate::rows::Operand::Uniform(*number),
                    Val::Row(row) => crate::rows::Operand::Row(*row),
                    _ => unreachable!("told apart above"),
                };
                self.remember(&to.base, value, top);
                self.emit(top, Step::StoreRow { from, to: Box::new(Lanewise::new(to.base, axis)) });
            }
            (Val::Array(from), _) => self.copy(from, to),
            (Val::Nowhere, _) => unreachable!("a value"),
        }
    }

    /// Copies an array, unless it was made where it belongs.
    fn copy(&mut self, from: &Rc<Place>, to: Place) {
        if from.base.form == to.base.form {
            return;
        }
        let lane = self.lane.filter(|&axis| self.differs(&to.base, axis) || self.differs(&from.base, axis));
        let lanes = lane.map(|axis| {
            let lanewise = |place: &Place| Lanewise::new(place.base.clone(), axis);
            (lanewise(from), lanewise(&to), self.row())
        });
        self.emit(self.top(), Step::Copy(Box::new(CopyStep { from: (**from).clone(), to, lanes })));
    }

    pub(super) fn scatter(&mut self, id: NodeId, scatter: &Scatter) -> Result<Val, NotPlanned> {
        if scatter.parts.len() > MOST_PARTS {
            return Err(NotPlanned::Parts);
        }
        let dims = self.dims_of_shape(&scatter.shape)?;
        let into = match self.homes.get(&id) {
            Some(home) if self.is_whole(home) => (**home).clone(),
            _ => self.array(dims, false)?,
        };
        let size = into.dims.first().map_or(1, |dim| dim.stride as usize * dim.len);
        let mut children = self.graph.children(id).iter();
        let mut parts = Vec::with_capacity(scatter.parts.len());
        for part in &scatter.parts {
            let source = *children.next().expect("a source for every part");
            let guard = part.guarded.then(|| *children.next().expect("a guard"));
            let source = match self.value(source).clone() {
                Val::Array(place) => (*place).clone(),
                Val::Number(number) => {
                    let place = self.array(Vec::new(), false)?;
                    self.emit(self.top(), Step::Store { from: number, to: Box::new(place.base.clone()) });
                    place
                }
                Val::Row(_) | Val::Nowhere => unreachable!("scatters are not run in lanes"),
            };
            let range = guard.and_then(|guard| guarded_range(self.graph, guard, part, &self.tables.bounds));
            let guard = match guard.filter(|_| range.is_none()) {
                None => Guard::None,
                Some(guard) => match self.keeps.get(&guard).map(|(kept, _)| kept.clone()) {
                    Some(kept) => Guard::At(self.without_values(part.axes.iter().copied(), |this| {
                        let axes = this.nest.kept_axes(guard).iter();
                        let form = |axis: &Axis| this.form(&Symbol::Axis(*axis).into());
                        axes.fold((*kept).clone(), |place, axis| place.at(&form(axis), None, this.tables))
                            .base
                    })),
                    None => match self.value(guard) {
                        Val::Number(number) => Guard::Number(*number),
                        _ => return Err(NotPlanned::Axes),
                    },
                },
            };
            let position = self.graph.position(part.position);
            let forms: Vec<Form> = self.without_values(part.axes.iter().copied(), |this| {
                position.iter().map(|form| this.form(form)).collect()
            });
            let whole = Place { base: Address::default(), dims: into.dims.clone() };
            let mut target = forms.iter().fold(whole, |place, form| place.at(form, None, self.tables));
            if let Some((axis, low, high)) = range {
                let form = Form::of(&Symbol::Axis(axis).into(), self.tables);
                target.base.checks.push(Check { form, low, high });
            }
            let injective = is_injective(&forms, &part.axes);
            let axes = part.axes.iter().map(|axis| axis.index() as u32).collect();
            parts.push(PartCode { source, axes, target, guard, injective });
        }
        let many = match parts.len() > PARTIALS {
            true => {
                let mut all = [0; PARTIALS + 1];
                for space in &mut all {
                    *space = self.allocate(size)?;
                }
                Some(all)
            }
            false => None,
        };
        let apart = many.is_some() || parts.iter().skip(1).any(|part| !part.injective);
        let own = if apart { Some(self.allocate(size)?) } else { None };
        let start = into.base.form.constant as usize;
        self.emit(self.top(), Step::Scatter(Box::new(ScatterStep { into: start, size, parts, own, many })));
        Ok(Val::Array(Rc::new(into)))
    }

    /// Whether an array is at one place, its elements one next to the other.
    fn is_whole(&self, place: &Place) -> bool {
        let mut size = 1;
        let together = place.dims.iter().rev().all(|dim| {
            let stride = size;
            size *= dim.len as i64;
            dim.stride == stride
        });
        let base = &place.base;
        together && !base.lanes && base.checks.is_empty() && base.form.is_constant()
    }
}

/// Whether no two values of these axes have the same position: each is in one form, alone there and by a factor.
fn is_injective(forms: &[Form], axes: &[Axis]) -> bool {
    let alone = |axis: &Axis| {
        let with: Vec<&Form> = forms.iter().filter(|form| form.slope(*axis) != Some(0)).collect();
        let [form] = with[..] else { return false };
        let others = axes.iter().filter(|other| *other != axis);
        form.is_linear() && others.clone().all(|other| form.slope(*other) == Some(0))
    };
    axes.iter().all(alone)
}

impl Lowering<'_> {
    /// How long an array is along each index.
    pub(in crate::plan) fn lengths(&mut self, id: NodeId) -> Vec<Option<usize>> {
        match self.dims_of(id) {
            Ok(dims) => dims.into_iter().map(|dim| Some(dim.len)).collect(),
            Err(_) => vec![None],
        }
    }
}
