//! Fractions of polynomials over kernels: what a formula is when everything that algebra can take apart is taken apart.
//!
//! Nothing is ever cancelled by assumption. Two fractions are equal when cross-multiplication gives the same polynomial, and
//! their divisors are those that stand in the formulas: not zero wherever these are defined.

use std::collections::{BTreeMap, HashMap};
use std::mem::discriminant;

use expr::Op;
use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use num_traits::{One, Signed, Zero};

use super::Overflow;
use super::fingerprint::fingerprint;
use super::number::{Coefficient, Exponent, small};
use super::polynomial::{self, Monomial, Polynomial};

type Result<T> = std::result::Result<T, Overflow>;

/// What is not taken apart further.
#[derive(Clone, Debug)]
pub(super) enum Kernel {
    /// A scalar input, by its position.
    Input(usize),
    /// π.
    Pi,
    /// e to some power; the argument is one term with coefficient 1.
    Exp(Fraction),
    /// A positive power of something that is not negative where its roots are defined.
    Root(Fraction),
    /// The real cube root.
    Cbrt(Fraction),
    /// A natural logarithm.
    Ln(Fraction),
    /// Any other function.
    Apply(Op, Vec<Fraction>),
}

/// A polynomial divided by powers of others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fraction {
    pub(super) top: Polynomial,
    pub(super) below: BTreeMap<usize, u32>,
}

/// The kernels and divisors met so far.
#[derive(Debug, Default)]
pub(super) struct Field {
    pub(super) kernels: Vec<Kernel>,
    divisors: Vec<Polynomial>,
    divisor_ids: HashMap<Polynomial, usize>,
    /// Per kernel, what its arguments are modulo a prime.
    prints: Vec<Vec<u64>>,
    /// Products of terms so far.
    work: u64,
    /// What is positive wherever the formulas are defined.
    positive: Vec<Fraction>,
}

/// The largest power that is multiplied out.
const MOST_POWER: i64 = 64;
/// The most terms of a polynomial that is divided by a divisor to see whether it comes out.
const MOST_CANCELLED: usize = 200;
/// The most products of terms in one case.
const MOST_WORK: u64 = 1_000_000;
/// Primes that are looked for in constants.
const LARGEST_PRIME: u32 = 1_000;

impl Fraction {
    pub(super) fn constant(value: Coefficient) -> Fraction {
        Polynomial::constant(value).into()
    }

    pub(super) fn integer(value: i64) -> Fraction {
        Fraction::constant(Coefficient::integer(value))
    }

    pub(super) fn is_zero(&self) -> bool {
        self.top.is_zero()
    }

    /// The constant that it is, if it is one.
    pub(super) fn as_constant(&self) -> Option<Coefficient> {
        self.top.as_constant().filter(|value| self.below.is_empty() || value.is_zero())
    }

    pub(super) fn scaled(&self, by: &Coefficient) -> Fraction {
        Fraction { top: self.top.scaled(by), below: self.below.clone() }
    }

    pub(super) fn negated(&self) -> Fraction {
        self.scaled(&Coefficient::integer(-1))
    }

    /// Its only term, if that is all there is.
    fn as_term(&self) -> Option<(&Monomial, &Coefficient)> {
        self.top.as_term().filter(|_| self.below.is_empty())
    }

    fn leading(&self) -> Option<&Coefficient> {
        self.top.0.first_key_value().map(|(_, coefficient)| coefficient)
    }
}

impl From<Polynomial> for Fraction {
    fn from(top: Polynomial) -> Fraction {
        Fraction { top, below: BTreeMap::new() }
    }
}

