//! What is known of the signs of fractions: what must be positive where the formulas are defined, and where 0 is an exception.

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::field::{Field, Fraction, Kernel, alone};
use super::number::{Coefficient, Exponent};
use super::polynomial::Polynomial;

/// What is known of the values of a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nature {
    /// Nothing in it is complex by itself, or a logarithm of what may be negative (the power a^b of an a of unknown sign is
    /// written with one).
    plainly_real: bool,
    /// It is analytic on one connected domain and satisfies no relation that the normal form does not know: a fraction of such
    /// kernels that is not written as 0 is 0 in places only, not on a stretch. Roots of sums, floor, asin of sin are not so.
    generic: bool,
    /// It depends on an input.
    pub(super) varies: bool,
}

impl Field {
    /// Notes that something is positive wherever the formulas are defined.
    pub(super) fn note_positive(&mut self, a: &Fraction) {
        if let Some(lead) = a.leading().and_then(Coefficient::real)
            && !lead.is_zero()
        {
            let scaled = a.scaled(&Coefficient::rational(lead.abs().recip()));
            if !self.positive.contains(&scaled) {
                self.positive.push(scaled);
            }
            // A product is positive, and so are all of its factors but one: then that one is, too.
            let unknown: Vec<u32> = match a.as_term() {
                Some((monomial, c)) if c.real().is_some_and(|c| c.is_positive()) => monomial
                    .iter()
                    .filter(|&&(k, e)| !self.kernel_is_positive(k, e))
                    .map(|&(k, e)| if e == Exponent::integer(1) { k } else { u32::MAX })
                    .collect(),
                _ => Vec::new(),
            };
            if let [k] = unknown.as_slice()
                && *k != u32::MAX
            {
                self.positive.push(alone(*k));
            }
        }
    }

    pub(super) fn kernel_is_positive(&self, k: u32, e: Exponent) -> bool {
        if !e.is_real() {
            return false;
        }
        self.positive.contains(&alone(k))
            || match &self.kernels[k as usize] {
                Kernel::Pi => true,
                Kernel::Exp(_) => self.natures[k as usize].plainly_real,
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

    /// What is known of a kernel, from what is known of those in its arguments, which were met before.
    pub(super) fn nature(&self, kernel: &Kernel) -> Nature {
        let of = |k: &u32| self.natures[*k as usize];
        let kernels = |a: &Fraction| -> Vec<u32> { self.powers(a).map(|(k, _)| k).collect() };
        let varies = |a: &Fraction| kernels(a).iter().any(|k| of(k).varies);
        match kernel {
            Kernel::Input(_) => Nature { plainly_real: true, generic: true, varies: true },
            Kernel::Pi => Nature { plainly_real: true, generic: true, varies: false },
            Kernel::Exp(a) => {
                // sin(pi) is 0, and that is not known here; e is a number like any other.
                let is_one = a.as_constant().is_some_and(|value| value.is_one());
                let generic = a.below.is_empty() && kernels(a).iter().all(|k| of(k).generic);
                Nature {
                    plainly_real: self.is_plainly_real(a),
                    generic: generic && (is_one || varies(a)),
                    varies: varies(a),
                }
            }
            Kernel::Ln(a) => {
                let input =
                    |k: &u32| matches!(self.kernels[*k as usize], Kernel::Input(_)) && *a == alone(*k);
                Nature {
                    plainly_real: self.is_positive(a),
                    generic: kernels(a).iter().any(input),
                    varies: varies(a),
                }
            }
            Kernel::Root(a) => {
                Nature { plainly_real: true, generic: a.as_constant().is_some(), varies: varies(a) }
            }
            Kernel::Cbrt(a) => Nature { plainly_real: true, generic: false, varies: varies(a) },
            Kernel::Apply(_, of) => {
                Nature { plainly_real: true, generic: false, varies: of.iter().any(varies) }
            }
        }
    }

    /// Looks at all kernels again, now that more is known to be positive.
    pub(super) fn look_again(&mut self) {
        for k in 0..self.kernels.len() {
            self.natures[k] = self.nature(&self.kernels[k]);
        }
    }

    /// Whether it is 0 in places only, unless it is written as 0.
    pub(super) fn is_generic(&self, a: &Fraction) -> bool {
        self.powers(a).all(|(k, _)| self.natures[k as usize].generic)
    }

    /// All powers of kernels in a fraction.
    fn powers<'a>(&'a self, a: &'a Fraction) -> impl Iterator<Item = (u32, Exponent)> + 'a {
        let below = a.below.keys().map(|&id| &self.divisors[id]);
        below.chain([&a.top]).flat_map(|p| p.0.keys().flatten().copied())
    }

    fn is_plainly_real(&self, a: &Fraction) -> bool {
        let real = |p: &Polynomial| p.0.values().all(|c| c.real().is_some());
        real(&a.top)
            && a.below.keys().all(|&id| real(&self.divisors[id]))
            && self.powers(a).all(|(k, e)| e.is_real() && self.natures[k as usize].plainly_real)
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

    /// Whether it is one term without kernels that can be 0: a number, or powers of one base with formal exponents, which are 0
    /// only where the base is.
    pub(super) fn is_surely_not_zero(&self, a: &Fraction) -> bool {
        let never = |k: u32, e: Exponent| {
            matches!(self.kernels[k as usize], Kernel::Exp(_)) || self.kernel_is_positive(k, e)
        };
        a.as_term().is_some_and(|(monomial, _)| monomial.iter().all(|&(k, e)| never(k, e)))
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
                // An even power, or a root; of an exponential that may be complex nothing is known.
                let not_negative = match self.kernels[k as usize] {
                    Kernel::Exp(_) => false,
                    Kernel::Root(_) => e.is_real(),
                    _ => e.is_real() && (!e.re.is_integer() || e.re.to_integer() % 2 == 0),
                };
                if !not_negative {
                    return false;
                }
                positive = false;
            }
            strictly |= positive;
        }
        strictly
    }
}
