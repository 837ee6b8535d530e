//! `+ - * /`, powers and roots of intervals.

use dashu_float::round::mode::{Down, Up};
use dashu_float::{Context, Repr};

use crate::endpoint::{self, End, is_zero, lower, sign, upper};
use crate::interval::Interval;
use crate::work;

/// One operation of the library on finite ends, rounded down and up.
macro_rules! both {
    ($interval:expr, $low:expr, $high:expr) => {{
        let (down, up): (Context<Down>, Context<Up>) = ($interval.world.down(), $interval.world.up());
        Interval::new($interval.world, lower($low(&down)), upper($high(&up)))
    }};
}

/// A product of ends, where 0·∞ is 0: an infinite end stands for numbers as large as you like.
fn product<T>(a: &End, b: &End, finite: impl FnOnce(&End, &End) -> T, wrap: impl FnOnce(End) -> T) -> T {
    if is_zero(a) || is_zero(b) {
        wrap(End::zero())
    } else if a.is_infinite() || b.is_infinite() {
        wrap(if sign(a) == sign(b) { End::infinity() } else { End::neg_infinity() })
    } else {
        finite(a, b)
    }
}

impl<'w> Interval<'w> {
    pub(crate) fn negated(&self) -> Self {
        Interval::new(self.world, endpoint::negated(&self.high), endpoint::negated(&self.low))
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        if !self.world.work.pay(2 * work::linear(self.world.bits)) {
            return Interval::entire(self.world);
        }
        let low = |a: &End, b: &End| match a.is_infinite() || b.is_infinite() {
            true => End::neg_infinity(),
            false => lower(self.world.down().add(a, b)),
        };
        let high = |a: &End, b: &End| match a.is_infinite() || b.is_infinite() {
            true => End::infinity(),
            false => upper(self.world.up().add(a, b)),
        };
        // A lower end is never +∞ and an upper one never -∞.
        Interval::new(self.world, low(&self.low, &other.low), high(&self.high, &other.high))
    }

    pub(crate) fn times(&self, other: &Self) -> Self {
        if !self.world.work.pay(2 * work::product(self.world.bits)) {
            return Interval::entire(self.world);
        }
        let down = |a: &End, b: &End| product(a, b, |a, b| lower(self.world.down().mul(a, b)), |end| end);
        let up = |a: &End, b: &End| product(a, b, |a, b| upper(self.world.up().mul(a, b)), |end| end);
        let (a, b) = (self, other);
        let signs = |i: &Self| (sign(&i.low) >= 0, sign(&i.high) <= 0);
        let (low, high) = match (signs(a), signs(b)) {
            ((true, _), (true, _)) => (down(&a.low, &b.low), up(&a.high, &b.high)),
            ((true, _), (_, true)) => (down(&a.high, &b.low), up(&a.low, &b.high)),
            ((_, true), (true, _)) => (down(&a.low, &b.high), up(&a.high, &b.low)),
            ((_, true), (_, true)) => (down(&a.high, &b.high), up(&a.low, &b.low)),
            ((true, _), _) => (down(&a.high, &b.low), up(&a.high, &b.high)),
            ((_, true), _) => (down(&a.low, &b.high), up(&a.low, &b.low)),
            (_, (true, _)) => (down(&a.low, &b.high), up(&a.high, &b.high)),
            (_, (_, true)) => (down(&a.high, &b.low), up(&a.low, &b.low)),
            _ => {
                let (p, q) = (down(&a.low, &b.high), down(&a.high, &b.low));
                let (r, s) = (up(&a.low, &b.low), up(&a.high, &b.high));
                (if p <= q { p } else { q }, if r >= s { r } else { s })
            }
        };
        Interval::new(self.world, low, high)
    }

    /// Everything where the divisor may be 0.
    pub(crate) fn over(&self, other: &Self) -> Self {
        if other.contains_zero() || !self.world.work.pay(2 * work::product(self.world.bits)) {
            return Interval::entire(self.world);
        }
        match (self.as_point(), other.as_point()) {
            // Exact where it is.
            (Some(a), Some(b)) => {
                both!(self, |down: &Context<Down>| down.div(a, b), |up: &Context<Up>| up.div(a, b))
            }
            _ => self.times(&other.inverse()),
        }
    }

