//! From nodes of a graph to fractions over kernels, case by case: comparisons are decided by the signs that a case assumes.

use expr::{Constant, Fold, Function, Node, NodeId, Op};
use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};

use super::field::{Field, Fraction, Kernel, Result, exponent};
use super::number::Coefficient;
use super::{Literals, Overflow};

/// A way of writing an operator by others that was used, as a reader sees it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rewriting {
    pub(super) op: Op,
    pub(super) node: NodeId,
    pub(super) value: Fraction,
}

/// Whether something is positive; nothing where it is 0. Elsewhere it is negative.
pub(super) type Sign = Option<bool>;

/// A sign that a case assumes.
#[derive(Clone, Debug)]
pub(super) struct Assumption {
    pub(super) of: Fraction,
    pub(super) sign: Sign,
    /// Whether it is 0 in places only. There the function has a kink, and nothing is claimed; what may be 0 on a stretch is a
    /// case by itself.
    generic: bool,
}

impl Assumption {
    /// The sign that is to be assumed next, if there is another one.
    pub(super) fn next(&self) -> Option<Sign> {
        match self.sign {
            Some(true) => Some(Some(false)),
            Some(false) if !self.generic => Some(None),
            _ => None,
        }
    }
}

/// One case: a field of fractions, and the signs that are assumed in it.
pub(super) struct Case<'f> {
    f: &'f Function,
    literals: Literals,
    pub(super) field: Field,
    /// What has a sign, in the order in which it was met.
    pub(super) signs: Vec<Assumption>,
    /// The signs to assume for the first ones.
    assumed: &'f [Sign],
    values: Vec<Option<Fraction>>,
    pub(super) rewritings: Vec<Rewriting>,
}

impl<'f> Case<'f> {
    pub(super) fn new(f: &'f Function, assumed: &'f [Sign], literals: Literals) -> Case<'f> {
        Case {
            f,
            literals,
            field: Field::default(),
            signs: Vec::new(),
            assumed,
            values: vec![None; f.graph().len()],
            rewritings: Vec::new(),
        }
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
                let taken = if self.holds(condition)? { a } else { b };
                match self.values[taken.index()].clone() {
                    None => stack.push(taken),
                    value => self.values[id.index()] = value,
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
        self.rewritings.clear();
        self.field.look_again();
    }

    fn value(&self, id: NodeId) -> Fraction {
        self.values[id.index()].clone().expect("children come before parents")
    }

    /// Whether a condition, which is 0 or not, holds in this case.
    fn holds(&mut self, condition: NodeId) -> Result<bool> {
        let value = self.value(condition);
        Ok(self.sign(&value)?.is_some())
    }

