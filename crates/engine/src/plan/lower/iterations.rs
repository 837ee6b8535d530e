//! Iterations: their states, and what is kept of their steps.

use std::rc::Rc;

use expr::{Axis, Node, NodeId};

use super::{Lowering, Val};
use crate::plan::NotPlanned;
use crate::plan::step::Step;
use crate::rows::Operand;

impl Lowering<'_> {
    pub(super) fn begin_iteration(&mut self, id: NodeId, axis: Axis) -> Result<(), NotPlanned> {
        let Node::Iterate(iteration) = self.graph.node(id) else { unreachable!("an iteration") };
        let count = self.graph.state_count(iteration);
        let children = self.graph.children(id);
        let lanes = self.has_lanes(id);
        for (k, &init) in children[..count].iter().enumerate() {
            let init = self.vals[init.index()].clone();
            let state = match &init {
                Val::Array(place) => {
                    let state = self.replaced_array(place.dims.clone(), lanes)?;
                    self.store(&init, state.clone());
                    Val::Array(Rc::new(state))
                }
                _ => {
                    let state = self.register(lanes);
                    self.assign(&state, &init);
                    state
                }
            };
            self.states.insert((axis, k as u32), (state.clone(), self.top() + 1));
            self.results.insert((id, k as u32), state);
        }
        self.begin_kept_steps(id, axis, lanes)
    }

    /// Arrays for what is kept of each step.
    pub(super) fn begin_kept_steps(&mut self, id: NodeId, axis: Axis, lanes: bool) -> Result<(), NotPlanned> {
        let Node::Iterate(iteration) = self.graph.node(id) else { unreachable!("an iteration") };
        let count = self.graph.state_count(iteration);
        let children = self.graph.children(id);
        for (k, &each) in children[2 * count..].iter().enumerate() {
            let mut dims = vec![self.dim_of_axis(axis)?];
            dims.extend(self.dims_of(each)?);
            let place = Rc::new(self.array(dims, lanes)?);
            self.results.insert((id, (count + k) as u32), Val::Array(place));
        }
        Ok(())
    }

    fn register(&mut self, lanes: bool) -> Val {
        if lanes { Val::Row(self.row()) } else { Val::Number(self.number()) }
    }

    /// Gives a register a value.
    fn assign(&mut self, register: &Val, value: &Val) {
        let step = match (register, value) {
            (Val::Number(into), Val::Number(from)) => Step::Move { from: *from, into: *into },
            (Val::Row(into), Val::Row(from)) => Step::MoveRow { from: Operand::Row(*from), into: *into },
            (Val::Row(into), Val::Number(from)) => {
                Step::MoveRow { from: Operand::Uniform(*from), into: *into }
            }
            _ => unreachable!("numbers, and lanes where there are lanes"),
        };
        self.emit(self.top(), step);
    }

    /// Keeps what is kept of a step.
    pub(super) fn keep_step(&mut self, id: NodeId, axis: Axis) {
        let Node::Iterate(iteration) = self.graph.node(id) else { unreachable!("an iteration") };
        let count = self.graph.state_count(iteration);
        let children = self.graph.children(id);
        for (k, &each) in children[2 * count..].iter().enumerate() {
            let Val::Array(place) = self.results[&(id, (count + k) as u32)].clone() else {
                unreachable!("an array")
            };
            let to = self.at_axes(&place, &[axis]);
            self.store(&self.vals[each.index()].clone(), to);
        }
    }

    /// Keeps what is kept of a step, and replaces the states.
    pub(super) fn end_step(&mut self, id: NodeId, axis: Axis) -> Result<(), NotPlanned> {
        let Node::Iterate(iteration) = self.graph.node(id) else { unreachable!("an iteration") };
        let count = self.graph.state_count(iteration);
        self.keep_step(id, axis);
        let children = self.graph.children(id);
        // What another state is, or a part of one, is taken before any is replaced.
        let states: Vec<Val> = (0..count as u32).map(|k| self.states[&(axis, k)].0.clone()).collect();
        let mut moves = Vec::new();
        for (k, &next) in children[count..2 * count].iter().enumerate() {
            if self.graph.node(next) == Node::State(axis, k as u32) {
                continue;
            }
            let state = states[k].clone();
            let value = self.vals[next.index()].clone();
            let is_of_state =
                self.is_of_state(next, axis) || states.iter().any(|state| state.is_same(&value));
            let value = match (is_of_state, &state) {
                (false, _) => value,
                (true, Val::Array(place)) => {
                    let own = self.replaced_array(place.dims.clone(), place.base.lanes)?;
                    self.store(&value, own.clone());
                    Val::Array(Rc::new(own))
                }
                (true, _) => {
                    let own = self.register(matches!(state, Val::Row(_)));
                    self.assign(&own, &value);
                    own
                }
            };
            moves.push((state, value));
        }
        for (state, value) in moves {
            match &state {
                Val::Array(place) => self.store(&value, (**place).clone()),
                _ => self.assign(&state, &value),
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
