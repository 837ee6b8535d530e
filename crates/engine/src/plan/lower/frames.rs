//! Bodies that are being made, which values axes have while loops are unrolled, and where values are computed then.
//!
//! A loop of few iterations is unrolled: its body is made for each value of its axis. What does not depend on that axis, or has been
//! computed for the same values of such axes before, is not computed again: a value stands in the outermost body in which all is
//! known that it depends on.

use expr::index::Index;
use expr::{Axis, NodeId};
use rustc_hash::FxHashMap;

use super::{Lowering, Val};
use crate::plan::form::Form;
use crate::plan::place::{Address, Place};
use crate::plan::step::Step;

/// A body that is being made, and what is known as long as it is.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) steps: Vec<Step>,
    /// What nodes are, for values of the axes of unrolled loops that they depend on.
    nodes: FxHashMap<(NodeId, Values), Val>,
    /// What is at places of memory that are not written again.
    memory: FxHashMap<Known, Val>,
}

/// Which values axes have.
type Values = Vec<(Axis, i64)>;

/// A place, of a number or of one in each lane; which axis these are values of makes no difference.
#[derive(PartialEq, Eq, Hash)]
struct Known {
    address: Address,
    lanes: Option<(i64, usize)>,
}

/// Lanes that are all values of an axis.
#[derive(Clone, Copy)]
pub(super) struct Section {
    pub(super) low: i64,
    pub(super) count: usize,
}

/// The axis of lanes, in what is known.
const LANE: u32 = u32::MAX;

impl Lowering<'_> {
    /// The innermost body.
    pub(super) fn top(&self) -> usize {
        self.frames.len() - 1
    }

    pub(super) fn emit(&mut self, level: usize, step: Step) {
        self.frames[level].steps.push(step);
    }

    /// Does something while an axis has one value.
    pub(super) fn with_value<T>(&mut self, axis: Axis, value: i64, make: impl FnOnce(&mut Self) -> T) -> T {
        let k = axis.index();
        let before = (self.fixed[k].replace(value), self.intervals[k]);
        self.intervals[k] = (value, value);
        let made = make(self);
        (self.fixed[k], self.intervals[k]) = before;
        made
    }

    /// Does something while axes have all their values, as they have in what is run by itself.
    pub(super) fn without_values<T>(
        &mut self,
        axes: impl Iterator<Item = Axis>,
        make: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let mut before = Vec::new();
        for axis in axes {
            let k = axis.index();
            before.push((k, self.fixed[k].take(), self.intervals[k]));
            self.intervals[k] = self.axes.intervals[k];
        }
        let made = make(self);
        for (k, fixed, interval) in before.into_iter().rev() {
            (self.fixed[k], self.intervals[k]) = (fixed, interval);
        }
        made
    }

    /// An index form, as far as it is not known.
    pub(super) fn form(&self, form: &Index) -> Form {
        Form::of(form, self.tables).where_known(&|axis| self.fixed[axis as usize], self.tables)
    }

    /// The sub-array, or element, at an index.
    pub(super) fn at_index(&self, place: &Place, form: &Index) -> Place {
        place.at(&self.form(form), self.tables.bounds.interval(form, &self.intervals), self.tables)
    }

    /// The outermost body in which all is known that a node depends on.
    pub(super) fn level(&self, id: NodeId) -> usize {
        let children = self.graph.children(id).iter().map(|child| self.levels[child.index()]);
        children.fold(self.level_of_axes(id), usize::max)
    }

    /// The same of the values of axes alone.
    pub(super) fn level_of_axes(&self, id: NodeId) -> usize {
        let free = self.axes.free[id.index()].iter();
        let loops = free.filter(|axis| self.fixed[axis.index()].is_none());
        loops.map(|axis| self.level_of_axis[axis.index()]).fold(self.floor, usize::max)
    }

    fn key(&self, id: NodeId) -> (NodeId, Values) {
        let axes = self.axes.free[id.index()].iter();
        (id, axes.filter_map(|axis| Some((axis, self.fixed[axis.index()]?))).collect())
    }

    /// What a node has been found to be for these values of axes.
    pub(super) fn known(&self, id: NodeId, level: usize) -> Option<&Val> {
        self.frames[level].nodes.get(&self.key(id))
    }

    pub(super) fn set(&mut self, id: NodeId, val: Val, level: usize) {
        if self.is_unrolling || self.section.is_some() {
            let key = self.key(id);
            self.frames[level].nodes.insert(key, val.clone());
        }
        (self.vals[id.index()], self.levels[id.index()]) = (val, level);
    }

    fn place_known(&self, place: &Address) -> Known {
        let mut address = place.clone();
        let lanes = match (self.lane, self.section) {
            (Some(axis), Some(Section { low, count })) if self.differs(place, axis) => {
                address.rename(axis.index() as u32, LANE);
                Some((low, count))
            }
            _ => None,
        };
        Known { address, lanes }
    }

    /// What is known to be at a place.
    pub(super) fn in_memory(&self, place: &Address, level: usize) -> Option<&Val> {
        let place = self.place_known(place);
        self.frames[..=level].iter().rev().find_map(|frame| frame.memory.get(&place))
    }

    /// Says what is at a place, while the innermost body is made, or one further out.
    pub(super) fn remember(&mut self, place: &Address, val: &Val, level: usize) {
        if !self.is_replaced[place.array as usize] {
            let place = self.place_known(place);
            self.frames[level].memory.insert(place, val.clone());
        }
    }
}
