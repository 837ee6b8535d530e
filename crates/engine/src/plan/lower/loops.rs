//! Loops: what is done before them, for each value of their axis, and after them.

use std::rc::Rc;

use expr::fold::PARTIALS;
use expr::{Axis, Fold, Node, NodeId};

use super::{Lowering, Val};
use crate::plan::NotPlanned;
use crate::plan::folds::{RowFold, levels};
use crate::plan::form::Form;
use crate::plan::place::Place;
use crate::plan::regions::{Binder, Loop, is_scan};
use crate::plan::registers::allocate;
use crate::plan::step::{LoopStep, Step, conditions};
use crate::rows::Operand;

impl Lowering<'_> {
    pub(super) fn one_loop(&mut self, inner: &Loop, steps: &mut Vec<Step>) -> Result<(), NotPlanned> {
        let around = self.lane;
        let (mut before, mut body, mut after) = (Vec::new(), Vec::new(), Vec::new());
        let scan = is_scan(self.graph, &inner.binders);
        for binder in &inner.binders {
            match binder {
                Binder::Node(id) if scan => self.begin_iteration(*id, inner.axis, &mut before)?,
                Binder::Node(id) => self.begin_array(*id, inner.axis)?,
                Binder::Keep(id, rest) => self.begin_keeping(*id, rest)?,
            }
        }
        if inner.in_blocks {
            (self.lane, self.rows) = (Some(inner.axis), 0);
        }
        self.region(&inner.body, &mut body)?;
        for binder in &inner.binders {
            match binder {
                Binder::Node(id) => match self.graph.node(*id) {
                    Node::Reduce(fold, _, [term]) => {
                        let val = self.reduce(fold, term, inner, [&mut before, &mut body, &mut after]);
                        self.vals[id.index()] = val;
                    }
                    Node::Array(_, [term]) => {
                        let Val::Array(place) = self.vals[id.index()].clone() else {
                            unreachable!("an array")
                        };
                        let to = self.at_axes(&place, &[inner.axis]);
                        self.store(&self.vals[term.index()].clone(), to, &mut body);
                    }
                    _ => self.end_step(*id, inner.axis, &mut body)?,
                },
                Binder::Keep(id, rest) if rest.len() == 1 => {
                    let to = self.at_axes(&self.keeps[id].clone(), self.nest.kept_axes(*id));
                    self.store(&self.vals[id.index()].clone(), to, &mut body);
                }
                Binder::Keep(..) => {}
            }
        }
        if inner.in_blocks {
            self.lane = around;
            let rows = allocate(&mut body, &mut self.terms, self.rows as usize);
            self.most_rows = self.most_rows.max(rows);
        }
        let range = self.axes.ranges[inner.axis.index()].as_ref().ok_or(NotPlanned::Axes)?;
        let falling = match inner.binders[0] {
            Binder::Node(id) => {
                matches!(self.graph.node(id), Node::Iterate(all) if self.graph.is_falling(all))
            }
            Binder::Keep(..) => false,
        };
        let made = Step::Loop(Box::new(LoopStep {
            axis: inner.axis.index() as u32,
            low: Form::of(&range.low, self.tables),
            high: Form::of(&range.high, self.tables),
            falling,
            in_blocks: inner.in_blocks,
            body,
            about: self.about(inner),
        }));
        let all = before.into_iter().chain([made]).chain(after).collect();
        let number = |id: NodeId| match self.vals[id.index()] {
            Val::Number(number) => Some(number),
            _ => None,
        };
        // Where lanes differ in whether they need it, it is run for all.
        match conditions(&inner.when, number).filter(|clauses| !clauses.is_empty()) {
            Some(clauses) => steps.push(Step::When(clauses, all)),
            None => steps.extend(all),
        }
        Ok(())
    }

    fn about(&self, inner: &Loop) -> String {
        let name = |binder: &Binder| match binder {
            Binder::Node(id) => match self.graph.node(*id) {
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
    fn has_lanes(&self, id: NodeId) -> bool {
        self.lane.is_some_and(|axis| self.axes.free[id.index()].contains(axis))
    }

    fn begin_array(&mut self, id: NodeId, axis: Axis) -> Result<(), NotPlanned> {
        let Node::Array(_, [term]) = self.graph.node(id) else { return Ok(()) };
        let place = match self.homes.get(&id) {
            Some(home) => home.clone(),
            None => Rc::new(self.array(self.dims_of(id)?, self.has_lanes(id))?),
        };
        self.make_at(term, &place, &[axis]);
        self.vals[id.index()] = Val::Array(place);
        Ok(())
    }

    /// What an array is made of, or kept in, is made there at once, where it is an array that is made by loops.
    fn make_at(&mut self, id: NodeId, place: &Place, axes: &[Axis]) {
        if matches!(self.graph.node(id), Node::Array(..)) && !self.nest.kept.contains(&id) {
            self.homes.insert(id, Rc::new(self.at_axes(place, axes)));
        }
    }

    fn begin_keeping(&mut self, id: NodeId, rest: &[Axis]) -> Result<(), NotPlanned> {
        let axes = self.nest.kept_axes(id);
        if rest.len() == axes.len() {
            let mut dims = Vec::new();
            for &axis in axes {
                dims.push(self.dim_of_axis(axis)?);
            }
            dims.extend(self.dims_of(id)?);
            let place = Rc::new(self.array(dims, self.has_lanes(id))?);
            self.keeps.insert(id, place.clone());
            if matches!(self.graph.node(id), Node::Array(..)) {
                self.homes.insert(id, Rc::new(self.at_axes(&place, axes)));
            }
        }
        Ok(())
    }

    fn reduce(
        &mut self,
        fold: Fold,
        term: NodeId,
        inner: &Loop,
        [before, body, after]: [&mut Vec<Step>; 3],
    ) -> Val {
        match self.operand(term) {
            Operand::Row(row) if !inner.in_blocks => {
                let (low, high) = self.axes.intervals[inner.axis.index()];
                let most = (i128::from(high) - i128::from(low) + 1).clamp(0, 1 << 40) as usize;
                let partials = (0..most.clamp(1, PARTIALS)).map(|_| self.row()).collect();
                let levels = (0..levels(most)).map(|_| self.row()).collect();
                let rows = Box::new(RowFold { fold, partials, levels });
                let into = self.row();
                let fold = self.row_folds;
                self.row_folds += 1;
                before.push(Step::StartRows { fold, rows: rows.clone() });
                body.push(Step::PushRow { fold, rows: rows.clone(), from: Operand::Row(row) });
                after.push(Step::FinishRow { fold, rows, into });
                Val::Row(into)
            }
            from => {
                let into = self.number();
                let number = self.folds;
                self.folds += 1;
                before.push(Step::StartFold { fold: number, of: fold });
                body.push(match (from, inner.in_blocks) {
                    (from, true) => Step::PushBlock { fold: number, from },
                    (Operand::Uniform(from), false) => Step::Push { fold: number, from },
                    (Operand::Row(_), false) => unreachable!("told apart above"),
                });
                after.push(Step::Finish { fold: number, into });
                Val::Number(into)
            }
        }
    }

    fn begin_iteration(&mut self, id: NodeId, axis: Axis, before: &mut Vec<Step>) -> Result<(), NotPlanned> {
        let Node::Iterate(iteration) = self.graph.node(id) else { unreachable!("an iteration") };
        let count = self.graph.state_count(iteration);
        let children = self.graph.children(id);
        let lanes = self.has_lanes(id);
        for (k, &init) in children[..count].iter().enumerate() {
            let init = self.vals[init.index()].clone();
            let state = match &init {
                Val::Array(place) => {
                    let state = self.array(place.dims.clone(), lanes)?;
                    self.store(&init, state.clone(), before);
                    Val::Array(Rc::new(state))
                }
                _ => {
                    let state = self.register(lanes);
                    self.set(&state, &init, before);
                    state
                }
            };
            self.states.insert((axis, k as u32), state.clone());
            self.results.insert((id, k as u32), state);
        }
        for (k, &each) in children[2 * count..].iter().enumerate() {
            let mut dims = vec![self.dim_of_axis(axis)?];
            dims.extend(self.dims_of(each)?);
            let place = Rc::new(self.array(dims, lanes)?);
            self.make_at(each, &place, &[axis]);
            self.results.insert((id, (count + k) as u32), Val::Array(place));
        }
        Ok(())
    }

    fn register(&mut self, lanes: bool) -> Val {
        if lanes { Val::Row(self.row()) } else { Val::Number(self.number()) }
    }

    /// Gives a register a value.
    fn set(&mut self, register: &Val, value: &Val, steps: &mut Vec<Step>) {
        steps.push(match (register, value) {
            (Val::Number(into), Val::Number(from)) => Step::Move { from: *from, into: *into },
            (Val::Row(into), Val::Row(from)) => Step::MoveRow { from: Operand::Row(*from), into: *into },
            (Val::Row(into), Val::Number(from)) => {
                Step::MoveRow { from: Operand::Uniform(*from), into: *into }
            }
            _ => unreachable!("numbers, and lanes where there are lanes"),
        });
    }

    /// Keeps what is kept of a step, and replaces the states.
    fn end_step(&mut self, id: NodeId, axis: Axis, body: &mut Vec<Step>) -> Result<(), NotPlanned> {
        let Node::Iterate(iteration) = self.graph.node(id) else { unreachable!("an iteration") };
        let count = self.graph.state_count(iteration);
        let children = self.graph.children(id);
        for (k, &each) in children[2 * count..].iter().enumerate() {
            let Val::Array(place) = self.results[&(id, (count + k) as u32)].clone() else {
                unreachable!("an array")
            };
            let to = self.at_axes(&place, &[axis]);
            self.store(&self.vals[each.index()].clone(), to, body);
        }
        // What another state is, or a part of one, is taken before any is replaced.
        let mut moves = Vec::new();
        for (k, &next) in children[count..2 * count].iter().enumerate() {
            if self.graph.node(next) == Node::State(axis, k as u32) {
                continue;
            }
            let state = self.states[&(axis, k as u32)].clone();
            let value = self.vals[next.index()].clone();
            let value = match (self.is_of_state(next, axis), &state) {
                (false, _) => value,
                (true, Val::Array(place)) => {
                    let own = self.array(place.dims.clone(), place.base.lanes)?;
                    self.store(&value, own.clone(), body);
                    Val::Array(Rc::new(own))
                }
                (true, _) => {
                    let own = self.register(matches!(state, Val::Row(_)));
                    self.set(&own, &value, body);
                    own
                }
            };
            moves.push((state, value));
        }
        for (state, value) in moves {
            match &state {
                Val::Array(place) => self.store(&value, (**place).clone(), body),
                _ => self.set(&state, &value, body),
            }
        }
        Ok(())
    }

    /// Whether a node is a state of an iteration, or a part of one.
    fn is_of_state(&self, mut id: NodeId, axis: Axis) -> bool {
        while let Node::Element([array], _) = self.graph.node(id) {
            id = array;
        }
        matches!(self.graph.node(id), Node::State(own, _) if own == axis)
    }
}
