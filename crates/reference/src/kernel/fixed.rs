//! Fixed-point numbers that carry a bound of their error: what series are summed in.

use dashu_float::round::mode::Down;
use dashu_int::IBig;
use dashu_int::ops::{BitTest, SquareRoot};

use crate::endpoint::{self, End};
use crate::interval::{Constants, Context, Interval};
use crate::work;

/// `mid` units of a scale, to within `err` of them.
#[derive(Clone)]
pub(crate) struct Fixed {
    pub(crate) mid: IBig,
    pub(crate) err: f64,
}

/// Numbers in units of 2^-bits.
#[derive(Clone, Copy)]
pub(crate) struct Scale<'w> {
    pub(crate) context: Context<'w>,
    pub(crate) bits: usize,
}

/// A bound of an error, computed in doubles by a few roundings to nearest, made one again.
fn bound(err: f64) -> f64 {
    err * (1.0 + 1e-9)
}

impl<'w> Scale<'w> {
    pub(crate) fn new(context: Context<'w>, bits: usize) -> Self {
        Scale { context, bits }
    }

    /// What is done is always paid for; kernels look whether anything is left before they begin, and are short.
    fn pay(&self, cost: u64) {
        let _ = self.context.work.pay(cost);
    }

    pub(crate) fn one(&self) -> Fixed {
        Fixed { mid: IBig::from(1) << self.bits, err: 0.0 }
    }

    /// A finite end, which is not many times larger than 1.
    pub(crate) fn end(&self, end: &End) -> Fixed {
        let shift = end.exponent().saturating_add(self.bits as isize);
        if shift >= 0 {
            return Fixed { mid: end.significand() << shift as usize, err: 0.0 };
        }
        if endpoint::magnitude(end) < -(self.bits as isize) {
            return Fixed { mid: IBig::from(0), err: 1.0 };
        }
        Fixed { mid: end.significand() >> shift.unsigned_abs(), err: 1.0 }
    }

    /// An interval with finite ends.
    pub(crate) fn interval(&self, interval: &Interval<'_>) -> Fixed {
        let (low, high) = (self.end(&interval.low), self.end(&interval.high));
        let width = (&high.mid - &low.mid).to_f64().value();
        Fixed { mid: low.mid, err: bound(low.err + high.err + width) }
    }

    /// A number of a finer scale.
    pub(crate) fn of_finer(&self, number: &Fixed, finer: &Scale<'_>) -> Fixed {
        let dropped = finer.bits - self.bits;
        Fixed { mid: &number.mid >> dropped, err: bound(number.err * 0.5f64.powi(dropped as i32) + 1.0) }
    }

    /// At least how large it is; not 0 where it is above 2^-1000.
    fn least(&self, mid: &IBig) -> f64 {
        let shift = mid.bit_len().saturating_sub(60);
        let top = (mid >> shift).to_f64().value().abs() - 1.0;
        top * (1.0 - 1e-9) * 2f64.powi(shift as i32 - self.bits as i32)
    }

    /// At most how large it is.
    fn size(&self, mid: &IBig) -> f64 {
        let shift = self.bits.saturating_sub(64);
        let top = (mid >> shift).to_f64().value().abs() + 1.0;
        bound(top * 0.5f64.powi((self.bits - shift) as i32))
    }

    pub(crate) fn plus(&self, a: &Fixed, b: &Fixed) -> Fixed {
        self.pay(work::linear(self.bits));
        Fixed { mid: &a.mid + &b.mid, err: bound(a.err + b.err) }
    }

    pub(crate) fn minus(&self, a: &Fixed, b: &Fixed) -> Fixed {
        self.pay(work::linear(self.bits));
        Fixed { mid: &a.mid - &b.mid, err: bound(a.err + b.err) }
    }

    pub(crate) fn times(&self, a: &Fixed, b: &Fixed) -> Fixed {
        self.pay(work::mixed_product(a.mid.bit_len(), b.mid.bit_len()));
        let mid = (&a.mid * &b.mid) >> self.bits;
        // a·eb + b·ea + ea·eb; the last is below one unit where errors are below the root of one.
        let crossed = self.size(&a.mid) * b.err + self.size(&b.mid) * a.err;
        let both = a.err * b.err * 0.5f64.powi(self.bits as i32);
        Fixed { mid, err: bound(crossed + both + 1.0) }
    }

