//! The cheapest graph in an e-graph: one e-node per e-class, for all outputs at once, shared parts counted once.
//!
//! That is NP-hard (Stepp 2011), so: begin with the better of the original graph and the one of cheapest trees, then
//! try every single exchange, and keep one only if the whole graph gets cheaper and stays free of cycles. What comes
//! out is therefore never worse than what went in.

use std::collections::BTreeMap;

use egg::{EGraph, Id, Language};
use num_rational::BigRational;

use expr::{Builder, Expr, Function, Node, NodeId, Op, Scalar, Style};

use super::analysis::Facts;
use super::enode::{ENode, literals};
use crate::simplify::SQUARE;

/// Which e-node is taken in each e-class.
type Choice = BTreeMap<Id, ENode>;

/// At most so many rounds of exchanges.
const ROUNDS: usize = 8;

struct Extraction<'e> {
    egraph: &'e EGraph<ENode, Facts>,
    roots: Vec<Id>,
    /// The best tree of every class, taken where nothing else was chosen.
    trees: Choice,
}

/// What one evaluation of an e-node costs, its children apart; nothing for what cannot be written down.
fn own_cost(enode: &ENode) -> Option<u64> {
    match enode {
        ENode::Rational(value) => literals(value).map(|_| 0),
        ENode::Node(node) => Some(node.op().map_or(0, |op| u64::from(op.cost()))),
    }
}

/// The cheapest function that was found; nothing when some output cannot be written down.
pub(super) fn extract(
    f: &Function,
    egraph: &EGraph<ENode, Facts>,
    classes: &[Id],
    written: &[ENode],
) -> Option<Function> {
    let roots = f.outputs().iter().map(|output| egraph.find(classes[output.index()])).collect();
    let extraction = Extraction { egraph, roots, trees: cheapest_trees(egraph) };
    // The original graph: of nodes that turned out equal the first, so that children come before parents.
    let mut original = Choice::new();
    for (class, enode) in classes.iter().zip(written) {
        original.entry(egraph.find(*class)).or_insert_with(|| enode.clone());
    }
    let trees = Choice::new();
    let mut best = [original, trees]
        .into_iter()
        .filter_map(|choice| Some((extraction.cost(&choice)?, choice)))
        .min_by_key(|(cost, _)| *cost)?;
    for _ in 0..ROUNDS {
        if !extraction.improve(&mut best) {
            break;
        }
    }
    extraction.build(f, &best.1)
}

/// The cheapest tree of every class, by repetition until nothing changes.
fn cheapest_trees(egraph: &EGraph<ENode, Facts>) -> Choice {
    let mut ids: Vec<Id> = egraph.classes().map(|class| class.id).collect();
    ids.sort_unstable();
    let mut costs: BTreeMap<Id, u64> = BTreeMap::new();
    let mut choice = Choice::new();
    loop {
        let mut changed = false;
        for &id in &ids {
            for enode in &egraph[id].nodes {
                let children: Option<u64> = enode
                    .children()
                    .iter()
                    .try_fold(0u64, |sum, child| Some(sum.saturating_add(*costs.get(&egraph.find(*child))?)));
                // One more than its own cost: of equals the smaller tree, and no cycles of free nodes.
                let Some(cost) =
                    own_cost(enode).zip(children).map(|(own, below)| below.saturating_add(16 * own + 1))
                else {
                    continue;
                };
                if costs.get(&id).is_none_or(|&known| cost < known) {
                    costs.insert(id, cost);
                    choice.insert(id, enode.clone());
                    changed = true;
                }
            }
        }
        if !changed {
            return choice;
        }
    }
}

impl<'e> Extraction<'e> {
    fn chosen<'c>(&'c self, choice: &'c Choice, class: Id) -> Option<&'c ENode> {
        choice.get(&class).or_else(|| self.trees.get(&class))
    }

