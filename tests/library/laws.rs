//! Every row of the operator table against two witnesses that do not share its rules: the certified gradient is made
//! with the same rules but in intervals, so it bounds the rounding; the difference quotient at hundreds of bits uses
//! values only, so it bounds the calculus. And the values against golden ones made by another library.

use std::collections::BTreeSet;

use chainrule::{AccurateBackprop, Backprop, Budget, Derivative, Strategy, Want};
use expr::{Calculus, Constant, DoubleDouble, Expr, Function, Op, Scalar};
use harness::Random;
use harness::judge::ulp_distance;
use reference::{Component, Limits, certify, values};

/// The operator over inputs a, b, c; the exponent of powi, which is no input, as a literal.
fn function(op: Op, point: &[f64], shift: Option<(usize, f64)>) -> Function {
    Function::build(|g| {
        let names = ["a", "b", "c"];
        let inputs = op.free_arguments();
        let arguments = |sign: f64| -> Vec<Expr<'_>> {
            (0..op.arity())
                .map(|k| {
                    let argument = if k < inputs { g.input(names[k]) } else { g.constant(point[k]) };
                    match shift {
                        Some((moved, h)) if moved == k => {
                            argument + g.lift(&Constant::exact(sign * h).unwrap())
                        }
                        _ => argument,
                    }
                })
                .collect()
        };
        match shift {
            None => vec![Expr::apply(op, &arguments(1.0))],
            Some((_, h)) => {
                let rise = Expr::apply(op, &arguments(1.0)) - Expr::apply(op, &arguments(-1.0));
                vec![rise / g.lift(&Constant::exact(2.0 * h).unwrap())]
            }
        }
    })
}

/// Arguments between 2^-100 and 2^100 in size at which the operator has a slope, and an ordinary value.
fn somewhere(op: Op, random: &mut Random) -> Option<Vec<f64>> {
    let exponent = if random.below(2) == 0 { 100.0 } else { 3.0 };
    let mut point: Vec<f64> = (0..op.arity())
        .map(|_| {
            let size = random.between(-exponent, exponent).exp2();
            if random.below(2) == 0 { size } else { -size }
        })
        .collect();
    match op {
        Op::Asin | Op::Acos | Op::Atanh | Op::Erfinv => point[0] = point[0].sin(),
        Op::Logit => point[0] = point[0].sin().abs(),
        // The remainder of a quotient of many digits depends on its last bit.
        Op::Mod | Op::Rem => point[1] = point[0] / random.between(-1000.0, 1000.0),
        _ => {}
    }
    if op == Op::Powi {
        point[1] = [-3.0, -1.0, 2.0, 3.0, 5.0][random.below(5)];
    } else if op.takes_integer() {
        point[op.free_arguments()] = random.below(4) as f64;
    }
    let ordinary = |value: f64| value.is_normal() && value.abs() < 1e300;
    let clear = op.undefined_at(&point).is_none() && op.kink_at(&point).is_none();
    (clear && point.iter().all(|&x| ordinary(x)) && (ordinary(op.value(&point)) || op.value(&point) == 0.0))
        .then_some(point)
}

/// How many ULP a rule may lose in these arguments.
fn allowed(op: Op, k: usize, point: &[f64]) -> f64 {
    match op {
        Op::Pow if k == 0 => 4.0 + point[0].abs().ln().abs(),
        // By the exponential of the square of the value, which is rounded.
        Op::Erfinv => 4.0 + op.value(point).powi(2),
        _ => 4.0,
    }
}

