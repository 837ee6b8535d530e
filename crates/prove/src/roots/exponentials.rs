//! Exponentials at known angles, and logarithms.

use expr::Op;
use num_rational::{BigRational, Ratio};
use num_traits::{One, Signed, Zero};

use super::super::Overflow;
use super::super::checker::{POSITIVE, REAL, Rule, Term};
use super::super::field::{Field, Result};
use super::super::fraction::{Fraction, Kernel};
use super::super::number::{Coefficient, Exponent};
use super::super::polynomial::Polynomial;
use super::super::terms::{complex, rational};

use super::*;

impl Field {
    /// e^a, as a product over the terms of a.
    pub(in super::super) fn exp(&mut self, a: &Fraction) -> Result<Fraction> {
        let mut product = Fraction::integer(1);
        let (mut factors, mut conditions, mut plain) = (Vec::new(), Vec::new(), true);
        for (monomial, c) in &a.top.0 {
            let exponent = Exponent::of(c).ok_or(Overflow)?;
            let single = match monomial.as_slice() {
                [(k, e)] if a.below.is_empty() && *e == Exponent::integer(1) => Some(*k),
                _ => None,
            };
            let kernel = single.map(|k| self.kernels[k as usize].clone());
            let one: Fraction = Polynomial::term(monomial.clone(), Coefficient::integer(1)).into();
            let one = Fraction { below: a.below.clone(), ..one };
            let factor = match kernel {
                // Of the power a^b of an a of unknown sign nothing is known but its whole powers.
                Some(Kernel::Ln(of))
                    if exponent.is_integer() || exponent.is_real() && self.is_positive(&of)? =>
                {
                    plain = false;
                    factors.push(self.power_term(&of, exponent.re));
                    if !exponent.is_integer() {
                        conditions.push((self.term(&of), POSITIVE));
                    }
                    self.root(&of, exponent.re)?
                }
                Some(kernel) if exponent.re.is_zero() && self.is_angle(&kernel, exponent.im) => {
                    let value = self.angle(&kernel, exponent.im)?;
                    let angle = self.term(&one.scaled(c));
                    let turn = self.terms.id(Term::Exp(angle));
                    let after = self.term(&value);
                    self.must(Rule::ExponentialOfAngle, turn, after, Vec::new())?;
                    factors.push(turn);
                    value
                }
                _ => {
                    let value = self.powered(Kernel::Exp(one), exponent)?;
                    factors.push(self.term(&value));
                    value
                }
            };
            product = self.times(&product, &factor)?;
        }
        if a.top.0.len() > 1 || !plain {
            let (of, after) = (self.term(a), self.product_term(factors));
            let before = self.terms.id(Term::Exp(of));
            self.must(Rule::ExponentialOfSum, before, after, conditions)?;
        }
        Ok(product)
    }

    /// Whether e^(i·r·kernel) has a known value.
    pub(super) fn is_angle(&self, kernel: &Kernel, r: Ratio<i64>) -> bool {
        match kernel {
            Kernel::Pi => 12 % r.denom() == 0 && *r.numer() != 0,
            Kernel::Apply(Op::Asin | Op::Atan, _) => r.is_integer() && r.numer().abs() <= 16,
            _ => false,
        }
    }

    pub(super) fn angle(&mut self, kernel: &Kernel, r: Ratio<i64>) -> Result<Fraction> {
        let half = Ratio::new(1, 2);
        let i = Coefficient::i();
        let halved = Coefficient::rational(BigRational::new(1.into(), 2.into()));
        let root = |field: &mut Field, n: i64| Ok(field.root(&Fraction::integer(n), half)?.scaled(&halved));
        let (x, y, n) = match kernel {
            Kernel::Pi => {
                let (x, y) = match r.denom() {
                    1 => (Fraction::integer(-1), Fraction::default()),
                    2 => (Fraction::default(), Fraction::integer(1)),
                    3 => (Fraction::constant(halved.clone()), root(self, 3)?),
                    4 => (root(self, 2)?, root(self, 2)?),
                    6 => (root(self, 3)?, Fraction::constant(halved.clone())),
                    _ => {
                        let (two, six) = (root(self, 2)?.scaled(&halved), root(self, 6)?.scaled(&halved));
                        (self.plus(&six, &two)?, self.minus(&six, &two)?)
                    }
                };
                (x, y, r.numer().rem_euclid(2 * r.denom()))
            }
            Kernel::Apply(op, of) => {
                let square = self.times(&of[0], &of[0])?;
                let signed = if r.is_negative() { of[0].negated() } else { of[0].clone() };
                let (x, y) = if *op == Op::Asin {
                    let rest = self.minus(&Fraction::integer(1), &square)?;
                    (self.root(&rest, half)?, signed)
                } else {
                    let length = self.plus(&Fraction::integer(1), &square)?;
                    let x = self.root(&length, -half)?;
                    let y = self.times(&x, &signed)?;
                    (x, y)
                };
                (x, y, r.numer().abs())
            }
            _ => return Err(Overflow),
        };
        let turn = self.plus(&x, &y.scaled(&i))?;
        let mut power = Fraction::integer(1);
        for _ in 0..n {
            power = self.times(&power, &turn)?;
        }
        Ok(power)
    }
}

