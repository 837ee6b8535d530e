//! What is known of the sign of every node of a graph where f and all its outputs are defined, in one sweep.

use expr::{Function, Node, NodeId, Op};
use num_rational::BigRational;
use num_traits::Signed;

use super::analysis::{ANY, Fact, Facts, Signs, needs, sign_of};
use super::enode::{self, ENode};

/// The signs of every node. What a node that is `always` computed needs to be defined is so.
pub(super) fn signs(f: &Function, always: &[bool]) -> Vec<Signs> {
    let graph = f.graph();
    let facts = Facts::new(graph.constants().to_vec(), Vec::new(), true);
    let value = |id: NodeId| -> Option<BigRational> {
        let Node::Const(constant) = graph.node(id) else { return None };
        match enode::constant(constant, graph.constant(constant)) {
            ENode::Rational(value) => Some(value),
            ENode::Node(_) => None,
        }
    };
    let mut signs = vec![ANY; graph.len()];
    for id in graph.ids().filter(|id| always[id.index()]) {
        let node = graph.node(id);
        let Some(op) = node.op() else { continue };
        let negative = || {
            node.operands().get(1).is_some_and(|&exponent| value(exponent).is_some_and(|v| v.is_negative()))
        };
        needs(op, negative, |k, allowed| signs[node.operands()[k].index()] &= allowed);
    }
    for id in graph.ids() {
        let of = |k: usize, signs: &[Signs]| {
            let child = graph.node(id).operands()[k];
            // Only exponents are asked for their value.
            let value = if k == 1 && graph.node(id).op() == Some(Op::Powi) { value(child) } else { None };
            Fact { signs: signs[child.index()], value }
        };
        let own = match graph.node(id) {
            Node::Const(constant) => match value(id) {
                Some(value) => sign_of(&value),
                None => facts.sign_of_constant(constant),
            },
            node => node.op().map_or(ANY, |op| facts.signs(op, &|k| of(k, &signs))),
        };
        signs[id.index()] &= own;
    }
    signs
}
