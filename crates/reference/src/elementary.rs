//! Powers, exponentials, logarithms, inverse and hyperbolic functions of intervals.

use dashu_int::IBig;

use crate::endpoint::{self, End, FAR, is_zero, magnitude, sign};
use crate::interval::Interval;
use crate::kernel;

/// `a^b`: by the integer that the exponent is, or where the base is positive by the corners that matter.
pub(crate) fn power<'w>(a: &Interval<'w>, b: &Interval<'w>) -> Interval<'w> {
    let context = a.context;
    if let Some(n) = b.as_integer() {
        return a.to_the(n);
    }
    // An integer too large to be written out has trailing zero bits: it is even.
    if b.as_point().is_some_and(endpoint::is_integer) && sign(&a.low) < 0 {
        return power(&a.magnitude(), b);
    }
    if sign(&a.low) < 0 || !a.is_finite() || !b.is_finite() {
        return Interval::entire(context);
    }
    if is_zero(&a.low) {
        // 0 to a positive power is 0; from there it grows.
        if !b.is_positive() {
            return Interval::entire(context);
        }
        if a.is_zero() {
            return Interval::integer(context, 0);
        }
        let top = Interval::point(context, a.high.clone());
        return Interval::integer(context, 0).hull(power(&top, b));
    }
    // Rises with the base where the exponent is positive, with the exponent where the base is above one.
    let one = End::one();
    let corners = |base_low: bool, exponent_low: bool| {
        (if base_low { &a.low } else { &a.high }, if exponent_low { &b.low } else { &b.high })
    };
    let rising_in_base = [b.is_positive(), b.is_negative()];
    let rising_in_exponent = [a.low >= one, a.high <= one];
    let candidates: Vec<(&End, &End)> = match (rising_in_base, rising_in_exponent) {
        _ if a.as_point().is_some() && b.as_point().is_some() => vec![corners(true, true)],
        ([true, _], [true, _]) => vec![corners(true, true), corners(false, false)],
        ([true, _], [_, true]) => vec![corners(true, false), corners(false, true)],
        ([_, true], [true, _]) => vec![corners(false, true), corners(true, false)],
        ([_, true], [_, true]) => vec![corners(false, false), corners(true, true)],
        _ => vec![corners(true, true), corners(true, false), corners(false, true), corners(false, false)],
    };
    let value = |(x, y): (&End, &End)| -> Interval<'w> {
        let base = Interval::point(context, x.clone());
        match roots_of_power(y) {
            Some((roots, n)) => (0..roots).fold(base, |base, _| base.root()).to_the(n),
            None => base.real_power(&Interval::point(context, y.clone())),
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

/// The bits before the point of what is exponentiated, at most: it has to be known to as many more.
const STEEPEST: isize = 64;

impl<'w> Interval<'w> {
    /// A function that never falls, by what it is at each finite end, itself an interval; an infinite end maps to that of
    /// `range`.
    pub(crate) fn rising(&self, range: Self, at: impl Fn(&End) -> Self) -> Self {
        if let Some(point) = self.as_point() {
            return at(point);
        }
        let low = if self.low.is_infinite() { range.low } else { at(&self.low).low };
        let high = if self.high.is_infinite() { range.high } else { at(&self.high).high };
        Interval::new(self.context, low, high)
    }

    /// An odd function that never falls, by what it is at each finite end that is not negative.
    pub(crate) fn rising_odd(&self, range: Self, at: impl Fn(&End) -> Self) -> Self {
        self.rising(range, |end| match sign(end) < 0 {
            true => at(&endpoint::negated(end)).negated(),
            false => at(end),
        })
    }

    /// e^(b·ln a) of a positive number, with the bits more that the size of b·ln a takes away.
    pub(crate) fn real_power(&self, exponent: &Self) -> Self {
        let turns = isize::BITS as isize - magnitude(&self.high).unsigned_abs().leading_zeros() as isize + 1;
        let lost = (magnitude(&exponent.high).max(magnitude(&exponent.low)).saturating_add(turns))
            .clamp(0, STEEPEST);
        self.context.finely(lost as usize + 4, |fine| exponent.on(fine).times(&self.on(fine).ln()).exp())
    }

    pub(crate) fn exp(&self) -> Self {
        let range = Interval::new(self.context, End::zero(), End::infinity());
        self.rising(range, |end| kernel::exp(self.context, end))
    }

    pub(crate) fn exp_2(&self) -> Self {
        let range = Interval::new(self.context, End::zero(), End::infinity());
        self.rising(range, |end| {
            let point = Interval::point(self.context, end.clone());
            match point.as_integer().filter(|n| n.unsigned_abs() < FAR as u64) {
                Some(n) => Interval::point(self.context, End::new(IBig::from(1), n as isize)),
                None => {
                    let lost = magnitude(end).clamp(0, STEEPEST) as usize + 4;
                    self.context.finely(lost, |fine| {
                        let ln_2 = Interval::integer(fine, 2).ln();
                        Interval::point(fine, end.clone()).times(&ln_2).exp()
                    })
                }
            }
        })
    }

    pub(crate) fn expm1(&self) -> Self {
        let range = Interval::new(self.context, End::neg_one(), End::infinity());
        self.rising(range, |end| kernel::expm1(self.context, end))
    }

    /// A function that never falls, of what lies above `start`; it has no lower bound there.
    fn logarithm(&self, start: End, at: impl Fn(&End) -> Self) -> Self {
        if self.high <= start {
            return Interval::entire(self.context);
        }
        let inside = Interval {
            low: if self.low > start { self.low.clone() } else { End::neg_infinity() },
            ..self.clone()
        };
        inside.rising(Interval::entire(self.context), at)
    }

    pub(crate) fn ln(&self) -> Self {
        self.logarithm(End::zero(), |end| kernel::ln(self.context, end))
    }

    pub(crate) fn ln_1p(&self) -> Self {
        self.logarithm(End::neg_one(), |end| kernel::ln_1p(self.context, end))
    }

    /// The logarithm to an integer base, exact for powers of it.
    pub(crate) fn log(&self, base: i64) -> Self {
        let context = self.context;
        self.logarithm(End::zero(), |end| {
            let found = context.finely(4, |fine| {
                kernel::ln(fine, end).over(&kernel::ln(fine, &End::new(IBig::from(base), 0)))
            });
            let power = endpoint::to_f64(&found.low).round();
            let near = power.abs() < 1e4 && {
                let power = endpoint::from_f64(power);
                found.low <= power && power <= found.high
            };
            let is_power = || match base {
                2 => *end.significand() == IBig::from(1),
                // Of a negative power of ten there is no binary number.
                _ => power >= 0.0 && End::new(IBig::from(base).pow(power as usize), 0) == *end,
            };
            match near && is_power() {
                true => Interval::integer(context, power as i64),
                false => found,
            }
        })
    }

    /// The inverse hyperbolic sine; far out, ln(2a) and less than a unit more.
    pub(crate) fn asinh(&self) -> Self {
        let context = self.context;
        self.rising_odd(Interval::entire(context), |end| {
            let point = Interval::point(context, end.clone());
            if point.is_far() {
                return point.plus(&point).ln().plus(&point.unit());
            }
            // ln(1 + a + (√(1 + a²) - 1)), where the last is a²/(1 + √(1 + a²)).
            context.finely(8, |fine| {
                let (a, one) = (point.on(fine), Interval::integer(fine, 1));
                let square = a.squared();
                let beyond = square.over(&one.plus(&one.plus(&square).root()));
                a.plus(&beyond).ln_1p()
            })
        })
    }

    /// The inverse hyperbolic cosine, of numbers from 1 on; far out, ln(2a) and less than a unit less.
    pub(crate) fn acosh(&self) -> Self {
        let context = self.context;
        if self.low < End::one() {
            return Interval::entire(context);
        }
        self.rising(Interval::entire(context), |end| {
            let point = Interval::point(context, end.clone());
            if point.is_far() {
                return point.plus(&point).ln().plus(&point.unit().negated());
            }
            // With t = a - 1: ln(1 + t + √(t(t + 2))).
            context.finely(8, |fine| {
                let t = point.on(fine).plus(&Interval::integer(fine, -1));
                let root = t.times(&t.plus(&Interval::integer(fine, 2))).root();
                t.plus(&root).ln_1p()
            })
        })
    }

    /// The inverse hyperbolic tangent, of numbers between -1 and 1: ln(1 + 2a/(1 - a))/2.
    pub(crate) fn atanh(&self) -> Self {
        let context = self.context;
        if self.low <= End::neg_one() || self.high >= End::one() {
            return Interval::entire(context);
        }
        self.rising_odd(Interval::entire(context), |end| {
            context.finely(8, |fine| {
                let (a, one) = (Interval::point(fine, end.clone()), Interval::integer(fine, 1));
                let ratio = a.plus(&a).over(&one.plus(&a.negated()));
                ratio.ln_1p().over(&Interval::integer(fine, 2))
            })
        })
    }

    /// Whether all of it is so large that a 1 added to its square is lost.
    fn is_far(&self) -> bool {
        sign(&self.low) > 0 && self.low.is_finite() && magnitude(&self.low) > self.context.bits as isize + 8
    }

    /// From 0 to what is lost.
    fn unit(&self) -> Self {
        Interval::new(self.context, End::zero(), End::new(IBig::from(1), -(self.context.bits as isize)))
    }

    /// (m + m/(1 + m))/2 with m = e^a - 1.
    pub(crate) fn sinh(&self) -> Self {
        let context = self.context;
        self.rising_odd(Interval::entire(context), |end| {
            context.finely(4, |fine| {
                let m = kernel::expm1(fine, end);
                let other = m.over(&m.plus(&Interval::integer(fine, 1)));
                // Far out nothing is known of the quotient but that it is below 1.
                let other = if other.is_finite() { other } else { Interval::between(fine, 0, 1) };
                m.plus(&other).over(&Interval::integer(fine, 2))
            })
        })
    }

    /// cosh, of an interval without negative numbers.
    pub(crate) fn cosh_of_magnitude(&self) -> Self {
        let context = self.context;
        let range = Interval::new(context, End::one(), End::infinity());
        self.rising(range, |end| {
            context.finely(4, |fine| {
                let up = kernel::exp(fine, end);
                let down = Interval::integer(fine, 1).over(&up);
                let found = up.plus(&down).over(&Interval::integer(fine, 2));
                found.max_with(&Interval::integer(fine, 1))
            })
        })
    }

    /// The hyperbolic tangent: m/(m + 2) with m = e^(2a) - 1; far out, 1 to within a unit.
    pub(crate) fn tanh(&self) -> Self {
        let context = self.context;
        self.leveled((context.bits.ilog2() + 2) as isize, &Interval::integer(context, 1), |end| {
            if sign(end) < 0 {
                return Interval::point(context, endpoint::negated(end)).tanh().negated();
            }
            context.finely(4, |fine| {
                let twice = Interval::point(fine, end.clone()).times(&Interval::integer(fine, 2));
                let m = twice.expm1();
                m.over(&m.plus(&Interval::integer(fine, 2)))
            })
        })
    }

    /// An odd function that never falls, and from numbers of a magnitude on is `level` less at most a unit.
    pub(crate) fn leveled(&self, from: isize, level: &Self, near: impl Fn(&End) -> Self) -> Self {
        let context = self.context;
        let unit = Interval::new(context, End::new(IBig::from(-1), -(context.bits as isize)), End::zero());
        let plateau = level.plus(&unit);
        let range = plateau.negated().hull(plateau.clone());
        self.rising(range, |end| match sign(end) {
            _ if magnitude(end) <= from => near(end),
            1 => plateau.clone(),
            _ => plateau.negated(),
        })
    }

    /// ln(a/(1 - a)), of which 1/2 gives exactly 0.
    pub(crate) fn logit(&self) -> Self {
        let context = self.context;
        let one = Interval::integer(context, 1);
        if !self.is_positive() || self.high >= End::one() {
            return Interval::entire(context);
        }
        self.rising(Interval::entire(context), |end| {
            let a = Interval::point(context, end.clone());
            a.over(&one.plus(&a.negated())).ln()
        })
    }

    /// ln(1 - e^a) of negative numbers, which falls: by whichever of the two is not near 0.
    pub(crate) fn ln_1m_exp(&self) -> Self {
        let context = self.context;
        if !self.is_negative() {
            return Interval::entire(context);
        }
        let range = Interval::new(context, End::zero(), End::infinity());
        let mirrored = self.rising(range, |end| {
            let a = Interval::point(context, end.clone());
            let value = match *end > End::neg_one() {
                true => a.expm1().negated().ln(),
                false => a.exp().negated().ln_1p(),
            };
            value.negated()
        });
        mirrored.negated()
    }
}
