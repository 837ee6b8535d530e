//! Ends of intervals: binary floats of any precision, computed from integers and rounded down or up.

use dashu_float::Repr;
use dashu_int::ops::{BitTest, CubicRoot, DivRemEuclid, SquareRoot};
use dashu_int::{IBig, Sign, UBig};

/// An end of an interval, possibly infinite.
pub(crate) type End = Repr<2>;

/// A magnitude beyond which nothing is told apart: 2^(2^60), on 32-bit targets 2^(2^28). Sums of a few such exponents do not overflow.
pub(crate) const FAR: isize = 1 << (isize::BITS - 4);

/// The end of what is too large to be told apart.
pub(crate) fn farthest() -> End {
    End::new(IBig::from(1), FAR)
}

/// The end of what is too small to be told from 0.
pub(crate) fn nearest() -> End {
    End::new(IBig::from(1), -FAR)
}

/// Where an end is rounded to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toward {
    Down,
    Up,
}

use Toward::{Down, Up};

impl Toward {
    pub(crate) fn opposite(self) -> Toward {
        if self == Down { Up } else { Down }
    }
}

/// `significand`·2^`exponent`, and less than a unit of it more if there is `more`, rounded to so many bits.
pub(crate) fn rounded(significand: IBig, exponent: isize, more: bool, bits: usize, toward: Toward) -> End {
    let dropped = significand.bit_len().saturating_sub(bits);
    let kept = &significand >> dropped;
    let exact = !more && significand.trailing_zeros().is_none_or(|zeros| zeros >= dropped);
    let kept = if toward == Up && !exact { kept + IBig::from(1) } else { kept };
    within_reach(End::new(kept, exponent + dropped as isize), toward)
}

/// The same, rounded both ways.
pub(crate) fn bounds(significand: IBig, exponent: isize, more: bool, bits: usize) -> (End, End) {
    (rounded(significand.clone(), exponent, more, bits, Down), rounded(significand, exponent, more, bits, Up))
}

/// The end itself, or one further out where its exponent is so large that sums of exponents could overflow.
fn within_reach(end: End, toward: Toward) -> End {
    if is_zero(&end) || magnitude(&end).unsigned_abs() <= FAR as usize + 1 {
        return end;
    }
    match (magnitude(&end) > 0, sign(&end) > 0, toward) {
        (true, true, Up) => End::infinity(),
        (true, true, Down) => farthest(),
        (true, false, Up) => negated(&farthest()),
        (true, false, Down) => End::neg_infinity(),
        (false, true, Up) => nearest(),
        (false, false, Down) => negated(&nearest()),
        (false, ..) => End::zero(),
    }
}

/// The sum of finite ends.
pub(crate) fn sum(a: &End, b: &End, bits: usize, toward: Toward) -> End {
    if is_zero(a) || is_zero(b) {
        let other = if is_zero(a) { b } else { a };
        return rounded(other.significand().clone(), other.exponent(), false, bits, toward);
    }
    let (large, small) = if magnitude(a) >= magnitude(b) { (a, b) } else { (b, a) };
    // Below this place the sum has nothing but the small one, and above it more bits than are kept.
    let place = large.exponent().min(magnitude(large) - bits as isize - 3);
    let shifted = |end: &End, place: isize| end.significand() << (end.exponent() - place) as usize;
    if magnitude(small) <= place {
        let whole = shifted(large, place);
        // Less than a unit below is a unit less and some more.
        let whole = if sign(small) < 0 { whole - IBig::from(1) } else { whole };
        return rounded(whole, place, true, bits, toward);
    }
    let place = a.exponent().min(b.exponent());
    rounded(shifted(a, place) + shifted(b, place), place, false, bits, toward)
}

/// The product of finite ends, before it is rounded.
pub(crate) fn product(a: &End, b: &End) -> (IBig, isize) {
    (a.significand() * b.significand(), a.exponent() + b.exponent())
}

/// The quotient of finite ends, by one that is not 0, before it is rounded: whether there is more comes last.
pub(crate) fn quotient(a: &End, b: &End, bits: usize) -> (IBig, isize, bool) {
    let wanted = (bits + 2 + b.digits()).saturating_sub(a.digits());
    let dividend = a.significand() << wanted;
    let (dividend, divisor) = match sign(b) < 0 {
        true => (-dividend, -b.significand()),
        false => (dividend, b.significand().clone()),
    };
    let (quotient, rest) = dividend.div_rem_euclid(divisor);
    (quotient, a.exponent() - b.exponent() - wanted as isize, !rest.is_zero())
}

