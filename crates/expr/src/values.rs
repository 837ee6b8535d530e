//! The values of a function at a point, over numbers of any kind.

use crate::block::row_major;
use crate::evaluate::Evaluator;
use crate::fold::Fold;
use crate::function::Function;
use crate::node::{BlockId, Node};
use crate::{Scalar, expect_point};

impl Function {
    /// The outputs at a point, node by node: the oracle that everything faster is held against.
    ///
    /// `point` has one number per scalar input, in order.
    ///
    /// # Panics
    /// When the function cannot be unrolled at any budget, or the point has another length.
    pub fn evaluate<S: Scalar>(&self, context: S::Context, point: &[S]) -> Vec<S> {
        let shapes = self.shapes(u64::MAX).unwrap_or_else(|error| panic!("{error}"));
        let mut inputs = 0;
        let start = |shape: &Vec<usize>| {
            inputs += shape.iter().product::<usize>();
            inputs - shape.iter().product::<usize>()
        };
        let starts: Vec<usize> = shapes.iter().map(start).collect();
        expect_point(point.len(), inputs);
        let slots = Evaluator::new(self, context, u64::MAX)
            .and_then(|machine| {
                machine.run(&mut |block: BlockId, indices: &[i64], _| {
                    let offset = row_major(&shapes[block.index()], indices);
                    Ok(point[starts[block.index()] + offset].clone())
                })
            })
            .unwrap_or_else(|error| panic!("{error}"));
        self.outputs()
            .iter()
            .map(|output| slots[output.index()].clone().expect("outputs have values"))
            .collect()
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
            let arguments = || graph.children(id).iter().map(|child| values[child.index()].clone());
            values.push(match graph.node(id) {
                Node::Const(constant) => S::lift(context, graph.constant(constant)),
                Node::Input(block, offset) => point[self.position(block, offset)].clone(),
                Node::Fold(Fold::Sum, _) => S::sum(context, &arguments().collect::<Vec<_>>()),
                Node::Fold(Fold::Product, _) => S::product(context, &arguments().collect::<Vec<_>>()),
                Node::Unary(op, [a]) => S::apply(op, &[values[a.index()].clone()]),
                Node::Binary(op, ab) => S::apply(op, &ab.map(|k| values[k.index()].clone())),
                Node::Ternary(op, abc) => S::apply(op, &abc.map(|k| values[k.index()].clone())),
                _ => unreachable!("the function is flat"),
            });
        }
        values
    }
}
