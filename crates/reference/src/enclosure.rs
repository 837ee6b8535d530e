//! One operator by itself, ends given and answered exactly: for checks against other arithmetic (`checks/mpfr`).

use dashu_int::IBig;
use dashu_int::Sign;
use expr::{Op, Scalar};

use crate::endpoint::End;
use crate::interval::{Arithmetic, Interval};

/// An end of an interval, exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// -∞ below, +∞ above.
    Infinite,
    /// `significand`·2^`exponent`.
    Finite {
        /// An integer, in hexadecimal digits, perhaps with a minus sign.
        significand: String,
        /// The power of two.
        exponent: i64,
    },
}

/// An interval, from below and above.
pub type Enclosure = [Bound; 2];

/// What is computed of an operator at intervals, with so many bits.
///
/// # Panics
/// When there are not as many arguments as the operator takes, or a significand is not a hexadecimal integer.
pub fn enclose(op: Op, bits: usize, arguments: &[Enclosure]) -> Enclosure {
    let arithmetic = Arithmetic::new(bits, u64::MAX);
    let end = |bound: &Bound, infinite: End| match bound {
        Bound::Infinite => infinite,
        Bound::Finite { significand, exponent } => End::new(
            IBig::from_str_radix(significand, 16).expect("a hexadecimal integer"),
            *exponent as isize,
        ),
    };
    let intervals: Vec<Interval<'_>> = arguments
        .iter()
        .map(|[low, high]| {
            Interval::new(&arithmetic, end(low, End::neg_infinity()), end(high, End::infinity()))
        })
        .collect();
    assert_eq!(intervals.len(), op.arity());
    let found = Interval::apply(op, &intervals);
    let bound = |end: End, outward: Sign| match end.is_infinite() {
        true => {
            assert_eq!(end.sign(), outward, "{op:?}: a lower end at +∞ or an upper one at -∞");
            Bound::Infinite
        }
        false => {
            let (significand, exponent) = end.into_parts();
            Bound::Finite { significand: format!("{}", significand.in_radix(16)), exponent: exponent as i64 }
        }
    };
    [bound(found.low, Sign::Negative), bound(found.high, Sign::Positive)]
}
