//! Where operators are singular: a function that counts them, with its loops, without a visit of every iteration.
//!
//! Every number is accompanied by how often an operator that it is made of is at a singularity, along all ways that lead there: an
//! operator has its own facts as nodes, 1 where one holds, and adds what its arguments have; of a branch only the side that is taken
//! counts; a loop sums; an iteration carries the counts of its states as further states. Where a count is 0 no operator is singular.
//! Where it is not, one may still be hidden by a maximum that takes the other side.

use rustc_hash::FxHashMap;

use super::NoDerivative;
use super::marked::{Marked, states_of, varying};
use crate::builder::{Builder, Expr};
use crate::graph::{AxisNames, Graph};
use crate::node::{Axis, Node, NodeId};
use crate::rewrite::Style;
use crate::{Calculus, Constant, Fact, Fold, Function, Op, Rebuild, Singularity};

/// The facts of an operator that hold where one of its arguments moves, and what they mean.
fn facts(graph: &Graph, id: NodeId, varies: &Marked) -> Vec<(Op, Fact, Singularity)> {
    let Some(op) = graph.node(id).op() else { return Vec::new() };
    let children = graph.children(id);
    let moves = |k: Option<usize>| k.is_some_and(|k| varies.has(children[k]));
    let integer = |child: NodeId| match graph.node(child) {
        Node::Const(constant) => graph.constant(constant).as_integer(),
        _ => None,
    };
    let power = op == Op::Powi || op == Op::Pow && integer(children[1]).is_some();
    let undefined = match power {
        // Of an exponent that is an integer, and not negative, there is nothing to fear.
        true if integer(children[1]).is_some_and(|exponent| exponent >= 0) => &[],
        true => Op::Powi.undefined(),
        false => op.undefined(),
    };
    let mut found = Vec::new();
    for &fact in undefined {
        let [i, j] =
            if fact.bounds_the_domain() { [Some(0), Some(op.arity() - 1)] } else { fact.arguments() };
        if moves(i) || moves(j) {
            found.push((op, fact, Singularity::Undefined));
        }
    }
    for &fact in op.kinks() {
        let [i, j] = fact.arguments();
        if moves(i) || moves(j) {
            found.push((op, fact, Singularity::Kink));
        }
    }
    found
}

/// Whether several terms of an extreme may be it.
fn may_tie(node: Node<NodeId>) -> bool {
    matches!(node, Node::Fold(fold, _) | Node::Reduce(fold, ..) if fold.is_extreme())
}

/// What a count is asked about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Singular {
    /// A fact of an operator.
    Operator(Op, Fact),
    /// Several terms are the largest, or the smallest.
    Extreme,
}

impl Function {
    /// The singularities that operators of the function may be at, and what they are.
    pub fn possible_singularities(&self) -> Vec<(Singular, Singularity)> {
        let graph = self.graph();
        let varies = varying(graph);
        let mut all: Vec<(Singular, Singularity)> = Vec::new();
        for id in graph.ids() {
            let own = facts(graph, id, &varies).into_iter();
            let own = own.map(|(op, fact, kind)| (Singular::Operator(op, fact), kind));
            let tie = may_tie(graph.node(id)) && varies.has(id);
            let tie = tie.then_some((Singular::Extreme, Singularity::Kink));
            for found in own.chain(tie) {
                if !all.contains(&found) {
                    all.push(found);
                }
            }
        }
        all
    }

