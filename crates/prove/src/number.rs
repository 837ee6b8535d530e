//! The numbers of the normal form: rationals with an imaginary part, so that sines are exponentials like any other.

use std::fmt;

use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use num_traits::{CheckedAdd, CheckedMul, One, Signed, Zero};

/// A coefficient: an exact complex number with rational parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Coefficient {
    pub(super) re: BigRational,
    pub(super) im: BigRational,
}

impl Coefficient {
    pub(super) fn rational(re: BigRational) -> Self {
        Coefficient { re, im: BigRational::zero() }
    }

    pub(super) fn integer(value: i64) -> Self {
        Self::rational(BigRational::from_integer(BigInt::from(value)))
    }

    pub(super) fn i() -> Self {
        Coefficient { re: BigRational::zero(), im: BigRational::one() }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.re.is_zero() && self.im.is_zero()
    }

    pub(super) fn is_one(&self) -> bool {
        self.re.is_one() && self.im.is_zero()
    }

    /// The number, if it is real.
    pub(super) fn real(&self) -> Option<&BigRational> {
        self.im.is_zero().then_some(&self.re)
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        Coefficient { re: sum(&self.re, &other.re), im: sum(&self.im, &other.im) }
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        if self.im.is_zero() && other.im.is_zero() {
            return Self::rational(product(&self.re, &other.re));
        }
        Coefficient {
            re: sum(&product(&self.re, &other.re), &-product(&self.im, &other.im)),
            im: sum(&product(&self.re, &other.im), &product(&self.im, &other.re)),
        }
    }

    pub(super) fn negated(&self) -> Self {
        Coefficient { re: -&self.re, im: -&self.im }
    }

    /// One over it.
    ///
    /// # Panics
    /// When it is zero.
    pub(super) fn inverse(&self) -> Self {
        let norm = &self.re * &self.re + &self.im * &self.im;
        Coefficient { re: &self.re / &norm, im: -(&self.im / norm) }
    }

    pub(super) fn conjugate(&self) -> Self {
        Coefficient { re: self.re.clone(), im: -&self.im }
    }

    /// Whether it comes before its negative: one of the two always does.
    pub(super) fn is_leading(&self) -> bool {
        self.re.is_positive() || (self.re.is_zero() && self.im.is_positive())
    }
}

impl fmt::Display for Coefficient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.im.is_zero() {
            return self.re.fmt(f);
        }
        if self.re.is_zero() {
            return if self.im.is_one() { f.write_str("i") } else { write!(f, "{}*i", self.im) };
        }
        write!(f, "({} + {}*i)", self.re, self.im)
    }
}

/// A sum: of integers without looking for a common divisor, which takes most of the time.
fn sum(a: &BigRational, b: &BigRational) -> BigRational {
    match () {
        () if a.is_zero() => b.clone(),
        () if b.is_zero() => a.clone(),
        () if a.is_integer() && b.is_integer() => BigRational::from_integer(a.numer() + b.numer()),
        () => a + b,
    }
}

/// A product, likewise.
fn product(a: &BigRational, b: &BigRational) -> BigRational {
    match a.is_integer() && b.is_integer() {
        true => BigRational::from_integer(a.numer() * b.numer()),
        false => a * b,
    }
}

/// An exponent: small, rational, and complex where the base is e.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Exponent {
    pub(super) re: Ratio<i64>,
    pub(super) im: Ratio<i64>,
}

impl Exponent {
    pub(super) fn real(re: Ratio<i64>) -> Self {
        Exponent { re, im: Ratio::zero() }
    }

    pub(super) fn integer(value: i64) -> Self {
        Self::real(Ratio::from_integer(value))
    }

    pub(super) fn is_zero(self) -> bool {
        self.re.is_zero() && self.im.is_zero()
    }

    pub(super) fn is_real(self) -> bool {
        self.im.is_zero()
    }

    pub(super) fn is_integer(self) -> bool {
        self.im.is_zero() && self.re.is_integer()
    }

    /// A coefficient as an exponent; none when its numbers are large.
    pub(super) fn of(coefficient: &Coefficient) -> Option<Self> {
        Some(Exponent { re: small(&coefficient.re)?, im: small(&coefficient.im)? })
    }

    pub(super) fn plus(self, other: Self) -> Option<Self> {
        Some(Exponent { re: self.re.checked_add(&other.re)?, im: self.im.checked_add(&other.im)? })
    }

    pub(super) fn scaled(self, by: Ratio<i64>) -> Option<Self> {
        Some(Exponent { re: self.re.checked_mul(&by)?, im: self.im.checked_mul(&by)? })
    }
}

/// A rational of small numbers.
pub(super) fn small(value: &BigRational) -> Option<Ratio<i64>> {
    Some(Ratio::new(i64::try_from(value.numer()).ok()?, i64::try_from(value.denom()).ok()?))
}
