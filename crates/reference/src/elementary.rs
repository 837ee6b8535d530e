//! Powers, exponentials, logarithms, inverse and hyperbolic functions of intervals.

use dashu_float::round::mode::{Down, Up};
use dashu_float::{ConstCache, Context};
use dashu_int::{IBig, Sign};

use crate::endpoint::{self, Answer, End, is_zero, lower, magnitude, sign, upper};
use crate::interval::{Interval, World};

/// Arguments with more bits before the point than this give functions their limits: e^(2^62) is beyond every exponent.
const STEEPEST: isize = 62;

/// Whether a number may be handed to the library where it shifts by exponents.
pub(crate) fn ordinary(end: &End) -> bool {
    is_zero(end) || magnitude(end).unsigned_abs() <= ORDINARY
}

const ORDINARY: usize = 1 << 14;

/// A logarithm that begins at `from`.
pub(crate) fn logarithm<'w>(
    a: &Interval<'w>,
    from: i64,
    low: impl Fn(&Context<Down>, &End, Option<&mut ConstCache>) -> Answer<Down>,
    high: impl Fn(&Context<Up>, &End, Option<&mut ConstCache>) -> Answer<Up>,
) -> Interval<'w> {
    let start = End::new(IBig::from(from), 0);
    if a.high <= start {
        return Interval::entire(a.world);
    }
    let inside = Interval::new(
        a.world,
        if a.low > start { a.low.clone() } else { End::neg_infinity() },
        a.high.clone(),
    );
    let at_zero = if from == 0 { AtZero::Other } else { AtZero::Identity };
    inside.cached_increasing(at_zero, low, high, Interval::entire(a.world))
}

/// `a^b`: by the integer that the exponent is, or where the base is positive by the corners that matter.
pub(crate) fn power<'w>(a: &Interval<'w>, b: &Interval<'w>) -> Interval<'w> {
    let world = a.world;
    if let Some(n) = b.as_integer() {
        return a.to_the(n);
    }
    // An integer too large to be written out has trailing zero bits: it is even.
    if b.as_point().is_some_and(endpoint::is_integer) && sign(&a.low) < 0 {
        return power(&a.magnitude(), b);
    }
    if sign(&a.low) < 0 || !a.is_finite() || !b.is_finite() {
        return Interval::entire(world);
    }
    if is_zero(&a.low) {
        // 0 to a positive power is 0; from there it grows.
        if !b.is_positive() {
            return Interval::entire(world);
        }
        if a.is_zero() {
            return Interval::integer(world, 0);
        }
        let top = Interval::point(world, a.high.clone());
        return Interval::integer(world, 0).hull(power(&top, b));
    }
    // Rises with the base where the exponent is positive, with the exponent where the base is above one.
    let one = End::one();
    let corners = |base_low: bool, exponent_low: bool| {
        (if base_low { &a.low } else { &a.high }, if exponent_low { &b.low } else { &b.high })
    };
    let rising_in_base = [b.is_positive(), b.is_negative()];
    let rising_in_exponent = [a.low >= one, a.high <= one];
    let candidates: Vec<(&End, &End)> = match (rising_in_base, rising_in_exponent) {
        ([true, _], [true, _]) => vec![corners(true, true), corners(false, false)],
        ([true, _], [_, true]) => vec![corners(true, false), corners(false, true)],
        ([_, true], [true, _]) => vec![corners(false, true), corners(true, false)],
        ([_, true], [_, true]) => vec![corners(false, false), corners(true, true)],
        _ => vec![corners(true, true), corners(true, false), corners(false, true), corners(false, false)],
    };
    let value = |(x, y): (&End, &End)| -> Interval<'w> {
        let base = Interval::point(world, x.clone());
        match roots_of_power(y) {
            Some((roots, n)) => (0..roots).fold(base, |base, _| base.root()).to_the(n),
            None => Interval::point(world, y.clone()).times(&base.ln()).exp(),
        }
    };
    candidates.into_iter().map(value).reduce(Interval::hull).expect("there are corners")
}

