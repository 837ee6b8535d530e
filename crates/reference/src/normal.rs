//! The normal distribution, Mills' ratio and the inverse of the error function.

use dashu_int::IBig;

use crate::endpoint::{self, End, magnitude, sign};
use crate::interval::{Context, Interval};

/// From here on Mills' ratio is enclosed by its continued fraction.
const FAR: i64 = 4;

/// More quotients of a continued fraction than any precision takes within a budget.
const MOST_TERMS: i64 = 1_000_000;

/// Each step doubles the bits that are known, once a few are.
const MOST_STEPS: usize = 60;

fn root_two_pi(context: Context<'_>) -> Interval<'_> {
    let pi = Interval::pi(context);
    pi.plus(&pi).root()
}

/// The slope of the error function.
fn slope<'w>(y: &Interval<'w>) -> Interval<'w> {
    let two_over_root_pi = Interval::integer(y.context, 2).over(&Interval::pi(y.context).root());
    y.squared().negated().exp().times(&two_over_root_pi)
}

impl<'w> Interval<'w> {
    fn half(context: Context<'w>) -> Self {
        Interval::point(context, End::new(IBig::from(1), -1))
    }

    pub(crate) fn halved(&self) -> Self {
        self.times(&Interval::half(self.context))
    }

    /// The complement of the error function, which falls.
    pub(crate) fn erfc_of_any(&self) -> Self {
        let context = self.context;
        let mirrored = self.rising(Interval::between(context, -2, 0), |end| {
            Interval::point(context, end.clone()).erfc().negated()
        });
        mirrored.negated()
    }

    /// Φ(x) = erfc(-x/√2)/2, with the bits that the size of x² takes away.
    pub(crate) fn normal(&self) -> Self {
        let context = self.context;
        self.rising(Interval::between(context, 0, 1), |end| {
            let lost = (2 * magnitude(end)).clamp(0, 128) as usize + 8;
            context.finely(lost, |fine| {
                let x = Interval::point(fine, end.clone());
                x.negated().times(&Interval::half(fine).root()).erfc_of_any().halved()
            })
        })
    }

    /// ln Φ(x), of which far down the exponential is taken out.
    pub(crate) fn ln_normal(&self) -> Self {
        let context = self.context;
        let range = Interval::new(context, End::neg_infinity(), End::zero());
        self.rising(range, |end| {
            let x = Interval::point(context, end.clone());
            if sign(end) >= 0 {
                x.negated().normal().negated().ln_1p()
            } else if *end > End::new(IBig::from(-FAR), 0) {
                x.normal().ln()
            } else {
                let main = x.squared().halved().plus(&root_two_pi(context).ln());
                x.negated().mills(0).ln().plus(&main.negated())
            }
        })
    }

    /// e^(x²/2)·∫(t - x)ᵏ/k!·e^(-t²/2) dt from x on, which falls to 0.
    pub(crate) fn mills(&self, k: i64) -> Self {
        let context = self.context;
        let range = Interval::new(context, End::neg_infinity(), End::zero());
        let rising = self.rising(range, |end| {
            let value = match *end >= End::new(IBig::from(FAR), 0) {
                true => Interval::point(context, end.clone()).mills_far(k),
                false => Interval::point(context, end.clone()).mills_near(k),
            };
            value.negated()
        });
        rising.negated()
    }

