//! Exponentials, logarithms and roots, taken apart where that is right for every argument at which they are defined.

use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use num_traits::{One, Signed, Zero};

use super::Overflow;
use super::field::{Field, Fraction, Kernel, Result, alone};
use super::number::{Coefficient, Exponent};
use super::polynomial::{Monomial, Polynomial};

/// Primes that are looked for in constants.
const LARGEST_PRIME: u32 = 1_000;

impl Field {
    /// e^a, as a product over the terms of a.
    pub(super) fn exp(&mut self, a: &Fraction) -> Result<Fraction> {
        let mut product = Fraction::integer(1);
        for (monomial, c) in &a.top.0 {
            let exponent = Exponent::of(c).ok_or(Overflow)?;
            let logarithm = match (monomial.as_slice(), a.below.is_empty()) {
                ([(k, e)], true) if *e == Exponent::integer(1) && exponent.is_real() => {
                    match &self.kernels[*k as usize] {
                        // Of the power a^b of an a of unknown sign nothing is known but its whole powers.
                        Kernel::Ln(of) if exponent.re.is_integer() || self.is_positive(of) => {
                            Some(of.clone())
                        }
                        _ => None,
                    }
                }
                _ => None,
            };
            let factor = match logarithm {
                Some(of) => self.root(&of, exponent.re)?,
                None => {
                    let one = Polynomial::term(monomial.clone(), Coefficient::integer(1));
                    self.powered(Kernel::Exp(Fraction { top: one, below: a.below.clone() }), exponent)?
                }
            };
            product = self.times(&product, &factor)?;
        }
        Ok(product)
    }

    /// The real power a^r, wherever that is defined.
    pub(super) fn root(&mut self, a: &Fraction, r: Ratio<i64>) -> Result<Fraction> {
        if r.is_integer() {
            return self.power(a, r.to_integer());
        }
        // Taking a root apart takes other roots: that is work, too, and bounds how deep it goes.
        self.spend(50, 50)?;
        if let Some(value) = a.as_constant().as_ref().and_then(Coefficient::real) {
            return self.constant_root(value, r);
        }
        if let Some((monomial, c)) = a.as_term()
            && let Some(c) = c.real().filter(|c| c.is_positive())
        {
            let unknown = monomial.iter().filter(|&&(k, e)| !self.kernel_is_positive(k, e));
            let unknown: Vec<_> = unknown.collect();
            // Powers of a base of unknown sign are exponentials too: nothing is known of these.
            let power = |k: u32| matches!(self.kernels[k as usize], Kernel::Exp(_));
            let rooted = |&&(k, e): &&(u32, Exponent)| !power(k) && e.is_real() && !e.re.is_integer();
            let single = |unknown: &[&(u32, Exponent)]| matches!(unknown, [(k, e)] if *e == Exponent::integer(1) && !power(*k));
            if unknown.iter().all(rooted) || single(&unknown) {
                // A power that is not whole has a base above 0: at 0 it has no derivative, or is 0 on both sides.
                let bases: Vec<u32> = unknown.iter().map(|(k, _)| *k).collect();
                for k in bases {
                    self.note_positive(&alone(k));
                }
                let scaled: Option<Monomial> =
                    monomial.iter().map(|&(k, e)| Some((k, e.scaled(r)?))).collect();
                let front = self.constant_root(&c.clone(), r)?;
                let term: Fraction =
                    Polynomial::term(scaled.ok_or(Overflow)?, Coefficient::integer(1)).into();
                let term = self.reduced(term)?;
                return self.times(&front, &term);
            }
        }
        if !a.below.is_empty() {
            let divisor =
                Fraction { top: Polynomial::constant(Coefficient::integer(1)), below: a.below.clone() };
            let below = self.inverse(&divisor)?;
            let above: Fraction = a.top.clone().into();
            if self.is_positive(&below) || self.is_positive(&above) {
                let (above, below) = (self.root(&above, r)?, self.root(&below, r)?);
                return self.divided(&above, &below);
            }
        }
        let scale = a.leading().and_then(Coefficient::real).map(BigRational::abs);
        let scale = scale.filter(|scale| !scale.is_zero()).unwrap_or_else(BigRational::one);
        let front = self.constant_root(&scale, r)?;
        let base = a.scaled(&Coefficient::rational(scale.recip()));
        if base.below.is_empty()
            && let Some((factor, rest)) = self.positive_factor(&base)
        {
            let (left, right) = (self.root(&factor, r)?, self.root(&rest, r)?);
            let root = self.times(&left, &right)?;
            return self.times(&front, &root);
        }
        if let Some((content, rest)) = self.positive_content(&base)? {
            let (left, right) = (self.root(&content, r)?, self.root(&rest, r)?);
            let root = self.times(&left, &right)?;
            return self.times(&front, &root);
        }
        self.note_positive(&base);
        let root = self.powered(Kernel::Root(base), Exponent::real(r))?;
        self.times(&front, &root)
    }

    /// The powers of exponentials and other positive kernels that divide all terms of a sum, and the sum without them.
    fn positive_content(&mut self, a: &Fraction) -> Result<Option<(Fraction, Fraction)>> {
        if a.top.0.len() < 2 {
            return Ok(None);
        }
        let (monomial, ..) = self.primitive(&a.top)?;
        let content: Monomial = monomial
            .into_iter()
            .filter(|&(k, e)| self.kernel_is_positive(k, e) && !self.is_number(k))
            .collect();
        if content.is_empty() {
            return Ok(None);
        }
        let content: Fraction = Polynomial::term(content, Coefficient::integer(1)).into();
        let rest = self.divided(a, &content)?;
        Ok(Some((content, rest)))
    }

