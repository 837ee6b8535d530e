//! The transpose of an iteration: an iteration in the other order, whose states are what the states receive.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::copy::{Images, fresh};
use super::scopes::bit;
use super::shares::{Live, Received, Share, Source, What, Whole, is_zero, nest, sum};
use super::vjp::{Outgoing, Pass, Pending, Region};
use super::{NoDerivative, index};
use crate::Function;
use crate::builder::{Builder, Contribution, Expr};
use crate::graph::{AxisNames, AxisRange};
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
        let (range, falling, states, children) = {
            let graph = builder.graph();
            let range = graph.iteration_range(iteration).clone();
            (range, graph.is_falling(iteration), graph.state_count(iteration), graph.children(id).to_vec())
        };
        let (inits, nexts, eaches) =
            (&children[..states], &children[states..2 * states], &children[2 * states..]);
        let around = self.free(id);
        let active: Vec<usize> =
            (0..states).filter(|k| self.active_states.contains(&(range.axis, *k as u32))).collect();
        let mut of_results: BTreeMap<usize, Vec<Share<'g>>> = BTreeMap::new();
        for Share { live, what } in shares {
            let What::Result(k, what) = what else { unreachable!("an iteration receives by its results") };
            of_results.entry(k as usize).or_default().push(Share { live, what: *what });
        }

        // The body in terms of the states that were kept.
        let names = builder.graph().axis_names(range.axis).clone();
        let states_received = active.iter().map(|k| format!("d{}", names.states[*k].replace('\'', "d")));
        let axis =
            fresh(builder, &AxisNames { index: names.index.clone(), states: states_received.collect() })?;
        let own = AxisRange { axis, ..range.clone() };
        self.scopes.set(&own);
        for (position, k) in active.iter().enumerate() {
            let shape = self.shape(inits[*k]);
            self.state_shapes.insert((axis, position as u32), shape);
        }
        let first = self.kept[&id];
        let all = builder.handle(id);
        let before = |k: usize| builder.at(builder.project(all, (first + k) as u32), &[index(axis)]);
        let images_of_states: Vec<Expr<'g>> = (0..states).map(before).collect();
        let mut images = Images { axes: [(range.axis, axis)].into_iter().collect(), ..Images::default() };
        images.states.insert(range.axis, images_of_states.clone());
        images.complete(builder, &mut self.scopes)?;
        let depends = self.state_dependent(range.axis, nexts.iter().chain(eaches));
        let copies = images.copies(builder, &mut self.scopes, &children[states..]);
        let image = |id: NodeId| copies.get(&id).copied().unwrap_or(id);
        // Iterations in the body whose ranges depend on the axis got new ones.
        for (from, to) in images.axes.iter().filter(|(from, _)| **from != range.axis) {
            let states = builder.graph().axis_names(*from).states.len() as u32;
            for k in 0..states {
                if let Some(shape) = self.state_shapes.get(&(*from, k)).cloned() {
                    self.state_shapes.insert((*to, k), shape);
                }
                if self.active_states.contains(&(*from, k)) {
                    self.active_states.insert((*to, k));
                }
            }
        }
        let keep_inside = self.scopes.closed(keep | around | bit(axis));
        let mut region =
            Region { nodes: Default::default(), states: FxHashMap::default(), keep: keep_inside };
        for (&from, &to) in &copies {
            if self.is_active(from) {
                self.activate(to);
            }
            if depends.contains(&from) {
                region.nodes.insert(to);
            }
            // What depends on states of an iteration around this one still does.
            for around in &mut self.regions {
                if around.nodes.contains(&from) {
                    around.nodes.insert(to);
                }
            }
            if let Some(&first) = self.kept.get(&from) {
                self.kept.insert(to, first);
            }
        }
        for (k, expr) in images_of_states.iter().enumerate() {
            region.states.insert(expr.id(), k);
            if active.contains(&k) {
                self.activate(expr.id());
            }
        }

        // What the body receives at a step, and passes on.
        let mut inside = Pending::new();
        for (position, &k) in active.iter().enumerate() {
            let state = builder.state(axis, position);
            let what =
                if self.is_array(inits[k]) { What::Whole(Whole::node(state)) } else { What::Number(state) };
            inside.entry(image(nexts[k])).or_default().push(Share { live: Live::default(), what });
        }
        let mut starts: FxHashMap<usize, Vec<Share<'g>>> = FxHashMap::default();
        for (k, shares) in of_results {
            if k < states {
                starts.insert(k, shares);
                continue;
            }
            let each = eaches[k - states];
            let result = builder.project(all, k as u32).id();
            let received = Received::of(builder, &self.shape(result), shares);
            let shares = self.at(&received, &[index(axis)], image(each));
            inside.entry(image(each)).or_default().extend(shares);
        }
        self.regions.push(region);
        let Outgoing { states: mut to_states, nodes } = self.pull(inside)?;
        self.regions.pop();

        let mut begin = Vec::with_capacity(active.len());
        let mut next = Vec::with_capacity(active.len());
        for &k in &active {
            let shape = self.shape(inits[k]);
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
                    let inner = self.free(expr.id()) & !keep_inside;
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
        let results = builder.scan(own, !falling, &begin, &next, &leaving);
        for (to, mut share, places) in outside {
            for Leaving { place, position } in places {
                let position = [&[index(axis)], &position[..]].concat();
                replace(&mut share.what, builder.at(results[active.len() + place], &position));
            }
            let scope = self.free(to) | around | bit(axis);
            self.push(pending, to, share, scope, keep)?;
        }
        for (position, &k) in active.iter().enumerate() {
            let what = if self.is_array(inits[k]) {
                What::Whole(Whole::node(results[position]))
            } else {
                What::Number(live.of(results[position]))
            };
            self.push(pending, inits[k], Share { live, what }, around, keep)?;
        }
        Ok(())
    }

    /// The nodes among these and below that depend on the states of an axis.
    fn state_dependent<'a>(
        &self,
        axis: crate::node::Axis,
        roots: impl Iterator<Item = &'a NodeId>,
    ) -> rustc_hash::FxHashSet<NodeId> {
        let roots: Vec<NodeId> = roots.copied().collect();
        let graph = self.builder.graph();
        let reached = graph.reached_from(&roots);
        let mut depends = rustc_hash::FxHashSet::default();
        for id in graph.ids().filter(|id| reached[id.index()]) {
            let of_children = graph.children(id).iter().any(|child| depends.contains(child));
            let binds = graph.scope(id).is_some_and(|scope| scope.range.axis == axis);
            if matches!(graph.node(id), Node::State(own, _) if own == axis) || of_children && !binds {
                depends.insert(id);
            }
        }
        depends
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