    /// Laplace's continued fraction: the quotient r(n) of order n and the one before is 1/(x + (n + 1)·r(n + 1)), between
    /// 0 and 1/x, and falls as the next one grows.
    fn mills_far(&self, k: i64) -> Self {
        self.context.finely(16, |fine| {
            let (one, x) = (Interval::integer(fine, 1), self.on(fine));
            // What is not known of one quotient is less so of the one before, by (√(x² + 4n) - x)/(√(x² + 4n) + x).
            let size = endpoint::below_f64(&x.low).min(1e100);
            let (mut last, mut left) = (k + 1, 0.7 * (fine.bits as f64 + 16.0));
            while left > 0.0 && last < MOST_TERMS {
                left -= 2.0 * (size / (size * size + 4.0 * last as f64).sqrt()).atanh();
                last += 1;
            }
            let mut ratio = Interval::integer(fine, 0).hull(one.over(&x));
            let mut value = one.clone();
            for n in (0..last).rev() {
                ratio = one.over(&x.plus(&ratio.times(&Interval::integer(fine, n + 1))));
                if n <= k {
                    value = value.times(&ratio);
                }
                if !ratio.is_finite() {
                    return Interval::entire(fine);
                }
            }
            value
        })
    }

    /// Upwards from order 0: M(j) = (M(j-2) - x·M(j-1))/j, where M(-1) is 1; what cancels is had by more bits.
    fn mills_near(&self, k: i64) -> Self {
        let lost = 32 + 8 * k as usize + (2 * magnitude(&self.low)).clamp(0, 128) as usize;
        self.context.finely(lost, |fine| {
            let x = self.on(fine);
            let mut before = Interval::integer(fine, 1);
            let bell = x.squared().halved().exp();
            let mut value = x.negated().normal().times(&root_two_pi(fine)).times(&bell);
            for j in 1..=k {
                let next = before.plus(&x.times(&value).negated()).over(&Interval::integer(fine, j));
                before = std::mem::replace(&mut value, next);
            }
            value
        })
    }

    /// The inverse of the error function, by Newton's method over intervals.
    pub(crate) fn erf_inverse(&self) -> Self {
        let context = self.context;
        let one = End::one();
        if self.low <= End::neg_one() || self.high >= one {
            return Interval::entire(context);
        }
        self.rising(Interval::entire(context), |end| {
            let x = Interval::point(context, end.clone());
            match sign(end) {
                0 => x,
                1 => x.erf_inverse_of_positive(),
                _ => x.negated().erf_inverse_of_positive().negated(),
            }
        })
    }

    /// Of a point between 0 and 1. The inverse is convex there and 0 at 0, and at 1/2 less than 1.08 times its tangent at
    /// 0; and erfc y is at most e^(-y²).
    fn erf_inverse_of_positive(&self) -> Self {
        self.context.finely(16, |fine| {
            let (p, one, half) = (self.on(fine), Interval::integer(fine, 1), Interval::half(fine));
            let rest = one.plus(&p.negated());
            let tangent = Interval::pi(fine).root().halved().times(&p);
            let near = p.high <= half.low;
            let above = match near {
                true => tangent.times(&Interval::integer(fine, 27).over(&Interval::integer(fine, 25))),
                false => rest.ln().negated().root(),
            };
            let mut found = Interval::new(fine, tangent.low, above.high);
            for _ in 0..MOST_STEPS {
                let (low, high) =
                    (Interval::point(fine, found.low.clone()), Interval::point(fine, found.high.clone()));
                let width = magnitude(&high.plus(&low.negated()).high);
                let known = magnitude(&found.low).saturating_sub(width);
                if !found.is_finite() || found.as_point().is_some() || known > fine.bits as isize - 8 {
                    break;
                }
                let middle = Interval::point(fine, low.plus(&high).halved().low);
                // The slope of erf falls. Of the complement the logarithm is solved for, whose slope falls too.
                let step = match near {
                    true => p.plus(&middle.erf().negated()).over(&slope(&found)),
                    false => {
                        let (least, most) = (slope(&low).over(&low.erfc()), slope(&high).over(&high.erfc()));
                        let slopes = Interval::new(fine, least.low, most.high);
                        middle.erfc().over(&rest).ln().over(&slopes)
                    }
                };
                let next = middle.plus(&step).max_with(&low).min_with(&high);
                if next.low == found.low && next.high == found.high {
                    break;
                }
                found = next;
            }
            found
        })
    }
}
