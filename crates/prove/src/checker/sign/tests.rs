//! Signs and discs, held against the numbers that they speak of.

use num_rational::BigRational;
use num_traits::ToPrimitive;

use super::*;

/// Complex numbers of each kind: negative, zero, positive, not real.
const KINDS: [&[(i64, i64)]; 4] =
    [&[(-2, 0), (-1, 0)], &[(0, 0)], &[(1, 0), (2, 0)], &[(0, 1), (1, 1), (1, -1), (-1, 2)]];

/// The numbers that a mask allows. What is not known to be real may also be real.
fn allowed(mask: Mask) -> Vec<Coefficient> {
    let kinds = KINDS.iter().enumerate().filter(|(bit, _)| mask.0 >> bit & 1 == 1);
    let numbers = kinds.flat_map(|(_, numbers)| numbers.iter());
    let parts = |n: i64| BigRational::from_integer(n.into());
    numbers.map(|&(re, im)| Coefficient { re: parts(re), im: parts(im) }).collect()
}

/// The bit of a number's kind.
fn kind(c: &Coefficient) -> u8 {
    match c.real() {
        None => 8,
        Some(c) if c.is_zero() => 2,
        Some(c) if c.is_positive() => 4,
        Some(_) => 1,
    }
}

fn kinds(of: impl Iterator<Item = Coefficient>) -> Mask {
    Mask(of.fold(0, |all, c| all | kind(&c)))
}

fn masks() -> impl Iterator<Item = Mask> {
    (1..16).map(Mask)
}

/// Of what may not be real no sign is known, but whether it is 0.
fn told(mask: Mask) -> Mask {
    match mask {
        _ if mask.within(REAL) => mask,
        _ if mask.has(ZERO) => ANY,
        _ => NOT_ZERO,
    }
}

#[test]
fn signs_of_sums_products_and_powers_are_those_of_numbers() {
    for a in masks() {
        let numbers = allowed(a);
        assert_eq!(a.negated(), kinds(numbers.iter().map(Coefficient::negated)), "-{a:?}");
        numbers.iter().for_each(|c| assert!(c.real().is_none() || Mask::of(c) == Mask(kind(c)), "{c}"));
        for b in masks() {
            let pairs = || numbers.iter().flat_map(|x| allowed(b).into_iter().map(move |y| (x.clone(), y)));
            let sums = kinds(pairs().map(|(x, y)| x.plus(&y)));
            assert!(sums.within(a.plus(b)), "{a:?} + {b:?} is {:?}", a.plus(b));
            if (a.0 | b.0) & 8 == 0 {
                assert_eq!(a.plus(b), sums, "{a:?} + {b:?}");
            } else {
                assert_eq!(a.plus(b), ANY, "{a:?} + {b:?}");
            }
            let products = kinds(pairs().map(|(x, y)| x.times(&y)));
            let exact = match (a.0 | b.0) & 8 == 0 {
                true => products,
                false if a.has(ZERO) || b.has(ZERO) => ANY,
                false => NOT_ZERO,
            };
            assert_eq!(a.times(b), exact, "{a:?}·{b:?}");
            assert!(products.within(exact), "{a:?}·{b:?} is {exact:?}");
            assert_eq!(a.both(b).0, a.0 & b.0);
            assert_eq!((a.within(b), a.has(b)), (a.0 & !b.0 == 0, a.0 & b.0 != 0));
        }
    }
    assert_eq!(Mask::of(&Coefficient::i()), ANY);
}

#[test]
fn signs_of_powers_are_those_of_numbers_and_unknown_where_there_may_be_none() {
    let fraction = |n: i64, d: i64| Coefficient::rational(BigRational::new(n.into(), d.into()));
    for a in masks() {
        for n in [-3, -2, -1, 1, 2, 3_i64] {
            let found = a.power(&Coefficient::integer(n));
            if n < 0 && a.has(ZERO) {
                assert_eq!(found, ANY, "{a:?}^{n}");
                continue;
            }
            let power = |c: Coefficient| {
                let whole = (1..n.abs()).fold(c.clone(), |power, _| power.times(&c));
                if n < 0 { whole.inverse() } else { whole }
            };
            assert_eq!(told(found), told(kinds(allowed(a).into_iter().map(power))), "{a:?}^{n}");
        }
        for (n, d) in [(1, 2), (-1, 2), (2, 3), (-5, 4)] {
            let found = a.power(&fraction(n, d));
            let exists = a.within(NOT_NEGATIVE) && (n > 0 || !a.has(ZERO));
            assert_eq!(found, if exists { a } else { ANY }, "{a:?}^({n}/{d})");
        }
        assert_eq!(a.power(&Coefficient::i()), ANY);
    }
}

