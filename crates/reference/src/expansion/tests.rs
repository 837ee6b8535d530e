use expr::Op;

use super::exact::{Exact, Field};
use super::rational::Rational;
use super::series::{Absence, Algebra, Remainder, Series, Stuck, Value};
use super::sides::OneSided;
use super::{BITS, ENCLOSURE_WORK, WORK};
use crate::interval::Arithmetic;

fn with_algebra<T>(order: i64, test: impl FnOnce(&mut Algebra<'_>) -> T) -> T {
    let worlds = BITS.map(|bits| Arithmetic::new(bits, ENCLOSURE_WORK));
    let field = Field::new(&worlds, WORK);
    test(&mut Algebra { field, order: Rational::integer(order) })
}

fn fraction(numerator: i64, denominator: u64) -> Exact {
    Exact::rational(Rational::fraction(numerator, denominator))
}

/// The variable t, to a rational power.
fn t(numerator: i64, denominator: u64) -> Series {
    Series::monomial(Exact::integer(1), Rational::fraction(numerator, denominator), 0)
}

#[test]
fn identities_give_the_empty_polynomial() {
    with_algebra(4, |algebra| {
        let field = &mut algebra.field;
        let (two, three) = (Exact::integer(2), Exact::integer(3));
        // sin² + cos² = 1, at a kernel.
        let (sine, cosine) = field.sin_cos(&fraction(1, 7));
        let (sine, cosine) = (field.mul(&sine, &sine), field.mul(&cosine, &cosine));
        let sum = field.add(&sine, &cosine);
        assert!(sum.is_one());
        // exp(1/3)³ = e
        let third = field.exp(&fraction(1, 3));
        let (cube, e) = (field.power(&third, 3), field.e());
        assert_eq!(cube, e);
        // √2·√3 = √6, √12 = 2√3, ⁴√4 = √2, ∛(1/8) = 1/2
        let (r2, r3) = (field.root(&two, 2), field.root(&three, 2));
        let product = field.mul(&r2, &r3);
        assert_eq!(product, field.root(&Exact::integer(6), 2));
        assert_eq!(field.root(&Exact::integer(12), 2), r3.scaled(&Rational::integer(2)));
        assert_eq!(field.root(&Exact::integer(4), 4), r2);
        assert_eq!(field.root(&fraction(1, 8), 3), fraction(1, 2));
        // ln 12 = 2·ln 2 + ln 3, exp(ln(3)/2) = √3
        let (l2, l3) = (field.ln(&two), field.ln(&three));
        let sum = field.add(&l2.scaled(&Rational::integer(2)), &l3);
        assert_eq!(sum, field.ln(&Exact::integer(12)));
        assert_eq!(field.exp(&l3.scaled(&Rational::fraction(1, 2))), r3);
        // sin(π/6) = 1/2, cos(π) = -1, sin(7π/3) = √3/2
        let pi = field.pi();
        assert_eq!(field.sin_cos(&pi.scaled(&Rational::fraction(1, 6))).0, fraction(1, 2));
        assert_eq!(field.sin_cos(&pi).1, Exact::integer(-1));
        assert_eq!(
            field.sin_cos(&pi.scaled(&Rational::fraction(7, 3))).0,
            r3.scaled(&Rational::fraction(1, 2))
        );
        // (π² - 1)/(π - 1) = π + 1
        let (square, one) = (field.mul(&pi, &pi), Exact::integer(1));
        let (above, below) = (field.sub(&square, &one), field.sub(&pi, &one));
        let inverse = field.inverse(&below);
        let quotient = field.mul(&above, &inverse);
        assert_eq!(quotient, field.add(&pi, &one));
    });
}

#[test]
fn signs_are_those_of_enclosures_and_never_of_rounding() {
    with_algebra(4, |algebra| {
        let field = &mut algebra.field;
        let pi = field.pi();
        let double = Exact::rational(Rational::from_f64(std::f64::consts::PI).unwrap());
        let difference = field.sub(&pi, &double);
        assert_eq!(field.sign(&difference), Some(1));
        let tiny = field.exp(&Exact::integer(-2000));
        assert_eq!(field.sign(&tiny.negated()), Some(-1));
        // 1/(1 + π) + 1/(1 - π) - 2/(1 - π²) is 0 once its denominators are cleared.
        let one = Exact::integer(1);
        let (above, below) = (field.add(&one, &pi), field.sub(&one, &pi));
        let square = field.mul(&pi, &pi);
        let product = field.sub(&one, &square);
        let [a, b, c] = [above, below, product].map(|sum| field.inverse(&sum));
        let sum = field.add(&a, &b);
        let zero = field.sub(&sum, &c.scaled(&Rational::integer(2)));
        assert!(!zero.is_empty());
        assert_eq!(field.sign(&zero), Some(0));
        // atan(1/2) + atan(1/3) = π/4 is no identity that is known here: then neither 0 nor another sign is claimed.
        let (half, third) =
            (field.odd_value(Op::Atan, &fraction(1, 2)), field.odd_value(Op::Atan, &fraction(1, 3)));
        let sum = field.add(&half, &third);
        let unknown = field.sub(&sum, &pi.scaled(&Rational::fraction(1, 4)));
        assert_eq!(field.sign(&unknown), None);
    });
}

#[test]
fn remainders_are_no_smaller_than_what_is_left_out() {
    with_algebra(3, |algebra| {
        // sin t = t + O(t³) at order 3, and t·sin t = t² + O(t⁴)
        let (sine, _) = algebra.sin_cos(&Value::Series(t(1, 1))).unwrap();
        let Value::Series(sine) = sine else { panic!("a series") };
        assert!(matches!(&sine.rest, Remainder::Order(order) if *order <= Rational::integer(5)));
        let product = algebra.mul(&sine, &t(1, 1));
        let Remainder::Order(order) = &product.rest else { panic!("not exact") };
        assert!(*order <= Rational::integer(6));
        // What cancels leaves a remainder, not 0.
        let difference = algebra.sub(&sine, &sine.clone());
        assert!(difference.terms.is_empty() && difference.rest != Remainder::Zero);
        assert_eq!(algebra.leading(&mut difference.clone()), Err(Stuck::Order));
        // exp(-1/t) is flat, exp(1/t) beyond every power, and their product is not known.
        let inverse = algebra.reciprocal(&Value::Series(t(1, 1))).unwrap();
        let huge = algebra.exp(&inverse).unwrap();
        let flat = algebra.exp(&algebra.negate(&inverse)).unwrap();
        assert_eq!(huge, Value::Huge(1));
        assert_eq!(flat, Value::Series(Series::only(Remainder::Flat)));
        assert_eq!(algebra.product(&huge, &flat), Err(Stuck::Unsupported));
    });
}

#[test]
fn sides_are_read_as_they_are() {
    with_algebra(4, |algebra| {
        let side = |algebra: &mut Algebra<'_>, series: Series| algebra.side(&Ok(Value::Series(series)));
        assert!(matches!(side(algebra, t(1, 1)), OneSided::Slope { whole: true, .. }));
        assert!(matches!(side(algebra, t(3, 2)), OneSided::Slope { whole: false, .. }));
        assert!(matches!(side(algebra, t(1, 2)), OneSided::Steep { .. }));
        assert!(matches!(side(algebra, t(-1, 3)), OneSided::Infinite));
        // t·ln t has an infinite slope, t²·ln t the slope 0.
        let logarithm = |power| Series::monomial(Exact::integer(1), Rational::integer(power), 1);
        assert!(matches!(side(algebra, logarithm(1)), OneSided::Steep { .. }));
        assert!(matches!(side(algebra, logarithm(2)), OneSided::Slope { whole: false, .. }));
        // A bounded factor times t says nothing of the slope, times t^1.01 it does.
        let bounded = |order: Rational| Series::only(Remainder::Order(order));
        assert_eq!(side(algebra, bounded(Rational::one())), OneSided::Unknown(Stuck::Order));
        assert!(matches!(side(algebra, bounded(Rational::fraction(101, 100))), OneSided::Slope { .. }));
        assert_eq!(algebra.side(&Ok(Value::Missing(Absence::Outside))), OneSided::Missing(Absence::Outside));
    });
}

#[test]
fn one_of_two_is_known_as_far_as_they_agree() {
    with_algebra(4, |algebra| {
        let a = algebra.add(&t(1, 1), &t(2, 1));
        let b = algebra.add(&t(1, 1), &t(3, 1));
        let joined = a.joined(&b);
        assert_eq!(joined.terms, t(1, 1).terms);
        assert_eq!(joined.rest, Remainder::Order(Rational::integer(2)));
    });
}

#[test]
fn an_exhausted_budget_decides_nothing() {
    let worlds = BITS.map(|bits| Arithmetic::new(bits, ENCLOSURE_WORK));
    let mut algebra = Algebra { field: Field::new(&worlds, 3), order: Rational::integer(2) };
    let square = algebra.mul(&t(1, 1), &t(1, 1));
    let product = algebra.mul(&square, &square);
    assert!(algebra.field.is_exhausted());
    assert!(matches!(algebra.side(&Ok(Value::Series(product))), OneSided::Unknown(_)));
}