    /// Whether a kernel is a root of something without variables.
    fn is_number(&self, k: u32) -> bool {
        matches!(self.kernels[k as usize], Kernel::Root(_)) && !self.natures[k as usize].varies
    }

    /// A factor of a polynomial that is known to be positive, and what is left of it.
    fn positive_factor(&self, a: &Fraction) -> Option<(Fraction, Fraction)> {
        let others = self.positive.iter().filter(|known| known.below.is_empty() && known.top != a.top);
        let mut factors = others.filter(|known| known.as_constant().is_none());
        factors.find_map(|factor| {
            let rest = a.top.divided_exactly(&factor.top)?;
            // Only a whole factor makes what is left simpler, and roots of numbers divide everything.
            let whole = rest.0.keys().flatten().all(|(_, e)| e.re >= Ratio::zero());
            let varies = |p: &Polynomial| p.0.keys().flatten().any(|&(k, _)| !self.is_number(k));
            (whole && varies(&rest) && varies(&factor.top)).then(|| (factor.clone(), rest.into()))
        })
    }

    /// A power of a number, prime by prime.
    fn constant_root(&mut self, value: &BigRational, r: Ratio<i64>) -> Result<Fraction> {
        if value.is_zero() {
            return if r.is_positive() { Ok(Fraction::integer(0)) } else { Err(Overflow) };
        }
        let mut product = Fraction::integer(1);
        for (prime, power) in primes(value) {
            let base = Fraction::constant(Coefficient::rational(BigRational::from_integer(prime)));
            let e = Exponent::real(r).scaled(Ratio::from_integer(power)).ok_or(Overflow)?;
            let factor = self.powered(Kernel::Root(base), e)?;
            product = self.times(&product, &factor)?;
        }
        Ok(product)
    }

    pub(super) fn cbrt(&mut self, a: &Fraction) -> Result<Fraction> {
        self.leaf(Kernel::Cbrt(a.clone()))
    }

    /// ln a, taken apart where that is right.
    pub(super) fn ln(&mut self, a: &Fraction) -> Result<Fraction> {
        let value = a.as_constant();
        if let Some(value) = value.as_ref().and_then(Coefficient::real).filter(|value| value.is_positive()) {
            return self.constant_ln(value);
        }
        if let Some((monomial, c)) = a.as_term()
            && let Some(c) = c.real().filter(|c| c.is_positive()).cloned()
        {
            let monomial = monomial.clone();
            let unknown = monomial.iter().filter(|&&(k, e)| !self.kernel_is_positive(k, e)).count();
            // A positive multiple of one kernel is positive where the kernel is.
            let single = matches!(monomial.as_slice(), [(_, e)] if *e == Exponent::integer(1));
            if unknown == 0 || single {
                let mut sum = self.constant_ln(&c)?;
                for &(k, e) in &monomial {
                    let part = match self.kernels[k as usize].clone() {
                        Kernel::Exp(argument) if unknown == 0 => argument,
                        Kernel::Root(base) if unknown == 0 => self.ln(&base)?,
                        _ => self.leaf(Kernel::Ln(alone(k)))?,
                    };
                    let factor = Coefficient {
                        re: BigRational::new((*e.re.numer()).into(), (*e.re.denom()).into()),
                        im: BigRational::new((*e.im.numer()).into(), (*e.im.denom()).into()),
                    };
                    sum = self.plus(&sum, &part.scaled(&factor))?;
                }
                return Ok(sum);
            }
        }
        let scale = a.leading().and_then(Coefficient::real).map(BigRational::abs);
        let scale = scale.filter(|scale| !scale.is_zero()).unwrap_or_else(BigRational::one);
        let front = self.constant_ln(&scale)?;
        if let Some((content, rest)) = self.positive_content(a)? {
            let (left, right) = (self.ln(&content)?, self.ln(&rest)?);
            return self.plus(&left, &right);
        }
        let kernel = self.leaf(Kernel::Ln(a.scaled(&Coefficient::rational(scale.recip()))))?;
        self.plus(&front, &kernel)
    }

    fn constant_ln(&mut self, value: &BigRational) -> Result<Fraction> {
        let mut sum = Fraction::default();
        for (prime, power) in primes(value) {
            let of = Fraction::constant(Coefficient::rational(BigRational::from_integer(prime)));
            let part = self.leaf(Kernel::Ln(of))?;
            sum = self.plus(&sum, &part.scaled(&Coefficient::integer(power)))?;
        }
        Ok(sum)
    }
}

/// The prime powers of a positive number, and what is left of it when small primes are taken out.
fn primes(value: &BigRational) -> Vec<(BigInt, i64)> {
    let mut found = Vec::new();
    for (mut rest, sign) in [(value.numer().clone(), 1), (value.denom().clone(), -1)] {
        for prime in 2..=LARGEST_PRIME {
            let mut power = 0;
            while (&rest % prime).is_zero() && !rest.is_zero() {
                rest /= prime;
                power += sign;
            }
            if power != 0 {
                found.push((prime.into(), power));
            }
        }
        if !rest.is_one() {
            found.push((rest, sign));
        }
    }
    found
}
