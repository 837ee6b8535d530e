//! Nodes that bind an axis: how they begin, go on and end.

use super::value::Value;
use super::{Evaluator, Frame, Key, Rounds, ShadowedBinding, Visitor};
use crate::node::Node;
use crate::schedule::Binder;
use crate::{Scalar, UnrollError};

impl<S: Scalar> Evaluator<'_, S> {
    /// Begins a binder; nothing to do when its range is empty, or its result is known.
    pub(super) fn enter(
        &mut self,
        binder: usize,
        hides: bool,
        key: Option<Key>,
        visitor: &mut impl Visitor<S>,
    ) -> Result<Option<Frame<S>>, UnrollError> {
        let graph = self.function.graph();
        if let Some(result) = key.as_ref().and_then(|key| self.memo.get(key)) {
            let result = result.clone();
            self.put(binder, result);
            return Ok(None);
        }
        let node = self.binders[binder].node;
        let range = &self.binders[binder].range;
        let (low, high, axis) =
            (self.form(&range.low, node)?, self.form(&range.high, node)?, range.axis.index());
        let hidden = hides.then(|| ShadowedBinding {
            axis: self.axes[axis].clone(),
            slots: self.binders[binder].schedule.iter().map(|id| self.known(*id)).collect(),
        });
        let mut falling = false;
        if let Node::Iterate(iteration) = graph.node(node) {
            falling = graph.is_falling(iteration);
            let inits = &graph.children(node)[..graph.state_count(iteration)];
            self.axes[axis].1 = inits.iter().map(|&init| self.whole(init)).collect();
        }
        let (first, last) = if falling { (high, low) } else { (low, high) };
        let mut frame = Frame { binder, next: 0, last, falling, terms: Vec::new(), kept: false, key, hidden };
        if high < low {
            self.leave(&frame)?;
            self.restore(binder, frame.hidden);
            return Ok(None);
        }
        let mut times = high.abs_diff(low).saturating_add(1);
        let count = matches!(graph.node(node), Node::Iterate(_)).then(|| self.axes[axis].1.len());
        if self.lane.is_none() && self.binders[binder].regular && visitor.keeps(times, count.unwrap_or(0)) {
            let states = &mut self.axes[axis].1;
            let kept = visitor.begin(Rounds { low, count: times }, count).into_iter().map(Value::One);
            frame.terms = std::mem::replace(states, kept.collect());
            frame.last = low;
            frame.kept = true;
            self.lane = Some(axis);
            // What was found for one value of this axis is not what it is for all.
            self.memo.clear();
            times = 1;
        }
        self.charge(times, self.binders[binder].schedule.len() + 1)?;
        self.axes[axis].0 = first;
        Ok(Some(frame))
    }

    /// Ends one value of the axis; says whether it was the last.
    pub(super) fn step(&mut self, frame: &mut Frame<S>, visitor: &mut impl Visitor<S>) -> bool {
        let graph = self.function.graph();
        let binder = &self.binders[frame.binder];
        let axis = binder.range.axis.index();
        let children = graph.children(binder.node);
        match graph.node(binder.node) {
            Node::Iterate(iteration) => {
                let (nexts, eaches) =
                    children[graph.state_count(iteration)..].split_at(graph.state_count(iteration));
                frame.terms.extend(eaches.iter().map(|&each| self.whole(each)));
                self.axes[axis].1 = nexts.iter().map(|&next| self.whole(next)).collect();
            }
            _ => frame.terms.push(self.whole(children[0])),
        }
        if frame.kept {
            let fold = match graph.node(binder.node) {
                Node::Reduce(fold, ..) => Some(fold),
                _ => None,
            };
            frame.terms.append(&mut self.axes[axis].1);
            let bodies: Vec<S> = std::mem::take(&mut frame.terms).into_iter().map(Value::one).collect();
            frame.terms = visitor.end(fold, &bodies).into_iter().map(Value::One).collect();
            self.lane = None;
            self.memo.clear();
            return true;
        }
        if self.axes[axis].0 == frame.last {
            return true;
        }
        self.axes[axis].0 += if frame.falling { -1 } else { 1 };
        frame.next = 0;
        false
    }

    /// Ends a binder.
    pub(super) fn leave(&mut self, frame: &Frame<S>) -> Result<(), UnrollError> {
        let Binder { node, range, .. } = &self.binders[frame.binder];
        let graph = self.function.graph();
        let numbers = || -> Vec<S> { frame.terms.iter().cloned().map(Value::one).collect() };
        let result = match graph.node(*node) {
            _ if frame.kept => frame.terms.clone(),
            Node::Reduce(joined, ..) if joined.is_extreme() && frame.terms.is_empty() => {
                return Err(UnrollError::NoExtreme { node: *node });
            }
            Node::Reduce(joined, ..) => vec![Value::One(S::fold(joined, self.context, &numbers()))],
            Node::Array(..) => vec![Value::array(self.form(&range.low, *node)?, frame.terms.clone())],
            _ => {
                let low = self.form(&range.low, *node)?;
                let mut results = std::mem::take(&mut self.axes[range.axis.index()].1);
                let eaches = graph.children(*node).len() - 2 * results.len();
                for k in 0..eaches {
                    let mut steps: Vec<Value<S>> =
                        frame.terms.iter().skip(k).step_by(eaches).cloned().collect();
                    if frame.falling {
                        steps.reverse();
                    }
                    results.push(Value::array(low, steps));
                }
                results
            }
        };
        if let Some(key) = &frame.key {
            self.memo.insert(key.clone(), result.clone());
        }
        self.put(frame.binder, result);
        Ok(())
    }

    /// Leaves a binder out that nothing needs.
    pub(super) fn skip(&mut self, binder: usize) {
        let graph = self.function.graph();
        let node = self.binders[binder].node;
        let results = match graph.node(node) {
            Node::Iterate(iteration) => graph.children(node).len() - graph.state_count(iteration),
            _ => 1,
        };
        self.put(binder, vec![Value::One(self.integer(0)); results]);
    }

    /// Puts the result of a binder in place: a fold in its slot, the states of an iteration where they are projected
    /// from.
    pub(super) fn put(&mut self, binder: usize, mut result: Vec<Value<S>>) {
        let node = self.binders[binder].node;
        match self.function.graph().node(node) {
            Node::Iterate(_) => self.results[binder] = result,
            _ => self.keep(node, result.pop().expect("one result")),
        }
    }

    /// Brings an outer binding of the axis back.
    pub(super) fn restore(&mut self, binder: usize, hidden: Option<ShadowedBinding<S>>) {
        let Some(hidden) = hidden else { return };
        self.axes[self.binders[binder].range.axis.index()] = hidden.axis;
        for (k, slot) in hidden.slots.into_iter().enumerate() {
            let id = self.binders[binder].schedule[k];
            match slot {
                Some(value) => self.keep(id, value),
                None => self.slots[id.index()] = None,
            }
        }
    }
}
