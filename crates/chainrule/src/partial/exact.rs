//! A sum of doubles without rounding: whatever the order and the split, one state, and one double nearest to it.
//!
//! A finite double is an integer times 2^-1074, below 2^2098. The sum is kept as such an integer, in digits of 32 bits that
//! have 64 to be in: a term is added to three of them without looking at carries, which are settled after 2^30 terms at the latest.
//! The sum rounds once, to nearest, ties to even, when it is asked for; what is exactly 0 is +0.

/// Digits of 32 bits: 2098 bits of the largest double, and room for 2^64 of them and a sign.
const DIGITS: usize = 69;
const DIGIT_BITS: usize = 32;
const DIGIT: i64 = 1 << DIGIT_BITS;
/// Terms after which carries are settled: each adds less than 2^32 to a digit.
const MOST_PENDING: u32 = 1 << 30;
const MANTISSA_BITS: usize = 52;
const FRACTION: u64 = (1 << MANTISSA_BITS) - 1;
const MOST_EXPONENT: u64 = 0x7ff;

/// An exact sum.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exact {
    /// From the lowest. Settled: all in 0..2^32 but for the highest, which has the sign.
    digits: Box<[i64; DIGITS]>,
    pending: u32,
    /// Terms that no sum of integers holds.
    pub(super) infinite: [bool; 2],
    pub(super) nan: bool,
}

impl Default for Exact {
    fn default() -> Exact {
        Exact { digits: Box::new([0; DIGITS]), pending: 0, infinite: [false; 2], nan: false }
    }
}

impl Exact {
    /// Adds a term.
    #[inline]
    pub(crate) fn add(&mut self, term: f64) {
        let bits = term.to_bits();
        let exponent = bits >> MANTISSA_BITS & MOST_EXPONENT;
        if exponent == MOST_EXPONENT {
            match term.is_nan() {
                true => self.nan = true,
                false => self.infinite[usize::from(term < 0.0)] = true,
            }
            return;
        }
        // A subnormal has the unit of the smallest normal numbers, and no leading 1.
        let mantissa = bits & FRACTION | u64::from(exponent != 0) << MANTISSA_BITS;
        let position = exponent.saturating_sub(1) as usize;
        let shifted = u128::from(mantissa) << (position % DIGIT_BITS);
        let parts = [shifted as u32, (shifted >> DIGIT_BITS) as u32, (shifted >> (2 * DIGIT_BITS)) as u32];
        // 1 or -1, without a branch that half of all terms would mispredict.
        let sign = 1 - 2 * (bits >> 63) as i64;
        let first = position / DIGIT_BITS;
        for (digit, part) in self.digits[first..first + 3].iter_mut().zip(parts) {
            *digit += sign * i64::from(part);
        }
        self.pending += 1;
        if self.pending >= MOST_PENDING {
            self.settle();
        }
    }

    /// Adds the terms of another sum.
    pub(crate) fn merge(&mut self, other: &Exact) {
        let mut other = other.clone();
        other.settle();
        self.settle();
        self.digits.iter_mut().zip(&*other.digits).for_each(|(digit, further)| *digit += further);
        self.settle();
        self.nan |= other.nan;
        self.infinite = [0, 1].map(|k| self.infinite[k] | other.infinite[k]);
    }

    /// Moves carries up, so that equal sums have equal digits.
    pub(crate) fn settle(&mut self) {
        let mut carry = 0;
        for digit in &mut self.digits[..DIGITS - 1] {
            let all = *digit + carry;
            carry = all >> DIGIT_BITS;
            *digit = all & (DIGIT - 1);
        }
        self.digits[DIGITS - 1] += carry;
        self.pending = 0;
    }

