//! e^x and ln x at points.

use dashu_int::IBig;
use dashu_int::ops::BitTest;

use super::fixed::{Fixed, Scale};
use crate::endpoint::{self, End, magnitude, sign};
use crate::interval::{Context, Interval};

/// Arguments with more bits before the point give e^x beyond every exponent.
const STEEPEST: isize = isize::BITS as isize - 4;

/// How often an argument is halved before its series is summed: as many squarings as the series has terms, about.
fn halvings(bits: usize) -> usize {
    bits.isqrt() / 2
}

/// Bits that the squarings and the sum lose.
pub(super) fn exp_guard(bits: usize) -> usize {
    halvings(bits) + bits.ilog2() as usize + 8
}

impl Scale<'_> {
    /// e^r for a number of at most about 1.
    fn exp(&self, r: &Fixed) -> Fixed {
        let h = halvings(self.bits);
        let t = self.halved(r, h);
        let mut sum = self.plus(&self.one(), &t);
        let mut term = t.clone();
        for k in 2.. {
            term = self.over_integer(&self.times(&term, &t), k);
            // What is left out is less than twice this term.
            if term.mid.bit_len() <= 2 {
                sum.err += 2.0 * (4.0 + term.err);
                break;
            }
            sum = self.plus(&sum, &term);
        }
        for _ in 0..h {
            sum = self.times(&sum, &sum);
        }
        sum
    }

    /// ln m for a number from about 0.7 to 1.6: a guess y of a third of the bits, and ln m = y + ln(m/e^y).
    fn ln(&self, m: &Fixed) -> Fixed {
        let guess = Fixed { mid: self.ln_guess(&m.mid), err: 0.0 };
        let power = self.exp(&guess);
        let off = self.over(&self.minus(m, &power), &power);
        // ln(1 + d) = d - d²/2 + R with |R| < |d|³ for |d| < 1/2.
        let square = self.times(&off, &off);
        let mut found = self.minus(&self.plus(&guess, &off), &self.halved(&square, 1));
        found.err += self.cube(&off);
        found
    }

    /// A bound of the third power of a small number, in units.
    pub(super) fn cube(&self, d: &Fixed) -> f64 {
        // |d| < 2^size units, error included.
        let size = (d.mid.bit_len() as i32 + 1).max(d.err.max(1.0).log2().ceil().min(1e6) as i32 + 2);
        if size + 2 > self.bits as i32 {
            return f64::INFINITY;
        }
        2f64.powi(3 * size - 2 * self.bits as i32)
    }

    fn ln_guess(&self, m: &IBig) -> IBig {
        if self.bits <= 50 {
            let unit = 2f64.powi(self.bits as i32);
            return IBig::from(((m.to_f64().value() / unit).ln() * unit) as i64);
        }
        let third = self.bits / 3;
        let coarse = Scale::new(self.context, third + exp_guard(third) + 6);
        if coarse.bits >= self.bits {
            let few = Scale::new(self.context, 50);
            return few.ln_guess(&(m >> (self.bits - 50))) << (self.bits - 50);
        }
        let dropped = self.bits - coarse.bits;
        coarse.ln(&Fixed { mid: m >> dropped, err: 1.0 }).mid << dropped
    }
}

/// e^x.
pub(crate) fn exp<'w>(context: Context<'w>, x: &End) -> Interval<'w> {
    if endpoint::is_zero(x) {
        return Interval::integer(context, 1);
    }
    let size = magnitude(x);
    if context.work.left() == 0 {
        return Interval::entire(context);
    }
    if size > STEEPEST {
        return match sign(x) > 0 {
            true => Interval::new(context, endpoint::farthest(), End::infinity()),
            false => Interval::new(context, End::zero(), endpoint::nearest()),
        };
    }
    if size < -(context.bits as isize) - 2 {
        // 1 + x and less than x² more.
        let point = Interval::point(context, x.clone());
        let beyond = Interval::new(context, End::zero(), point.magnitude().high);
        return Interval::integer(context, 1).plus(&point.plus(&point.times(&beyond)));
    }
    let scale = Scale::new(context, context.bits + exp_guard(context.bits) + 4);
    let before_point = size.max(0) as usize + 2;
    let wide = Scale::new(context, scale.bits + before_point);
    let (argument, ln_2) = (wide.end(x), wide.ln_2());
    let turns = &argument.mid / &ln_2.mid;
    let exponent = isize::try_from(&turns).expect("at most twice 2^STEEPEST");
    let rest = Fixed {
        mid: &argument.mid - &turns * &ln_2.mid,
        err: argument.err + 1.001 * ln_2.err * exponent.unsigned_abs() as f64,
    };
    scale.widened(&scale.exp(&scale.of_finer(&rest, &wide)), exponent)
}