impl Field {
    pub(super) fn plus(&mut self, a: &Fraction, b: &Fraction) -> Result<Fraction> {
        self.spend(a.top.0.len() + b.top.0.len(), 1)?;
        let (mut x, mut y, mut below) = (a.top.clone(), b.top.clone(), a.below.clone());
        for (&id, &power) in &a.below {
            for _ in b.below.get(&id).copied().unwrap_or(0)..power {
                self.spend(y.0.len(), self.divisors[id].0.len())?;
                y = y.times(&self.divisors[id])?;
            }
        }
        for (&id, &power) in &b.below {
            for _ in a.below.get(&id).copied().unwrap_or(0)..power {
                self.spend(x.0.len(), self.divisors[id].0.len())?;
                x = x.times(&self.divisors[id])?;
            }
            let most = below.entry(id).or_insert(0);
            *most = (*most).max(power);
        }
        let sum = self.cancelled(Fraction { top: x.plus(&y)?, below });
        self.reduced(sum)
    }

    /// Counts products of terms, and stops when they are too many.
    fn spend(&mut self, a: usize, b: usize) -> Result<()> {
        self.work += (a * b) as u64;
        if self.work > MOST_WORK { Err(Overflow) } else { Ok(()) }
    }

    pub(super) fn minus(&mut self, a: &Fraction, b: &Fraction) -> Result<Fraction> {
        self.plus(a, &b.negated())
    }

    pub(super) fn times(&mut self, a: &Fraction, b: &Fraction) -> Result<Fraction> {
        self.spend(a.top.0.len(), b.top.0.len())?;
        let mut below = a.below.clone();
        b.below.iter().for_each(|(&id, &power)| *below.entry(id).or_insert(0) += power);
        let product = self.cancelled(Fraction { top: a.top.times(&b.top)?, below });
        self.reduced(product)
    }

    /// Without the divisors that divide what is above them. They stood in the formula, and are not 0 where it is defined.
    fn cancelled(&mut self, mut fraction: Fraction) -> Fraction {
        if fraction.is_zero() {
            return Fraction::default();
        }
        for id in fraction.below.keys().copied().collect::<Vec<_>>() {
            self.work += fraction.top.0.len() as u64;
            while let Some(power) = fraction.below.get(&id).copied()
                && fraction.top.0.len() >= self.divisors[id].0.len()
                && fraction.top.0.len() <= MOST_CANCELLED
                && let Some(quotient) = fraction.top.divided_exactly(&self.divisors[id])
            {
                fraction.top = quotient;
                match power {
                    1 => fraction.below.remove(&id),
                    _ => fraction.below.insert(id, power - 1),
                };
            }
        }
        fraction
    }

    /// Whether two fractions are the same function wherever both are defined.
    pub(super) fn equal(&mut self, a: &Fraction, b: &Fraction) -> Result<bool> {
        Ok(a == b || self.minus(a, b)?.is_zero())
    }

    /// Powers of roots that are whole powers of what stands below the root are written as such.
    fn reduced(&mut self, fraction: Fraction) -> Result<Fraction> {
        let whole = |kernel: &Kernel, e: Exponent| -> i64 {
            match kernel {
                Kernel::Root(_) => e.re.floor().to_integer(),
                Kernel::Cbrt(_) => (e.re / 3).floor().to_integer(),
                _ => 0,
            }
        };
        let is_open = |(m, _): &(&Monomial, &Coefficient)| {
            m.iter().any(|&(k, e)| whole(&self.kernels[k as usize], e) != 0)
        };
        if !fraction.top.0.iter().any(|term| is_open(&term)) {
            return Ok(fraction);
        }
        let (open, done): (Vec<_>, Vec<_>) = fraction.top.0.iter().partition(|term| is_open(term));
        let (open, done): (Vec<_>, Vec<_>) = (
            open.into_iter().map(|(m, c)| (m.clone(), c.clone())).collect(),
            done.into_iter().map(|(m, c)| (m.clone(), c.clone())).collect(),
        );
        let mut sum = Fraction { top: Polynomial(done.into_iter().collect()), below: fraction.below.clone() };
        for (monomial, coefficient) in open {
            let (mut rest, mut factors) = (Monomial::new(), Vec::new());
            for (k, e) in monomial {
                let n = whole(&self.kernels[k as usize], e);
                let (base, step) = match &self.kernels[k as usize] {
                    Kernel::Root(base) => (base.clone(), 1),
                    Kernel::Cbrt(base) => (base.clone(), 3),
                    _ => (Fraction::default(), 0),
                };
                let left = e.plus(Exponent::integer(-n * step)).ok_or(Overflow)?;
                if !left.is_zero() {
                    rest.push((k, left));
                }
                if n != 0 {
                    factors.push((base, n));
                }
            }
            let mut term =
                Fraction { top: Polynomial::term(rest, coefficient), below: fraction.below.clone() };
            for (base, n) in factors {
                let power = self.power(&base, n)?;
                term = self.times(&term, &power)?;
            }
            sum = self.plus(&sum, &term)?;
        }
        Ok(sum)
    }

