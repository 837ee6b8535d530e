//! Operators, calls of the library, elements of inputs.

use super::{Elaborator, Meaning};
use crate::diagnostic::Diagnostic;
use crate::jet::Jet;
use crate::keywords::plain;
use crate::library::define;
use crate::parser::{AstId, Logic, Syntax};
use crate::truth;
use expr::index::Index;
use expr::{Calculus, Constant, Fold, Node, Op, Scalar};

impl<'p, 'g> Elaborator<'p, 'g> {
    pub(super) fn number(&self, meaning: &Meaning<'g>, id: AstId) -> Result<Jet<'g>, Diagnostic> {
        match meaning {
            Meaning::Number(value, _) => Ok(*value),
            Meaning::Block(..) => Err(Diagnostic::at(
                self.place(id),
                "an indexed input stands here without its index",
                "needs an index",
            )),
            Meaning::Results(all) => Err(Diagnostic::at(
                self.place(id),
                format!("this iterate has {} results", all.len()),
                "pick one",
            )
            .help("write iterate(…)[1] for the first")),
        }
    }

    /// The results of the last children, as numbers.
    pub(super) fn numbers(&mut self, children: &[AstId]) -> Result<Vec<Jet<'g>>, Diagnostic> {
        let all = self.results.split_off(self.results.len() - children.len());
        all.iter().zip(children).map(|(meaning, &id)| self.number(meaning, id)).collect()
    }

    pub(super) fn index(&self, meaning: &Meaning<'g>, id: AstId) -> Result<Index, Diagnostic> {
        match meaning {
            Meaning::Number(_, Some(index)) => Ok(index.clone()),
            Meaning::Number(value, _) if self.is_huge(*value) => {
                Err(Diagnostic::at(self.place(id), "this bound or index is too large", "beyond any memory"))
            }
            _ => Err(Diagnostic::at(
                self.place(id),
                "a bound or an index must be an integer",
                "not made of integers, sizes and index variables",
            )
            .help("use + - * and constant powers of integers, sizes and index variables")),
        }
    }

    fn is_huge(&self, value: Jet<'g>) -> bool {
        match self.builder.graph().node(value.value().id()) {
            Node::Const(constant) => self.builder.graph().constant(constant).to_f64().abs() >= 1e15,
            _ => false,
        }
    }

