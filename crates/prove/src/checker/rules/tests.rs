//! What operators are by definition, by sign and where they are defined, held against their values.

use num_traits::ToPrimitive;

use super::super::super::number::Coefficient;
use super::super::sign::{NOT_POSITIVE, REAL};
use super::*;

fn checker() -> Checker {
    Checker::new(vec![Term::Number(Coefficient::integer(0))], [0, 0])
}

fn quarters(n: i64) -> Frac {
    constant(Coefficient::rational(BigRational::new(n.into(), 4.into())))
}

/// Operators that are defined by elementary functions, which have values as discs.
const DEFINED: [Op; 26] = [
    Op::Pow,
    Op::Sqrt,
    Op::Hypot,
    Op::Exp,
    Op::Exp2,
    Op::Expm1,
    Op::Expmsq,
    Op::Ln,
    Op::Log2,
    Op::Log10,
    Op::Log1p,
    Op::Xlogy,
    Op::Sin,
    Op::Cos,
    Op::Tan,
    Op::Sinh,
    Op::Cosh,
    Op::Tanh,
    Op::Sigmoid,
    Op::Softplus,
    Op::Erfc,
    Op::Acos,
    Op::Atan2,
    Op::Atanh,
    Op::Asinh,
    Op::Acosh,
];

#[test]
fn definitions_have_the_values_of_their_operators() {
    for op in DEFINED {
        let mut seen = 0;
        for n in [-6, -3, -1, 1, 2, 3, 5, 9] {
            for m in [-5, -2, 1, 2, 6] {
                let arguments = [n, m].map(|n| f64::from(n as i32) / 4.0);
                let expected = op.value(&arguments[..op.arity()]);
                let mut checker = checker();
                let of: Vec<Frac> = [n, m][..op.arity()].iter().map(|&n| quarters(n)).collect();
                let Ok(value) = checker.definition(op, &of, &mut Needs::new()) else { continue };
                let Some(ball) = checker.ball(&value, 0) else { continue };
                // Out of its domain an operator has no definition; a disc of it is a complex number.
                if expected.is_nan() || of.get(1).is_some() && op == Op::Atan2 && m < 0 {
                    continue;
                }
                let exact = constant(Coefficient::rational(BigRational::from_float(expected).unwrap()));
                let apart = ball.minus(checker.ball(&exact, 0).unwrap());
                assert!(!apart.is_apart(), "{op:?} at {arguments:?} is {expected}, by definition {ball:?}");
                seen += 1;
            }
        }
        assert!(seen >= 3, "{op:?}: seen at {seen} points");
    }
}

#[test]
fn definitions_need_what_they_leave_out() {
    let mut checker = checker();
    let [x, y] = [0, 1].map(|k| checker.atom(Atom::Input(k), Coefficient::integer(1)).unwrap());
    for (op, of, expected) in [
        (Op::Pow, vec![x.clone(), y.clone()], Some((x.clone(), NOT_ZERO))),
        (Op::Pow, vec![x.clone(), integer(3)], None),
        (Op::Xlogy, vec![x.clone(), y.clone()], Some((y.clone(), NOT_ZERO))),
        (Op::Atan2, vec![x.clone(), y.clone()], Some((y.clone(), POSITIVE))),
        (Op::Hypot, vec![x.clone(), y.clone()], None),
        (Op::Tanh, vec![x.clone()], None),
    ] {
        let mut needs = Needs::new();
        checker.definition(op, &of, &mut needs).unwrap();
        assert_eq!(needs, Vec::from_iter(expected), "{op:?}");
    }
    let clamp =
        checker.definition(Op::Clamp, &[x.clone(), y.clone(), integer(2)], &mut Needs::new()).unwrap();
    let above = checker.atom(Atom::Apply(Op::Max, vec![x.clone(), y]), Coefficient::integer(1)).unwrap();
    let both = checker.atom(Atom::Apply(Op::Min, vec![above, integer(2)]), Coefficient::integer(1)).unwrap();
    assert_eq!(clamp, both);
    let ceil = checker.definition(Op::Ceil, std::slice::from_ref(&x), &mut Needs::new()).unwrap();
    let floor = checker.atom(Atom::Apply(Op::Floor, vec![x.negated()]), Coefficient::integer(1)).unwrap();
    assert_eq!(ceil, floor.negated());
    assert!(checker.definition(Op::Floor, &[x], &mut Needs::new()).is_err());
}

