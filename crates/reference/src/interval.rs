//! Intervals: two ends with the true value between them.

use std::cell::RefCell;

use dashu_int::IBig;
use expr::Decimal;

use crate::endpoint::{self, End, Toward};
use crate::work::Work;

/// Where intervals live: how many bits their ends have, and constants computed so far.
pub(crate) struct Arithmetic {
    pub(crate) bits: usize,
    pub(crate) reading: Reading,
    pub(crate) constants: RefCell<Constants>,
    pub(crate) work: Work,
}

/// Constants computed so far: to how many bits, and their units.
#[derive(Default)]
pub(crate) struct Constants {
    pub(crate) pi: (usize, IBig),
    pub(crate) ln_2: (usize, IBig),
    /// The library's own state of its series.
    pub(crate) library: dashu_float::ConstCache,
}

/// Below 2^-SMALL numbers are small at every precision; above, bounds of errors in doubles stay in their range.
const SMALL: isize = 200;

/// What the decimals of a function mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// The nearest double: what a program computes with.
    #[default]
    Nearest,
    /// The decimal that is written: what a formula on paper means.
    Exact,
}

/// Handed around in place of a precision.
pub(crate) type Context<'w> = &'w Arithmetic;

/// All numbers from `low` to `high`; either may be infinite, and no number is meant by that.
#[derive(Clone)]
pub(crate) struct Interval<'w> {
    pub(crate) context: Context<'w>,
    pub(crate) low: End,
    pub(crate) high: End,
}

impl Arithmetic {
    pub(crate) fn new(bits: usize, budget: u64) -> Arithmetic {
        Arithmetic { bits, reading: Reading::Nearest, constants: RefCell::default(), work: Work::new(budget) }
    }

    /// What `compute` finds with so many more bits, from the same constants and the same budget.
    pub(crate) fn finer<T>(&self, bits: usize, compute: impl FnOnce(&Arithmetic) -> T) -> T {
        let fine = Arithmetic {
            bits: self.bits + bits,
            reading: self.reading,
            constants: self.constants.take().into(),
            work: Work::new(self.work.left()),
        };
        let found = compute(&fine);
        self.work.set(fine.work.left());
        self.constants.replace(fine.constants.into_inner());
        found
    }

    /// The interval that `compute` finds with so many more bits, rounded to those there are.
    pub(crate) fn finely<'w>(
        &'w self,
        bits: usize,
        compute: impl for<'f> FnOnce(&'f Arithmetic) -> Interval<'f>,
    ) -> Interval<'w> {
        let (low, high) = self.finer(bits, |fine| {
            let found = compute(fine);
            (found.low, found.high)
        });
        Interval::new(self, low, high).rounded()
    }

    /// Whether a series in numbers of this magnitude has few terms.
    pub(crate) fn is_small(&self, magnitude: isize) -> bool {
        magnitude < -(self.bits as isize / 8).min(SMALL) - 4
    }

    /// How many terms those are: the next power is lost beside the first.
    pub(crate) fn terms(&self, magnitude: isize) -> i64 {
        self.bits as i64 / magnitude.unsigned_abs() as i64 + 2
    }
}

impl<'w> Interval<'w> {
    pub(crate) fn new(context: Context<'w>, low: End, high: End) -> Self {
        Interval { context, low, high }
    }

    pub(crate) fn point(context: Context<'w>, end: End) -> Self {
        Interval { context, low: end.clone(), high: end }
    }

    pub(crate) fn integer(context: Context<'w>, value: i64) -> Self {
        Interval::point(context, End::new(IBig::from(value), 0))
    }

    /// A decimal as it is written.
    pub(crate) fn decimal(context: Context<'w>, decimal: &Decimal) -> Self {
        let digits: IBig = decimal.digits().parse().expect("decimals have digits");
        let digits = if decimal.is_negative() { -digits } else { digits };
        let digits = Interval::point(context, End::new(digits, 0));
        let scale = Interval::integer(context, 10).to_the(i64::from(decimal.exponent()).abs());
        if decimal.exponent() < 0 { digits.over(&scale) } else { digits.times(&scale) }
    }