/// Points of a disc: its middle, its ends along four directions, and some inside.
fn points(ball: Ball) -> Vec<(f64, f64)> {
    let mut points = vec![(ball.re, ball.im)];
    for turn in 0..8 {
        let (sin, cos) = (std::f64::consts::FRAC_PI_4 * f64::from(turn)).sin_cos();
        points.extend(
            [0.5, 1.0].map(|part| (ball.re + part * ball.err * cos, ball.im + part * ball.err * sin)),
        );
    }
    points
}

/// How far a point is from the middle, against the radius.
fn share(ball: Ball, (re, im): (f64, f64)) -> f64 {
    (re - ball.re).hypot(im - ball.im) / ball.err
}

/// A disc holds all images of the points, and is not much larger than they need.
#[track_caller]
fn fits(ball: Option<Ball>, images: Vec<(f64, f64)>, what: &str) {
    let ball = ball.unwrap_or_else(|| panic!("{what}: no disc"));
    let most = images.iter().map(|&point| share(ball, point)).fold(0.0, f64::max);
    // Less than the part in a thousand by which all comparisons are wider.
    assert!(most <= 1.0 + 1e-9, "{what}: {ball:?} leaves out what is {most} radii off");
    assert!(most >= 0.3, "{what}: {ball:?} is {most} full");
}

#[test]
fn discs_hold_what_they_stand_for_and_little_more() {
    let middles = [(1.5, 0.0), (-2.0, 0.75), (0.25, -3.0), (40.0, 9.0), (-0.125, 0.0)];
    let multiply = |(a, b): (f64, f64), (c, d): (f64, f64)| (a * c - b * d, a * d + b * c);
    for (re, im) in middles {
        for part in [1e-3, 0.05, 0.3] {
            let a = Ball { re, im, err: part * re.hypot(im) };
            let of = |image: &dyn Fn((f64, f64)) -> (f64, f64)| points(a).into_iter().map(image).collect();
            let inverse = |(x, y): (f64, f64)| (x / (x * x + y * y), -y / (x * x + y * y));
            fits(a.inverse(), of(&inverse), "1/a");
            fits(a.exp(), of(&|(x, y)| (x.exp() * y.cos(), x.exp() * y.sin())), "e^a");
            for (re, im) in middles {
                let b = Ball { re, im, err: 0.01 * re.hypot(im) };
                let pairs = || points(a).into_iter().flat_map(|x| points(b).into_iter().map(move |y| (x, y)));
                fits(a.plus(b), pairs().map(|(x, y)| (x.0 + y.0, x.1 + y.1)).collect(), "a + b");
                fits(Some(a.minus(b)), pairs().map(|(x, y)| (x.0 - y.0, x.1 - y.1)).collect(), "a - b");
                fits(a.times(b), pairs().map(|(x, y)| multiply(x, y)).collect(), "a·b");
            }
            let real = Ball { re: re.abs(), im: 0.0, err: part * re.abs() };
            let ends = vec![((real.re - real.err).ln(), 0.0), ((real.re + real.err).ln(), 0.0)];
            fits(real.ln(), ends, "ln a");
        }
    }
}

#[test]
fn discs_of_exact_numbers_count_rounding_in() {
    let a = Ball::new(0.1, -0.3, 0.0).unwrap();
    assert!(a.err >= 0.4e-14 && a.err < 1e-13, "{a:?}");
    let zero = Ball::new(0.0, 0.0, 0.0).unwrap();
    assert!(zero.err > 0.0 && zero.err < 1e-290 && !zero.is_apart());
    let exact = Ball { re: 0.1, im: -0.3, err: 0.0 };
    let (product, difference) =
        (exact.times(exact).unwrap(), exact.minus(Ball { re: 0.3, im: 0.1, err: 0.0 }));
    for ball in
        [product, difference, exact.exp().unwrap(), exact.inverse().unwrap(), exact.plus(exact).unwrap()]
    {
        assert!(ball.err >= 1e-15 * ball.size() && ball.err < 1e-13 * (1.0 + ball.size()), "{ball:?}");
    }
}