    /// By an integer.
    pub(crate) fn scaled(&self, a: &Fixed, k: i64) -> Fixed {
        self.pay(work::linear(self.bits));
        Fixed { mid: &a.mid * IBig::from(k), err: bound(a.err * k.unsigned_abs() as f64) }
    }

    /// Over a positive integer.
    pub(crate) fn over_integer(&self, a: &Fixed, k: u64) -> Fixed {
        self.pay(work::linear(self.bits));
        Fixed { mid: &a.mid / IBig::from(k), err: bound(a.err / k as f64 + 1.0) }
    }

    /// Over 2^h.
    pub(crate) fn halved(&self, a: &Fixed, h: usize) -> Fixed {
        Fixed { mid: &a.mid >> h, err: bound(a.err * 0.5f64.powi(h as i32) + 1.0) }
    }

    /// A quotient by what is not near to 0.
    pub(crate) fn over(&self, a: &Fixed, b: &Fixed) -> Fixed {
        self.pay(2 * work::product(self.bits));
        let quotient = (&a.mid << self.bits) / &b.mid;
        let least = (self.least(&b.mid) - b.err * 0.5f64.powi(self.bits as i32)) * (1.0 - 1e-9);
        if least <= 0.0 {
            return Fixed { mid: quotient, err: f64::INFINITY };
        }
        let err = (a.err + self.size(&quotient) * b.err) / least;
        Fixed { mid: quotient, err: bound(err + 1.0) }
    }

    /// The root of what is larger than twice its error; else of no use.
    pub(crate) fn root(&self, a: &Fixed) -> Fixed {
        self.pay(2 * work::product(self.bits));
        let Ok(radicand) = dashu_int::UBig::try_from(&a.mid << self.bits) else {
            return Fixed { mid: IBig::from(0), err: f64::INFINITY };
        };
        let root = IBig::from(radicand.sqrt());
        // |√(a+e) - √a| <= e/√a where |e| <= a.
        let usable = a.mid.to_f64().value() > 2.0 * a.err;
        let least = self.least(&root);
        let err = if usable && least > 0.0 { a.err / least } else { f64::INFINITY };
        Fixed { mid: root, err: bound(err + 1.0) }
    }

    /// As an interval of the context's precision, times a power of two.
    pub(crate) fn widened(&self, a: &Fixed, exponent: isize) -> Interval<'w> {
        let Some(err) =
            Some(a.err.ceil()).filter(|err| err.is_finite()).and_then(|err| IBig::try_from(err).ok())
        else {
            return Interval::entire(self.context);
        };
        let exponent = exponent - self.bits as isize;
        let low = endpoint::bounds(&a.mid - &err, exponent, false, self.context.bits).0;
        let high = endpoint::bounds(&a.mid + &err, exponent, false, self.context.bits).1;
        Interval::new(self.context, low, high)
    }

    /// π/2.
    pub(crate) fn half_pi(&self) -> Fixed {
        // π of one bit less is π/2.
        self.constant(|constants| &mut constants.pi, |cache, bits| cache.pi::<2, Down>(bits).value(), 1)
    }

    /// ln 2.
    pub(crate) fn ln_2(&self) -> Fixed {
        self.constant(|constants| &mut constants.ln_2, |cache, bits| cache.ln2::<2, Down>(bits), 0)
    }

    fn constant(
        &self,
        slot: impl Fn(&mut Constants) -> &mut (usize, IBig),
        compute: impl Fn(&mut dashu_float::ConstCache, usize) -> dashu_float::FBig<Down, 2>,
        halvings: usize,
    ) -> Fixed {
        let mut constants = self.context.constants.borrow_mut();
        if slot(&mut constants).0 < self.bits {
            // Some more, as the next will be asked for soon.
            let bits = self.bits + self.bits / 4 + 64;
            self.pay(8 * work::product(bits));
            let value = compute(&mut constants.library, bits + 8).into_repr();
            *slot(&mut constants) = (bits, self_scaled(&value, bits));
        }
        let (bits, value) = slot(&mut constants);
        Fixed { mid: &*value >> (*bits - self.bits + halvings), err: 2.0 }
    }
}

/// An end in units of 2^-bits, rounded down.
fn self_scaled(end: &End, bits: usize) -> IBig {
    let shift = end.exponent() + bits as isize;
    if shift >= 0 { end.significand() << shift as usize } else { end.significand() >> shift.unsigned_abs() }
}
