//! From an e-graph to the cheapest function in it: one e-node per e-class, for all outputs at once, shared parts
//! counted once, beginning with the graph that went in.

use egg::{EGraph, Id, Language};
use num_rational::BigRational;
use rustc_hash::FxHashMap;

use expr::{Builder, Expr, Function, Node, NodeId, Op, Scalar, Style};

use super::analysis::Facts;
use super::dag::{Alternative, Choice, Dag};
use super::enode::{ENode, literals};
use crate::cost::SQUARE;

/// Costs count first; of equal ones the graph with fewer operations is cheaper.
pub(super) const UNIT: u64 = 1 << 20;

/// An e-graph as classes with alternatives, and the e-nodes that those are.
pub(super) struct Extraction<'e> {
    egraph: &'e EGraph<ENode, Facts>,
    numbers: FxHashMap<Id, u32>,
    enodes: Vec<Vec<&'e ENode>>,
    pub(super) dag: Dag,
    /// The graph as it went in.
    pub(super) original: Choice,
}

/// The cheapest function that was found; nothing when some output cannot be written down.
pub(super) fn extract(
    f: &Function,
    egraph: &EGraph<ENode, Facts>,
    classes: &[Id],
    written: &[ENode],
) -> Option<Function> {
    let extraction = Extraction::new(f, egraph, classes, written);
    let choice = extraction.dag.cheapest(Some(&extraction.original))?;
    extraction.build(f, classes, &choice)
}

impl<'e> Extraction<'e> {
    /// Classes that no output can need, and e-nodes that cost no less than another of their class which reads no more,
    /// are left out.
    pub(super) fn new(
        f: &Function,
        egraph: &'e EGraph<ENode, Facts>,
        classes: &[Id],
        written: &'e [ENode],
    ) -> Extraction<'e> {
        // The original graph: of nodes that turned out equal the first, so that children come before parents.
        let mut first: FxHashMap<Id, &ENode> = FxHashMap::default();
        for (class, enode) in classes.iter().zip(written) {
            first.entry(egraph.find(*class)).or_insert(enode);
        }
        let mut numbers: FxHashMap<Id, u32> = FxHashMap::default();
        let mut ids: Vec<Id> = Vec::new();
        let mut number = |id: Id, ids: &mut Vec<Id>| {
            let id = egraph.find(id);
            *numbers.entry(id).or_insert_with(|| {
                ids.push(id);
                ids.len() as u32 - 1
            })
        };
        let wanted: Vec<u32> =
            f.outputs().iter().map(|output| number(classes[output.index()], &mut ids)).collect();
        let (mut all, mut enodes, mut original) = (Vec::new(), Vec::new(), Choice::new());
        while let Some(&id) = ids.get(all.len()) {
            let own = all.len() as u32;
            let mut alternatives: Vec<Alternative> = Vec::new();
            let mut these: Vec<&ENode> = Vec::new();
            // As written comes first, so that it is what is left of equals.
            for enode in first.get(&id).copied().into_iter().chain(&egraph[id].nodes) {
                let Some(cost) = own_cost(egraph, enode) else { continue };
                let mut children: Vec<u32> =
                    enode.children().iter().map(|&child| number(child, &mut ids)).collect();
                children.sort_unstable();
                children.dedup();
                let beaten = |by: &Alternative| {
                    by.cost <= cost && by.children.iter().all(|child| children.contains(child))
                };
                if !children.contains(&own) && !alternatives.iter().any(beaten) {
                    alternatives.push(Alternative { cost, children });
                    these.push(enode);
                }
            }
            original.push((first.contains_key(&id) && !these.is_empty()).then_some(0));
            all.push(alternatives);
            enodes.push(these);
        }
        Extraction { egraph, numbers, enodes, dag: Dag::new(all, wanted), original }
    }

    fn build(&self, f: &Function, classes: &[Id], choice: &Choice) -> Option<Function> {
        let graph = f.graph();
        let builder = Builder::new(Style::Derived);
        builder.copy_blocks(graph);
        let outputs: Vec<NodeId> = {
            let mut handles: Vec<Option<Expr<'_>>> = vec![None; self.enodes.len()];
            let number = |id: &Id| self.numbers[&self.egraph.find(*id)] as usize;
            for class in self.dag.order(choice)? {
                let handle = |id: &Id| handles[number(id)].expect("children come first");
                let built = match self.enodes[class as usize][choice[class as usize]? as usize] {
                    ENode::Rational(value) => match literals(value)? {
                        (literal, None) => builder.lift(&literal),
                        (numerator, Some(denominator)) => {
                            Expr::apply(Op::Div, &[builder.lift(&numerator), builder.lift(&denominator)])
                        }
                    },
                    ENode::Node(Node::Const(id)) => builder.lift(graph.constant(*id)),
                    ENode::Node(Node::Input(block, offset)) => builder.element(*block, *offset),
                    ENode::Node(node) => {
                        let arguments: Vec<Expr<'_>> = node.operands().iter().map(handle).collect();
                        Expr::apply(node.op()?, &arguments)
                    }
                };
                handles[class as usize] = Some(built);
            }
            let output = |output: &NodeId| handles[number(&classes[output.index()])].map(Expr::id);
            f.outputs().iter().map(output).collect::<Option<_>>()?
        };
        Some(builder.finish(outputs))
    }
}

/// What one evaluation of an e-node costs, its children apart; nothing for what cannot be written down.
fn own_cost(egraph: &EGraph<ENode, Facts>, enode: &ENode) -> Option<u64> {
    match enode {
        ENode::Rational(value) => literals(value).map(|_| 0),
        ENode::Node(Node::Binary(Op::Powi, [_, exponent])) => {
            // An integer power needs its exponent as a literal.
            let value = egraph[*exponent].data.value.as_ref().filter(|value| value.is_integer())?;
            let square = *value == BigRational::from_integer(2.into());
            let cost = if square { SQUARE } else { u64::from(Op::Powi.cost()) };
            Some(cost * UNIT + 1)
        }
        ENode::Node(node) => Some(node.op().map_or(0, |op| u64::from(op.cost()) * UNIT + 1)),
    }
}