/// The square root (`degree` 2) or cube root (3) of a finite end that is not negative, before it is rounded.
pub(crate) fn root(a: &End, degree: usize, bits: usize) -> (IBig, isize, bool) {
    let digits = a.significand().bit_len();
    let mut shift = (degree * (bits + 2)).saturating_sub(digits) as isize;
    shift += (a.exponent() - shift).rem_euclid(degree as isize);
    let radicand = UBig::try_from(a.significand() << shift as usize).expect("not negative");
    let (root, exact) = match degree {
        2 => {
            let root = radicand.sqrt();
            let exact = &root * &root == radicand;
            (root, exact)
        }
        _ => {
            let root = radicand.cbrt();
            let exact = &root * &root * &root == radicand;
            (root, exact)
        }
    };
    (IBig::from(root), (a.exponent() - shift) / degree as isize, !exact)
}

/// A double as it is; infinities stay infinite.
pub(crate) fn from_f64(value: f64) -> End {
    if value.is_infinite() {
        return if value > 0.0 { End::infinity() } else { End::neg_infinity() };
    }
    let bits = value.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as isize;
    let fraction = bits & ((1 << 52) - 1);
    let (significand, exponent) =
        if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    let significand = IBig::from(significand);
    End::new(if value.is_sign_negative() { -significand } else { significand }, exponent)
}

pub(crate) fn is_zero(end: &End) -> bool {
    end.is_finite() && *end.significand() == IBig::from(0)
}

/// -1, 0 or 1.
pub(crate) fn sign(end: &End) -> i8 {
    match end {
        _ if is_zero(end) => 0,
        end if end.sign() == Sign::Positive => 1,
        _ => -1,
    }
}

/// The position of the leading bit: 2^(m-1) <= |end| < 2^m; the largest there is for an infinite end.
pub(crate) fn magnitude(end: &End) -> isize {
    if end.is_infinite() {
        return isize::MAX;
    }
    end.exponent().saturating_add(end.digits() as isize)
}

pub(crate) fn negated(end: &End) -> End {
    if end.is_infinite() {
        return if end.sign() == Sign::Positive { End::neg_infinity() } else { End::infinity() };
    }
    End::new(-end.significand().clone(), end.exponent())
}

/// How a magnitude becomes a double.
#[derive(Clone, Copy, PartialEq)]
enum Size {
    /// Ties to even.
    Nearest,
    Zero,
    Away,
}

/// The nearest double, ties to even; what underflows is +0, what overflows infinite.
pub(crate) fn to_f64(end: &End) -> f64 {
    // Adding 0 makes +0 of -0.
    as_f64(end, Size::Nearest) + 0.0
}

/// The largest double not above.
pub(crate) fn below_f64(end: &End) -> f64 {
    as_f64(end, if sign(end) < 0 { Size::Away } else { Size::Zero })
}

/// The smallest double not below.
pub(crate) fn above_f64(end: &End) -> f64 {
    as_f64(end, if sign(end) < 0 { Size::Zero } else { Size::Away })
}

/// The library's own conversion flushes to zero just above 2^-1075, so this is ours.
fn as_f64(end: &End, toward: Size) -> f64 {
    let with_sign = |magnitude: f64| if sign(end) < 0 { -magnitude } else { magnitude };
    if end.is_infinite() {
        return with_sign(f64::INFINITY);
    }
    if is_zero(end) {
        return 0.0;
    }
    let top = magnitude(end);
    if top > 1024 {
        return with_sign(if toward == Size::Zero { f64::MAX } else { f64::INFINITY });
    }
    if top < -1074 {
        return with_sign(if toward == Size::Away { f64::from_bits(1) } else { 0.0 });
    }
    let significand = end.significand().clone() * IBig::from(sign(end));
    // The weight of the last bit of a double of this size.
    let last = (top - 53).max(-1074);
    let dropped = last - end.exponent();
    let kept = if dropped <= 0 {
        significand << (-dropped) as usize
    } else {
        let dropped = dropped as usize;
        let kept: IBig = &significand >> dropped;
        let rest = &significand - (&kept << dropped);
        let half = IBig::from(1) << (dropped - 1);
        let odd = kept.clone() % IBig::from(2) == IBig::from(1);
        let up = match toward {
            Size::Nearest => rest > half || (rest == half && odd),
            Size::Zero => false,
            Size::Away => rest > IBig::from(0),
        };
        kept + IBig::from(u8::from(up))
    };
    let kept = u64::try_from(kept).expect("at most 2^53");
    // Subnormal or not, the encoding is one run of integers, and the last of them is infinity.
    with_sign(f64::from_bits((((last + 1074) as u64) << 52) + kept))
}

/// About `mantissa`·10^`exponent`, with a mantissa of size 1 to 10: of finite ends other than 0, to some ten digits.
pub(crate) fn to_decimal(end: &End) -> (f64, i64) {
    if end.is_infinite() || is_zero(end) {
        return (to_f64(end), 0);
    }
    let top = magnitude(end);
    // From 0.5 to 1 in size.
    let leading = to_f64(&End::new(end.significand().clone(), end.exponent().saturating_sub(top)));
    let logarithm = leading.abs().log10() + top as f64 * std::f64::consts::LOG10_2;
    let exponent = logarithm.floor();
    (10f64.powf(logarithm - exponent).copysign(leading), exponent as i64)
}

