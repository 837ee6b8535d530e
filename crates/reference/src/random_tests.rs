//! Every operator at random arguments: few bits enclose what many bits find, and are not far from it.

use expr::{Op, Scalar};

use crate::endpoint::{self, End, Toward, from_f64, is_zero, magnitude};
use crate::interval::{Arithmetic, Interval};

/// SplitMix64.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Doubles of every kind: of ordinary size, of any size, beside integers, halves, 1, poles and the origin.
    fn double(&mut self) -> f64 {
        let sign = if self.bits() & 1 == 0 { 1.0 } else { -1.0 };
        let near = |x: f64, ulps: u64| f64::from_bits(x.to_bits().wrapping_add(ulps % 3).wrapping_sub(1));
        let x = match self.bits() % 8 {
            0 | 1 => self.unit() * 4.0,
            2 => self.unit() * 200.0,
            3 => f64::from_bits(self.bits() >> 2),
            4 => near((1 + self.bits() % 40) as f64 / 2.0, self.bits()),
            5 => near((1 + self.bits() % 40) as f64 * std::f64::consts::FRAC_PI_2, self.bits()),
            6 => near(1.0, self.bits()),
            _ => self.unit() * 2f64.powi(-((self.bits() % 90) as i32)),
        };
        sign * if x.is_finite() { x } else { 1.0 }
    }
}

/// The interval of few bits holds that of many, whose own last bits are forgiven.
fn holds(wide: &Interval<'_>, narrow: &Interval<'_>) -> bool {
    let inward = |end: &End, toward| match end.is_infinite() {
        true => end.clone(),
        false => endpoint::rounded(end.significand().clone(), end.exponent(), false, 300, toward),
    };
    wide.low <= inward(&narrow.low, Toward::Up) && inward(&narrow.high, Toward::Down) <= wide.high
}

/// Bits that an interval has in common at both ends; none where one is infinite.
fn bits_known(interval: &Interval<'_>) -> isize {
    if interval.as_point().is_some() {
        return isize::MAX;
    }
    if !interval.is_finite() || interval.contains_zero() {
        return 0;
    }
    let width = interval.context.finer(64, |fine| {
        let low = Interval::point(fine, interval.low.clone());
        Interval::point(fine, interval.high.clone()).plus(&low.negated()).high
    });
    magnitude(&interval.low) - magnitude(&width)
}

#[test]
fn few_bits_enclose_what_many_find_and_are_nearly_as_narrow() {
    let (coarse, fine) = (Arithmetic::new(96, u64::MAX), Arithmetic::new(400, u64::MAX));
    let mut random = Random(18);
    for &op in Op::ALL {
        for round in 0..150 {
            let mut at: Vec<f64> = (0..op.arity()).map(|_| random.double()).collect();
            if op == Op::Powi {
                at[1] = at[1].clamp(-1e6, 1e6).round();
            } else if op.takes_integer() {
                let order = &mut at[op.free_arguments()];
                *order = order.abs().min(5.0).round();
            }
            // Points, and intervals of a few units of the last place or thinner.
            let width = [0.0, 0.0, 1e-16, 1e-25][round % 4];
            let width = if op.takes_integer() { 0.0 } else { width };
            let arguments = |context| -> Vec<Interval<'_>> {
                let around = |&x: &f64| {
                    let center = Interval::point(context, from_f64(x));
                    let half = center.times(&Interval::point(context, from_f64(width))).magnitude();
                    center.plus(&half.negated().hull(half))
                };
                at.iter().map(around).collect()
            };
            let (wide, narrow) =
                (Interval::apply(op, &arguments(&coarse)), Interval::apply(op, &arguments(&fine)));
            let shown = || {
                format!("{op:?} at {at:?}, width {width}: {:?} and {:?}", wide.to_f64s(), narrow.to_f64s())
            };
            assert!(holds(&wide, &narrow), "{}", shown());
            // A few bits are lost, and beside the zeros of sines and others the 53 of an argument once more; of a remainder
            // all that its quotient has.
            let rest = matches!(op, Op::Mod | Op::Rem);
            if width == 0.0 && narrow.is_finite() && !rest {
                let sine =
                    matches!(op, Op::Sin | Op::Cos | Op::Tan | Op::Sinc | Op::Lgamma | Op::Lbeta | Op::Logit);
                let least = if sine { 60 } else { 16 };
                let vanishes = is_zero(&narrow.low) || magnitude(&narrow.high) < -(1 << 59);
                for found in [&wide, &narrow] {
                    let lost = found.context.bits as isize - bits_known(found);
                    assert!(vanishes || lost <= least, "{}: {lost} bits lost", shown());
                }
            }
        }
    }
}

#[test]
fn straddling_intervals_step_at_both_ends() {
    let context = &Arithmetic::new(96, u64::MAX);
    let tiny = End::new(1.into(), -80);
    let around = |x: f64| {
        let tiny = Interval::new(context, endpoint::negated(&tiny), tiny.clone());
        Interval::point(context, from_f64(x)).plus(&tiny)
    };
    for (op, x, low, high) in [
        (Op::Round, 0.5, 0.0, 1.0),
        (Op::Round, -0.5, -1.0, 0.0),
        (Op::Round, 2.5, 2.0, 3.0),
        (Op::Round, 1.0, 1.0, 1.0),
        (Op::Round, 0.0, 0.0, 0.0),
        (Op::Floor, 0.0, -1.0, 0.0),
        (Op::Floor, 3.0, 2.0, 3.0),
        (Op::Floor, -0.5, -1.0, -1.0),
        (Op::Ceil, 0.0, 0.0, 1.0),
        (Op::Ceil, -3.0, -3.0, -2.0),
        (Op::Trunc, 0.0, 0.0, 0.0),
        (Op::Trunc, -1.0, -1.0, 0.0),
        (Op::Trunc, 1.0, 0.0, 1.0),
        (Op::Sign, 0.0, -1.0, 1.0),
        (Op::Sign, 0.5, 1.0, 1.0),
        (Op::Relu, 0.5, 0.5, 0.5),
    ] {
        let found = Interval::apply(op, &[around(x)]).to_f64s();
        let near = |a: f64, b: f64| (a - b).abs() < 1e-15;
        assert!(near(found.0, low) && near(found.1, high), "{op:?} around {x}: {found:?}");
    }
}
