//! From a graph to products of powers of atoms, node by node.

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use expr::{Constant, Fold, Graph, Node, NodeId, Op};

use super::algebra::{Algebra, Atom, Exponent, GiveUp, Product, Result};
use crate::literals::Literals;

/// What a function's nodes are, as far as they are needed.
pub(super) struct Translation {
    forms: Vec<Option<Product>>,
}

/// Which nodes are asked for, and how.
pub(super) struct Request<'f> {
    graph: &'f Graph,
    /// Nodes that a root is made of.
    needed: Vec<bool>,
    /// Nodes that are terms of the only sum that reads them.
    absorbed: Vec<bool>,
    /// Nodes that the user wrote.
    written: Vec<bool>,
}

impl<'f> Request<'f> {
    /// The nodes that these roots need; `written` are the outputs that the user wrote.
    pub(super) fn new(graph: &'f Graph, roots: &[NodeId], written: &[NodeId]) -> Request<'f> {
        let needed = graph.reached_from(roots);
        let mut uses = vec![0u32; graph.len()];
        roots.iter().for_each(|root| uses[root.index()] += 2);
        let mut absorbed = vec![false; graph.len()];
        for id in graph.ids().filter(|id| needed[id.index()]) {
            graph.children(id).iter().for_each(|child| uses[child.index()] += 1);
        }
        for id in graph.ids().filter(|id| needed[id.index()] && is_sum(graph.node(*id))) {
            for child in graph.children(id) {
                absorbed[child.index()] = uses[child.index()] == 1 && is_sum(graph.node(*child));
            }
        }
        Request { graph, needed, absorbed, written: graph.reached_from(written) }
    }

    /// Decimals that are no whole numbers make decimals of all fractions.
    pub(super) fn has_decimals(&self) -> bool {
        let graph = self.graph;
        graph.ids().filter(|id| self.needed[id.index()]).any(|id| match graph.node(id) {
            Node::Const(constant) => {
                let constant = graph.constant(constant);
                matches!(constant, Constant::Decimal(decimal) if decimal.exponent() < 0)
            }
            _ => false,
        })
    }
}

fn is_sum(node: Node<NodeId>) -> bool {
    matches!(node, Node::Binary(Op::Add | Op::Sub, _) | Node::Unary(Op::Neg, _) | Node::Fold(Fold::Sum, _))
}

impl Translation {
    /// Every node that the roots need. What becomes too large is a leaf, or where `strict` ends everything.
    pub(super) fn of(request: &Request<'_>, algebra: &mut Algebra, strict: bool) -> Result<Translation> {
        let graph = request.graph;
        let mut all = Translation { forms: vec![None; graph.len()] };
        for id in graph.ids() {
            if !request.needed[id.index()] || request.absorbed[id.index()] {
                continue;
            }
            let form = match all.node(request, algebra, id) {
                Ok(form) => form,
                Err(GiveUp) if strict => return Err(GiveUp),
                Err(GiveUp) => Product::atom(algebra.id(Atom::Leaf(id))),
            };
            all.forms[id.index()] = Some(form);
        }
        Ok(all)
    }

    pub(super) fn form(&self, id: NodeId) -> &Product {
        self.forms[id.index()].as_ref().expect("what is needed has a form, children first")
    }

    fn node(&self, request: &Request<'_>, algebra: &mut Algebra, id: NodeId) -> Result<Product> {
        let graph = request.graph;
        match graph.node(id) {
            Node::Const(constant) => match graph.constant(constant) {
                Constant::Pi => {
                    let leaf = algebra.id(Atom::Leaf(id));
                    algebra.pi = Some(leaf);
                    Ok(Product::atom(leaf))
                }
                Constant::E => algebra.exponential(&Product::integer(1), true),
                constant => Ok(Product::number(Literals::Exact.value(constant).ok_or(GiveUp)?)),
            },
            Node::Reduce(..) => self.bound(algebra, id, graph.children(id)),
            Node::Fold(fold, _) if fold.is_extreme() => self.bound(algebra, id, graph.children(id)),
            // Arrays and iterations are in a form already.
            Node::Input(..)
            | Node::Symbol(_)
            | Node::Read(..)
            | Node::State(..)
            | Node::Iterate(_)
            | Node::Project(..)
            | Node::Array(..)
            | Node::Element(..) => Ok(Product::atom(algebra.id(Atom::Leaf(id)))),
            node if is_sum(node) => self.sum(request, algebra, id),
            Node::Fold(_, _) => {
                let factors: Vec<&Product> =
                    graph.children(id).iter().map(|child| self.form(*child)).collect();
                algebra.product(&factors)
            }
            node => {
                let op = node.op().ok_or(GiveUp)?;
                self.operator(request, algebra, op, graph.children(id))
            }
        }
    }

    fn bound(&self, algebra: &mut Algebra, id: NodeId, children: &[NodeId]) -> Result<Product> {
        let children = children.iter().map(|child| self.form(*child).clone()).collect();
        Ok(Product::atom(algebra.id(Atom::Bound(id, children))))
    }