/// The integer nearest to a finite end, halves up.
pub(crate) fn nearest_integer(end: &End) -> IBig {
    if is_integer(end) {
        return floor(end);
    }
    if magnitude(end) < -1 {
        return IBig::from(0);
    }
    let half = IBig::from(1) << (-end.exponent() - 1) as usize;
    (end.significand() + half) >> (-end.exponent()) as usize
}

/// The largest integer not above a finite end.
pub(crate) fn floor(end: &End) -> IBig {
    if end.exponent() >= 0 {
        return end.significand() << end.exponent() as usize;
    }
    if magnitude(end) <= 0 {
        // Less than one, however far below.
        return IBig::from(if sign(end) < 0 { -1 } else { 0 });
    }
    // A shift of a negative integer to the right rounds down.
    end.significand() >> (-end.exponent()) as usize
}

/// A finite end without what stands behind the point.
pub(crate) fn truncated(end: &End) -> IBig {
    if sign(end) < 0 { -floor(&negated(end)) } else { floor(end) }
}

/// Whether a finite end is an integer.
pub(crate) fn is_integer(end: &End) -> bool {
    // Trailing zero bits are not kept in the significand.
    is_zero(end) || end.exponent() >= 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_survive_the_round_trip() {
        for value in
            [0.0, 1.0, -1.5, 5e-324, -5e-324, f64::MIN_POSITIVE, f64::MAX, -f64::MAX, 0.1, 1e300, 2.5e-310]
        {
            for back in [to_f64, below_f64, above_f64] {
                assert_eq!(back(&from_f64(value)), value);
            }
        }
        assert_eq!(to_f64(&from_f64(f64::INFINITY)), f64::INFINITY);
        assert_eq!(to_f64(&from_f64(f64::NEG_INFINITY)), f64::NEG_INFINITY);
    }

    #[test]
    fn rounding_is_that_of_ieee() {
        let end = |significand: i64, exponent| End::new(IBig::from(significand), exponent);
        // Halfway below the least subnormal: to even, that is to zero; a little more is not.
        assert_eq!(to_f64(&end(1, -1075)), 0.0);
        assert_eq!(to_f64(&end((1 << 60) + 1, -1135)), 5e-324);
        assert_eq!((below_f64(&end(1, -1075)), above_f64(&end(1, -1075))), (0.0, 5e-324));
        assert_eq!((below_f64(&end(-1, -9000)), above_f64(&end(-1, -9000))), (-5e-324, 0.0));
        // Ties to even in the last bit.
        assert_eq!(to_f64(&end((1 << 54) + 2, -54)), 1.0);
        assert_eq!(to_f64(&end((1 << 54) + 6, -54)), 1.0 + 2.0 * f64::EPSILON);
        // The largest finite double, and where infinity begins.
        assert_eq!(to_f64(&end((1 << 54) - 1, 970)), f64::INFINITY);
        assert_eq!(to_f64(&end((1 << 55) - 3, 969)), f64::MAX);
        assert_eq!((below_f64(&end(1, 5000)), above_f64(&end(1, 5000))), (f64::MAX, f64::INFINITY));
        assert_eq!((below_f64(&end(-1, 5000)), above_f64(&end(-1, 5000))), (f64::NEG_INFINITY, -f64::MAX));
        // A sum that rounds all the way up through the subnormals.
        assert_eq!(to_f64(&end((1 << 53) - 1, -1075)), f64::MIN_POSITIVE);
    }

    #[test]
    fn numbers_beyond_the_doubles_are_told_in_decimal() {
        let (mantissa, exponent) = to_decimal(&End::new(IBig::from(-3), 3000));
        // -3·2^3000 = -3.69069576648…·10^903
        assert_eq!(exponent, 903);
        assert!((mantissa + 3.69069576648).abs() < 1e-6, "{mantissa}");
    }

    #[test]
    fn integers_are_found() {
        for (value, below, nearest) in [
            (2.5, 2, 3),
            (-2.5, -3, -2),
            (-0.25, -1, 0),
            (0.75, 0, 1),
            (-0.75, -1, -1),
            (7.0, 7, 7),
            (1e-300, 0, 0),
            (-1e-300, -1, 0),
        ] {
            let end = from_f64(value);
            assert_eq!(
                (floor(&end), nearest_integer(&end)),
                (IBig::from(below), IBig::from(nearest)),
                "{value}"
            );
            assert_eq!(is_integer(&end), value == 7.0);
        }
        assert!(is_integer(&from_f64(6.0)) && is_integer(&from_f64(0.0)));
    }
}
