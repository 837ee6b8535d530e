//! The transpose of an iteration: an iteration in the other order, whose states are what the states receive.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::body::Body;
use super::shares::{Live, Received, Share, Source, What, Whole, is_zero, nest, sum};
use super::vjp::{Outgoing, Pass, Pending, Region};
use super::{NoDerivative, index};
use crate::Function;
use crate::array_builder::Contribution;
use crate::builder::{Builder, Expr};
use crate::index::Index;
use crate::node::{IterationId, Node, NodeId};
use crate::rewrite::Style;
use crate::scatter::Shape;
use crate::scope::Axes;

/// The same function, whose iterations also keep their states before each step; and where, per iteration, the first of them is
/// among its results.
pub(super) fn kept_states(f: &Function) -> (Function, FxHashMap<NodeId, usize>) {
    let graph = f.graph();
    if !graph.nodes().iter().any(|node| matches!(node, Node::Iterate(_))) {
        return (f.clone(), FxHashMap::default());
    }
    let builder = Builder::new(Style::Written);
    builder.copy_names(graph);
    let mut kept = FxHashMap::default();
    let mut made = crate::Rebuild::new(graph, &builder);
    made.run(graph.ids(), |made, id| {
        let Node::Iterate(iteration) = graph.node(id) else { return None };
        let range = graph.iteration_range(iteration).clone();
        let states = graph.state_count(iteration);
        let children: Vec<Expr<'_>> = graph.children(id).iter().map(|&child| made.of(child)).collect();
        let before = (0..states).map(|k| builder.state(range.axis, k));
        let eaches: Vec<Expr<'_>> = children[2 * states..].iter().copied().chain(before).collect();
        let first = states + children.len() - 2 * states;
        let results = builder.scan(
            range,
            graph.is_falling(iteration),
            &children[..states],
            &children[states..2 * states],
            &eaches,
        );
        let all = builder.parent_of(*results.first()?)?;
        kept.insert(all.id(), first);
        Some(all)
    });
    let outputs = made.ids(f.outputs());
    drop(made);
    let g = f.with_same_sizes(builder.finish(outputs));
    // Nodes that nothing needs are gone, so that ids may have moved.
    let graph = g.graph();
    let first = graph.ids().filter_map(|id| match graph.node(id) {
        Node::Iterate(iteration) => Some((id, graph.children(id).len() - 2 * graph.state_count(iteration))),
        _ => None,
    });
    let kept = first.collect();
    (g, kept)
}

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
            if body.depends.contains(from) {
                region.nodes.insert(*to);
            }
        }
        region.states.extend(body.before.iter().enumerate().map(|(k, state)| (state.id(), k)));

        // What the body receives at a step, and passes on.
        let mut inside = Pending::new();
        for (position, &k) in active.iter().enumerate() {
            let state = builder.state(axis, position);
            let what = if self.is_array(body.inits[k]) {
                What::Whole(Whole::node(state))
            } else {
                What::Number(state)
            };
            inside.entry(body.image(body.nexts[k])).or_default().push(Share { live: Live::default(), what });
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
            inside.entry(each).or_default().extend(shares);
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
        let mut outside: Vec<(NodeId, Share<'g>, Vec<Leaving>)> = Vec::new();
        for (to, shares) in nodes {
            for share in shares {
                let mut places = Vec::new();
                if let Some(expr) = expression(&share.what)
                    && !is_zero(builder, expr.id())
                    && self.depends_on_states(axis, expr.id())
                {
                    let inner = self.free(expr.id()) - keep_inside;
                    let axes = self.scopes.ordered(inner);
                    places.push(Leaving {
                        place: leaving.len(),
                        position: axes.iter().map(|axis| index(*axis)).collect(),
                    });
                    leaving.push(nest(builder, &self.scopes, &axes, expr));
                }
                outside.push((to, share, places));
            }
        }
        let results = builder.scan(body.range.clone(), !body.falling, &begin, &next, &leaving);
        for (to, mut share, places) in outside {
            for Leaving { place, position } in places {
                let position = [&[index(axis)], &position[..]].concat();
                replace(&mut share.what, builder.at(results[active.len() + place], &position));
            }
            let scope = self.free(to) | around | Axes::of(axis);
            self.push(pending, to, share, scope, keep)?;
        }
        for (position, &k) in active.iter().enumerate() {
            let what = if self.is_array(body.inits[k]) {
                What::Whole(Whole::node(results[position]))
            } else {
                What::Number(live.of(results[position]))
            };
            self.push(pending, body.inits[k], Share { live, what }, around, keep)?;
        }
        Ok(())
    }

    fn depends_on_states(&self, axis: crate::node::Axis, id: NodeId) -> bool {
        !self.state_dependent(axis, [id].iter()).is_empty()
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
        self.scopes.extend(&self.builder.graph());
        Received::of(self.builder, shape, shares).array(self.builder, &self.scopes, shape)
    }
}

/// Where something that leaves the body stands among what it keeps of each step, and its indices there.
struct Leaving {
    place: usize,
    position: Vec<Index>,
}

/// The expression of something that is passed, if it has one.
fn expression<'g>(what: &What<'g>) -> Option<Expr<'g>> {
    match what {
        What::Number(number) => Some(*number),
        What::Whole(Whole { of: Source::Node(node), .. }) => Some(*node),
        What::Part(Contribution { source, .. }) => Some(*source),
        What::Whole(_) => None,
        What::Result(_, what) => expression(what),
    }
}

fn replace<'g>(what: &mut What<'g>, by: Expr<'g>) {
    match what {
        What::Number(number) => *number = by,
        What::Whole(Whole { of: Source::Node(node), .. }) => *node = by,
        What::Part(Contribution { source, .. }) => *source = by,
        What::Whole(_) => {}
        What::Result(_, what) => replace(what, by),
    }
}
