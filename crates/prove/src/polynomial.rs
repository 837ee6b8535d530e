//! Polynomials over kernels, with rational exponents: sums of coefficients times powers of what is not taken apart further.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use expr::interrupt::checkpoint;
use num_rational::Ratio;

use super::Overflow;
use super::number::{Coefficient, Exponent};

/// A product of powers of kernels, in the order of the kernels; no exponent is zero.
pub(super) type Monomial = Vec<(u32, Exponent)>;

/// The most terms of any polynomial on the way.
const MOST_TERMS: usize = 2_000;

/// A sum of terms; no coefficient is zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Polynomial(pub(super) BTreeMap<Monomial, Coefficient>);

/// The product of two monomials.
pub(super) fn times(a: &Monomial, b: &Monomial) -> Result<Monomial, Overflow> {
    let mut product = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    loop {
        let next = match (a.peek(), b.peek()) {
            (Some(&&(p, x)), Some(&&(q, y))) if p == q => {
                a.next();
                b.next();
                (p, x.plus(y).ok_or(Overflow)?)
            }
            (Some(&&(p, x)), other) if other.is_none_or(|&&(q, _)| p < q) => {
                a.next();
                (p, x)
            }
            (_, Some(&&term)) => {
                b.next();
                term
            }
            _ => return Ok(product),
        };
        if !next.1.is_zero() {
            product.push(next);
        }
    }
}

/// One over a monomial.
pub(super) fn inverse(monomial: &Monomial) -> Result<Monomial, Overflow> {
    let inverse: Option<Monomial> =
        monomial.iter().map(|&(k, e)| Some((k, e.scaled(Ratio::from_integer(-1))?))).collect();
    inverse.ok_or(Overflow)
}

/// An order in which a product of larger factors is larger: by the exponents of the first kernel, then the second, and so on.
fn compare(a: &Monomial, b: &Monomial) -> Ordering {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let zero = Exponent::integer(0);
    loop {
        let (x, y) = match (a.peek(), b.peek()) {
            (None, None) => return Ordering::Equal,
            (Some(&&(p, x)), Some(&&(q, y))) if p == q => {
                a.next();
                b.next();
                (x, y)
            }
            (Some(&&(p, x)), other) if other.is_none_or(|&&(q, _)| p < q) => {
                a.next();
                (x, zero)
            }
            (_, Some(&&(_, y))) => {
                b.next();
                (zero, y)
            }
            (Some(_), None) => unreachable!("the second mode takes it"),
        };
        match x.cmp(&y) {
            Ordering::Equal => {}
            order => return order,
        }
    }
}

impl Polynomial {
    /// The term that is largest in an order that products keep.
    pub(super) fn largest(&self) -> Option<(&Monomial, &Coefficient)> {
        self.0.iter().max_by(|(a, _), (b, _)| compare(a, b))
    }

    /// The quotient, if the division leaves nothing.
    pub(super) fn divided_exactly(&self, by: &Polynomial) -> Option<Polynomial> {
        let (first, scale) = by.largest()?;
        let (inverse, scale) = (inverse(first).ok()?, scale.inverse());
        let (mut rest, mut quotient) = (self.clone(), Polynomial::default());
        // With exponents of any sign a division that does not come out need not end.
        for _ in 0..=2 * self.0.len() {
            let Some((monomial, coefficient)) = rest.largest() else { return Some(quotient) };
            let term = Polynomial::term(times(monomial, &inverse).ok()?, coefficient.times(&scale));
            rest = rest.plus(&by.times(&term).ok()?.scaled(&Coefficient::integer(-1))).ok()?;
            quotient = quotient.plus(&term).ok()?;
        }
        None
    }

    pub(super) fn constant(value: Coefficient) -> Self {
        Self::term(Monomial::new(), value)
    }

    pub(super) fn term(monomial: Monomial, coefficient: Coefficient) -> Self {
        let mut terms = BTreeMap::new();
        if !coefficient.is_zero() {
            terms.insert(monomial, coefficient);
        }
        Polynomial(terms)
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// The constant that it is, if it is one.
    pub(super) fn as_constant(&self) -> Option<Coefficient> {
        match self.0.first_key_value() {
            None => Some(Coefficient::integer(0)),
            Some((monomial, value)) if self.0.len() == 1 && monomial.is_empty() => Some(value.clone()),
            _ => None,
        }
    }

    /// Its only term, if it has one.
    pub(super) fn as_term(&self) -> Option<(&Monomial, &Coefficient)> {
        self.0.first_key_value().filter(|_| self.0.len() == 1)
    }

    fn add_term(&mut self, monomial: Monomial, coefficient: Coefficient) {
        match self.0.entry(monomial) {
            Entry::Vacant(place) => {
                if !coefficient.is_zero() {
                    place.insert(coefficient);
                }
            }
            Entry::Occupied(mut place) => {
                let sum = place.get().plus(&coefficient);
                if sum.is_zero() {
                    place.remove();
                } else {
                    place.insert(sum);
                }
            }
        }
    }

    pub(super) fn plus(mut self, other: &Self) -> Result<Self, Overflow> {
        for (monomial, coefficient) in &other.0 {
            self.add_term(monomial.clone(), coefficient.clone());
        }
        if self.0.len() > MOST_TERMS { Err(Overflow) } else { Ok(self) }
    }

    pub(super) fn scaled(&self, by: &Coefficient) -> Self {
        if by.is_zero() {
            return Polynomial::default();
        }
        Polynomial(self.0.iter().map(|(monomial, c)| (monomial.clone(), c.times(by))).collect())
    }

    pub(super) fn times(&self, other: &Self) -> Result<Self, Overflow> {
        checkpoint();
        let mut product = Polynomial::default();
        for (a, x) in &self.0 {
            for (b, y) in &other.0 {
                product.add_term(times(a, b)?, x.times(y));
            }
            if product.0.len() > MOST_TERMS {
                return Err(Overflow);
            }
        }
        Ok(product)
    }
}