impl Field {
    /// ln a, taken apart where that is right.
    pub(in super::super) fn ln(&mut self, a: &Fraction) -> Result<Fraction> {
        if a.as_constant().is_some_and(|c| c.is_one()) {
            return Ok(Fraction::default());
        }
        // Of factors that divide each other in turn there is no end.
        if self.depth > MOST_NESTED {
            return self.leaf(Kernel::Ln(a.clone()));
        }
        self.depth += 1;
        let ln = self.ln_of_factors(a);
        self.depth -= 1;
        ln
    }

    pub(super) fn ln_of_factors(&mut self, a: &Fraction) -> Result<Fraction> {
        let (factors, rest) = self.factors(a, false)?;
        let rest = Some(rest).filter(|rest| !rest.as_constant().is_some_and(|c| c.is_one()));
        if factors.is_empty() {
            return self.leaf(Kernel::Ln(a.clone()));
        }
        if let [Factor::Base(base, e)] = factors.as_slice()
            && rest.is_none()
            && *e == Ratio::one()
        {
            return self.leaf(Kernel::Ln(base.clone()));
        }
        if let Some(rest) = &rest
            && self.mask(a)? == POSITIVE
        {
            self.show_rest(a, &factors, rest, POSITIVE)?;
        }
        let (mut sum, mut parts, mut conditions) = (Fraction::default(), Vec::new(), Vec::new());
        for factor in factors {
            let value = match factor {
                Factor::Base(base, e) => {
                    let inner = self.term(&base);
                    let ln = self.terms.id(Term::Ln(inner));
                    conditions.push((inner, POSITIVE));
                    let scale = self.terms.number(rational(e));
                    parts.push(self.terms.id(Term::Product(vec![scale, ln])));
                    let ln = match base.as_constant() {
                        Some(_) => self.leaf(Kernel::Ln(base))?,
                        None => self.ln(&base)?,
                    };
                    ln.scaled(&Coefficient::rational(rational(e)))
                }
                Factor::Exp(k, e) => {
                    let Kernel::Exp(w) = self.kernels[k as usize].clone() else { return Err(Overflow) };
                    let w = w.scaled(&complex(e));
                    let term = self.term(&w);
                    parts.push(term);
                    conditions.push((term, REAL));
                    w
                }
            };
            sum = self.plus(&sum, &value)?;
        }
        // Of the last one nothing needs to be known.
        let last = parts.last().map(|&t| self.terms.list[t as usize].clone());
        if rest.is_none()
            && let Some(Term::Product(of)) = last
            && matches!(&self.terms.list[of[0] as usize], Term::Number(c) if c.is_one())
            && let Term::Ln(inner) = self.terms.list[of[1] as usize]
        {
            conditions.retain(|(of, _)| *of != inner);
        }
        if let Some(rest) = rest {
            let inner = self.term(&rest);
            parts.push(self.terms.id(Term::Ln(inner)));
            let ln = if rest == *a { self.leaf(Kernel::Ln(rest))? } else { self.ln(&rest)? };
            sum = self.plus(&sum, &ln)?;
        }
        let (of, after) = (self.term(a), self.sum_term(parts));
        let before = self.terms.id(Term::Ln(of));
        self.must(Rule::LogarithmOfProduct, before, after, conditions)?;
        Ok(sum)
    }
}
