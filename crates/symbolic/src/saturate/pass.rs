//! One pass from the inputs upwards, for graphs of any size: at every node those rules whose right-hand side is certainly
//! cheaper than the node alone, whatever else reads what stood there before.
//!
//! Only rules without a condition are used. Such a rule is right wherever its left side is defined, one node at a time
//! and in one direction, so this is safe in branches as well.

use std::sync::OnceLock;

use egg::{ENodeOrVar, Id, Pattern, Var};
use expr::{Builder, Expr, Function, Graph, Node, NodeId, Op, Scalar, Style};

use super::enode::{self, ENode, literals};
use super::rules::rewrite_rules;

/// So many times a node is rewritten at most.
const DEPTH: usize = 5;

/// A rule as it is used here.
struct Step {
    left: Pattern<ENode>,
    right: Pattern<ENode>,
}

/// What certainly comes to cost less: the right-hand side costs less than the topmost operator of the left one.
fn steps() -> &'static [Vec<Step>] {
    static STEPS: OnceLock<Vec<Vec<Step>>> = OnceLock::new();
    STEPS.get_or_init(|| {
        let mut steps: Vec<Vec<Step>> = Op::ALL.iter().map(|_| Vec::new()).collect();
        for law in rewrite_rules().iter().filter(|law| law.condition.is_none()) {
            let side = |text: &str| -> Pattern<ENode> {
                text.parse().unwrap_or_else(|error| panic!("rule {}: {text}: {error}", law.name))
            };
            let (left, right) = (side(law.left), side(law.right));
            let cost = |node: &ENodeOrVar<ENode>| match node {
                ENodeOrVar::ENode(ENode::Node(node)) => node.op().map_or(0, |op| u64::from(op.cost())),
                _ => 0,
            };
            let top = &left.ast[left.ast.root()];
            let ENodeOrVar::ENode(ENode::Node(node)) = top else { continue };
            let after: u64 = right.ast.as_ref().iter().map(cost).sum();
            if after < cost(top) {
                let op = node.op().expect("patterns are made of operators");
                steps[op as usize].push(Step { left, right });
            }
        }
        steps
    })
}

/// What a variable stands for, in the order of their first use; sides have few.
type Binding = Vec<(Var, NodeId)>;

/// The function after the pass, and how many rules were applied.
pub(super) fn pass(f: &Function) -> (Function, usize) {
    let mut applied = 0;
    let found = f.rebuilt(Style::Derived, |made, id| {
        let mut built = made.copy(id);
        for _ in 0..DEPTH {
            let Some(better) = rewrite(made.builder(), built.id()) else { break };
            built = better;
            applied += 1;
        }
        Some(built)
    });
    (found, applied)
}

/// The node by the first rule that fits.
fn rewrite(builder: &Builder, id: NodeId) -> Option<Expr<'_>> {
    let op = builder.graph().node(id).op()?;
    steps()[op as usize].iter().find_map(|Step { left, right }| {
        let mut binding = Binding::new();
        let fits = fits(&builder.graph(), left, left.ast.root(), id, &mut binding);
        if fits { build(builder, right, &binding) } else { None }
    })
}

/// Whether a node looks like the pattern; binds its variables. Patterns are a few operators deep.
fn fits(graph: &Graph, pattern: &Pattern<ENode>, at: Id, id: NodeId, binding: &mut Binding) -> bool {
    match &pattern.ast[at] {
        ENodeOrVar::Var(variable) => match binding.iter().find(|(known, _)| known == variable) {
            Some((_, known)) => *known == id,
            None => {
                binding.push((*variable, id));
                true
            }
        },
        ENodeOrVar::ENode(ENode::Rational(value)) => match graph.node(id) {
            Node::Const(constant) => {
                matches!(enode::constant(constant, graph.constant(constant)), ENode::Rational(own) if own == *value)
            }
            _ => false,
        },
        ENodeOrVar::ENode(ENode::Node(node)) => {
            let own = graph.node(id);
            own.op() == node.op()
                && own
                    .operands()
                    .iter()
                    .zip(node.operands())
                    .all(|(&child, &part)| fits(graph, pattern, part, child, binding))
        }
    }
}

/// The pattern with its variables replaced; nothing when a number in it cannot be written down.
fn build<'g>(builder: &'g Builder, pattern: &Pattern<ENode>, binding: &Binding) -> Option<Expr<'g>> {
    let mut handles: Vec<Expr<'g>> = Vec::new();
    for part in pattern.ast.as_ref() {
        let built = match part {
            ENodeOrVar::Var(variable) => {
                builder.handle(binding.iter().find(|(known, _)| known == variable)?.1)
            }
            ENodeOrVar::ENode(ENode::Rational(value)) => match literals(value)? {
                (literal, None) => builder.lift(&literal),
                (numerator, Some(denominator)) => builder.lift(&numerator) / builder.lift(&denominator),
            },
            ENodeOrVar::ENode(ENode::Node(node)) => {
                let arguments: Vec<Expr<'g>> =
                    node.operands().iter().map(|&part| handles[usize::from(part)]).collect();
                Expr::apply(node.op()?, &arguments)
            }
        };
        handles.push(built);
    }
    handles.last().copied()
}
