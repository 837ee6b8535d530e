//! Loops: what is done before them, for each value of their axis, and after them.

use std::rc::Rc;

use expr::fold::PARTIALS;
use expr::{Axis, Fold, Node, NodeId};

use super::frames::{Frame, Section};
use super::{Lowering, Val};
use crate::plan::NotPlanned;
use crate::plan::folds::{RowFold, levels};
use crate::plan::form::Form;
use crate::plan::interchange::own_axis;
use crate::plan::place::Place;
use crate::plan::regions::{Binder, Loop, is_scan};
use crate::plan::step::{LoopStep, Step, conditions};

impl Lowering<'_> {
    pub(super) fn one_loop(&mut self, inner: &Loop) -> Result<(), NotPlanned> {
        let number = |id: NodeId| match self.vals[id.index()] {
            Val::Number(number) => Some(number),
            _ => None,
        };
        // Where lanes differ in whether they need it, it is run for all.
        let Some(mut clauses) = conditions(&inner.when, number) else { return self.loop_itself(inner) };
        let holds = |&(number, wanted): &(u32, bool)| {
            self.known_numbers.get(&number).map(|value| (*value != 0.0) == wanted)
        };
        let always = clauses.iter().any(|clause| clause.iter().all(|part| holds(part) == Some(true)));
        if clauses.is_empty() || always {
            return self.loop_itself(inner);
        }
        clauses.retain(|clause| clause.iter().all(|part| holds(part) != Some(false)));
        let floor = self.floor;
        self.frames.push(Frame::default());
        self.floor = self.top();
        self.loop_itself(inner)?;
        let steps = self.frames.pop().expect("a body").steps;
        self.floor = floor;
        let top = self.top();
        self.emit(top, Step::When(clauses, steps));
        for binder in &inner.binders {
            if let Binder::Node(id) = binder {
                self.set(*id, self.vals[id.index()].clone(), top);
            }
        }
        Ok(())
    }

    fn loop_itself(&mut self, inner: &Loop) -> Result<(), NotPlanned> {
        let range = self.axes.ranges[inner.axis.index()].as_ref().ok_or(NotPlanned::Axes)?;
        let (low, high) = (self.form(&range.low), self.form(&range.high));
        if inner.unrolled && low.is_constant() && high.is_constant() {
            return self.unrolled(inner, low.constant, high.constant);
        }
        if inner.in_blocks && low.is_constant() && high.is_constant() {
            let count = (i128::from(high.constant) - i128::from(low.constant) + 1).max(0) as usize;
            if (1..=self.block).contains(&count) {
                return self.all_in_lanes(inner, Section { low: low.constant, count });
            }
        }
        self.rolled(inner, low, high)
    }

    fn begin(&mut self, inner: &Loop) -> Result<(), NotPlanned> {
        let scan = is_scan(self.graph, &inner.binders);
        for binder in &inner.binders {
            match binder {
                Binder::Node(id) if scan => self.begin_iteration(*id, inner.axis)?,
                Binder::Node(id) => self.begin_array(*id)?,
                Binder::Keep(id, rest) => self.begin_keeping(*id, rest)?,
                Binder::Total(id, rest) => self.begin_totals(*id, rest, inner.axis)?,
            }
        }
        Ok(())
    }

    /// A loop all of whose values are lanes at once: no loop at all.
    fn all_in_lanes(&mut self, inner: &Loop, section: Section) -> Result<(), NotPlanned> {
        let (top, k) = (self.top(), inner.axis.index());
        self.begin(inner)?;
        let Section { low, count } = section;
        self.emit(top, Step::Lanes { axis: k as u32, low, count });
        let level = std::mem::replace(&mut self.level_of_axis[k], top);
        (self.lane, self.section) = (Some(inner.axis), Some(section));
        let results = self.body_of(inner, top)?;
        (self.lane, self.section, self.level_of_axis[k]) = (None, None, level);
        self.end(inner, results);
        Ok(())
    }

    fn rolled(&mut self, inner: &Loop, low: Form, high: Form) -> Result<(), NotPlanned> {
        let (top, k, around) = (self.top(), inner.axis.index(), self.lane);
        self.begin(inner)?;
        self.frames.push(Frame::default());
        let level = std::mem::replace(&mut self.level_of_axis[k], top + 1);
        if inner.in_blocks {
            self.lane = Some(inner.axis);
        }
        let results = self.body_of(inner, top)?;
        let body = self.frames.pop().expect("a body").steps;
        (self.lane, self.level_of_axis[k]) = (around, level);
        let (in_blocks, about) = (inner.in_blocks, self.about(inner));
        let made =
            LoopStep { axis: k as u32, low, high, falling: self.is_falling(inner), in_blocks, body, about };
        self.emit(top, Step::Loop(Box::new(made)));
        self.end(inner, results);
        Ok(())
    }

    /// What is done for each value of a loop's axis, where what begins before it is in the body `top`; the results of reductions, and
    /// the steps that find them.
    fn body_of(&mut self, inner: &Loop, top: usize) -> Result<Vec<(NodeId, Val, Step)>, NotPlanned> {
        self.parts_of(inner)?;
        let (body, mut results) = (self.top(), Vec::new());
        for binder in &inner.binders {
            if let Binder::Node(id) = binder
                && let Node::Reduce(fold, _, [term]) = self.graph.node(*id)
            {
                let (val, step) = self.reduce(fold, term, inner, [top, body]);
                results.push((*id, val, step));
            } else {
                self.end_of_value(binder, inner.axis)?;
            }
        }
        Ok(results)
    }

    /// What is known when a loop is over.
    fn end(&mut self, inner: &Loop, results: Vec<(NodeId, Val, Step)>) {
        let top = self.top();
        for (id, val, step) in results {
            self.emit(top, step);
            self.set(id, val, top);
        }
        inner.binders.iter().for_each(|binder| self.end_of_loop(binder, inner.axis, top));
    }

    pub(super) fn is_falling(&self, inner: &Loop) -> bool {
        let Binder::Node(id) = inner.binders[0] else { return false };
        matches!(self.graph.node(id), Node::Iterate(all) if self.graph.is_falling(all))
    }

    /// What is made of each value of an axis, other than terms, where it belongs.
    pub(super) fn end_of_value(&mut self, binder: &Binder, axis: Axis) -> Result<(), NotPlanned> {
        match binder {
            Binder::Node(id) => match self.graph.node(*id) {
                Node::Array(_, [term]) => {
                    let place = self.arrays[id].clone();
                    let to = self.at_axes(&place, &[axis]);
                    self.store(&self.vals[term.index()].clone(), to);
                }
                _ => self.end_step(*id, axis)?,
            },
            Binder::Keep(id, rest) if rest.len() == 1 => {
                let to = self.at_axes(&self.keeps[id].0.clone(), self.nest.kept_axes(*id));
                self.store(&self.vals[id.index()].clone(), to);
            }
            Binder::Total(id, rest) if rest[..] == [axis] => {
                let at = self.at_axes(&self.totals[id].clone(), self.nest.kept_axes(*id));
                let Node::Reduce(_, _, [term]) = self.graph.node(*id) else { unreachable!("a reduction") };
                let from = self.term(term);
                self.emit(self.top(), Step::PushTotal { at: Box::new(at.base), from });
            }
            Binder::Keep(..) | Binder::Total(..) => {}
        }
        Ok(())
    }

    /// What is known of one thing that a loop was for.
    pub(super) fn end_of_loop(&mut self, binder: &Binder, axis: Axis, top: usize) {
        match binder {
            Binder::Total(id, _) if own_axis(self.graph, *id) == axis => {
                let first = self.totals[id].base.form.constant as usize;
                let (kept, level) = self.keeps.get_mut(id).expect("its place");
                *level = top;
                let into = kept.base.form.constant as usize;
                let count = kept.dims.iter().map(|dim| dim.len).product();
                self.emit(top, Step::FinishTotals { first, count, into });
            }
            Binder::Total(..) => {}
            Binder::Node(id) => match self.graph.node(*id) {
                Node::Array(..) => self.set(*id, Val::Array(self.arrays[id].clone()), top),
                Node::Iterate(_) => self.set(*id, Val::Nowhere, top),
                _ => {}
            },
            Binder::Keep(id, rest) => {
                if rest.len() == self.nest.kept_axes(*id).len()
                    && let Some((_, level)) = self.keeps.get_mut(id)
                {
                    *level = top;
                }
            }
        }
    }

    fn about(&self, inner: &Loop) -> String {
        let name = |binder: &Binder| match binder {
            Binder::Node(id) | Binder::Total(id, _) => match self.graph.node(*id) {
                Node::Reduce(fold, ..) => fold.name(),
                Node::Array(..) => "array",
                _ => "iteration",
            },
            Binder::Keep(..) => "kept value",
        };
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for name in inner.binders.iter().map(name) {
            match counts.iter_mut().find(|(own, _)| *own == name) {
                Some((_, count)) => *count += 1,
                None => counts.push((name, 1)),
            }
        }
        let text = counts.iter().map(|(name, count)| match count {
            1 => (*name).to_owned(),
            count => format!("{count} × {name}"),
        });
        text.collect::<Vec<_>>().join(", ")
    }

    /// Whether what a node is has a number for each lane.
    pub(super) fn has_lanes(&self, id: NodeId) -> bool {
        self.lane.is_some_and(|axis| self.axes.free[id.index()].contains(axis))
    }

    pub(super) fn begin_array(&mut self, id: NodeId) -> Result<(), NotPlanned> {
        if matches!(self.graph.node(id), Node::Array(..)) {
            let place = match self.homes.get(&id) {
                Some(home) => home.clone(),
                None => {
                    let dims = self.dims_of(id)?;
                    Rc::new(self.array(dims, self.has_lanes(id))?)
                }
            };
            self.arrays.insert(id, place);
        }
        Ok(())
    }

    /// The values of a body, where arrays that are parts of others, or kept, are made where they belong.
    pub(super) fn parts_of(&mut self, inner: &Loop) -> Result<(), NotPlanned> {
        let parts: Vec<NodeId> =
            inner.binders.iter().flat_map(|binder| self.place_parts(binder, inner.axis)).collect();
        self.region(&inner.body)?;
        // Elsewhere they are made in places of their own.
        parts.iter().for_each(|part| _ = self.homes.remove(part));
        Ok(())
    }

    /// Says where the parts of what a loop makes are made, for the values that axes have; which these are.
    fn place_parts(&mut self, binder: &Binder, axis: Axis) -> Vec<NodeId> {
        match binder {
            Binder::Node(id) => match self.graph.node(*id) {
                Node::Array(_, [term]) => {
                    self.make_at(term, &self.arrays[id].clone(), &[axis]);
                    vec![term]
                }
                Node::Iterate(iteration) => {
                    let count = self.graph.state_count(iteration);
                    let parts = &self.graph.children(*id)[2 * count..];
                    for (k, each) in parts.iter().enumerate() {
                        let Val::Array(place) = self.results[&(*id, (count + k) as u32)].clone() else {
                            unreachable!("an array")
                        };
                        self.make_at(*each, &place, &[axis]);
                    }
                    parts.to_vec()
                }
                _ => Vec::new(),
            },
            Binder::Keep(id, rest) if rest.len() == 1 && matches!(self.graph.node(*id), Node::Array(..)) => {
                let home = self.at_axes(&self.keeps[id].0.clone(), self.nest.kept_axes(*id));
                self.homes.insert(*id, Rc::new(home));
                vec![*id]
            }
            Binder::Keep(..) | Binder::Total(..) => Vec::new(),
        }
    }

    /// What an array is made of, or kept in, is made there at once, where it is an array that is made by loops.
    fn make_at(&mut self, id: NodeId, place: &Place, axes: &[Axis]) {
        if matches!(self.graph.node(id), Node::Array(..)) && !self.nest.kept.contains(&id) {
            self.homes.insert(id, Rc::new(self.at_axes(place, axes)));
        }
    }

    pub(super) fn begin_keeping(&mut self, id: NodeId, rest: &[Axis]) -> Result<(), NotPlanned> {
        let axes = self.nest.kept_axes(id);
        if rest.len() == axes.len() {
            let mut dims = Vec::new();
            for &axis in axes {
                dims.push(self.dim_of_axis(axis)?);
            }
            dims.extend(self.dims_of(id)?);
            let place = Rc::new(self.array(dims, self.has_lanes(id))?);
            self.keeps.insert(id, (place, self.top()));
        }
        Ok(())
    }

    /// The folds of a reduction whose loop is around others, and space for what they come to.
    pub(super) fn begin_totals(&mut self, id: NodeId, rest: &[Axis], axis: Axis) -> Result<(), NotPlanned> {
        if own_axis(self.graph, id) != axis {
            return Ok(());
        }
        let mut dims = Vec::new();
        for &axis in rest {
            dims.push(self.dim_of_axis(axis)?);
        }
        let kept = self.array(dims, false)?;
        let count = kept.dims.iter().map(|dim| dim.len).product();
        let Node::Reduce(of, ..) = self.graph.node(id) else { unreachable!("a reduction") };
        let first = self.folds as usize;
        self.folds = u32::try_from(first + count).map_err(|_| NotPlanned::TooLarge)?;
        let mut folds = kept.clone();
        folds.base.form = Form::constant(first);
        self.totals.insert(id, Rc::new(folds));
        self.keeps.insert(id, (Rc::new(kept), self.top()));
        self.emit(self.top(), Step::StartTotals { of, first, count });
        Ok(())
    }

    /// Adds a term for each value of an axis; the result, and the step after the loop.
    pub(super) fn reduce(
        &mut self,
        fold: Fold,
        term: NodeId,
        inner: &Loop,
        [top, body]: [usize; 2],
    ) -> (Val, Step) {
        let from = self.term(term);
        if from.has_row() && !inner.in_blocks {
            let (low, high) = self.axes.intervals[inner.axis.index()];
            let most = (i128::from(high) - i128::from(low) + 1).clamp(0, 1 << 40) as usize;
            let partials = (0..most.clamp(1, PARTIALS)).map(|_| self.row()).collect();
            let levels = (0..levels(most)).map(|_| self.row()).collect();
            let rows = Box::new(RowFold { fold, partials, levels });
            let into = self.row();
            let fold = self.row_folds;
            self.row_folds += 1;
            self.emit(top, Step::StartRows { fold, rows: rows.clone() });
            self.emit(body, Step::PushRow { fold, rows: rows.clone(), from });
            (Val::Row(into), Step::FinishRow { fold, rows, into })
        } else {
            let (into, number) = (self.number(), self.folds);
            self.folds += 1;
            self.emit(top, Step::StartFold { fold: number, of: fold });
            self.emit(
                body,
                match inner.in_blocks {
                    true => Step::PushBlock { fold: number, from },
                    false => Step::Push { fold: number, from },
                },
            );
            (Val::Number(into), Step::Finish { fold: number, into })
        }
    }
}
