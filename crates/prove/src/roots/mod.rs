//! Exponentials, logarithms and roots, taken apart where that is right for every argument at which they are defined.

mod cube;
mod exponentials;

use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use num_traits::{One, Signed, Zero};

use super::Overflow;
use super::checker::{Mask, NEGATIVE, NOT_NEGATIVE, POSITIVE, REAL, Rule, Term, TermId};
use super::field::{Field, Result};
use super::fraction::{Fraction, Kernel, alone};
use super::number::{Coefficient, Exponent};
use super::polynomial::{Monomial, Polynomial};
use super::primes::prime_powers;

/// How often factors are taken apart.
const MOST_NESTED: u32 = 12;

/// A factor of what stands below a root or in a logarithm.
enum Factor {
    /// A power of something that is positive; or, below a root, not negative.
    Base(Fraction, Ratio<i64>),
    /// e to a real power.
    Exp(u32, Exponent),
}

impl Field {
    /// The real power a^r, wherever that is defined.
    pub(super) fn root(&mut self, a: &Fraction, r: Ratio<i64>) -> Result<Fraction> {
        if r.is_integer() {
            return self.power(a, r.to_integer());
        }
        // Taking a root apart takes other roots: that is work, too, and bounds how deep it goes.
        self.spend(50, 50)?;
        if a.is_zero() {
            return if r.is_positive() { Ok(Fraction::default()) } else { Err(Overflow) };
        }
        if self.depth > MOST_NESTED {
            return self.powered(Kernel::Root(a.clone()), Exponent::real(r));
        }
        self.depth += 1;
        let root = self.root_of_factors(a, r);
        self.depth -= 1;
        root
    }

    fn root_of_factors(&mut self, a: &Fraction, r: Ratio<i64>) -> Result<Fraction> {
        let (factors, rest) = self.factors(a, true)?;
        if factors.is_empty() {
            return self.powered(Kernel::Root(rest), Exponent::real(r));
        }
        let rest = Some(rest).filter(|rest| !rest.as_constant().is_some_and(|c| c.is_one()));
        let (mut product, mut parts, mut conditions) = (Fraction::integer(1), Vec::new(), Vec::new());
        if let Some(rest) = &rest {
            self.show_rest(a, &factors, rest, NOT_NEGATIVE)?;
        }
        for factor in factors.into_iter().chain(rest.map(|rest| Factor::Base(rest, Ratio::from_integer(1)))) {
            let value = match factor {
                Factor::Base(base, e) => {
                    let e = e * r;
                    parts.push(self.power_term(&base, e));
                    conditions.push((self.term(&base), NOT_NEGATIVE));
                    match base.as_constant() {
                        Some(_) => self.powered(Kernel::Root(base), Exponent::real(e))?,
                        None if base == *a => self.powered(Kernel::Root(base), Exponent::real(e))?,
                        None => self.root(&base, e)?,
                    }
                }
                Factor::Exp(k, e) => {
                    let e = e.scaled(r).ok_or(Overflow)?;
                    parts.push(self.term_of_power(k, e));
                    conditions.push((self.exponent_term(k), REAL));
                    Polynomial::term(vec![(k, e)], Coefficient::integer(1)).into()
                }
            };
            product = self.times(&product, &value)?;
        }
        let (before, after) = (self.power_term(a, r), self.product_term(parts));
        if before == after {
            return Ok(product);
        }
        self.must(Rule::PowerOfProduct, before, after, conditions)?;
        Ok(product)
    }

    /// What an exponential kernel is e to the power of.
    fn exponent_term(&self, k: u32) -> TermId {
        match self.terms.list[self.kernel_terms[k as usize] as usize] {
            Term::Exp(w) => w,
            _ => unreachable!("a kernel of another kind"),
        }
    }

    /// Makes known that what is left of a product has its sign, as the factors that are split off are positive.
    fn show_rest(&mut self, a: &Fraction, factors: &[Factor], rest: &Fraction, mask: Mask) -> Result<()> {
        let rest = self.term(rest);
        if self.mask_of_term(rest)?.within(mask) {
            return Ok(());
        }
        let mut parts = vec![self.term(a)];
        for factor in factors {
            parts.push(match factor {
                Factor::Base(base, e) => {
                    let base = base.clone();
                    self.power_term(&base, -*e)
                }
                Factor::Exp(k, e) => {
                    self.term_of_power(*k, e.scaled(Ratio::from_integer(-1)).ok_or(Overflow)?)
                }
            });
        }
        let by = self.product_term(parts);
        if self.show_sign(rest, by, mask)? { Ok(()) } else { Err(Overflow) }
    }

