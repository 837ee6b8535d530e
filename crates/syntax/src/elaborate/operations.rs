//! Operators, calls of the library, elements of inputs.

use std::collections::BTreeSet;

use super::vectors::{is_array, kind};
use super::{Elaborator, Element, Meaning};
use crate::diagnostic::Diagnostic;
use crate::jet::{Jet, Jets};
use crate::keywords::plain;
use crate::library::define;
use crate::parser::{AstId, Logic, Syntax};
use crate::truth;
use expr::graph::Role;
use expr::index::Index;
use expr::{BlockId, Calculus, Constant, Fold, Node, Op, Scalar};

impl<'p, 'g> Elaborator<'p, 'g> {
    pub(super) fn number(&self, meaning: &Meaning<'g>, id: AstId) -> Result<Jet<'g>, Diagnostic> {
        match meaning {
            Meaning::Number(value, _) => Ok(*value),
            Meaning::Block(..) => Err(Diagnostic::at(
                self.place(id),
                "an indexed input stands here without its index",
                "needs an index",
            )),
            Meaning::Array(array) => {
                let is_name = matches!(self.program.nodes[array.origin].syntax, Syntax::Name(_));
                let (at, message) = match is_name {
                    true => (array.origin, "an indexed input stands here without its index"),
                    false => (id, "an array stands here where one number is expected"),
                };
                Err(Diagnostic::at(self.place(at), message, "needs an index"))
            }
            Meaning::Results(all) => {
                let message = format!("this is {} results", all.len());
                let help = "write (…)[1] for the first; of a scan (…)[1, k], after step k";
                Err(Diagnostic::at(self.place(id), message, "pick one").help(help))
            }
        }
    }

    /// The results of the last children, as numbers.
    pub(super) fn numbers(&mut self, children: &[AstId]) -> Result<Vec<Jet<'g>>, Diagnostic> {
        let all = self.results.split_off(self.results.len() - children.len());
        all.iter().zip(children).map(|(meaning, &id)| self.number(meaning, id)).collect()
    }

    pub(super) fn too_large(&self, id: AstId) -> Diagnostic {
        Diagnostic::at(self.place(id), "this bound or index is too large", "beyond any memory")
    }

    pub(super) fn index(&mut self, meaning: &Meaning<'g>, id: AstId) -> Result<Index, Diagnostic> {
        match meaning {
            Meaning::Number(_, Some(index)) => Ok(index.clone()),
            Meaning::Number(value, None) if self.becomes_data(*value) => Err(self.once_more()),
            Meaning::Number(value, _) if self.is_huge(*value) => Err(self.too_large(id)),
            _ => Err(Diagnostic::at(
                self.place(id),
                "a bound or an index must be an integer",
                "not made of integers, sizes, index variables and data",
            )
            .help(
                "use + - * and constant powers of integers, sizes, index variables and elements of inputs",
            )),
        }
    }

    /// Makes data of the indexed inputs that a number is made of, where it would be an integer if they were; says whether there are
    /// any.
    fn becomes_data(&mut self, value: Jet<'g>) -> bool {
        let graph = self.builder.graph();
        let mut read = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut todo = vec![value.value().id()];
        while let Some(id) = todo.pop() {
            if !seen.insert(id) {
                continue;
            }
            match graph.node(id) {
                Node::Read(block, _) => read.extend((graph.block(block).role != Role::Data).then_some(block)),
                Node::Const(_) | Node::Symbol(_) => {}
                Node::Unary(Op::Neg, _) | Node::Binary(Op::Add | Op::Sub | Op::Mul, _) => {
                    todo.extend(graph.children(id));
                }
                Node::Binary(Op::Pow | Op::Powi, [base, exponent])
                    if matches!(graph.node(exponent), Node::Const(_)) =>
                {
                    todo.push(base);
                }
                _ => return false,
            }
        }
        self.found.data.extend(&read);
        !read.is_empty()
    }

    fn is_huge(&self, value: Jet<'g>) -> bool {
        match self.builder.graph().node(value.value().id()) {
            Node::Const(constant) => self.builder.graph().constant(constant).to_f64().abs() >= 1e15,
            _ => false,
        }
    }