    /// One over it.
    pub(super) fn inverse(&mut self, a: &Fraction) -> Result<Fraction> {
        let mut top = Polynomial::constant(Coefficient::integer(1));
        for (&id, &power) in &a.below {
            for _ in 0..power {
                top = top.times(&self.divisors[id])?;
            }
        }
        let (monomial, scale, divisor) = self.primitive(&a.top)?;
        let front = Polynomial::term(polynomial::inverse(&monomial)?, scale.inverse());
        let mut below = BTreeMap::new();
        if let Some(divisor) = divisor {
            let next = self.divisors.len();
            let id = *self.divisor_ids.entry(divisor.clone()).or_insert(next);
            if id == next {
                self.divisors.push(divisor);
            }
            below.insert(id, 1);
        }
        let inverse = Fraction { top: top.times(&front)?, below };
        self.reduced(inverse)
    }

    /// A polynomial as a monomial times a number times a polynomial without common factors of these kinds, if it has more
    /// than one term.
    fn primitive(&self, p: &Polynomial) -> Result<(Monomial, Coefficient, Option<Polynomial>)> {
        // The largest term, whatever the polynomial is multiplied by: 1 + e^x and 1 + e^-x are multiples of one divisor.
        let Some((first, lead)) = p.largest() else { return Err(Overflow) };
        if p.0.len() == 1 {
            return Ok((first.clone(), lead.clone(), None));
        }
        let mut common: BTreeMap<u32, Exponent> = BTreeMap::new();
        for (k, kernel) in self.kernels.iter().enumerate() {
            let power = |m: &Monomial| m.iter().find(|(of, _)| *of as usize == k).map(|(_, e)| *e);
            let least = match kernel {
                Kernel::Exp(_) => power(first),
                _ => p.0.keys().map(|m| power(m).unwrap_or(Exponent::integer(0))).min(),
            };
            if let Some(e) = least.filter(|e| !e.is_zero()) {
                common.insert(k as u32, e);
            }
        }
        let monomial: Monomial = common.into_iter().collect();
        let divided = p.times(&Polynomial::term(polynomial::inverse(&monomial)?, Coefficient::integer(1)))?;
        let lead = divided.largest().map_or_else(|| lead.clone(), |(_, c)| c.clone());
        let monic = divided.scaled(&lead.inverse());
        Ok((monomial, lead, Some(monic)))
    }

    pub(super) fn divided(&mut self, a: &Fraction, b: &Fraction) -> Result<Fraction> {
        let inverse = self.inverse(b)?;
        self.times(a, &inverse)
    }

    /// A whole power.
    pub(super) fn power(&mut self, a: &Fraction, n: i64) -> Result<Fraction> {
        if n < 0 {
            let inverse = self.inverse(a)?;
            return self.power(&inverse, n.checked_neg().ok_or(Overflow)?);
        }
        if let Some((monomial, coefficient)) = a.as_term()
            && coefficient.is_one()
        {
            let scaled: Option<Monomial> = monomial
                .iter()
                .map(|&(k, e)| Some((k, e.scaled(Ratio::from_integer(n))?)))
                .filter(|term| term.is_none_or(|(_, e)| !e.is_zero()))
                .collect();
            let power = Polynomial::term(scaled.ok_or(Overflow)?, Coefficient::integer(1)).into();
            return self.reduced(power);
        }
        if n > MOST_POWER {
            return Err(Overflow);
        }
        let mut power = Fraction::integer(1);
        for bit in (0..7).rev() {
            power = self.times(&power.clone(), &power)?;
            if n >> bit & 1 == 1 {
                power = self.times(&power, a)?;
            }
        }
        Ok(power)
    }