    /// The sign of a fraction in this case: known, or assumed.
    fn sign(&mut self, a: &Fraction) -> Result<Sign> {
        if a.is_zero() {
            return Ok(None);
        }
        if self.field.is_positive(a) {
            return Ok(Some(true));
        }
        if self.field.is_positive(&a.negated()) {
            return Ok(Some(false));
        }
        if let Some((mut positive, kernels)) = self.field.sign_factors(a) {
            for kernel in kernels {
                match self.sign(&kernel)? {
                    None => return Ok(None),
                    Some(sign) => positive ^= !sign,
                }
            }
            return Ok(Some(positive));
        }
        for k in 0..self.signs.len() {
            let Assumption { of, sign, .. } = self.signs[k].clone();
            if self.field.equal(&of, a)? {
                return Ok(sign);
            }
            if self.field.equal(&of, &a.negated())? {
                return Ok(sign.map(|positive| !positive));
            }
        }
        let sign = self.assumed.get(self.signs.len()).copied().unwrap_or(Some(true));
        let generic = self.field.is_generic(a);
        self.signs.push(Assumption { of: a.clone(), sign, generic });
        match sign {
            Some(true) => self.field.note_positive(a),
            Some(false) => self.field.note_positive(&a.negated()),
            None => {}
        }
        Ok(sign)
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
                let value = self.operator(op, &arguments)?;
                if is_named(op) {
                    self.rewritings.push(Rewriting { op, node: id, value: value.clone() });
                }
                Ok(value)
            }
        }
    }

    /// What an operator is in terms of sums, products, powers, exponentials and logarithms; or itself.
    fn operator(&mut self, op: Op, of: &[Fraction]) -> Result<Fraction> {
        let number = Fraction::integer;
        let half = Coefficient::rational(BigRational::new(1.into(), 2.into()));
        let a = &of[0];
        let field = &mut self.field;
        match op {
            Op::Neg => Ok(a.negated()),
            Op::Add => field.plus(a, &of[1]),
            Op::Sub => field.minus(a, &of[1]),
            Op::Mul => field.times(a, &of[1]),
            Op::Div => field.divided(a, &of[1]),
            Op::Recip => field.inverse(a),
            Op::Square => field.times(a, a),
            Op::Powi | Op::Pow => match exponent(&of[1]) {
                Some(r) if op == Op::Pow || r.is_integer() => field.root(a, r),
                _ => {
                    let exponent = field.ln(a).and_then(|ln| field.times(&of[1], &ln))?;
                    field.exp(&exponent)
                }
            },
            Op::Sqrt => field.root(a, Ratio::new(1, 2)),
            Op::Hypot => {
                let (x, y) = (field.times(a, a)?, field.times(&of[1], &of[1])?);
                let squares = field.plus(&x, &y)?;
                field.root(&squares, Ratio::new(1, 2))
            }
            Op::Cbrt => field.cbrt(a),
            Op::Exp => field.exp(a),
            Op::Exp2 => {
                let ln = field.ln(&number(2))?;
                let exponent = field.times(a, &ln)?;
                field.exp(&exponent)
            }
            Op::Expm1 => {
                let power = field.exp(a)?;
                field.minus(&power, &number(1))
            }
            Op::Expmsq => {
                let square = field.times(a, a)?;
                field.exp(&square.negated())
            }
            Op::Ln | Op::Log2 | Op::Log10 => {
                field.note_positive(a);
                let ln = field.ln(a)?;
                match op {
                    Op::Ln => Ok(ln),
                    _ => {
                        let base = field.ln(&number(if op == Op::Log2 { 2 } else { 10 }))?;
                        field.divided(&ln, &base)
                    }
                }
            }
            Op::Log1p => {
                let sum = field.plus(a, &number(1))?;
                field.note_positive(&sum);
                field.ln(&sum)
            }
            Op::Xlogy => {
                // 0·ln b is 0 for every b: only beside what is not 0 the logarithm says anything.
                if field.is_surely_not_zero(a) {
                    field.note_positive(&of[1]);
                }
                let ln = field.ln(&of[1])?;
                field.times(a, &ln)
            }
            Op::Sin | Op::Cos | Op::Tan => {
                let turn = a.scaled(&Coefficient::i());
                let (left, right) = (field.exp(&turn)?, field.exp(&turn.negated())?);
                let cos = field.plus(&left, &right)?.scaled(&half);
                let sin = field.minus(&left, &right)?.scaled(&half.times(&Coefficient::i().negated()));
                match op {
                    Op::Sin => Ok(sin),
                    Op::Cos => Ok(cos),
                    _ => field.divided(&sin, &cos),
                }
            }
            Op::Sinh | Op::Cosh | Op::Tanh => {
                let (left, right) = (field.exp(a)?, field.exp(&a.negated())?);
                let cosh = field.plus(&left, &right)?.scaled(&half);
                let sinh = field.minus(&left, &right)?.scaled(&half);
                match op {
                    Op::Sinh => Ok(sinh),
                    Op::Cosh => Ok(cosh),
                    _ => field.divided(&sinh, &cosh),
                }
            }
            Op::Sigmoid => {
                let power = field.exp(a)?;
                let sum = field.plus(&power, &number(1))?;
                field.divided(&power, &sum)
            }
            Op::Softplus => {
                let power = field.exp(a)?;
                let sum = field.plus(&power, &number(1))?;
                field.ln(&sum)
            }
            Op::Erfc => {
                let erf = field.apply(Op::Erf, vec![a.clone()], true)?;
                field.minus(&number(1), &erf)
            }
            Op::Atanh => {
                let (above, below) = (field.plus(&number(1), a)?, field.minus(&number(1), a)?);
                field.note_positive(&above);
                field.note_positive(&below);
                let (above, below) = (field.ln(&above)?, field.ln(&below)?);
                Ok(field.minus(&above, &below)?.scaled(&half))
            }
            Op::Asinh | Op::Acosh => {
                let square = field.times(a, a)?;
                let radicand = field.plus(&square, &number(if op == Op::Asinh { 1 } else { -1 }))?;
                let root = field.root(&radicand, Ratio::new(1, 2))?;
                let sum = field.plus(a, &root)?;
                field.note_positive(&sum);
                field.ln(&sum)
            }
            Op::Abs => Ok(match self.sign(a)? {
                Some(true) => a.clone(),
                Some(false) => a.negated(),
                None => number(0),
            }),
            Op::Sign => Ok(number(match self.sign(a)? {
                Some(true) => 1,
                Some(false) => -1,
                None => 0,
            })),
            Op::Relu => Ok(if self.sign(a)? == Some(true) { a.clone() } else { number(0) }),
            Op::Min | Op::Max => self.larger(a, &of[1], op == Op::Max),
            Op::Clamp => {
                let above = self.larger(a, &of[1], true)?;
                self.larger(&above, &of[2], false)
            }
            Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Eq | Op::Ne => {
                let difference = self.field.minus(a, &of[1])?;
                let sign = self.sign(&difference)?;
                let holds = match op {
                    Op::Lt => sign == Some(false),
                    Op::Le => sign != Some(true),
                    Op::Gt => sign == Some(true),
                    Op::Ge => sign != Some(false),
                    Op::Eq => sign.is_none(),
                    _ => sign.is_some(),
                };
                Ok(number(i64::from(holds)))
            }
            Op::Asin | Op::Atan | Op::Erf => field.apply(op, of.to_vec(), true),
            op => field.apply(op, of.to_vec(), false),
        }
    }

    fn larger(&mut self, a: &Fraction, b: &Fraction, larger: bool) -> Result<Fraction> {
        let difference = self.field.minus(a, b)?;
        let first = self.sign(&difference)? == Some(larger);
        Ok(if first { a.clone() } else { b.clone() })
    }
}

