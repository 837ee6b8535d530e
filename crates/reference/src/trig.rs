//! Sine, cosine and tangent of intervals. The library reduces arguments too, but above 2^16 it takes seconds to
//! forever, so they are reduced here, with π to as many bits as the argument has before the point and then some.

use dashu_int::IBig;

use crate::elementary::AtZero;
use crate::endpoint::{self, End, floor, magnitude, nearest_integer};
use crate::interval::Interval;

/// Arguments with more bits before the point than this are not reduced: the answer is everything it could be.
const LARGEST: isize = 4096;

impl<'w> Interval<'w> {
    pub(crate) fn sin(&self) -> Self {
        self.wave(Circle::sine, 1)
    }

    pub(crate) fn cos(&self) -> Self {
        self.wave(Circle::cosine, 0)
    }

    /// Extremes lie at π·n - `halves`·π/2: there the wave is (-1)^n, or -(-1)^n for the sine.
    fn wave(&self, of: impl Fn(&Circle<'w>) -> Interval<'w>, halves: i64) -> Self {
        let whole = Interval::between(self.world, -1, 1);
        if !self.is_reachable() {
            return whole;
        }
        let at = |end: &End| of(&Circle::new(self, end));
        if let Some(point) = self.as_point() {
            return at(point)
                .min_with(&Interval::integer(self.world, 1))
                .max_with(&Interval::integer(self.world, -1));
        }
        let (first, last) = (half_turns(self, &self.low, halves).0, half_turns(self, &self.high, halves).1);
        let mut found = at(&self.low).hull(at(&self.high));
        let extremes = last - &first;
        if extremes > IBig::from(1) {
            return whole;
        }
        if extremes == IBig::from(1) {
            let odd = (first + IBig::from(1)) % IBig::from(2) != IBig::from(0);
            let extreme = if odd == (halves == 0) { -1 } else { 1 };
            found = found.hull(Interval::integer(self.world, extreme));
        }
        found.min_with(&Interval::integer(self.world, 1)).max_with(&Interval::integer(self.world, -1))
    }

    /// Whether both ends can be reduced.
    fn is_reachable(&self) -> bool {
        self.is_finite() && magnitude(&self.low).max(magnitude(&self.high)) <= LARGEST
    }

    /// Everything where a pole may be inside.
    pub(crate) fn tan(&self) -> Self {
        if !self.is_reachable() {
            return Interval::entire(self.world);
        }
        let at = |end: &End| {
            let circle = Circle::new(self, end);
            circle.sine().over(&circle.cosine())
        };
        if let Some(point) = self.as_point() {
            return at(point);
        }
        let (first, last) = (half_turns(self, &self.low, 1).0, half_turns(self, &self.high, 1).1);
        if first != last {
            return Interval::entire(self.world);
        }
        Interval::new(self.world, at(&self.low).low, at(&self.high).high)
    }
}

/// The integer below `end/π + halves/2`: the least and the greatest that it may be.
fn half_turns(interval: &Interval<'_>, end: &End, halves: i64) -> (IBig, IBig) {
    interval.world.finer(magnitude(end).max(0) as usize + 16, |fine| {
        let shift = Interval::integer(fine, halves).over(&Interval::integer(fine, 2));
        let turns = Interval::point(fine, end.clone()).over(&Interval::pi(fine)).plus(&shift);
        (floor(&turns.low), floor(&turns.high))
    })
}

/// An angle reduced to at most half a quarter turn to either side of an axis.
struct Circle<'w> {
    /// The angle from the axis, and its cousin from the library at its ends.
    rest: Interval<'w>,
    /// Quarter turns, modulo 4.
    quadrant: u8,
}

impl<'w> Circle<'w> {
    fn new(interval: &Interval<'w>, end: &End) -> Self {
        let world = interval.world;
        let (low, high, quadrant) = world.finer(magnitude(end).max(0) as usize + 32, |fine| {
            let quarter = Interval::half_pi(fine);
            let angle = Interval::point(fine, end.clone());
            let turns = nearest_integer(&angle.over(&quarter).low);
            let rest =
                angle.plus(&quarter.times(&Interval::point(fine, End::new(turns.clone(), 0))).negated());
            let modulo = (turns % IBig::from(4) + IBig::from(4)) % IBig::from(4);
            (rest.low, rest.high, u8::try_from(modulo).expect("0 to 3"))
        });
        Circle { rest: Interval::new(world, low, high), quadrant }
    }

    /// The sine of the rest, which rises on it.
    fn rest_sine(&self) -> Interval<'w> {
        self.rest.cached_increasing(
            AtZero::Identity,
            |c, x, k| c.sin(x, k),
            |c, x, k| c.sin(x, k),
            Interval::between(self.rest.world, -1, 1),
        )
    }

    /// The cosine of the rest, which falls with its magnitude.
    fn rest_cosine(&self) -> Interval<'w> {
        let world = self.rest.world;
        let size = self.rest.magnitude();
        if magnitude(&size.high) < -(world.bits as isize) {
            let unit = Interval::new(world, End::new(IBig::from(-1), -(world.bits as isize)), End::zero());
            return Interval::integer(world, 1).plus(&unit);
        }
        let mut cache = world.cache.borrow_mut();
        let low = endpoint::lower(world.down().cos(&size.high, Some(&mut cache)));
        let high = endpoint::upper(world.up().cos(&size.low, Some(&mut cache)));
        Interval::new(world, low, high)
    }

    fn sine(&self) -> Interval<'w> {
        match self.quadrant {
            0 => self.rest_sine(),
            1 => self.rest_cosine(),
            2 => self.rest_sine().negated(),
            _ => self.rest_cosine().negated(),
        }
    }

    fn cosine(&self) -> Interval<'w> {
        match self.quadrant {
            0 => self.rest_cosine(),
            1 => self.rest_sine().negated(),
            2 => self.rest_cosine().negated(),
            _ => self.rest_sine(),
        }
    }
}