    /// Whether the sum is below 0, and the digits of its absolute value, of 32 bits each, from the lowest.
    pub(super) fn magnitude(&self) -> (bool, Vec<u32>) {
        let mut settled = self.clone();
        settled.settle();
        let negative = settled.digits[DIGITS - 1] < 0;
        if negative {
            settled.digits.iter_mut().for_each(|digit| *digit = -*digit);
            settled.settle();
        }
        let digits: Vec<u32> = settled.digits.iter().map(|digit| *digit as u32).collect();
        let used = digits.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1);
        (negative, digits[..used].to_vec())
    }

    /// The sum of which these are sign and digits; none where they are too many.
    pub(super) fn of_magnitude(negative: bool, digits: &[u32]) -> Option<Exact> {
        let mut sum = Exact::default();
        let sign = if negative { -1 } else { 1 };
        // The highest has the sign, and room for what is added later.
        if digits.len() >= DIGITS {
            return None;
        }
        sum.digits.iter_mut().zip(digits).for_each(|(own, digit)| *own = sign * i64::from(*digit));
        sum.settle();
        Some(sum)
    }

    /// The double nearest to the sum.
    pub(crate) fn value(&self) -> f64 {
        match self.infinite {
            _ if self.nan => return f64::NAN,
            [true, true] => return f64::NAN,
            [true, false] => return f64::INFINITY,
            [false, true] => return f64::NEG_INFINITY,
            [false, false] => {}
        }
        let (negative, digits) = self.magnitude();
        let absolute = nearest(&digits);
        if negative { -absolute } else { absolute }
    }
}

