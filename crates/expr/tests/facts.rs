//! How far facts are, and what lies between two places, in numbers found by hand.

use expr::Fact;
use expr::Fact::*;

const BEYOND_REACH: f64 = f64::INFINITY;

#[test]
fn distances_are_those_to_the_singularity() {
    for (fact, at, expected) in [
        (LowerOpen(0, 1.0), &[3.0][..], 2.0),
        (LowerClosed(0, -1.0), &[-3.0], -2.0),
        (UpperOpen(0, 1.0), &[-1.0], 2.0),
        (UnitClosed(0), &[-0.25], 0.75),
        (UnitOpen(0), &[-3.0], -2.0),
        (OutsideUnit(0), &[-3.0], 2.0),
        (NonZero(1), &[7.0, -2.0], 2.0),
        (VerticalTangent(0), &[-2.0], 2.0),
        (Zero(0), &[0.5], 0.5),
        // By the integer power of a negative base it is 0 that ends what is defined, by others the base itself.
        (Power, &[-2.0, 0.5], -2.0),
        (Power, &[-2.0, 2.0], 2.0),
        (Power, &[3.0, 0.5], 3.0),
        (Power, &[0.0, 3.0], 2.0),
        (Power, &[0.0, 0.5], -0.5),
        (Exponent, &[-2.0, 1.0], -2.0),
        (Exponent, &[0.5, 1.0], BEYOND_REACH),
        (Exponent, &[0.0, 1.0], BEYOND_REACH),
        (IntegerPower, &[-2.0, -1.0], 2.0),
        (IntegerPower, &[2.0, 0.0], BEYOND_REACH),
        (IntegerPower, &[2.0, 1.0], BEYOND_REACH),
        (NotBothZero(0, 1), &[3.0, -4.0], 5.0),
        (BothZero(0, 1), &[-3.0, 4.0], 5.0),
        (Tie(0, 1), &[1.0, -2.0], 3.0),
        (Integer(0), &[2.75], 0.25),
        (Integer(0), &[-2.75], 0.25),
        (NonZeroInteger(0), &[0.25], 0.75),
        (NonZeroInteger(0), &[-0.25], 0.75),
        (NonZeroInteger(0), &[1.75], 0.25),
        (NonZeroInteger(0), &[-1.75], 0.25),
        (HalfInteger(0), &[2.25], 0.25),
        (HalfInteger(0), &[-2.75], 0.25),
        // A step of 4 within 11 is met nearly three times as often by the divisor as by the dividend.
        (Multiple(0, 1), &[1.0, 4.0], 1.0),
        (Multiple(0, 1), &[3.0, -4.0], 1.0),
        (Multiple(0, 1), &[-11.0, 4.0], 1.0 / 2.75),
        (NonZeroMultiple(0, 1), &[-11.0, 4.0], 1.0 / 2.75),
        (NonZeroMultiple(0, 1), &[-1.0, -4.0], 3.0),
        (NonZeroMultiple(0, 1), &[1.0, 4.0], 3.0),
        (Cut(0, 1), &[-3.0, -1.0], 3.0),
        (Cut(0, 1), &[3.0, 0.0], BEYOND_REACH),
        (Cut(0, 1), &[3.0, 1.0], BEYOND_REACH),
    ] {
        assert_eq!(fact.distance(at), expected, "{fact:?} at {at:?}");
    }
    assert!(Zero(0).distance(&[f64::NAN]).is_nan());
}

#[test]
fn kinks_and_jumps_lie_between_two_places_or_do_not() {
    let rows: [(Fact, [f64; 2], [f64; 2], bool); 22] = [
        (Zero(0), [1.0, 0.0], [-1.0, 0.0], true),
        (Zero(0), [0.0, 0.0], [1.0, 0.0], true),
        (Zero(0), [1.0, 0.0], [2.0, 0.0], false),
        (Tie(0, 1), [1.0, 2.0], [3.0, 2.0], true),
        (Tie(0, 1), [1.0, -1.0], [1.5, -1.0], false),
        (Integer(0), [0.5, 0.0], [1.5, 0.0], true),
        (Integer(0), [-0.5, 0.0], [0.5, 0.0], true),
        (Integer(0), [0.2, 0.0], [0.8, 0.0], false),
        (NonZeroInteger(0), [1.5, 0.0], [2.5, 0.0], true),
        (NonZeroInteger(0), [-0.5, 0.0], [-1.5, 0.0], true),
        // On both sides of 0 the integer part is 0.
        (NonZeroInteger(0), [-0.5, 0.0], [0.5, 0.0], false),
        (HalfInteger(0), [0.4, 0.0], [0.6, 0.0], true),
        (HalfInteger(0), [0.6, 0.0], [1.4, 0.0], false),
        (Multiple(0, 1), [1.0, 2.0], [3.0, 2.0], true),
        (Multiple(0, 1), [-1.0, 2.0], [1.0, 2.0], true),
        (Multiple(0, 1), [1.0, 2.0], [1.5, 2.0], false),
        (NonZeroMultiple(0, 1), [1.0, 2.0], [3.0, 2.0], true),
        (NonZeroMultiple(0, 1), [-1.0, 2.0], [1.0, 2.0], false),
        (Cut(0, 1), [1.0, -1.0], [-1.0, -1.0], true),
        (Cut(0, 1), [1.0, -1.0], [2.0, -1.0], false),
        (Cut(0, 1), [1.0, 0.5], [-1.0, 0.5], false),
        // No kink, but the end of a domain.
        (NonZero(0), [1.0, 0.0], [-1.0, 0.0], false),
    ];
    for (fact, here, there, expected) in rows {
        assert_eq!(fact.lies_between(&here, &there), expected, "{fact:?} from {here:?} to {there:?}");
        assert_eq!(fact.lies_between(&there, &here), expected, "{fact:?} from {there:?} to {here:?}");
    }
}