/// How many square roots, and which integer power of the last of them, make a power with an exponent of few bits: what
/// these give is exact where it can be, which a logarithm would never tell.
fn roots_of_power(exponent: &End) -> Option<(usize, i64)> {
    let roots = exponent.exponent().checked_neg().filter(|&roots| roots > 0)? as usize;
    let few = roots <= MOST_ROOTS && magnitude(exponent) <= 16;
    few.then(|| i64::try_from(exponent.significand()).ok().map(|n| (roots, n))).flatten()
}

/// 2^-1074, the least of all numbers, is a square, and what it is the square of too, and no more than so often.
const MOST_ROOTS: usize = 10;

/// What a function is like at numbers smaller than one unit of 1.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum AtZero {
    /// As the number itself, but for its square.
    Identity,
    /// As 1 and the number.
    One,
    /// As nothing in particular.
    Other,
}

impl AtZero {
    fn of<'w>(self, tiny: &Interval<'w>) -> Option<Interval<'w>> {
        let world = tiny.world;
        let unit = End::new(IBig::from(1), -(world.bits as isize) - 4);
        let around = Interval::new(world, endpoint::negated(&unit), unit);
        match self {
            AtZero::Identity => Some(tiny.plus(&tiny.times(&around))),
            AtZero::One => Some(Interval::integer(world, 1).plus(&around)),
            AtZero::Other => None,
        }
    }
}

impl<'w> Interval<'w> {
    /// A function that never falls, from the library and its cache of constants. The library takes numbers very near
    /// to 0 literally, digit by digit, so there the function is what it is `at_zero`, to within a unit.
    pub(crate) fn cached_increasing(
        &self,
        at_zero: AtZero,
        low: impl Fn(&Context<Down>, &End, Option<&mut ConstCache>) -> Answer<Down>,
        high: impl Fn(&Context<Up>, &End, Option<&mut ConstCache>) -> Answer<Up>,
        range: Self,
    ) -> Self {
        let cache = &self.world.cache;
        let tiny = |end: &End| match is_zero(end) || magnitude(end) >= -(self.world.bits as isize) - 8 {
            true => None,
            false => at_zero.of(&Interval::point(self.world, end.clone())),
        };
        self.increasing(
            |end, context| match tiny(end) {
                Some(near) => near.low,
                None => lower(low(context, end, Some(&mut cache.borrow_mut()))),
            },
            |end, context| match tiny(end) {
                Some(near) => near.high,
                None => upper(high(context, end, Some(&mut cache.borrow_mut()))),
            },
            range,
        )
    }

    /// A function that never falls, by what it is at each end, itself an interval.
    pub(crate) fn by_ends(&self, at: impl Fn(&Self) -> Self) -> Self {
        let end = |end: &End| at(&Interval::point(self.world, end.clone()));
        match (self.as_point(), self.is_finite()) {
            (Some(point), _) => end(point),
            (None, true) => Interval::new(self.world, end(&self.low).low, end(&self.high).high),
            _ => Interval::entire(self.world),
        }
    }

    /// Only what the library can take: it is asked for nothing beyond every exponent.
    fn tamed(&self) -> Self {
        let limit = |sign: Sign| End::new(IBig::from(1) * sign, STEEPEST - 1);
        let tame = |end: &End| match end.is_finite() && magnitude(end) > STEEPEST {
            true => limit(end.sign()),
            false => end.clone(),
        };
        Interval::new(self.world, tame(&self.low), tame(&self.high))
    }

    pub(crate) fn exp(&self) -> Self {
        let steep = |end: &End| end.is_finite() && magnitude(end) > STEEPEST;
        let range = Interval::new(self.world, End::zero(), End::infinity());
        let mut found =
            self.tamed().cached_increasing(AtZero::One, |c, x, k| c.exp(x, k), |c, x, k| c.exp(x, k), range);
        // A tamed argument gives a bound to one side only.
        if steep(&self.high) && sign(&self.high) > 0 {
            found.high = End::infinity();
        }
        if steep(&self.low) && sign(&self.low) < 0 {
            found.low = End::zero();
        }
        found
    }