    pub(super) fn apply(&mut self, op: Op, id: AstId) -> Result<Meaning<'g>, Diagnostic> {
        let children = &self.program.nodes[id].children;
        let operands = self.results.split_off(self.results.len() - children.len());
        if operands.iter().any(is_array) {
            return self.apply_to_arrays(op, &operands, id);
        }
        let numbers = operands.iter().zip(children).map(|(operand, &child)| self.number(operand, child));
        let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
        let form = |k: usize| match &operands[k] {
            Meaning::Number(_, index) => index.as_ref(),
            _ => None,
        };
        if op == Op::Pow {
            let exponent = form(1).filter(|_| !self.is_decimal(children[1]));
            let literal = exponent.and_then(Index::as_constant);
            let index = form(0).zip(literal).and_then(|(base, k)| base.to_the(u32::try_from(k).ok()?));
            let value = power(self.jets, self.is_e(numbers[0]), numbers[0], numbers[1], exponent);
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

    /// An operator of which an argument is an array.
    fn apply_to_arrays(
        &mut self,
        op: Op,
        operands: &[Meaning<'g>],
        id: AstId,
    ) -> Result<Meaning<'g>, Diagnostic> {
        let children = &self.program.nodes[id].children;
        match op {
            Op::Mul => self.product(operands, children, id),
            Op::Pow => {
                if let Ok(base) = self.view(&operands[0], children[0])?
                    && base.rank() > 1
                {
                    let error =
                        Diagnostic::at(self.place(id), "a power of a matrix", "by element, or a product?");
                    return Err(error
                        .help("write A*A for the product, or [i: 1..m, j: 1..n] A[i,j]^2 for the power of each element"));
                }
                let form = match &operands[1] {
                    Meaning::Number(_, index) if !self.is_decimal(children[1]) => index.clone(),
                    _ => None,
                };
                let base_is_e = matches!(&operands[0], Meaning::Number(base, _) if self.is_e(*base));
                let jets = self.jets;
                self.by_element(operands, children, &|ab| power(jets, base_is_e, ab[0], ab[1], form.as_ref()))
            }
            Op::Neg | Op::Add | Op::Sub | Op::Div => {
                self.by_element(operands, children, &|all| Jet::apply(op, all))
            }
            _ => {
                let all = operands.iter().zip(children);
                all.map(|(operand, &child)| self.number(operand, child)).collect::<Result<Vec<_>, _>>()?;
                unreachable!("an array is no number")
            }
        }
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
    pub(super) fn condition(&mut self, number: Jet<'g>) -> Jet<'g> {
        let value = number.value();
        truth::extend(&self.builder.graph(), &mut self.truths);
        if self.truths[value.id().index()] { number } else { number.ne(self.jets.integer(0)) }
    }

    /// The sum, product or extreme of these terms.
    pub(super) fn list(&mut self, fold: Fold, terms: &[AstId]) -> Result<Meaning<'g>, Diagnostic> {
        let numbers = self.numbers(terms)?;
        Ok(Meaning::Number(Jet::fold(fold, self.jets, &numbers), None))
    }

    pub(super) fn call(&mut self, name: &'p str, id: AstId) -> Result<Meaning<'g>, Diagnostic> {
        let children = &self.program.nodes[id].children;
        if children.len() == 1
            && let Some(operand) = self.results.pop_if(|operand| is_array(operand))
        {
            let (jets, name) = (self.jets, plain(name));
            return self.by_element(std::slice::from_ref(&operand), children, &|x| {
                define(jets, name, x).expect("a function of one argument takes no literal")
            });
        }
        let no_form = name == "powi" && matches!(self.results.last(), Some(Meaning::Number(_, None)));
        let numbers = self.numbers(children)?;
        let value = match name {
            "min" => Jet::fold(Fold::Min, self.jets, &numbers),
            "max" => Jet::fold(Fold::Max, self.jets, &numbers),
            "if" => {
                let condition = self.condition(numbers[0]);
                condition.select(numbers[1], numbers[2])
            }
            "powi" if no_form || self.is_decimal(children[1]) => {
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
        let (block, elements) = match self.name(name) {
            Meaning::Block(block, elements) => (block, elements),
            meaning => return self.indexed(meaning, &node.children, id),
        };
        let forms = self.forms(&node.children)?;
        Ok(self.element_of(block, &elements, &forms, id))
    }

    /// An element of an input; of data also the index that it is.
    fn element_of(
        &mut self,
        block: BlockId,
        elements: &[Element],
        forms: &[Index],
        id: AstId,
    ) -> Meaning<'g> {
        let read = self.read(block, elements, forms, id);
        if let Node::Read(_, position) = self.builder.graph().node(read.value().id()) {
            self.fresh.reads(block, position);
        }
        let is_data = self.builder.graph().block(block).role == Role::Data;
        let index = is_data.then(|| Index::datum(block, forms)).flatten();
        Meaning::Number(read, index)
    }

    /// An element of an input, with its derivatives by elements.
    pub(super) fn read(
        &mut self,
        block: BlockId,
        elements: &[Element],
        forms: &[Index],
        id: AstId,
    ) -> Jet<'g> {
        let read = self.builder.read(block, forms);
        self.builder.place(read, self.place(id));
        let mut value = self.jets.plain(read);
        for element in elements {
            if let Some(derivative) = self.coincidence(forms, &element.forms) {
                value = self.jets.seeded(value, derivative, element.level);
            }
        }
        value
    }

    /// The results of these children, as index forms.
    pub(super) fn forms(&mut self, children: &[AstId]) -> Result<Vec<Index>, Diagnostic> {
        let all = self.results.split_off(self.results.len() - children.len());
        all.iter().zip(children).map(|(meaning, &child)| self.index(meaning, child)).collect()
    }

    pub(super) fn pick(&mut self, id: AstId) -> Result<Meaning<'g>, Diagnostic> {
        let children = &self.program.nodes[id].children;
        let meaning = self.results.remove(self.results.len() - children.len());
        let of = &self.program.nodes[children[0]].syntax;
        match meaning {
            // The only state of an iteration is its first.
            Meaning::Number(..) if matches!(of, Syntax::Call(name) if name == "iterate" || name == "until") => {
                self.indexed(Meaning::Results(vec![meaning]), &children[1..], id)
            }
            meaning => self.indexed(meaning, &children[1..], id),
        }
    }

    /// An element of what a `let` defines.
    pub(super) fn named_element(&mut self, id: AstId) -> Result<Meaning<'g>, Diagnostic> {
        let children = &self.program.nodes[id].children;
        let meaning = self.results.remove(self.results.len() - children.len() - 1);
        self.indexed(meaning, children, id)
    }

    /// What these indices, which are the last results, pick.
    fn indexed(
        &mut self,
        meaning: Meaning<'g>,
        indices: &[AstId],
        id: AstId,
    ) -> Result<Meaning<'g>, Diagnostic> {
        let forms = self.forms(indices)?;
        match meaning {
            Meaning::Results(all) => {
                let which = self.place(indices[0]);
                let k = forms[0].as_constant().ok_or_else(|| {
                    let message = "a result of an iteration is picked by a literal integer";
                    Diagnostic::at(which.clone(), message, "as in [1]")
                })?;
                let k = usize::try_from(k).ok().filter(|k| (1..=all.len()).contains(k));
                let k = k.ok_or_else(|| {
                    Diagnostic::at(which, format!("there are {} results", all.len()), "counted from 1")
                })?;
                match (&all[k - 1], &forms[1..]) {
                    (state, []) => Ok(state.clone()),
                    (Meaning::Array(array), forms) => self.element(array, forms, id),
                    _ => Err(Diagnostic::at(
                        self.place(indices[1]),
                        "this state is one number, it cannot be indexed",
                        "not an array",
                    )),
                }
            }
            Meaning::Array(array) => self.element(&array, &forms, id),
            Meaning::Block(block, elements) => {
                let rank = self.builder.graph().block(block).rank;
                if forms.len() != rank {
                    let message = format!("this is {}, it has {rank} indices", kind(rank));
                    return Err(Diagnostic::at(self.place(id), message, "another number of indices"));
                }
                Ok(self.element_of(block, &elements, &forms, id))
            }
            Meaning::Number(..) => Err(Diagnostic::at(
                self.program.nodes[id].head.clone(),
                "this is one number, it cannot be indexed",
                "not an array",
            )),
        }
    }
}

/// The power with this exponent, which may be an index form and not a decimal number.
fn power<'g>(
    jets: &'g Jets<'g>,
    base_is_e: bool,
    base: Jet<'g>,
    exponent: Jet<'g>,
    form: Option<&Index>,
) -> Jet<'g> {
    match (form, form.and_then(Index::as_constant)) {
        // Of the exact base the power is the exponential.
        _ if base_is_e => exponent.exp(),
        (_, Some(k)) if k.unsigned_abs() < MAX_LITERAL => base.powi(jets.integer(k)),
        (Some(_), None) => base.powi(exponent),
        _ => base.pow(exponent),
    }
}

/// Literal exponents are smaller than this; beyond it powers are real.
const MAX_LITERAL: u64 = 1_000_000_000_000_000;
