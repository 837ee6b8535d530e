//! `+ - * /`, remainders, powers and roots of intervals.

use crate::endpoint::Toward::{Down, Up};
use crate::endpoint::{self, End, floor, is_zero, magnitude, sign, truncated};
use crate::interval::Interval;
use crate::work;

/// A product of ends, rounded, where 0·∞ is 0: an infinite end stands for numbers as large as you like.
fn product(a: &End, b: &End, bits: usize, toward: endpoint::Toward) -> End {
    if is_zero(a) || is_zero(b) {
        return End::zero();
    }
    if a.is_infinite() || b.is_infinite() {
        return if sign(a) == sign(b) { End::infinity() } else { End::neg_infinity() };
    }
    let (significand, exponent) = endpoint::product(a, b);
    endpoint::rounded(significand, exponent, false, bits, toward)
}

impl<'w> Interval<'w> {
    pub(crate) fn negated(&self) -> Self {
        Interval::new(self.context, endpoint::negated(&self.high), endpoint::negated(&self.low))
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        if !self.context.work.pay(2 * work::linear(self.context.bits)) {
            return Interval::entire(self.context);
        }
        let low = |a: &End, b: &End| match a.is_infinite() || b.is_infinite() {
            true => End::neg_infinity(),
            false => endpoint::sum(a, b, self.context.bits, Down),
        };
        let high = |a: &End, b: &End| match a.is_infinite() || b.is_infinite() {
            true => End::infinity(),
            false => endpoint::sum(a, b, self.context.bits, Up),
        };
        // A lower end is never +∞ and an upper one never -∞.
        Interval::new(self.context, low(&self.low, &other.low), high(&self.high, &other.high))
    }

    pub(crate) fn times(&self, other: &Self) -> Self {
        if !self.context.work.pay(2 * work::product(self.context.bits)) {
            return Interval::entire(self.context);
        }
        let bits = self.context.bits;
        let down = |a: &End, b: &End| product(a, b, bits, Down);
        let up = |a: &End, b: &End| product(a, b, bits, Up);
        if let (Some(a), Some(b)) = (self.as_point(), other.as_point()) {
            let (significand, exponent) = endpoint::product(a, b);
            let (low, high) = endpoint::bounds(significand, exponent, false, bits);
            return Interval::new(self.context, low, high);
        }
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
        Interval::new(self.context, low, high)
    }

    /// Everything where the divisor may be 0.
    pub(crate) fn over(&self, other: &Self) -> Self {
        if other.contains_zero() || !self.context.work.pay(2 * work::product(self.context.bits)) {
            return Interval::entire(self.context);
        }
        match (self.as_point(), other.as_point()) {
            // Exact where it is.
            (Some(a), Some(b)) => {
                let (significand, exponent, more) = endpoint::quotient(a, b, self.context.bits);
                let (low, high) = endpoint::bounds(significand, exponent, more, self.context.bits);
                Interval::new(self.context, low, high)
            }
            _ => self.times(&other.inverse()),
        }
    }

    /// `1 / a`, for an interval without 0.
    fn inverse(&self) -> Self {
        let inverse = |end: &End, toward| match end.is_infinite() {
            true => End::zero(),
            false => {
                let (significand, exponent, more) = endpoint::quotient(&End::one(), end, self.context.bits);
                endpoint::rounded(significand, exponent, more, self.context.bits, toward)
            }
        };
        Interval::new(self.context, inverse(&self.high, Down), inverse(&self.low, Up))
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
        Interval::new(self.context, End::zero(), high)
    }

    /// The square.
    pub(crate) fn squared(&self) -> Self {
        let size = self.magnitude();
        size.times(&size)
    }

    /// `a^n` for an integer; everything where it may be undefined.
    pub(crate) fn to_the(&self, n: i64) -> Self {
        let context = self.context;
        if n == 0 {
            return Interval::integer(context, 1);
        }
        if n < 0 {
            if self.contains_zero() {
                return Interval::entire(context);
            }
            // Not the inverse of the power, which may be so near to 0 that it has none.
            return self.inverse().to_the(-n);
        }
        let base = if n % 2 == 0 { self.magnitude() } else { self.clone() };
        let end = |end: &End| {
            let size = Interval::point(context, end.clone()).magnitude().multiplied(n);
            if sign(end) < 0 { size.negated() } else { size }
        };
        if let Some(point) = base.as_point() {
            return end(point);
        }
        let low = if base.low.is_infinite() { End::neg_infinity() } else { end(&base.low).low };
        let high = if base.high.is_infinite() { End::infinity() } else { end(&base.high).high };
        Interval::new(context, low, high)
    }

