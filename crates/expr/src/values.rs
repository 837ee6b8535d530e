//! The values of a function at a point, over numbers of any kind.

use crate::evaluate::{Evaluator, Known};
use crate::function::Function;
use crate::graph::{Block, Graph, Role};
use crate::node::{BlockId, Node, NodeId};
use crate::{Scalar, expect_point};

impl Function {
    /// The outputs at a point, node by node: the oracle that everything faster is held against.
    ///
    /// `point` has one number per scalar input, in order.
    ///
    /// # Panics
    /// When the function cannot be unrolled at any budget, or the point has another length.
    pub fn evaluate<S: Scalar>(&self, context: S::Context, point: &[S]) -> Vec<S> {
        if self.is_flat() {
            let values = self.values(context, point);
            return self.outputs().iter().map(|output| values[output.index()].clone()).collect();
        }
        let shapes = self.shapes(u64::MAX).unwrap_or_else(|error| panic!("{error}"));
        let mut inputs = 0;
        let start = |(block, shape): (&Block, &Vec<usize>)| {
            let start = inputs;
            // Data are no part of the point.
            inputs += if block.role == Role::Data { 0 } else { shape.iter().product::<usize>() };
            start
        };
        let starts: Vec<usize> = self.graph().blocks().iter().zip(&shapes).map(start).collect();
        expect_point(point.len(), inputs);
        let read = |block: BlockId, offset: usize| point[starts[block.index()] + offset].clone();
        Evaluator::new(self, context, u64::MAX)
            .and_then(|machine| machine.run_to_outputs(&mut Known { shapes: &shapes, read }))
            .unwrap_or_else(|error| panic!("{error}"))
            .1
    }

    /// Of a flat function: the value of every node at a point, in arena order.
    ///
    /// # Panics
    /// When the function is not flat, or the point has another length than its inputs.
    pub fn values<S: Scalar>(&self, context: S::Context, point: &[S]) -> Vec<S> {
        expect_point(point.len(), self.input_count());
        let graph = self.graph();
        let mut values: Vec<S> = Vec::with_capacity(graph.len());
        for id in graph.ids() {
            values.push(match graph.node(id) {
                Node::Input(block, offset) => point[self.position(block, offset)].clone(),
                _ => graph.value(id, context, |child| values[child.index()].clone()),
            });
        }
        values
    }
}

impl Graph {
    /// The value of a constant, an operator, or a fold of listed terms, given the values of its children.
    #[inline]
    pub fn value<S: Scalar>(&self, id: NodeId, context: S::Context, child: impl Fn(NodeId) -> S) -> S {
        match self.node(id) {
            Node::Const(constant) => S::lift(context, self.constant(constant)),
            Node::Fold(joined, list) => {
                let terms: Vec<S> = self.list(list).iter().map(|&term| child(term)).collect();
                S::fold(joined, context, &terms)
            }
            Node::Unary(op, [a]) => S::apply(op, &[child(a)]),
            Node::Binary(op, ab) => S::apply(op, &ab.map(child)),
            Node::Ternary(op, abc) => S::apply(op, &abc.map(child)),
            _ => unreachable!("inputs, axes and what they bind have no value by their children alone"),
        }
    }
}
