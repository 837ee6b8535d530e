//! Sine, cosine and inverse tangent at points.

use dashu_int::IBig;
use dashu_int::ops::{BitTest, DivEuclid, RemEuclid};

use super::fixed::{Fixed, Scale};
use crate::endpoint::{self, End, magnitude, sign};
use crate::interval::{Context, Interval};

/// How often an angle is halved before its series is summed.
fn halvings(bits: usize) -> usize {
    bits.isqrt() / 3
}

/// Bits that the doublings, each four times as wrong as the one before, and the sum lose.
fn guard(bits: usize) -> usize {
    2 * halvings(bits) + bits.ilog2() as usize + 8
}

impl Scale<'_> {
    /// Sine and cosine of an angle of at most about 1; the sine loses twice as many bits as the angle has zeros in front.
    fn sine_and_cosine(&self, r: &Fixed) -> (Fixed, Fixed) {
        let h = halvings(self.bits);
        let t = self.halved(r, h);
        let square = self.times(&t, &t);
        // cos t - 1 = -t²/2 + t⁴/24 - …
        let mut term = self.halved(&Fixed { mid: -&square.mid, err: square.err }, 1);
        let mut sum = term.clone();
        for k in 2u64.. {
            term = self.over_integer(&self.times(&term, &square), 2 * k * (2 * k - 1));
            term.mid = -term.mid;
            if term.mid.bit_len() <= 2 {
                sum.err += 2.0 * (4.0 + term.err);
                break;
            }
            sum = self.plus(&sum, &term);
        }
        // cos 2t - 1 = 2(cos t - 1)(cos t + 1)
        for _ in 0..h {
            let above = self.plus(&sum, &self.scaled(&self.one(), 2));
            sum = self.scaled(&self.times(&sum, &above), 2);
        }
        let above = self.plus(&sum, &self.scaled(&self.one(), 2));
        let product = self.times(&sum, &above);
        let mut sine = self.root(&Fixed { mid: -product.mid, err: product.err });
        if r.mid < IBig::from(0) {
            sine.mid = -sine.mid;
        }
        (sine, self.plus(&sum, &self.one()))
    }

    /// The angle whose tangent is a number of at most about 1: a guess y of a third of the bits, and
    /// atan x = y + atan((x·cos y - sin y)/(cos y + x·sin y)).
    fn atan(&self, x: &Fixed) -> Fixed {
        let guess = Fixed { mid: self.atan_guess(&x.mid), err: 0.0 };
        let (sine, cosine) = self.sine_and_cosine(&guess);
        let above = self.minus(&self.times(x, &cosine), &sine);
        let off = self.over(&above, &self.plus(&cosine, &self.times(x, &sine)));
        // |atan d - d| < |d|³
        let mut found = self.plus(&guess, &off);
        found.err += self.cube(&off);
        found
    }

    fn atan_guess(&self, x: &IBig) -> IBig {
        let third = self.bits / 3;
        let coarse = Scale::new(self.context, third + guard(third) + 6 + self.bits / 6);
        if self.bits <= 50 || coarse.bits >= self.bits {
            let (few, unit) = (self.bits.saturating_sub(50), 2f64.powi(self.bits.min(50) as i32));
            return IBig::from((((x >> few).to_f64().value() / unit).atan() * unit) as i64) << few;
        }
        let dropped = self.bits - coarse.bits;
        let found = coarse.atan(&Fixed { mid: x >> dropped, err: 1.0 });
        found.mid << dropped
    }
}

/// An angle reduced to at most half a quarter turn to either side of an axis.
pub(crate) struct Reduced<'w> {
    scale: Scale<'w>,
    rest: Fixed,
    /// Quarter turns, modulo 4.
    quadrant: u8,
    /// The rest where it is small, and the power of two that it is below.
    small: Option<(Interval<'w>, isize)>,
}

impl<'w> Reduced<'w> {
    /// Of a finite angle, with π to as many bits as it has before the point and then some.
    pub(crate) fn new(context: Context<'w>, angle: &End) -> Self {
        let wanted = context.bits + context.bits / 4;
        let scale = Scale::new(context, wanted + guard(wanted) + 8);
        let size = if endpoint::is_zero(angle) { -(context.bits as isize) } else { magnitude(angle) };
        if context.is_small(size) {
            let small = Some((Interval::point(context, angle.clone()), size));
            return Reduced { scale, rest: scale.end(angle), quadrant: 0, small };
        }
        let before_point = size.max(0) as usize + 2;
        let wide = Scale::new(context, scale.bits + before_point);
        let (angle, quarter) = (wide.end(angle), wide.half_pi());
        let turns = (&angle.mid + (&quarter.mid >> 1usize)).div_euclid(&quarter.mid);
        let rest = Fixed {
            mid: &angle.mid - &turns * &quarter.mid,
            err: angle.err + 1.001 * quarter.err * (turns.to_f64().value().abs() + 1.0),
        };
        // Errors of π by large numbers of turns are those of the wide scale.
        let rest = match rest.err.is_finite() {
            true => scale.of_finer(&rest, &wide),
            false => Fixed { mid: rest.mid >> before_point, err: 16.0 },
        };
        let quadrant = u8::try_from(turns.rem_euclid(IBig::from(4))).expect("0 to 3");
        let size = rest.mid.bit_len() as isize + 1 - scale.bits as isize;
        let small = context.is_small(size).then(|| (scale.widened(&rest, 0), size + 1));
        Reduced { scale, rest, quadrant, small }
    }