#[test]
fn local_gradients_are_certified() {
    let mut worst: Vec<(f64, String)> = Vec::new();
    let mut seen = BTreeSet::new();
    for &op in Op::ALL {
        let mut random = Random::new(7, &["laws", op.name()], 0);
        let slopes: Vec<usize> = (0..op.arity()).filter(|&k| op.has_slope(k)).collect();
        let mut told = 0;
        for _ in 0..4000 {
            let Some(point) = somewhere(op, &mut random) else { continue };
            let f = function(op, &point, None);
            let certificate = certify(&f, &point[..f.input_count()], &Limits::default());
            let mut local = [0.0; 3];
            op.pull_back(7, &point, &op.value(&point), &1.0, |k, slope| local[k] = slope);
            for &k in &slopes {
                let Component::Certified { gradient, .. } = certificate.gradients[0][k] else {
                    panic!("{op:?} at {point:?}: {:?}", certificate.gradients[0][k])
                };
                if !(gradient.is_normal() && gradient.abs() < 1e300) && gradient != 0.0 {
                    continue;
                }
                let off = ulp_distance(local[k], gradient);
                worst.push((
                    off / allowed(op, k, &point),
                    format!("{op:?}, argument {k} at {point:?}: {} for {gradient}, {off} ULP", local[k]),
                ));
                told += 1;
            }
            if told >= 300 {
                break;
            }
        }
        assert!(told >= 100 || slopes.is_empty(), "{op:?}: only {told} points");
        seen.insert(op);
    }
    assert_eq!(seen.len(), Op::ALL.len());
    worst.sort_by(|a, b| b.0.total_cmp(&a.0));
    let wrong: Vec<&String> = worst.iter().filter(|(off, _)| *off > 1.0).map(|(_, text)| text).collect();
    assert!(
        wrong.is_empty(),
        "{} of {}, the first:\n{:#?}",
        wrong.len(),
        worst.len(),
        &wrong[..wrong.len().min(20)]
    );
}

/// Logarithms of any base are quotients of two, and their derivatives products of three numbers and more.
#[test]
fn logarithms_of_any_base_are_within_a_few_units() {
    let f = syntax::parse("log(x, b)").expect("it is in the language");
    let mut random = Random::new(19, &["laws", "log"], 0);
    let mut backprop = Backprop.prepare(&f, Want::Gradient, &Budget::default()).expect("it is small");
    let mut found = Derivative::default();
    for _ in 0..2000 {
        let power = |random: &mut Random, size: f64| 10f64.powf(random.between(-size, size));
        let point = [power(&mut random, 300.0), power(&mut random, 3.0)];
        if (point[1] - 1.0).abs() < 0.01 {
            continue;
        }
        backprop.run(&point, &mut found).expect("it is flat");
        let certificate = certify(&f, &point, &Limits::default());
        let value = certificate.values[0].expect("it is defined");
        assert!(ulp_distance(found.values[0], value) <= 4.0, "{point:?}: {} for {value}", found.values[0]);
        for (found, component) in found.gradient.iter().zip(&certificate.gradients[0]) {
            let Component::Certified { gradient, .. } = component else { panic!("{component:?}") };
            let off = ulp_distance(*found, *gradient);
            assert!(!gradient.is_normal() || off <= 4.0, "{point:?}: {found} for {gradient}, {off} ULP");
        }
    }
}

#[test]
fn rules_are_the_slopes_of_their_values() {
    for &op in Op::ALL {
        let mut random = Random::new(11, &["quotients", op.name()], 0);
        let mut told = 0;
        for _ in 0..2000 {
            let Some(point) = somewhere(op, &mut random) else { continue };
            let mut local = [0.0; 3];
            op.pull_back(7, &point, &op.value(&point), &1.0, |k, slope| local[k] = slope);
            for k in 0..op.free_arguments() {
                // Small beside the argument and beside what is special about it.
                let near = op.distance_to_singularity(&point).min(point[k].abs()).min(1.0);
                let h = (near.log2().floor() - 40.0).exp2();
                let f = function(op, &point, Some((k, h)));
                let Some(slope) =
                    values(&f, &point[..f.input_count()], &Limits { first_bits: 384, ..Limits::default() })
                        [0]
                else {
                    panic!("{op:?} at {point:?}: no certified difference")
                };
                // Functions that turn many times within an argument's size have no slope at its scale.
                let resolved = point[k].abs() < 1e6 || !matches!(op, Op::Sin | Op::Cos | Op::Tan);
                if !slope.is_normal() && slope != 0.0 || !resolved {
                    continue;
                }
                let close = (local[k] - slope).abs() <= 1e-9 * slope.abs();
                assert!(
                    close,
                    "{op:?}, argument {k} at {point:?}: the rule says {}, the values {slope}",
                    local[k]
                );
                told += 1;
            }
            if told >= 100 {
                break;
            }
        }
        assert!(told >= 50, "{op:?}: only {told} points");
    }
}

