//! From nodes of a graph to fractions over kernels, case by case: comparisons are decided by the signs that a case assumes.

mod definitions;
mod operators;

use expr::{Constant, Fold, Function, Node, NodeId, Op};

use super::checker::{Mask, NEGATIVE, NOT_ZERO, POSITIVE, REAL, Rule, Step, Term, TermId, ZERO};
use super::field::{Field, Result};
use super::fraction::{Fraction, Kernel};
use super::number::Coefficient;
use super::terms::{strict, weak};
use super::{Literals, Overflow};

/// Whether something is positive; nothing where it is 0. Elsewhere it is negative.
pub(super) type Sign = Option<bool>;

/// A sign that a case assumes.
#[derive(Clone, Debug)]
pub(super) struct Assumption {
    pub(super) of: Fraction,
    pub(super) sign: Sign,
    /// Whether it is 0 in places only. There the function has a kink, and nothing is claimed; what may be 0 on a stretch is a
    /// case by itself.
    isolated: bool,
}

impl Assumption {
    /// The sign that is to be assumed next, if there is another one.
    pub(super) fn next(&self) -> Option<Sign> {
        match self.sign {
            Some(true) => Some(Some(false)),
            Some(false) if !self.isolated => Some(None),
            _ => None,
        }
    }
}

/// One case: a field of fractions, and the signs that are assumed in it.
pub(super) struct Case<'f> {
    f: &'f Function,
    literals: Literals,
    /// The node's terms.
    nodes: &'f [TermId],
    pub(super) field: Field,
    /// What has a sign, in the order in which it was met.
    pub(super) signs: Vec<Assumption>,
    /// The signs to assume for the first ones.
    assumed: &'f [Sign],
    /// Whether the sign of what is squared below a root is asked for.
    splits: bool,
    values: Vec<Option<Fraction>>,
}

