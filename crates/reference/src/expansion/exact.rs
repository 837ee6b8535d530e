//! Exact numbers: polynomials with rational coefficients over kernels, such as pi, exp(1/3), sqrt(2).
//!
//! A kernel is one particular real number, known by its definition and by enclosures as narrow as wanted. Every
//! rewriting here is an identity of real numbers, so a polynomial whose normal form is empty *is* 0; one that is not
//! empty may be 0 all the same, and is called other than 0 only where an enclosure excludes 0 (`enclosure.rs`).
//! A polynomial that grows too long becomes a kernel itself: what is equal by the same steps stays equal.

use std::collections::{BTreeMap, HashMap};

use expr::Op;

use super::rational::Rational;
use crate::interval::{Arithmetic, Interval, Reading};

/// One particular real number, by its position in the table of the [`Field`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Kernel(pub(super) u32);

/// What a kernel is. Arguments are made of older kernels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Definition {
    Pi,
    /// Of an argument other than 0. A monomial has at most one of these, to the first power.
    Exp(Exact),
    /// Of a positive argument.
    Ln(Exact),
    Sin(Exact),
    Cos(Exact),
    /// The positive root of a positive number.
    Root(Exact, u32),
    /// A polynomial under a name: one in a denominator, or a long one.
    Sum(Exact),
    /// An operator of one argument that is analytic there.
    Value(Op, Exact),
    /// An operator with an order, analytic there.
    Order(Op, Exact, u32),
}

/// A product of powers of kernels, in the order of the table; no power is 0.
pub(super) type Monomial = Vec<(Kernel, i32)>;

/// A polynomial over kernels: terms in the order of their monomials, no coefficient 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Exact {
    pub(super) terms: Vec<(Monomial, Rational)>,
}

impl Exact {
    pub(crate) fn zero() -> Exact {
        Exact::default()
    }

    pub(crate) fn integer(value: i64) -> Exact {
        Exact::rational(Rational::integer(value))
    }

    pub(crate) fn rational(value: Rational) -> Exact {
        Exact::term(Vec::new(), value)
    }

    pub(super) fn term(monomial: Monomial, coefficient: Rational) -> Exact {
        if coefficient.is_zero() { Exact::zero() } else { Exact { terms: vec![(monomial, coefficient)] } }
    }

    /// Whether it is 0 in normal form. What is not may still be 0: see [`Field::sign`].
    pub(crate) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    pub(crate) fn as_rational(&self) -> Option<Rational> {
        match &self.terms[..] {
            [] => Some(Rational::zero()),
            [(monomial, coefficient)] if monomial.is_empty() => Some(coefficient.clone()),
            _ => None,
        }
    }

    pub(crate) fn is_one(&self) -> bool {
        self.as_rational().is_some_and(|value| value.is_one())
    }

    pub(crate) fn negated(&self) -> Exact {
        self.scaled(&Rational::integer(-1))
    }

    pub(crate) fn scaled(&self, factor: &Rational) -> Exact {
        if factor.is_zero() {
            return Exact::zero();
        }
        Exact { terms: self.terms.iter().map(|(m, c)| (m.clone(), c.times(factor))).collect() }
    }

    /// The coefficient of the last monomial in order, by which normal forms are normalised.
    pub(super) fn leading(&self) -> &Rational {
        &self.terms.last().expect("only of a polynomial that is not empty").1
    }

    fn bits(&self) -> usize {
        self.terms.iter().map(|(_, coefficient)| coefficient.bits()).sum()
    }

    pub(super) fn kernels(&self) -> impl Iterator<Item = Kernel> + '_ {
        self.terms.iter().flat_map(|(monomial, _)| monomial.iter().map(|&(kernel, _)| kernel))
    }

    fn collect(terms: impl Iterator<Item = (Monomial, Rational)>) -> Exact {
        let mut sums: BTreeMap<Monomial, Rational> = BTreeMap::new();
        for (monomial, coefficient) in terms {
            match sums.get_mut(&monomial) {
                Some(sum) => *sum = sum.plus(&coefficient),
                None => {
                    sums.insert(monomial, coefficient);
                }
            }
        }
        Exact { terms: sums.into_iter().filter(|(_, coefficient)| !coefficient.is_zero()).collect() }
    }
}

/// The kernels met so far, and what exact arithmetic may still cost.
pub(crate) struct Field<'w> {
    pub(super) definitions: Vec<Definition>,
    index: HashMap<Definition, Kernel>,
    /// Precisions at which kernels are enclosed, the lowest first.
    pub(super) worlds: &'w [Arithmetic],
    /// Per precision, per kernel.
    pub(super) enclosures: Vec<Vec<Option<Interval<'w>>>>,
    pub(super) signs: HashMap<Exact, Option<i8>>,
    work: u64,
    /// Whether long polynomials are kept as they are, as when denominators are cleared.
    pub(super) keep_long: bool,
}

