//! What is known of the signs of fractions, from their form, from facts, and from enclosures at sample points.

use expr::Op;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

use super::super::number::Coefficient;
use super::algebra::{Atom, Frac, Monomial, Poly};
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

/// A disc that a complex number lies in: rounding is counted in at every operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ball {
    re: f64,
    im: f64,
    err: f64,
}

impl Ball {
    fn new(re: f64, im: f64, err: f64) -> Option<Ball> {
        // Elementary functions are right to far less than this; so are sums and products. What is not finite is no disc.
        let err = err + 1e-14 * (re.abs() + im.abs()) + 1e-300;
        (err < 1e300).then_some(Ball { re, im, err })
    }

    fn size(self) -> f64 {
        self.re.hypot(self.im)
    }

    pub(super) fn is_apart(self) -> bool {
        self.size() > 1.001 * self.err
    }

    fn plus(self, b: Ball) -> Option<Ball> {
        // What cancels leaves the rounding of the parts, which is in their discs already.
        Ball::new(self.re + b.re, self.im + b.im, self.err + b.err)
    }

    pub(super) fn minus(self, b: Ball) -> Ball {
        let (re, im) = (self.re - b.re, self.im - b.im);
        Ball { re, im, err: self.err + b.err + 1e-14 * (re.abs() + im.abs()) }
    }

    fn times(self, b: Ball) -> Option<Ball> {
        let err = self.err * (b.size() + b.err) + self.size() * b.err;
        Ball::new(self.re * b.re - self.im * b.im, self.re * b.im + self.im * b.re, 1.001 * err)
    }

    fn inverse(self) -> Option<Ball> {
        let (size, least) = (self.size(), self.size() - 1.001 * self.err);
        // Divided twice: the square of a large number is none.
        let part = |x: f64| x / size / size;
        (least > 0.0).then(|| Ball::new(part(self.re), part(-self.im), 1.001 * self.err / size / least))?
    }

    fn exp(self) -> Option<Ball> {
        let size = self.re.exp();
        let err = size * (1.001 * self.err).exp_m1();
        (self.im.abs() < 1e6).then(|| Ball::new(size * self.im.cos(), size * self.im.sin(), 1.001 * err))?
    }

    /// The number, where it can only be a positive one.
    fn positive(self) -> Option<f64> {
        Some(self.re).filter(|re| self.im.abs() <= self.err && *re > 1.001 * self.err)
    }

    fn ln(self) -> Option<Ball> {
        let x = self.positive()?;
        Ball::new(x.ln(), 0.0, 1.001 * self.err / (x - self.err))
    }

    fn scaled(self, c: &Coefficient) -> Option<Ball> {
        self.times(Ball::new(c.re.to_f64()?, c.im.to_f64()?, 0.0)?)
    }
}

impl Checker {
    /// Inputs at a sample point: of several sizes and signs.
    fn sample(k: u32, s: usize) -> f64 {
        let (low, high) = [(0.0, 1.0), (1.0, 3.0), (-1.0, 1.0), (-4.0, 0.0), (5.0, 15.0), (100.0, 300.0)][s];
        let mixed = (u64::from(k) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11;
        low + (high - low) * (mixed as f64 / (1u64 << 53) as f64)
    }

    pub(super) fn atom_ball(&self, atom: &Atom, s: usize) -> Option<Ball> {
        let of: Option<Vec<Ball>> = atom.arguments().iter().map(|a| self.ball(a, s)).collect();
        let of = of?;
        match atom {
            Atom::Input(k) => Ball::new(Self::sample(*k, s), 0.0, 0.0),
            Atom::Pi => Ball::new(std::f64::consts::PI, 0.0, 0.0),
            Atom::Exp(_) | Atom::Root(_) => Some(of[0]),
            Atom::Ln(_) => of[0].ln(),
            Atom::Apply(op, _) => {
                let (x, real) = (of[0].re, of[0].im.abs() <= of[0].err);
                let steepest = match op {
                    Op::Atan | Op::Erf => 2.0,
                    Op::Asin if x.abs() + of[0].err < 0.999 => 40.0,
                    _ => return None,
                };
                Ball::new(op.value(&[x]), 0.0, steepest * of[0].err).filter(|_| real)
            }
        }
    }

    pub(super) fn ball(&self, f: &Frac, s: usize) -> Option<Ball> {
        let poly = |p: &Poly| {
            let mut sum = Ball { re: 0.0, im: 0.0, err: 0.0 };
            for (m, c) in p {
                let mut product = Ball { re: 1.0, im: 0.0, err: 0.0 }.scaled(c)?;
                for (k, e) in m {
                    let (atom, values) = &self.atoms[*k as usize];
                    let value = values[s]?;
                    let power = match (atom, e.real()) {
                        (Atom::Exp(_), _) => value.scaled(e)?.exp()?,
                        (_, Some(e)) if e.is_integer() && e.to_integer().bits() < 8 => {
                            let n = e.to_integer().to_i32()?;
                            let base = if n < 0 { value.inverse()? } else { value };
                            (1..n.abs()).try_fold(base, |power, _| power.times(base))?
                        }
                        (Atom::Root(_), Some(_)) => value.ln()?.scaled(e)?.exp()?,
                        _ => return None,
                    };
                    product = product.times(power)?;
                }
                sum = sum.plus(product)?;
            }
            Some(sum)
        };
        f.below.iter().try_fold(poly(&f.top)?, |value, (p, &n)| {
            let inverse = poly(p)?.inverse()?;
            (0..n).try_fold(value, |value, _| value.times(inverse))
        })
    }

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