    /// The function, and then for every output how often an operator that it is made of is at one of the singularities that
    /// `counts` names, along all ways from the output to it; 0 where none is. Loops are kept. Nothing where no operator can be.
    ///
    /// ```
    /// let f = syntax::parse("sum(i, 1, n, abs(x[i]))").unwrap().with_sizes(&[("n", 4)]).unwrap();
    /// let counted = f.singularities_counted(|_| true).unwrap().unwrap();
    /// assert_eq!(counted.evaluate((), &[1.0, 0.0, -2.0, 0.0]), [3.0, 2.0]);
    /// assert!(syntax::parse("sin(x)").unwrap().singularities_counted(|_| true).unwrap().is_none());
    /// ```
    ///
    /// # Errors
    /// When more axes are needed than there may be, and of functions that contain arrays made of contributions.
    pub fn singularities_counted(
        &self,
        counts: impl Fn(Singular) -> bool,
    ) -> Result<Option<Function>, NoDerivative> {
        let f = super::separate::separate(self)?;
        let graph = f.graph();
        let varies = varying(graph);
        let own = |id: NodeId| -> Vec<Fact> {
            let all = facts(graph, id, &varies).into_iter();
            all.filter(|(op, fact, _)| counts(Singular::Operator(*op, *fact)))
                .map(|(_, fact, _)| fact)
                .collect()
        };
        let tied = |id: NodeId| may_tie(graph.node(id)) && varies.has(id) && counts(Singular::Extreme);
        let counted = Marked::of(graph, |id| tied(id) || !own(id).is_empty());
        if !f.outputs().iter().any(|&output| counted.has(output)) {
            return Ok(None);
        }
        let builder = Builder::new(Style::Written);
        builder.copy_names_as(graph, |axis| {
            let AxisNames { index, states } = graph.axis_names(axis);
            let further = (0..states.len()).filter(|&k| counted.states.contains(&(axis, k as u32)));
            let further = further.map(|k| format!("{}?", states[k]));
            AxisNames { index: index.clone(), states: states.iter().cloned().chain(further).collect() }
        });
        let mut pass = Counting { graph, builder: &builder, counted: &counted, found: FxHashMap::default() };
        let mut made = Rebuild::new(graph, &builder);
        for id in graph.ids() {
            let image = pass.image(&made, id)?;
            made.set(id, image);
            if counted.has(id)
                && let Some(count) = pass.count(&made, id, &own(id), tied(id))?
            {
                pass.found.insert(id, count);
            }
        }
        let zero = builder.lift(&Constant::Integer(0));
        let counts = f.outputs().iter().map(|output| pass.found.get(output).copied().unwrap_or(zero).id());
        let outputs = made.ids(f.outputs()).into_iter().chain(counts).collect();
        drop((made, pass));
        Ok(Some(f.with_same_bindings(builder.finish(outputs))))
    }
}

struct Counting<'a, 'g> {
    graph: &'a Graph,
    builder: &'g Builder,
    /// Which nodes have a count.
    counted: &'a Marked,
    /// The counts.
    found: FxHashMap<NodeId, Expr<'g>>,
}