    /// The kernel of this kind and these arguments.
    fn kernel(&mut self, kernel: Kernel) -> Result<u32> {
        let prints: Vec<u64> = arguments(&kernel).iter().map(|of| fingerprint(self, of)).collect();
        for k in 0..self.kernels.len() {
            let alike = match (&self.kernels[k], &kernel) {
                (Kernel::Input(a), Kernel::Input(b)) => a == b,
                (Kernel::Apply(a, _), Kernel::Apply(b, _)) => a == b,
                (a, b) => discriminant(a) == discriminant(b),
            };
            if !alike || self.prints[k] != prints {
                continue;
            }
            let pairs = arguments(&self.kernels[k]).to_vec().into_iter().zip(arguments(&kernel));
            let mut same = true;
            for (a, b) in pairs {
                same = same && self.equal(&a, b)?;
            }
            if same {
                return Ok(k as u32);
            }
        }
        self.prints.push(prints);
        self.kernels.push(kernel);
        Ok(self.kernels.len() as u32 - 1)
    }

    /// A kernel to some power.
    fn powered(&mut self, kernel: Kernel, e: Exponent) -> Result<Fraction> {
        let k = self.kernel(kernel)?;
        let term = Polynomial::term(vec![(k, e)], Coefficient::integer(1)).into();
        self.reduced(term)
    }

    pub(super) fn leaf(&mut self, kernel: Kernel) -> Result<Fraction> {
        self.powered(kernel, Exponent::integer(1))
    }

