//! Fractions of integers in lowest terms.

use std::cmp::Ordering;

use dashu_int::ops::{BitTest, Gcd, UnsignedAbs};
use dashu_int::{IBig, UBig};

use crate::endpoint::{self, End};
use crate::interval::{Context, Interval};

/// A rational number: lowest terms, the denominator positive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Rational {
    numerator: IBig,
    denominator: UBig,
}

impl Rational {
    pub(crate) fn new(numerator: IBig, denominator: UBig) -> Rational {
        if numerator == IBig::ZERO {
            return Rational { numerator, denominator: UBig::ONE };
        }
        if denominator == UBig::ONE {
            return Rational { numerator, denominator };
        }
        let divisor = (&numerator).gcd(&denominator);
        if divisor == UBig::ONE {
            return Rational { numerator, denominator };
        }
        Rational { numerator: numerator / &divisor, denominator: denominator / divisor }
    }

    pub(crate) fn integer(value: i64) -> Rational {
        Rational { numerator: value.into(), denominator: UBig::ONE }
    }

    pub(crate) fn fraction(numerator: i64, denominator: u64) -> Rational {
        Rational::new(numerator.into(), denominator.into())
    }

    /// A finite end of an interval: a dyadic number. Nothing where its exponent is so large that it would fill memory.
    pub(crate) fn from_end(end: &End) -> Option<Rational> {
        const MAX_EXPONENT: isize = 1 << 14;
        if end.is_infinite() || end.exponent().abs() > MAX_EXPONENT {
            return None;
        }
        let significand = end.significand().clone();
        Some(match usize::try_from(end.exponent()) {
            Ok(shift) => Rational { numerator: significand << shift, denominator: UBig::ONE },
            Err(_) => Rational::new(significand, UBig::ONE << end.exponent().unsigned_abs()),
        })
    }

    pub(crate) fn from_f64(value: f64) -> Option<Rational> {
        value.is_finite().then(|| Rational::from_end(&endpoint::from_f64(value)))?
    }

    pub(crate) fn zero() -> Rational {
        Rational::integer(0)
    }

    pub(crate) fn one() -> Rational {
        Rational::integer(1)
    }

    pub(crate) fn numerator(&self) -> &IBig {
        &self.numerator
    }

    pub(crate) fn denominator(&self) -> &UBig {
        &self.denominator
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.numerator == IBig::ZERO
    }

    pub(crate) fn is_one(&self) -> bool {
        self.numerator == IBig::ONE && self.denominator == UBig::ONE
    }

    pub(crate) fn is_integer(&self) -> bool {
        self.denominator == UBig::ONE
    }

    /// The integer that it is, where that is one of 64 bits.
    pub(crate) fn as_i64(&self) -> Option<i64> {
        self.is_integer().then(|| i64::try_from(&self.numerator).ok())?
    }

    /// -1, 0 or 1.
    pub(crate) fn sign(&self) -> i8 {
        match self.numerator.cmp(&IBig::ZERO) {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        }
    }

    /// The bits of numerator and denominator together: what an operation costs.
    pub(crate) fn bits(&self) -> usize {
        self.numerator.bit_len() + self.denominator.bit_len()
    }

    pub(crate) fn plus(&self, other: &Rational) -> Rational {
        if self.is_integer() && other.is_integer() {
            return Rational { numerator: &self.numerator + &other.numerator, denominator: UBig::ONE };
        }
        let left = &self.numerator * IBig::from(other.denominator.clone());
        let right = &other.numerator * IBig::from(self.denominator.clone());
        Rational::new(left + right, &self.denominator * &other.denominator)
    }

    pub(crate) fn minus(&self, other: &Rational) -> Rational {
        self.plus(&other.negated())
    }

    pub(crate) fn times(&self, other: &Rational) -> Rational {
        let numerator = &self.numerator * &other.numerator;
        if self.is_integer() && other.is_integer() {
            return Rational { numerator, denominator: UBig::ONE };
        }
        Rational::new(numerator, &self.denominator * &other.denominator)
    }

    /// # Panics
    /// At 0.
    pub(crate) fn inverse(&self) -> Rational {
        assert!(!self.is_zero(), "0 has no inverse");
        let numerator = IBig::from(self.denominator.clone());
        let numerator = if self.sign() < 0 { -numerator } else { numerator };
        Rational { numerator, denominator: (&self.numerator).unsigned_abs() }
    }

    pub(crate) fn negated(&self) -> Rational {
        Rational { numerator: -&self.numerator, denominator: self.denominator.clone() }
    }

    pub(crate) fn magnitude(&self) -> Rational {
        if self.sign() < 0 { self.negated() } else { self.clone() }
    }

    /// To a non-negative power.
    pub(crate) fn to_the(&self, n: usize) -> Rational {
        Rational { numerator: self.numerator.pow(n), denominator: self.denominator.pow(n) }
    }

    pub(crate) fn floor(&self) -> IBig {
        let denominator = IBig::from(self.denominator.clone());
        let quotient = &self.numerator / &denominator;
        // Division truncates.
        if self.sign() < 0 && &quotient * &denominator != self.numerator {
            quotient - IBig::ONE
        } else {
            quotient
        }
    }

    /// An interval that holds it.
    pub(crate) fn enclosed<'w>(&self, context: Context<'w>) -> Interval<'w> {
        let whole = |n: IBig| Interval::point(context, End::new(n, 0));
        let numerator = whole(self.numerator.clone());
        match self.is_integer() {
            true => numerator,
            false => numerator.over(&whole(self.denominator.clone().into())),
        }
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Rational) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rational {
    fn cmp(&self, other: &Rational) -> Ordering {
        if self.denominator == other.denominator {
            return self.numerator.cmp(&other.numerator);
        }
        let left = &self.numerator * IBig::from(other.denominator.clone());
        left.cmp(&(&other.numerator * IBig::from(self.denominator.clone())))
    }
}