#[test]
fn the_complex_step_is_a_witness_of_its_own() {
    use expr::Complex;
    for &op in Op::ALL.iter().filter(|&&op| Complex::continues(op)) {
        let mut random = Random::new(13, &["complex", op.name()], 0);
        let mut told = 0;
        for _ in 0..2000 {
            let Some(point) = somewhere(op, &mut random) else { continue };
            let f = function(op, &point, None);
            let certificate = certify(&f, &point[..f.input_count()], &Limits::default());
            for (k, component) in certificate.gradients[0].iter().enumerate() {
                let Component::Certified { gradient, .. } = *component else { continue };
                if !(gradient.is_normal() && gradient.abs() < 1e200 && gradient.abs() > 1e-200)
                    && gradient != 0.0
                {
                    continue;
                }
                let step = |j: usize| if j == k { 1e-100 } else { 0.0 };
                let z: Vec<Complex> =
                    point.iter().enumerate().map(|(j, &re)| Complex { re, im: step(j) }).collect();
                let found = Complex::apply(op, &z).im / 1e-100;
                assert!(
                    (found - gradient).abs() <= 1e-12 * gradient.abs(),
                    "{op:?}, argument {k} at {point:?}: {found} for {gradient}"
                );
                told += 1;
            }
            if told >= 200 {
                break;
            }
        }
        assert!(told >= 50, "{op:?}: only {told} points");
    }
}

#[test]
fn double_doubles_have_thirty_digits() {
    for &op in Op::ALL {
        let mut random = Random::new(17, &["double-double", op.name()], 0);
        let (mut told, mut worst) = (0, (0.0, String::new()));
        for _ in 0..2000 {
            let Some(point) = somewhere(op, &mut random) else { continue };
            // The value as a slope, of which the reference tells what it has beyond the nearest double.
            let f = Function::build(|g| {
                let arguments: Vec<Expr<'_>> = point.iter().map(|&x| g.constant(x)).collect();
                vec![g.input("y") * Expr::apply(op, &arguments)]
            });
            let limits = Limits { first_bits: 256, ..Limits::default() };
            let Component::Certified { gradient, rest, .. } = certify(&f, &[1.0], &limits).gradients[0][0]
            else {
                panic!("{op:?} at {point:?} is not certified")
            };
            // Below 1e-270 the error of a product is smaller than any double.
            if gradient != 0.0 && gradient.abs() < 1e-270 {
                continue;
            }
            let arguments: Vec<DoubleDouble> = point.iter().map(|&x| x.into()).collect();
            let found = DoubleDouble::apply(op, &arguments);
            let off =
                ((found.hi - gradient) + (found.lo - rest)).abs() / gradient.abs().max(f64::MIN_POSITIVE);
            if off > worst.0 {
                worst = (off, format!("{op:?} at {point:?}: {found:?} for {gradient:e} + {rest:e}"));
            }
            told += 1;
            if told >= 300 {
                break;
            }
        }
        assert!(told >= 100, "{op:?}: only {told} points");
        // Exponentials lose as many digits as their argument has before the point.
        assert!(worst.0 < 1e-29, "{}, {:e}", worst.1, worst.0);
    }
}

/// Where doubles by more than `most` ULP, or double-doubles, miss a certified slope that a double can hold.
fn wrong_slopes(f: &Function, point: &[f64], most: f64) -> impl Iterator<Item = String> {
    let at = &point[..f.input_count()];
    let certificate = certify(f, at, &Limits::default());
    let of = |strategy: &dyn Strategy| {
        let mut found = Derivative::default();
        let mut ready = strategy.prepare(f, Want::Gradient, &Budget::default()).expect("small");
        ready.run(at, &mut found).expect("flat");
        found.gradient
    };
    let (plain, accurate) = (of(&Backprop), of(&AccurateBackprop));
    let mut wrong = Vec::new();
    for (k, component) in certificate.gradients[0].iter().enumerate() {
        let Component::Certified { gradient, .. } = component else { continue };
        let off = [plain[k], accurate[k]].map(|found| ulp_distance(found, *gradient));
        if off[0] > most || off[1] > if gradient.is_subnormal() { 8.0 } else { 1.0 } {
            wrong.push(format!("slope {k}: {off:?} ULP off {gradient:e}"));
        }
    }
    wrong.into_iter()
}

/// `operator, arguments, value to 45 digits`, made by `tests/library/golden.py` with mpmath.
const GOLDEN: &str = include_str!("golden.tsv");

