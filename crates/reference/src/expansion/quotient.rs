//! Quotients of polynomials over kernels that are polynomials, and polynomials freed from their denominators.

use super::exact::{Definition, Exact, Field, Monomial, joined};

impl Field<'_> {
    /// `a·b` where `b` is a single term with a denominator that divides `a`: nothing where it does not.
    pub(super) fn divided(&mut self, a: &Exact, b: &Exact) -> Option<Exact> {
        let [(monomial, coefficient)] = &b.terms[..] else { return None };
        let (position, sum) =
            monomial.iter().enumerate().find_map(|(k, &(kernel, power))| match self.definition(kernel) {
                Definition::Sum(sum) if power < 0 && sum.terms.len() > 1 => Some((k, sum.clone())),
                _ => None,
            })?;
        if a.terms.len() < sum.terms.len() {
            return None;
        }
        let quotient = self.exact_quotient(a, &sum)?;
        let mut rest = monomial.clone();
        rest[position].1 += 1;
        rest.retain(|&(_, power)| power != 0);
        Some(self.mul(&quotient, &Exact::term(rest, coefficient.clone())))
    }

    /// `a / s` where that is a polynomial: long division, checked by its remainder being 0.
    fn exact_quotient(&mut self, a: &Exact, s: &Exact) -> Option<Exact> {
        let leading = |p: &Exact| p.terms.iter().max_by(|(a, _), (b, _)| lexicographic(a, b)).cloned();
        let (top, scale) = leading(s)?;
        let inverted: Monomial = top.iter().map(|&(kernel, power)| (kernel, -power)).collect();
        let (mut rest, mut quotient) = (a.clone(), Exact::zero());
        for _ in 0..a.terms.len() {
            let (monomial, coefficient) = leading(&rest)?;
            let monomial = joined(&monomial, &inverted)?;
            if !self.is_canonical(&monomial) {
                return None;
            }
            let term = Exact::term(monomial, coefficient.times(&scale.inverse()));
            let product = self.mul(&term, s);
            rest = self.sub(&rest, &product);
            quotient = self.add(&quotient, &term);
            if rest.is_empty() {
                return Some(quotient).filter(|_| !self.is_exhausted());
            }
            if rest.terms.len() > a.terms.len() {
                return None;
            }
        }
        None
    }

    /// The polynomial without kernels that stand for polynomials, times a number other than 0: its denominators.
    /// Nothing where that would be too long.
    pub(super) fn cleared(&mut self, a: &Exact) -> Option<Exact> {
        const MAX_ROUNDS: usize = 8;
        const MAX_CLEARED_TERMS: usize = 400;
        let mut a = a.clone();
        self.keep_long = true;
        for _ in 0..MAX_ROUNDS {
            let sum = a.kernels().filter(|&k| matches!(self.definition(k), Definition::Sum(_))).max();
            let Some(kernel) = sum else { break };
            let Definition::Sum(sum) = self.definition(kernel).clone() else { unreachable!("it is a sum") };
            let power_in = |monomial: &Monomial| {
                monomial.iter().find(|(k, _)| *k == kernel).map_or(0, |&(_, power)| power)
            };
            let lowest = a.terms.iter().map(|(m, _)| power_in(m)).min().unwrap_or(0).min(0);
            let mut total = Exact::zero();
            for (monomial, coefficient) in &a.terms {
                let power = power_in(monomial) - lowest;
                let rest: Monomial = monomial.iter().copied().filter(|&(k, _)| k != kernel).collect();
                if power > 8 || total.terms.len() > MAX_CLEARED_TERMS || self.is_exhausted() {
                    self.keep_long = false;
                    return None;
                }
                let factor = self.power(&sum, power);
                let term = self.mul(&factor, &Exact::term(rest, coefficient.clone()));
                total = self.add(&total, &term);
            }
            a = total;
        }
        self.keep_long = false;
        (!self.is_exhausted()).then_some(a)
    }
}

/// An order of monomials that products keep: by the power of the first kernel in which they differ.
fn lexicographic(a: &Monomial, b: &Monomial) -> std::cmp::Ordering {
    let (mut i, mut j) = (0, 0);
    loop {
        let power = |m: &Monomial, k: usize| m.get(k).copied();
        match (power(a, i), power(b, j)) {
            (None, None) => return std::cmp::Ordering::Equal,
            (Some((_, m)), None) => return m.cmp(&0),
            (None, Some((_, n))) => return 0.cmp(&n),
            (Some((p, m)), Some((q, n))) if p == q => match m.cmp(&n) {
                std::cmp::Ordering::Equal => (i, j) = (i + 1, j + 1),
                order => return order,
            },
            (Some((p, m)), Some((q, _))) if p < q => return m.cmp(&0),
            (Some(_), Some((_, n))) => return 0.cmp(&n),
        }
    }
}