    /// e^a, as a product over the terms of a.
    pub(super) fn exp(&mut self, a: &Fraction) -> Result<Fraction> {
        let mut product = Fraction::integer(1);
        for (monomial, c) in &a.top.0 {
            let exponent = Exponent::of(c).ok_or(Overflow)?;
            let logarithm = match (monomial.as_slice(), a.below.is_empty()) {
                ([(k, e)], true) if *e == Exponent::integer(1) && exponent.is_real() => {
                    match &self.kernels[*k as usize] {
                        Kernel::Ln(of) => Some(of.clone()),
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
        let number = |p: &Polynomial| p.0.keys().flatten().all(|&(inner, _)| self.is_number(inner));
        match &self.kernels[k as usize] {
            Kernel::Root(base) => {
                number(&base.top) && base.below.keys().all(|&id| number(&self.divisors[id]))
            }
            _ => false,
        }
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

    /// Notes that something is positive wherever the formulas are defined.
    pub(super) fn note_positive(&mut self, a: &Fraction) {
        if let Some(lead) = a.leading().and_then(Coefficient::real)
            && !lead.is_zero()
        {
            let scaled = a.scaled(&Coefficient::rational(lead.abs().recip()));
            if !self.positive.contains(&scaled) {
                self.positive.push(scaled);
            }
        }
    }

    fn kernel_is_positive(&self, k: u32, e: Exponent) -> bool {
        if !e.is_real() {
            return false;
        }
        self.positive.contains(&alone(k))
            || match &self.kernels[k as usize] {
                Kernel::Pi => true,
                Kernel::Exp(argument) => self.is_plainly_real(argument),
                Kernel::Root(base) => {
                    base.as_constant()
                        .as_ref()
                        .and_then(Coefficient::real)
                        .is_some_and(BigRational::is_positive)
                        || self.positive.contains(base)
                }
                _ => false,
            }
    }

    /// Whether nothing in it is complex by itself, or a logarithm of what may be negative (the power a^b of an a of
    /// unknown sign is written with one).
    fn is_plainly_real(&self, a: &Fraction) -> bool {
        let real = |p: &Polynomial| {
            p.0.iter().all(|(monomial, c)| {
                c.real().is_some()
                    && monomial.iter().all(|&(k, e)| {
                        e.is_real()
                            && match &self.kernels[k as usize] {
                                Kernel::Exp(argument) => self.is_plainly_real(argument),
                                Kernel::Ln(of) => self.is_positive(of),
                                _ => true,
                            }
                    })
            })
        };
        real(&a.top) && a.below.keys().all(|&id| real(&self.divisors[id]))
    }

    /// Whether it is surely positive wherever the formulas are defined.
    pub(super) fn is_positive(&self, a: &Fraction) -> bool {
        let Some(lead) = a.leading().and_then(Coefficient::real) else { return false };
        if self.positive.contains(&a.scaled(&Coefficient::rational(lead.abs().recip()))) {
            return true;
        }
        self.top_is_positive(&a.top)
            && a.below.iter().all(|(&id, &power)| power % 2 == 0 || self.top_is_positive(&self.divisors[id]))
    }

    /// For a product of several kernels: whether its number is positive, and the kernels with odd exponents, which give it
    /// its sign where it is not 0.
    pub(super) fn sign_factors(&self, a: &Fraction) -> Option<(bool, Vec<Fraction>)> {
        let (monomial, c) = a.as_term()?;
        if matches!(monomial.as_slice(), [(_, e)] if *e == Exponent::integer(1)) && c.is_one() {
            return None;
        }
        let mut kernels = Vec::new();
        for &(k, e) in monomial {
            // A power of a base of unknown sign has a sign of its own.
            if !e.is_real()
                || (matches!(self.kernels[k as usize], Kernel::Exp(_)) && !self.kernel_is_positive(k, e))
            {
                return None;
            }
            if e.is_integer() && e.re.to_integer() % 2 != 0 && !self.kernel_is_positive(k, e) {
                kernels.push(alone(k));
            }
        }
        Some((c.real()?.is_positive(), kernels))
    }

    /// A sum of terms that are not negative, and one of them positive.
    fn top_is_positive(&self, p: &Polynomial) -> bool {
        let mut strictly = false;
        for (monomial, c) in &p.0 {
            if c.real().is_none_or(|c| !c.is_positive()) {
                return false;
            }
            let mut positive = true;
            for &(k, e) in monomial {
                if self.kernel_is_positive(k, e) {
                    continue;
                }
                let even = e.is_integer() && e.re.to_integer() % 2 == 0;
                let rooted = e.is_real()
                    && match self.kernels[k as usize] {
                        Kernel::Root(_) => true,
                        Kernel::Exp(_) => false,
                        _ => !e.re.is_integer(),
                    };
                if !even && !rooted {
                    return false;
                }
                positive = false;
            }
            strictly |= positive;
        }
        strictly
    }

    /// Any other function; an odd one takes the argument's sign out.
    pub(super) fn apply(&mut self, op: Op, arguments: Vec<Fraction>, odd: bool) -> Result<Fraction> {
        let flipped = odd && arguments[0].leading().is_some_and(|lead| !lead.is_leading());
        let arguments = match flipped {
            true => arguments.iter().map(Fraction::negated).collect(),
            false => arguments,
        };
        let value = self.leaf(Kernel::Apply(op, arguments))?;
        Ok(if flipped { value.negated() } else { value })
    }

    pub(super) fn divisor(&self, id: usize) -> &Polynomial {
        &self.divisors[id]
    }
}

/// What a kernel is a function of.
fn arguments(kernel: &Kernel) -> &[Fraction] {
    match kernel {
        Kernel::Input(_) | Kernel::Pi => &[],
        Kernel::Exp(of) | Kernel::Root(of) | Kernel::Cbrt(of) | Kernel::Ln(of) => std::slice::from_ref(of),
        Kernel::Apply(_, of) => of,
    }
}

/// One kernel by itself.
fn alone(k: u32) -> Fraction {
    Polynomial::term(vec![(k, Exponent::integer(1))], Coefficient::integer(1)).into()
}

/// The exponent that a constant fraction is.
pub(super) fn exponent(a: &Fraction) -> Option<Ratio<i64>> {
    a.as_constant().as_ref().and_then(Coefficient::real).and_then(small)
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
