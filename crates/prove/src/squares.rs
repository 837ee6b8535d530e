//! Polynomials as squares, and as sums of squares.

use num_rational::Ratio;
use num_traits::{Signed, ToPrimitive};

use super::Exception;

use super::checker::{NOT_NEGATIVE, NOT_POSITIVE, REAL, TermId};
use super::field::{Field, Result};
use super::fraction::{Fraction, Kernel};
use super::number::Coefficient;
use super::polynomial::{self, Monomial, Polynomial};

/// The most squares that are completed one after another.
const MOST_SQUARES: usize = 12;

impl Field {
    /// A monomial whose square this is, in whole powers but for exponentials.
    fn half_of(&self, monomial: &Monomial) -> Option<Monomial> {
        let halved = monomial.iter().map(|&(k, e)| {
            let half = e.scaled(Ratio::new(1, 2))?;
            (half.is_integer() || matches!(self.kernels[k as usize], Kernel::Exp(_))).then_some((k, half))
        });
        halved.collect()
    }

    /// A polynomial, divided by the coefficient of its largest term, as a square.
    pub(super) fn root_of_square(&self, p: &Polynomial) -> Option<Polynomial> {
        let (first, lead) = p.largest()?;
        let first = self.half_of(first)?;
        let half_inverse = Polynomial::term(
            polynomial::inverse(&first).ok()?,
            Coefficient::rational(num_rational::BigRational::new(1.into(), 2.into())),
        );
        let mut root = Polynomial::term(first, Coefficient::integer(1));
        let minus = Coefficient::integer(-1);
        let mut rest = p.scaled(&lead.inverse()).plus(&root.times(&root).ok()?.scaled(&minus)).ok()?;
        for _ in 0..p.0.len() {
            let Some((m, c)) = rest.largest() else { return Some(root) };
            let term = Polynomial::term(m.clone(), c.clone()).times(&half_inverse).ok()?;
            let cross = root.scaled(&Coefficient::integer(2)).plus(&term).ok()?.times(&term).ok()?;
            rest = rest.plus(&cross.scaled(&minus)).ok()?;
            root = root.plus(&term).ok()?;
        }
        rest.is_zero().then_some(root)
    }

    /// Shows that a sum is not negative, or not positive, by completing squares; whether that came out.
    pub(super) fn show_by_squares(&mut self, a: &Fraction) -> Result<bool> {
        if !a.below.is_empty() || a.top.0.len() < 2 || a.top.0.len() > 60 {
            return Ok(false);
        }
        for (p, mask) in [(a.top.clone(), NOT_NEGATIVE), (a.negated().top, NOT_POSITIVE)] {
            let Some(by) = self.sum_of_squares(&p)? else { continue };
            let (term, by) = (self.term(a), if mask == NOT_NEGATIVE { by } else { self.terms.negated(by) });
            // Which of "positive" and "not negative" it is, the squares tell.
            let found = self.mask_of_term(by)?;
            if found.within(mask) {
                return self.show_sign(term, by, found);
            }
        }
        Ok(false)
    }

    /// An equal sum of terms that are each not negative.
    fn sum_of_squares(&mut self, p: &Polynomial) -> Result<Option<TermId>> {
        let (mut rest, mut squares) = (p.clone(), Vec::new());
        let minus = Coefficient::integer(-1);
        for _ in 0..MOST_SQUARES {
            let rest_fraction: Fraction = rest.clone().into();
            if rest.is_zero() || self.mask(&rest_fraction)?.within(NOT_NEGATIVE) {
                if !rest.is_zero() {
                    squares.push(self.term(&rest_fraction));
                }
                return Ok(Some(self.sum_term(squares)));
            }
            let Some((first, c)) = rest.largest() else { return Ok(None) };
            let (Some(half), Some(scale)) = (self.half_of(first), c.real().filter(|c| c.is_positive()))
            else {
                return Ok(None);
            };
            let scale = scale.clone();
            let Ok(inverse) = polynomial::inverse(&half) else { return Ok(None) };
            // What stands beside the first term, if it is a multiple of its root.
            let front = Polynomial::term(inverse, Coefficient::rational((&scale + &scale).recip()));
            let mut root = Polynomial::term(half.clone(), Coefficient::integer(1));
            let largest = first.clone();
            for (m, c) in rest.0.iter().filter(|(m, _)| **m != largest) {
                let divides = half.iter().all(|(k, e)| m.iter().any(|(n, f)| n == k && f.re >= e.re));
                let term = Polynomial::term(m.clone(), c.clone()).times(&front)?;
                let smaller =
                    half.iter().all(|(k, e)| term.0.keys().flatten().all(|(n, f)| n != k || f.re < e.re));
                if divides && smaller {
                    root = root.plus(&term)?;
                }
            }
            let square: Fraction = root.clone().into();
            if !self.mask(&square)?.within(REAL) {
                return Ok(None);
            }
            let term = self.term(&square);
            let square = self.terms.power(term, 2);
            let number = self.terms.number(scale.clone());
            squares.push(self.terms.id(super::checker::Term::Product(vec![number, square])));
            let scale = Coefficient::rational(scale);
            rest = rest.plus(&root.times(&root)?.scaled(&scale.times(&minus)))?;
            self.spend(rest.0.len(), rest.0.len())?;
        }
        Ok(None)
    }

    /// The value of an input at which a fraction is 0, where it is linear in one input and has no other.
    pub(super) fn single_zero(&self, a: &Fraction) -> Option<Exception> {
        let mut terms: Vec<(&Monomial, &Coefficient)> =
            a.top.0.iter().filter(|_| a.below.is_empty()).collect();
        terms.sort_by_key(|(m, _)| m.len());
        let (constant, (m, c)) = match terms.as_slice() {
            [linear] => (Coefficient::integer(0), *linear),
            [(m, c), linear] if m.is_empty() => ((*c).clone(), *linear),
            _ => return None,
        };
        let [(k, e)] = m.as_slice() else { return None };
        let Kernel::Input(input) = self.kernels[*k as usize] else { return None };
        let value = (-(constant.real()?
            / c.real().filter(|_| e.is_integer() && e.re == Ratio::from_integer(1))?))
        .to_f64()?;
        Some(Exception { input, value })
    }

    /// The kernels of a product that stand in it with these powers, and its divisors.
    pub(super) fn sign_factors(&self, a: &Fraction) -> Option<Vec<(Fraction, bool)>> {
        let (monomial, _) = a.top.as_term()?;
        let kernels = monomial.iter().map(|&(k, e)| {
            let even = e.is_integer() && e.re.to_integer() % 2 == 0;
            (e.is_real() && !matches!(self.kernels[k as usize], Kernel::Exp(_)))
                .then(|| (super::fraction::alone(k), even))
        });
        let mut factors: Vec<(Fraction, bool)> = kernels.collect::<Option<_>>()?;
        factors
            .extend(a.below.iter().map(|(&id, n)| (Fraction::from(self.divisors[id].clone()), n % 2 == 0)));
        let alone = matches!(factors.as_slice(), [(factor, _)] if factor == a);
        (!alone && !factors.is_empty()).then_some(factors)
    }
}
