//! Kernels against double-double numbers, lanes against single numbers.

use super::{Kernel, exponential};
use expr::{DoubleDouble, Op, Scalar};

/// Numbers without a pattern (Marsaglia 2003).
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / 2f64.powi(53)
    }

    /// Of either sign and any size, more often of an ordinary one.
    fn number(&mut self) -> f64 {
        match self.bits() % 8 {
            0 => f64::from_bits(self.bits()),
            1 => (self.unit() - 0.5) * 1e5,
            2 => (self.unit() - 0.5) * 1400.0,
            3 => (self.unit() - 0.5) * 50.0,
            4 => (self.unit() - 0.5) * (-60.0 * self.unit()).exp2(),
            5 => 1.0 + (self.unit() - 0.5) * (-50.0 * self.unit()).exp2(),
            _ => (self.unit() - 0.5) * 8.0,
        }
    }
}

/// Numbers where something changes: ends of ranges, multiples of constants of the reductions, and their neighbours.
fn edges(multiples: i32) -> Vec<f64> {
    let mut at =
        vec![0.0, 0.5, 1.0, 2.0, 5e-324, 1e-310, f64::MIN_POSITIVE, 1e-300, 1e-20, 1e-17, 1e-16, 1e-10];
    at.extend([
        1e-8, 19.0, 22.0, 26.6, 27.0, 28.0, 36.0, 37.0, 40.0, 700.0, 708.0, 709.0, 709.8, 710.0, 745.0,
    ]);
    at.extend([
        746.0,
        1021.0,
        1022.0,
        1024.0,
        1074.0,
        1075.0,
        5e4,
        1e5,
        1e10,
        1e22,
        1e300,
        f64::MAX,
        f64::INFINITY,
    ]);
    at.extend([std::f64::consts::SQRT_2, std::f64::consts::FRAC_1_SQRT_2, f64::NAN]);
    for k in 1..multiples {
        for step in [std::f64::consts::FRAC_PI_4, std::f64::consts::LN_2 / 2.0, 0.5] {
            at.push(f64::from(k) * step);
        }
    }
    let with_neighbours = at.iter().flat_map(|a| [*a, a.next_up(), a.next_down()]);
    with_neighbours.flat_map(|a| [a, -a]).collect()
}

/// The last digit of a number.
fn unit_in_last_place(a: f64) -> f64 {
    let a = a.abs();
    if a == f64::MAX { a - a.next_down() } else { a.next_up() - a }
}

/// How far a value is from the truth, in units of the last place of the truth.
fn off(found: f64, truth: DoubleDouble) -> f64 {
    if found == truth.hi && (truth.hi.abs() < 1e-290 || found.is_infinite())
        || found.is_nan() && truth.hi.is_nan()
    {
        // Too small for a second half.
        return 0.0;
    }
    (((found - truth.hi) - truth.lo) / unit_in_last_place(truth.hi)).abs()
}

/// How far it may be.
fn allowed(op: Op) -> f64 {
    match op {
        Op::Exp | Op::Ln | Op::Exp2 | Op::Log2 | Op::Log10 => 0.8,
        Op::Sin | Op::Cos | Op::Asin | Op::Acos | Op::Atan => 0.85,
        Op::Tan => 1.0,
        Op::Tanh => 1.5,
        // A sum of two that may have been rounded each, and std's in the subnormal range.
        _ => 2.0,
    }
}

/// The arguments where a function is the worst of so many, and how bad.
fn worst(op: Op, f: impl Fn(&[f64]) -> f64, count: usize, multiples: i32) -> (f64, Vec<f64>) {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let edges = edges(multiples);
    let mut worst = (0.0, vec![]);
    for k in 0..edges.len() + count {
        let first = if k < edges.len() { edges[k] } else { random.number() };
        let at = [first, random.number()];
        let at = &at[..op.arity()];
        let truth = DoubleDouble::apply(op, &at.iter().map(|&a| a.into()).collect::<Vec<_>>());
        let found = off(f(at), truth);
        assert!(!found.is_nan(), "{op:?} at {at:?}: {} for {truth:?}", f(at));
        // Subnormal results, where std is asked, have fewer digits.
        if truth.hi.abs() < f64::MIN_POSITIVE && found <= 2.0 {
            continue;
        }
        if found > worst.0 {
            worst = (found, at.to_vec());
        }
    }
    worst
}

