//! From nodes of a graph to fractions over kernels, case by case: comparisons are decided by the signs that a case assumes.

use expr::{Constant, Fold, Function, Node, NodeId, Op};
use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use num_traits::Signed;

use super::checker::{
    Mask, NEGATIVE, NOT_NEGATIVE, NOT_POSITIVE, NOT_ZERO, POSITIVE, REAL, Rule, Step, Term, TermId, ZERO,
};
use super::field::{Field, Fraction, Kernel, Result, exponent};
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
            Node::Fold(fold, list) => {
                let terms: Vec<Fraction> = graph.list(list).iter().map(|&term| self.value(term)).collect();
                let first = Fraction::integer(if fold == Fold::Sum { 0 } else { 1 });
                terms.iter().try_fold(first, |joined, term| match fold {
                    Fold::Sum => self.field.plus(&joined, term),
                    Fold::Product => self.field.times(&joined, term),
                })
            }
            node => {
                let op = node.op().ok_or(Overflow)?;
                let arguments: Vec<Fraction> = node.holes().iter().map(|&child| self.value(child)).collect();
                let terms: Vec<TermId> = node.holes().iter().map(|child| self.nodes[child.index()]).collect();
                self.domain(op, self.nodes[id.index()], &terms, &arguments)?;
                if matches!(op, Op::Ln | Op::Log2 | Op::Log10 | Op::Sqrt | Op::Pow) {
                    self.field.same_sign(terms[0], &arguments[0])?;
                }
                self.operator(op, self.nodes[id.index()], &terms, &arguments)
            }
        }
    }

    /// Makes known what an operator needs to be defined.
    fn domain(&mut self, op: Op, node: TermId, terms: &[TermId], of: &[Fraction]) -> Result<()> {
        let a = terms[0];
        let one = self.field.terms.integer(1);
        let field = &mut self.field;
        match op {
            Op::Div | Op::Recip => {
                let divisor = *terms.last().expect("an argument");
                let inverse = field.terms.power(divisor, -1);
                field.defined(inverse, divisor, NOT_ZERO)?;
            }
            Op::Ln | Op::Log2 | Op::Log10 => {
                field.defined(node, a, POSITIVE)?;
                field.note_positive(&of[0]);
            }
            Op::Log1p => {
                let above = field.terms.id(Term::Sum(vec![one, a]));
                field.defined(node, above, POSITIVE)?;
                let sum = field.plus(&of[0], &Fraction::integer(1))?;
                field.note_positive(&sum);
            }
            Op::Sqrt => {
                field.defined(node, a, NOT_NEGATIVE)?;
                if field.is_positive(&of[0])? {
                    field.note_positive(&of[0]);
                }
            }
            Op::Hypot => {
                field.real(a)?;
                field.real(terms[1])?;
                let squares = [field.terms.power(a, 2), field.terms.power(terms[1], 2)];
                let sum = field.terms.id(Term::Sum(squares.to_vec()));
                let mask = field.mask_of_term(sum)?;
                if !field.checker.mask_of_value(sum).map_err(|_| Overflow)?.within(mask) {
                    field.must(Rule::Sign(mask), sum, sum, Vec::new())?;
                }
            }
            Op::Pow | Op::Powi => match exponent(&of[1]) {
                Some(r) => {
                    if !r.is_integer() {
                        field.defined(node, a, NOT_NEGATIVE)?;
                        if field.is_positive(&of[0])? {
                            field.note_positive(&of[0]);
                        }
                    }
                    if r.is_negative() {
                        field.defined(node, a, NOT_ZERO)?;
                    }
                }
                None => {
                    if !field.without_isolated_zeros(a)? {
                        self.sign(&of[0])?;
                    }
                    if self.field.mask(&of[0])? != POSITIVE {
                        self.field.real(node)?;
                    }
                }
            },
            Op::Acosh => {
                let minus = field.terms.integer(-1);
                let (below, above) =
                    (field.terms.id(Term::Sum(vec![a, minus])), field.terms.id(Term::Sum(vec![one, a])));
                let product = field.terms.id(Term::Product(vec![above, below]));
                field.defined(node, a, POSITIVE)?;
                field.defined(node, below, NOT_NEGATIVE)?;
                field.defined(node, product, NOT_NEGATIVE)?;
            }
            Op::Atanh | Op::Asin | Op::Acos => {
                let negative = field.terms.negated(a);
                let (above, below) =
                    (field.terms.id(Term::Sum(vec![one, a])), field.terms.id(Term::Sum(vec![one, negative])));
                let mask = if op == Op::Atanh { POSITIVE } else { NOT_NEGATIVE };
                field.defined(node, above, mask)?;
                field.defined(node, below, mask)?;
                if op != Op::Atanh {
                    let product = field.terms.id(Term::Product(vec![above, below]));
                    field.defined(node, product, mask)?;
                }
                for c in [1, -1] {
                    let bound = field.plus(&Fraction::integer(1), &of[0].scaled(&Coefficient::integer(c)))?;
                    if field.is_positive(&bound)? {
                        field.note_positive(&bound);
                    }
                }
            }
            Op::Xlogy => {
                if !self.field.mask(&of[0])?.has(ZERO) {
                    self.field.defined(node, terms[1], POSITIVE)?;
                    self.field.note_positive(&of[1]);
                } else if !self.field.without_isolated_zeros(terms[1])? {
                    self.sign(&of[1])?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What an operator is in terms of sums, products, powers, exponentials and logarithms; or itself.
    fn operator(&mut self, op: Op, node: TermId, terms: &[TermId], of: &[Fraction]) -> Result<Fraction> {
        let a = &of[0];
        let half = Ratio::new(1, 2);
        let mut conditions = Vec::new();
        let value = match op {
            Op::Neg => return Ok(a.negated()),
            Op::Add => return self.field.plus(a, &of[1]),
            Op::Sub => return self.field.minus(a, &of[1]),
            Op::Mul => return self.field.times(a, &of[1]),
            Op::Div => return self.field.divided(a, &of[1]),
            Op::Recip => return self.field.inverse(a),
            Op::Square => return self.field.times(a, a),
            Op::Abs
            | Op::Sign
            | Op::Relu
            | Op::Min
            | Op::Max
            | Op::Lt
            | Op::Le
            | Op::Gt
            | Op::Ge
            | Op::Eq
            | Op::Ne => {
                return self.by_sign(op, node, terms, of);
            }
            Op::Clamp => {
                let above_term = self.field.terms.id(Term::Apply(Op::Max, terms[..2].to_vec()));
                let above = self.by_sign(Op::Max, above_term, &terms[..2], &of[..2])?;
                let both = [above_term, terms[2]];
                let node = self.field.terms.id(Term::Apply(Op::Min, both.to_vec()));
                self.by_sign(Op::Min, node, &both, &[above, of[2].clone()])?
            }
            Op::Asin | Op::Atan | Op::Erf | Op::Trunc | Op::Round => return self.odd(op, a),
            Op::Floor => return self.floor(a),
            Op::Cbrt => return self.field.cbrt(a),
            Op::Pow | Op::Powi => match exponent(&of[1]) {
                Some(r) => {
                    if !r.is_integer() {
                        self.split_squares(a)?;
                    }
                    self.field.root(a, r)?
                }
                None if !self.field.mask_of_term(terms[0])?.within(NOT_ZERO) => {
                    return self.field.leaf(Kernel::Apply(op, of.to_vec()));
                }
                None => {
                    conditions.push((terms[0], NOT_ZERO));
                    let exponent = self.field.ln(a).and_then(|ln| self.field.times(&of[1], &ln))?;
                    self.field.exp(&exponent)?
                }
            },
            Op::Sqrt => {
                self.split_squares(a)?;
                self.field.root(a, half)?
            }
            Op::Hypot => {
                let (x, y) = (self.field.times(a, a)?, self.field.times(&of[1], &of[1])?);
                let squares = self.field.plus(&x, &y)?;
                let parts = terms.iter().map(|&part| self.field.terms.power(part, 2)).collect();
                let sum = self.field.terms.id(Term::Sum(parts));
                self.field.same_sign(sum, &squares)?;
                self.split_squares(&squares)?;
                self.field.root(&squares, half)?
            }
            Op::Ln | Op::Log2 | Op::Log10 => {
                self.split_squares(a)?;
                let ln = self.field.ln(a)?;
                match op {
                    Op::Ln => ln,
                    _ => {
                        let base = self.field.ln(&Fraction::integer(if op == Op::Log2 { 2 } else { 10 }))?;
                        self.field.divided(&ln, &base)?
                    }
                }
            }
            Op::Acosh | Op::Asinh => {
                let square = self.field.times(a, a)?;
                let one = Fraction::integer(if op == Op::Asinh { 1 } else { -1 });
                let radicand = self.field.plus(&square, &one)?;
                self.split_squares(&radicand)?;
                let root = self.field.root(&radicand, half)?;
                let sum = self.field.plus(a, &root)?;
                self.field.ln(&sum)?
            }
            Op::Xlogy => {
                if !self.field.mask_of_term(terms[1])?.within(NOT_ZERO) {
                    return self.field.leaf(Kernel::Apply(op, of.to_vec()));
                }
                conditions.push((terms[1], NOT_ZERO));
                let ln = self.field.ln(&of[1])?;
                self.field.times(a, &ln)?
            }
            Op::Atan2 => {
                if self.known(&of[1])? != POSITIVE {
                    return self.field.leaf(Kernel::Apply(op, of.to_vec()));
                }
                conditions.push((terms[1], POSITIVE));
                let ratio = self.field.divided(a, &of[1])?;
                self.odd(Op::Atan, &ratio)?
            }
            Op::Acos => {
                let asin = self.odd(Op::Asin, a)?;
                let pi = self.field.leaf(Kernel::Pi)?;
                let right = pi.scaled(&Coefficient::rational(BigRational::new(1.into(), 2.into())));
                self.field.minus(&right, &asin)?
            }
            Op::Ceil => self.floor(&a.negated())?.negated(),
            op => match self.field.by_definition(op, a)? {
                Some(value) => value,
                None => return self.field.leaf(Kernel::Apply(op, of.to_vec())),
            },
        };
        let after = self.field.term(&value);
        self.field.must(Rule::Definition, node, after, conditions)?;
        Ok(value)
    }

    fn by_sign(&mut self, op: Op, node: TermId, terms: &[TermId], of: &[Fraction]) -> Result<Fraction> {
        let a = &of[0];
        let difference = if of.len() == 2 { self.field.minus(a, &of[1])? } else { a.clone() };
        let (value, mask) = match op {
            Op::Abs | Op::Relu | Op::Max | Op::Min => {
                let (above, _) = self.weak_sign(&difference)?;
                let mask = if above { NOT_NEGATIVE } else { NOT_POSITIVE };
                let value = match op {
                    Op::Abs if above => a.clone(),
                    Op::Abs => a.negated(),
                    Op::Relu if above => a.clone(),
                    Op::Relu => Fraction::default(),
                    _ if above == (op == Op::Max) => a.clone(),
                    _ => of[1].clone(),
                };
                (value, mask)
            }
            _ => {
                let sign = self.sign(&difference)?;
                let (holds, mask) = match op {
                    Op::Sign => {
                        let mask = [(Some(true), POSITIVE), (Some(false), NEGATIVE), (None, ZERO)];
                        (1, mask.into_iter().find(|(s, _)| *s == sign).map_or(ZERO, |(_, mask)| mask))
                    }
                    Op::Lt if sign == Some(false) => (1, NEGATIVE),
                    Op::Lt => (0, NOT_NEGATIVE),
                    Op::Le if sign != Some(true) => (1, NOT_POSITIVE),
                    Op::Le => (0, POSITIVE),
                    Op::Gt if sign == Some(true) => (1, POSITIVE),
                    Op::Gt => (0, NOT_POSITIVE),
                    Op::Ge if sign != Some(false) => (1, NOT_NEGATIVE),
                    Op::Ge => (0, NEGATIVE),
                    Op::Eq if sign.is_none() => (1, ZERO),
                    Op::Eq => (0, NOT_ZERO),
                    _ if sign.is_none() => (0, ZERO),
                    _ => (1, NOT_ZERO),
                };
                let value = match (op, sign) {
                    (Op::Sign, Some(false)) => -1,
                    (Op::Sign, None) => 0,
                    _ => holds,
                };
                (Fraction::integer(value), mask)
            }
        };
        let condition = match terms {
            [_] => terms[0],
            _ => {
                let other = self.field.terms.negated(terms[1]);
                self.field.terms.id(Term::Sum(vec![terms[0], other]))
            }
        };
        let after = self.field.term(&value);
        let evident = difference.as_constant().is_some();
        let conditions = if evident { Vec::new() } else { vec![(condition, mask)] };
        self.field.must(Rule::BySign, node, after, conditions)?;
        Ok(value)
    }

    /// An odd function takes the argument's sign out.
    fn odd(&mut self, op: Op, a: &Fraction) -> Result<Fraction> {
        if a.leading().is_none_or(Coefficient::is_leading) {
            return self.field.leaf(Kernel::Apply(op, vec![a.clone()]));
        }
        let value = self.field.leaf(Kernel::Apply(op, vec![a.negated()]))?;
        let of = self.field.term(a);
        let before = self.field.terms.id(Term::Apply(op, vec![of]));
        let inner = self.field.term(&value);
        let after = self.field.terms.negated(inner);
        self.field.must(Rule::Odd, before, after, Vec::new())?;
        Ok(value.negated())
    }

    /// A floor takes whole numbers out.
    fn floor(&mut self, a: &Fraction) -> Result<Fraction> {
        let constant = a.top.0.get(&Vec::new()).filter(|_| a.below.is_empty()).and_then(Coefficient::real);
        let Some(shift) = constant.map(|c| c.floor()).filter(|c| c.numer() != &BigInt::from(0)) else {
            if a.is_zero() {
                return Ok(Fraction::default());
            }
            return self.field.leaf(Kernel::Apply(Op::Floor, vec![a.clone()]));
        };
        let shift = Fraction::constant(Coefficient::rational(shift));
        let rest = self.field.minus(a, &shift)?;
        let number = self.field.term(&shift);
        let of = self.field.term(a);
        let before = self.field.terms.id(Term::Apply(Op::Floor, vec![of]));
        if rest.as_constant().is_some() {
            self.field.must(Rule::FloorOfShift, before, number, Vec::new())?;
            return Ok(shift);
        }
        let floor = self.field.leaf(Kernel::Apply(Op::Floor, vec![rest]))?;
        let inner = self.field.term(&floor);
        let after = self.field.terms.id(Term::Sum(vec![number, inner]));
        self.field.must(Rule::FloorOfShift, before, after, Vec::new())?;
        self.field.plus(&shift, &floor)
    }

    /// What has been shown in this case, with the last step.
    pub(super) fn finish(mut self, sides: [TermId; 2]) -> Result<(Vec<Step>, Field)> {
        self.field.must(Rule::Identity, sides[0], sides[1], Vec::new())?;
        let steps = std::mem::take(&mut self.field.steps);
        Ok((steps, self.field))
    }
}

impl Field {
    /// An operator of one argument that is a combination of exponentials and logarithms.
    fn by_definition(&mut self, op: Op, a: &Fraction) -> Result<Option<Fraction>> {
        let number = Fraction::integer;
        let half = Coefficient::rational(BigRational::new(1.into(), 2.into()));
        Ok(Some(match op {
            Op::Exp => self.exp(a)?,
            Op::Exp2 => {
                let ln = self.ln(&number(2))?;
                let exponent = self.times(a, &ln)?;
                self.exp(&exponent)?
            }
            Op::Expm1 => {
                let power = self.exp(a)?;
                self.minus(&power, &number(1))?
            }
            Op::Expmsq => {
                let square = self.times(a, a)?;
                self.exp(&square.negated())?
            }
            Op::Log1p => {
                let sum = self.plus(a, &number(1))?;
                self.ln(&sum)?
            }
            Op::Sin | Op::Cos | Op::Tan => {
                let turn = a.scaled(&Coefficient::i());
                let (left, right) = (self.exp(&turn)?, self.exp(&turn.negated())?);
                let cos = self.plus(&left, &right)?.scaled(&half);
                let sin = self.minus(&left, &right)?.scaled(&half.times(&Coefficient::i().negated()));
                match op {
                    Op::Sin => sin,
                    Op::Cos => cos,
                    _ => self.divided(&sin, &cos)?,
                }
            }
            Op::Sinh | Op::Cosh | Op::Tanh => {
                let (left, right) = (self.exp(a)?, self.exp(&a.negated())?);
                let cosh = self.plus(&left, &right)?.scaled(&half);
                let sinh = self.minus(&left, &right)?.scaled(&half);
                match op {
                    Op::Sinh => sinh,
                    Op::Cosh => cosh,
                    _ => self.divided(&sinh, &cosh)?,
                }
            }
            Op::Sigmoid => {
                let power = self.exp(a)?;
                let sum = self.plus(&power, &number(1))?;
                self.divided(&power, &sum)?
            }
            Op::Softplus => {
                let power = self.exp(a)?;
                let sum = self.plus(&power, &number(1))?;
                self.ln(&sum)?
            }
            Op::Erfc => {
                // Whether the sign was taken out does not matter to what is opaque but for it.
                let odd = a.leading().is_some_and(|lead| !lead.is_leading());
                let inner = if odd { a.negated() } else { a.clone() };
                let erf = self.leaf(Kernel::Apply(Op::Erf, vec![inner]))?;
                if odd {
                    let of = self.term(a);
                    let before = self.terms.id(Term::Apply(Op::Erf, vec![of]));
                    let positive = self.term(&erf);
                    let after = self.terms.negated(positive);
                    self.must(Rule::Odd, before, after, Vec::new())?;
                    self.plus(&number(1), &erf)?
                } else {
                    self.minus(&number(1), &erf)?
                }
            }
            Op::Atanh => {
                let (above, below) = (self.plus(&number(1), a)?, self.minus(&number(1), a)?);
                let (above, below) = (self.ln(&above)?, self.ln(&below)?);
                self.minus(&above, &below)?.scaled(&half)
            }
            _ => return Ok(None),
        }))
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
