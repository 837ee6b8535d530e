//! What is known of the signs of fractions, from their form, from facts, and from discs at sample points.

use expr::Op;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::super::number::Coefficient;
use super::algebra::{Atom, Frac, Monomial, Poly};
use super::ball::Ball;
use super::{Checker, Result, SAMPLES, Term, TermId};

/// The signs that a value may have: bits for negative, zero, positive, and for "not known to be real".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Mask(pub(crate) u8);

pub(crate) const NEGATIVE: Mask = Mask(1);
pub(crate) const ZERO: Mask = Mask(2);
pub(crate) const POSITIVE: Mask = Mask(4);
pub(crate) const NOT_NEGATIVE: Mask = Mask(6);
pub(crate) const NOT_POSITIVE: Mask = Mask(3);
pub(crate) const NOT_ZERO: Mask = Mask(13);
pub(crate) const REAL: Mask = Mask(7);
const ANY: Mask = Mask(15);

/// How deep signs of arguments of arguments are looked for.
const DEEPEST: u32 = 40;

impl Mask {
    pub(crate) fn within(self, other: Mask) -> bool {
        self.0 & !other.0 == 0
    }

    pub(crate) fn has(self, other: Mask) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn negated(self) -> Mask {
        Mask(self.0 & 10 | (self.0 & 1) << 2 | (self.0 & 4) >> 2)
    }

    fn both(self, other: Mask) -> Mask {
        Mask(self.0 & other.0)
    }

    fn plus(self, b: Mask) -> Mask {
        match (self, b) {
            _ if (self.0 | b.0) & 8 != 0 => ANY,
            (ZERO, other) | (other, ZERO) => other,
            _ if self.within(NOT_NEGATIVE) && b.within(NOT_NEGATIVE)
                || self.within(NOT_POSITIVE) && b.within(NOT_POSITIVE) =>
            {
                Mask((self.0 | b.0) & if self.has(ZERO) && b.has(ZERO) { 7 } else { 5 })
            }
            _ => REAL,
        }
    }

    fn times(self, b: Mask) -> Mask {
        if (self.0 | b.0) & 8 != 0 {
            return if self.has(ZERO) || b.has(ZERO) { ANY } else { NOT_ZERO };
        }
        let mut product = (self.0 | b.0) & 2;
        product |= if self.has(POSITIVE) { b.0 & 5 } else { 0 };
        product |= if self.has(NEGATIVE) { b.negated().0 & 5 } else { 0 };
        Mask(product)
    }

    /// Of a real power; nothing where it may be undefined.
    fn power(self, e: &Coefficient) -> Mask {
        let Some(e) = e.real() else { return ANY };
        let whole = e.is_integer();
        match () {
            () if !self.within(REAL) => {
                if whole && !self.has(ZERO) {
                    NOT_ZERO
                } else {
                    ANY
                }
            }
            () if e.is_negative() && self.has(ZERO) || !whole && self.has(NEGATIVE) => ANY,
            () if !whole || (e.numer() % 2u8).is_zero() => {
                Mask(self.0 & 2 | if self.has(Mask(5)) { 4 } else { 0 })
            }
            () => self,
        }
    }

    fn of(c: &Coefficient) -> Mask {
        match c.real() {
            None => ANY,
            Some(c) if c.is_zero() => ZERO,
            Some(c) if c.is_positive() => POSITIVE,
            Some(_) => NEGATIVE,
        }
    }
}

impl Checker {
    fn varies(&self, f: &Frac, depth: u32) -> bool {
        depth > DEEPEST
            || f.atoms().any(|(k, _)| {
                let atom = &self.atoms[*k as usize].0;
                matches!(atom, Atom::Input(_)) || atom.arguments().iter().any(|a| self.varies(a, depth + 1))
            })
    }

    /// What is known of the sign of a term, from its form and from facts.
    pub(crate) fn mask(&mut self, t: TermId) -> Result<Mask> {
        self.mask_of_term(t, 0)
    }