#[test]
fn values_are_the_golden_ones() {
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for line in GOLDEN.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let op = Op::by_name(columns[0]).unwrap_or_else(|| panic!("no operator {}", columns[0]));
        let number = |text: &str| match text {
            "nan" => f64::NAN,
            text => text.parse().unwrap_or_else(|_| panic!("{line}")),
        };
        let point: Vec<f64> = columns[1].split(',').map(number).collect();
        let (truth, found) = (number(columns[2]), op.value(&point));
        seen.insert(op);
        // std's elementary functions promise a unit or two; subnormals count in their own units.
        if ulp_distance(found, truth) > 2.0 {
            wrong.push(format!("{line}: {found:e}, {} ULP", ulp_distance(found, truth)));
        }
        let numbers: Vec<DoubleDouble> = point.iter().map(|&x| x.into()).collect();
        let accurate = DoubleDouble::apply(op, &numbers).hi;
        if ulp_distance(accurate, truth) > 1.0 {
            wrong.push(format!("{line}: {accurate:e} in double-doubles"));
        }
        let finite = point.iter().all(|x| x.is_finite()) && truth.is_finite();
        if finite && op.undefined_at(&point).is_none() {
            let f = function(op, &point, None);
            let certified = values(&f, &point[..f.input_count()], &Limits::default())[0];
            if certified != Some(truth) {
                wrong.push(format!("{line}: certified {certified:?}"));
            }
            let most = if op == Op::Erfinv { allowed(op, 0, &point).max(8.0) } else { 8.0 };
            wrong.extend(wrong_slopes(&f, &point, most).map(|what| format!("{line}: {what}")));
        }
    }
    let missing: Vec<&Op> = Op::ALL.iter().filter(|op| !seen.contains(op)).collect();
    assert!(missing.is_empty(), "no golden values of {missing:?}");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_bent_rule_is_seen_by_the_quotient() {
    // The witness is worth nothing if it would believe anything: s(1 - s) at 40 is 100% wrong.
    let op = Op::Sigmoid;
    let f = function(op, &[40.0], Some((0, 2f64.powi(-40))));
    let slope = values(&f, &[40.0], &Limits { first_bits: 384, ..Limits::default() })[0].unwrap();
    let s = op.value(&[40.0]);
    assert!((s * (1.0 - s) - slope).abs() > 0.5 * slope);
    assert!((s * (-40.0f64).sigmoid() - slope).abs() < 1e-9 * slope);
}

#[test]
fn values_and_slopes_reach_as_far_as_doubles() {
    let far = [1e308, f64::MAX, 720.0, 710.0, 27.0, 1e154, 1e-154, 1e-300, 3e-310, 5e-324, 0.5, 1.0, 3.0];
    // What rules lose in the last doubles before infinity, and in the subnormal ones, is known: the hypotenuse
    // overflows, b - 1 is b, and a subnormal result has as few digits as it has.
    let known = |op: Op, point: &[f64]| match op {
        Op::Acosh => point[0] == f64::MAX,
        Op::Atan2 | Op::Hypot => point.iter().any(|x| x.abs() == f64::MAX || x.is_subnormal()),
        Op::Mod => point.iter().any(|x| x.abs() > f64::MAX / 4.0),
        Op::Lognormcdf => point[0].abs() == f64::MAX,
        Op::Pow => point[0].is_subnormal(),
        Op::Powi => point[0].is_subnormal() || point[1].abs() > 9e15,
        _ => false,
    };
    let far: Vec<f64> = far.into_iter().flat_map(|x| [x, -x]).collect();
    let mut wrong = Vec::new();
    for &op in Op::ALL.iter().filter(|op| op.arity() < 3) {
        for &a in &far {
            for &b in if op.arity() == 2 { &far[..] } else { &[3.0] } {
                let order = if op == Op::Powi { b.round() } else { b.abs().min(3.0).round() };
                let point = [a, if op.takes_integer() { order } else { b }];
                let point = &point[..op.arity()];
                if op.undefined_at(point).is_some() || op.kink_at(point).is_some() {
                    continue;
                }
                let f = function(op, point, None);
                let certified = values(&f, &point[..f.input_count()], &Limits::default())[0];
                let numbers: Vec<DoubleDouble> = point.iter().map(|&x| x.into()).collect();
                let found = DoubleDouble::apply(op, &numbers).hi;
                if certified.is_some_and(|truth| truth.is_finite() && ulp_distance(found, truth) > 1.0) {
                    wrong.push(format!("{op:?} at {point:?}: {found:e} and not {certified:?}"));
                }
                if !known(op, point) {
                    wrong.extend(
                        wrong_slopes(&f, point, 8.0).map(|what| format!("{op:?} at {point:?}: {what}")),
                    );
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