/// What signs decide is so for all numbers with these signs, and no sign is missing.
#[test]
fn what_signs_decide_is_so_for_exactly_these_signs() {
    let comparisons = [Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Eq, Op::Ne];
    let numbers = [-2, -1, 0, 1, 2];
    let mut accepted = 0;
    for op in [Op::Abs, Op::Relu, Op::Max, Op::Min, Op::Sign].into_iter().chain(comparisons) {
        let mut checker = checker();
        let [x, y] = [0, 1].map(|k| checker.atom(Atom::Input(k), Coefficient::integer(1)).unwrap());
        let of = if op.arity() == 1 { vec![x.clone()] } else { vec![x.clone(), y.clone()] };
        let difference = if op.arity() == 1 { x.clone() } else { checker.minus(&x, &y).unwrap() };
        type Value = fn(f64, f64) -> f64;
        let values: [(Frac, Value); 7] = [
            (x.clone(), |x, _| x),
            (y, |_, y| y),
            (x.negated(), |x, _| -x),
            (integer(0), |_, _| 0.0),
            (integer(1), |_, _| 1.0),
            (integer(-1), |_, _| -1.0),
            (integer(2), |_, _| 2.0),
        ];
        for (value, number) in values {
            let mut needs = Needs::new();
            let found = checker.by_sign(op, &of, &value, &mut needs);
            let signs = [NEGATIVE, ZERO, POSITIVE].into_iter().filter(|&sign| {
                let pairs =
                    numbers.iter().flat_map(|&a| numbers.iter().map(move |&b| (f64::from(a), f64::from(b))));
                let sign_of = |d: f64| {
                    if d < 0.0 {
                        NEGATIVE
                    } else if d > 0.0 {
                        POSITIVE
                    } else {
                        ZERO
                    }
                };
                let mut of_sign =
                    pairs.filter(|(a, b)| sign_of(if op.arity() == 1 { *a } else { a - b }) == sign);
                of_sign.all(|(a, b)| op.value(&[a, b][..op.arity()]) == number(a, b))
            });
            let exact = Mask(signs.fold(0, |all, sign| all | sign.0));
            if found.is_err() {
                assert!(
                    !needs.iter().any(|_| true) && exact.0.count_ones() <= 1,
                    "{op:?} is {value:?} where {exact:?}"
                );
                continue;
            }
            let [(of, mask)] = needs.as_slice() else { panic!("{op:?}: {needs:?}") };
            assert_eq!(*of, difference);
            let exact = if exact == Mask(5) { NOT_ZERO } else { exact };
            assert_eq!(*mask, exact, "{op:?} is {value:?}");
            accepted += 1;
        }
    }
    assert_eq!(accepted, 4 * 2 + 3 + comparisons.len() * 2);
    assert_eq!(NOT_POSITIVE, Mask(3));
}

/// At every point where an operator has a value its arguments have the signs of its domain; where it has none one of them fails.
#[test]
fn domains_are_where_values_are() {
    let numbers = [-9, -5, -4, -3, 0, 1, 3, 4, 5, 8];
    // These leave nothing out; xlogy and powers speak of more than signs.
    let told = [Op::Ln, Op::Log2, Op::Log10, Op::Log1p, Op::Sqrt, Op::Acosh, Op::Atanh, Op::Asin, Op::Acos];
    for op in told.into_iter().chain([Op::Pow, Op::Xlogy, Op::Abs, Op::Atan2]) {
        for n in numbers {
            for m in [-8, -2, 2, 4, 6] {
                let quarter =
                    |n: i64| Term::Number(Coefficient::rational(BigRational::new(n.into(), 4.into())));
                let of = vec![0, 1][..op.arity()].to_vec();
                let terms = vec![quarter(n), quarter(m), Term::Apply(op, of)];
                let mut checker = Checker::new(terms, [2, 2]);
                let domain = checker.domain(2).unwrap();
                let arguments = [n, m].map(|n| f64::from(n as i32) / 4.0);
                let value = op.value(&arguments[..op.arity()]);
                let holds = domain.iter().all(|(of, mask)| {
                    let sign = of.constant().and_then(|c| c.real()?.to_f64()).expect("a number");
                    Mask(if sign < 0.0 {
                        1
                    } else if sign > 0.0 {
                        4
                    } else {
                        2
                    })
                    .within(*mask)
                });
                if value.is_finite() {
                    assert!(holds, "{op:?} at {arguments:?} is {value}, and {domain:?}");
                } else if told.contains(&op) {
                    assert!(!holds, "{op:?} at {arguments:?} is {value}, and {domain:?}");
                }
            }
        }
    }
}