#[test]
fn there_is_no_disc_where_there_is_no_number() {
    assert_eq!(Ball::new(f64::NAN, 0.0, 0.0), None);
    assert_eq!(Ball::new(0.0, f64::INFINITY, 0.0), None);
    assert_eq!(Ball::new(1.0, 0.0, f64::INFINITY), None);
    let around_zero = Ball { re: 0.5, im: 0.5, err: 0.75 };
    assert_eq!(around_zero.inverse(), None);
    assert!(!around_zero.is_apart() && Ball { err: 0.5, ..around_zero }.is_apart());
    // Directions of a large imaginary part are lost.
    assert_eq!(Ball { re: 0.0, im: 1e9, err: 1e-3 }.exp(), None);
    // The logarithm needs what can only be positive, and real.
    assert_eq!(Ball { re: 1.0, im: 0.0, err: 1.0 }.ln(), None);
    assert_eq!(Ball { re: 0.5, im: 0.0, err: 1.0 }.ln(), None);
    assert_eq!(Ball { re: -1.0, im: 0.0, err: 0.1 }.ln(), None);
    assert_eq!(Ball { re: 1.0, im: -0.5, err: 0.1 }.ln(), None);
    assert_eq!(Ball { re: 1.0, im: 0.5, err: 0.1 }.ln(), None);
    assert!(Ball { re: 1.0, im: 0.0, err: 0.1 }.ln().is_some());
}

#[test]
fn sample_points_are_of_many_sizes_and_differ_between_terms() {
    let ranges = [(0.0, 1.0), (1.0, 3.0), (-1.0, 1.0), (-4.0, 0.0), (5.0, 15.0), (100.0, 300.0)];
    for (s, (low, high)) in ranges.into_iter().enumerate() {
        let samples: Vec<f64> = (0..40).map(|k| Checker::sample(k, s)).collect();
        assert!(samples.iter().all(|&x| low < x && x < high), "{samples:?}");
        let (least, most) = samples.iter().fold((high, low), |(a, b), &x| (a.min(x), b.max(x)));
        assert!(most - least > 0.9 * (high - low), "{least} to {most} of {low} to {high}");
        assert!((0..40).all(|k| (0..k).all(|n| samples[k] != samples[n])));
    }
}

#[test]
fn functions_of_discs_are_told_where_their_slopes_are_bounded() {
    let mut checker = Checker::new(vec![Term::Number(Coefficient::integer(0))], [0, 0]);
    let number = |n: i64, d: i64| {
        super::super::algebra::constant(Coefficient::rational(BigRational::new(n.into(), d.into())))
    };
    for (n, d) in [(1, 2), (-1, 3), (9, 10), (7, 1), (-3, 2), (1999, 2000), (-1999, 2000)] {
        let x = BigRational::new(n.into(), d.into()).to_f64().unwrap();
        for op in [Op::Asin, Op::Atan, Op::Erf] {
            let ball = checker.atom_ball(&Atom::Apply(op, vec![number(n, d)]), 0);
            assert_eq!(ball.is_some(), op != Op::Asin || x.abs() < 0.999, "{op:?} of {x}");
            if let Some(ball) = ball {
                assert!((ball.re - op.value(&[x])).abs() <= ball.err && ball.im == 0.0 && ball.err < 1e-11);
            }
        }
        assert_eq!(checker.atom_ball(&Atom::Apply(Op::Floor, vec![number(n, d)]), 0), None);
        let ln = checker.atom_ball(&Atom::Ln(number(n, d)), 0);
        assert_eq!(ln.is_some(), x > 0.0);
        // Powers of constants: exact ones multiplied out, roots by logarithms, exponentials with any exponent.
        let base = checker.root(&number(7, 5), &super::super::algebra::half()).unwrap();
        let third = checker.power(&base, 3).unwrap();
        let inverse = checker.inverse(&third).unwrap();
        for (f, value) in
            [(&base, 1.4_f64.sqrt()), (&third, 1.4_f64.powf(1.5)), (&inverse, 1.4_f64.powf(-1.5))]
        {
            let ball = checker.ball(f, 0).unwrap();
            assert!((ball.re - value).abs() <= ball.err && ball.err < 1e-10, "{ball:?} for {value}");
        }
        let cube = checker.atom(Atom::Input(0), Coefficient::integer(1)).unwrap();
        let cube = checker.power(&cube, -3).unwrap();
        let (ball, value) = (checker.ball(&cube, 2).unwrap(), Checker::sample(0, 2).powi(-3));
        assert!((ball.re - value).abs() <= ball.err && ball.err < 1e-9 * value.abs(), "{ball:?} for {value}");
        let w = checker.exp(&number(n, d)).unwrap();
        let ball = checker.ball(&w, 0).unwrap();
        assert!((ball.re - x.exp()).abs() <= ball.err && ball.err < 1e-10 * x.exp(), "e^{x}: {ball:?}");
    }
    for turn in [Coefficient::i(), Coefficient::i().negated()] {
        let of = super::super::algebra::constant(turn);
        assert_eq!(
            checker.atom_ball(&Atom::Apply(Op::Atan, vec![of]), 0),
            None,
            "an angle of what is not real"
        );
    }
}
