//! Operators that are combinations of others by definition: hyperbolic functions, the normal distribution, sinc and their kin.

use expr::Op;
use num_rational::{BigRational, Ratio};

use super::super::Overflow;
use super::super::checker::{Rule, Term};
use super::super::field::{Field, Result};
use super::super::fraction::{Fraction, Kernel};
use super::super::number::Coefficient;

impl Field {
    /// An operator of one argument that is a combination of exponentials and logarithms.
    pub(super) fn by_definition(&mut self, op: Op, a: &Fraction) -> Result<Option<Fraction>> {
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
            Op::Sech => {
                let (left, right) = (self.exp(a)?, self.exp(&a.negated())?);
                let cosh = self.plus(&left, &right)?.scaled(&half);
                self.inverse(&cosh)?
            }
            Op::Normcdf => {
                let erf = self.erf_of_root(a)?;
                self.plus(&number(1), &erf)?.scaled(&half)
            }
            Op::Logit => {
                let rest = self.minus(&number(1), a)?;
                let (above, below) = (self.ln(a)?, self.ln(&rest)?);
                self.minus(&above, &below)?
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
                let erf = self.erf(a)?;
                self.minus(&number(1), &erf)?
            }
            Op::Atanh => {
                let (above, below) = (self.plus(&number(1), a)?, self.minus(&number(1), a)?);
                let (above, below) = (self.ln(&above)?, self.ln(&below)?);
                self.minus(&above, &below)?.scaled(&half)
            }
            _ => return Ok(None),
        }))
    }

    /// ln B(a, b) = ln Γ(a) + ln Γ(b) - ln Γ(a + b)
    pub(super) fn lbeta(&mut self, a: &Fraction, b: &Fraction) -> Result<Fraction> {
        let sum = self.plus(a, b)?;
        let [a, b, both] = [a, b, &sum].map(|x| self.leaf(Kernel::Apply(Op::Lgamma, vec![x.clone()])));
        let above = self.plus(&a?, &b?)?;
        self.minus(&above, &both?)
    }

    /// ψ⁽ᵏ⁾(a) - ψ⁽ᵏ⁾(a + b)
    pub(super) fn polygamma_difference(&mut self, of: &[Fraction]) -> Result<Fraction> {
        let sum = self.plus(&of[0], &of[1])?;
        let [at, beyond] =
            [&of[0], &sum].map(|x| self.leaf(Kernel::Apply(Op::Polygamma, vec![x.clone(), of[2].clone()])));
        self.minus(&at?, &beyond?)
    }

    fn erf(&mut self, a: &Fraction) -> Result<Fraction> {
        // Whether the sign was taken out does not matter to what is opaque but for it.
        if a.leading().is_none_or(Coefficient::is_leading) {
            return self.leaf(Kernel::Apply(Op::Erf, vec![a.clone()]));
        }
        let erf = self.leaf(Kernel::Apply(Op::Erf, vec![a.negated()]))?;
        let of = self.term(a);
        let before = self.terms.id(Term::Apply(Op::Erf, vec![of]));
        let positive = self.term(&erf);
        let after = self.terms.negated(positive);
        self.must(Rule::Odd, before, after, Vec::new())?;
        Ok(erf.negated())
    }

    /// erf(a/√2)
    fn erf_of_root(&mut self, a: &Fraction) -> Result<Fraction> {
        let half = BigRational::new(1.into(), 2.into());
        let root = self.root(&Fraction::integer(2), Ratio::new(1, 2))?.scaled(&Coefficient::rational(half));
        let argument = self.times(a, &root)?;
        self.erf(&argument)
    }

    /// Mills' ratio and its repeated integrals: M(j) = (M(j-2) - a·M(j-1))/j, where M(-1) is 1.
    pub(super) fn mills(&mut self, a: &Fraction, order: u32) -> Result<Fraction> {
        let half = BigRational::new(1.into(), 2.into());
        let pi = self.leaf(Kernel::Pi)?;
        let root = self.root(&pi.scaled(&Coefficient::integer(2)), Ratio::new(1, 2))?;
        let square = self.times(a, a)?.scaled(&Coefficient::rational(half.clone()));
        let (bell, erf) = (self.exp(&square)?, self.erf_of_root(a)?);
        let rest = self.minus(&Fraction::integer(1), &erf)?.scaled(&Coefficient::rational(half));
        let scale = self.times(&root, &bell)?;
        let (mut before, mut value) = (Fraction::integer(1), self.times(&scale, &rest)?);
        for j in 1..=order {
            let product = self.times(a, &value)?;
            let next = self.minus(&before, &product)?.scaled(&part(j));
            before = std::mem::replace(&mut value, next);
        }
        Ok(value)
    }

    /// sin a/a and its derivatives: s(j) = (sin(a + jπ/2) - j·s(j-1))/a.
    pub(super) fn sinc(&mut self, a: &Fraction, order: u32) -> Result<Fraction> {
        let (sine, cosine) = (self.by_definition(Op::Sin, a)?, self.by_definition(Op::Cos, a)?);
        let [Some(sine), Some(cosine)] = [sine, cosine] else { return Err(Overflow) };
        let mut value = self.divided(&sine, a)?;
        for j in 1..=order {
            let turned = if j % 2 == 0 { &sine } else { &cosine };
            let turned = if j % 4 < 2 { turned.clone() } else { turned.negated() };
            let rest = self.minus(&turned, &value.scaled(&Coefficient::integer(j.into())))?;
            value = self.divided(&rest, a)?;
        }
        Ok(value)
    }
}

/// Orders of derivatives that are written out.
pub(super) const MOST_ORDERS: u32 = 6;

/// 1/j
fn part(j: u32) -> Coefficient {
    Coefficient::rational(BigRational::new(1.into(), j.into()))
}