    /// `1 / a`, for an interval without 0.
    fn inverse(&self) -> Self {
        let one = Repr::<2>::one();
        let low = match self.high.is_infinite() {
            true => End::zero(),
            false => lower(self.world.down().div(&one, &self.high)),
        };
        let high = match self.low.is_infinite() {
            true => End::zero(),
            false => upper(self.world.up().div(&one, &self.low)),
        };
        Interval::new(self.world, low, high)
    }

    /// The absolute value.
    pub(crate) fn magnitude(&self) -> Self {
        if sign(&self.low) >= 0 {
            return self.clone();
        }
        let mirrored = self.negated();
        if sign(&self.high) <= 0 {
            return mirrored;
        }
        let high = if self.high >= mirrored.high { self.high.clone() } else { mirrored.high };
        Interval::new(self.world, End::zero(), high)
    }

    /// The square.
    pub(crate) fn squared(&self) -> Self {
        self.to_the(2)
    }

    /// `a^n` for an integer; everything where it may be undefined.
    pub(crate) fn to_the(&self, n: i64) -> Self {
        let world = self.world;
        if n == 0 {
            return Interval::integer(world, 1);
        }
        if n < 0 {
            if self.contains_zero() {
                return Interval::entire(world);
            }
            // Not the inverse of the power, which may be so near to 0 that it has none.
            return self.inverse().to_the(-n);
        }
        let base = if n % 2 == 0 { self.magnitude() } else { self.clone() };
        let end = |end: &End| {
            let size = Interval::point(world, end.clone()).magnitude().multiplied(n);
            if sign(end) < 0 { size.negated() } else { size }
        };
        if let Some(point) = base.as_point() {
            return end(point);
        }
        let low = if base.low.is_infinite() { End::neg_infinity() } else { end(&base.low).low };
        let high = if base.high.is_infinite() { End::infinity() } else { end(&base.high).high };
        Interval::new(world, low, high)
    }

    /// `a^n` of a number that is not negative, for a positive integer: by squaring, or by logarithms where that would
    /// be too often.
    fn multiplied(&self, n: i64) -> Self {
        let one = Interval::integer(self.world, 1);
        let Ok(mut n) = u16::try_from(n) else {
            let settled = self.is_zero() || self.as_point() == one.as_point();
            let times = Interval::integer(self.world, n);
            return if settled { self.clone() } else { self.ln().times(&times).exp() };
        };
        let (mut power, mut square) = (one, self.clone());
        loop {
            if n % 2 == 1 {
                power = power.times(&square);
            }
            n /= 2;
            if n == 0 {
                return power;
            }
            square = square.times(&square);
        }
    }

    /// The square root of what is not negative in it.
    pub(crate) fn root(&self) -> Self {
        if self.is_negative() || !self.world.work.pay(2 * work::product(self.world.bits)) {
            return Interval::entire(self.world);
        }
        let low = match sign(&self.low) {
            1 => lower(self.world.down().sqrt(&self.low)),
            _ => End::zero(),
        };
        let high = match self.high.is_infinite() {
            true => End::infinity(),
            false if is_zero(&self.high) => End::zero(),
            false => upper(self.world.up().sqrt(&self.high)),
        };
        Interval::new(self.world, low, high)
    }

    /// The real cube root.
    pub(crate) fn cube_root(&self) -> Self {
        self.increasing(
            |end, context| lower(context.cbrt(end)),
            |end, context| upper(context.cbrt(end)),
            Interval::entire(self.world),
        )
    }

    /// A function that never falls, by its ends; an infinite end maps to that of `range`.
    pub(crate) fn increasing(
        &self,
        low: impl Fn(&End, &Context<Down>) -> End,
        high: impl Fn(&End, &Context<Up>) -> End,
        range: Self,
    ) -> Self {
        let cost = work::product(self.world.bits).saturating_mul(self.world.bits as u64);
        if !self.world.work.pay(cost) {
            return Interval::entire(self.world);
        }
        let low = if self.low.is_infinite() { range.low } else { low(&self.low, &self.world.down()) };
        let high = if self.high.is_infinite() { range.high } else { high(&self.high, &self.world.up()) };
        Interval::new(self.world, low, high)
    }
}