impl<'g> Counting<'_, 'g> {
    /// The states of an axis that have a count, in order.
    fn counted_states(&self, axis: Axis, states: usize) -> Vec<usize> {
        (0..states).filter(|&k| self.counted.states.contains(&(axis, k as u32))).collect()
    }

    /// What stands for a node: an iteration has the counts of its states as further states.
    fn image(&self, made: &Rebuild<'_, 'g>, id: NodeId) -> Result<Expr<'g>, NoDerivative> {
        let (graph, builder) = (self.graph, self.builder);
        Ok(match graph.node(id) {
            Node::Scatter(_) => return Err(NoDerivative::UnknownIndices),
            Node::Iterate(iteration) => {
                let (axis, states) = states_of(graph, iteration);
                let children = graph.children(id);
                let further = self.counted_states(axis, states);
                let zero = builder.lift(&Constant::Integer(0));
                let counts = |from: usize| further.iter().map(move |k| children[from + k]);
                let count = |id: NodeId| self.found.get(&id).copied().unwrap_or(zero);
                let images = |range: std::ops::Range<usize>| children[range].iter().map(|&id| made.of(id));
                let inits: Vec<Expr<'g>> = images(0..states).chain(counts(0).map(count)).collect();
                let nexts: Vec<Expr<'g>> =
                    images(states..2 * states).chain(counts(states).map(count)).collect();
                let kept = children[2 * states..].iter().filter_map(|id| self.found.get(id).copied());
                let eaches: Vec<Expr<'g>> = images(2 * states..children.len()).chain(kept).collect();
                let range = graph.iteration_range(iteration).clone();
                let results = builder.scan(range, graph.is_falling(iteration), &inits, &nexts, &eaches);
                builder.parent_of(results[0]).expect("it has states")
            }
            Node::Project([all], k) => {
                let (axis, states) = self.iteration(all);
                let k = k as usize;
                let further = if k < states { 0 } else { self.counted_states(axis, states).len() };
                builder.project(made.of(all), (k + further) as u32)
            }
            _ => made.copy(id),
        })
    }

    fn iteration(&self, all: NodeId) -> (Axis, usize) {
        match self.graph.node(all) {
            Node::Iterate(iteration) => states_of(self.graph, iteration),
            _ => unreachable!("results are those of iterations"),
        }
    }

    /// How often something that a node is made of is singular.
    fn count(
        &self,
        made: &Rebuild<'_, 'g>,
        id: NodeId,
        own: &[Fact],
        tied: bool,
    ) -> Result<Option<Expr<'g>>, NoDerivative> {
        let (graph, builder) = (self.graph, self.builder);
        let children = graph.children(id);
        let of = |k: usize| self.found.get(&children[k]).copied();
        let zero = || builder.lift(&Constant::Integer(0));
        Ok(match graph.node(id) {
            Node::State(axis, k) => {
                let states = graph.axis_names(axis).states.len();
                let place = self.counted_states(axis, states).iter().position(|state| *state == k as usize);
                place.map(|place| builder.state(axis, states + place))
            }
            Node::Iterate(iteration) => {
                // A count of an array of which another part has none would need to be an array of zeros.
                let (axis, states) = states_of(graph, iteration);
                let missing = |&k: &usize| {
                    let [init, next] = [children[k], children[states + k]];
                    self.found.contains_key(&init) != self.found.contains_key(&next)
                };
                let arrays = graph.has_arrays();
                if arrays && self.counted_states(axis, states).iter().any(missing) {
                    return Err(NoDerivative::UnknownIndices);
                }
                None
            }
            Node::Project([all], k) => {
                let (axis, states) = self.iteration(all);
                let (k, counted) = (k as usize, self.counted_states(axis, states));
                let inner = graph.children(all);
                let place = match k < states {
                    true => counted.iter().position(|state| *state == k).map(|place| states + place),
                    false => {
                        let eaches = &inner[2 * states..];
                        let before = eaches[..k - states].iter().filter(|id| self.found.contains_key(id));
                        let own = self.found.contains_key(&eaches[k - states]);
                        own.then(|| states + counted.len() + eaches.len() + before.count())
                    }
                };
                place.map(|place| builder.project(made.of(all), place as u32))
            }
            Node::Reduce(_, range, _) => {
                let range = graph.range(range).clone();
                let below = of(0).map(|count| builder.reduce(Fold::Sum, range.clone(), count));
                let tie = tied.then(|| {
                    let is_extreme = made.of(children[0]).eq(made.of(id));
                    builder.reduce(Fold::Sum, range, is_extreme).gt(builder.constant(1.0))
                });
                below.into_iter().chain(tie).reduce(|a, b| a + b)
            }
            Node::Array(range, _) => of(0).map(|count| builder.array(graph.range(range).clone(), count)),
            Node::Element(_, position) => of(0).map(|count| builder.at(count, graph.position(position))),
            Node::Ternary(Op::Select, [condition, ..]) => {
                let sides = (of(1).is_some() || of(2).is_some()).then(|| {
                    made.of(condition).select(of(1).unwrap_or_else(zero), of(2).unwrap_or_else(zero))
                });
                of(0).into_iter().chain(sides).reduce(|a, b| a + b)
            }
            node => {
                let arguments: Vec<Expr<'g>> = children.iter().map(|&child| made.of(child)).collect();
                let below = (0..children.len()).filter_map(of);
                let here = own.iter().map(|fact| fact.singular(&arguments));
                let tie = (tied && matches!(node, Node::Fold(..))).then(|| {
                    let is_extreme = |&term: &Expr<'g>| term.eq(made.of(id));
                    let terms: Vec<Expr<'g>> = arguments.iter().map(is_extreme).collect();
                    builder.fold(Fold::Sum, &terms).gt(builder.constant(1.0))
                });
                below.chain(here).chain(tie).reduce(|a, b| a + b)
            }
        })
    }
}