/// Whether replacing it by others is a step that a reader wants to see.
fn is_named(op: Op) -> bool {
    op.cost() > 4 && !matches!(op, Op::Exp | Op::Ln) || matches!(op, Op::Sqrt | Op::Abs | Op::Relu)
}

/// A constant as an exact number.
fn constant_fraction(field: &mut Field, constant: &Constant, literals: Literals) -> Result<Fraction> {
    Ok(match constant {
        Constant::Integer(value) => Fraction::integer(*value),
        Constant::Decimal(_) if literals == Literals::Nearest => {
            let value = BigRational::from_float(constant.to_f64()).ok_or(Overflow)?;
            Fraction::constant(Coefficient::rational(value))
        }
        Constant::Decimal(decimal) => {
            let digits: BigInt = decimal.digits().parse().map_err(|_| Overflow)?;
            let digits = if decimal.is_negative() { -digits } else { digits };
            let power = decimal.exponent();
            if power.unsigned_abs() > 400 {
                return Err(Overflow);
            }
            let scale = BigInt::from(10).pow(power.unsigned_abs());
            let value = match power < 0 {
                true => BigRational::new(digits, scale),
                false => BigRational::from_integer(digits * scale),
            };
            Fraction::constant(Coefficient::rational(value))
        }
        Constant::Pi => field.leaf(Kernel::Pi)?,
        Constant::E => field.exp(&Fraction::integer(1))?,
    })
}