#[test]
fn powers_and_logarithms_are_defined_where_their_exponents_say() {
    let power = |n: i64, d: i64| {
        let e = Term::Number(Coefficient::rational(BigRational::new(n.into(), d.into())));
        let mut checker = Checker::new(vec![Term::Input(0), e, Term::Apply(Op::Pow, vec![0, 1])], [2, 2]);
        checker.domain(2).unwrap().into_iter().map(|(_, mask)| mask).collect::<Vec<_>>()
    };
    assert_eq!(power(2, 1), []);
    assert_eq!(power(-2, 1), [NOT_ZERO]);
    assert_eq!(power(1, 2), [NOT_NEGATIVE]);
    assert_eq!(power(-1, 2), [NOT_NEGATIVE, NOT_ZERO]);
    let inverse = |n: i64| {
        let mut checker = Checker::new(vec![Term::Input(0), Term::Power(0, Coefficient::integer(n))], [1, 1]);
        checker.domain(1).unwrap().into_iter().map(|(_, mask)| mask).collect::<Vec<_>>()
    };
    assert_eq!((inverse(-1), inverse(2)), (vec![NOT_ZERO], vec![]));
    // 0·ln(y) has a value for every y, 3·ln(y) has not.
    let xlogy = |first: Term| {
        let mut checker =
            Checker::new(vec![first, Term::Input(0), Term::Apply(Op::Xlogy, vec![0, 1])], [2, 2]);
        checker.domain(2).unwrap().into_iter().map(|(_, mask)| mask).collect::<Vec<_>>()
    };
    assert_eq!(xlogy(Term::Number(Coefficient::integer(3))), [POSITIVE]);
    assert_eq!(xlogy(Term::Number(Coefficient::integer(0))), []);
    assert_eq!(xlogy(Term::Input(1)), []);
    assert_eq!(REAL, Mask(7));
}

#[test]
fn known_angles_are_points_of_the_circle() {
    let near = |checker: &mut Checker, value: &Frac, angle: f64| {
        let ball = checker.ball(value, 0).unwrap();
        let i = Coefficient::i();
        let parts = [angle.cos(), angle.sin()]
            .map(|part| Coefficient::rational(BigRational::from_float(part).unwrap()));
        let exact = constant(parts[0].plus(&parts[1].times(&i)));
        !ball.minus(checker.ball(&exact, 0).unwrap()).is_apart()
    };
    for d in [1_i64, 2, 3, 4, 6, 12, 5, 8] {
        for n in -30..30_i64 {
            let mut checker = checker();
            let turn = Coefficient::i().times(&Coefficient::rational(BigRational::new(n.into(), d.into())));
            let w = checker.atom(Atom::Pi, Coefficient::integer(1)).unwrap().scaled(&turn);
            let known = [1, 2, 3, 4, 6, 12].contains(turn.im.denom().to_i64().as_ref().unwrap());
            let Ok(value) = checker.angle(&w) else {
                assert!(!known || n == 0, "{n}/{d}");
                continue;
            };
            assert!(
                known && near(&mut checker, &value, std::f64::consts::PI * n as f64 / d as f64),
                "{n}/{d}: {value:?}"
            );
        }
    }
    for (op, u) in [(Op::Asin, 3), (Op::Asin, -1), (Op::Atan, 3), (Op::Atan, -7)] {
        for n in [-3, -1, 1, 2, 5] {
            let mut checker = checker();
            let times = Coefficient::i().times(&Coefficient::integer(n));
            let w = checker
                .atom(Atom::Apply(op, vec![quarters(u)]), Coefficient::integer(1))
                .unwrap()
                .scaled(&times);
            let value = checker.angle(&w).unwrap();
            assert!(
                near(&mut checker, &value, n as f64 * op.value(&[u as f64 / 4.0])),
                "{n}·{op:?}({u}/4): {value:?}"
            );
        }
    }
}