    fn rest_sine(&self) -> Interval<'w> {
        match &self.small {
            Some((rest, size)) => sine_of_small(rest, *size),
            None => self.scale.widened(&self.scale.sine_and_cosine(&self.rest).0, 0),
        }
    }

    fn rest_cosine(&self) -> Interval<'w> {
        match &self.small {
            Some((rest, _)) if rest.is_zero() => Interval::integer(rest.context, 1),
            _ => self.scale.widened(&self.scale.sine_and_cosine(&self.rest).1, 0),
        }
    }

    pub(crate) fn sine(&self) -> Interval<'w> {
        match self.quadrant {
            0 => self.rest_sine(),
            1 => self.rest_cosine(),
            2 => self.rest_sine().negated(),
            _ => self.rest_cosine().negated(),
        }
    }

    pub(crate) fn cosine(&self) -> Interval<'w> {
        match self.quadrant {
            0 => self.rest_cosine(),
            1 => self.rest_sine().negated(),
            2 => self.rest_cosine().negated(),
            _ => self.rest_sine(),
        }
    }

    /// Everything where the cosine may be 0.
    pub(crate) fn tangent(&self) -> Interval<'w> {
        self.sine().over(&self.cosine())
    }
}

/// The sine of numbers below 2^`size`, which is small.
fn sine_of_small<'w>(x: &Interval<'w>, size: isize) -> Interval<'w> {
    let (context, square) = (x.context, x.squared());
    let mut term = Interval::integer(context, 1);
    let mut sum = term.clone();
    for n in 1..=context.terms(2 * size) {
        term = term.times(&square).over(&Interval::integer(context, -2 * n * (2 * n + 1)));
        sum = sum.plus(&term);
    }
    x.times(&sum.plus(&term.spread().times(&square)))
}

/// The inverse tangent.
pub(crate) fn atan<'w>(context: Context<'w>, x: &End) -> Interval<'w> {
    if sign(x) < 0 {
        return atan(context, &endpoint::negated(x)).negated();
    }
    if endpoint::is_zero(x) {
        return Interval::integer(context, 0);
    }
    if context.work.left() == 0 {
        return Interval::entire(context);
    }
    let size = magnitude(x);
    if size > 0 {
        // π/2 - atan(1/x)
        return context.finely(4, |fine| {
            let inverse = Interval::integer(fine, 1).over(&Interval::point(fine, x.clone()));
            let from_axis = if fine.is_small(1 - size) {
                atan_of_small(&inverse, 1 - size)
            } else {
                let scale = Scale::new(fine, fine.bits + 2 * (size.unsigned_abs()) + guard(fine.bits) + 8);
                scale.widened(&scale.atan(&scale.interval(&inverse)), 0)
            };
            Interval::half_pi(fine).plus(&from_axis.negated())
        });
    }
    if context.is_small(size) {
        return context.finely(4, |fine| atan_of_small(&Interval::point(fine, x.clone()), size));
    }
    let wanted = context.bits + 2 * size.unsigned_abs();
    let scale = Scale::new(context, wanted + guard(wanted) + 8);
    scale.widened(&scale.atan(&scale.end(x)), 0)
}

/// The inverse tangent of positive numbers below 2^`size`, which is small.
fn atan_of_small<'w>(x: &Interval<'w>, size: isize) -> Interval<'w> {
    let (context, square) = (x.context, x.squared());
    let mut power = Interval::integer(context, 1);
    let mut sum = power.clone();
    for n in 1..=context.terms(2 * size) {
        power = power.times(&square).negated();
        sum = sum.plus(&power.over(&Interval::integer(context, 2 * n + 1)));
    }
    x.times(&sum.plus(&power.spread().times(&square)))
}

/// π/2.
pub(crate) fn half_pi(context: Context<'_>) -> Interval<'_> {
    let scale = Scale::new(context, context.bits + 4);
    scale.widened(&scale.half_pi(), 0)
}