    /// `a^n` of a number that is not negative, for a positive integer: by squaring, or by logarithms where that would
    /// be too often.
    fn multiplied(&self, n: i64) -> Self {
        let Ok(mut n) = u16::try_from(n) else {
            let one = Interval::integer(self.context, 1);
            let settled = self.is_zero() || self.as_point() == one.as_point();
            return if settled { self.clone() } else { self.real_power(&Interval::integer(self.context, n)) };
        };
        let (mut power, mut square): (Option<Self>, Self) = (None, self.clone());
        loop {
            if n % 2 == 1 {
                power = Some(power.map_or_else(|| square.clone(), |power| power.times(&square)));
            }
            n /= 2;
            if n == 0 {
                return power.expect("the last bit is 1");
            }
            square = square.squared();
        }
    }

    /// The square root of what is not negative in it.
    pub(crate) fn root(&self) -> Self {
        if self.is_negative() || !self.context.work.pay(2 * work::product(self.context.bits)) {
            return Interval::entire(self.context);
        }
        let root = |end: &End, toward| match end.is_infinite() {
            // Minus infinity too is below everything that has a root.
            _ if sign(end) <= 0 => End::zero(),
            true => End::infinity(),
            false => self.rooted(end, 2, toward),
        };
        Interval::new(self.context, root(&self.low, Down), root(&self.high, Up))
    }

    /// The real cube root.
    pub(crate) fn cube_root(&self) -> Self {
        if !self.context.work.pay(8 * work::product(self.context.bits)) {
            return Interval::entire(self.context);
        }
        let root = |end: &End, toward: endpoint::Toward| match end.is_infinite() {
            true => end.clone(),
            false if sign(end) < 0 => {
                endpoint::negated(&self.rooted(&endpoint::negated(end), 3, toward.opposite()))
            }
            false => self.rooted(end, 3, toward),
        };
        Interval::new(self.context, root(&self.low, Down), root(&self.high, Up))
    }

    fn rooted(&self, end: &End, degree: usize, toward: endpoint::Toward) -> End {
        let (significand, exponent, more) = endpoint::root(end, degree, self.context.bits);
        endpoint::rounded(significand, exponent, more, self.context.bits, toward)
    }

    /// a - b·⌊a/b⌋; where the quotient may step, anything between 0 and b.
    pub(crate) fn modulo(&self, b: &Self) -> Self {
        let context = self.context;
        if b.contains_zero() || !self.is_finite() || !b.is_finite() {
            return Interval::entire(context);
        }
        let within = Interval::integer(context, 0).hull(b.clone());
        let quotient = self.over(b);
        if !is_reachable(&quotient) {
            return within;
        }
        let (low, high) = (floor(&quotient.low), floor(&quotient.high));
        match low == high {
            true => {
                let found = self.plus(&b.times(&Interval::point(context, End::new(low, 0))).negated());
                found
                    .max_with(&Interval::point(context, within.low))
                    .min_with(&Interval::point(context, within.high))
            }
            false => within,
        }
    }

    /// a - b·trunc(a/b); where the quotient may step, anything between 0 and b with the sign of a.
    pub(crate) fn remainder(&self, b: &Self) -> Self {
        let context = self.context;
        if b.contains_zero() || !self.is_finite() || !b.is_finite() {
            return Interval::entire(context);
        }
        let size = Interval::point(context, b.magnitude().high);
        let (zero, sides) = (Interval::integer(context, 0), size.negated().hull(size.clone()));
        // No larger than the dividend either, and of its sign.
        let within = sides.max_with(&self.min_with(&zero)).min_with(&self.max_with(&zero));
        let within = Interval::new(context, within.low, within.high);
        let quotient = self.over(b);
        if !is_reachable(&quotient) {
            return within;
        }
        let [low, high] = [&quotient.low, &quotient.high].map(truncated);
        match low == high {
            true => self.plus(&b.times(&Interval::point(context, End::new(low, 0))).negated()),
            false => within,
        }
    }
}

/// Whether integers beside it can be written out.
fn is_reachable(quotient: &Interval<'_>) -> bool {
    quotient.is_finite() && magnitude(&quotient.low).max(magnitude(&quotient.high)) <= 4096
}