    /// Factors of a fraction that are positive (below a root also such that are not negative, if they are all there is), and
    /// what is left.
    fn factors(&mut self, a: &Fraction, below_root: bool) -> Result<(Vec<Factor>, Fraction)> {
        let mut factors = Vec::new();
        let mut rest = a.clone();
        if let Some(scale) =
            a.leading().and_then(Coefficient::real).map(BigRational::abs).filter(|c| !c.is_one())
        {
            rest = rest.scaled(&Coefficient::rational(scale.recip()));
            for (prime, power) in prime_powers(&scale) {
                let base = Fraction::constant(Coefficient::rational(BigRational::from_integer(prime)));
                factors.push(Factor::Base(base, Ratio::from_integer(power)));
            }
        }
        for (id, n) in rest.below.clone() {
            let divisor: Fraction = self.divisors[id].clone().into();
            let mask = self.mask(&divisor)?;
            let base = match mask {
                _ if mask == POSITIVE => divisor,
                _ if mask == NEGATIVE && n % 2 == 0 => divisor.negated(),
                _ if mask == NEGATIVE => {
                    rest = rest.negated();
                    divisor.negated()
                }
                _ => continue,
            };
            rest.below.remove(&id);
            factors.push(Factor::Base(base, Ratio::from_integer(-i64::from(n))));
        }
        if !rest.below.is_empty() {
            return Ok((factors, rest));
        }
        if let Some((monomial, c)) = rest.as_term() {
            let (monomial, c) = (monomial.clone(), c.clone());
            let rest = self.split_monomial(&monomial, &mut factors, below_root)?.scaled(&c);
            return Ok((factors, rest));
        }
        let (monomial, ..) = self.primitive(&rest.top)?;
        let mut content = Monomial::new();
        for (k, e) in monomial {
            let splits = match &self.kernels[k as usize] {
                Kernel::Exp(_) => e.is_real() && self.is_real_exponential(k)?,
                Kernel::Root(base) => base.as_constant().is_none() && self.mask(&alone(k))? == POSITIVE,
                _ => e.is_integer() && self.mask(&alone(k))? == POSITIVE,
            };
            if splits {
                content.push((k, e));
            }
        }
        if !content.is_empty() {
            let divisor: Fraction = Polynomial::term(content.clone(), Coefficient::integer(1)).into();
            rest = self.divided(&rest, &divisor)?;
            self.split_monomial(&content, &mut factors, below_root)?;
        }
        if let Some(Factors { base, scale }) = self.square(&rest, below_root)? {
            for (prime, power) in prime_powers(&scale) {
                let base = Fraction::constant(Coefficient::rational(BigRational::from_integer(prime)));
                factors.push(Factor::Base(base, Ratio::from_integer(power)));
            }
            factors.push(Factor::Base(base, Ratio::from_integer(2)));
            rest = Fraction::integer(1);
            return Ok((factors, rest));
        }
        while let Some((factor, left)) = self.positive_factor(&rest) {
            factors.push(Factor::Base(factor, Ratio::from_integer(1)));
            rest = left;
        }
        if self.is_positive(&rest)? && rest.as_constant().is_none() && !factors.is_empty() && below_root {
            factors.push(Factor::Base(rest, Ratio::from_integer(1)));
            rest = Fraction::integer(1);
        }
        Ok((factors, rest))
    }

    fn is_real_exponential(&mut self, k: u32) -> Result<bool> {
        let w = self.exponent_term(k);
        Ok(self.mask_of_term(w)?.within(REAL))
    }

    /// The factors of a product of powers of kernels, and what is left.
    fn split_monomial(
        &mut self,
        monomial: &Monomial,
        factors: &mut Vec<Factor>,
        below_root: bool,
    ) -> Result<Fraction> {
        let mut rest = Monomial::new();
        let mut weak: Vec<(usize, (u32, Exponent))> = Vec::new();
        for &(k, e) in monomial {
            let mask = self.mask(&alone(k))?;
            let factor = match &self.kernels[k as usize].clone() {
                Kernel::Exp(_) if e.is_real() && self.is_real_exponential(k)? => Some(Factor::Exp(k, e)),
                Kernel::Exp(_) => None,
                Kernel::Root(base) => {
                    let base = base.clone();
                    let mask = self.mask(&base)?;
                    if mask.within(NOT_NEGATIVE) && mask != POSITIVE {
                        weak.push((factors.len(), (k, e)));
                    }
                    mask.within(NOT_NEGATIVE).then_some(Factor::Base(base, e.re))
                }
                _ if mask == POSITIVE => Some(Factor::Base(alone(k), e.re)),
                _ if mask == NEGATIVE && e.is_integer() && (e.re.to_integer() % 2 == 0) => {
                    Some(Factor::Base(alone(k).negated(), e.re))
                }
                _ if !mask.within(REAL) || !below_root => None,
                _ if mask.within(NOT_NEGATIVE) => {
                    weak.push((factors.len(), (k, e)));
                    Some(Factor::Base(alone(k), e.re))
                }
                _ if e.is_integer() && e.re.to_integer() % 4 == 0 => {
                    weak.push((factors.len(), (k, e)));
                    let square = Polynomial::term(vec![(k, Exponent::integer(2))], Coefficient::integer(1));
                    Some(Factor::Base(square.into(), e.re / 2))
                }
                _ => None,
            };
            match factor {
                Some(factor) => factors.push(factor),
                None => rest.push((k, e)),
            }
        }
        // What may be 0 says nothing of the sign of what stands beside it.
        if !rest.is_empty() && !weak.is_empty() {
            for (at, power) in weak.into_iter().rev() {
                factors.remove(at);
                rest.push(power);
            }
            rest.sort_unstable();
        }
        Ok(Polynomial::term(rest, Coefficient::integer(1)).into())
    }

