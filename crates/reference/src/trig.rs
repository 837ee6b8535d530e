//! Circular functions of intervals, their inverses, and sin x/x.

use dashu_int::IBig;

use crate::endpoint::{self, End, floor, magnitude, sign};
use crate::interval::{Context, Interval};
use crate::kernel::{self, Reduced};

/// Arguments with more bits before the point than this are not reduced: the answer is everything it could be.
const LARGEST: isize = 4096;

impl<'w> Interval<'w> {
    pub(crate) fn sin(&self) -> Self {
        self.wave(Reduced::sine, 1)
    }

    pub(crate) fn cos(&self) -> Self {
        self.wave(Reduced::cosine, 0)
    }

    /// Extremes lie at π·n - `halves`·π/2: there the wave is (-1)^n, or -(-1)^n for the sine.
    fn wave(&self, of: impl Fn(&Reduced<'w>) -> Interval<'w>, halves: i64) -> Self {
        let whole = Interval::between(self.context, -1, 1);
        if !self.is_reachable() {
            return whole;
        }
        let at = |end: &End| of(&Reduced::new(self.context, end));
        let found = if let Some(point) = self.as_point() {
            at(point)
        } else {
            let first = half_turns(self, &self.low, halves).0;
            let extremes = half_turns(self, &self.high, halves).1 - &first;
            if extremes > IBig::from(1) {
                return whole;
            }
            let ends = at(&self.low).hull(at(&self.high));
            if extremes == IBig::from(1) {
                let odd = (first + IBig::from(1)) % IBig::from(2) != IBig::from(0);
                let extreme = if odd == (halves == 0) { -1 } else { 1 };
                ends.hull(Interval::integer(self.context, extreme))
            } else {
                ends
            }
        };
        found.min_with(&Interval::integer(self.context, 1)).max_with(&Interval::integer(self.context, -1))
    }

    /// Whether both ends can be reduced.
    fn is_reachable(&self) -> bool {
        self.is_finite()
            && magnitude(&self.low).max(magnitude(&self.high)) <= LARGEST
            && self.context.work.left() > 0
    }

    /// Everything where a pole may be inside.
    pub(crate) fn tan(&self) -> Self {
        if !self.is_reachable() {
            return Interval::entire(self.context);
        }
        let at = |end: &End| Reduced::new(self.context, end).tangent();
        if let Some(point) = self.as_point() {
            return at(point);
        }
        let (first, last) = (half_turns(self, &self.low, 1).0, half_turns(self, &self.high, 1).1);
        if first != last {
            return Interval::entire(self.context);
        }
        Interval::new(self.context, at(&self.low).low, at(&self.high).high)
    }

    /// The derivative of order k of sin x/x, which is the integral of tᵏ·cos(xt + kπ/2) for t from 0 to 1: of an interval,
    /// that of its middle, less and more by half its width times the largest slope, 1/(k + 2).
    pub(crate) fn sinc(&self, k: i64) -> Self {
        let context = self.context;
        let bound = Interval::integer(context, 1).over(&Interval::integer(context, k + 1));
        let range = bound.negated().hull(bound);
        if !self.is_finite() {
            return range;
        }
        let found = match self.as_point() {
            Some(_) => self.sinc_of_point(k),
            None => {
                let low = Interval::point(context, self.low.clone());
                let high = Interval::point(context, self.high.clone());
                let middle = Interval::point(context, low.plus(&high).halved().low);
                let off =
                    high.plus(&middle.negated()).magnitude().hull(middle.plus(&low.negated()).magnitude());
                let off = off.over(&Interval::integer(context, k + 2));
                middle.sinc_of_point(k).plus(&off.negated().hull(off))
            }
        };
        found.max_with(&Interval::point(context, range.low)).min_with(&Interval::point(context, range.high))
    }

    /// From x·s = sin x, k times differentiated; within 1 of 0 by its power series, whose terms alternate and fall.
    fn sinc_of_point(&self, k: i64) -> Self {
        // k!/xᵏ is what errors grow to.
        self.context.finely(16 + 12 * k as usize, |fine| {
            let (x, one) = (self.on(fine), Interval::integer(fine, 1));
            if x.magnitude().high >= one.low {
                let (sine, cosine) = (x.sin(), x.cos());
                let turned = |j: i64| match j % 4 {
                    0 => sine.clone(),
                    1 => cosine.clone(),
                    2 => sine.negated(),
                    _ => cosine.negated(),
                };
                let first = sine.over(&x);
                return (1..=k).fold(first, |before, j| {
                    turned(j).plus(&before.times(&Interval::integer(fine, j)).negated()).over(&x)
                });
            }
            let square = x.squared().negated();
            let mut m = (k + 1) / 2;
            let mut exponent = 2 * m - k;
            let mut power = if exponent == 0 { one } else { x };
            if m % 2 == 1 {
                power = power.negated();
            }
            let mut sum = power.over(&Interval::integer(fine, 2 * m + 1));
            let enough = magnitude(&sum.magnitude().high).saturating_sub(fine.bits as isize + 8);
            for _ in 0..=fine.bits {
                power = power.times(&square).over(&Interval::integer(fine, (exponent + 1) * (exponent + 2)));
                (exponent, m) = (exponent + 2, m + 1);
                let term = power.over(&Interval::integer(fine, 2 * m + 1));
                // The first that is lost bounds all that follow.
                if magnitude(&term.magnitude().high) < enough || term.is_zero() || !term.is_finite() {
                    return sum.plus(&Interval::integer(fine, 0).hull(term));
                }
                sum = sum.plus(&term);
            }
            Interval::entire(fine)
        })
    }

    /// The inverse sine of what lies from -1 to 1.
    pub(crate) fn asin(&self) -> Self {
        let context = self.context;
        self.inside_unit(|inside| {
            inside.rising_odd(Interval::entire(context), |end| {
                if *end == End::one() {
                    return Interval::half_pi(context);
                }
                context.finely(8, |fine| {
                    let (a, one) = (Interval::point(fine, end.clone()), Interval::integer(fine, 1));
                    let square = one.plus(&a.negated()).times(&one.plus(&a));
                    a.over(&square.root()).atan()
                })
            })
        })
    }

    /// The inverse cosine of what lies from -1 to 1: 2·atan √((1 - a)/(1 + a)).
    pub(crate) fn acos(&self) -> Self {
        let context = self.context;
        self.inside_unit(|inside| {
            // It falls.
            inside.negated().rising(Interval::entire(context), |end| {
                if *end == End::one() {
                    return Interval::pi(context);
                }
                context.finely(8, |fine| {
                    let (a, one) =
                        (Interval::point(fine, endpoint::negated(end)), Interval::integer(fine, 1));
                    let ratio = one.plus(&a.negated()).over(&one.plus(&a));
                    let half = ratio.root().atan();
                    half.plus(&half)
                })
            })
        })
    }

    fn inside_unit(&self, of: impl Fn(Self) -> Self) -> Self {
        if self.low > End::one() || self.high < End::neg_one() {
            return Interval::entire(self.context);
        }
        of(self.max_with(&Interval::integer(self.context, -1)).min_with(&Interval::integer(self.context, 1)))
    }

    /// The inverse tangent; far out, π/2 to within a unit.
    pub(crate) fn atan(&self) -> Self {
        self.leveled(self.context.bits as isize + 8, &Interval::half_pi(self.context), |end| {
            kernel::atan(self.context, end)
        })
    }

    /// The angle of the points with ordinate `self` and abscissa `x`.
    pub(crate) fn atan2(&self, x: &Self) -> Self {
        let context = self.context;
        let pi = Interval::pi(context);
        let whole = pi.negated().hull(pi.clone());
        if !self.is_finite() || !x.is_finite() {
            return whole;
        }
        let (y_zero, x_crosses) = (self.contains_zero(), sign(&x.low) <= 0);
        if y_zero && x_crosses {
            // On the negative axis the angle is π by convention; around the origin it is anything.
            return if self.is_zero() && x.is_negative() { pi } else { whole };
        }
        let corner = |y: &End, x: &End| angle(context, y, x);
        [(&self.low, &x.low), (&self.low, &x.high), (&self.high, &x.low), (&self.high, &x.high)]
            .into_iter()
            .map(|(y, x)| corner(y, x))
            .reduce(Interval::hull)
            .expect("four corners")
    }

    /// √((m - 1)(m + 1)) of the size m of a point outside (-1, 1): the tangent of its inverse secant, and no digit is lost at 1.
    fn leg(&self) -> Self {
        self.context.finely(8, |fine| {
            let (size, one) = (self.on(fine).magnitude(), Interval::integer(fine, 1));
            size.plus(&one.negated()).times(&size.plus(&one)).root()
        })
    }

    /// The inverse secant, which rises on both sides of the gap.
    pub(crate) fn inverse_secant(&self) -> Self {
        let context = self.context;
        if self.low < End::one() && self.high > End::neg_one() {
            return Interval::entire(context);
        }
        self.rising(Interval::half_pi(context), |end| {
            let angle = Interval::point(context, end.clone()).leg().atan();
            if sign(end) > 0 { angle } else { Interval::pi(context).plus(&angle.negated()) }
        })
    }

    /// The inverse cosecant, which falls on both sides of the gap.
    pub(crate) fn inverse_cosecant(&self) -> Self {
        let context = self.context;
        if self.low < End::one() && self.high > End::neg_one() {
            return Interval::entire(context);
        }
        self.negated().rising(Interval::integer(context, 0), |end| {
            let leg = Interval::point(context, end.clone()).leg();
            let angle = match leg.is_zero() {
                true => Interval::half_pi(context),
                false => Interval::integer(context, 1).over(&leg).atan(),
            };
            if sign(end) > 0 { angle.negated() } else { angle }
        })
    }

    pub(crate) fn half_pi(context: Context<'w>) -> Self {
        kernel::half_pi(context)
    }

    /// The ratio of a circle's circumference to its diameter.
    pub(crate) fn pi(context: Context<'w>) -> Self {
        let half = kernel::half_pi(context);
        half.plus(&half)
    }
}

/// The integer below `end/π + halves/2`: the least and the greatest that it may be.
fn half_turns(interval: &Interval<'_>, end: &End, halves: i64) -> (IBig, IBig) {
    interval.context.finer(magnitude(end).max(0) as usize + 16, |fine| {
        let shift = Interval::integer(fine, halves).over(&Interval::integer(fine, 2));
        let turns = Interval::point(fine, end.clone()).over(&Interval::pi(fine)).plus(&shift);
        match turns.is_finite() {
            true => (floor(&turns.low), floor(&turns.high)),
            // Out of budget: every extreme may be inside.
            false => (IBig::from(-2), IBig::from(2)),
        }
    })
}

/// The angle of a point other than the origin, by the smaller of its coordinates over the larger.
fn angle<'w>(context: Context<'w>, y: &End, x: &End) -> Interval<'w> {
    context.finely(8, |fine| {
        let (upper, right) = (sign(y) >= 0, sign(x) > 0);
        let (y, x) = (Interval::point(fine, y.clone()), Interval::point(fine, x.clone()));
        let half = Interval::half_pi(fine);
        if y.magnitude().low > x.magnitude().low {
            let from_axis = x.over(&y).atan().negated();
            return if upper { half.plus(&from_axis) } else { from_axis.plus(&half.negated()) };
        }
        let from_axis = y.over(&x).atan();
        match (right, upper) {
            (true, _) => from_axis,
            (_, true) => from_axis.plus(&half).plus(&half),
            _ => from_axis.plus(&half.negated()).plus(&half.negated()),
        }
    })
}
