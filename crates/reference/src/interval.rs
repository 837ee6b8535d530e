//! Intervals: two ends with the true value between them.

use std::cell::RefCell;

use dashu_float::round::mode::{Down, Up};
use dashu_float::{ConstCache, Context};
use dashu_int::IBig;
use expr::{Constant, Decimal, Op, Scalar};

use crate::endpoint::{self, End};
use crate::work::Work;

/// Where intervals live: how many bits their ends have, and constants computed so far.
pub(crate) struct Arithmetic {
    pub(crate) bits: usize,
    pub(crate) reading: Reading,
    pub(crate) cache: RefCell<ConstCache>,
    pub(crate) work: Work,
}

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
pub(crate) type World<'w> = &'w Arithmetic;

/// All numbers from `low` to `high`; either may be infinite, and no number is meant by that.
#[derive(Clone)]
pub(crate) struct Interval<'w> {
    pub(crate) world: World<'w>,
    pub(crate) low: End,
    pub(crate) high: End,
}

impl Arithmetic {
    pub(crate) fn new(bits: usize, budget: u64) -> Arithmetic {
        let cache = RefCell::new(ConstCache::new());
        Arithmetic { bits, reading: Reading::Nearest, cache, work: Work::new(budget) }
    }

    /// The same constants at another precision.
    pub(crate) fn with_bits(self, bits: usize) -> Arithmetic {
        Arithmetic { bits, ..self }
    }

    /// What `compute` finds with so many more bits, and the same constants.
    pub(crate) fn finer<T>(&self, bits: usize, compute: impl FnOnce(&Arithmetic) -> T) -> T {
        let fine = Arithmetic {
            bits: self.bits + bits,
            reading: self.reading,
            cache: self.cache.take().into(),
            work: Work::new(self.work.left()),
        };
        let found = compute(&fine);
        self.work.set(fine.work.left());
        self.cache.replace(fine.cache.into_inner());
        found
    }

    pub(crate) fn down(&self) -> Context<Down> {
        Context::new(self.bits)
    }

    pub(crate) fn up(&self) -> Context<Up> {
        Context::new(self.bits)
    }
}

impl<'w> Interval<'w> {
    pub(crate) fn new(world: World<'w>, low: End, high: End) -> Self {
        Interval { world, low, high }
    }

    pub(crate) fn point(world: World<'w>, end: End) -> Self {
        Interval { world, low: end.clone(), high: end }
    }

    pub(crate) fn integer(world: World<'w>, value: i64) -> Self {
        Interval::point(world, End::new(IBig::from(value), 0))
    }

    /// A decimal as it is written.
    pub(crate) fn decimal(world: World<'w>, decimal: &Decimal) -> Self {
        let digits: IBig = decimal.digits().parse().expect("decimals have digits");
        let digits = if decimal.is_negative() { -digits } else { digits };
        let digits = Interval::point(world, End::new(digits, 0));
        let ten = IBig::from(10).pow(decimal.exponent().unsigned_abs() as usize);
        let scale = Interval::point(world, End::new(ten, 0));
        if decimal.exponent() < 0 { digits.over(&scale) } else { digits.times(&scale) }
    }

    /// Everything: what is known where nothing is.
    pub(crate) fn entire(world: World<'w>) -> Self {
        Interval::new(world, End::neg_infinity(), End::infinity())
    }

    /// From `low` to `high`, integers both.
    pub(crate) fn between(world: World<'w>, low: i64, high: i64) -> Self {
        Interval::new(world, End::new(IBig::from(low), 0), End::new(IBig::from(high), 0))
    }

    /// The least interval that holds both.
    pub(crate) fn hull(self, other: Self) -> Self {
        let low = if self.low <= other.low { self.low } else { other.low };
        let high = if self.high >= other.high { self.high } else { other.high };
        Interval { world: self.world, low, high }
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

expr::arithmetic!(Interval<'w>, ['w]);

impl<'w> Scalar for Interval<'w> {
    type World = World<'w>;

    fn world(&self) -> World<'w> {
        self.world
    }

    fn lift(world: World<'w>, constant: &Constant) -> Self {
        match constant {
            Constant::Pi => Interval::pi(world),
            Constant::E => Interval::integer(world, 1).exp(),
            Constant::Decimal(decimal) if world.reading == Reading::Exact => {
                Interval::decimal(world, decimal)
            }
            literal => Interval::point(world, endpoint::from_f64(literal.to_f64())),
        }
    }

    fn apply(op: Op, arguments: &[Self]) -> Self {
        crate::operators::apply(op, arguments)
    }
}