    /// What is known without the form in which a term is written.
    pub(crate) fn mask_of_value(&mut self, t: TermId) -> Result<Mask> {
        let value = self.expand(t)?;
        Ok(self.mask_of(&value))
    }

    fn mask_of_term(&mut self, t: TermId, depth: u32) -> Result<Mask> {
        let f = self.expand(t)?;
        let known = self.mask_of(&f);
        if depth > DEEPEST {
            return Ok(known);
        }
        let by_form = match self.terms[t as usize].clone() {
            Term::Sum(of) => {
                of.iter().try_fold(ZERO, |sum, &t| Ok(sum.plus(self.mask_of_term(t, depth + 1)?)))?
            }
            Term::Product(of) => of
                .iter()
                .try_fold(POSITIVE, |product, &t| Ok(product.times(self.mask_of_term(t, depth + 1)?)))?,
            Term::Power(base, e) if !matches!(self.terms[base as usize], Term::Exp(_)) => {
                self.mask_of_term(base, depth + 1)?.power(&e)
            }
            _ => ANY,
        };
        Ok(known.both(by_form))
    }

    pub(crate) fn mask_of(&mut self, f: &Frac) -> Mask {
        if self.depth > DEEPEST {
            return ANY;
        }
        self.depth += 1;
        let mut mask = f.below.iter().fold(self.mask_of_poly(&f.top), |mask, (p, &n)| {
            let divisor = self.mask_of_poly(p).power(&Coefficient::integer(-i64::from(n)));
            mask.times(divisor)
        });
        mask = self.facts_on(f).both(mask);
        if !mask.within(REAL) && self.conjugate(f).as_ref() == Some(f) {
            mask = REAL.both(mask);
        }
        if mask.within(REAL) && mask.0.count_ones() > 1 && !self.varies(f, 0) {
            let apart = self.ball(f, 0).filter(|ball| ball.is_apart());
            mask = apart.map_or(mask, |ball| if ball.re > 0.0 { POSITIVE } else { NEGATIVE });
        }
        self.depth -= 1;
        mask
    }

    fn mask_of_poly(&mut self, p: &Poly) -> Mask {
        let mut sum = ZERO;
        for (m, c) in p {
            let factors = m.iter().map(|(k, e)| self.mask_of_power(*k, e));
            sum = sum.plus(factors.fold(Mask::of(c), Mask::times));
        }
        self.facts_on(&Frac { top: p.clone(), ..Frac::default() }).both(sum)
    }

    fn mask_of_power(&mut self, k: u32, e: &Coefficient) -> Mask {
        let by_form = match self.atoms[k as usize].0.clone() {
            Atom::Input(_) => REAL,
            Atom::Pi => POSITIVE,
            Atom::Exp(w) => match e.real() {
                Some(_) if self.mask_of(&w).within(REAL) => return POSITIVE,
                _ => ANY,
            },
            Atom::Root(b) => return self.mask_of(&b).power(e),
            Atom::Ln(b) if self.mask_of(&b) == POSITIVE => REAL,
            Atom::Ln(_) => ANY,
            Atom::Apply(Op::Abs, _) => NOT_NEGATIVE,
            Atom::Apply(Op::Cbrt, of) => self.mask_of(&of[0]),
            Atom::Apply(..) => REAL,
        };
        let alone: Monomial = vec![(k, Coefficient::integer(1))];
        let facts =
            self.facts_on(&Frac { top: Poly::from([(alone, Coefficient::integer(1))]), ..Frac::default() });
        let mask = facts.both(by_form);
        let exponential = matches!(self.atoms[k as usize].0, Atom::Exp(_));
        // Of e^w with a w that may be complex only whole powers are powers of the value.
        if exponential && !e.real().is_some_and(BigRational::is_integer) { ANY } else { mask.power(e) }
    }

    /// What facts say of a fraction or of a multiple of it.
    fn facts_on(&mut self, f: &Frac) -> Mask {
        let mut known = ANY;
        if self.without_facts || f.top.is_empty() {
            return known;
        }
        let (turned, direction) = f.direction();
        for (of, by, mask) in &self.facts {
            if *of == direction {
                known = known.both(if *by == turned { *mask } else { mask.negated() });
            }
        }
        known
    }