    pub(super) fn apply(&mut self, op: Op, id: AstId) -> Result<Meaning<'g>, Diagnostic> {
        let children = &self.program.nodes[id].children;
        let operands = self.results[self.results.len() - children.len()..].to_vec();
        let numbers = self.numbers(children)?;
        let form = |k: usize| match &operands[k] {
            Meaning::Number(_, index) => index.as_ref(),
            _ => None,
        };
        if op == Op::Pow {
            let exponent = form(1).filter(|_| !self.is_decimal(children[1]));
            let literal = exponent.and_then(Index::as_constant);
            let index = form(0).zip(literal).and_then(|(base, k)| base.to_the(u32::try_from(k).ok()?));
            let value = match (exponent, literal) {
                // Of the exact base the power is the exponential.
                _ if self.is_e(numbers[0]) => numbers[1].exp(),
                (_, Some(k)) if k.unsigned_abs() < MAX_LITERAL => numbers[0].powi(self.jets.integer(k)),
                (Some(_), None) => numbers[0].powi(numbers[1]),
                _ => numbers[0].pow(numbers[1]),
            };
            return Ok(Meaning::Number(value, index));
        }
        let index = match (op, children.len()) {
            (Op::Neg, _) => form(0).and_then(|a| Index::from(0).minus(a)),
            (Op::Add, _) => form(0).zip(form(1)).and_then(|(a, b)| a.plus(b)),
            (Op::Sub, _) => form(0).zip(form(1)).and_then(|(a, b)| a.minus(b)),
            (Op::Mul, _) => form(0).zip(form(1)).and_then(|(a, b)| a.times(b)),
            _ => None,
        };
        Ok(Meaning::Number(Jet::apply(op, &numbers), index))
    }

    fn is_e(&self, base: Jet<'g>) -> bool {
        let graph = self.builder.graph();
        matches!(graph.node(base.value().id()), Node::Const(id) if *graph.constant(id) == Constant::E)
    }

    /// Whether an exponent is a number with a point or a power of ten, perhaps with a minus sign: that makes a real power.
    fn is_decimal(&self, id: AstId) -> bool {
        let node = &self.program.nodes[id];
        match &node.syntax {
            Syntax::Number(_) => !self.program.integral[id],
            Syntax::Apply(Op::Neg) => {
                let of = node.children[0];
                matches!(self.program.nodes[of].syntax, Syntax::Number(_)) && !self.program.integral[of]
            }
            _ => false,
        }
    }

    /// `a and b`, `a or b`, `not a`: branches, so that what is not needed is not read.
    pub(super) fn join(&mut self, logic: Logic, id: AstId) -> Result<Meaning<'g>, Diagnostic> {
        let numbers = self.numbers(&self.program.nodes[id].children)?;
        let [first, last] = [numbers[0], numbers[numbers.len() - 1]].map(|number| self.condition(number));
        let [zero, one] = [0, 1].map(|integer| self.jets.integer(integer));
        let value = match logic {
            Logic::And => first.select(last, zero),
            Logic::Or => first.select(one, last),
            Logic::Not => first.select(zero, one),
        };
        Ok(Meaning::Number(value, None))
    }

    /// A number as a condition: what is 0 or 1 as it stands, of everything else whether it is not 0.
    fn condition(&mut self, number: Jet<'g>) -> Jet<'g> {
        let value = number.value();
        truth::extend(&self.builder.graph(), &mut self.truths);
        if self.truths[value.id().index()] { number } else { number.ne(self.jets.integer(0)) }
    }

    /// The sum or product of these terms.
    pub(super) fn list(&mut self, fold: Fold, terms: &[AstId]) -> Result<Meaning<'g>, Diagnostic> {
        let numbers = self.numbers(terms)?;
        let value = match fold {
            Fold::Sum => Jet::sum(self.jets, &numbers),
            Fold::Product => Jet::product(self.jets, &numbers),
        };
        Ok(Meaning::Number(value, None))
    }

    pub(super) fn call(&mut self, name: &'p str, id: AstId) -> Result<Meaning<'g>, Diagnostic> {
        let children = &self.program.nodes[id].children;
        let operands = self.results[self.results.len() - children.len()..].to_vec();
        let numbers = self.numbers(children)?;
        let left = |op: Op| {
            let rest = numbers[1..].iter();
            rest.fold(numbers[0], |all, next| Jet::apply(op, &[all, *next]))
        };
        let value = match name {
            "min" => left(Op::Min),
            "max" => left(Op::Max),
            "if" => {
                let condition = self.condition(numbers[0]);
                condition.select(numbers[1], numbers[2])
            }
            "powi" if matches!(operands[1], Meaning::Number(_, None)) || self.is_decimal(children[1]) => {
                return Err(Diagnostic::at(
                    self.place(children[1]),
                    "the exponent of powi is made of literal integers, sizes and index variables",
                    "not of these",
                )
                .help("for any other exponent write pow or ^"));
            }
            name => define(self.jets, plain(name), &numbers).map_err(|error| {
                Diagnostic::at(self.place(children[error.position()]), error.to_string(), "here")
            })?,
        };
        Ok(Meaning::Number(value, None))
    }

    pub(super) fn subscript(&mut self, id: AstId) -> Result<Meaning<'g>, Diagnostic> {
        let node = &self.program.nodes[id];
        let Syntax::Subscript(name) = &node.syntax else { unreachable!("a subscript") };
        let Meaning::Block(block, elements) = self.name(name) else {
            return Err(Diagnostic::at(
                node.head.clone(),
                format!("{name} cannot be indexed"),
                "not an indexed input",
            ));
        };
        let forms = self.forms(&node.children)?;
        let read = self.builder.read(block, &forms);
        self.builder.place(read, node.place.clone());
        let mut value = self.jets.plain(read);
        for element in elements.iter() {
            if let Some(derivative) = self.coincidence(&forms, &element.forms) {
                value = self.jets.seeded(value, derivative, element.level);
            }
        }
        Ok(Meaning::Number(value, None))
    }

    /// The results of these children, as index forms.
    pub(super) fn forms(&mut self, children: &[AstId]) -> Result<Vec<Index>, Diagnostic> {
        let all = self.results.split_off(self.results.len() - children.len());
        all.iter().zip(children).map(|(meaning, &child)| self.index(meaning, child)).collect()
    }

    pub(super) fn pick(&mut self, id: AstId) -> Result<Meaning<'g>, Diagnostic> {
        let which = self.program.nodes[id].children[1];
        let Syntax::Number(k) = &self.program.nodes[which].syntax else {
            unreachable!("checked by name resolution")
        };
        let all = match self.results.pop().expect("the iteration") {
            Meaning::Results(all) => all,
            Meaning::Number(value, _) => vec![value],
            Meaning::Block(..) => unreachable!("an iteration has results"),
        };
        let k = k.as_integer().and_then(|k| usize::try_from(k).ok()).filter(|k| (1..=all.len()).contains(k));
        match k {
            Some(k) => Ok(Meaning::Number(all[k - 1], None)),
            None => Err(Diagnostic::at(
                self.place(which),
                format!("this iterate has {} results", all.len()),
                "counted from 1",
            )),
        }
    }
}

/// Literal exponents are smaller than this; beyond it powers are real.
const MAX_LITERAL: u64 = 1_000_000_000_000_000;
