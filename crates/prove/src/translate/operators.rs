//! Operators over fractions: what each needs, and what it is by signs.

use expr::Op;
use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use num_traits::Signed;

use super::super::checker::{
    NEGATIVE, NOT_NEGATIVE, NOT_POSITIVE, NOT_ZERO, POSITIVE, Rule, Term, TermId, ZERO,
};
use super::super::field::Result;
use super::super::fraction::{Fraction, Kernel, exponent};
use super::super::number::Coefficient;
use super::definitions::MOST_ORDERS;
use super::*;

impl Case<'_> {
    /// Makes known what an operator needs to be defined.
    pub(super) fn domain(&mut self, op: Op, node: TermId, terms: &[TermId], of: &[Fraction]) -> Result<()> {
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
            Op::Logit => {
                let negative = field.terms.negated(a);
                let below = field.terms.id(Term::Sum(vec![one, negative]));
                field.defined(node, a, POSITIVE)?;
                field.defined(node, below, POSITIVE)?;
                field.note_positive(&of[0]);
                let rest = field.minus(&Fraction::integer(1), &of[0])?;
                field.note_positive(&rest);
            }
            Op::Mod | Op::Rem => field.defined(node, terms[1], NOT_ZERO)?,
            Op::Sinc if !field.without_isolated_zeros(a)? => {
                self.sign(&of[0])?;
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
    pub(super) fn operator(
        &mut self,
        op: Op,
        node: TermId,
        terms: &[TermId],
        of: &[Fraction],
    ) -> Result<Fraction> {
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
            Op::Lbeta => self.field.lbeta(a, &of[1])?,
            Op::Digammadiff => self.field.polygamma_difference(of)?,
            Op::Mod | Op::Rem => {
                let ratio = self.field.divided(a, &of[1])?;
                let whole = if op == Op::Mod { self.floor(&ratio)? } else { self.odd(Op::Trunc, &ratio)? };
                let multiple = self.field.times(&of[1], &whole)?;
                self.field.minus(a, &multiple)?
            }
            Op::Sinc => {
                let order = exponent(&of[1]).and_then(|k| k.to_integer().try_into().ok());
                match order.filter(|&k: &u32| k <= MOST_ORDERS) {
                    Some(k) if self.field.mask_of_term(terms[0])?.within(NOT_ZERO) => {
                        conditions.push((terms[0], NOT_ZERO));
                        self.field.sinc(a, k)?
                    }
                    _ => return self.field.leaf(Kernel::Apply(op, of.to_vec())),
                }
            }
            Op::Mills => {
                let order = exponent(&of[1]).and_then(|k| k.to_integer().try_into().ok());
                match order.filter(|&k: &u32| k <= MOST_ORDERS) {
                    Some(k) => self.field.mills(a, k)?,
                    None => return self.field.leaf(Kernel::Apply(op, of.to_vec())),
                }
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

    pub(super) fn by_sign(
        &mut self,
        op: Op,
        node: TermId,
        terms: &[TermId],
        of: &[Fraction],
    ) -> Result<Fraction> {
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
    pub(super) fn odd(&mut self, op: Op, a: &Fraction) -> Result<Fraction> {
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
    pub(super) fn floor(&mut self, a: &Fraction) -> Result<Fraction> {
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
}