    /// A sum of sums as one, its terms in the order in which they are written.
    fn sum(&self, request: &Request<'_>, algebra: &mut Algebra, id: NodeId) -> Result<Product> {
        let graph = request.graph;
        let mut terms: Vec<Product> = Vec::new();
        // A sum below this one is taken apart as well where nothing else reads it.
        let mut open = vec![(id, false, true)];
        while let Some((id, negative, apart)) = open.pop() {
            if !apart {
                let form = self.form(id).clone();
                terms.push(if negative { form.negated() } else { form });
                continue;
            }
            for (k, &child) in graph.children(id).iter().enumerate().rev() {
                let turned = match graph.node(id) {
                    Node::Binary(Op::Sub, _) => k == 1,
                    Node::Unary(..) => true,
                    _ => false,
                };
                open.push((child, negative != turned, request.absorbed[child.index()]));
            }
        }
        let sum = algebra.sum_of(terms.clone())?;
        if request.written[id.index()] && terms.len() > 1 {
            match sum.powers.as_slice() {
                [(atom, e)] if e.is_one() && matches!(algebra.get(*atom), Atom::Sum(_)) => {
                    // What is written with an atom is made of earlier ones, so that writing ends.
                    if terms.iter().flat_map(|term| &term.powers).all(|(id, _)| id < atom) {
                        let inverse = BigRational::one() / &sum.number;
                        let order = || terms.into_iter().map(|term| term.scaled(&inverse)).collect();
                        algebra.orders.entry(*atom).or_insert_with(order);
                    }
                }
                _ => {
                    algebra.as_written.entry(sum.clone()).or_insert(terms);
                }
            }
        }
        Ok(sum)
    }

    fn operator(
        &self,
        request: &Request<'_>,
        algebra: &mut Algebra,
        op: Op,
        children: &[NodeId],
    ) -> Result<Product> {
        let graph = request.graph;
        let of = |k: usize| self.form(children[k]).clone();
        let half = Exponent::new(1, 2);
        match op {
            Op::Mul => algebra.times(&of(0), &of(1)),
            Op::Div => {
                let inverse = algebra.inverse(&of(1))?;
                algebra.times(&of(0), &inverse)
            }
            Op::Square => algebra.whole_power(&of(0), 2),
            Op::Recip => algebra.inverse(&of(0)),
            Op::Sqrt => algebra.power(&of(0), half),
            Op::Powi => match of(1).as_number() {
                Some(n) => {
                    let n = super::algebra::exponent(n).ok_or(GiveUp)?;
                    algebra.power(&of(0), n)
                }
                None => Ok(algebra.apply(op, vec![of(0), of(1)])),
            },
            Op::Pow => {
                let is_e =
                    matches!(graph.node(children[0]), Node::Const(c) if *graph.constant(c) == Constant::E);
                match is_e {
                    true => algebra.exponential(&of(1), true),
                    false => algebra.general_power(&of(0), &of(1)),
                }
            }
            Op::Exp => algebra.exponential(&of(0), false),
            Op::Exp2 => algebra.general_power(&Product::integer(2), &of(0)),
            Op::Ln => algebra.logarithm(&of(0)),
            Op::Xlogy => {
                let logarithm = algebra.logarithm(&of(1))?;
                algebra.times(&of(0), &logarithm)
            }
            Op::Abs => algebra.absolute(&of(0)),
            Op::Sign => algebra.sign(&of(0)),
            Op::Hypot => {
                let (a, b) = (of(0), of(1));
                let squares = vec![algebra.whole_power(&a, 2)?, algebra.whole_power(&b, 2)?];
                let sum = algebra.sum_of(squares)?;
                if let Some(id) = sum.as_atom()
                    && [&a, &b].into_iter().flat_map(|side| &side.powers).all(|(own, _)| *own < id)
                    && a.as_number().is_none()
                    && b.as_number().is_none()
                {
                    algebra.hypots.insert(id, [a, b]);
                }
                algebra.power(&sum, half)
            }
            Op::Select => {
                let (condition, yes, no) = (of(0), of(1), of(2));
                algebra.choice(condition, yes, no)
            }
            Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge => {
                let (a, b) = (of(0), of(1));
                match (a.as_number(), b.as_number()) {
                    (Some(a), Some(b)) => Ok(compared(op, &(a - b))),
                    _ => Ok(algebra.apply(op, vec![a, b])),
                }
            }
            _ if children.len() == 1 => algebra.function(op, of(0)),
            _ => Ok(algebra.apply(op, (0..children.len()).map(of).collect())),
        }
    }
}

/// Operators with squares that can be written in another way.
pub(super) fn is_circular(op: Op) -> bool {
    matches!(op, Op::Sin | Op::Cos | Op::Tan | Op::Sinh | Op::Cosh)
}

/// A comparison of numbers, by their difference.
fn compared(op: Op, difference: &BigRational) -> Product {
    let holds = match op {
        Op::Eq => difference.is_zero(),
        Op::Ne => !difference.is_zero(),
        Op::Lt => difference.is_negative(),
        Op::Le => !difference.is_positive(),
        Op::Gt => difference.is_positive(),
        _ => !difference.is_negative(),
    };
    Product::integer(holds.into())
}