/// The double nearest to an integer times 2^-1074.
fn nearest(digits: &[u32]) -> f64 {
    let Some(last) = digits.last() else { return 0.0 };
    let bits = digits.len() * DIGIT_BITS - last.leading_zeros() as usize;
    // The mantissa as far as a double has it: 53 bits from the highest, or down to the unit.
    let below = bits.saturating_sub(MANTISSA_BITS + 1);
    let bit = |k: usize| u64::from(digits[k / DIGIT_BITS] >> (k % DIGIT_BITS) & 1);
    let mantissa = (below..bits).rev().fold(0, |mantissa, k| mantissa << 1 | bit(k));
    let (half, rest) = match below {
        0 => (0, false),
        below => (bit(below - 1), (0..below - 1).any(|k| bit(k) == 1)),
    };
    let up = half == 1 && (rest || mantissa & 1 == 1);
    // Below the smallest normal number the unit is that of doubles, and the mantissa is the double. Above, the leading 1 of the
    // mantissa counts as 1 in the exponent. A mantissa that rounds up to 2^53 carries into the exponent, and from the largest double to infinity.
    let exponent = below as u64;
    match exponent >= MOST_EXPONENT {
        true => f64::INFINITY,
        false => f64::from_bits(
            ((exponent << MANTISSA_BITS) + mantissa + u64::from(up)).min(f64::INFINITY.to_bits()),
        ),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(terms: &[f64]) -> f64 {
        let mut sum = Exact::default();
        terms.iter().for_each(|term| sum.add(*term));
        sum.value()
    }

    #[test]
    fn one_term_is_itself() {
        for term in [
            1.0,
            -1.0,
            0.1,
            f64::MAX,
            f64::MIN,
            f64::MIN_POSITIVE,
            5e-324,
            -5e-324,
            2.5e-310,
            1e300,
            f64::EPSILON,
        ] {
            assert_eq!(sum(&[term]).to_bits(), term.to_bits(), "{term}");
        }
        assert_eq!(sum(&[]).to_bits(), 0);
        assert_eq!(sum(&[-0.0, -0.0]).to_bits(), 0);
        assert_eq!(sum(&[3.5, -3.5]).to_bits(), 0);
    }

    #[test]
    fn rounds_once_to_nearest_and_ties_to_even() {
        let unit = f64::EPSILON;
        assert_eq!(sum(&[1e308, 1.0, -1e308]), 1.0);
        assert_eq!(sum(&[1.0, unit / 2.0]), 1.0);
        assert_eq!(sum(&[1.0 + unit, unit / 2.0]), 1.0 + 2.0 * unit);
        assert_eq!(sum(&[1.0, unit / 2.0, 5e-324]), 1.0 + unit);
        assert_eq!(sum(&[1.0, unit / 2.0, -5e-324]), 1.0);
        assert_eq!(sum(&[-1.0, -unit / 2.0, -5e-324]), -1.0 - unit);
        assert_eq!(sum(&[2.0, -unit / 2.0]), 2.0, "the tie below a power of two goes to the even one");
        // Half a unit above the largest double is where infinity begins.
        let half = f64::MAX - f64::from_bits(f64::MAX.to_bits() - 1);
        assert_eq!(sum(&[f64::MAX, half / 2.0]), f64::INFINITY);
        assert_eq!(sum(&[f64::MAX, half / 2.0, -5e-324]), f64::MAX);
        assert_eq!(sum(&[f64::MAX, f64::MAX, -f64::MAX]), f64::MAX);
        assert_eq!(sum(&[f64::MAX; 4]), f64::INFINITY);
        assert_eq!(sum(&[f64::MIN; 4]), f64::NEG_INFINITY);
        assert_eq!(sum(&[f64::MIN_POSITIVE, -5e-324]), f64::MIN_POSITIVE - 5e-324);
    }

    #[test]
    fn what_is_no_number_stays_so() {
        assert!(sum(&[f64::NAN, 1.0]).is_nan());
        assert_eq!(sum(&[f64::INFINITY, -1e308]), f64::INFINITY);
        assert_eq!(sum(&[f64::NEG_INFINITY, f64::MAX]), f64::NEG_INFINITY);
        assert!(sum(&[f64::INFINITY, f64::NEG_INFINITY]).is_nan());
    }

    #[test]
    fn carries_are_settled_in_time() {
        let mut sum = Exact { pending: MOST_PENDING - 2, ..Exact::default() };
        let largest = 2f64 - f64::EPSILON;
        (0..5).for_each(|_| sum.add(largest));
        assert!(sum.pending < 5);
        assert_eq!(sum.value(), 5.0 * largest);
    }

    /// Doubles of every size, most of them in reach of each other.
    fn double() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<f64>().prop_filter("finite", |x| x.is_finite()),
            (-1e3..1e3f64),
            (any::<i32>(), -60..60i32).prop_map(|(m, e)| f64::from(m) * 2f64.powi(e)),
        ]
    }

    proptest! {
        /// Against integers of 128 bits, rounded by the conversion of the compiler.
        #[test]
        fn sums_of_multiples_of_a_unit_are_those_of_integers(terms in prop::collection::vec((any::<i64>(), 0..40u32), 0..60), unit in -1074..800i32) {
            let mantissa = |m: i64| m >> 11;
            let total: i128 = terms.iter().map(|(m, e)| i128::from(mantissa(*m)) << e).sum();
            let scale = |x: f64| x * 2f64.powi(unit / 2) * 2f64.powi(unit - unit / 2);
            let terms: Vec<f64> = terms.iter().map(|(m, e)| scale((i128::from(mantissa(*m)) << e) as f64)).collect();
            // Where the scaled total is normal or an exact integer of units, the scale rounds nothing.
            prop_assume!(unit >= -1000 || total.unsigned_abs() < 1 << 53);
            prop_assert_eq!(sum(&terms).to_bits(), (scale(total as f64) + 0.0).to_bits());
        }

        #[test]
        fn any_split_and_any_order_has_the_same_bits(terms in prop::collection::vec(double(), 1..80), cut in any::<prop::sample::Index>(), seed in any::<u64>()) {
            let whole = sum(&terms);
            let mut mixed = terms.clone();
            mixed.sort_by_key(|term| term.to_bits().wrapping_mul(seed | 1));
            let (one, two) = mixed.split_at(cut.index(mixed.len()));
            let of = |terms: &[f64]| {
                let mut sum = Exact::default();
                terms.iter().for_each(|term| sum.add(*term));
                sum
            };
            let (mut left, mut right) = (of(one), of(two));
            left.merge(&of(two));
            right.merge(&of(one));
            prop_assert_eq!(left.value().to_bits(), whole.to_bits());
            prop_assert_eq!(&left, &right);
            let (negative, digits) = left.magnitude();
            prop_assert_eq!(Exact::of_magnitude(negative, &digits).unwrap(), left);
        }
    }
}
