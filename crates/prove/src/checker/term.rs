//! What proofs speak of: expressions over exact numbers, shared where they occur twice.

use std::collections::HashMap;

use expr::{Constant, Fold, Function, Node, NodeId, Op};
use num_rational::BigRational;

use super::super::{Literals, number::Coefficient};

pub(crate) type TermId = u32;

/// An expression. Its value is a complex number, real wherever it stands for a node of the function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Term {
    Number(Coefficient),
    Pi,
    Input(u32),
    Sum(Vec<TermId>),
    Product(Vec<TermId>),
    /// A power. With a base that is written as an exponential: e^(c·w). Otherwise the exponent is real, and if it is no
    /// integer, the base is not negative.
    Power(TermId, Coefficient),
    Exp(TermId),
    /// The principal logarithm, also of what is negative.
    Ln(TermId),
    /// Any operator of the table, with its real arguments.
    Apply(Op, Vec<TermId>),
}

/// All terms of a proof; parts come before the whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    pub(crate) list: Vec<Term>,
    ids: HashMap<Term, TermId>,
}

impl Terms {
    pub(crate) fn id(&mut self, term: Term) -> TermId {
        let next = self.list.len() as TermId;
        let id = *self.ids.entry(term.clone()).or_insert(next);
        if id == next {
            self.list.push(term);
        }
        id
    }

    pub(crate) fn number(&mut self, value: BigRational) -> TermId {
        self.id(Term::Number(Coefficient::rational(value)))
    }

    pub(crate) fn integer(&mut self, value: i64) -> TermId {
        self.id(Term::Number(Coefficient::integer(value)))
    }

    pub(crate) fn power(&mut self, base: TermId, exponent: i64) -> TermId {
        self.id(Term::Power(base, Coefficient::integer(exponent)))
    }

    pub(crate) fn negated(&mut self, of: TermId) -> TermId {
        let minus = self.integer(-1);
        self.id(Term::Product(vec![minus, of]))
    }

    /// The nodes of a flat function that an output needs, as terms; none when a node has no meaning as one.
    pub(crate) fn of(&mut self, f: &Function, roots: [NodeId; 2], literals: Literals) -> Option<Vec<TermId>> {
        let graph = f.graph();
        let needed = graph.reached_from(&roots);
        let mut terms = vec![0; graph.len()];
        for id in graph.ids().filter(|id| needed[id.index()]) {
            let node = graph.node(id);
            let of: Vec<TermId> = graph.children(id).iter().map(|child| terms[child.index()]).collect();
            terms[id.index()] = match node {
                Node::Const(constant) => match graph.constant(constant) {
                    Constant::Pi => self.id(Term::Pi),
                    Constant::E => {
                        let one = self.integer(1);
                        self.id(Term::Exp(one))
                    }
                    number => {
                        let value = literals.value(number)?;
                        self.number(value)
                    }
                },
                Node::Input(block, offset) => self.id(Term::Input(f.position(block, offset) as u32)),
                Node::Fold(Fold::Sum, _) | Node::Binary(Op::Add, _) => self.id(Term::Sum(of)),
                Node::Fold(Fold::Product, _) | Node::Binary(Op::Mul, _) => self.id(Term::Product(of)),
                // An extreme of many is that of the first and the next, and so on.
                Node::Fold(fold, _) => {
                    let two = |a: TermId, b: &TermId| self.id(Term::Apply(fold.op(), vec![a, *b]));
                    of[1..].iter().fold(of[0], two)
                }
                Node::Unary(Op::Neg, _) => self.negated(of[0]),
                Node::Unary(Op::Square, _) => self.power(of[0], 2),
                Node::Unary(Op::Recip, _) => self.power(of[0], -1),
                Node::Binary(Op::Sub, _) => {
                    let minus = self.negated(of[1]);
                    self.id(Term::Sum(vec![of[0], minus]))
                }
                Node::Binary(Op::Div, _) => {
                    let inverse = self.power(of[1], -1);
                    self.id(Term::Product(vec![of[0], inverse]))
                }
                node => self.id(Term::Apply(node.op()?, of)),
            };
        }
        Some(terms)
    }
}
