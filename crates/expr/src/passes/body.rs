//! The body of an iteration in terms of the states that it had before each step.

use rustc_hash::FxHashMap;

use super::copy::{Images, fresh};
use super::vjp::Pass;
use super::{NoDerivative, index};
use crate::builder::Expr;
use crate::graph::{AxisNames, AxisRange};
use crate::node::{Axis, IterationId, NodeId};

/// An iteration, and a copy of its body over an axis of its own, where the states are those that were kept.
pub(super) struct Body<'g> {
    /// The range of the copy's axis, which has a state for each that is active.
    pub(super) range: AxisRange,
    pub(super) falling: bool,
    pub(super) states: usize,
    pub(super) inits: Vec<NodeId>,
    pub(super) nexts: Vec<NodeId>,
    pub(super) eaches: Vec<NodeId>,
    /// The states that depend on variables.
    pub(super) active: Vec<usize>,
    /// What became of every node that was copied.
    pub(super) copies: FxHashMap<NodeId, NodeId>,
    /// The states before a step.
    pub(super) before: Vec<Expr<'g>>,
    /// The axis of the iteration itself.
    pub(super) original: Axis,
}

impl Body<'_> {
    /// What stands in the copy for a node.
    pub(super) fn image(&self, id: NodeId) -> NodeId {
        self.copies.get(&id).copied().unwrap_or(id)
    }
}

impl<'g> Pass<'g> {
    /// Copies the body of an iteration.
    pub(super) fn body(&mut self, id: NodeId, iteration: IterationId) -> Result<Body<'g>, NoDerivative> {
        let builder = self.builder;
        let (range, falling, states, children) = {
            let graph = builder.graph();
            let range = graph.iteration_range(iteration).clone();
            (range, graph.is_falling(iteration), graph.state_count(iteration), graph.children(id).to_vec())
        };
        let (inits, steps) = children.split_at(states);
        let active: Vec<usize> =
            (0..states).filter(|k| self.active_states.contains(&(range.axis, *k as u32))).collect();
        let names = builder.graph().axis_names(range.axis).clone();
        let own_states = active.iter().map(|k| format!("d{}", names.states[*k].replace('\'', "d"))).collect();
        let axis = fresh(builder, &AxisNames { index: names.index.clone(), states: own_states })?;
        let own = AxisRange { axis, ..range.clone() };
        self.scopes.set(&own);
        for (position, k) in active.iter().enumerate() {
            let shape = self.shape(inits[*k]);
            self.state_shapes.insert((axis, position as u32), shape);
        }
        let all = builder.handle(id);
        let before = |place: &usize| builder.at(builder.project(all, *place as u32), &[index(axis)]);
        let before: Vec<Expr<'g>> = self.kept[&id].iter().map(before).collect();
        let mut images = Images { axes: [(range.axis, axis)].into_iter().collect(), ..Images::default() };
        images.states.insert(range.axis, before.clone());
        images.complete(builder, &mut self.scopes)?;
        let copies = images.copies(builder, &mut self.scopes, steps);
        self.inherit(&images, range.axis, &copies);
        active.iter().for_each(|k| self.activate(before[*k].id()));
        Ok(Body {
            range: own,
            falling,
            states,
            inits: inits.to_vec(),
            nexts: steps[..states].to_vec(),
            eaches: steps[states..].to_vec(),
            active,
            copies,
            before,
            original: range.axis,
        })
    }

    /// What is known of nodes is known of their copies.
    fn inherit(&mut self, images: &Images<'g>, axis: Axis, copies: &FxHashMap<NodeId, NodeId>) {
        // Iterations in the body whose ranges depend on the axis got new ones.
        for (from, to) in images.axes.iter().filter(|(from, _)| **from != axis) {
            let states = self.builder.graph().axis_names(*from).states.len() as u32;
            for k in 0..states {
                if let Some(shape) = self.state_shapes.get(&(*from, k)).cloned() {
                    self.state_shapes.insert((*to, k), shape);
                }
                if self.active_states.contains(&(*from, k)) {
                    self.active_states.insert((*to, k));
                }
            }
        }
        for (&from, &to) in copies {
            if self.is_active(from) {
                self.activate(to);
            }
            // What depends on states of an iteration around this one still does.
            for around in &mut self.regions {
                if around.nodes.contains(&from) {
                    around.nodes.insert(to);
                }
            }
            if let Some(places) = self.kept.get(&from).cloned() {
                self.kept.insert(to, places);
            }
        }
    }
}
