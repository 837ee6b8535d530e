//! In which results of stages an output is linear: what these will receive is known before the backward pass.

use expr::{Feed, Fold, Function, Kind, Node, NodeId, Op, Stages};

/// A mark for scalars behind the inputs, of which there may be too many to look at each.
pub(super) struct Marks {
    inputs: usize,
    behind: Vec<bool>,
}

impl Marks {
    pub(super) fn new(inputs: usize, scalars: usize) -> Marks {
        Marks { inputs, behind: vec![false; scalars - inputs] }
    }

    pub(super) fn mark(&mut self, scalar: u32) {
        if let Some(k) = (scalar as usize).checked_sub(self.inputs) {
            self.behind[k] = true;
        }
    }

    pub(super) fn has(&self, scalar: u32) -> bool {
        (scalar as usize).checked_sub(self.inputs).is_some_and(|k| self.behind[k])
    }
}

/// Which scalars the one output is linear in with slopes that no number changes.
pub(super) fn linear(stages: &Stages) -> Marks {
    let inputs = stages.inputs();
    let mut linear = Marks::new(inputs, stages.scalars);
    let [output] = stages.outputs[..] else { return linear };
    linear.mark(output);
    let mut nonlinear = Marks::new(inputs, stages.scalars);
    for stage in stages.stages.iter().rev() {
        let Kind::Once { results } = &stage.kind else {
            stage.feeds.iter().for_each(|feed| {
                if let Feed::Scalar(scalar) = feed {
                    nonlinear.mark(*scalar);
                }
            });
            continue;
        };
        let (straight, used) = straight(&stage.body, |root| linear.has(results[root]));
        for (k, feed) in stage.feeds.iter().enumerate() {
            let Feed::Scalar(scalar) = feed else { continue };
            match straight[k] {
                true => linear.mark(*scalar),
                false if used[k] => nonlinear.mark(*scalar),
                false => {}
            }
        }
    }
    linear.behind.iter_mut().zip(nonlinear.behind).for_each(|(linear, nonlinear)| *linear &= !nonlinear);
    linear
}

/// Of each input of a flat function, whether its outputs, as far as these are asked for, are linear in it, and whether
/// they depend on it at all.
fn straight(body: &Function, asked: impl Fn(usize) -> bool) -> (Vec<bool>, Vec<bool>) {
    let graph = body.graph();
    let depends = body.depends_on_inputs();
    let (mut straight, mut nonlinear) = (vec![false; graph.len()], vec![false; graph.len()]);
    for (k, output) in body.outputs().iter().enumerate() {
        match asked(k) {
            true => straight[output.index()] = true,
            false => nonlinear[output.index()] = true,
        }
    }
    for id in graph.ids().rev() {
        let constant = |node: NodeId| !depends[node.index()];
        let passes = |k: usize| match graph.node(id) {
            Node::Unary(Op::Neg, _) | Node::Binary(Op::Add | Op::Sub, _) | Node::Fold(Fold::Sum, _) => true,
            Node::Binary(Op::Mul, ab) => constant(ab[1 - k]),
            Node::Binary(Op::Div, [_, b]) => k == 0 && constant(b),
            _ => false,
        };
        for (k, child) in graph.children(id).iter().enumerate() {
            let on = passes(k);
            straight[child.index()] |= straight[id.index()] && on;
            nonlinear[child.index()] |= nonlinear[id.index()] || straight[id.index()] && !on;
        }
    }
    let mut found = (vec![false; body.input_count()], vec![false; body.input_count()]);
    for id in graph.ids() {
        if let Node::Input(block, offset) = graph.node(id) {
            let k = body.position(block, offset);
            found.0[k] = straight[id.index()] && !nonlinear[id.index()];
            found.1[k] = straight[id.index()] || nonlinear[id.index()];
        }
    }
    found
}
