//! What the elements of an input receive, loop by loop, read off the backward pass. It is what programs add up: no position is
//! solved for an index, so that no condition is needed, and a sum over n terms has a gradient of n steps.

use expr::graph::{AxisRange, Graph};
use expr::index::Index;
use expr::{BlockId, Builder, Calculus, Expr, Function, Node, NodeId, Style};

use super::Draft;

/// An amount that an element receives for all values of the axes of some loops.
#[derive(Clone)]
pub(super) struct Received<'g> {
    /// Which element, in the axes of the loops.
    pub(super) position: Vec<Index>,
    /// The loops, innermost first.
    pub(super) ranges: Vec<AxisRange>,
    pub(super) amount: Expr<'g>,
}

impl Draft {
    /// The parts of a gradient: of a scatter, or of a number.
    pub(super) fn parts(&self, gradient: NodeId) -> Vec<Received<'_>> {
        let Node::Scatter(scatter) = self.node(gradient) else {
            let amount = self.builder.handle(gradient);
            return vec![Received { position: Vec::new(), ranges: Vec::new(), amount }];
        };
        let (scatter, mut children) = {
            let graph = self.builder.graph();
            (graph.scatter(scatter).clone(), graph.children(gradient).to_vec().into_iter())
        };
        let mut next =
            || self.builder.handle(children.next().expect("a scatter has the children of its parts"));
        let part = |part: &expr::Part| {
            let (mut amount, mut ranges) = (next(), Vec::new());
            for axis in &part.axes {
                let Node::Array(_, [body]) = self.node(amount.id()) else {
                    unreachable!("a source is a nest of arrays over its axes")
                };
                let range = self.range(amount.id());
                assert_eq!(range.axis, *axis, "a source is a nest of arrays over its axes");
                ranges.insert(0, range);
                amount = self.builder.handle(body);
            }
            if part.guarded {
                amount = next().select(amount, self.integer(0));
            }
            let position = self.builder.graph().position(part.position).to_vec();
            Received { position, ranges, amount }
        };
        scatter.parts.iter().map(part).collect()
    }
}

/// The gradient as what is added to its elements.
#[derive(Clone, Debug)]
pub struct Contributions {
    /// The outputs of the function, then the amounts of the parts, which depend on the axes of their loops.
    pub function: Function,
    /// How many outputs the function has.
    pub outputs: usize,
    /// What is added to which elements.
    pub parts: Vec<Contribution>,
}

/// An amount that elements receive, once for all values of its axes.
#[derive(Clone, Debug)]
pub struct Contribution {
    /// Of which output, counted from 0.
    pub output: usize,
    /// Elements of which block.
    pub block: BlockId,
    /// Which element, in the axes of the loops.
    pub position: Vec<Index>,
    /// The loops, innermost first.
    pub ranges: Vec<AxisRange>,
}

/// The gradients of the outputs of `f`, given as nodes of a draft, one per output and block.
pub(super) fn contributions(
    f: &Function,
    outputs: &[NodeId],
    draft: &Draft,
    gradients: &[(usize, BlockId, NodeId)],
) -> Contributions {
    let count = outputs.len();
    let (mut outputs, mut parts) = (outputs.to_vec(), Vec::new());
    for &(output, block, gradient) in gradients {
        for Received { position, ranges, amount } in draft.parts(gradient) {
            if is_zero(&draft.builder.graph(), amount.id()) {
                continue;
            }
            outputs.push(amount.id());
            parts.push(Contribution { output, block, position, ranges });
        }
    }
    let graph = draft.builder.graph().clone();
    let function =
        f.with_same_bindings(Builder::resume(graph, Style::Derived).finish(outputs)).with_plain_axes();
    Contributions { function, outputs: count, parts }
}

fn is_zero(graph: &Graph, id: NodeId) -> bool {
    matches!(graph.node(id), Node::Const(constant) if graph.constant(constant).as_integer() == Some(0))
}