    /// Everything: what is known where nothing is.
    pub(crate) fn entire(context: Context<'w>) -> Self {
        Interval::new(context, End::neg_infinity(), End::infinity())
    }

    /// From `low` to `high`, integers both.
    pub(crate) fn between(context: Context<'w>, low: i64, high: i64) -> Self {
        Interval::new(context, End::new(IBig::from(low), 0), End::new(IBig::from(high), 0))
    }

    /// The least interval that holds both.
    pub(crate) fn hull(self, other: Self) -> Self {
        let low = if self.low <= other.low { self.low } else { other.low };
        let high = if self.high >= other.high { self.high } else { other.high };
        Interval { context: self.context, low, high }
    }

    pub(crate) fn min_with(&self, other: &Self) -> Self {
        let least = |a: &End, b: &End| if a <= b { a.clone() } else { b.clone() };
        Interval::new(self.context, least(&self.low, &other.low), least(&self.high, &other.high))
    }

    pub(crate) fn max_with(&self, other: &Self) -> Self {
        self.negated().min_with(&other.negated()).negated()
    }

    /// The same ends in another context.
    pub(crate) fn on<'f>(&self, context: Context<'f>) -> Interval<'f> {
        Interval::new(context, self.low.clone(), self.high.clone())
    }

    /// The ends rounded to the bits there are.
    pub(crate) fn rounded(self) -> Self {
        let round = |end: End, toward| match end.is_infinite() || end.digits() <= self.context.bits {
            true => end,
            false => {
                let (significand, exponent) = end.into_parts();
                endpoint::rounded(significand, exponent, false, self.context.bits, toward)
            }
        };
        Interval::new(self.context, round(self.low, Toward::Down), round(self.high, Toward::Up))
    }

    /// Everything at most twice as large as the largest of it.
    pub(crate) fn spread(&self) -> Self {
        let size = self.magnitude();
        let twice = size.plus(&size);
        twice.negated().hull(twice)
    }

    /// The one number that it is, if it is one.
    pub(crate) fn as_point(&self) -> Option<&End> {
        (self.low == self.high && self.low.is_finite()).then_some(&self.low)
    }

    /// The integer that it is, if it is one and not astronomical.
    pub(crate) fn as_integer(&self) -> Option<i64> {
        let point =
            self.as_point().filter(|end| endpoint::is_integer(end) && endpoint::magnitude(end) < 63)?;
        i64::try_from(endpoint::floor(point)).ok()
    }

    pub(crate) fn is_zero(&self) -> bool {
        endpoint::is_zero(&self.low) && endpoint::is_zero(&self.high)
    }

    /// Whether 0 is inside, ends included.
    pub(crate) fn contains_zero(&self) -> bool {
        endpoint::sign(&self.low) <= 0 && endpoint::sign(&self.high) >= 0
    }

    pub(crate) fn is_finite(&self) -> bool {
        self.low.is_finite() && self.high.is_finite()
    }

    pub(crate) fn is_positive(&self) -> bool {
        endpoint::sign(&self.low) > 0
    }

    pub(crate) fn is_negative(&self) -> bool {
        endpoint::sign(&self.high) < 0
    }

    /// The ends as doubles, outward.
    pub(crate) fn to_f64s(&self) -> (f64, f64) {
        (endpoint::below_f64(&self.low), endpoint::above_f64(&self.high))
    }

    /// The double that both ends round to; infinite for what is beyond the largest.
    pub(crate) fn decided(&self) -> Option<f64> {
        let (low, high) = (endpoint::to_f64(&self.low), endpoint::to_f64(&self.high));
        (low == high).then_some(low)
    }
}
