//! Polynomials of several variables with integer coefficients: exact quotients, common divisors, repeated factors.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// The exponents of every variable.
pub(super) type Exponents = Vec<u16>;

/// Terms by their exponents, none of them zero; the last one leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Polynomial(pub(super) BTreeMap<Exponents, BigInt>);

/// More terms, or products of terms in one call, than this are not worked with.
const MOST_TERMS: usize = 400;
const MOST_WORK: usize = 60_000;
/// More digits than this make no formula that a reader wants.
const MOST_BITS: u64 = 400;

/// The modulus in which divisors are first looked for.
const PRIME: u64 = (1 << 61) - 1;

impl Polynomial {
    fn constant(value: BigInt, variables: usize) -> Polynomial {
        let mut p = Polynomial::default();
        p.add(vec![0; variables], value);
        p
    }

    pub(super) fn add(&mut self, exponents: Exponents, value: BigInt) {
        match self.0.entry(exponents) {
            Entry::Vacant(place) if !value.is_zero() => {
                place.insert(value);
            }
            Entry::Vacant(_) => {}
            Entry::Occupied(mut place) => {
                *place.get_mut() += value;
                if place.get().is_zero() {
                    place.remove();
                }
            }
        }
    }

    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    fn variables(&self) -> usize {
        self.0.keys().next().map_or(0, Vec::len)
    }

    /// The coefficient of the leading term.
    pub(super) fn leading(&self) -> BigInt {
        self.0.values().next_back().cloned().unwrap_or_default()
    }

    pub(super) fn is_constant(&self) -> bool {
        self.0.keys().all(|exponents| exponents.iter().all(|e| *e == 0))
    }

    fn degree(&self, v: usize) -> u16 {
        self.0.keys().map(|exponents| exponents[v]).max().unwrap_or(0)
    }

    /// Without the common divisor of its coefficients, the leading one positive.
    fn primitive(mut self) -> Polynomial {
        let mut content = self.0.values().fold(BigInt::zero(), |g, c| g.gcd(c));
        if self.0.values().next_back().is_some_and(Signed::is_negative) {
            content = -content;
        }
        if !content.is_zero() && !content.is_one() {
            self.0.values_mut().for_each(|c| *c = &*c / &content);
        }
        self
    }

    /// Divided by the largest power of every variable that divides it; these powers.
    fn without_monomial(self) -> (Polynomial, Exponents) {
        let variables = self.variables();
        let least: Exponents =
            (0..variables).map(|v| self.0.keys().map(|e| e[v]).min().unwrap_or(0)).collect();
        if least.iter().all(|e| *e == 0) {
            return (self, least);
        }
        let reduced = self
            .0
            .into_iter()
            .map(|(exponents, c)| (exponents.iter().zip(&least).map(|(e, least)| e - least).collect(), c));
        (Polynomial(reduced.collect()), least)
    }

    fn times(&self, other: &Polynomial, work: &mut usize) -> Option<Polynomial> {
        *work = work.checked_sub(self.0.len() * other.0.len())?;
        let mut product = Polynomial::default();
        for (a, x) in &self.0 {
            for (b, y) in &other.0 {
                let exponents =
                    a.iter().zip(b).map(|(a, b)| a.checked_add(*b)).collect::<Option<Exponents>>()?;
                product.add(exponents, x * y);
            }
        }
        let small = product.0.values().all(|c| c.bits() <= MOST_BITS);
        (product.0.len() <= MOST_TERMS && small).then_some(product)
    }

    fn minus(mut self, other: &Polynomial) -> Polynomial {
        for (exponents, c) in &other.0 {
            self.add(exponents.clone(), -c);
        }
        self
    }

    /// The quotient, if the division leaves nothing.
    pub(super) fn divided_by(&self, divisor: &Polynomial) -> Option<Polynomial> {
        let (lead, leading) = divisor.0.last_key_value()?;
        let (mut rest, mut quotient) = (self.clone(), Polynomial::default());
        let mut work = MOST_WORK;
        while let Some((top, c)) = rest.0.last_key_value() {
            work = work.checked_sub(divisor.0.len())?;
            let exponents =
                top.iter().zip(lead).map(|(a, b)| a.checked_sub(*b)).collect::<Option<Exponents>>()?;
            let (factor, left) = c.div_rem(leading);
            if !left.is_zero() {
                return None;
            }
            for (other, c) in &divisor.0 {
                let sum = exponents.iter().zip(other).map(|(a, b)| a + b).collect();
                rest.add(sum, -(c * &factor));
            }
            quotient.add(exponents, factor);
            if rest.0.len() > MOST_TERMS {
                return None;
            }
        }
        Some(quotient)
    }

