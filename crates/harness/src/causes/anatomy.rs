//! What experiments share at one output of a function: values and adjoints of all nodes, computed once.

use chainrule::{AccurateBackprop, Budget, Derivative, Strategy, Want};
use expr::reverse_sweep::reverse_sweep;
use expr::{Analysis, Calculus, DoubleDouble, Function, NodeId, PathConditions};
use reference::{Limits, values};

use super::piece::Piece;
use crate::rounding::absolute_terms;
use crate::taylor_test::Work;

/// What the evaluation of a node in double-double numbers counts, and one in intervals.
pub(super) const DOUBLE_DOUBLE: u64 = 20;
pub(super) const CERTIFIED: u64 = 200;

/// One output at a point.
pub(super) struct Anatomy<'a> {
    pub(super) f: &'a Function,
    pub(super) output: usize,
    pub(super) at: Vec<f64>,
    /// In doubles.
    pub(super) values: Vec<f64>,
    /// Nodes that the value is made of, arguments first: none of a branch that is not taken.
    pub(super) used: Vec<NodeId>,
    accurate: Option<Option<Vec<f64>>>,
    exact: Option<Vec<DoubleDouble>>,
    flows: Option<Flows>,
    terms: Option<Vec<f64>>,
}

/// The upstream gradients of every node: their sum, and the sum of their sizes.
#[derive(Clone)]
pub(super) struct Flows {
    pub(super) sum: Vec<f64>,
    pub(super) size: Vec<f64>,
}

impl<'a> Anatomy<'a> {
    pub(super) fn of(f: &'a Function, output: usize, at: &[f64]) -> Anatomy<'a> {
        let values = f.values((), at);
        let used = used(f, f.outputs()[output], &values);
        Anatomy {
            f,
            output,
            at: at.to_vec(),
            values,
            used,
            accurate: None,
            exact: None,
            flows: None,
            terms: None,
        }
    }

    pub(super) fn root(&self) -> NodeId {
        self.f.outputs()[self.output]
    }

    fn nodes(&self) -> u64 {
        self.f.graph().len() as u64
    }

    /// The values of a node's arguments.
    pub(super) fn arguments(&self, id: NodeId) -> Vec<f64> {
        self.f.graph().children(id).iter().map(|child| self.values[child.index()]).collect()
    }

    /// One node by itself.
    pub(super) fn alone(&self, id: NodeId) -> Piece {
        Piece::alone(self.f, &self.values, id)
    }

    /// The gradient by backpropagation in some 32 digits, row of this output.
    pub(super) fn accurate(&mut self, work: &mut Work) -> Option<&[f64]> {
        if self.accurate.is_none() {
            let gradient = work.take(2 * DOUBLE_DOUBLE * self.nodes()).then(|| {
                let mut out = Derivative::default();
                AccurateBackprop
                    .prepare(self.f, Want::Gradient, &Budget::default())
                    .and_then(|mut prepared| prepared.run(&self.at, &mut out))
                    .ok()?;
                let width = self.at.len();
                Some(out.gradient[self.output * width..(self.output + 1) * width].to_vec())
            });
            self.accurate = Some(gradient.flatten());
        }
        self.accurate.as_ref().and_then(Option::as_deref)
    }

    /// The value of every node in some 32 digits.
    pub(super) fn exact(&mut self, work: &mut Work) -> Option<&[DoubleDouble]> {
        if self.exact.is_none() && work.take(DOUBLE_DOUBLE * self.nodes()) {
            let point: Vec<DoubleDouble> = self.at.iter().map(|&x| x.into()).collect();
            self.exact = Some(self.f.values((), &point));
        }
        self.exact.as_deref()
    }

    /// How upstream gradients meet at every node.
    pub(super) fn flows(&mut self) -> &Flows {
        if self.flows.is_none() {
            let mut size = vec![0.0; self.values.len()];
            let (every, seed) = (Analysis::of_every_node(self.f), (self.root(), 1.0));
            let received = reverse_sweep(self.f, &every, &self.values, seed, |local, upstream, propagate| {
                local.downstream(upstream, |k, gradient| {
                    size[local.children[k].index()] += gradient.abs();
                    propagate(k, gradient);
                });
            });
            let sum = received.into_iter().map(|received| received.unwrap_or(0.0)).collect();
            self.flows = Some(Flows { sum, size });
        }
        self.flows.as_ref().expect("it was made")
    }

    /// The sum of the absolute terms of a component.
    pub(super) fn terms(&mut self, input: usize) -> f64 {
        let (f, output) = (self.f, self.output);
        self.terms.get_or_insert_with(|| absolute_terms(f, output, &self.at))[input]
    }

    /// The relative error of a node's value in doubles.
    pub(super) fn error(value: f64, exact: DoubleDouble) -> f64 {
        let off = ((value - exact.hi) - exact.lo).abs();
        if off == 0.0 { 0.0 } else { off / exact.hi.abs() }
    }

    /// Whether a node's result is not 0, by its arguments.
    pub(super) fn is_not_zero(&self, id: NodeId, work: &mut Work) -> bool {
        let sign = self.alone(id).then(|value| value.sign());
        work.take(CERTIFIED)
            && matches!(values(&sign.function, &sign.at, &Limits::default())[0], Some(sign) if sign != 0.0)
    }
}

fn used(f: &Function, root: NodeId, values: &[f64]) -> Vec<NodeId> {
    let graph = f.graph();
    let below = graph.reached_from(&[root]);
    let paths = PathConditions::of(f);
    let holds = paths.values((), |id| values[id.index()]);
    // What another output uses may not be used by this one; branches are those of any output.
    graph.ids().filter(|&id| below[id.index()] && holds[paths.at(id).index()] != 0.0).collect()
}