#[allow(clippy::print_stdout)]
fn check(count: usize, multiples: i32) {
    let mut wrong = Vec::new();
    for &op in Op::WITH_KERNEL {
        let (off, at) = worst(op, |at| op.value(at), count, multiples);
        println!("{:<9} {off:.3} ULP at {at:?}", op.name());
        if off > allowed(op) {
            wrong.push(format!("{op:?} at {at:?}: {off} ULP"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn values_are_within_their_bounds() {
    check(20_000, 1000);
}

/// `cargo test --release -p chainrule-elementary -- --ignored --nocapture`
#[test]
#[ignore = "minutes"]
fn values_are_within_their_bounds_at_ten_million_arguments() {
    check(10_000_000, 70_000);
}

#[test]
fn zeros_keep_their_sign_and_exact_values_are_exact() {
    let value = |op: Op, a: f64| op.value(&[a]);
    for op in [Op::Sin, Op::Tan, Op::Asin, Op::Atan, Op::Tanh, Op::Sinh, Op::Expm1, Op::Log1p] {
        for tiny in [0.0, 5e-324, 1e-310, 1e-300, 1e-20] {
            assert_eq!(value(op, tiny).to_bits(), tiny.to_bits(), "{op:?} at {tiny}");
            assert_eq!(value(op, -tiny).to_bits(), (-tiny).to_bits(), "{op:?} at -{tiny}");
        }
    }
    for op in [Op::Exp, Op::Exp2, Op::Cos, Op::Cosh, Op::Expmsq] {
        assert_eq!((value(op, 0.0), value(op, -0.0)), (1.0, 1.0), "{op:?}");
    }
    for op in [Op::Ln, Op::Log2, Op::Log10] {
        assert_eq!(value(op, 1.0).to_bits(), 0, "{op:?}");
    }
    for k in -1022..1024 {
        let power = f64::from_bits(((k + 1023) as u64) << 52);
        assert_eq!(value(Op::Log2, power), f64::from(k));
        assert_eq!(value(Op::Exp2, f64::from(k)), power);
    }
    assert_eq!(value(Op::Log10, 1000.0), 3.0);
    assert_eq!(value(Op::Tanh, f64::INFINITY), 1.0);
    assert_eq!(value(Op::Tanh, -30.0), -1.0);
    assert!(Op::Exp.value(&[710.0]) == f64::INFINITY && Op::Exp.value(&[-746.0]) == 0.0);
}

#[test]
fn odd_functions_are_odd_and_even_ones_even() {
    let mut random = Random(7);
    for _ in 0..20_000 {
        let a = random.number();
        for op in [Op::Sin, Op::Tan, Op::Asin, Op::Atan, Op::Sinh, Op::Tanh] {
            let (plus, minus) = (op.value(&[a]), op.value(&[-a]));
            assert!(plus == -minus || plus.is_nan() && minus.is_nan(), "{op:?} at {a}");
        }
        for op in [Op::Cos, Op::Cosh, Op::Expmsq] {
            let (plus, minus) = (op.value(&[a]), op.value(&[-a]));
            assert!(plus == minus || plus.is_nan() && minus.is_nan(), "{op:?} at {a}");
        }
    }
}

#[test]
fn lanes_have_the_bits_of_single_numbers() {
    let mut random = Random(3);
    let edges = edges(50);
    for &op in Op::ALL {
        for round in 0..2000 {
            // All of a kind, or edges among them.
            let strange = round % 4;
            let mut number = || match strange > 0 && random.bits() % 8 < strange {
                true => edges[(random.bits() % edges.len() as u64) as usize],
                false => (random.unit() - 0.3) * 4.0,
            };
            let arguments: Vec<[f64; 8]> =
                (0..op.arity()).map(|_| std::array::from_fn(|_| number())).collect();
            let found = op.lanes(&arguments);
            for (k, found) in found.iter().enumerate() {
                let at: Vec<f64> = arguments.iter().map(|argument| argument[k]).collect();
                let value = op.value(&at);
                assert_eq!(found.to_bits(), value.to_bits(), "{op:?} at {at:?}: {found} and {value}");
            }
        }
    }
}

#[test]
fn a_coefficient_that_is_wrong_in_its_last_digits_is_seen() {
    for (which, change) in [(0, 3e-14), (1, 3e-13), (2, 4e-12), (3, 7e-11)] {
        let mut coefficients = exponential::REST;
        coefficients[which] *= 1.0 + change;
        let mutated = |at: &[f64]| match super::Exp::fits([at[0]]) {
            true => exponential::exp_with(at[0], &coefficients),
            false => at[0].exp(),
        };
        let (off, at) = worst(Op::Exp, mutated, 20_000, 1000);
        assert!(off > allowed(Op::Exp), "coefficient {which}: only {off} ULP at {at:?}");
    }
    // Ranges matter as well: the kernel of the logarithm knows nothing of subnormal numbers.
    let outside = |at: &[f64]| super::Ln::near([at[0]]);
    assert!(!super::Ln::fits([5e-324]) && outside(&[5e-324]) != Op::Ln.value(&[5e-324]));
}