    /// Whether something is 0 nowhere, as none of its factors is.
    pub(super) fn is_never_zero(&mut self, f: &Frac) -> Result<bool> {
        if !self.mask_of(f).has(ZERO) {
            return Ok(true);
        }
        let inverse = self.inverse(f)?;
        let sums = inverse.below.keys().all(|p| self.divisors.contains(p) || !self.mask_of_poly(p).has(ZERO));
        let mut atoms = inverse.top.keys().flatten().filter(|(_, e)| e.re.is_negative());
        Ok(sums && atoms.all(|(k, _)| !self.mask_of_power(*k, &Coefficient::integer(1)).has(ZERO)))
    }

    /// The complex conjugate, where that can be read off.
    fn conjugate(&mut self, f: &Frac) -> Option<Frac> {
        let poly = |checker: &mut Checker, p: &Poly| -> Option<Poly> {
            let mut image = Poly::new();
            for (m, c) in p {
                let mut turned = Monomial::new();
                for (k, e) in m {
                    let real = match checker.atoms[*k as usize].0.clone() {
                        Atom::Exp(w) => checker.mask_of(&w).within(REAL),
                        _ => e.real().is_some() && checker.mask_of_power(*k, e).within(REAL),
                    };
                    turned.push((*k, e.conjugate()));
                    real.then_some(())?;
                }
                image.insert(turned, c.conjugate());
            }
            Some(image)
        };
        let top = poly(self, &f.top)?;
        let below: Option<_> = f.below.iter().map(|(p, &n)| Some((poly(self, p)?, n))).collect();
        Some(Frac { top, below: below? })
    }

    /// Whether a term is 0 on no open set: it is analytic on a convex domain, and not 0 at some sample point.
    pub(crate) fn has_isolated_zeros(&mut self, t: TermId) -> Result<bool> {
        let f = self.expand(t)?;
        let apart = |s| self.ball(&f, s).is_some_and(Ball::is_apart);
        Ok((0..SAMPLES).any(apart) && self.is_analytic(&f, false, 0))
    }

    /// On the convex set where all affine arguments of roots and logarithms are positive. Inside another function divisors must
    /// never be 0, or the domain falls apart.
    fn is_analytic(&mut self, f: &Frac, inside: bool, depth: u32) -> bool {
        if depth > DEEPEST {
            return false;
        }
        let everywhere = |checker: &mut Checker, f: &Frac| {
            let before = std::mem::replace(&mut checker.without_facts, true);
            let mask = checker.mask_of(f);
            checker.without_facts = before;
            mask
        };
        if inside
            && f.below.keys().any(|p| everywhere(self, &Frac { top: p.clone(), ..Frac::default() }).has(ZERO))
        {
            return false;
        }
        f.atoms().all(|(k, e)| {
            let pole = inside && e.re.is_negative();
            let of_argument = |checker: &mut Checker, b: &Frac, known: Mask| {
                let affine = b.below.is_empty()
                    && b.top.keys().all(|m| match m.as_slice() {
                        [] => true,
                        [(k, e)] => e.is_one() && matches!(checker.atoms[*k as usize].0, Atom::Input(_)),
                        _ => false,
                    });
                checker.is_analytic(b, true, depth + 1)
                    && (everywhere(checker, b) == POSITIVE
                        || affine && !pole && checker.mask_of(b).within(known))
            };
            match self.atoms[*k as usize].0.clone() {
                Atom::Input(_) => !pole,
                Atom::Pi => true,
                Atom::Exp(w) => self.is_analytic(&w, true, depth + 1),
                Atom::Root(b) => of_argument(self, &b, NOT_NEGATIVE),
                Atom::Ln(b) => of_argument(self, &b, POSITIVE),
                Atom::Apply(Op::Atan | Op::Erf, of) => !pole && self.is_analytic(&of[0], true, depth + 1),
                Atom::Apply(..) => false,
            }
        })
    }
}

#[cfg(test)]
mod tests;