    /// The coefficients of the powers of one variable.
    fn coefficients(&self, v: usize) -> BTreeMap<u16, Polynomial> {
        let mut all: BTreeMap<u16, Polynomial> = BTreeMap::new();
        for (exponents, c) in &self.0 {
            let mut rest = exponents.clone();
            let power = std::mem::take(&mut rest[v]);
            all.entry(power).or_default().add(rest, c.clone());
        }
        all
    }

    fn shifted(&self, v: usize, by: u16) -> Polynomial {
        let shift = |(exponents, c): (&Exponents, &BigInt)| {
            let mut exponents = exponents.clone();
            exponents[v] += by;
            (exponents, c.clone())
        };
        Polynomial(self.0.iter().map(shift).collect())
    }

    fn derivative(&self, v: usize) -> Polynomial {
        let mut derivative = Polynomial::default();
        for (exponents, c) in self.0.iter().filter(|(exponents, _)| exponents[v] > 0) {
            let mut lower = exponents.clone();
            lower[v] -= 1;
            derivative.add(lower, c * exponents[v]);
        }
        derivative
    }

    /// Its values modulo a prime, as a polynomial of one variable, lowest power first; other variables have arbitrary values.
    fn image(&self, v: usize) -> Vec<u64> {
        let mut image = vec![0; usize::from(self.degree(v)) + 1];
        for (exponents, c) in &self.0 {
            let c = c.mod_floor(&BigInt::from(PRIME)).to_u64().expect("it is less than the prime");
            let term = exponents.iter().enumerate().filter(|(k, _)| *k != v).fold(c, |term, (k, e)| {
                // Any fixed values will do: an unlucky one only hides a divisor.
                let value = (k as u64 + 2).wrapping_mul(0x9e37_79b9_7f4a_7c15) % PRIME;
                times(term, power(value, u64::from(*e)))
            });
            let slot = &mut image[usize::from(exponents[v])];
            *slot = (*slot + term) % PRIME;
        }
        while image.last() == Some(&0) {
            image.pop();
        }
        image
    }

    /// The greatest common divisor, primitive; nothing where finding it takes too much.
    pub(super) fn gcd(&self, other: &Polynomial) -> Option<Polynomial> {
        gcd(self.clone(), other.clone(), &mut MOST_WORK.clone())
    }

    /// Factors without repeated factors, and how often each is repeated. A factor that stands alone may be a product.
    pub(super) fn square_free(&self) -> Vec<(Polynomial, u32)> {
        let Some(v) = (0..self.variables()).find(|&v| self.degree(v) > 0) else { return Vec::new() };
        self.split(v).unwrap_or_else(|| vec![(self.clone(), 1)])
    }

    /// Yun's algorithm in one variable; what does not have the variable is taken apart by the others.
    fn split(&self, v: usize) -> Option<Vec<(Polynomial, u32)>> {
        let mut work = MOST_WORK;
        let content = self
            .coefficients(v)
            .into_values()
            .try_fold(Polynomial::default(), |g, c| gcd(g, c, &mut work))?;
        let mut factors = if content.is_constant() { Vec::new() } else { content.square_free() };
        let p = self.divided_by(&content)?;
        let slope = p.derivative(v);
        let repeated = gcd(p.clone(), slope.clone(), &mut work)?;
        if repeated.is_constant() {
            factors.push((p, 1));
            return Some(factors);
        }
        let mut b = p.divided_by(&repeated)?;
        let c = slope.divided_by(&repeated)?;
        let mut d = c.minus(&b.derivative(v));
        let mut power = 1;
        while !b.is_constant() {
            let factor = if d.is_zero() { b.clone() } else { gcd(b.clone(), d.clone(), &mut work)? };
            let next = b.divided_by(&factor)?;
            let c = if d.is_zero() { d.clone() } else { d.divided_by(&factor)? };
            d = c.minus(&next.derivative(v));
            if !factor.is_constant() {
                factors.push((factor, power));
            }
            b = next;
            power += 1;
        }
        Some(factors)
    }
}

fn times(a: u64, b: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(PRIME)) as u64
}

fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = times(result, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    result
}

/// The degree of the common divisor of two polynomials modulo the prime.
fn common_degree(mut a: Vec<u64>, mut b: Vec<u64>) -> usize {
    while !b.is_empty() {
        let inverse = power(*b.last().expect("it is not empty"), PRIME - 2);
        while a.len() >= b.len() {
            let factor = times(*a.last().expect("it is not empty"), inverse);
            let shift = a.len() - b.len();
            for (k, c) in b.iter().enumerate() {
                let slot = &mut a[k + shift];
                *slot = (*slot + PRIME - times(factor, *c)) % PRIME;
            }
            while a.last() == Some(&0) {
                a.pop();
            }
        }
        std::mem::swap(&mut a, &mut b);
    }
    a.len().saturating_sub(1)
}