    pub(crate) fn expm1(&self) -> Self {
        match magnitude(&self.low).max(magnitude(&self.high)) > 16 || !self.is_finite() {
            true => self.exp().plus(&Interval::integer(self.world, -1)),
            false => self.cached_increasing(
                AtZero::Identity,
                |c, x, k| c.exp_m1(x, k),
                |c, x, k| c.exp_m1(x, k),
                Interval::entire(self.world),
            ),
        }
    }

    /// The natural logarithm; of astronomical numbers by ln(m·2^e) = ln m + e·ln 2.
    pub(crate) fn ln(&self) -> Self {
        if sign(&self.low) > 0 && self.is_finite() && !(ordinary(&self.low) && ordinary(&self.high)) {
            return self.by_ends(|end| match ordinary(&end.low) {
                true => end.ln(),
                false => {
                    let exponent = magnitude(&end.low);
                    let mantissa = End::new(end.low.significand().clone(), end.low.exponent() - exponent);
                    let two = Interval::integer(self.world, 2).ln();
                    Interval::point(self.world, mantissa)
                        .ln()
                        .plus(&two.times(&Interval::integer(self.world, exponent as i64)))
                }
            });
        }
        logarithm(self, 0, |c, x, k| c.ln(x, k), |c, x, k| c.ln(x, k))
    }

    pub(crate) fn ln_1p(&self) -> Self {
        if self.is_far() {
            return self.ln().plus(&self.unit());
        }
        logarithm(self, -1, |c, x, k| c.ln_1p(x, k), |c, x, k| c.ln_1p(x, k))
    }

    /// The inverse hyperbolic sine; far out, ln(2a) and less than a unit more.
    pub(crate) fn asinh(&self) -> Self {
        self.by_ends(|end| match end.magnitude().is_far() {
            true if sign(&end.low) < 0 => end.negated().asinh().negated(),
            true => end.plus(end).ln().plus(&end.unit()),
            false => {
                let range = end.clone();
                end.cached_increasing(
                    AtZero::Identity,
                    |c, x, k| c.asinh(x, k),
                    |c, x, k| c.asinh(x, k),
                    range,
                )
            }
        })
    }

    /// Whether all of it is so large that a 1 added to its square is lost.
    pub(crate) fn is_far(&self) -> bool {
        sign(&self.low) > 0 && self.low.is_finite() && magnitude(&self.low) > self.world.bits as isize + 8
    }

    /// From 0 to what is lost.
    pub(crate) fn unit(&self) -> Self {
        Interval::new(self.world, End::zero(), End::new(IBig::from(1), -(self.world.bits as isize)))
    }

    pub(crate) fn sinh(&self) -> Self {
        let large = |end: &End| end.is_infinite() || magnitude(end) > 16;
        if large(&self.low) || large(&self.high) {
            let (up, down) = (self.exp(), self.negated().exp());
            return up.plus(&down.negated()).over(&Interval::integer(self.world, 2));
        }
        self.cached_increasing(
            AtZero::Identity,
            |c, x, k| c.sinh(x, k),
            |c, x, k| c.sinh(x, k),
            Interval::entire(self.world),
        )
    }

    /// cosh, of an interval without negative numbers.
    pub(crate) fn cosh_of_magnitude(&self) -> Self {
        let large = |end: &End| end.is_infinite() || magnitude(end) > 16;
        if large(&self.low) || large(&self.high) {
            let (up, down) = (self.exp(), self.negated().exp());
            return up.plus(&down).over(&Interval::integer(self.world, 2));
        }
        self.cached_increasing(
            AtZero::One,
            |c, x, k| c.cosh(x, k),
            |c, x, k| c.cosh(x, k),
            Interval::entire(self.world),
        )
    }

    /// An inverse function on [-1, 1], of what lies in there.
    pub(crate) fn arc(
        &self,
        low: impl Fn(&Context<Down>, &End, Option<&mut ConstCache>) -> Answer<Down>,
        high: impl Fn(&Context<Up>, &End, Option<&mut ConstCache>) -> Answer<Up>,
    ) -> Self {
        if self.low > End::one() || self.high < End::neg_one() {
            return Interval::entire(self.world);
        }
        let inside =
            self.max_with(&Interval::integer(self.world, -1)).min_with(&Interval::integer(self.world, 1));
        inside.cached_increasing(AtZero::Identity, low, high, Interval::entire(self.world))
    }

