//! Every operator as machine code, in bits.

use super::*;
use expr::{Op, Scalar};

/// Numbers of all kinds.
const NUMBERS: [f64; 26] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    3.0,
    -2.5,
    7.0,
    0.1,
    1e-3,
    -1e-9,
    1e9,
    -3e15,
    4503599627370497.5,
    1e300,
    -1e300,
    1e-300,
    5e-324,
    f64::MAX,
    f64::MIN_POSITIVE,
    std::f64::consts::PI,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

fn compiled(straight: &Straight) -> [Native; 2] {
    [Effort::None, Effort::Speed]
        .map(|effort| Native::compile(straight, effort).expect("there is code for it"))
}

#[test]
fn every_operator_has_the_bits_of_its_value() {
    for &op in Op::ALL {
        let written = op.free_arguments();
        // An exponent or order is written out; others are inputs.
        let orders: &[f64] = if op.takes_integer() { &[-3.0, -1.0, 0.0, 1.0, 2.0, 3.0, 5.0] } else { &[0.0] };
        for &order in orders.iter().filter(|&&order| order >= 0.0 || op == Op::Powi) {
            let work = |x: &[Recorded]| {
                let mut arguments = x.to_vec();
                if op.takes_integer() {
                    arguments.push(Recorded::constant(order));
                }
                [vec![Recorded::apply(op, &arguments)], vec![]]
            };
            let codes = compiled(&Straight::record(written, 10, work).unwrap());
            let few = if written == 3 { &NUMBERS[..12] } else { &NUMBERS[..] };
            let count = few.len().pow(written as u32);
            for k in 0..count {
                let x: Vec<f64> =
                    (0..written).map(|i| few[k / few.len().pow(i as u32) % few.len()]).collect();
                let arguments: Vec<f64> = x.iter().copied().chain([order]).collect();
                let expected = op.value(&arguments[..op.arity()]);
                for code in &codes {
                    let mut out = [0.0];
                    code.run(&x, &mut out, &mut []);
                    assert!(same(out[0], expected), "{op:?} of {arguments:?}: {} not {expected}", out[0]);
                }
            }
        }
    }
}

#[test]
fn choices_by_numbers_of_any_kind_and_of_themselves() {
    // By a comparison, by a number that is none, and where both sides are inputs, constants, the condition itself.
    let work = |x: &[Recorded]| {
        use expr::Calculus;
        let one = Recorded::constant(1.0);
        let less = x[0].lt(x[1]);
        [
            vec![less.select(x[0], one), x[0].select(x[1], x[0]), less.select(less, x[1])],
            vec![(x[0] + x[1]).ne(one).select(one, x[0] * x[1])],
        ]
    };
    for code in compiled(&Straight::record(2, 100, work).unwrap()) {
        for (a, b) in NUMBERS.iter().flat_map(|&a| NUMBERS.iter().map(move |&b| (a, b))) {
            let mut out = ([0.0; 3], [0.0]);
            code.run(&[a, b], &mut out.0, &mut out.1);
            let less = f64::from(a < b);
            let expected = [
                if a < b { a } else { 1.0 },
                if a != 0.0 { b } else { a },
                if a < b { less } else { b },
                if a + b != 1.0 { 1.0 } else { a * b },
            ];
            for (found, expected) in out.0.iter().chain(&out.1).zip(expected) {
                assert!(same(*found, expected), "{a}, {b}: {found} not {expected}");
            }
        }
    }
}

#[test]
fn constants_are_folded_and_what_nobody_needs_is_left_out() {
    let work = |x: &[Recorded]| {
        let two = Recorded::constant(2.0);
        _ = x[0] * x[1];
        [vec![x[0] + (two * two + two), two], vec![x[1]]]
    };
    let straight = Straight::record(2, 100, work).unwrap();
    assert_eq!(straight.len(), 5); // inputs, 6, the sum, 2
    for code in compiled(&straight) {
        let mut out = ([0.0; 2], [0.0]);
        code.run(&[1.0, 5.0], &mut out.0, &mut out.1);
        assert_eq!(out, ([7.0, 2.0], [5.0]));
    }
}

#[test]
fn what_changes_no_number_is_left_out_and_nothing_else() {
    let work = |x: &[Recorded]| {
        let [zero, one] = [0.0, 1.0].map(Recorded::constant);
        let minus = Recorded::constant(-0.0);
        let same = vec![x[0] + minus, minus + x[0], x[0] - zero, x[0] * one, one * x[0], x[0] / one];
        [same, vec![x[0] + zero, zero + x[0], x[0] - minus]]
    };
    let straight = Straight::record(1, 100, work).unwrap();
    assert_eq!(straight.outputs[0], [0; 6]);
    for code in compiled(&straight) {
        for x in NUMBERS {
            let mut out = ([0.0; 6], [0.0; 3]);
            code.run(&[x], &mut out.0, &mut out.1);
            assert!(
                out.0.iter().all(|&found| same(found, x)) && out.1.iter().all(|&found| same(found, x + 0.0))
            );
        }
    }
}

#[test]
fn pages_with_code_cannot_be_written() {
    let Ok(maps) = std::fs::read_to_string("/proc/self/maps") else { return }; // not Linux
    let is_both = |maps: &str| maps.lines().any(|line| line.contains("rwx"));
    assert!(!is_both(&maps));
    let codes = compiled(&Straight::record(1, 10, |x| [vec![x[0] * x[0]], vec![]]).unwrap());
    assert!(!is_both(&std::fs::read_to_string("/proc/self/maps").unwrap()), "{codes:?}");
}

#[test]
fn long_code_spills_and_is_right() {
    // All products are kept until they are added from the last to the first.
    let work = |x: &[Recorded]| {
        let products: Vec<Recorded> = (0..3000).map(|k| x[k % 7] * Recorded::constant(k as f64)).collect();
        [vec![products.iter().rev().copied().reduce(|a, b| a + b).unwrap()], vec![]]
    };
    let x = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7];
    let expected = (0..3000).rev().map(|k| x[k % 7] * k as f64).reduce(|a, b| a + b).unwrap();
    for code in compiled(&Straight::record(7, 10_000, work).unwrap()) {
        let mut out = [0.0];
        code.run(&x, &mut out, &mut []);
        assert_eq!(out, [expected]);
        assert!(code.bytes() > 3000);
    }
}

#[test]
fn code_comes_with_the_calls_and_once() {
    let mut tier = Tier::default();
    let work = |most| Straight::record(1, most, |x| [vec![x[0] * x[0]], vec![]]);
    let mut asked = 0;
    while tier
        .code(|| {
            asked += 1;
            work
        })
        .is_none()
    {
        std::thread::yield_now();
    }
    assert_eq!(asked, 1);
    let mut out = [0.0];
    tier.code(|| work).unwrap().run(&[3.0], &mut out, &mut []);
    assert_eq!(out, [9.0]);
}

#[test]
fn code_that_would_be_too_long_is_not_made() {
    let mut tier = Tier::default();
    tier.compile(|most| Straight::record(most + 1, most, |x| [x.to_vec(), vec![]]));
    assert_eq!(tier.state().unwrap().as_ref().unwrap_err(), &NoNative::TooLong);
}