/// Euclid's algorithm in one variable after the other, remainders kept primitive.
fn gcd(a: Polynomial, b: Polynomial, work: &mut usize) -> Option<Polynomial> {
    if a.is_zero() || b.is_zero() {
        return Some(if a.is_zero() { b.primitive() } else { a.primitive() });
    }
    let variables = a.variables();
    let ((a, low), (b, other)) = (a.primitive().without_monomial(), b.primitive().without_monomial());
    let least: Exponents = low.iter().zip(&other).map(|(a, b)| *a.min(b)).collect();
    let monomial = |p: Polynomial| {
        p.0.into_iter().map(|(e, c)| (e.iter().zip(&least).map(|(a, b)| a + b).collect(), c)).collect()
    };
    let one = || Polynomial::constant(BigInt::one(), variables);
    let shared = (0..variables).filter(|&v| a.degree(v) > 0 && b.degree(v) > 0);
    let Some(v) = { shared }.find(|&v| common_degree(a.image(v), b.image(v)) > 0) else {
        return Some(Polynomial(monomial(one())));
    };
    let mut contents = [Polynomial::default(), Polynomial::default()];
    for (content, p) in contents.iter_mut().zip([&a, &b]) {
        for c in p.coefficients(v).into_values() {
            *content = gcd(std::mem::take(content), c, work)?;
        }
    }
    let (mut p, mut q) = (a.divided_by(&contents[0])?, b.divided_by(&contents[1])?);
    let [first, second] = contents;
    let content = gcd(first, second, work)?;
    if p.degree(v) < q.degree(v) {
        std::mem::swap(&mut p, &mut q);
    }
    while !q.is_zero() && q.degree(v) > 0 {
        let rest = remainder(p, &q, v, work)?;
        let mut inner = Polynomial::default();
        for c in rest.coefficients(v).into_values() {
            inner = gcd(inner, c, work)?;
        }
        p = q;
        q = if rest.is_zero() { rest } else { rest.divided_by(&inner)?.primitive() };
    }
    let found = if q.is_zero() { p } else { one() };
    Some(Polynomial(monomial(found.times(&content, work)?.primitive())))
}

/// What is left of a multiple of `p` after division by `q`.
fn remainder(mut p: Polynomial, q: &Polynomial, v: usize, work: &mut usize) -> Option<Polynomial> {
    let degree = q.degree(v);
    let leading = q.coefficients(v).remove(&degree)?;
    while !p.is_zero() && p.degree(v) >= degree {
        let top = p.degree(v);
        let lead = p.coefficients(v).remove(&top)?;
        p = p.times(&leading, work)?.minus(&lead.times(q, work)?.shifted(v, top - degree));
    }
    Some(p)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A polynomial of x and y: coefficient, power of x, power of y.
    fn p(terms: &[(i64, u16, u16)]) -> Polynomial {
        let mut p = Polynomial::default();
        terms.iter().for_each(|&(c, x, y)| p.add(vec![x, y], c.into()));
        p
    }

    fn product(factors: &[Polynomial]) -> Polynomial {
        let one = Polynomial::constant(1.into(), 2);
        factors.iter().fold(one, |product, factor| product.times(factor, &mut 100_000).unwrap())
    }

    #[test]
    fn common_divisors_are_found_in_several_variables() {
        let (a, b, c) = (p(&[(1, 1, 0), (1, 0, 1)]), p(&[(1, 1, 0), (-1, 0, 1)]), p(&[(3, 2, 0), (2, 0, 0)]));
        assert_eq!(product(&[a.clone(), b.clone()]).gcd(&product(&[a.clone(), c.clone()])), Some(a.clone()));
        assert_eq!(
            product(&[c.clone(), a.clone(), a.clone()]).gcd(&product(&[a.clone(), c.clone()])),
            Some(product(&[c.clone(), a.clone()]))
        );
        assert!(a.gcd(&b).unwrap().is_constant());
        assert_eq!(product(&[a.clone(), b.clone()]).divided_by(&a), Some(b.clone()));
        assert_eq!(c.divided_by(&a), None);
    }

    #[test]
    fn repeated_factors_are_found() {
        let (a, b, c) = (p(&[(1, 1, 0), (1, 0, 0)]), p(&[(1, 1, 0), (-1, 0, 1)]), p(&[(1, 0, 1), (2, 0, 0)]));
        let found =
            product(&[a.clone(), b.clone(), b.clone(), c.clone(), c.clone(), c.clone()]).square_free();
        assert_eq!(found, [(c, 3), (a, 1), (b, 2)]);
        assert_eq!(p(&[(1, 2, 0), (-1, 0, 0)]).square_free().len(), 1);
    }
}
