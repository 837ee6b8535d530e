//! Cube roots, which are odd.

use expr::Op;
use num_rational::{BigRational, Ratio};
use num_traits::{One, Signed};

use super::super::checker::{Mask, NOT_NEGATIVE, POSITIVE, Rule, Term, TermId};
use super::super::field::{Field, Result};
use super::super::fraction::{Fraction, Kernel, alone};
use super::super::number::{Coefficient, Exponent};
use super::super::primes::prime_powers;

impl Field {
    pub(in super::super) fn cbrt(&mut self, a: &Fraction) -> Result<Fraction> {
        let Some((monomial, c)) = a.as_term().map(|(m, c)| (m.clone(), c.clone())) else {
            let lead = a.leading().cloned().unwrap_or(Coefficient::integer(1));
            let Some(scale) = lead.real().filter(|c| !c.is_one()) else {
                return self.leaf(Kernel::Cbrt(a.clone()));
            };
            let rest = a.scaled(&lead.inverse());
            let mut parts = Vec::new();
            let front = self.cbrt_of_number(scale, &mut parts)?;
            let root = self.leaf(Kernel::Cbrt(rest))?;
            parts.push(self.term(&root));
            return self.cbrt_is(a, &front, &root, parts, Vec::new());
        };
        let Some(c) = c.real().cloned() else { return self.leaf(Kernel::Cbrt(a.clone())) };
        if c.is_one()
            && matches!(monomial.as_slice(), [(k, e)] if *e == Exponent::integer(1) && !matches!(self.kernels[*k as usize], Kernel::Exp(_)))
        {
            let (k, _) = monomial[0];
            if self.mask(&alone(k))? != POSITIVE {
                return self.leaf(Kernel::Cbrt(a.clone()));
            }
        }
        let (mut parts, mut conditions) = (Vec::new(), Vec::new());
        let front = self.cbrt_of_number(&c, &mut parts)?;
        let mut product = Fraction::integer(1);
        let third = Ratio::new(1, 3);
        for (k, e) in monomial {
            if !e.is_integer() {
                return self.leaf(Kernel::Cbrt(a.clone()));
            }
            let base = alone(k);
            let value = if self.is_positive(&base)? {
                let term = self.power_term(&base, e.re * third);
                parts.push(term);
                conditions.push((self.term(&base), NOT_NEGATIVE));
                self.root(&base, e.re * third)?
            } else {
                let root = self.leaf(Kernel::Cbrt(base))?;
                let power = self.power(&root, e.re.to_integer())?;
                let term = self.term(&root);
                parts.push(self.terms.power(term, e.re.to_integer()));
                power
            };
            product = self.times(&product, &value)?;
        }
        self.cbrt_is(a, &front, &product, parts, conditions)
    }

    fn cbrt_is(
        &mut self,
        a: &Fraction,
        front: &Fraction,
        rest: &Fraction,
        parts: Vec<TermId>,
        conditions: Vec<(TermId, Mask)>,
    ) -> Result<Fraction> {
        let (of, after) = (self.term(a), self.product_term(parts));
        let before = self.terms.id(Term::Apply(Op::Cbrt, vec![of]));
        self.must(Rule::CubeRootOfProduct, before, after, conditions)?;
        self.times(front, rest)
    }

    fn cbrt_of_number(&mut self, c: &BigRational, parts: &mut Vec<TermId>) -> Result<Fraction> {
        let mut product = Fraction::integer(1);
        if c.is_negative() {
            parts.push(self.terms.integer(-1));
            product = product.negated();
        }
        for (prime, power) in prime_powers(&c.abs()) {
            let base = Fraction::constant(Coefficient::rational(BigRational::from_integer(prime)));
            let e = Ratio::new(power, 3);
            parts.push(self.power_term(&base, e));
            let factor = self.powered(Kernel::Root(base), Exponent::real(e))?;
            product = self.times(&product, &factor)?;
        }
        Ok(product)
    }
}