impl<'f> Case<'f> {
    pub(super) fn new(
        f: &'f Function,
        literals: Literals,
        nodes: &'f [TermId],
        field: Field,
        assumed: &'f [Sign],
        splits: bool,
    ) -> Case<'f> {
        let values = vec![None; f.graph().len()];
        Case { f, literals, nodes, field, signs: Vec::new(), assumed, splits, values }
    }

    /// A node and everything that it needs in this case. What a branch that is not taken needs is not looked at.
    pub(super) fn fraction(&mut self, root: NodeId) -> Result<Fraction> {
        let graph = self.f.graph();
        let mut stack = vec![root];
        while let Some(&id) = stack.last() {
            if self.values[id.index()].is_some() {
                stack.pop();
                continue;
            }
            let open = |case: &Case<'_>, child: &NodeId| case.values[child.index()].is_none();
            if let Node::Ternary(Op::Select, [condition, a, b]) = graph.node(id) {
                if open(self, &condition) {
                    stack.push(condition);
                    continue;
                }
                let value = self.value(condition);
                let (taken, mask) = match self.sign(&value)? {
                    Some(_) => (a, NOT_ZERO),
                    None => (b, ZERO),
                };
                let (before, after) = (self.nodes[id.index()], self.nodes[taken.index()]);
                // The branch is decided before what it needs is looked at.
                if !self.field.checker.is_decided(before) {
                    let condition = (self.nodes[condition.index()], mask);
                    let same = self.nodes[a.index()] == self.nodes[b.index()];
                    let conditions =
                        if same || value.as_constant().is_some() { Vec::new() } else { vec![condition] };
                    self.field.must(Rule::BySign, before, after, conditions)?;
                }
                match self.values[taken.index()].clone() {
                    None => stack.push(taken),
                    value => {
                        self.values[id.index()] = value;
                        stack.pop();
                    }
                }
                continue;
            }
            let before = stack.len();
            stack.extend(graph.children(id).iter().filter(|child| open(self, child)));
            if stack.len() == before {
                let value = self.apply(id)?;
                self.values[id.index()] = Some(value);
            }
        }
        Ok(self.value(root))
    }

    /// Forgets the values, and keeps what was learnt about signs on the way.
    pub(super) fn again(&mut self) {
        self.values.fill(None);
    }

    fn value(&self, id: NodeId) -> Fraction {
        self.values[id.index()].clone().expect("children come before parents")
    }

    /// What is known of a fraction's sign, also from its being a sum of squares or a multiple of what has a sign.
    fn known(&mut self, a: &Fraction) -> Result<Mask> {
        let mask = self.field.mask(a)?;
        if weak(mask).is_some() || !self.field.show_by_squares(a)? {
            return Ok(mask);
        }
        self.field.mask(a)
    }

    /// The sign of a fraction in this case: known, or assumed.
    fn sign(&mut self, a: &Fraction) -> Result<Sign> {
        if let Some(sign) = strict(self.known(a)?) {
            return Ok(sign);
        }
        let term = self.field.term(a);
        if weak(self.field.mask(a)?).is_some()
            && self.field.without_isolated_zeros(term)?
            && let Some(sign) = strict(self.field.mask(a)?)
        {
            return Ok(sign);
        }
        if let Some(factors) = self.field.sign_factors(a) {
            for (factor, even) in factors {
                let term = self.field.term(&factor);
                if !even || !self.field.without_isolated_zeros(term)? {
                    self.sign(&factor)?;
                }
            }
            if let Some(sign) = strict(self.field.mask(a)?) {
                return Ok(sign);
            }
        }
        for Assumption { of, .. } in self.signs.clone() {
            for of in [of.clone(), of.negated()] {
                // The same, or the same and something whose sign is known.
                let difference = self.field.minus(a, &of)?;
                if difference.top.0.len() > of.top.0.len().max(a.top.0.len()) {
                    continue;
                }
                let by = [self.field.term(&of), self.field.term(&difference)];
                let by = self.field.terms.id(Term::Sum(by.to_vec()));
                let mask = self.field.mask_of_term(by)?;
                if strict(mask).is_some()
                    && self.field.show_sign(term, by, mask)?
                    && let Some(sign) = strict(self.field.mask(a)?)
                {
                    return Ok(sign);
                }
            }
        }
        if !self.field.mask(a)?.within(REAL) {
            return Err(Overflow);
        }
        let sign = self.assumed.get(self.signs.len()).copied().unwrap_or(Some(true));
        let isolated = self.field.without_isolated_zeros(term)?;
        self.signs.push(Assumption { of: a.clone(), sign, isolated });
        let mask = match sign {
            Some(true) => POSITIVE,
            Some(false) => NEGATIVE,
            None => ZERO,
        };
        self.field.must(Rule::Assume(mask), term, term, Vec::new())?;
        match sign {
            Some(true) => self.field.note_positive(a),
            Some(false) => self.field.note_positive(&a.negated()),
            None => {}
        }
        Ok(sign)
    }

    /// Whether something is not negative (else not positive), and the term that shows it.
    fn weak_sign(&mut self, a: &Fraction) -> Result<(bool, TermId)> {
        let term = self.field.term(a);
        let known = match weak(self.known(a)?) {
            Some(known) => known,
            None => self.sign(a)? != Some(false),
        };
        Ok((known, term))
    }

    /// Makes the sign of what is squared in a product known, or in a sum that is a square.
    fn split_squares(&mut self, a: &Fraction) -> Result<()> {
        if !self.splits {
            return Ok(());
        }
        for (factor, even) in self.field.sign_factors(a).unwrap_or_default() {
            if even {
                self.sign(&factor)?;
            }
        }
        if let Some((root, _)) = self.field.square_root(a)?
            && weak(self.known(&root)?).is_none()
        {
            self.sign(&root)?;
        }
        Ok(())
    }

    fn apply(&mut self, id: NodeId) -> Result<Fraction> {
        let graph = self.f.graph();
        let node = graph.node(id);
        match node {
            Node::Const(constant) => {
                constant_fraction(&mut self.field, graph.constant(constant), self.literals)
            }
            Node::Input(block, offset) => self.field.leaf(Kernel::Input(self.f.position(block, offset))),
            // An extreme of many is that of the first and the next, and so on.
            Node::Fold(fold, list) if fold.is_extreme() => {
                let list = graph.list(list);
                let (mut term, mut value) = (self.nodes[list[0].index()], self.value(list[0]));
                for next in &list[1..] {
                    let terms = [term, self.nodes[next.index()]];
                    term = self.field.terms.id(Term::Apply(fold.op(), terms.to_vec()));
                    value = self.by_sign(fold.op(), term, &terms, &[value, self.value(*next)])?;
                }
                Ok(value)
            }
            Node::Fold(fold, list) => {
                let terms: Vec<Fraction> = graph.list(list).iter().map(|&term| self.value(term)).collect();
                let first = Fraction::integer(if fold == Fold::Sum { 0 } else { 1 });
                terms.iter().try_fold(first, |joined, term| match fold {
                    Fold::Sum => self.field.plus(&joined, term),
                    _ => self.field.times(&joined, term),
                })
            }
            node => {
                let op = node.op().ok_or(Overflow)?;
                let arguments: Vec<Fraction> =
                    node.operands().iter().map(|&child| self.value(child)).collect();
                let terms: Vec<TermId> =
                    node.operands().iter().map(|child| self.nodes[child.index()]).collect();
                self.domain(op, self.nodes[id.index()], &terms, &arguments)?;
                if matches!(op, Op::Ln | Op::Log2 | Op::Log10 | Op::Sqrt | Op::Pow) {
                    self.field.same_sign(terms[0], &arguments[0])?;
                }
                self.operator(op, self.nodes[id.index()], &terms, &arguments)
            }
        }
    }

    /// What has been shown in this case, with the last step.
    pub(super) fn finish(mut self, sides: [TermId; 2]) -> Result<(Vec<Step>, Field)> {
        self.field.must(Rule::Identity, sides[0], sides[1], Vec::new())?;
        let steps = std::mem::take(&mut self.field.steps);
        Ok((steps, self.field))
    }
}

/// A constant as an exact number.
fn constant_fraction(field: &mut Field, constant: &Constant, literals: Literals) -> Result<Fraction> {
    Ok(match constant {
        Constant::Pi => field.leaf(Kernel::Pi)?,
        Constant::E => field.exp(&Fraction::integer(1))?,
        number => Fraction::constant(Coefficient::rational(literals.value(number).ok_or(Overflow)?)),
    })
}
