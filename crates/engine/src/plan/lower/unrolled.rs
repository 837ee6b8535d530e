//! Loops of few iterations, whose bodies are made for each value of their axis.

use expr::{Node, NodeId};

use super::{Lowering, Val};
use crate::plan::NotPlanned;
use crate::plan::regions::{Binder, Loop, is_scan};
use crate::rows::Term;

impl Lowering<'_> {
    pub(super) fn unrolled(&mut self, inner: &Loop, low: i64, high: i64) -> Result<(), NotPlanned> {
        let top = self.top();
        let around = std::mem::replace(&mut self.is_unrolling, true);
        for binder in &inner.binders {
            match binder {
                Binder::Node(id) if is_scan(self.graph, &inner.binders) => {
                    self.begin_unrolled_iteration(*id, inner)?;
                }
                Binder::Node(id) => self.begin_array(*id)?,
                Binder::Keep(id, rest) => self.begin_keeping(*id, rest)?,
                Binder::Total(id, rest) => self.begin_totals(*id, rest, inner.axis)?,
            }
        }
        let mut sums: Vec<(Vec<Term>, usize)> =
            inner.binders.iter().map(|_| (Vec::new(), self.floor)).collect();
        let falling = self.is_falling(inner);
        for step in 0..=high - low {
            let value = if falling { high - step } else { low + step };
            self.with_value(inner.axis, value, |this| {
                this.parts_of(inner)?;
                for (binder, (terms, level)) in inner.binders.iter().zip(&mut sums) {
                    match binder {
                        Binder::Node(id) => match this.graph.node(*id) {
                            Node::Reduce(_, _, [term]) => {
                                terms.push(this.term(term));
                                *level = (*level).max(this.levels[term.index()]);
                            }
                            Node::Iterate(_) => this.next_states(*id, inner),
                            _ => this.end_of_value(binder, inner.axis)?,
                        },
                        Binder::Keep(..) | Binder::Total(..) => this.end_of_value(binder, inner.axis)?,
                    }
                }
                Ok::<(), NotPlanned>(())
            })?;
        }
        self.is_unrolling = around;
        for (binder, (terms, level)) in inner.binders.iter().zip(sums) {
            match binder {
                Binder::Node(id) => match self.graph.node(*id) {
                    Node::Reduce(fold, ..) => {
                        let val = self.list(fold, terms, level);
                        self.set(*id, val, level);
                    }
                    Node::Iterate(iteration) => {
                        for k in 0..self.graph.state_count(iteration) as u32 {
                            let (state, _) = self.states[&(inner.axis, k)].clone();
                            self.results.insert((*id, k), state);
                        }
                        self.set(*id, Val::Nowhere, top);
                    }
                    _ => self.end_of_loop(binder, inner.axis, top),
                },
                Binder::Keep(..) | Binder::Total(..) => self.end_of_loop(binder, inner.axis, top),
            }
        }
        Ok(())
    }

    /// The states before the first step are what they begin with.
    fn begin_unrolled_iteration(&mut self, id: NodeId, inner: &Loop) -> Result<(), NotPlanned> {
        let Node::Iterate(iteration) = self.graph.node(id) else { unreachable!("an iteration") };
        let count = self.graph.state_count(iteration);
        for (k, init) in self.graph.children(id)[..count].iter().enumerate() {
            let state = (self.vals[init.index()].clone(), self.levels[init.index()]);
            self.states.insert((inner.axis, k as u32), state);
        }
        let lanes = self.has_lanes(id);
        self.begin_kept_steps(id, inner.axis, lanes)
    }

    /// The states after a step are what it computes.
    fn next_states(&mut self, id: NodeId, inner: &Loop) {
        let Node::Iterate(iteration) = self.graph.node(id) else { unreachable!("an iteration") };
        let count = self.graph.state_count(iteration);
        self.keep_step(id, inner.axis);
        let next = &self.graph.children(id)[count..2 * count];
        let next: Vec<(Val, usize)> =
            next.iter().map(|next| (self.vals[next.index()].clone(), self.levels[next.index()])).collect();
        for (k, state) in next.into_iter().enumerate() {
            self.states.insert((inner.axis, k as u32), state);
        }
    }
}