    /// The inverse tangent; far out, π/2 to within a unit.
    pub(crate) fn atan(&self) -> Self {
        self.leveled(self.world.bits as isize + 8, &Interval::half_pi(self.world), |end| {
            let range = Interval::entire(end.world);
            end.cached_increasing(AtZero::Identity, |c, x, k| c.atan(x, k), |c, x, k| c.atan(x, k), range)
        })
    }

    /// The hyperbolic tangent; far out, 1 to within a unit.
    pub(crate) fn tanh(&self) -> Self {
        self.leveled((self.world.bits.ilog2() + 2) as isize, &Interval::integer(self.world, 1), |end| {
            let range = Interval::entire(end.world);
            end.cached_increasing(AtZero::Identity, |c, x, k| c.tanh(x, k), |c, x, k| c.tanh(x, k), range)
        })
    }

    /// An odd function that never falls, and from numbers of a magnitude on is `level` less at most a unit.
    fn leveled(&self, from: isize, level: &Self, near: impl Fn(&Self) -> Self) -> Self {
        let world = self.world;
        let unit = Interval::new(world, End::new(IBig::from(-1), -(world.bits as isize)), End::zero());
        let plateau = level.plus(&unit);
        let finite = |end: &End| if end.is_infinite() { endpoint::far(end.sign()) } else { end.clone() };
        Interval::new(world, finite(&self.low), finite(&self.high)).by_ends(|end| match sign(&end.low) {
            _ if magnitude(&end.low) <= from => near(end),
            1 => plateau.clone(),
            _ => plateau.negated(),
        })
    }

    /// The angle of the points with ordinate `self` and abscissa `x`.
    pub(crate) fn atan2(&self, x: &Self) -> Self {
        let world = self.world;
        let pi = Interval::pi(world);
        let whole = pi.negated().hull(pi.clone());
        if !self.is_finite() || !x.is_finite() {
            return whole;
        }
        let (y_zero, x_crosses) = (self.contains_zero(), sign(&x.low) <= 0);
        if y_zero && x_crosses {
            // On the negative axis the angle is π by convention; around the origin it is anything.
            return if self.is_zero() && x.is_negative() { pi } else { whole };
        }
        let corner = |y: &End, x: &End| {
            if !(ordinary(y) && ordinary(x)) {
                return if sign(x) > 0 {
                    Interval::point(world, y.clone()).over(&Interval::point(world, x.clone())).atan()
                } else {
                    whole.clone()
                };
            }
            let mut cache = world.cache.borrow_mut();
            let low = lower(world.down().atan2(y, x, Some(&mut cache)));
            let high = upper(world.up().atan2(y, x, Some(&mut cache)));
            Interval::new(world, low, high)
        };
        [(&self.low, &x.low), (&self.low, &x.high), (&self.high, &x.low), (&self.high, &x.high)]
            .into_iter()
            .map(|(y, x)| corner(y, x))
            .reduce(Interval::hull)
            .expect("four corners")
    }

    pub(crate) fn min_with(&self, other: &Self) -> Self {
        let least = |a: &End, b: &End| if a <= b { a.clone() } else { b.clone() };
        Interval::new(self.world, least(&self.low, &other.low), least(&self.high, &other.high))
    }

    pub(crate) fn max_with(&self, other: &Self) -> Self {
        self.negated().min_with(&other.negated()).negated()
    }

    /// The ratio of a circle's circumference to its diameter.
    pub(crate) fn half_pi(world: World<'w>) -> Self {
        Interval::pi(world).over(&Interval::integer(world, 2))
    }

    pub(crate) fn pi(world: World<'w>) -> Self {
        let mut cache = world.cache.borrow_mut();
        let low = cache.pi::<2, Down>(world.bits).value().into_repr();
        let high = cache.pi::<2, Up>(world.bits).value().into_repr();
        Interval::new(world, low, high)
    }
}