/// e^x - 1.
pub(crate) fn expm1<'w>(context: Context<'w>, x: &End) -> Interval<'w> {
    if endpoint::is_zero(x) {
        return Interval::integer(context, 0);
    }
    let size = magnitude(x);
    if !context.is_small(size) {
        // Few bits cancel.
        return context.finely(few_bits(size), |fine| exp(fine, x).plus(&Interval::integer(fine, -1)));
    }
    // The sum of x^n/n!, and what is left out is less than the first such term, doubled.
    context.finely(8, |fine| {
        let x = Interval::point(fine, x.clone());
        let mut term = x.clone();
        let mut sum = x.clone();
        for n in 2..=fine.terms(size) {
            term = term.times(&x).over(&Interval::integer(fine, n));
            sum = sum.plus(&term);
        }
        sum.plus(&term.spread().times(&x.magnitude()))
    })
}

/// How many bits e^x - 1 or ln(1 + x) have not in common with x, for x of this magnitude.
fn few_bits(size: isize) -> usize {
    (2 - size).max(2) as usize
}

/// ln x of a positive number.
pub(crate) fn ln<'w>(context: Context<'w>, x: &End) -> Interval<'w> {
    // x = m·2^e with m from 3/4 to 3/2, and m - 1 is exact.
    let mut exponent = magnitude(x);
    let digits = x.digits();
    let half = (x.significand() >> digits.saturating_sub(2)) == IBig::from(2) || digits == 1;
    if half {
        exponent -= 1;
    }
    let one = IBig::from(1) << if half { digits - 1 } else { digits };
    let above = End::new(x.significand() - one, if half { 1 - digits as isize } else { -(digits as isize) });
    ln_near_one(context, &above, exponent)
}

/// ln(1 + x) of a number above -1.
pub(crate) fn ln_1p<'w>(context: Context<'w>, x: &End) -> Interval<'w> {
    if magnitude(x) < -1 {
        return ln_near_one(context, x, 0);
    }
    context.finely(8, |fine| Interval::integer(fine, 1).plus(&Interval::point(fine, x.clone())).ln())
}

/// ln(1 + above) + exponent·ln 2, for -1/4 <= `above` <= 1/2.
fn ln_near_one<'w>(context: Context<'w>, above: &End, exponent: isize) -> Interval<'w> {
    let size = magnitude(above);
    if endpoint::is_zero(above) && exponent == 0 {
        return Interval::integer(context, 0);
    }
    if context.work.left() == 0 {
        return Interval::entire(context);
    }
    if exponent == 0 && context.is_small(size) {
        // The sum of ±x^n/n, and what is left out is less than the first such term, doubled.
        return context.finely(8, |fine| {
            let x = Interval::point(fine, above.clone());
            let mut power = x.clone();
            let mut sum = x.clone();
            for n in 2..=fine.terms(size) {
                power = power.times(&x).negated();
                sum = sum.plus(&power.over(&Interval::integer(fine, n)));
            }
            sum.plus(&power.spread().times(&x.magnitude()))
        });
    }
    let wanted = context.bits + if exponent == 0 { size.min(0).unsigned_abs() } else { 2 };
    let scale = Scale::new(context, wanted + exp_guard(wanted) + 6);
    let one = scale.one();
    let mantissa = scale.plus(&one, &scale.end(above));
    let mut sum =
        if endpoint::is_zero(above) { Fixed { mid: IBig::from(0), err: 0.0 } } else { scale.ln(&mantissa) };
    if exponent != 0 {
        let wide = Scale::new(context, scale.bits + exponent.unsigned_abs().ilog2() as usize + 2);
        let turns = wide.scaled(&wide.ln_2(), exponent as i64);
        sum = scale.plus(&sum, &scale.of_finer(&turns, &wide));
    }
    scale.widened(&sum, 0)
}
