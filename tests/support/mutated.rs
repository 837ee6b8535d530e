//! The backward pass by the letter, with a rule of the table mutated.

use expr::{Function, Node, Op, fold};

/// The gradient of the first output, where `mutate` is given every downstream gradient of an operator with the argument it
/// goes to, and returns another.
pub fn gradient(f: &Function, x: &[f64], mutate: impl Fn(Op, usize, f64) -> f64) -> Vec<f64> {
    let graph = f.graph();
    let values = f.values((), x);
    let mut upstream = vec![0.0; graph.len()];
    let mut gradient = vec![0.0; x.len()];
    upstream[f.outputs()[0].index()] = 1.0;
    for id in graph.ids().rev() {
        let received = upstream[id.index()];
        let children = graph.children(id);
        let arguments: Vec<f64> = children.iter().map(|child| values[child.index()]).collect();
        let mut pass = |k: usize, g: f64| upstream[children[k].index()] += g;
        match graph.node(id) {
            Node::Input(block, offset) => gradient[f.position(block, offset)] += received,
            Node::Fold(kind, _) => fold::pull_back(kind, &arguments, &received, &mut pass),
            node => {
                if let Some(op) = node.op() {
                    // Where there is no rule at all the gradient is 0, and can be mutated as well.
                    let mut downstream = vec![0.0; children.len()];
                    let value = &values[id.index()];
                    op.pull_back(7, &arguments, value, &received, |k, g| downstream[k] = g);
                    downstream.into_iter().enumerate().for_each(|(k, g)| pass(k, mutate(op, k, g)));
                }
            }
        }
    }
    gradient
}
