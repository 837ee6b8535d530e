//! Backpropagation by the letter: the backward pass over a flat function, as one would do it by hand.
//!
//! The *forward pass* computes the value of every node ([`Function::values`]). The *backward pass* walks the same nodes
//! from the output to the inputs. A node
//!
//! 1. receives an *upstream gradient*: how much the output changes with this node. Where several nodes use it, several
//!    arrive, and they are summed;
//! 2. multiplies it by its *local gradients*: how much this node changes with each of its arguments. They are written
//!    down once per operator, in the table ([`Op::pull_back`]);
//! 3. passes the *downstream gradients* on: they are the upstream gradients of its arguments.
//!
//! What the inputs have received in the end is the gradient. In L(x, y, z) = (x + y)z at (1, 2, 4), the sum receives
//! z = 4 and passes it on to x and to y; z receives x + y = 3:
//!
//! ```
//! use expr::{Analysis, Node, reverse_sweep};
//!
//! let f = syntax::parse("(x + y)*z").unwrap();
//! let values = f.values((), &[1.0, 2.0, 4.0]);
//! let seed = (f.outputs()[0], 1.0);
//! let received = reverse_sweep(&f, &Analysis::of(&f), &values, seed, reverse_sweep::by_the_table);
//! assert_eq!(reverse_sweep::at_inputs(&f, received), [Some(4.0), Some(4.0), Some(3.0)]);
//! ```
//!
//! Everything is written over any [`Scalar`]: doubles give the gradient, intervals enclose it, numbers that round at
//! random show what rounding does to it, handles of a graph under construction are its formula. What an experiment does
//! differently it says in the hook, which stands between a node and its rule. The passes that are made for speed are
//! held against this one.

use crate::{Analysis, Calculus, Constant, Function, Node, NodeId, Op, Predicate, Scalar, fold};

/// The backward pass from `output`, which receives `seed`, over the `values` of all nodes: what every node receives;
/// nothing where no path of slopes leads to it.
///
/// `hook(local, upstream, propagate)` is called for every operator that receives something, from the output down. It calls
/// `propagate(k, downstream)` for each argument `k` that a gradient goes to. [`by_the_table`] is the hook that adds nothing.
pub fn reverse_sweep<S: Scalar>(
    f: &Function,
    analysis: &Analysis,
    values: &[S],
    (output, seed): (NodeId, S),
    mut hook: impl FnMut(&Local<'_, S>, &S, &mut dyn FnMut(usize, S)),
) -> Vec<Option<S>> {
    let graph = f.graph();
    let holds = match analysis.paths.is_unconditional() {
        true => Vec::new(),
        false => analysis.paths.values(seed.context(), |id| values[id.index()].clone()),
    };
    let mut received: Vec<Option<S>> = vec![None; graph.len()];
    received[output.index()] = Some(seed);
    let mut arguments: Vec<S> = Vec::new();
    for id in graph.ids().rev() {
        // Children come before their parents: what a node has received by now is all that it receives.
        let Some(upstream) = received[id.index()].take() else { continue };
        let children = graph.children(id);
        if !children.is_empty() {
            arguments.clear();
            arguments.extend(children.iter().map(|child| values[child.index()].clone()));
            let condition = match analysis.paths.at(id) {
                Predicate::ALWAYS => None,
                predicate => Some(&holds[predicate.index()]),
            };
            let (arguments, result) = (&arguments[..], &values[id.index()]);
            let local = Local { f, analysis, id, children, arguments, result, condition };
            hook(&local, &upstream, &mut |k, downstream| {
                let sum = &mut received[children[k].index()];
                *sum = Some(match sum.take() {
                    Some(before) => before + downstream,
                    None => downstream,
                });
            });
        }
        received[id.index()] = Some(upstream);
    }
    received
}

/// One node in the backward pass, and what its rule may read.
pub struct Local<'a, S> {
    f: &'a Function,
    analysis: &'a Analysis,
    /// The node.
    pub id: NodeId,
    /// The nodes that its arguments are.
    pub children: &'a [NodeId],
    /// The values of its arguments.
    pub arguments: &'a [S],
    /// Its own value.
    pub result: &'a S,
    /// Where it counts only if a branch is taken: 1 if it is, else 0.
    pub condition: Option<&'a S>,
}

impl<S: Scalar> Local<'_, S> {
    /// The node as it is in the graph.
    pub fn node(&self) -> Node<NodeId> {
        self.f.graph().node(self.id)
    }

    /// Tells `propagate(k, downstream)` the upstream gradient times every local gradient, for the arguments that depend on
    /// what the analysis is with respect to.
    pub fn downstream(&self, upstream: &S, mut propagate: impl FnMut(usize, S)) {
        let activity = &self.analysis.activity;
        let counted = |k: usize, downstream: S| match self.condition {
            _ if !activity.is_active(self.children[k]) => {}
            None => propagate(k, downstream),
            // Of a branch that is not taken nothing arrives, not even 0·∞.
            Some(taken) => {
                let zero = S::lift(upstream.context(), &Constant::Integer(0));
                propagate(k, taken.clone().select(downstream, zero));
            }
        };
        let wanted = activity.arguments(self.id);
        pull_back(self.node(), wanted, self.arguments, self.result, upstream, counted);
    }
}

/// The hook of [`reverse_sweep`] that adds nothing: upstream times local is downstream.
pub fn by_the_table<S: Scalar>(local: &Local<'_, S>, upstream: &S, propagate: &mut dyn FnMut(usize, S)) {
    local.downstream(upstream, propagate);
}

/// The rule of one node, whatever kind it is: the operator's, for the arguments whose bit is set in `wanted`, or that of a
/// fold, for all terms.
pub fn pull_back<S: Scalar>(
    node: Node<NodeId>,
    wanted: u8,
    arguments: &[S],
    result: &S,
    upstream: &S,
    propagate: impl FnMut(usize, S),
) {
    match (node, node.op()) {
        (Node::Fold(kind, _), _) => fold::pull_back(kind, arguments, result, upstream, propagate),
        (_, Some(op)) => op.pull_back(wanted, arguments, result, upstream, propagate),
        _ => {}
    }
}

/// Where an operator has no value its slope is NaN as well; the rules, being calculus, do not say so.
#[inline(always)]
pub fn nan_without_value<S: Scalar>(op: Op, result: &S, gradient: S) -> S {
    match op.is_partial() {
        true => result.clone().ne(result.clone()).select(result.clone(), gradient),
        false => gradient,
    }
}

/// What the inputs have received, in their order.
pub fn at_inputs<S>(f: &Function, received: Vec<Option<S>>) -> Vec<Option<S>> {
    let mut gradient: Vec<Option<S>> = std::iter::repeat_with(|| None).take(f.input_count()).collect();
    for (id, received) in f.graph().ids().zip(received) {
        if let Some(k) = f.input_at(id) {
            gradient[k] = received;
        }
    }
    gradient
}
