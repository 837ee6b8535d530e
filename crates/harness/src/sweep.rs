//! The backward pass by the letter, over any kind of number and with an eye on what passes: for looking at a function,
//! where the engine's is for speed.

use expr::{Calculus, Constant, Function, MaskId, Node, NodeId, Scalar, Taken, fold};

/// What every node of a flat function receives from one output, given all values; nothing where nothing arrives.
/// `arrive` sees each downstream gradient with the node that it goes to and the upstream gradient that it was made of, and says what
/// of it arrives.
pub(crate) fn sweep<S: Scalar>(
    f: &Function,
    output: NodeId,
    world: S::World,
    values: &[S],
    mut arrive: impl FnMut(NodeId, &S, S) -> S,
) -> Vec<Option<S>> {
    let graph = f.graph();
    let taken = Taken::mark(f);
    let masks = taken.values(world, |id| values[id.index()].clone());
    let mut received: Vec<Option<S>> = vec![None; graph.len()];
    received[output.index()] = Some(S::lift(world, &Constant::Integer(1)));
    for id in graph.ids().rev() {
        let Some(upstream) = received[id.index()].clone() else { continue };
        let mask = taken.of(id);
        let children = graph.children(id);
        let mut pass = |k: usize, downstream: S| {
            let counts = match mask {
                MaskId::ALWAYS => downstream,
                mask => masks[mask.index()].clone().select(downstream, S::lift(world, &Constant::Integer(0))),
            };
            let counts = arrive(children[k], &upstream, counts);
            let slot = &mut received[children[k].index()];
            *slot = Some(match slot.take() {
                Some(before) => before + counts,
                None => counts,
            });
        };
        let arguments: Vec<S> = children.iter().map(|child| values[child.index()].clone()).collect();
        match graph.node(id) {
            Node::Fold(kind, _) => fold::pull_back(kind, &arguments, &upstream, &mut pass),
            node => {
                if let Some(op) = node.op() {
                    op.pull_back(7, &arguments, &values[id.index()], &upstream, &mut pass);
                }
            }
        }
    }
    received
}
