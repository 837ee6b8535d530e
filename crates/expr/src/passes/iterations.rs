//! The transpose of an iteration: an iteration in the other order, whose states are what the states receive.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::body::Body;
use super::pending::Pending;
use super::shares::{Live, Received, Share, What, Whole, nest, sum};
use super::vjp::{Outgoing, Pass, Region};
use super::{NoDerivative, index};
use crate::builder::Expr;
use crate::index::Index;
use crate::node::{IterationId, Node, NodeId};
use crate::scatter::Shape;
use crate::scope::Axes;

impl<'g> Pass<'g> {
    /// An iteration passes on what its results receive.
    pub(super) fn iteration(
        &mut self,
        id: NodeId,
        iteration: IterationId,
        live: Live<'g>,
        shares: Vec<Share<'g>>,
        pending: &mut Pending<'g>,
        keep: Axes,
    ) -> Result<(), NoDerivative> {
        let builder = self.builder;
        let around = self.free(id);
        let body = self.body(id, iteration)?;
        let Body { states, active, .. } = &body;
        let (states, axis) = (*states, body.range.axis);
        let mut of_results: BTreeMap<usize, Vec<Share<'g>>> = BTreeMap::new();
        for Share { live, what } in shares {
            let What::Result(k, what) = what else { unreachable!("an iteration receives by its results") };
            of_results.entry(k as usize).or_default().push(Share { live, what: *what });
        }
        let keep_inside = self.scopes.closed(keep | around | Axes::of(axis));
        let mut region =
            Region { nodes: Default::default(), states: FxHashMap::default(), keep: keep_inside };
        for (from, to) in &body.copies {
            if self.scopes.carries(*from, body.original) {
                region.nodes.insert(*to);
            }
        }
        region.states.extend(body.before.iter().enumerate().map(|(k, state)| (state.id(), k)));

        // What the body receives at a step, and passes on.
        let mut inside = Pending::default();
        for (position, &k) in active.iter().enumerate() {
            let state = builder.state(axis, position);
            let what = if self.is_array(body.inits[k]) {
                What::Whole(Box::new(Whole::node(state)))
            } else {
                What::Number(state)
            };
            // The body counts where the iteration does.
            inside.to(body.image(body.nexts[k])).push(Share { live, what });
        }
        let mut starts: FxHashMap<usize, Vec<Share<'g>>> = FxHashMap::default();
        for (k, shares) in of_results {
            if k < states {
                starts.insert(k, shares);
                continue;
            }
            let each = body.image(body.eaches[k - states]);
            let result = builder.project(builder.handle(id), k as u32).id();
            let received = Received::of(builder, &self.shape(result), shares);
            let shares = self.at(&received, &[index(axis)], each);
            inside.to(each).extend(shares);
        }
        self.regions.push(region);
        let Outgoing { states: mut to_states, nodes } = self.pull(inside)?;
        self.regions.pop();

        let mut begin = Vec::with_capacity(active.len());
        let mut next = Vec::with_capacity(active.len());
        for &k in active {
            let shape = self.shape(body.inits[k]);
            begin.push(self.total(&shape, starts.remove(&k).unwrap_or_default())?);
            next.push(self.total(&shape, to_states.remove(&k).unwrap_or_default())?);
        }
        // What depends on the backward states leaves the body step by step.
        let mut leaving: Vec<Expr<'g>> = Vec::new();
        let mut outside: Vec<(NodeId, Share<'g>, Option<Leaving>)> = Vec::new();
        for (to, shares) in nodes.into_iter().rev() {
            for share in shares {
                let mut share = share;
                let mut place = None;
                if let Some(expr) = share.what.expression().map(|expr| *expr) {
                    let inner = self.free(expr.id()) - keep_inside;
                    if self.scopes.carries(expr.id(), axis) {
                        let axes = self.scopes.ordered(inner);
                        let own = axes.iter().map(|axis| index(*axis));
                        let position = [index(axis)].into_iter().chain(own).collect();
                        place = Some(Leaving { place: leaving.len(), position });
                        leaving.push(nest(builder, &self.scopes, &axes, expr));
                    }
                }
                outside.push((to, share, place));
            }
        }
        let results = builder.scan(body.range.clone(), !body.falling, &begin, &next, &leaving);
        for (to, mut share, place) in outside {
            if let (Some(Leaving { place, position }), Some(expr)) = (place, share.what.expression()) {
                *expr = builder.at(results[active.len() + place], &position);
            }
            // A source is written as a nest over its axes, whatever it is.
            if let What::Part(part) = &mut share.what
                && !matches!(builder.graph().node(part.source.id()), Node::Array(..))
                && !part.axes.is_empty()
            {
                let own: Vec<Index> = part.axes.iter().map(|axis| index(*axis)).collect();
                part.source = nest(builder, &self.scopes, &part.axes, builder.at(part.source, &own));
            }
            let scope = self.free(to) | around | Axes::of(axis);
            self.push(pending, to, share, scope, keep)?;
        }
        for (position, &k) in active.iter().enumerate() {
            let what = if self.is_array(body.inits[k]) {
                What::Whole(Box::new(Whole::node(results[position])))
            } else {
                What::Number(live.of(results[position]))
            };
            self.push(pending, body.inits[k], Share { live, what }, around, keep)?;
        }
        Ok(())
    }

    /// All that a state receives: a number or an array.
    fn total(&mut self, shape: &Shape, shares: Vec<Share<'g>>) -> Result<Expr<'g>, NoDerivative> {
        if *shape == Shape::number() {
            let numbers = shares.into_iter().map(|share| match share.what {
                What::Number(number) => number,
                _ => unreachable!("a number receives numbers"),
            });
            return Ok(sum(self.builder, numbers));
        }
        let received = Received::of(self.builder, shape, shares);
        self.array_of(&received, shape)
    }
}

/// Where something that leaves the body stands among what it keeps of each step, and its indices there.
struct Leaving {
    place: usize,
    position: Vec<Index>,
}