/// Longer polynomials become kernels.
const MAX_TERMS: usize = 32;
/// So do polynomials with more bits in their coefficients.
const MAX_BITS: usize = 1 << 13;
/// And powers beyond this are not multiplied out.
pub(super) const MAX_POWER: i32 = 64;

impl<'w> Field<'w> {
    /// With so many products of terms to spend.
    pub(crate) fn new(worlds: &'w [Arithmetic], work: u64) -> Field<'w> {
        Field {
            definitions: Vec::new(),
            index: HashMap::new(),
            worlds,
            enclosures: vec![Vec::new(); worlds.len()],
            signs: HashMap::new(),
            work,
            keep_long: false,
        }
    }

    pub(crate) fn reading(&self) -> Reading {
        self.worlds[0].reading
    }

    /// Pays for work. Once nothing is left, results are meaningless and whoever asked for them must check
    /// [`is_exhausted`](Self::is_exhausted).
    pub(crate) fn charge(&mut self, work: usize) {
        self.work = self.work.saturating_sub(work as u64);
    }

    pub(crate) fn is_exhausted(&self) -> bool {
        self.work == 0
    }

    /// What cannot be written down within the limits ends the whole computation.
    pub(super) fn give_up(&mut self) -> Exact {
        self.work = 0;
        Exact::zero()
    }

    pub(super) fn kernel(&mut self, definition: Definition) -> Exact {
        let kernel = match self.index.get(&definition) {
            Some(&kernel) => kernel,
            None => {
                let kernel = Kernel(self.definitions.len() as u32);
                self.definitions.push(definition.clone());
                self.index.insert(definition, kernel);
                kernel
            }
        };
        Exact::term(vec![(kernel, 1)], Rational::one())
    }

    pub(super) fn definition(&self, kernel: Kernel) -> &Definition {
        &self.definitions[kernel.0 as usize]
    }

    pub(crate) fn pi(&mut self) -> Exact {
        self.kernel(Definition::Pi)
    }

    /// The polynomial, or a kernel that stands for it where it has grown long.
    fn tidied(&mut self, a: Exact) -> Exact {
        let long = a.terms.len() > MAX_TERMS
            || a.bits() > MAX_BITS
            || a.terms.iter().any(|(m, _)| m.iter().any(|&(_, power)| power.abs() > MAX_POWER));
        match long && !self.keep_long {
            // What is equal but for its sign, as on the two sides of a point, is one kernel.
            true if a.leading().sign() < 0 => self.kernel(Definition::Sum(a.negated())).negated(),
            true => self.kernel(Definition::Sum(a)),
            false => a,
        }
    }

    pub(crate) fn add(&mut self, a: &Exact, b: &Exact) -> Exact {
        if a.is_empty() {
            return b.clone();
        }
        if b.is_empty() {
            return a.clone();
        }
        self.charge(a.terms.len() + b.terms.len() + reductions(a, b, a.terms.len().min(b.terms.len())));
        let sum = Exact::collect(a.terms.iter().chain(&b.terms).cloned());
        self.tidied(sum)
    }

    pub(crate) fn sub(&mut self, a: &Exact, b: &Exact) -> Exact {
        self.add(a, &b.negated())
    }

    pub(crate) fn mul(&mut self, a: &Exact, b: &Exact) -> Exact {
        if a.is_empty() || b.is_empty() || self.is_exhausted() {
            return Exact::zero();
        }
        let products = a.terms.len() * b.terms.len();
        self.charge(products + reductions(a, b, products));
        if let Some(factor) = a.as_rational() {
            let scaled = b.scaled(&factor);
            return self.tidied(scaled);
        }
        if let Some(factor) = b.as_rational() {
            let scaled = a.scaled(&factor);
            return self.tidied(scaled);
        }
        if let Some(quotient) = self.divided(a, b).or_else(|| self.divided(b, a)) {
            return quotient;
        }
        let mut plain = Vec::with_capacity(a.terms.len() * b.terms.len());
        let mut reduced = Vec::new();
        for (left, c) in &a.terms {
            for (right, d) in &b.terms {
                let Some(monomial) = joined(left, right) else { return self.give_up() };
                match self.is_canonical(&monomial) {
                    true => plain.push((monomial, c.times(d))),
                    false => reduced.push((monomial, c.times(d))),
                }
            }
        }
        let mut product = Exact::collect(plain.into_iter());
        for (monomial, coefficient) in reduced {
            let term = self.reduced(&monomial, coefficient);
            product = self.add(&product, &term);
        }
        self.tidied(product)
    }

    /// Whether no identity rewrites the product of powers.
    pub(super) fn is_canonical(&self, monomial: &Monomial) -> bool {
        let mut exponentials = 0;
        monomial.iter().all(|&(kernel, power)| match self.definition(kernel) {
            Definition::Exp(_) => {
                exponentials += 1;
                power == 1 && exponentials == 1
            }
            Definition::Root(_, n) => 0 < power && power < *n as i32 && common(power as u32, *n) == 1,
            Definition::Sin(_) => power < 2,
            _ => true,
        })
    }

    /// A product of powers by the identities exp(a)·exp(b) = exp(a + b), root(s, n)^n = s, sin² = 1 - cos².
    fn reduced(&mut self, monomial: &Monomial, coefficient: Rational) -> Exact {
        let mut plain: Monomial = Vec::new();
        let mut argument = Exact::zero();
        let mut factors = Vec::new();
        for &(kernel, power) in monomial {
            match self.definition(kernel).clone() {
                Definition::Exp(a) => {
                    argument = self.add(&argument, &a.scaled(&Rational::integer(power.into())))
                }
                Definition::Root(s, n) => {
                    let (whole, rest) = (power.div_euclid(n as i32), power.rem_euclid(n as i32));
                    factors.push(self.power(&s, whole));
                    if rest != 0 {
                        let shared = common(rest as u32, n);
                        let root = self.kernel(Definition::Root(s, n / shared));
                        let (root, _) = root.terms[0].0[0];
                        factors.push(Exact::term(vec![(root, rest / shared as i32)], Rational::one()));
                    }
                }
                Definition::Sin(a) if power >= 2 => {
                    let cosine = self.kernel(Definition::Cos(a));
                    let square = self.mul(&cosine, &cosine);
                    let rest = self.sub(&Exact::integer(1), &square);
                    factors.push(self.power(&rest, power / 2));
                    if power % 2 == 1 {
                        plain.push((kernel, 1));
                    }
                }
                _ => plain.push((kernel, power)),
            }
        }
        let mut product = Exact::term(plain, coefficient);
        for factor in factors {
            product = self.mul(&product, &factor);
        }
        let exponential = self.exp(&argument);
        self.mul(&product, &exponential)
    }

    /// To an integer power; of what is not 0 where that is negative.
    pub(crate) fn power(&mut self, a: &Exact, n: i32) -> Exact {
        if n < 0 {
            let inverse = self.inverse(a);
            return self.power(&inverse, -n);
        }
        if n > MAX_POWER && !a.is_one() {
            return self.give_up();
        }
        let (mut result, mut square, mut n) = (Exact::integer(1), a.clone(), n);
        while n > 0 {
            if n % 2 == 1 {
                result = self.mul(&result, &square);
            }
            n /= 2;
            if n > 0 {
                square = self.mul(&square, &square);
            }
        }
        result
    }

    /// Of a number that is known not to be 0.
    pub(crate) fn inverse(&mut self, a: &Exact) -> Exact {
        match &a.terms[..] {
            [] => self.give_up(),
            [(monomial, coefficient)] => {
                let inverted: Monomial = monomial.iter().map(|&(kernel, power)| (kernel, -power)).collect();
                let coefficient = coefficient.inverse();
                match self.is_canonical(&inverted) {
                    true => Exact::term(inverted, coefficient),
                    false => self.reduced(&inverted, coefficient),
                }
            }
            _ => {
                let scale = a.leading().inverse();
                let sum = self.kernel(Definition::Sum(a.scaled(&scale)));
                let (kernel, _) = sum.terms[0].0[0];
                Exact::term(vec![(kernel, -1)], scale)
            }
        }
    }
}

/// The product of two products of powers.
pub(super) fn joined(a: &Monomial, b: &Monomial) -> Option<Monomial> {
    let mut product: Monomial = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.iter().copied().peekable(), b.iter().copied().peekable());
    while let (Some(&(p, m)), Some(&(q, n))) = (a.peek(), b.peek()) {
        if p < q {
            product.extend(a.next());
        } else if q < p {
            product.extend(b.next());
        } else {
            let power = m.checked_add(n)?;
            if power != 0 {
                product.push((p, power));
            }
            a.next();
            b.next();
        }
    }
    product.extend(a);
    product.extend(b);
    Some(product)
}

pub(super) fn common(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common(b, a % b) }
}

/// What it takes to reduce so many fractions, each made of a coefficient of `a` and one of `b`, to lowest terms: a greatest
/// common divisor goes by the square of its bits, and of some five hundred bits each is one unit of work.
fn reductions(a: &Exact, b: &Exact, count: usize) -> usize {
    let bits = a.bits() / a.terms.len() + b.bits() / b.terms.len();
    (bits * bits / 300_000).saturating_mul(count)
}