    /// A factor of a polynomial that is known to be positive, and what is left of it.
    fn positive_factor(&self, a: &Fraction) -> Option<(Fraction, Fraction)> {
        if a.top.0.len() < 2 {
            return None;
        }
        let is_number =
            |k: u32| matches!(&self.kernels[k as usize], Kernel::Root(base) if base.as_constant().is_some());
        self.positive.iter().filter(|known| known.top != a.top).find_map(|factor| {
            let rest = a.top.divided_exactly(&factor.top)?;
            // Only a whole factor makes what is left simpler, and roots of numbers divide everything.
            let whole = rest.0.keys().flatten().all(|(_, e)| e.re >= Ratio::zero());
            let varies = |p: &Polynomial| p.0.keys().flatten().any(|&(k, _)| !is_number(k));
            (whole && varies(&rest) && varies(&factor.top)).then(|| (factor.clone(), rest.into()))
        })
    }

    /// The square root of a number times a square, of known sign: whichever of the root and its negative is not negative.
    fn square(&mut self, a: &Fraction, below_root: bool) -> Result<Option<Factors>> {
        let Some((root, scale)) = self.square_root(a)? else { return Ok(None) };
        let mask = self.mask(&root)?;
        let needed = if below_root { NOT_NEGATIVE } else { POSITIVE };
        let base = match mask {
            _ if mask.within(needed) => root,
            _ if mask.negated().within(needed) => root.negated(),
            _ => return Ok(None),
        };
        Ok(Some(Factors { base, scale }))
    }

    /// A polynomial of several terms as a positive number times the square of something real.
    pub(super) fn square_root(&mut self, a: &Fraction) -> Result<Option<(Fraction, BigRational)>> {
        let denested = self.denested(a)?;
        if denested.is_some() {
            return Ok(denested);
        }
        if !a.below.is_empty() || a.top.0.len() < 3 || a.top.0.len() > 60 {
            return Ok(None);
        }
        let Some(root) = self.root_of_square(&a.top) else { return Ok(None) };
        let scale = a.top.largest().map(|(_, c)| c.clone());
        let Some(scale) = scale.and_then(|c| c.real().cloned()) else { return Ok(None) };
        let root: Fraction = root.into();
        self.spend(a.top.0.len(), a.top.0.len())?;
        for (root, scale) in [(root.clone(), scale.clone()), (root.scaled(&Coefficient::i()), -scale)] {
            if scale.is_positive() && self.mask(&root)?.within(REAL) {
                return Ok(Some((root, scale)));
            }
        }
        Ok(None)
    }

    /// sqrt(a + b·sqrt(d)) = sqrt(p) + sqrt(q), where p + q = a, 4pq = b²d and both are rational.
    fn denested(&mut self, a: &Fraction) -> Result<Option<(Fraction, BigRational)>> {
        let terms: Vec<(&Monomial, &Coefficient)> = a.top.0.iter().collect();
        let [(first, p), (second, q)] = terms.as_slice() else { return Ok(None) };
        let (Some(p), Some(q), true) = (p.real(), q.real(), first.is_empty() && a.below.is_empty()) else {
            return Ok(None);
        };
        let mut square = q * q;
        for &(k, e) in second.iter() {
            match &self.kernels[k as usize] {
                Kernel::Root(base) if e == Exponent::real(Ratio::new(1, 2)) => match base.as_constant() {
                    Some(c) => square *= c.re,
                    None => return Ok(None),
                },
                _ => return Ok(None),
            }
        }
        let Some(difference) = rational_root(&(p * p - &square)) else { return Ok(None) };
        let half = BigRational::new(1.into(), 2.into());
        let (large, less) = ((p + &difference) * &half, (p - &difference) * &half);
        if !large.is_positive() || !less.is_positive() {
            return Ok(None);
        }
        let half = Ratio::new(1, 2);
        let (x, y) = (
            self.root(&Fraction::constant(Coefficient::rational(large)), half)?,
            self.root(&Fraction::constant(Coefficient::rational(less)), half)?,
        );
        let sum = if q.is_negative() { self.minus(&x, &y)? } else { self.plus(&x, &y)? };
        Ok(Some((sum, BigRational::one())))
    }
}

/// A square: what it is of, and a positive number that it is multiplied by.
struct Factors {
    base: Fraction,
    scale: BigRational,
}

/// The rational square root, if there is one.
fn rational_root(value: &BigRational) -> Option<BigRational> {
    let whole = |n: &BigInt| Some(n.sqrt()).filter(|root| &(root * root) == n);
    if value.is_negative() {
        None
    } else {
        Some(BigRational::new(whole(value.numer())?, whole(value.denom())?))
    }
}
