use expr::{Calculus, Op, Scalar};

use crate::endpoint::{End, from_f64, is_zero};
use crate::interval::{Arithmetic, Interval};

/// Whether the interval of few bits holds that of many, whose own last bits are forgiven.
fn holds(wide: &Interval<'_>, narrow: &Interval<'_>) -> bool {
    let context = narrow.context;
    let shrunk = |end: &End| match end.is_infinite() || is_zero(end) {
        true => Interval::point(context, end.clone()),
        false => {
            let bit = Interval::point(context, End::new(end.significand().clone(), end.exponent() - 500))
                .magnitude();
            Interval::point(context, end.clone()).plus(&bit.negated().hull(bit))
        }
    };
    wide.low <= shrunk(&narrow.low).high && shrunk(&narrow.high).low <= wide.high && wide.low <= wide.high
}

/// Points and thin intervals of all sizes, in and beyond the domain of everything.
const ARGUMENTS: [f64; 18] = [
    0.0, 1.0, -1.0, 0.5, -0.75, 2.0, 3.7, -3.7, 10.25, 1e-20, -1e-20, 1e5, 1e22, -1e22, 5e-324, 1e300, 6.5,
    27.0,
];

/// A second argument that the operator takes.
fn integer(op: Op, b: f64) -> f64 {
    match op {
        Op::Powi => b.round(),
        op if op.takes_integer() => b.abs().round(),
        _ => b,
    }
}

#[test]
fn fewer_bits_give_a_wider_interval_and_never_another() {
    let (coarse, fine) = (Arithmetic::new(64, u64::MAX), Arithmetic::new(640, u64::MAX));
    for &op in Op::ALL {
        for &a in &ARGUMENTS {
            for b in [0.3f64, -2.0, 4.0] {
                // Exponents of powi and orders are integer literals.
                let b = integer(op, b);
                for width in [0.0, 1e-9] {
                    let at = |context| {
                        let thick = |x: f64| {
                            let (low, high) = (x - x.abs() * width, x + x.abs() * width);
                            Interval::new(context, from_f64(low), from_f64(high))
                        };
                        let third = if op.free_arguments() == 2 {
                            Interval::point(context, from_f64(b))
                        } else {
                            thick(a)
                        };
                        let arguments = [thick(a), Interval::point(context, from_f64(b)), third];
                        Interval::apply(op, &arguments[..op.arity()])
                    };
                    let (wide, narrow) = (at(&coarse), at(&fine));
                    assert!(
                        holds(&wide, &narrow),
                        "{op:?} at {a}, {b}, width {width}: {:?} and {:?}",
                        wide.to_f64s(),
                        narrow.to_f64s()
                    );
                }
            }
        }
    }
}

#[test]
fn exact_powers_are_exact() {
    let context = &Arithmetic::new(96, u64::MAX);
    let point = |x: f64| Interval::point(context, from_f64(x));
    for (a, b, power) in [
        (4.0, 0.5, 2.0),
        (4.0, -1.5, 0.125),
        (81.0, 0.25, 3.0),
        (0.0625, 0.75, 0.125),
        (1.0, 1e-300, 1.0),
        (5e-324, 0.5, 2f64.powi(-537)),
        (-1.0, 1e300, 1.0),
        (-2.0, -3.0, -0.125),
    ] {
        let found = Interval::apply(Op::Pow, &[point(a), point(b)]);
        assert!(found.as_point() == Some(&from_f64(power)), "{a}^{b}: {:?}", found.to_f64s());
    }
    // Not exact, and told in time.
    let found = Interval::apply(Op::Pow, &[point(2.0), point(0.5)]).to_f64s();
    assert!(found.0 <= 2f64.sqrt() && 2f64.sqrt() <= found.1 && found.0.next_up().next_up() >= found.1);
}

#[test]
fn the_true_value_is_inside() {
    // Doubles are within a few units of the truth, so an interval widened by those holds them.
    let context = Arithmetic::new(96, u64::MAX);
    for &op in Op::ALL {
        for &a in &ARGUMENTS {
            for b in [0.3f64, -2.0, 4.0] {
                let at = [a, integer(op, b), a];
                let value = op.value(&at[..op.arity()]);
                let points: Vec<Interval<'_>> =
                    at[..op.arity()].iter().map(|&x| Interval::point(&context, from_f64(x))).collect();
                let (low, high) = Interval::apply(op, &points).to_f64s();
                let slack = 4.0 * f64::EPSILON * value.abs() + 1e-323;
                assert!(
                    !value.is_finite() || (low - slack <= value && value <= high + slack),
                    "{op:?} at {at:?}: {value} is not in [{low}, {high}]"
                );
            }
        }
    }
}

#[test]
fn planted_faults_are_noticed() {
    let (coarse, fine) = (Arithmetic::new(64, u64::MAX), Arithmetic::new(640, u64::MAX));
    let of = |context| Interval::point(context, from_f64(0.7));
    // Rounded inward: the ends of each side taken from the other.
    let sine = of(&coarse).sin();
    let inward = Interval::new(&coarse, sine.high.clone(), sine.low.clone());
    assert!(!holds(&inward, &of(&fine).sin()));
    // π as a double.
    let pi = Interval::point(&coarse, from_f64(std::f64::consts::PI));
    assert!(!holds(&pi, &Interval::pi(&fine)));
    // The constant of erf' as a double: what its slope has beyond a double is that of the formula, and not with this.
    let slope = |text: &str, x: f64| {
        let f = syntax::parse(text).unwrap();
        match crate::certify(&f, &[x], &crate::Limits { first_bits: 256, ..Default::default() }).gradients[0]
            [0]
        {
            crate::Component::Certified { gradient, rest, .. } => (gradient, rest),
            ref other => panic!("{text}: {other:?}"),
        }
    };
    let near = |a: (f64, f64), b: (f64, f64)| a.0 == b.0 && (a.1 - b.1).abs() <= 1e-12 * a.1.abs();
    // The slope of k·F by k is F.
    assert!(near(slope("erf(x)", 0.7), slope("k*(2/sqrt(pi)*exp(-0.7^2))", 1.0)));
    assert!(!near(slope("erf(x)", 0.7), slope("k*(1.1283791670955126*exp(-0.7^2))", 1.0)));
    // The tail of the series of erf dropped.
    let erf = of(&coarse).erf();
    let cut = Interval::new(&coarse, erf.low.clone(), erf.low.clone());
    assert!(!holds(&cut, &of(&fine).erf()));
}