    /// The classes that a choice uses, children first; nothing if it has a cycle or a hole.
    fn order(&self, choice: &Choice) -> Option<Vec<Id>> {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            Open,
            Done,
        }
        let mut marks: BTreeMap<Id, Mark> = BTreeMap::new();
        let mut order = Vec::new();
        let mut todo: Vec<(Id, bool)> = self.roots.iter().rev().map(|&root| (root, false)).collect();
        while let Some((class, children_done)) = todo.pop() {
            if children_done {
                marks.insert(class, Mark::Done);
                order.push(class);
                continue;
            }
            match marks.get(&class) {
                Some(Mark::Done) => continue,
                Some(Mark::Open) => return None,
                None => {}
            }
            marks.insert(class, Mark::Open);
            todo.push((class, true));
            let enode = self.chosen(choice, class)?;
            for child in enode.children() {
                let child = self.egraph.find(*child);
                match marks.get(&child) {
                    Some(Mark::Done) => {}
                    Some(Mark::Open) => return None,
                    None => todo.push((child, false)),
                }
            }
        }
        Some(order)
    }

    /// What the whole graph costs, every class once; of equal costs the one with fewer operations counts as less.
    fn cost(&self, choice: &Choice) -> Option<(u64, usize)> {
        let (mut cost, mut operations) = (0, 0);
        for class in self.order(choice)? {
            let enode = self.chosen(choice, class)?;
            cost += self.node_cost(enode)?;
            operations += usize::from(matches!(enode, ENode::Node(node) if node.op().is_some()));
        }
        Some((cost, operations))
    }

    fn node_cost(&self, enode: &ENode) -> Option<u64> {
        if let ENode::Node(Node::Binary(Op::Powi, [_, exponent])) = enode {
            // An integer power needs its exponent as a literal.
            let value = self.egraph[*exponent].data.value.as_ref()?;
            if !value.is_integer() {
                return None;
            }
            if *value == BigRational::from_integer(2.into()) {
                return Some(SQUARE);
            }
        }
        own_cost(enode)
    }

    /// Tries every exchange of one e-node; says whether any was kept.
    fn improve(&self, best: &mut ((u64, usize), Choice)) -> bool {
        let mut improved = false;
        let Some(order) = self.order(&best.1) else { return false };
        for class in order.into_iter().rev() {
            for enode in &self.egraph[class].nodes {
                if self.chosen(&best.1, class) == Some(enode) {
                    continue;
                }
                let before = best.1.insert(class, enode.clone());
                match self.cost(&best.1) {
                    Some(cost) if cost < best.0 => {
                        best.0 = cost;
                        improved = true;
                    }
                    _ => {
                        match before {
                            Some(before) => best.1.insert(class, before),
                            None => best.1.remove(&class),
                        };
                    }
                }
            }
        }
        improved
    }

    fn build(&self, f: &Function, choice: &Choice) -> Option<Function> {
        let graph = f.graph();
        let builder = Builder::new(Style::Derived);
        builder.copy_blocks(graph);
        let outputs: Vec<NodeId> = {
            let mut handles: BTreeMap<Id, Expr<'_>> = BTreeMap::new();
            for class in self.order(choice)? {
                let handle = |id: &Id| handles[&self.egraph.find(*id)];
                let built = match self.chosen(choice, class)? {
                    ENode::Rational(value) => match literals(value)? {
                        (literal, None) => builder.lift(&literal),
                        (numerator, Some(denominator)) => {
                            Expr::apply(Op::Div, &[builder.lift(&numerator), builder.lift(&denominator)])
                        }
                    },
                    ENode::Node(Node::Const(id)) => builder.lift(graph.constant(*id)),
                    ENode::Node(Node::Input(block, offset)) => builder.element(*block, *offset),
                    ENode::Node(node) => {
                        let arguments: Vec<Expr<'_>> = node.holes().iter().map(handle).collect();
                        Expr::apply(node.op()?, &arguments)
                    }
                };
                handles.insert(class, built);
            }
            self.roots.iter().map(|root| handles[root].id()).collect()
        };
        Some(builder.finish(outputs))
    }
}
