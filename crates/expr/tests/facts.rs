//! How far facts are, and what lies between two places, in numbers found by hand.

use expr::Fact::*;
use expr::{Certainty, Fact, FactDomain};

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
        (Tie(0, 1), &[-2.0, 1.0], 3.0),
        (Integer(0), &[2.75], 0.25),
        (Integer(0), &[-2.75], 0.25),
        (NonZeroInteger(0), &[0.25], 0.75),
        (NonZeroInteger(0), &[-0.25], 0.75),
        (NonZeroInteger(0), &[1.75], 0.25),
        (NonZeroInteger(0), &[-1.75], 0.25),
        (HalfInteger(0), &[2.25], 0.25),
        (HalfInteger(0), &[-2.75], 0.25),
        (HalfInteger(0), &[-2.25], 0.25),
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
    let rows: [(Fact, [f64; 2], [f64; 2], bool); 23] = [
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
        (Cut(0, 1), [1.0, 0.0], [-1.0, 0.0], false),
        // No kink, but the end of a domain.
        (NonZero(0), [1.0, 0.0], [-1.0, 0.0], false),
    ];
    for (fact, here, there, expected) in rows {
        assert_eq!(fact.lies_between(&here, &there), expected, "{fact:?} from {here:?} to {there:?}");
        assert_eq!(fact.lies_between(&there, &here), expected, "{fact:?} from {there:?} to {here:?}");
    }
}

/// All numbers between two.
#[derive(Clone, Copy, Debug)]
struct Between(f64, f64);

impl FactDomain for Between {
    type End = f64;

    fn ends(&self) -> [&f64; 2] {
        [&self.0, &self.1]
    }

    fn end(number: f64) -> f64 {
        number
    }
}

impl Between {
    fn numbers(self) -> impl Iterator<Item = f64> + Clone {
        (0..=((self.1 - self.0) * 2.0) as i32).map(move |k| self.0 + f64::from(k) / 2.0)
    }
}

#[test]
fn what_is_said_of_numbers_between_ends_holds_of_all_of_some_or_of_none() {
    let of = |all: &mut dyn Iterator<Item = bool>| {
        let all: Vec<bool> = all.collect();
        match (all.iter().all(|one| *one), all.contains(&true)) {
            (true, _) => Certainty::Yes,
            (false, true) => Certainty::Maybe,
            (false, false) => Certainty::No,
        }
    };
    let ends = [-1.0, 0.0, 1.0, 2.0];
    let all: Vec<Between> = ends
        .iter()
        .flat_map(|&a| ends.iter().filter(move |b| a <= **b).map(move |&b| Between(a, b)))
        .collect();
    for &a in &all {
        for bound in ends {
            assert_eq!(a.below(bound), of(&mut a.numbers().map(|x| x < bound)), "{a:?} < {bound}");
            assert_eq!(a.at_most(bound), of(&mut a.numbers().map(|x| x <= bound)), "{a:?} <= {bound}");
            assert_eq!(a.above(bound), of(&mut a.numbers().map(|x| x > bound)), "{a:?} > {bound}");
            assert_eq!(a.at_least(bound), of(&mut a.numbers().map(|x| x >= bound)), "{a:?} >= {bound}");
        }
        assert_eq!(a.is_zero(), of(&mut a.numbers().map(|x| x == 0.0)), "{a:?}");
        // Of integers and multiples nothing is known by the ends alone.
        assert_eq!([a.is_integer(), a.is_half_integer(), a.is_multiple_of(&a)], [Certainty::Maybe; 3]);
        for &b in &all {
            let pairs = || a.numbers().flat_map(|x| b.numbers().map(move |y| (x, y)));
            assert_eq!(a.less(&b), of(&mut pairs().map(|(x, y)| x < y)), "{a:?} < {b:?}");
            assert_eq!(a.equals(&b), of(&mut pairs().map(|(x, y)| x == y)), "{a:?} = {b:?}");
        }
    }
    use Certainty::{Maybe, No, Yes};
    assert_eq!([Yes, Maybe, No].map(Certainty::not), [No, Maybe, Yes]);
    assert_eq!([Yes.and(Maybe), Maybe.and(No), Yes.or(No), No.or(Maybe)], [Maybe, No, Yes, Maybe]);
}

#[test]
fn numbers_are_integers_halves_and_multiples_or_not() {
    use Certainty::{No, Yes};
    for (x, integer, half) in
        [(2.0, Yes, No), (-0.0, Yes, No), (2.5, No, Yes), (-0.5, No, Yes), (0.25, No, No), (f64::NAN, No, No)]
    {
        assert_eq!([x.is_integer(), x.is_half_integer()], [integer, half], "{x}");
    }
    for (x, of, multiple) in [(6.0, -2.0, Yes), (0.0, 3.0, Yes), (5.0, 2.0, No), (1.0, 0.0, No)] {
        assert_eq!(x.is_multiple_of(&of), multiple, "{x} of {of}");
    }
    let nan = f64::NAN;
    assert_eq!([nan.is_zero(), nan.equals(&nan), nan.less(&1.0), nan.at_most(0.0)], [No; 4]);
}
